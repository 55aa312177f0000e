"""Step response of a damped oscillator: overshoot and settling time."""

from typing import Annotated

import numpy as np
from scipy.integrate import solve_ivp

from mecapy import Chart, Q


def calculate(
    mass: Annotated[float, "kg"] = 10.0,
    stiffness: Annotated[float, "N/m"] = 1000.0,
    damping: Annotated[float, "N·s/m"] = 40.0,
    force: Annotated[float, "N"] = 50.0,
    band: Annotated[float, "%"] = 5.0,
):
    """A mass on a spring and a damper, at rest until a constant force acts.

    Parameters
    ----------
    mass : float
        Mass.
    stiffness : float
        Spring stiffness.
    damping : float
        Damping coefficient. Below critical damping, or nothing overshoots.
    force : float
        Step force.
    band : float
        Settling band. Around the static deflection.
    """
    ω0 = np.sqrt(stiffness / mass)
    ζ = damping / (2 * np.sqrt(stiffness * mass))
    static = force / stiffness
    end = 6 / (max(ζ, 0.05) * ω0)

    def solve(c):
        def motion(t, y):
            return y[1], (force - c * y[1] - stiffness * y[0]) / mass

        def at_rest(t, y):
            return y[1]

        at_rest.direction = -1  # a maximum
        return solve_ivp(motion, (0, end), (0, 0), events=at_rest, dense_output=True, rtol=1e-9, atol=1e-12)

    response = solve(damping)
    critical = solve(2 * np.sqrt(stiffness * mass))
    t = np.linspace(0, end, 201)
    x = response.sol(t)[0]

    peaks = response.t_events[0][response.t_events[0] > 0]
    overshoots = len(peaks) > 0
    peak = response.sol(peaks[0])[0] if overshoots else static
    fine = np.linspace(0, end, 20_001)
    outside = np.abs(response.sol(fine)[0] / static - 1) > band / 100
    settled = fine[outside][-1] if outside.any() else 0.0

    chart = Chart("Step response", x=t, x_label="Time", x_unit="s", y_label="Displacement", y_unit="mm")
    chart.line(1e3 * x, "This damping").line(1e3 * critical.sol(t)[0], "Critical damping")

    return {
        "Natural frequency": Q(ω0 / (2 * np.pi), "Hz"),
        "Damping ratio ζ": ζ,
        "Static deflection": Q(1e3 * static, "mm"),
        "Overshoot": Q(100 * (peak / static - 1), "%", headline=True),
        "Peak time": Q(peaks[0], "s") if overshoots else None,
        "Settling time": Q(settled, "s"),
        "Step response": chart,
    }
