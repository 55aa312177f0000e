"""The commands of the guides in docs/."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

FOLDERS = [ROOT / "docs/deploy", ROOT / "docs/operations"]


def pages() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in folder.glob("*.md"))


def blocks(page: Path) -> list[str]:
    """The shell of its `sh` blocks."""
    return re.findall(r"(?ms)^```sh\n(.*?)^```", page.read_text())


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """The words of every command of that program, also within `$(…)`; what a shell would put in is left as it is."""
    for block in blocks(page):
        text = re.sub(r"\\\n\s*", " ", block)
        for found in re.finditer(rf"(?m)(?:^|\$\(){program} ([^\n]*)", text):
            words = found[1]
            # Up to the end of the substitution it stands in.
            if found[0].startswith("$("):
                words = words[: closing(words)]
            yield shlex.split(words, comments=True)


def closing(text: str) -> int:
    """Where the parenthesis that was open before the text is closed."""
    depth = 1
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return position
    raise AssertionError(f"no end of $( in {text}")
