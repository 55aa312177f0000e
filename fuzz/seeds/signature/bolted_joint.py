"""Preload, working load and safety of one bolt, after VDI 2230."""

from math import pi, sqrt
from typing import Annotated, Literal

from mecapy import Chart, Q

R_P02 = {"8.8": 640.0, "10.9": 940.0, "12.9": 1100.0}  # MPa


def calculate(
    d: Annotated[float, "mm"] = 12.0,
    pitch: Annotated[float, "mm"] = 1.75,
    grade: Literal["8.8", "10.9", "12.9"] = "10.9",
    torque: Annotated[float, "N·m"] = 95.0,
    mu: float = 0.12,
    grip: Annotated[float, "mm"] = 40.0,
    e_parts: Annotated[float, "MPa"] = 210_000.0,
    load: Annotated[float, "kN"] = 18.0,
):
    """Concentric joint, one bolt, load introduced under the head.

    Args:
        d: Nominal diameter. Of a metric coarse thread.
        pitch: Pitch
        grade: Property class. After ISO 898-1.
        torque: Tightening torque
        mu: Friction coefficient. In the thread and under the head.
        grip: Grip length
        e_parts: Modulus of parts
        load: Axial working load. Swelling between 0 and this value.
    """
    d2, d3 = d - 0.6495 * pitch, d - 1.2269 * pitch
    a_s = pi / 16 * (d2 + d3) ** 2  # stress area

    # Tightening: torque to preload
    f_m = torque / (0.16 * pitch + mu * (0.58 * d2 + 0.65 * d))

    # Stiffness of the bolt and of the clamped parts, kN/µm
    c_s = 205.0 * a_s / (grip + 0.8 * d) / 1000
    a_p = pi / 4 * ((1.5 * d + grip / 10) ** 2 - (1.1 * d) ** 2)
    c_p = e_parts * a_p / grip / 1e6
    φ = c_s / (c_s + c_p)  # load factor

    # Working load, stresses, safety
    f_s, f_k = f_m + φ * load, f_m - (1 - φ) * load
    σ_z = 1000 * f_s / a_s
    τ = 1000 * f_m * (0.16 * pitch + 0.58 * mu * d2) * 16 / (pi * d3**3)
    σ_red = sqrt(σ_z**2 + 3 * (0.5 * τ) ** 2)
    σ_a = 500 * φ * load / a_s
    σ_asv = 0.85 * (150 / d + 45)  # endurance limit, rolled before heat treatment

    x_m, x_s = f_m / c_s, f_s / c_s
    diagram = Chart(
        "Joint diagram",
        x=[0, x_m, x_s, x_m + f_m / c_p],
        x_label="Deformation",
        x_unit="µm",
        y_label="Force",
        y_unit="kN",
    )
    diagram.line([0, f_m, f_s, None], "Bolt")
    diagram.line([None, f_m, f_k, 0], "Clamped parts")

    return {
        "Preload": Q(f_m, "kN"),
        "Load factor Φ": φ,
        "Bolt load, max": Q(f_s, "kN"),
        "Clamping force left": Q(f_k, "kN"),
        "Equivalent stress": Q(σ_red, "MPa"),
        "Alternating stress σ_a": Q(σ_a, "MPa"),
        "Safety, yield": R_P02[grade] / σ_red,
        "Safety, fatigue": Q(σ_asv / σ_a, headline=True),
        "Joint diagram": diagram,
    }
