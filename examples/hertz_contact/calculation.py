"""Contact pressure of a cam and a roller, after Hertz."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from mecapy import Chart, Q


@dataclass
class Body:
    """One of the two cylinders.

    Attributes:
        radius: Radius. Negative for a hollow surface.
        modulus: Young's modulus
        poisson: Poisson's ratio
    """

    radius: Annotated[float, "mm"]
    modulus: Annotated[float, "GPa"] = 210.0
    poisson: float = 0.3


def calculate(
    force: Annotated[float, "N"] = 1500.0,
    length: Annotated[float, "mm"] = 12.0,
    cam: Body = Body(radius=40.0),
    roller: Body = Body(radius=15.0),
):
    """Two cylinders with parallel axes that touch along a line.

    Args:
        force: Normal force
        length: Contact length
    """
    radius = 1 / (1 / cam.radius + 1 / roller.radius)
    compliance = sum((1 - body.poisson**2) / (body.modulus * 1e3) for body in (cam, roller))
    per_length = force / length  # N/mm

    b = np.sqrt(4 * per_length * radius * compliance / np.pi)
    p_max = 2 * per_length / (np.pi * b)

    x = b * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 81))
    pressure = p_max * np.sqrt(np.clip(1 - (x / b) ** 2, 0, None))
    chart = Chart(
        "Contact pressure", x=1e3 * x, x_label="Position", x_unit="µm", y_label="Pressure", y_unit="MPa"
    ).line(pressure, "Pressure")

    return {
        "Pressure, max": Q(p_max, "MPa", headline=True),
        "Half width of contact": Q(1e3 * b, "µm"),
        "Pressure, mean": Q(per_length / (2 * b), "MPa"),
        "Shear stress, max": Q(0.3003 * p_max, "MPa"),
        "Depth of this shear stress": Q(1e3 * 0.7861 * b, "µm"),
        "Contact pressure": chart,
    }
