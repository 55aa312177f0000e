"""Load cases of a hollow section: stresses and utilisation in one table."""

from typing import Annotated, Literal

import pandas as pd

from mecapy import Chart, Q, Table

YIELD = {"S235": 235.0, "S275": 275.0, "S355": 355.0}  # MPa


def calculate(
    width: Annotated[float, "mm"] = 100.0,
    height: Annotated[float, "mm"] = 150.0,
    wall: Annotated[float, "mm"] = 8.0,
    steel: Literal["S235", "S275", "S355"] = "S235",
    names: list[str] = ["Assembly", "Operation", "Overload", "Wind"],
    normal: Annotated[list[float], "kN"] = [40.0, 120.0, 180.0, 60.0],
    moment_y: Annotated[list[float], "kN·m"] = [2.0, 9.0, 14.0, 4.0],
    moment_z: Annotated[list[float], "kN·m"] = [0.5, 1.5, 2.0, 6.0],
    safety: float = 1.5,
):
    """Rectangular hollow section with sharp corners, elastic.

    Args:
        width: Width
        height: Height
        wall: Wall thickness
        steel: Steel grade
        names: Load cases
        normal: Normal force. Tension is positive, one value for each load case.
        moment_y: Moment about y. The strong axis.
        moment_z: Moment about z. The weak axis.
        safety: Required safety
    """
    b, h = width - 2 * wall, height - 2 * wall
    area = width * height - b * h
    i_y = (width * height**3 - b * h**3) / 12
    i_z = (height * width**3 - h * b**3) / 12

    cases = pd.DataFrame({"Load case": names, "N": normal, "M_y": moment_y, "M_z": moment_z})
    cases["σ_N"] = 1e3 * cases["N"] / area
    cases["σ_M"] = 1e6 * (cases["M_y"].abs() * height / 2 / i_y + cases["M_z"].abs() * width / 2 / i_z)
    cases["σ_max"] = cases["σ_N"].abs() + cases["σ_M"]
    cases["Utilisation"] = 100 * cases["σ_max"] * safety / YIELD[steel]
    worst = cases.loc[cases["Utilisation"].idxmax()]

    chart = Chart("Stress of each load case", x=names, y_label="Stress", y_unit="MPa")
    chart.bar(cases["σ_N"].abs(), "Normal force").bar(cases["σ_M"], "Bending")

    return {
        "Utilisation, max": Q(worst["Utilisation"], "%", headline=True),
        "Decisive load case": worst["Load case"],
        "Within the limit": bool(worst["Utilisation"] <= 100),
        "Area": Q(area / 100, "cm²"),
        "I_y": Q(i_y / 1e4, "cm⁴"),
        "I_z": Q(i_z / 1e4, "cm⁴"),
        "Load cases": Table(
            cases,
            units={
                "N": "kN",
                "M_y": "kN·m",
                "M_z": "kN·m",
                "σ_N": "MPa",
                "σ_M": "MPa",
                "σ_max": "MPa",
                "Utilisation": "%",
            },
        ),
        "Stress of each load case": chart,
    }
