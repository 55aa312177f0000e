"""deploy/scaleway: parsed, and every resource, argument and reference compared with the provider's own.

The provider cannot be had from a package registry, but its Pulumi twin can: the same resources, generated from the
provider's schema. Its sources are read as text.
"""

import ast
import re
from functools import cache
from typing import Any

import hcl2
import pytest
from conftest import ROOT
from models import Field, parameters, path_of

FOLDER = ROOT / "deploy/scaleway"
PACKAGE = "pulumiverse-scaleway"
#: Where the twin keeps the provider's resources that are used here.
RESOURCES = {
    "scaleway_cockpit_source": ("observability", "source", "Source"),
    "scaleway_cockpit_token": ("observability", "token", "Token"),
    "scaleway_container": ("containers", "container", "Container"),
    "scaleway_container_domain": ("containers", "domain", "Domain"),
    "scaleway_container_namespace": ("containers", "namespace", "Namespace"),
    "scaleway_iam_api_key": ("iam", "api_key", "ApiKey"),
    "scaleway_iam_application": ("iam", "application", "Application"),
    "scaleway_iam_policy": ("iam", "policy", "Policy"),
    "scaleway_object_bucket": ("object", "bucket", "Bucket"),
    "scaleway_rdb_acl": ("databases", "acl", "Acl"),
    "scaleway_rdb_database": ("databases", "database", "Database"),
    "scaleway_rdb_instance": ("databases", "instance", "Instance"),
    "scaleway_rdb_privilege": ("databases", "privilege", "Privilege"),
    "scaleway_redis_cluster": ("redis", "cluster", "Cluster"),
    "scaleway_registry_namespace": ("registry", "namespace", "Namespace"),
    "scaleway_vpc": ("network", "vpc", "Vpc"),
    "scaleway_vpc_private_network": ("network", "private_network", "PrivateNetwork"),
}
#: Words of the language itself, which any resource may have.
META = {"count", "depends_on", "for_each", "lifecycle", "provider"}


def plain(value: Any) -> Any:
    """Without the quotation marks and notes of the parser."""
    if isinstance(value, dict):
        return {plain(key): plain(inner) for key, inner in value.items() if not str(key).startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value


def loaded() -> dict[str, Any]:
    """All files as one, as OpenTofu takes them."""
    merged: dict[str, list[Any]] = {}
    for path in sorted(FOLDER.glob("*.tf")):
        with path.open() as file:
            for kind, blocks in plain(hcl2.load(file)).items():
                merged.setdefault(kind, []).extend(blocks)
    return merged


def resources() -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for block in loaded()["resource"]:
        ((kind, named_blocks),) = block.items()
        ((name, body),) = named_blocks.items()
        found.append((kind, name, body))
    return found


OURS = [one for one in resources() if one[0].startswith("scaleway_")]


@cache
def classes(module: str, file: str) -> dict[str, dict[str, Field]]:
    """The twin's classes of one resource, each with the parameters of its constructor."""
    resource = path_of(PACKAGE, f"pulumiverse_scaleway/{module}/{file}.py")
    sources = [resource, resource.with_name("_inputs.py")]
    trees = [ast.parse(path.read_text()) for path in sources if path.exists()]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    names = {node.name for node in nodes}
    found = {}
    for node in nodes:
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                found[node.name] = parameters(part, names)
    return found


def twin_of(name: str, fields: dict[str, Field]) -> str | None:
    """The twin's name for an argument: lists have the plural there."""
    plurals = [name, f"{name}s", f"{name}es", re.sub("y$", "ies", name)]
    return next((plural for plural in plurals if plural in fields), None)


def problems(body: dict[str, Any], of: str, known: dict[str, dict[str, Field]], path: str) -> list[str]:
    fields = known[of]
    given = {name for name in body if name not in META}
    # A block that is there for each of something.
    dynamic = {next(iter(block)): block for block in body.get("dynamic", [])}
    given = (given - {"dynamic"}) | set(dynamic)
    found = [f"{path}.{name} does not exist" for name in sorted(given) if twin_of(name, fields) is None]
    twins = {twin_of(name, fields) for name in given}
    found += [f"{path} lacks {name}" for name, field in fields.items() if field.required and name not in twins]
    for name in given - set(dynamic):
        inner = fields.get(twin_of(name, fields) or "")
        if inner and (of_inner := [one for one in inner.classes if one.endswith("Args")]):
            for block in body[name] if isinstance(body[name], list) else [body[name]]:
                if isinstance(block, dict):
                    found += problems(block, of_inner[0], known, f"{path}.{name}")
    return found


@pytest.mark.parametrize(("kind", "name", "body"), OURS, ids=[f"{kind}.{name}" for kind, name, _ in OURS])
def test_arguments_are_the_providers(kind: str, name: str, body: dict[str, Any]) -> None:
    module, file, of = RESOURCES[kind]
    assert problems(body, f"{of}Args", classes(module, file), f"{kind}.{name}") == []


def test_references_lead_to_what_exists() -> None:
    """Resources, their attributes, variables and locals: each that an expression names is there."""
    text = "\n".join(path.read_text() for path in FOLDER.glob("*.tf"))
    there = {(kind, name) for kind, name, _ in resources()}
    seen = 0
    for kind, name, attribute in re.findall(r"\b((?:scaleway|random)_\w+)\.(\w+)(?:\.(\w+))?", text):
        assert (kind, name) in there | {("scaleway_cockpit_grafana", "main")}, f"{kind}.{name}"
        if kind in RESOURCES and attribute:
            module, file, of = RESOURCES[kind]
            attributes = classes(module, file)[f"_{of}State"]
            assert attribute == "id" or twin_of(attribute, attributes), f"{kind}.{name}.{attribute}"
            seen += 1
    assert seen > 20
    variables = {name for block in loaded()["variable"] for name in block}
    assert set(re.findall(r"\bvar\.(\w+)", text)) == variables
    assert set(re.findall(r"\blocal\.(\w+)", text)) == {name for block in loaded()["locals"] for name in block}


def test_the_example_sets_what_has_no_default() -> None:
    needed = {name for block in loaded()["variable"] for name, body in block.items() if "default" not in body}
    example = set(re.findall(r"(?m)^(\w+)\s+=", (FOLDER / "terraform.tfvars.example").read_text()))
    assert example == needed


def container(name: str) -> dict[str, Any]:
    return next(body for kind, own, body in OURS if (kind, own) == ("scaleway_container", name))


def test_containers_scale_as_the_design_says() -> None:
    assert (container("web")["min_scale"], container("web")["max_scale"]) == (0, 10)
    assert (container("worker")["min_scale"], container("worker")["max_scale"]) == (0, 10)
    assert container("dispatcher")["min_scale"] == 1
    assert container("worker")["scaling_option"][0]["concurrent_requests_threshold"] == "${local.slots}"


def test_a_worker_is_on_no_network_of_the_databases_and_gets_no_secret() -> None:
    worker = container("worker")
    assert "private_network_id" not in worker
    assert "secret_environment_variables" not in worker
    assert "private_network_id" in container("web") and "private_network_id" in container("dispatcher")


def test_everything_is_in_paris() -> None:
    (provider,) = (block["scaleway"] for block in loaded()["provider"])
    assert provider == {"region": "fr-par", "zone": "fr-par-1"}
    assert not re.findall(r"nl-ams|pl-waw|us-\w+", "".join(path.read_text() for path in FOLDER.glob("*.tf")))
