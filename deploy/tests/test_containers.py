"""Dockerfiles and compose.yaml: by their validators, and by what the images promise."""

import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import ROOT, tool
from containers import SERVER, WORKER
from dockerfile import Image, instructions
from models import text_of

DOCKERFILES = [ROOT / "server/Dockerfile", ROOT / "worker/Dockerfile"]
COMPOSE = ROOT / "compose.yaml"


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_hadolint_finds_nothing(path: Path) -> None:
    linted = subprocess.run([tool("hadolint"), path], cwd=ROOT, capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_is_unprivileged_and_says_how_it_is(path: Path) -> None:
    image = Image.read(path)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", image.user), "a number, because orchestrators cannot look names up"
    assert image.port == 8080
    assert image.health and image.entrypoint
    assert image.bases[-1] == "scratch"
    assert all(re.fullmatch(r"[a-z/.]+:\d[\w.-]*", base) for base in image.bases[:-1]), image.bases


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_what_is_copied_is_there_and_not_ignored(path: Path) -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    for word, rest in instructions(path.read_text()):
        source = rest.split()[0]
        if word == "COPY" and not source.startswith("--from"):
            assert (ROOT / source).exists(), source
            assert source not in ignored


def test_compose_keeps_to_its_schema() -> None:
    schema = json.loads(text_of("check-jsonschema", "check_jsonschema/builtin_schemas/vendor/compose-spec.json"))
    jsonschema.Draft7Validator(schema).validate(compose())


def test_compose_starts_every_part() -> None:
    services = compose()["services"]
    commands = {name: service.get("command") for name, service in services.items()}
    assert commands["web"] == ["serve", "--role", "web"]
    assert commands["dispatcher"] == ["serve", "--role", "dispatcher"]
    assert commands["migrate"] == ["migrate"]
    assert services["worker"]["deploy"]["replicas"] == 2
    assert {"postgres", "redis", "s3", "keycloak"} <= set(services)


def test_compose_hardens_ours_and_publishes_on_loopback_only() -> None:
    services = compose()["services"]
    for name in ["migrate", "web", "dispatcher", "worker", "workers"]:
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert "privileged" not in service
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)


def test_a_worker_of_compose_sees_no_secret_and_no_database() -> None:
    loaded = compose()
    worker = loaded["services"]["worker"]
    assert set(worker["environment"]) == {
        "MECAPY_WORKER_TOKEN_SHA256",
        "MECAPY_WORKER_SLOTS",
        "MECAPY_SANDBOX_LEVEL",
    }
    for network in worker["networks"]:
        assert loaded["networks"][network]["internal"] is True
    for name in ["postgres", "redis"]:
        assert not set(loaded["services"][name]["networks"]) & set(worker["networks"])


def test_the_worker_of_compose_expects_the_token_that_its_server_shows() -> None:
    services = compose()["services"]
    token = default_of(services["web"]["environment"]["MECAPY_WORKER_TOKEN"])
    expected = default_of(services["worker"]["environment"]["MECAPY_WORKER_TOKEN_SHA256"])
    assert hashlib.sha256(token.encode()).hexdigest() == expected


def test_the_s3_server_of_compose_is_where_its_server_looks() -> None:
    garage = tomllib.loads((ROOT / "deploy/compose/garage.toml").read_text())
    services = compose()["services"]
    told = services["web"]["environment"]
    port = garage["s3_api"]["api_bind_addr"].rsplit(":", 1)[1]
    assert told["S3_ENDPOINT"] == f"http://s3:{port}"
    assert told["AWS_REGION"] == garage["s3_api"]["s3_region"]
    made = services["s3"]["environment"]
    assert told["S3_BUCKET"] == made["GARAGE_DEFAULT_BUCKET"]
    assert told["AWS_ACCESS_KEY_ID"] == made["GARAGE_DEFAULT_ACCESS_KEY"]
    assert told["AWS_SECRET_ACCESS_KEY"] == made["GARAGE_DEFAULT_SECRET_KEY"]
    folders = {garage["metadata_dir"], garage["data_dir"]}
    kept = [volume.split(":")[1] for volume in services["s3"]["volumes"]]
    assert all(any(folder.startswith(f"{place}/") for place in kept) for folder in folders)


def test_files_that_compose_mounts_exist() -> None:
    services = compose()["services"]
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    files = [path for path in mounted if path.startswith("./")]
    assert len(files) >= 4
    assert all((ROOT / path).is_file() for path in files)
    profile = next(option for option in services["worker"]["security_opt"] if option.startswith("seccomp="))
    assert (ROOT / profile.removeprefix("seccomp=")).is_file()


def test_a_worker_has_longer_to_stop_than_it_gives_its_runs() -> None:
    grace = re.search(
        r"const GRACE: Duration = Duration::from_secs\((\d+)\)", (ROOT / "worker/src/serve.rs").read_text()
    )
    assert grace
    stop = compose()["services"]["worker"]["stop_grace_period"]
    assert int(stop.removesuffix("s")) > int(grace[1])


def default_of(text: str) -> str:
    """`value` of `${NAME:-value}`."""
    found = re.fullmatch(r"\$\{\w+:-(.*)\}", text)
    assert found, text
    return found[1]


FAKE_DOCKER = """#!/bin/sh
# Asked for an image's digest, it makes one of the name.
[ "$1 $2 $3" = "buildx imagetools inspect" ] || exit 1
[ "$6" != "redis:8-alpine" ] || [ -z "$FAIL" ] || exit 1
printf 'sha256:%s' "$(printf %s "$6" | sha256sum | cut -d' ' -f1)"
"""


@pytest.fixture
def pinning(tmp_path: Path) -> Path:
    """A copy of the files that are pinned, with a docker that knows every image."""
    for name in ["server/Dockerfile", "worker/Dockerfile", "compose.yaml", "deploy/pin-bases", "scripts/setup.d/say"]:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(FAKE_DOCKER)
    docker.chmod(0o755)
    return tmp_path


def pin(folder: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": f"{folder}/bin:/usr/bin:/bin", **more}
    return subprocess.run([folder / "deploy/pin-bases", *arguments], env=environment, capture_output=True, text=True)


def texts(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in ["server/Dockerfile", "worker/Dockerfile", "compose.yaml"]]


def test_bases_are_pinned_and_set_free_again(pinning: Path) -> None:
    before = texts(pinning)
    assert pin(pinning).returncode == 0
    pinned = texts(pinning)
    digest = hashlib.sha256(b"rust:1.95-bookworm").hexdigest()
    assert f"FROM rust:1.95-bookworm@sha256:{digest} AS build" in pinned[0]
    bases = [base for text in pinned[:2] for base in re.findall(r"(?m)^FROM (\S+)", text) if base != "scratch"]
    images = re.findall(r"image: (\S+)", pinned[2])
    ours = {"mecapy-server", "mecapy-worker"}
    assert len(bases) == 4 and all("@sha256:" in base for base in bases)
    assert all("@sha256:" in image for image in images if image not in ours) and ours < set(images)
    # Pinned anew, it stays the same; set free, it is what it was.
    assert pin(pinning).returncode == 0
    assert texts(pinning) == pinned
    assert pin(pinning, "--undo").returncode == 0
    assert texts(pinning) == before


def test_a_digest_that_cannot_be_had_changes_nothing(pinning: Path) -> None:
    before = texts(pinning)
    failed = pin(pinning, FAIL="1")
    assert failed.returncode == 1
    assert "The digest of redis:8-alpine cannot be had" in failed.stderr
    assert texts(pinning) == before


def test_both_images_run_as_the_same_nobody() -> None:
    common = (ROOT / "deploy/image-tree/common").read_text()
    assert {SERVER.user, WORKER.user} == {"65532:65532"}
    assert "NONROOT=65532" in common
