"""The images' contents, without a container engine: each tree is started as its Dockerfile says.

No engine runs where these tests do. The last stage of both Dockerfiles is empty but for the tree, so what is started
here is all that the image holds: read-only, as the image's user, without any privilege.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from containers import PROFILE, SERVER, TOKEN, WORKER, WORKER_SETTINGS, command, execute, server, worker

CALCULATION = """
import numpy, pandas, scipy.optimize, matplotlib.pyplot as plt
from mecapy import Q

def calculate(force, section):
    figure, axes = plt.subplots()
    axes.plot(numpy.arange(3))
    root = scipy.optimize.brentq(lambda x: x * section - force, 0, 1e6)
    return {"stress": Q(root, "MPa"), "rows": len(pandas.DataFrame({"x": [1, 2]}))}
"""
RESULT = {"stress": {"$type": "quantity", "value": 100.0, "unit": "MPa"}, "rows": 2}


def test_the_servers_image_answers_and_shows_its_site(server_tree: Path) -> None:
    settings = {
        "MECAPY_ADDR": "127.0.0.1:0",
        "MECAPY_WORKER_URL": "http://127.0.0.1:1",
        "MECAPY_WORKER_TOKEN": TOKEN,
    }
    with server(server_tree, "--tmpfs=/data", **settings) as container:
        assert container.get("/healthz") == (200, b"ok\n")
        assert container.get("/readyz") == (200, b"ready\n")
        status, page = container.get("/")
        assert status == 200
        scripts = set(re.findall(r"/pkg/[0-9a-f]+/mecapy\.(?:js|css)", page.decode()))
        assert {Path(script).suffix for script in scripts} == {".js", ".css"}
        for script in scripts:
            assert container.get(script)[0] == 200
        assert_confined(container.first_process())
        health = command(server_tree, SERVER, SERVER.health, {"MECAPY_ADDR": container.url.removeprefix("http://")})
        subprocess.run(health, check=True, timeout=30)
    stopped = subprocess.run(health, capture_output=True, text=True, timeout=30)
    assert stopped.returncode == 1
    assert "Nothing answers on 127.0.0.1" in stopped.stderr


def test_the_workers_image_runs_a_calculation_at_level_full(worker_tree: Path) -> None:
    with worker(worker_tree, f"--seccomp={PROFILE}") as container:
        status, health = container.get("/healthz")
        assert status == 200
        assert json.loads(health)["sandbox_level"] == "full"
        status, outcome = execute(container, CALCULATION, {"force": 1000, "section": 10})
        assert (status, outcome["status"], outcome.get("error")) == (200, "completed", None)
        assert figures_of(outcome["result"]) == ["svg"]
        assert outcome["result"] == RESULT
        # Not before: it means that a process is there.
        assert container.get("/readyz")[0] == 200
        assert_confined(container.first_process())
        port = container.url.rsplit(":", 1)[1]
        health = command(worker_tree, WORKER, WORKER.health, {"PORT": port})
        subprocess.run(health, check=True, timeout=30)
    assert subprocess.run(health, stderr=subprocess.DEVNULL, timeout=30).returncode == 1


def test_a_run_goes_through_both_images(server_tree: Path, worker_tree: Path) -> None:
    with worker(worker_tree) as calculations:
        settings = {
            "MECAPY_ADDR": "127.0.0.1:0",
            "MECAPY_WORKER_URL": calculations.url,
            "MECAPY_WORKER_TOKEN": TOKEN,
        }
        with server(server_tree, "--tmpfs=/data", **settings) as container:
            body = {"code": CALCULATION, "inputs": {"force": 1000, "section": 10}}
            status, run = container.post("/api/tasks/execute?wait=60", body)
            assert (status, run["status"]) == (200, "completed")
            assert figures_of(run["result"]) == ["svg"]
            assert run["result"] == RESULT


def test_in_production_both_images_write_nothing(
    server_tree: Path, worker_tree: Path, services: dict[str, str]
) -> None:
    """No volume and no writable folder: PostgreSQL, Redis and S3 hold everything."""
    migrated = subprocess.run(
        command(server_tree, SERVER, [*SERVER.entrypoint, "migrate"], services),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (migrated.returncode, migrated.stdout) == (0, "The database is of this version.\n"), migrated.stderr
    with worker(worker_tree) as calculations:
        settings = services | {
            "MECAPY_ADDR": "127.0.0.1:0",
            "MECAPY_WORKER_URL": calculations.url,
            "MECAPY_WORKER_TOKEN": TOKEN,
        }
        with server(server_tree, **settings) as container:
            assert container.get("/readyz") == (200, b"ready\n")
            body = {"code": CALCULATION, "inputs": {"force": 1000, "section": 10}}
            status, run = container.post("/api/tasks/execute?wait=60", body)
            assert (status, run["status"]) == (200, "completed")
            # Drawn in the jail, uploaded by the worker to a URL that is good for this one object.
            assert figures_of(run["result"]) == ["svg"]
            assert run["result"] == RESULT


def test_without_the_profile_level_full_is_refused_and_filtered_works(worker_tree: Path, tmp_path: Path) -> None:
    """What Docker's default profile leaves: the same without the system calls that build a jail."""
    profile = json.loads(PROFILE.read_text())
    kept = [rule for rule in profile["syscalls"] if "unshare" not in rule["names"]]
    assert len(kept) == len(profile["syscalls"]) - 1
    default = tmp_path / "default.json"
    default.write_text(json.dumps(profile | {"syscalls": kept}))
    full = command(worker_tree, WORKER, WORKER.entrypoint, WORKER_SETTINGS, f"--seccomp={default}")
    refused = subprocess.run(full, capture_output=True, text=True, timeout=90)
    assert refused.returncode == 1
    assert "the sandbox level full cannot be had on this system" in refused.stderr
    with worker(worker_tree, f"--seccomp={default}", MECAPY_SANDBOX_LEVEL="filtered") as container:
        status, outcome = execute(container, CALCULATION, {"force": 1000, "section": 10})
        assert (status, outcome["status"], outcome.get("error")) == (200, "completed", None)


IMPORT_ALL = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
platform = {"antigravity", "this", "idlelib", "tkinter", "turtle", "turtledemo", "ensurepip", "_tkinter", "lib2to3"}
failed = []
for name in sorted(sys.stdlib_module_names - platform):
    try:
        importlib.import_module(name)
    except ImportError as error:
        # A module of another system says that it is not there; a library that is missing names its file.
        if ".so" in str(error):
            failed.append(f"{name}: {error}")
    except Exception:
        pass
import ssl, sqlite3, hashlib, lzma, bz2, zlib, ctypes, uuid, decimal, zoneinfo
ssl.create_default_context(); sqlite3.connect(":memory:"); hashlib.new("sha3_256"); zoneinfo.ZoneInfo("Europe/Paris")
print("\\n".join(failed))
"""


def test_no_library_of_the_interpreter_is_missing(worker_tree: Path) -> None:
    program = [WORKER.environment["MECAPY_WORKER_PYTHON"], "-I", "-c", IMPORT_ALL]
    answer = subprocess.run(command(worker_tree, WORKER, program, {}), capture_output=True, text=True, timeout=120)
    assert (answer.returncode, answer.stdout.strip()) == (0, ""), answer.stdout + answer.stderr


def test_nothing_that_runs_can_read_says_where_it_was_built(worker_tree: Path, environment: Path) -> None:
    names = [str(ROOT).encode(), str(environment.parent.resolve()).encode(), str(worker_tree).encode()]
    readable = [path for path in (worker_tree / "mecapy").rglob("*") if path.is_file() and not path.is_symlink()]
    compiled = [path for path in readable if path.suffix == ".pyc"]
    assert len(compiled) > 1000
    assert any(b"/mecapy/environment/lib/" in path.read_bytes() for path in compiled)
    telling = [path for path in readable if any(name in path.read_bytes() for name in names)]
    assert telling == []


@pytest.mark.parametrize("name", ["server", "worker"])
def test_a_tree_has_no_shell_and_nothing_anybody_may_change(name: str, request: pytest.FixtureRequest) -> None:
    tree: Path = request.getfixturevalue(f"{name}_tree")
    for path in tree.rglob("*"):
        mode = path.lstat().st_mode
        open_to_all = path.is_dir() and path == tree / "tmp"
        assert path.is_symlink() or open_to_all or not mode & 0o022, path
        assert not mode & 0o6000, path
    programs = {path.name for path in (tree / "usr/bin").iterdir()}
    interpreter = {f"python3.{minor}" for minor in range(11, 20)} if name == "worker" else set()
    assert programs - interpreter <= {f"mecapy-{name}", "libmecapy_jail.so"}


def figures_of(result: dict[str, object]) -> list[str]:
    """The formats of a result's figures, which are taken out of it."""
    figures = result.pop("figures")
    assert isinstance(figures, list)
    return [figure["format"] for figure in figures]


def assert_confined(pid: int) -> None:
    """The kernel's own word on a first process: the image's user, no capability, a root that cannot be written."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    uid = int(SERVER.user.split(":")[0]) if os.geteuid() == 0 else os.geteuid()
    assert set(status["Uid"].split()) == {str(uid)}
    assert {int(status[kind], 16) for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert status["NoNewPrivs"] == "1"
    root = [line.split() for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines() if line.split()[4] == "/"]
    assert root and all("ro" in line[5].split(",") for line in root)
