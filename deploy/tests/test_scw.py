"""Every `scw` command of the guides, compared with the API that the command line is generated from.

`scw NAMESPACE RESOURCE VERB name=value…` is the call `verb_resource(name=value)`; the Python SDK, generated from the
same description, lists them with their arguments. What the command line adds by itself is listed here.
"""

import ast
from functools import cache

import pytest
from conftest import ROOT
from guides import commands
from models import Field, named, parameters, path_of

PAGE = ROOT / "docs/deploy/scaleway.md"
VERSIONS = {"container": "v1", "iam": "v1alpha1", "rdb": "v1", "redis": "v1", "registry": "v1", "vpc": "v2"}
#: Without a call of that name in the API: their arguments.
OWN = {
    "init": set(),
    "config get": set(),
    "registry login": set(),
    "rdb instance wait": set(),
    "redis cluster wait": set(),
    "container container logs": {"time-span", "entry-count"},
    "object bucket create": {"enable-versioning", "acl", "tags", "project-id", "region"},
    "rdb instance create": {"generate-password", "init-endpoints.0.private-network.enable-ipam"},
    "redis cluster create": {"endpoints.0.private-network.enable-ipam"},
    "rdb endpoint create": {"load-balancer", "private-network"},
    "rdb setting add": {"instance-id", "settings", "region"},
    "rdb acl set": {"instance-id", "descriptions", "region"},
}
#: Of which the rest is the API's.
ADDED = {"rdb instance create", "redis cluster create"}
USED = list(commands(PAGE, "scw"))


@cache
def calls(namespace: str) -> tuple[dict[str, dict[str, Field]], dict[str, dict[str, Field]]]:
    """The calls of a part of the API with their parameters, and the fields of its objects."""
    folder = f"scaleway/{namespace}/{VERSIONS[namespace]}"
    types = ast.parse(path_of("scaleway", f"{folder}/types.py").read_text())
    classes = [node for node in types.body if isinstance(node, ast.ClassDef)]
    names = {node.name for node in classes}
    objects = {
        node.name: {
            line.target.id: Field(required=line.value is None, classes=named(line.annotation, names))
            for line in node.body
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        }
        for node in classes
    }
    api = ast.parse(path_of("scaleway", f"{folder}/api.py").read_text())
    found: dict[str, dict[str, Field]] = {}
    for node in ast.walk(api):
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, parameters(node, names))
    return found, objects


def split(words: list[str]) -> tuple[str, list[str], dict[str, str]]:
    """The command itself, its positional arguments and the others."""
    options = {}
    rest = []
    iterator = iter(words)
    for word in iterator:
        if word == "-o":
            next(iterator)
        elif "=" in word and not word.startswith("-"):
            name, value = word.split("=", 1)
            options[name] = value
        else:
            rest.append(word)
    depth = 1 if rest[0] == "init" else 2 if rest[:2] in (["config", "get"], ["registry", "login"]) else 3
    return " ".join(rest[:depth]), rest[depth:], options


def unknown(name: str, fields: dict[str, Field], objects: dict[str, dict[str, Field]]) -> bool:
    """Whether `a.b.0.c` leads nowhere; what is a map or a plain value may have any name below it."""
    first, *more = name.split(".")
    known = fields.get(first.replace("-", "_"))
    if known is None:
        return True
    more = [part for part in more if not part.isdigit()]
    inner = [objects[one] for one in known.classes if objects.get(one)]
    return bool(more and inner) and unknown(".".join(more), inner[0], objects)


@pytest.mark.parametrize("words", USED, ids=[" ".join(words[:4]) for words in USED])
def test_a_command_is_the_apis(words: list[str]) -> None:
    command, positional, options = split(words)
    own = OWN.get(command, set())
    if command in OWN and command not in ADDED:
        assert {name.split(".")[0] for name in options} <= own
        return
    namespace, resource, verb = command.split()
    functions, objects = calls(namespace)
    name = f"{verb}_{resource}".replace("-", "_")
    assert name in functions, f"there is no call {name} in {namespace}"
    fields = functions[name]
    wrong = [option for option in options if option not in own and unknown(option, fields, objects)]
    assert wrong == []
    given = {option.split(".")[0].replace("-", "_") for option in options}
    # Of a number or a switch zero and off are meant when it is left out. The first positional argument is the id.
    needed = {field for field, known in fields.items() if known.required and known.type not in {"bool", "int"}}
    missing = needed - given
    assert not missing or (positional and len(missing) == 1), missing


def test_every_command_of_the_first_sketch_is_there() -> None:
    """Those that the reference document has, in whatever syntax they have today."""
    used = {split(words)[0] for words in USED}
    assert {
        "init",
        "rdb instance create",
        "redis cluster create",
        "object bucket create",
        "container namespace create",
        "container container create",
        "container container redeploy",
        "container container logs",
    } <= used
    text = PAGE.read_text()
    for other in ["docker build", "docker tag", "docker push", "curl -X POST", "tasks/execute"]:
        assert other in text
    clever = (ROOT / "docs/deploy/clever-cloud.md").read_text()
    assert "clever create --type docker" in clever and "clever deploy" in clever


def test_containers_of_the_quick_start_are_those_of_the_files() -> None:
    """The same sizes and limits in both ways of installing."""
    import hcl2

    with (ROOT / "deploy/scaleway/containers.tf").open() as file:
        text = file.read()
    with (ROOT / "deploy/scaleway/variables.tf").open() as file:
        defaults = {
            name.strip('"'): body.get("default")
            for block in hcl2.load(file)["variable"]
            for name, body in block.items()
        }
    started = [split(words)[2] for words in USED if split(words)[0] == "container container create"]
    by_name = {options["name"]: options for options in started}
    worker, web, dispatcher = (by_name[f"mecapy-{name}"] for name in ["worker", "web", "dispatcher"])
    assert worker["memory-limit-bytes"] == f"{defaults['worker_memory_mb']}000000"
    assert worker["mvcpu-limit"] == str(defaults["worker_mvcpu"])
    assert f"run_timeout_s = {worker['timeout'].removesuffix('s')}" in text
    for options in [web, dispatcher]:
        assert f"{options['memory-limit-bytes'].removesuffix('000000')} * local.mb" in text
        assert f"cpu_limit              = {options['mvcpu-limit']}" in text
    assert (worker["min-scale"], worker["max-scale"], dispatcher["min-scale"]) == ("0", "10", "1")
