"""Grafana dashboards and Prometheus rules: their shape. The server's own tests compare them with its metrics."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT

DASHBOARDS = sorted((ROOT / "deploy/grafana").glob("*.json"))
RULES = sorted((ROOT / "deploy/prometheus").glob("*.yaml"))
#: Columns of a dashboard.
WIDTH = 24


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def test_dashboards_can_be_imported() -> None:
    for path in DASHBOARDS:
        assert_imports(path)


def test_rules_can_be_loaded() -> None:
    for path in RULES:
        assert_loads(path)


def assert_imports(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    assert dashboard["title"] and dashboard["uid"] and dashboard["schemaVersion"] >= 39
    found = list(panels(dashboard))
    ids = [panel["id"] for panel in found if "id" in panel]
    assert len(ids) == len(set(ids))
    covered: set[tuple[int, int]] = set()
    for panel in found:
        assert panel["title"], panel
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert all(0 <= x < WIDTH for x, _ in cells)
        assert not cells & covered, f"{panel['title']} lies on another panel"
        covered |= cells
    assert sum(len(panel.get("targets", [])) for panel in found) > 5


def assert_loads(path: Path) -> None:
    loaded = yaml.safe_load(path.read_text())
    groups = loaded.get("spec", loaded)["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert rule["expr"]
        assert ("alert" in rule) != ("record" in rule)
        if "alert" in rule:
            assert rule["annotations"]["summary"]
