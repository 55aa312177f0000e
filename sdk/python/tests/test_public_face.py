import dataclasses
import inspect
import re
import subprocess
import sys
from types import FunctionType

import pytest

import mecapy

CLASSES = [name for name in mecapy.__all__ if inspect.isclass(getattr(mecapy, name))]


def test_the_exported_members() -> None:
    loaded = {name: getattr(mecapy, name) for name in mecapy.__all__}
    public = {name for name, value in vars(mecapy).items() if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(mecapy, name))}
    assert public - modules - {"TYPE_CHECKING", "Any"} == set(loaded)
    assert sorted(mecapy.__all__) == list(mecapy.__all__)
    assert set(mecapy.__all__) <= set(dir(mecapy))
    with pytest.raises(AttributeError, match="has no attribute 'Mecapy'"):
        mecapy.Mecapy  # noqa: B018


def test_what_types_see_is_what_is_there() -> None:
    """The imports for type checkers and the table of the lazy ones name the same."""
    lines = inspect.getsource(mecapy).partition("if TYPE_CHECKING:")[2].partition("\n\n")[0].splitlines()
    seen = {tuple(line.split()[1::2][:2]) for line in lines if line.strip()}
    assert seen == {(f".{module}", name) for name, module in mecapy._WHERE.items()}


@pytest.mark.parametrize("name", mecapy.__all__)
def test_everything_public_is_documented(name: str) -> None:
    thing = getattr(mecapy, name)
    assert inspect.getdoc(thing), name
    for member, value in vars(thing).items() if inspect.isclass(thing) else ():
        if member.startswith("_") or not isinstance(value, FunctionType | property | classmethod):
            continue
        documented = value.fget if isinstance(value, property) else value
        assert inspect.getdoc(documented), f"{name}.{member}"


@pytest.mark.parametrize("name", CLASSES)
def test_every_argument_and_field_is_named_in_its_documentation(name: str) -> None:
    thing = getattr(mecapy, name)
    about = " ".join(inspect.getdoc(base) or "" for base in thing.__mro__[:-1] if "mecapy" in base.__module__)
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            assert re.search(rf"\b{field.name}\b", about), f"{name}.{field.name}"
    for member, value in vars(thing).items():
        if name.startswith("Async") or member.startswith("_") or not inspect.isfunction(value):
            continue
        for argument in [one for one in inspect.signature(value).parameters if one != "self"]:
            said = f"{inspect.getdoc(value)} {about}"
            # `task_id` is described as the task with that id, `expires_in_s` by its words.
            assert all(word in said for word in argument.split("_")), f"{name}.{member}({argument})"


@pytest.mark.parametrize("name", ["MecaPy", "Tasks", "Runs", "Tokens", "Task", "Run"])
def test_what_a_call_can_raise_is_documented(name: str) -> None:
    thing = getattr(mecapy, name)
    assert "Every method can raise" in _words(thing)
    assert "Every method can raise" in _words(getattr(mecapy, f"Async{name}"))


def test_the_two_clients_offer_the_same() -> None:
    for blocking in ("MecaPy", "Tasks", "Runs", "Tokens", "Task", "Run"):
        one, other = getattr(mecapy, blocking), getattr(mecapy, f"Async{blocking}")
        assert _members(one) == _members(other), blocking
        for member in _members(one):
            first, second = getattr(one, member), getattr(other, member)
            if inspect.isfunction(first):
                assert list(inspect.signature(first).parameters) == list(inspect.signature(second).parameters)


def test_every_signature_is_typed() -> None:
    for name in mecapy.__all__:
        thing = getattr(mecapy, name)
        functions = [thing] if inspect.isfunction(thing) else []
        if inspect.isclass(thing):
            functions = [value for value in vars(thing).values() if inspect.isfunction(value)]
        for function in functions:
            if function.__module__.startswith("mecapy") and not function.__name__.startswith("__"):
                assert "return" in function.__annotations__, function


def test_importing_takes_no_client_and_no_httpx() -> None:
    code = (
        "import sys, mecapy\n"
        "assert not {'httpx', 'numpy', 'pandas', 'asyncio', 'mecapy._client'} & set(sys.modules)\n"
        "mecapy.MecaPy\n"
        "assert 'mecapy._client' in sys.modules and not {'httpx', 'asyncio'} & set(sys.modules)\n"
        "mecapy.MecaPy().close()\n"
        "assert 'httpx' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "src", "HOME": "/nowhere"})


def test_the_half_of_calculations_needs_no_httpx() -> None:
    code = (
        "import sys\n"
        "sys.modules['httpx'] = None\n"
        "from mecapy import Chart, Q, Table, progress\n"
        "assert Q(2, 'kN') * 2 == Q(4, 'kN')\n"
        "assert len(Table({'a': [1]})) == 1\n"
    )
    subprocess.run([sys.executable, "-S", "-c", code], check=True, env={"PYTHONPATH": "src"})


def _words(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())


def _members(thing: type) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}
