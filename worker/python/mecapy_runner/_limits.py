"""The limits that hold inside a run. The product's limits are set in `crates/domain/src/limits.rs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 64
"""Deepest nesting of inputs and results."""
RECURSION_LIMIT = 1_000
"""Python's own limit, restored after a calculation that changed it."""
MAX_FIGURES = 16
"""Figures a result may hold."""
MAX_FIGURE_BYTES = 8 * 1024 * 1024
"""Largest single figure, bytes of SVG or PNG."""
MAX_RESULT_BYTES = 32 * 1024 * 1024
"""Largest encoded result where the request names none, bytes."""
DEFAULT_MEMORY_MB = 2048
"""Memory of a run where the request names none, MB."""
MAX_MESSAGE_CHARS = 2_000
"""Longest message of an error; the rest is cut."""
MAX_TRACEBACK_CHARS = 32_000
"""Longest traceback; its middle is cut."""
MAX_NOTE_CHARS = 500
"""Longest note or progress message; the rest is cut."""
PROGRESS_BURST = 50
"""Progress calls that go out at once."""
PROGRESS_PER_S = 20.0
"""Progress calls that go out per second after a burst; what comes faster is dropped."""


@dataclass(frozen=True)
class Limits:
    """What the run in this process must know of its limits."""

    memory_mb: int = DEFAULT_MEMORY_MB
    output_bytes: int = MAX_RESULT_BYTES
    inline_figures: bool = False

    @classmethod
    def from_request(cls, limits: Mapping[str, Any] | None) -> Limits:
        """Read the limits of an execute request; the worker enforces the others from outside."""
        given = limits or {}
        return cls(
            memory_mb=int(given.get("memory_mb") or DEFAULT_MEMORY_MB),
            output_bytes=int(given.get("output_bytes") or MAX_RESULT_BYTES),
            inline_figures=bool(given.get("inline_figures")),
        )
