"""How a run ends without a result, where MecaPy and not Python finds the reason."""

from __future__ import annotations

from typing import Literal, TypeAlias

FailureKind: TypeAlias = Literal[
    "python",
    "syntax",
    "missing_calculate",
    "missing_package",
    "invalid_inputs",
    "network",
    "out_of_memory",
    "result_too_large",
    "unserialisable",
]


class Failure(Exception):
    """A run that ends with a kind and a sentence: what happened, then what to do."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.message = message


def a(name: str) -> str:
    """Put the article before a type's name: "a Mesh", "an Array"."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
