"""The Power Query scripts of docs/quickstart/excel.md, run against a real server.

`docs/tests/powerquery.mjs` parses them with Microsoft's parser, works them out, and sends their requests.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.server import ROOT, Server
from test_docs import Example, matches, read, run

from mecapy import MecaPy

PAGE = ROOT / "docs/quickstart/excel.md"
_ROW = re.compile(r"^ *\| (?P<name>\w+) \| (?P<value>[\d.]+) \|$", re.MULTILINE)


class Page:
    """The page as its reader has followed it: the task is there, the run is shared, the token is made."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.examples = read(PAGE, folder, server.url)
        self.printed = "".join(run("sh", self.of("sh"), folder, server))
        self.server = server
        self.link = self._found(r"http://\S+/r/\S+/result\.csv")
        self.task = self._found(r"/tasks/(\S+)")
        self.token = self._found(r"mcp_\w+")
        self.inputs = [
            {"name": found["name"], "value": json.loads(found["value"])}
            for found in _ROW.finditer(PAGE.read_text(encoding="utf-8"))
        ]

    def of(self, kind: str) -> list[Example]:
        return [example for example in self.examples if example.kind == kind]

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.printed)
        assert found is not None, self.printed
        return found[found.re.groups]

    def refresh(self, script: str, inputs: Any = None, **settings: str) -> dict[str, Any]:
        """Work a script out with what its reader has put in."""
        given = {"script": script, "workbook": {"Inputs": inputs or self.inputs}, "settings": settings}
        ran = subprocess.run(
            ["node", ROOT / "docs/tests/powerquery.mjs"],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        outcome: dict[str, Any] = json.loads(ran.stdout)
        return outcome


@pytest.fixture
def page(tmp_path: Path, server: Server) -> Page:
    return Page(tmp_path, server)


def shown(table: dict[str, Any]) -> str:
    cells = [table["columns"], *table["rows"]]
    return "\n".join(" | ".join(f"{cell:g}" if cell != str(cell) else cell for cell in row) for row in cells)


def test_a_shared_result_is_loaded_as_the_page_shows_it(page: Page) -> None:
    script = page.of("powerquery")[0]
    outcome = page.refresh(script.text, Address=page.link)
    assert outcome["requests"] == [{"method": "GET", "url": page.link, "headers": {}}]
    assert matches(shown(outcome["table"]), script.printed or ""), outcome
    closed = page.refresh(script.text, Address=page.link.replace("/r/", "/r/x"))
    assert "(404)" in closed["error"]


def test_a_calculation_is_run_with_the_values_of_the_sheet(page: Page, client: MecaPy) -> None:
    script = page.of("powerquery")[1]
    before = len(client.runs.list(page.task))
    outcome = page.refresh(script.text, Task=page.task, Token=page.token)
    (request,) = outcome["requests"]
    assert (request["method"], request["url"]) == (
        "POST",
        f"{page.server.url}/api/tasks/{page.task}/execute?wait=60",
    )
    assert request["headers"]["Authorization"] == f"Bearer {page.token}"
    assert json.loads(request["body"]) == {"inputs": {"load": 20, "length": 4}}
    assert matches(shown(outcome["table"]), script.printed or ""), outcome
    assert len(client.runs.list(page.task)) == before + 1


def test_what_goes_wrong_is_told_in_words(page: Page, client: MecaPy) -> None:
    script = page.of("powerquery")[1].text
    right = {"Task": page.task, "Token": page.token}
    much = [{"name": "load", "value": "much"}]
    assert page.refresh(script, much, **right)["error"] == 'Load must be a number. It is "much".'
    flat = [{"name": "length", "value": 0}]
    assert "ZeroDivisionError" in page.refresh(script, flat, **right)["error"]
    elsewhere = {**right, "Task": "01a20e05-126d-75b8-87b9-1549514fb090"}
    assert "no such task" in page.refresh(script, **elsewhere)["error"]
    (token,) = [one for one in client.tokens.list() if page.token.startswith(one.start)]
    client.tokens.revoke(token)
    assert "“Excel” was revoked" in page.refresh(script, **right)["error"]


def test_the_parser_refuses_what_is_not_the_language() -> None:
    given = json.dumps({"script": "let a = in a"})
    ran = subprocess.run(
        ["node", ROOT / "docs/tests/powerquery.mjs"], input=given, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.startswith("The script is not valid: ")) == (1, True)
