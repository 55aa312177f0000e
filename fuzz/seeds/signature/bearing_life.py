"""Rating life of a deep groove ball bearing, after ISO 281."""

from typing import Annotated, Literal

import numpy as np

from mecapy import Chart, Q

# Relative axial load f₀·Fa/C₀, limit e and axial factor Y (normal clearance)
RELATIVE = [0.172, 0.345, 0.689, 1.03, 1.38, 2.07, 3.45, 5.17, 6.89]
LIMIT = [0.19, 0.22, 0.26, 0.28, 0.30, 0.34, 0.38, 0.42, 0.44]
AXIAL = [2.30, 1.99, 1.71, 1.55, 1.45, 1.31, 1.15, 1.04, 1.00]


def calculate(
    c: Annotated[float, "kN"] = 32.5,
    c0: Annotated[float, "kN"] = 19.0,
    f0: float = 14.0,
    radial: Annotated[float, "kN"] = 4.0,
    axial: Annotated[float, "kN"] = 1.5,
    speed: Annotated[float, "1/min"] = 1450.0,
    reliability: Literal[90, 95, 96, 97, 98, 99] = 90,
):
    """The defaults are a bearing 6208.

    Args:
        c: Dynamic load rating
        c0: Static load rating
        f0: Factor f₀. From the bearing's data sheet.
        radial: Radial load
        axial: Axial load
        speed: Speed
        reliability: Reliability in percent
    """
    relative = f0 * axial / c0
    e = float(np.interp(relative, RELATIVE, LIMIT))
    y = float(np.interp(relative, RELATIVE, AXIAL))
    x, y = (1.0, 0.0) if axial <= e * radial else (0.56, y)
    p = x * radial + y * axial

    # Life modification factor for reliability, ISO 281:2007
    a1 = {90: 1.0, 95: 0.64, 96: 0.55, 97: 0.47, 98: 0.37, 99: 0.25}[reliability]
    l10 = (c / p) ** 3
    hours = 1e6 / (60 * speed)

    loads = np.geomspace(0.3 * p, 3 * p, 61)
    chart = Chart(
        "Life over load",
        x=loads,
        x_label="Equivalent load",
        x_unit="kN",
        x_scale="log",
        y_label="Life",
        y_unit="h",
        y_scale="log",
    ).line(a1 * (c / loads) ** 3 * hours, f"Life at {reliability} %")

    return {
        "Life": Q(a1 * l10 * hours, "h", headline=True),
        "Basic rating life L₁₀": Q(l10, "10⁶ rev"),
        "Equivalent load": Q(p, "kN"),
        "Axial limit e": e,
        "Static safety": c0 / max(radial, 0.6 * radial + 0.5 * axial),
        "Life over load": chart,
    }
