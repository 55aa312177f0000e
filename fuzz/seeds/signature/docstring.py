from mecapy import Q

def calculate(force: float = 1000.0, *, n: int = 3, case: "Literal['a']" = "a"):
    """Stress.

    Args:
        force: Force [N]
    """
    return {"s": force}
