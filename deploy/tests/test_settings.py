"""Every variable that a deployment sets is one that the program it is set for reads, by `domain::settings`."""

import re
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml
from conftest import ROOT
from containers import SERVER, WORKER
from guides import pages
from test_kubernetes import BASE, FULL, of_kind, pods
from test_opentofu import loaded, plain

#: Set for our programs and read by what is around them.
FOREIGN = re.compile(r"^(CC_|KC_|SCW_|PGDATA)")


READERS = {"SERVER": {"server"}, "WORKER": {"worker"}, "BOTH": {"server", "worker"}, "SDK": {"SDK"}}
#: Settings of the login and of traces. A program that is built without such a part reads none of them.
PARTS = [{"OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"}, {"OTEL_EXPORTER_OTLP_ENDPOINT"}]


def table() -> dict[str, set[str]]:
    """The programs that read each setting."""
    source = (ROOT / "crates/domain/src/settings.rs").read_text()
    row = r'\b(?:setting|secret)\(\s*"(\w+)",(?:\s*"(?:[^"\\]|\\.)*",)?\s*([A-Z]+),'
    rows = {name: READERS[reader] for name, reader in re.findall(row, source)}
    assert len(rows) > 20
    for part in PARTS:
        if not part & set(rows):
            rows |= dict.fromkeys(part, {"server"})
    return rows


def compose() -> dict[str, set[str]]:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    images = {"mecapy-server": "server", "mecapy-worker": "worker"}
    found: dict[str, set[str]] = {"server": set(), "worker": set()}
    for service in services.values():
        if reader := images.get(service.get("image")):
            found[reader] |= set(service["environment"])
    return found


def kubernetes(objects: list[dict[str, Any]]) -> dict[str, set[str]]:
    server = set(of_kind("ConfigMap", objects)["mecapy-server"]["data"])
    comment = (ROOT / "deploy/kubernetes/configuration.yaml").read_text().split("apiVersion")[0]
    server |= set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", comment.split("mecapy-worker ")[0]))
    worker = {one["name"] for one in pods(objects)["worker"]["spec"]["containers"][0]["env"]}
    return {"server": server, "worker": worker}


def opentofu() -> dict[str, set[str]]:
    values = {name: value for block in loaded()["locals"] for name, value in block.items()}
    # The part of an expression that is not a map for the parser.
    environment = set(re.findall(r"\b([A-Z][A-Z0-9_]{3,})\b\s*[=:]", str(values["server_environment"])))
    worker = next(
        body
        for block in loaded()["resource"]
        for kind, one in block.items()
        for name, body in one.items()
        if (kind, name) == ("scaleway_container", "worker")
    )
    return {"server": environment | set(values["server_secrets"]), "worker": set(worker["environment_variables"])}


def clever(name: str) -> set[str]:
    text = (ROOT / f"deploy/clever-cloud/{name}.env").read_text()
    return set(re.findall(r"(?m)^(\w+)=", text))


DEPLOYMENTS: dict[str, dict[str, set[str]]] = {
    "images": {"server": set(SERVER.environment), "worker": set(WORKER.environment)},
    "compose": compose(),
    "kubernetes": kubernetes(BASE),
    "kubernetes/full": kubernetes(FULL),
    "opentofu": opentofu(),
    "clever-cloud": {"server": clever("server"), "worker": clever("worker")},
}


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
@pytest.mark.parametrize("reader", ["server", "worker"])
def test_what_a_program_is_told_it_reads(deployment: str, reader: str) -> None:
    known = table()
    told = {name for name in DEPLOYMENTS[deployment][reader] if not FOREIGN.match(name)}
    assert len(told) >= 3
    assert {name for name in told if reader not in known.get(name, set())} == set()


@pytest.mark.parametrize("deployment", sorted(set(DEPLOYMENTS) - {"images"}))
def test_a_deployment_tells_all_that_production_needs(deployment: str) -> None:
    server = {
        "MECAPY_PUBLIC_URL",
        "DATABASE_URL",
        "REDIS_URL",
        "S3_ENDPOINT",
        "S3_BUCKET",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "MECAPY_WORKER_URL",
        "MECAPY_WORKER_TOKEN",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
    }
    assert server <= DEPLOYMENTS[deployment]["server"]
    worker = {"MECAPY_WORKER_TOKEN_SHA256", "MECAPY_SANDBOX_LEVEL", "MECAPY_WORKER_SLOTS"}
    assert worker <= DEPLOYMENTS[deployment]["worker"]
    # A worker holds no secret.
    assert not {name for name in DEPLOYMENTS[deployment]["worker"] if re.search("TOKEN$|SECRET|KEY|_URL$", name)}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_guide_names_no_setting_that_does_not_exist(page: Path) -> None:
    named = set(re.findall(r"\bMECAPY_[A-Z0-9_]+\b", page.read_text()))
    assert named - {"MECAPY_INTERNAL_URL"} <= set(table())


def test_below_level_full_a_deployment_names_one_slot() -> None:
    """The worker takes one run at a time there, whatever it is told; a platform would send it more."""
    assert plain(hcl2.loads((ROOT / "deploy/scaleway/containers.tf").read_text()))["locals"][0]["slots"] == (
        '${var.sandbox_level == "full" ? var.worker_slots : 1}'
    )
    text = (ROOT / "deploy/clever-cloud/worker.env").read_text()
    assert "MECAPY_SANDBOX_LEVEL=filtered\nMECAPY_WORKER_SLOTS=1\n" in text
