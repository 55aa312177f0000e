"""Everything that the OpenAPI document of the REST face allows, and much that it does not, asked of a real server.

Schemathesis makes the requests from the document and checks each answer against it: no 5xx, only statuses, media
types, headers and bodies that are documented, wrong data refused. CONTRACT_EXAMPLES is the number of cases it makes
for each operation in each phase; the seed is fixed in schemathesis.toml.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from support.server import running_server

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "60")
PATIENCE_S = float(os.environ.get("CONTRACT_PATIENCE_S", "300"))
TABLE = "def calculate(n: int = 3):\n    print('row')\n    return {'x': list(range(n)), 'y': [1.5] * n}\n"


def test_the_server_keeps_to_its_document() -> None:
    with running_server() as server:
        make_something_to_find(server.url)
        finished = subprocess.run(
            [
                Path(sys.executable).with_name("st"),
                "--config-file",
                HERE / "schemathesis.toml",
                "run",
                f"{server.url}/api/openapi.json",
                "--max-examples",
                EXAMPLES,
                "--no-color",
            ],
            cwd=server.data,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        print(finished.stdout)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        log = (server.data / "server.log").read_text(errors="replace")
        assert "panicked" not in log, log


def make_something_to_find(url: str) -> None:
    """A task with two versions, a completed run with a table, and a share of it."""
    run = asked(url, "POST", "/api/tasks/execute?wait=60", {"code": TABLE, "name": "Table"})
    assert run["status"] == "completed", run
    asked(url, "PATCH", f"/api/tasks/{run['task_id']}", {"inputs": {"n": 4}})
    asked(url, "POST", f"/api/runs/{run['id']}/share", {})


def asked(url: str, method: str, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request, timeout=90) as answer:
        return json.load(answer)
