"""Critical load of a column over its slenderness, after Euler and Johnson."""

from math import pi, sqrt
from typing import Annotated, Literal

import numpy as np

from mecapy import Chart, Q

EFFECTIVE_LENGTH = {"pinned–pinned": 1.0, "fixed–free": 2.0, "fixed–pinned": 0.699, "fixed–fixed": 0.5}


def calculate(
    length: Annotated[float, "mm"] = 1500.0,
    diameter: Annotated[float, "mm"] = 40.0,
    ends: Literal["pinned–pinned", "fixed–free", "fixed–pinned", "fixed–fixed"] = "pinned–pinned",
    modulus: Annotated[float, "GPa"] = 210.0,
    r_e: Annotated[float, "MPa"] = 355.0,
):
    """Solid round bar under a central compressive force.

    Args:
        length: Length
        diameter: Diameter
        ends: Ends
        modulus: Young's modulus
        r_e: Yield strength
    """
    e = modulus * 1e3
    area = pi * diameter**2 / 4
    gyration = diameter / 4
    slenderness = EFFECTIVE_LENGTH[ends] * length / gyration
    limit = pi * sqrt(2 * e / r_e)  # Euler above, Johnson below

    def critical(λ):
        λ = np.asarray(λ, dtype=float)
        euler = pi**2 * e / np.maximum(λ, 1e-9) ** 2
        johnson = r_e * (1 - r_e * λ**2 / (4 * pi**2 * e))
        return np.where(λ > limit, euler, johnson)

    stress = float(critical(slenderness))
    λ = np.linspace(0, max(2.5 * limit, 1.2 * slenderness), 121)
    chart = Chart("Critical stress", x=λ, x_label="Slenderness", y_label="Critical stress", y_unit="MPa")
    chart.line(critical(λ), "Euler and Johnson")
    chart.line(np.where(λ > 0.75 * limit, pi**2 * e / np.maximum(λ, 1e-9) ** 2, np.nan), "Euler alone")

    return {
        "Critical load": Q(stress * area / 1e3, "kN", headline=True),
        "Critical stress": Q(stress, "MPa"),
        "Slenderness": slenderness,
        "Limit slenderness": limit,
        "Governed by": "Euler" if slenderness > limit else "Johnson",
        "Critical stress over slenderness": chart,
    }
