"""Pressure loss in a straight pipe, after Darcy and Colebrook."""

from math import log10, pi, sqrt
from typing import Annotated

import numpy as np
from scipy.optimize import brentq

from mecapy import Chart, Q

LAMINAR, TURBULENT = 2300.0, 4000.0


def friction(reynolds, roughness):
    """Darcy's friction factor; in the transition the two laws are interpolated."""
    if reynolds <= LAMINAR:
        return 64 / reynolds
    if reynolds < TURBULENT:
        share = (reynolds - LAMINAR) / (TURBULENT - LAMINAR)
        return (1 - share) * friction(LAMINAR, roughness) + share * friction(TURBULENT, roughness)

    def colebrook(f):
        return 1 / sqrt(f) + 2 * log10(roughness / 3.7 + 2.51 / (reynolds * sqrt(f)))

    return brentq(colebrook, 1e-4, 1.0, xtol=1e-12)


def calculate(
    flow: Annotated[float, "L/s"] = 2.0,
    diameter: Annotated[float, "mm"] = 50.0,
    length: Annotated[float, "m"] = 100.0,
    roughness: Annotated[float, "mm"] = 0.05,
    density: Annotated[float, "kg/m³"] = 998.2,
    viscosity: Annotated[float, "mPa·s"] = 1.002,
):
    """A full pipe of constant diameter. The default fluid is water at 20 °C.

    Args:
        flow: Volume flow
        diameter: Inner diameter
        length: Length
        roughness: Wall roughness
        density: Density
        viscosity: Dynamic viscosity
    """
    d, η = 1e-3 * diameter, 1e-3 * viscosity
    area = pi * d**2 / 4

    def loss(q):
        v = q / area
        reynolds = density * v * d / η
        f = friction(reynolds, roughness / diameter)
        return f * length / d * density * v**2 / 2, v, reynolds, f

    Δp, v, reynolds, f = loss(1e-3 * flow)
    flows = np.linspace(flow / 40, 2 * flow, 80)
    curve = [loss(1e-3 * q)[0] / 1e5 for q in flows]
    chart = Chart(
        "Pipe curve", x=flows, x_label="Flow", x_unit="L/s", y_label="Pressure loss", y_unit="bar"
    ).line(curve, "Pressure loss")

    return {
        "Pressure loss": Q(Δp / 1e5, "bar", headline=True),
        "Velocity": Q(v, "m/s"),
        "Reynolds number": reynolds,
        "Friction factor": f,
        "Flow regime": "laminar"
        if reynolds <= LAMINAR
        else "transition"
        if reynolds < TURBULENT
        else "turbulent",
        "Pump power, hydraulic": Q(Δp * 1e-3 * flow, "W"),
        "Pipe curve": chart,
    }
