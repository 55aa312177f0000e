"""Every example of the documentation is run, and prints what stands below it.

A block `python` or `sh` runs, the block `text` after it is what it prints; `…` stands for anything. The
blocks of a page are one program each: they see what the ones before made. `<!-- file: NAME -->` makes the
next block a file. The blocks `powerquery` are run by test_excel.
"""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.server import ROOT, Server, needed_from_outside

PAGES = [
    "docs/quickstart/python.md",
    "docs/quickstart/curl.md",
    "docs/quickstart/excel.md",
    "docs/sdk.md",
    "docs/webhooks.md",
    "sdk/python/README.md",
]
_BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n+)?^(?P<in> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=in)```$",
    re.MULTILINE | re.DOTALL,
)
_MARK = "=== the next block ==="


@dataclass(frozen=True)
class Example:
    kind: str
    text: str
    printed: str | None


def read(page: Path, folder: Path, url: str) -> list[Example]:
    """Read a page's examples; its files are written into the folder."""
    examples: list[Example] = []
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        kind, text = found["kind"], found["text"].replace("http://127.0.0.1:7979", url)
        text = re.sub(rf"^{found['in']}", "", text, flags=re.MULTILINE)
        if found["file"]:
            (folder / found["file"]).write_text(text, encoding="utf-8")
        elif kind == "text":
            examples[-1] = Example(examples[-1].kind, examples[-1].text, text)
        elif kind in ("python", "sh", "powerquery"):
            examples.append(Example(kind, text, None))
        else:
            assert kind == "", f"{page.name} has a block of {kind}, which nothing runs."
    return examples


def run(kind: str, examples: list[Example], folder: Path, server: Server) -> list[str]:
    """Run the examples of one language as one program; give what each printed."""
    source = f"{ROOT}/sdk/python/src{os.pathsep}{ROOT}/worker/python"
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    for name, words in (
        ("mecapy", [sys.executable, "-m", "mecapy"]),
        ("mecapy-server", [needed_from_outside()["END2END_SERVER"]]),
    ):
        (commands / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (commands / name).chmod(0o755)
    between = {"python": f"\nprint({_MARK!r}, flush=True)\n", "sh": f"\necho; echo {shlex.quote(_MARK)}\n"}[
        kind
    ]
    program = between.join(example.text for example in examples)
    ran = subprocess.run(
        [sys.executable, "-c", program] if kind == "python" else ["bash", "-euc", program],
        cwd=folder,
        env={
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONPATH": source,
            "MECAPY_URL": server.url,
            "MECAPY_DATA_DIR": str(server.data),
            "NO_PROXY": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split(_MARK)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_print_what_they_say(page: str, server: Server, tmp_path: Path) -> None:
    examples = read(ROOT / page, tmp_path, server.url)
    assert examples
    for kind in ("python", "sh"):
        of_kind = [example for example in examples if example.kind == kind]
        if not of_kind:
            continue
        printed = run(kind, of_kind, tmp_path, server)
        for example, text in zip(of_kind, printed, strict=True):
            assert matches(text, example.printed or ""), f"{example.text}\nprinted:\n{text}"


def matches(printed: str, expected: str) -> bool:
    """Tell whether a text is the expected one, in which `…` stands for anything."""
    pattern = ".*?".join(re.escape(piece) for piece in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def test_what_is_expected_is_really_compared() -> None:
    assert matches("a 1 b\n", "a … b")
    assert not matches("a 1 c\n", "a … b")
    assert not matches("a b and more", "a … b")
