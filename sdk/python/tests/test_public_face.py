import inspect

import mecapy


def test_the_exported_members() -> None:
    public = {name for name, value in vars(mecapy).items() if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(mecapy, name))}
    assert public - modules == set(mecapy.__all__)
    assert sorted(mecapy.__all__) == list(mecapy.__all__)


def test_everything_public_is_documented() -> None:
    for name in mecapy.__all__:
        thing = getattr(mecapy, name)
        assert inspect.getdoc(thing), name
        for member, value in vars(thing).items() if inspect.isclass(thing) else ():
            if inspect.isfunction(value) and not member.startswith("_"):
                assert inspect.getdoc(value), f"{name}.{member}"
