"""matplotlib's folder, which holds the list of the system's fonts since the environment was made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_FOLDER = "MPLCONFIGDIR"


@contextmanager
def listed_already() -> Iterator[None]:
    """Let matplotlib be imported with a folder that cannot be written.

    It asks for write access, and makes a folder of its own where it has none, although all it would write is
    the list that is there. What it was told here it remembers.
    """
    folder, access = os.environ.get(_FOLDER), os.access

    def granted(path: Any, mode: int, **options: Any) -> bool:
        return (folder is not None and path == folder) or access(path, mode, **options)

    os.access = granted
    try:
        yield
    finally:
        os.access = access
