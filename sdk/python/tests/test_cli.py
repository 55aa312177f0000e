"""The command as its users type it."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.server import Server

from mecapy import MecaPy

STRESS = '''\
"""Stress of a bolt."""
from typing import Annotated, Literal
from mecapy import Q

def calculate(
    force: Annotated[float, "kN"],
    section: Annotated[float, "mm²"] = 10.0,
    grade: Literal["8.8", "10.9"] = "8.8",
    bolts: int = 1,
    ductile: bool = False,
):
    print("grade", grade)
    return {"stress": Q(1000 * force / section / bolts, "MPa"), "grade": grade, "ductile": ductile}
'''
REFERENCE = "def calculate(inputs):\n    return {'stress': inputs['force'] / inputs['section']}\n"
Ran = subprocess.CompletedProcess[str]
Mecapy = Callable[..., Ran]


@pytest.fixture
def mecapy(server: Server, tmp_path: Path) -> Mecapy:
    """Run the command in a folder of its own, with that server."""

    def run(*arguments: str, typed: str = "", url: str = server.url) -> Ran:
        source = Path(__file__).resolve().parents[1] / "src"
        path = os.pathsep.join([str(source), str(source.parents[2] / "worker" / "python")])
        return subprocess.run(
            [sys.executable, "-m", "mecapy", *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": path, "MECAPY_URL": url},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def bolt(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A file of its own name, so that its task is a new one."""
    path = tmp_path / f"{request.node.name}.py"
    path.write_text(STRESS, encoding="utf-8")
    return path


def ok(ran: Ran) -> str:
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_file_is_run_with_its_inputs_as_options(mecapy: Mecapy, bolt: Path) -> None:
    ran = mecapy("run", bolt.name, "--force", "12", "--bolts=2", "--grade", "10.9", "--ductile")
    assert ok(ran) == "stress   600.0 MPa\ngrade    10.9\nductile  True\n"
    assert "grade 10.9\n" in ran.stderr


def test_the_reference_calculation_takes_any_option(mecapy: Mecapy, tmp_path: Path) -> None:
    (tmp_path / "calc.py").write_text(REFERENCE)
    assert ok(mecapy("run", "calc.py", "--force", "1000", "--section", "10")) == "stress  100.0\n"


def test_running_a_file_again_makes_a_version_only_when_it_changed(
    mecapy: Mecapy, bolt: Path, client: MecaPy
) -> None:
    for code in (STRESS, STRESS, STRESS + "# more\n"):
        bolt.write_text(code, encoding="utf-8")
        ok(mecapy("run", bolt.name, "--force", "1"))
    (task,) = client.tasks.list(bolt.stem)
    assert (task.name, task.version, len(task.runs())) == (bolt.stem, 2, 3)


def test_json_is_for_scripts(mecapy: Mecapy, bolt: Path, client: MecaPy) -> None:
    document = json.loads(ok(mecapy("run", bolt.name, "--force", "12", "--json")))
    assert document["status"] == "completed"
    assert document["result"]["stress"] == {"$type": "quantity", "value": 1200.0, "unit": "MPa"}
    assert client.runs.get(document["run_id"]).task_id == document["task_id"]
    bolt.write_text("def calculate(force: float):\n    return 1 / force\n")
    failed = mecapy("run", bolt.name, "--force", "0", "--json")
    assert failed.returncode == 1
    document = json.loads(failed.stdout)
    assert (document["status"], document["result"], document["error"]["line"]) == ("failed", None, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--force", "abc"], "force takes a number, not 'abc'."),
        (["--force", "1,5"], "force takes a number, not '1,5'. Write a point for the decimals, 1.5."),
        (["--force", "1", "--bolts", "1.5"], "bolts takes a whole number, not '1.5'."),
        (["--force", "1", "--grade", "4.6"], "grade takes one of 8.8, 10.9, not '4.6'."),
        (["--forse", "1"], "calculate has no input forse. Did you mean force?"),
        (["--force"], "--force needs a value: --force VALUE"),
        ([], "Force is empty. Write a number. (input force)"),
        (["--force", "1", "--ductile=perhaps"], "ductile takes true or false, not 'perhaps'."),
    ],
)
def test_wrong_inputs_are_named(mecapy: Mecapy, tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "wrong.py").write_text(STRESS, encoding="utf-8")
    ran = mecapy("run", "wrong.py", *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_failed_calculation_shows_its_traceback(mecapy: Mecapy, bolt: Path) -> None:
    ran = mecapy("run", bolt.name, "--force", "1", "--section", "0")
    assert ran.returncode == 1
    assert "mecapy: ZeroDivisionError" in ran.stderr
    assert 'File "calculation.py", line 13' in ran.stderr


def test_a_file_can_be_run_here(mecapy: Mecapy, bolt: Path) -> None:
    ran = mecapy("run", bolt.name, "--local", "--force", "3", url="http://127.0.0.1:9")
    assert ok(ran) == "grade 8.8\nstress   300.0 MPa\ngrade    8.8\nductile  False\n"


def test_help_lists_the_inputs(mecapy: Mecapy, bolt: Path) -> None:
    text = ok(mecapy("run", bolt.name, "--help"))
    assert "--force  number  [kN]  required" in text
    assert "--grade  8.8, 10.9  default '8.8'" in text
    assert "--ductile  truth  default False" in text
    assert "exit codes:" in ok(mecapy("--help"))


def test_cases_of_a_spreadsheet(mecapy: Mecapy, bolt: Path, tmp_path: Path) -> None:
    ok(mecapy("push", bolt.name))
    (tmp_path / "cases.csv").write_text("force [kN],section,grade\n12,10,8.8\n24,,10.9\n1,0,8.8\n")
    ran = mecapy("run", bolt.stem, "--inputs", "cases.csv", "-o", "results.csv")
    assert ran.returncode == 1
    assert "1 of 3 runs failed. The first: Inputs 2: ZeroDivisionError" in ran.stderr
    assert (tmp_path / "results.csv").read_bytes().decode("utf-8-sig").split("\r\n") == [
        "force [kN],section,grade,stress [MPa],grade,ductile,error",
        "12,10,8.8,1200,8.8,false,",
        "24,,10.9,2400,10.9,false,",
        "1,0,8.8,,,,ZeroDivisionError: float division by zero",
        "",
    ]


def test_cases_as_a_french_spreadsheet_writes_them(mecapy: Mecapy, bolt: Path, tmp_path: Path) -> None:
    (tmp_path / "cas.csv").write_text("\ufeffforce;section\n1,5;10\n2,5;8\n", encoding="utf-8")
    text = ok(mecapy("run", bolt.name, "--inputs", "cas.csv"))
    assert text.splitlines()[1:] == ["1,5;10;150;8.8;false", "2,5;8;312,5;8.8;false"]


def test_cases_as_json(mecapy: Mecapy, bolt: Path, tmp_path: Path) -> None:
    (tmp_path / "cases.json").write_text('[{"force": 1}, {"force": 2, "section": 0}]')
    ran = mecapy("run", bolt.name, "--inputs", "cases.json", "--json")
    assert ran.returncode == 1
    first, second = json.loads(ran.stdout)
    assert first["result"]["stress"]["value"] == 100.0
    assert (second["inputs"], second["error"]["kind"]) == ({"force": 2, "section": 0}, "python")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("force\n", "cases.csv has no cases."),
        ("forse\n1\n", "cases.csv, row 2: calculate has no input forse. Did you mean force?"),
        ("force,section\n1\n", "cases.csv, row 2 has 1 cells, but the first row has 2."),
        ("force\n1\nx\n", "cases.csv, row 3: force takes a number, not 'x'."),
    ],
)
def test_wrong_cases_are_named_before_anything_runs(
    mecapy: Mecapy, tmp_path: Path, client: MecaPy, text: str, words: str
) -> None:
    (tmp_path / "cases.py").write_text(STRESS, encoding="utf-8")
    (tmp_path / "cases.csv").write_text(text)
    ran = mecapy("run", "cases.py", "--inputs", "cases.csv")
    assert ran.returncode == 2
    assert words in ran.stderr
    assert client.tasks.list("cases")[0].runs() == []


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(mecapy: Mecapy, tmp_path: Path) -> None:
    (tmp_path / "formula.py").write_text("def calculate(x: float, note: str): return {'a': '=1+1', 'b': -x}")
    (tmp_path / "cases.csv").write_text("x,note\n5,=cmd\n")
    rows = ok(mecapy("run", "formula.py", "--inputs", "cases.csv")).splitlines()
    assert rows == ["x,note,a,b", "5,'=cmd,'=1+1,-5"]


def test_one_result_as_a_file(mecapy: Mecapy, bolt: Path, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"force": 5, "grade": "10.9"}')
    ok(mecapy("run", bolt.name, "--inputs", "one.json", "--force", "6", "-o", "result.json"))
    assert json.loads((tmp_path / "result.json").read_text())["stress"]["value"] == 600.0
    ok(mecapy("run", bolt.name, "--force", "6", "-o", "result.csv"))
    assert "stress,600,MPa" in (tmp_path / "result.csv").read_text(encoding="utf-8-sig")


def test_a_saved_input_is_kept_where_none_is_given(mecapy: Mecapy, bolt: Path, tmp_path: Path) -> None:
    (tmp_path / "saved.json").write_text('{"force": 7, "section": 1}')
    pushed = ok(mecapy("push", bolt.name, "--name", bolt.stem + " saved", "--inputs", "saved.json"))
    assert pushed.startswith(f"{bolt.stem} saved, version 1: http")
    assert "unchanged" in ok(mecapy("push", bolt.name, "--name", bolt.stem + " saved"))
    assert "7000.0 MPa" in ok(mecapy("run", bolt.stem + " saved"))
    assert "700.0 MPa" in ok(mecapy("run", bolt.stem + " saved", "--section", "10"))
    assert "1400.0 MPa" in ok(mecapy("run", bolt.stem + " saved", "-i", "section=5"))


def test_logs_and_shares_of_a_run(mecapy: Mecapy, bolt: Path) -> None:
    run = json.loads(ok(mecapy("run", bolt.name, "--force", "1", "--json")))["run_id"]
    for which in ([run], [bolt.stem], []):
        assert ok(mecapy("logs", *which)) == "grade 8.8\n"
    assert ok(mecapy("logs", run, "--follow")) == "grade 8.8\n"
    events = [json.loads(line) for line in ok(mecapy("logs", run, "--json")).splitlines()]
    names = dict.fromkeys(event["name"] for event in events)
    assert list(names) == ["queued", "attempt", "started", "log", "finished"]
    shared = mecapy("share", run, "--expires", "7d")
    assert "/r/" in ok(shared)
    assert "others cannot open the link yet" in shared.stderr
    document = json.loads(ok(mecapy("share", "--json")))
    assert (document["run_id"], document["expires_at"], document["reachable"]) == (run, None, False)
    assert "is no length of time" in mecapy("share", run, "--expires", "soon").stderr


def test_login_stores_what_it_tried(mecapy: Mecapy, tmp_path: Path, server: Server) -> None:
    said = ok(mecapy("login", "--token-stdin", typed="secret\n"))
    assert said.startswith(f"Logged in at {server.url} as Ada.")
    assert "It allows: read, run, write." in said
    assert "secret" not in said
    path = tmp_path / ".config" / "mecapy" / "credentials.json"
    assert json.loads(path.read_text()) == {"url": server.url, "tokens": {server.url: "secret"}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert mecapy("login", "--token-stdin", typed="x\n", url="http://127.0.0.1:9").returncode == 5
    assert json.loads(path.read_text())["url"] == server.url


def test_login_says_what_a_token_allows(mecapy: Mecapy, client: MecaPy) -> None:
    token = client.tokens.create("Laptop", "run")
    assert token.secret is not None
    said = ok(mecapy("login", "--token-stdin", typed=f"{token.secret}\n"))
    assert "as Ada with the token “Laptop”. It allows: read, run." in said
    document = json.loads(ok(mecapy("login", "--token-stdin", "--json", typed=f"{token.secret}\n")))
    assert (document["token_name"], document["scopes"]) == ("Laptop", ["read", "run"])
    client.tokens.revoke(token)
    refused = mecapy("login", "--token-stdin", typed=f"{token.secret}\n")
    assert refused.returncode == 3
    assert "“Laptop” was revoked" in refused.stderr


def test_exit_codes(mecapy: Mecapy, bolt: Path) -> None:
    assert mecapy("run", bolt.name, "--force", "1", url="http://127.0.0.1:9").returncode == 5
    nowhere = mecapy("run", "no such task")
    assert (nowhere.returncode, nowhere.stderr) == (4, nowhere.stderr)
    assert "There is no task called 'no such task'" in nowhere.stderr
    assert mecapy("logs", "01a20d28-5205-77c0-acea-c7b770cd7f5b").returncode == 4
    assert mecapy("run", "nowhere.py").returncode == 2
    assert mecapy("run").returncode == 2
    assert mecapy("run", "--force", "1").returncode == 2
    assert mecapy("walk").returncode == 2
    bolt.write_text("def calculate(:\n")
    broken = mecapy("push", bolt.name)
    assert (broken.returncode, f"{bolt.name}, line 1:" in broken.stderr) == (2, True)


def test_two_tasks_of_one_name_are_told_apart(mecapy: Mecapy, bolt: Path, client: MecaPy) -> None:
    ids = {client.tasks.create(bolt.stem, STRESS).id for _ in range(2)}
    ran = mecapy("run", bolt.stem, "--force", "1")
    assert ran.returncode == 2
    assert all(one in ran.stderr for one in ids)
    assert "100.0 MPa" in ok(mecapy("run", ids.pop(), "--force", "1"))
