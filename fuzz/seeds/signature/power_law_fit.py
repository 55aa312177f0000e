"""Nonlinear fit of a power law, with the uncertainty of its parameters."""

from typing import Annotated

import numpy as np
from scipy.optimize import curve_fit

from mecapy import Chart, Q, Table


def calculate(
    x: Annotated[list[float], "1000 K"] = [1.309, 1.471, 1.490, 1.565, 1.611, 1.680],
    y: Annotated[list[float], "W/cm²"] = [2.138, 3.421, 3.597, 4.340, 4.882, 5.660],
    start_factor: float = 1.0,
    start_exponent: float = 5.0,
):
    """Fits y = b₁·x^b₂ by least squares.

    The default data are the energy that a carbon filament lamp radiates over the temperature of its
    filament. For a black body the exponent would be 4, after Stefan and Boltzmann.

    Args:
        x: Temperature
        y: Radiated power
        start_factor: Start value of b₁
        start_exponent: Start value of b₂
    """
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError(f"There are {len(x)} temperatures and {len(y)} powers. Give one power for each.")

    def law(x, b1, b2):
        return b1 * x**b2

    (b1, b2), covariance = curve_fit(law, x, y, p0=(start_factor, start_exponent), xtol=1e-14, ftol=1e-14)
    s1, s2 = np.sqrt(np.diag(covariance))
    residuals = y - law(x, b1, b2)

    fine = np.linspace(x.min(), x.max(), 61)
    at = np.union1d(fine, x)
    measured = [float(y[x == value][0]) if value in x else None for value in at]
    chart = Chart(
        "Fit", x=at, x_label="Temperature", x_unit="1000 K", y_label="Radiated power", y_unit="W/cm²"
    )
    chart.line(law(at, b1, b2), "Fit").scatter(measured, "Measured")

    return {
        "Factor b₁": b1,
        "Exponent b₂": Q(b2, headline=True),
        "Standard error of b₁": s1,
        "Standard error of b₂": s2,
        "Residual sum of squares": float(residuals @ residuals),
        "Fit": chart,
        "Residuals": Table(
            {"Temperature": x, "Measured": y, "Residual": residuals},
            units={"Temperature": "1000 K", "Measured": "W/cm²", "Residual": "W/cm²"},
        ),
    }
