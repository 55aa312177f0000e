"""Principal stresses of plane stress, with Mohr's circle drawn by matplotlib."""

from typing import Annotated

import matplotlib.pyplot as plt
import numpy as np

from mecapy import Q


def calculate(
    σ_x: Annotated[float, "MPa"] = 80.0,
    σ_y: Annotated[float, "MPa"] = -40.0,
    τ_xy: Annotated[float, "MPa"] = 45.0,
):
    """Plane stress at one point.

    :param σ_x: Normal stress in x
    :param σ_y: Normal stress in y
    :param τ_xy: Shear stress
    """
    centre = (σ_x + σ_y) / 2
    radius = np.hypot((σ_x - σ_y) / 2, τ_xy)
    σ_1, σ_2 = centre + radius, centre - radius
    angle = np.degrees(np.arctan2(2 * τ_xy, σ_x - σ_y)) / 2

    figure, axes = plt.subplots(figsize=(5.6, 4.8), layout="constrained")
    φ = np.linspace(0, 2 * np.pi, 181)
    axes.plot(centre + radius * np.cos(φ), radius * np.sin(φ), color="#2152C8")
    axes.plot([σ_x, σ_y], [τ_xy, -τ_xy], "o-", color="#AD3E00", linewidth=1)
    axes.plot([σ_1, σ_2], [0, 0], "o", color="#2152C8")
    for point, name, at in [
        ((σ_x, τ_xy), "x", (6, 6)),
        ((σ_y, -τ_xy), "y", (-12, -14)),
        ((σ_1, 0), "σ₁", (6, 6)),
        ((σ_2, 0), "σ₂", (-18, 6)),
    ]:
        axes.annotate(name, point, xytext=at, textcoords="offset points")
    axes.axhline(0, color="#868E96", linewidth=0.8)
    axes.axvline(0, color="#868E96", linewidth=0.8)
    axes.set_aspect("equal")
    axes.set_xlabel("Normal stress, MPa")
    axes.set_ylabel("Shear stress, MPa")
    axes.set_title("Mohr's circle")

    return {
        "Principal stress σ₁": Q(σ_1, "MPa", headline=True),
        "Principal stress σ₂": Q(σ_2, "MPa"),
        "Shear stress, max": Q(radius, "MPa"),
        "Direction of σ₁": Q(angle, "°"),
        "Equivalent stress": Q(np.sqrt(σ_1**2 - σ_1 * σ_2 + σ_2**2), "MPa"),
        "Mohr's circle": figure,
    }
