"""What to do about an error of Python, where a calculation needs another answer than a program at home."""

from __future__ import annotations

import builtins
import difflib
import errno
import linecache
import re
import socket
import sys
from collections.abc import Iterable
from importlib import metadata
from types import TracebackType
from typing import Any

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "mecapy")
NETWORK = "Network access is not available in a calculation. Give the data as inputs."

_CUSTOMARY_NAMES = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "sp": "import scipy as sp",
    "plt": "import matplotlib.pyplot as plt",
    "mpl": "import matplotlib as mpl",
    "Q": "from mecapy import Q",
    "Chart": "from mecapy import Chart",
    "Table": "from mecapy import Table",
    "progress": "from mecapy import progress",
}
_PYTHON_SUGGESTS = sys.version_info >= (3, 12)
_MOST_NAMES = 2_000
_CLOSE_ENOUGH = 0.6
_SHOWN_KEYS = 20

_UNREACHABLE = {
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ECONNREFUSED,
    errno.EADDRNOTAVAIL,
    errno.EAFNOSUPPORT,
}
_REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS}
_SOCKET_FILES = ("/socket.py", "/socketserver.py", "/ssl.py", "/asyncio/")
_PROCESS_FILES = (
    "/subprocess.py",
    "/multiprocessing/",
    "/concurrent/futures/process.py",
    "/pty.py",
    "/popen_",
)

_PROCESS_CALL = re.compile(r"\b(fork|forkpty|exec[lv]p?e?|posix_spawnp?|spawn[lv]p?e?|kill|killpg)\(")

_installed: list[str] = []


def available() -> str:
    """Say which packages a calculation can import."""
    if not _installed:
        for name in PACKAGES:
            try:
                _installed.append(f"{name} {metadata.version(name)}")
            except metadata.PackageNotFoundError:
                continue
    return f"Available are {', '.join(_installed)} and Python's standard library."


def missing_package(error: BaseException) -> str | None:
    """Say which package an import did not find; None for every other error."""
    for one in (error, error.__cause__, error.__context__):
        if isinstance(one, ModuleNotFoundError) and isinstance(error, ImportError) and one.name:
            root = one.name.partition(".")[0]
            if root in PACKAGES:
                return None
            if root.lstrip("_") in sys.stdlib_module_names or root in sys.stdlib_module_names:
                return f"{root} is a part of Python that is not available in a calculation."
            return f"The package {root} is not available in a calculation. {available()}"
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out: in Python, in a system call, or while a library was loaded."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, ImportError):
        return "Cannot allocate memory" in str(error) or "failed to map segment" in str(error)
    return isinstance(error, MemoryError)


def is_network(error: BaseException) -> bool:
    """Tell whether the calculation tried to reach a network."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, socket.gaierror | socket.herror):
            return True
        if isinstance(one, OSError):
            refused = one.errno in _REFUSED and _came_from(one.__traceback__, _SOCKET_FILES)
            if one.errno in _UNREACHABLE or refused:
                return True
            waiting += [getattr(one, "reason", None), one.__context__]
        waiting.append(one.__cause__)
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
    return False


def hint(error: BaseException) -> str:
    """Say what to do; "" where Python's own words are enough."""
    if isinstance(error, NameError):
        return _about_name(error)
    if isinstance(error, AttributeError):
        return _about_attribute(error)
    if type(error) is KeyError:
        return _about_key(error)
    if isinstance(error, OSError) and not isinstance(error, ConnectionError):
        return _about_system(error)
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "Use fewer threads at a time."
    if isinstance(error, RecursionError):
        return "A function calls itself without end: give it a case that returns."
    if isinstance(error, EOFError) and "reading a line" in str(error):
        return "A calculation asks nothing while it runs: make the value a parameter of calculate."
    return ""


def _about_name(error: NameError) -> str:
    name = getattr(error, "name", None)
    if isinstance(error, UnboundLocalError) or not isinstance(name, str):
        return ""
    if name in _CUSTOMARY_NAMES:
        return f"Write {_CUSTOMARY_NAMES[name]} at the top."
    if _PYTHON_SUGGESTS:
        return ""
    frame = _innermost(error.__traceback__)
    known: set[str] = set(dir(builtins))
    if frame is not None:
        known.update(frame.tb_frame.f_locals, frame.tb_frame.f_globals)
    close = _closest(name, known)
    if close:
        return f"Did you mean: {close!r}?"
    return f"Write import {name} at the top." if name in sys.stdlib_module_names else ""


def _about_key(error: KeyError) -> str:
    """Say what the inputs hold, where the code asks them for something else."""
    innermost = _innermost(error.__traceback__)
    if innermost is None or not error.args or "inputs[" not in _failed_line(error):
        return ""
    inputs, key = innermost.tb_frame.f_locals.get("inputs"), error.args[0]
    if not isinstance(inputs, dict) or not isinstance(key, str) or key in inputs:
        return ""
    names = ", ".join(map(str, list(inputs)[:_SHOWN_KEYS]))
    return f"The inputs have {names}." if inputs else "The inputs are empty."


def _about_attribute(error: AttributeError) -> str:
    name = getattr(error, "name", None)
    if _PYTHON_SUGGESTS or not isinstance(name, str):
        return ""
    close = _closest(name, dir(error.obj))
    return f"Did you mean: {close!r}?" if close else ""


def _about_system(error: OSError) -> str:
    if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EAGAIN) and (
        _came_from(error.__traceback__, _PROCESS_FILES) or _PROCESS_CALL.search(_failed_line(error))
    ):
        return "A calculation cannot start other processes: use numpy's whole-array functions, or threads."
    if isinstance(error, FileNotFoundError):
        return "A calculation sees no files of yours: give the data as inputs."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and error.filename is not None:
        return "A calculation may write files only in /tmp, which is emptied after the run."
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return "The space for files of a run is used up: keep the data in memory."
    return ""


def _closest(name: str, known: Iterable[str]) -> str:
    candidates = [one for one in known if isinstance(one, str) and not one.startswith("__")]
    found = difflib.get_close_matches(name, candidates[:_MOST_NAMES], 1, _CLOSE_ENOUGH)
    return found[0] if found else ""


def _innermost(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback


def _failed_line(error: BaseException) -> str:
    innermost = _innermost(error.__traceback__)
    if innermost is None:
        return ""
    return linecache.getline(innermost.tb_frame.f_code.co_filename, innermost.tb_lineno)


def _came_from(traceback: TracebackType | None, files: tuple[str, ...]) -> bool:
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if any(part in name for part in files):
            return True
        traceback = traceback.tb_next
    return False
