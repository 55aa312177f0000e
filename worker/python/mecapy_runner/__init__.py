"""Runs one calculation: code and inputs in, one encoded result or one error out.

`preload()` imports everything once, and `settle()` does what else is the same for all runs; `prewarm()` does
in a forked process what makes a first run slow; `run()` runs one calculation in this process, which is used
once. `run_here()` runs one in a process that goes on afterwards. README.md beside this package has the
contract with the process that starts it.
"""

from ._here import CalculationError as CalculationError
from ._here import run_here as run_here
from ._prewarm import preload as preload
from ._prewarm import prewarm as prewarm
from ._process import settle as settle
from ._run import run as run

__all__ = ["CalculationError", "preload", "prewarm", "run", "run_here", "settle"]
