"""What a calculation says to MecaPy beside its return value.

The same calls work inside a run and in a terminal on your own machine:

- `progress(0.4, "meshing")` shows how far a long calculation is.
- `Q(12.5, "kN")` is a number with its unit; `headline=True` names the result that stands for the run.
- `Chart` is a plot of lines, points, bars or bands over one x axis.
- `Table` is named columns of equal length, each with its unit.

The package depends on nothing but Python, and takes numpy arrays and pandas columns wherever it takes a list.
"""

from ._chart import Axis as Axis
from ._chart import Chart as Chart
from ._chart import Series as Series
from ._chart import XAxis as XAxis
from ._progress import progress as progress
from ._quantity import Q as Q
from ._table import Column as Column
from ._table import Table as Table

__version__ = "0.1.0"
__all__ = ["Axis", "Chart", "Column", "Q", "Series", "Table", "XAxis", "progress"]
