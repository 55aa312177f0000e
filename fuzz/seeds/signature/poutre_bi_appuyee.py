"""Flèche et contrainte d’une poutre bi-appuyée, charge répartie."""

from typing import Annotated, Literal

import numpy as np

from mecapy import Chart, Q

# Hauteur en mm, moment quadratique en cm⁴ (EN 10365)
PROFILÉS = {"IPE 180": (180, 1317), "IPE 200": (200, 1943), "IPE 220": (220, 2772)}


def calculate(
    portée: Annotated[float, "m"] = 4.0,
    charge: Annotated[float, "kN/m"] = 12.0,
    profilé: Literal["IPE 180", "IPE 200", "IPE 220"] = "IPE 200",
    module: Annotated[float, "GPa"] = 210.0,
):
    """Comparaison de trois profilés IPE avec la limite de service L/300.

    Entrées :
        portée: Portée
        charge: Charge répartie. Poids propre compris.
        profilé: Profilé
        module: Module d’Young
    """
    L, q, E = portée, charge * 1e3, module * 1e9
    x = np.linspace(0.0, L, 81)

    def déformée(inertie):
        return q * x * (L**3 - 2 * L * x**2 + x**3) / (24 * E * inertie * 1e-8)

    hauteur, inertie = PROFILÉS[profilé]
    f = 5 * q * L**4 / (384 * E * inertie * 1e-8)
    M = q * L**2 / 8
    σ = M * (hauteur * 1e-3 / 2) / (inertie * 1e-8)

    courbe = Chart("Déformée", x=x, x_label="Abscisse", x_unit="m", y_label="Flèche", y_unit="mm").line(
        -1e3 * déformée(inertie), profilé
    )
    for nom, (_, autre) in PROFILÉS.items():
        if nom != profilé:
            courbe.line(-1e3 * déformée(autre), nom)
    courbe.line(np.full_like(x, -1e3 * L / 300), "L/300")

    return {
        "Flèche maximale": Q(f * 1e3, "mm", headline=True),
        "Rapport L/f": L / f,
        "Moment maximal": Q(M / 1e3, "kN·m"),
        "Contrainte maximale": Q(σ / 1e6, "MPa"),
        "Déformée": courbe,
    }
