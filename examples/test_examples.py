"""Every example gives its known answers, and the result that the gallery has recorded of it."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import pytest

import record

run = functools.cache(record.run)


def at(result: Any, path: list[str]) -> Any:
    for key in path:
        result = result[key] if isinstance(result, dict) else result[int(key)]
    return result["value"] if isinstance(result, dict) and result.get("$type") == "quantity" else result


def known_answers() -> list[Any]:
    return [
        pytest.param(name, known, id=f"{name}: {' › '.join(known['path'])}")
        for name in record.NAMES
        for known in record.described(name)["known"]
    ]


@pytest.mark.parametrize(("name", "known"), known_answers())
def test_an_example_gives_its_known_answer(name: str, known: dict[str, Any]) -> None:
    found = at(run(name), known["path"])
    assert found == pytest.approx(known["value"], rel=known["relative_tolerance"]), known["source"]


@pytest.mark.parametrize("name", record.NAMES)
def test_the_recorded_result_is_what_runs_today(name: str) -> None:
    recorded = json.loads((record.HERE / name / "result.json").read_text(encoding="utf-8"))
    assert_same(run(name), recorded, [])


@pytest.mark.parametrize("name", record.NAMES)
def test_an_example_is_described_whole(name: str) -> None:
    said = record.described(name)
    for key in ("name", "summary", "field"):
        assert all(said[key][language] for language in ("en", "fr")), key
    assert said["known"], "an example has at least one known answer"
    assert all(known["source"] and 0 < known["relative_tolerance"] < 0.05 for known in said["known"])


def assert_same(found: Any, recorded: Any, path: list[str]) -> None:
    """Compare to nine digits: the last ones depend on the processor."""
    where = " › ".join(path)
    assert type(found) is type(recorded), where
    if isinstance(found, dict):
        assert list(found) == list(recorded), where
        for key in found:
            assert_same(found[key], recorded[key], [*path, key])
    elif isinstance(found, list):
        assert len(found) == len(recorded), where
        largest = max((abs(x) for x in recorded if isinstance(x, float)), default=0.0)
        for index, (one, other) in enumerate(zip(found, recorded, strict=True)):
            if isinstance(one, float) and isinstance(other, float):
                # Near a zero crossing only the size of the whole curve is a measure.
                assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9 * largest), f"{where} [{index}]"
            else:
                assert_same(one, other, [*path, str(index)])
    elif isinstance(found, float):
        assert math.isclose(found, recorded, rel_tol=1e-6), where
    else:
        assert found == recorded, where
