"""Runs a calculation by hand, without a jail: `python -m mecapy_runner calc.py --inputs '{"d": 12}'`."""

from __future__ import annotations

import argparse
import json
import struct
import sys
from pathlib import Path

from . import preload, run

_BAD_ARGUMENTS = 2


def main() -> int:
    """Print the result as JSON and give 0, or print the error and give 1."""
    parser = argparse.ArgumentParser(prog="python -m mecapy_runner", description=__doc__)
    parser.add_argument("code", type=Path, help="the file with the function calculate")
    parser.add_argument("--inputs", default="{}", help="the inputs, a JSON object")
    parser.add_argument("--figures", type=Path, help="a folder for the figures of the result")
    arguments = parser.parse_args()
    try:
        code = arguments.code.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        print(f"{arguments.code} cannot be read: {problem}", file=sys.stderr)
        return _BAD_ARGUMENTS
    preload("essential")
    hand = _Hand(arguments.figures.absolute() if arguments.figures else None)
    run(code, arguments.inputs, limits={}, emit=hand.take)
    return hand.status


class _Hand:
    """Shows what a run says in the terminal."""

    def __init__(self, figures: Path | None) -> None:
        self.status = 1
        self._figures = figures

    def take(self, kind: str, payload: bytes) -> None:
        if kind == "figure":
            self._keep_figure(payload)
        elif kind == "result":
            self.status = 0
            print(json.dumps(json.loads(payload), indent=2, ensure_ascii=False))
        elif kind == "error":
            error = json.loads(payload)
            shown = error["traceback"] or ""
            print(
                shown,
                *([] if shown.endswith(error["message"]) else [error["message"]]),
                file=sys.stderr,
                sep="\n",
            )
        elif kind == "progress":
            said = json.loads(payload)
            print(f"{said['fraction']:4.0%} {said['message']}", file=sys.stderr)
        else:
            print(json.loads(payload)["text"], end="", file=sys.stderr)

    def _keep_figure(self, payload: bytes) -> None:
        if self._figures is None:
            return
        index, png = struct.unpack(">IB", payload[:5])
        self._figures.mkdir(parents=True, exist_ok=True)
        (self._figures / f"figure-{index}.{'png' if png else 'svg'}").write_bytes(payload[5:])


if __name__ == "__main__":
    sys.exit(main())
