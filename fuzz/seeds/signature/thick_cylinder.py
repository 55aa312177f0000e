"""Stresses through the wall of a thick cylinder, after Lamé."""

from typing import Annotated

import numpy as np

from mecapy import Chart, Q


def calculate(
    inner: Annotated[float, "mm"] = 50.0,
    outer: Annotated[float, "mm"] = 100.0,
    pressure: Annotated[float, "MPa"] = 60.0,
    outside: Annotated[float, "MPa"] = 0.0,
    closed: bool = True,
):
    """Elastic cylinder under pressure from inside and outside.

    Args:
        inner: Inner radius
        outer: Outer radius
        pressure: Pressure inside
        outside: Pressure outside
        closed: Closed ends. They pull the wall along its axis.
    """
    if not 0 < inner < outer:
        raise ValueError(f"The outer radius must be above the inner one. They are {outer} and {inner} mm.")
    a2, b2 = inner**2, outer**2
    a = (pressure * a2 - outside * b2) / (b2 - a2)
    b = (pressure - outside) * a2 * b2 / (b2 - a2)

    r = np.linspace(inner, outer, 81)
    radial, hoop = a - b / r**2, a + b / r**2
    axial = np.full_like(r, a if closed else 0.0)
    mises = np.sqrt(((hoop - radial) ** 2 + (radial - axial) ** 2 + (axial - hoop) ** 2) / 2)

    chart = (
        Chart("Stress through the wall", x=r, x_label="Radius", x_unit="mm", y_label="Stress", y_unit="MPa")
        .line(hoop, "Hoop")
        .line(radial, "Radial")
        .line(mises, "Equivalent")
    )

    return {
        "Hoop stress, inside": Q(hoop[0], "MPa", headline=True),
        "Hoop stress, outside": Q(hoop[-1], "MPa"),
        "Radial stress, inside": Q(radial[0], "MPa"),
        "Axial stress": Q(axial[0], "MPa"),
        "Equivalent stress, max": Q(mises.max(), "MPa"),
        "Stress through the wall": chart,
    }
