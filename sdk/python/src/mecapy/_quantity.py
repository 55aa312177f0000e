"""A number with its unit."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


class Q:
    """A value and its unit, for example `Q(12.5, "kN")`; the unit may be "" for a pure number.

    `headline=True` names the one result that stands for the run in lists. A quantity counts as its value in
    `float()`, formatting (`f"{q:.2f}"` writes "12.50 kN"), comparisons and arithmetic with plain numbers; the
    unit is kept. Two quantities can be added, subtracted and compared when their units are the same, and
    divided into a plain number; anything else raises `TypeError`, since units are not converted.

    The value is any number, also a numpy scalar or array. Quantities do not change.

    >>> mecapy.Q(12.5, "kN") * 2
    Q(25.0, 'kN')
    """

    __slots__ = ("_headline", "_unit", "_value")
    # numpy then leaves `array * q` to this class instead of making an array of objects.
    __array_ufunc__ = None

    def __init__(self, value: Any, unit: str = "", headline: bool = False) -> None:
        if isinstance(value, Q):
            raise TypeError(f"{value!r} is a quantity already. Give its number: Q(float(q), 'mm').")
        if value is None or isinstance(value, str | bytes):
            raise TypeError(f"Q takes a number and its unit, not {value!r}: Q(12.5, 'kN').")
        if not isinstance(unit, str):
            raise TypeError(f"The unit of a quantity is a text, not {unit!r}: Q(12.5, 'kN').")
        self._value = value
        self._unit = unit
        self._headline = bool(headline)

    @property
    def value(self) -> Any:
        """The number, in `unit`."""
        return self._value

    @property
    def unit(self) -> str:
        """The unit as the author wrote it; "" for a pure number."""
        return self._unit

    @property
    def headline(self) -> bool:
        """Whether this value stands for the whole run."""
        return self._headline

    def __float__(self) -> float:
        return float(self._value)

    def __int__(self) -> int:
        return int(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        value = (
            self._value.item()
            if type(self._value).__module__ == "numpy" and self._is_scalar()
            else self._value
        )
        headline = ", headline=True" if self._headline else ""
        return f"Q({value!r}, {self._unit!r}{headline})"

    def __str__(self) -> str:
        return f"{self._value} {self._unit}".rstrip()

    def __format__(self, spec: str) -> str:
        return f"{format(self._value, spec)} {self._unit}".rstrip()

    def __hash__(self) -> int:
        # Equal to its plain value, so it hashes like it.
        return hash(self._value)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Q):
            return self._unit == other._unit and self._value == other._value
        return self._value == other

    def __lt__(self, other: Any) -> Any:
        return self._compared(operator.lt, other, "compare")

    def __le__(self, other: Any) -> Any:
        return self._compared(operator.le, other, "compare")

    def __gt__(self, other: Any) -> Any:
        return self._compared(operator.gt, other, "compare")

    def __ge__(self, other: Any) -> Any:
        return self._compared(operator.ge, other, "compare")

    def __add__(self, other: Any) -> Q:
        return self._with(self._compared(operator.add, other, "add"))

    def __radd__(self, other: Any) -> Q:
        return self._with(other + self._value)

    def __sub__(self, other: Any) -> Q:
        return self._with(self._compared(operator.sub, other, "subtract"))

    def __rsub__(self, other: Any) -> Q:
        return self._with(other - self._value)

    def __mul__(self, other: Any) -> Q:
        return self._with(self._value * self._plain(other, "multiply"))

    def __rmul__(self, other: Any) -> Q:
        return self._with(other * self._value)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Q):
            return self._compared(operator.truediv, other, "divide")
        return self._with(self._value / other)

    def __rtruediv__(self, other: Any) -> Q:
        raise TypeError(f"A number divided by {self!r} would need a new unit. Divide by float(q) instead.")

    def __neg__(self) -> Q:
        return self._with(-self._value)

    def __pos__(self) -> Q:
        return self._with(+self._value)

    def __abs__(self) -> Q:
        return self._with(abs(self._value))

    def __round__(self, digits: int | None = None) -> Q:
        return self._with(round(self._value, digits) if digits is not None else round(self._value))

    def _with(self, value: Any) -> Q:
        return Q(value, self._unit)

    def _is_scalar(self) -> bool:
        return getattr(self._value, "ndim", 0) == 0

    def _compared(self, operation: Callable[[Any, Any], Any], other: Any, verb: str) -> Any:
        if isinstance(other, Q):
            if other._unit != self._unit:
                raise TypeError(
                    f"Cannot {verb} {self!r} and {other!r}: units are not converted. "
                    "Bring both to one unit first."
                )
            other = other._value
        return operation(self._value, other)

    def _plain(self, other: Any, verb: str) -> Any:
        if isinstance(other, Q):
            raise TypeError(
                f"Cannot {verb} {self!r} and {other!r}: the product would need a new unit. "
                "Use float(q) and write the new unit."
            )
        return other
