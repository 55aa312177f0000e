"""What is slow the first time, done in advance.

`preload` runs once, before any process is forked: the imports, and everything whose effect the forks share.
`prewarm` runs in each forked process before its payload is known: it touches the memory a run will write to.
"""

from __future__ import annotations

import importlib
from typing import Literal

from ._figures import ignore_missing_window
from ._fonts import listed_already
from ._hints import available
from ._limits import Limits
from ._messages import Messages
from ._process import make_fresh
from ._run import execute

_ESSENTIAL = (
    "asyncio",
    "csv",
    "decimal",
    "fractions",
    "itertools",
    "math",
    "numpy.fft",
    "numpy.linalg",
    "numpy.polynomial",
    "numpy.random",
    "numpy.typing",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.special",
    "statistics",
    "textwrap",
    "zoneinfo",
)
_FURTHER = (
    "matplotlib.pyplot",
    "scipy.fft",
    "scipy.ndimage",
    "scipy.signal",
    "scipy.sparse.linalg",
    "scipy.spatial",
    "scipy.stats",
)

_MANY_TYPES = """
import dataclasses, datetime, typing
import mecapy
import numpy as np
import pandas as pd

@dataclasses.dataclass
class Bolt:
    d: float = 12.0

Grade = typing.Literal["8.8"]

def calculate(force: float, loads: list[float], bolt: Bolt, grade: Grade = "8.8"):
    mecapy.progress(0.5)
    rng = np.random.default_rng()
    frame = pd.DataFrame({"load": [1.0, 2.0], "grade": ["8.8", "10.9"]})
    return {
        "q": mecapy.Q(force, "N"), "x": np.linspace(0, 1, 3), "random": rng.random(2), "frame": frame,
        "when": datetime.datetime(2026, 1, 1), "series": frame["load"], "z": 1j,
        "solved": np.linalg.solve(np.eye(2), np.ones(2)), "table": mecapy.Table({"a": [1]}),
        "chart": mecapy.Chart("t", x=[0, 1]).line([0, 1]),
    }
"""
_FAILING = "def calculate(inputs):\n    return nowhere\n"
_TYPICAL = (
    "def calculate(force: float = 1000, section: float = 10):\n    return {'stress': force / section}\n"
)
_FIGURE = """
import matplotlib.pyplot as plt
def calculate():
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], label=r"$\\sigma_a$")
    axes.set_xlabel("x"); axes.set_title("t"); axes.legend(); axes.grid()
    plt.close(figure)
    return figure
"""


def preload(scope: Literal["essential", "everything"] = "everything") -> None:
    """Import and exercise what calculations commonly need.

    "essential" is ready in less than half of the time: numpy, pandas and the usual half of scipy, without
    matplotlib, scipy.stats and scipy.signal, which a calculation then imports itself.

    Raises `RuntimeError` when the environment is not complete.
    """
    for name in _ESSENTIAL:
        importlib.import_module(name)
    available()
    ignore_missing_window()
    _rehearse(_MANY_TYPES, '{"force": 1, "loads": [1, 2.5], "bolt": {"d": 10}}')
    _rehearse(_FAILING, "{}", ends="error")
    if scope == "everything":
        with listed_already():
            importlib.import_module("matplotlib").use("Agg")
            for name in _FURTHER:
                importlib.import_module(name)
        _rehearse(_FIGURE, "{}")


def prewarm() -> None:
    """Make this process fresh and run a small calculation in it, for its effect on this process alone.

    Call it after the fork, when the output descriptors are in their places.
    """
    make_fresh()
    _rehearse(_TYPICAL, '{"force": 1000, "section": 10}')


def _rehearse(code: str, inputs: str, ends: str = "result") -> None:
    said: list[tuple[str, bytes]] = []
    execute(code, inputs, Limits(), Messages(lambda kind, payload: said.append((kind, payload))))
    kind, payload = said[-1]
    if kind != ends:
        raise RuntimeError(f"The worker's Python environment is not complete: {payload.decode()}")
