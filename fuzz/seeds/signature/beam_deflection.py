"""Deflection and bending stress of a simply supported beam under a uniform load."""

from typing import Annotated

import numpy as np

from mecapy import Chart, Q


def calculate(
    length: Annotated[float, "m"] = 4.0,
    load: Annotated[float, "kN/m"] = 12.0,
    modulus: Annotated[float, "GPa"] = 210.0,
    inertia: Annotated[float, "cm⁴"] = 1943.0,
    height: Annotated[float, "mm"] = 200.0,
):
    """Euler-Bernoulli beam, the default section is an IPE 200.

    Args:
        length: Span
        load: Uniform load. Including the weight of the beam.
        modulus: Young's modulus
        inertia: Second moment of area. About the bending axis.
        height: Section height. Of a section that is symmetric about the bending axis.
    """
    q = load * 1e3  # N/m
    ei = modulus * 1e9 * inertia * 1e-8  # N·m²

    x = np.linspace(0.0, length, 101)
    deflection = q * x * (length**3 - 2 * length * x**2 + x**3) / (24 * ei)
    moment = q * x * (length - x) / 2
    stress = moment.max() * (height * 1e-3 / 2) / (inertia * 1e-8)

    w_max = 5 * q * length**4 / (384 * ei)
    curve = Chart(
        "Deflection curve",
        x=x,
        x_label="Position",
        x_unit="m",
        y_label="Deflection",
        y_unit="mm",
    ).line(-1e3 * deflection, "Beam")
    moments = Chart(
        "Bending moment", x=x, x_label="Position", x_unit="m", y_label="Moment", y_unit="kN·m"
    ).line(moment / 1e3, "Moment")

    return {
        "Deflection, max": Q(w_max * 1e3, "mm", headline=True),
        "Span over deflection": length / w_max,
        "Support reaction": Q(load * length / 2, "kN"),
        "Moment, max": Q(moment.max() / 1e3, "kN·m"),
        "Bending stress, max": Q(stress / 1e6, "MPa"),
        "Deflection curve": curve,
        "Bending moment": moments,
    }
