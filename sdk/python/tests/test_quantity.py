import copy
import math
import pickle
from typing import Any

import pytest

from mecapy import Q


def test_counts_as_its_number() -> None:
    q = Q(12.5, "kN")
    assert (q.value, q.unit, q.headline) == (12.5, "kN", False)
    assert float(q) == 12.5
    assert int(q) == 12
    assert math.sqrt(Q(9, "")) == 3
    assert not Q(0, "mm")
    assert Q(1.0, "", headline=True).headline


def test_is_readable() -> None:
    assert repr(Q(12.5, "kN")) == "Q(12.5, 'kN')"
    assert repr(Q(1, "", headline=True)) == "Q(1, '', headline=True)"
    assert str(Q(12.5, "kN")) == "12.5 kN"
    assert str(Q(2, "")) == "2"
    assert f"{Q(12.345, 'kN'):.2f}" == "12.35 kN" or f"{Q(12.345, 'kN'):.2f}" == "12.34 kN"
    assert f"{Q(0.5, ''):.0%}" == "50%"
    assert f"{Q(3, 'mm')}" == "3 mm"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda q: q + 1, Q(11, "kN")),
        (lambda q: 1 + q, Q(11, "kN")),
        (lambda q: q - 1, Q(9, "kN")),
        (lambda q: 1 - q, Q(-9, "kN")),
        (lambda q: q * 2, Q(20, "kN")),
        (lambda q: 2 * q, Q(20, "kN")),
        (lambda q: q / 4, Q(2.5, "kN")),
        (lambda q: -q, Q(-10, "kN")),
        (lambda q: abs(-q), Q(10, "kN")),
        (lambda q: round(q / 3, 2), Q(3.33, "kN")),
        (lambda q: q + Q(5, "kN"), Q(15, "kN")),
        (lambda q: q - Q(5, "kN"), Q(5, "kN")),
        (lambda q: sum([q, q]), Q(20, "kN")),
        (lambda q: max(q, Q(3, "kN")), Q(10, "kN")),
    ],
)
def test_arithmetic_keeps_the_unit(made: Any, expected: Q) -> None:
    result = made(Q(10, "kN", headline=True))
    assert isinstance(result, Q)
    assert result == expected
    assert result.unit == "kN"


def test_a_derived_value_is_no_headline() -> None:
    assert not (Q(1, "kN", headline=True) * 2).headline


def test_a_ratio_of_equal_units_is_a_plain_number() -> None:
    ratio = Q(10, "kN") / Q(4, "kN")
    assert ratio == 2.5
    assert isinstance(ratio, float)


def test_compares_with_numbers_and_with_the_same_unit() -> None:
    q = Q(10, "kN")
    assert q == 10
    assert q != 11
    assert q < 11 and q <= 10 and q > 9 and q >= 10  # noqa: PT018
    assert q < Q(11, "kN")
    assert q != Q(10, "N")
    assert hash(q) == hash(10)
    assert sorted([Q(2, "mm"), Q(1, "mm")])[0] == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Q(1, "kN") + Q(1, "N"), r"Cannot add Q\(1, 'kN'\) and Q\(1, 'N'\): units are not converted"),
        (lambda: Q(1, "kN") < Q(1, "N"), "Cannot compare"),
        (lambda: Q(1, "kN") * Q(1, "m"), "the product would need a new unit"),
        (lambda: Q(1, "kN") / Q(1, "m"), "Cannot divide"),
        (lambda: 1 / Q(1, "s"), "would need a new unit"),
        (lambda: Q("12", "kN"), "Q takes a number and its unit, not '12'"),
        (lambda: Q(None, "kN"), "Q takes a number"),
        (lambda: Q(1, 2), "The unit of a quantity is a text, not 2"),  # type: ignore[arg-type]
        (lambda: Q(Q(1, "m"), "mm"), "is a quantity already"),
    ],
)
def test_says_what_it_cannot_do(wrong: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        wrong()


def test_does_not_change_and_can_be_copied() -> None:
    q = Q(1.5, "kN", headline=True)
    with pytest.raises(AttributeError):
        q.value = 2  # type: ignore[misc]
    for other in (copy.deepcopy(q), pickle.loads(pickle.dumps(q))):
        assert (other.value, other.unit, other.headline) == (1.5, "kN", True)


def test_numpy_leaves_it_a_quantity() -> None:
    np = pytest.importorskip("numpy")
    for q in (np.float64(2) * Q(3, "kN"), Q(3, "kN") * np.float64(2), np.int64(2) + Q(4, "kN")):
        assert isinstance(q, Q)
        assert q == Q(6, "kN")
    assert repr(Q(np.float64(2.5), "kN")) == "Q(2.5, 'kN')"
    array = np.array([1.0, 2.0]) * Q(3, "kN")
    assert isinstance(array, Q)
    assert array.value.tolist() == [3.0, 6.0]
    assert "array" in repr(array)
