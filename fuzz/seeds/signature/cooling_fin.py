"""Temperature along a straight cooling fin, and its efficiency."""

from typing import Annotated

import numpy as np

from mecapy import Chart, Q


def calculate(
    length: Annotated[float, "mm"] = 30.0,
    thickness: Annotated[float, "mm"] = 1.0,
    width: Annotated[float, "mm"] = 100.0,
    conductivity: Annotated[float, "W/(m·K)"] = 180.0,
    transfer: Annotated[float, "W/(m²·K)"] = 40.0,
    base: Annotated[float, "°C"] = 90.0,
    air: Annotated[float, "°C"] = 25.0,
):
    """Rectangular profile, heat conducted along the fin only, adiabatic tip.

    Args:
        length: Fin length
        thickness: Thickness
        width: Width
        conductivity: Thermal conductivity
        transfer: Heat transfer coefficient
        base: Base temperature
        air: Air temperature
    """
    L, t, w = 1e-3 * length, 1e-3 * thickness, 1e-3 * width
    perimeter, section = 2 * (w + t), w * t
    m = np.sqrt(transfer * perimeter / (conductivity * section))
    θ = base - air

    heat = np.sqrt(transfer * perimeter * conductivity * section) * θ * np.tanh(m * L)
    efficiency = np.tanh(m * L) / (m * L)

    x = np.linspace(0, L, 61)
    temperature = air + θ * np.cosh(m * (L - x)) / np.cosh(m * L)
    chart = Chart(
        "Temperature along the fin",
        x=1e3 * x,
        x_label="Distance from the base",
        x_unit="mm",
        y_label="Temperature",
        y_unit="°C",
    ).line(temperature, "Fin")

    return {
        "Heat flow": Q(heat, "W", headline=True),
        "Efficiency": Q(100 * efficiency, "%"),
        "Tip temperature": Q(temperature[-1], "°C"),
        "Effectiveness": heat / (transfer * section * θ),
        "Temperature along the fin": chart,
    }
