"""matplotlib figures: what is found, how it is drawn, and what happens at the limits."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET

from conftest import Run

PLOT = "import matplotlib.pyplot as plt\n"


def test_a_returned_figure_is_an_svg_beside_the_result(run: Run) -> None:
    code = (
        PLOT + "def calculate():\n    figure, axes = plt.subplots(figsize=(4, 3))\n    axes.plot([0, 1])\n"
        "    axes.set_title('Flèche $\\\\sigma_a$ <b>&')\n    return {'plot': figure}"
    )
    outcome = run(code)
    figure = outcome.result["plot"]
    assert figure["$type"] == "figure"
    assert (figure["format"], figure["index"]) == ("svg", 0)
    assert figure["title"] == "Flèche $\\sigma_a$ <b>&"
    ((index, kind, data),) = outcome.figures
    assert (index, kind) == (0, "svg")
    root = ET.fromstring(data)
    assert root.tag.endswith("svg")
    assert round(float(root.attrib["width"].removesuffix("pt")) * 96 / 72) == figure["width"] > 300
    assert round(float(root.attrib["height"].removesuffix("pt")) * 96 / 72) == figure["height"] > 200
    assert outcome.messages == ["figure", "result"]


def test_the_svg_needs_no_font_and_no_network(run: Run) -> None:
    code = PLOT + "def calculate():\n    plt.title('Ω 日本 Ж')\n    return plt.gcf()"
    data = run(code).figures[0][2].decode()
    assert "<text" not in data
    assert "<script" not in data
    links = set(re.findall(r'(?:href|src)="([^"]*)"', data))
    assert all(link.startswith(("#", "data:image/png")) for link in links)


def test_the_same_figure_gives_the_same_bytes(run: Run) -> None:
    code = PLOT + "def calculate():\n    plt.plot([1, 2]); plt.fill_between([0, 1], [1, 2]); return plt.gcf()"
    assert run(code).figures == run(code).figures


def test_axes_stand_for_their_figure_and_a_figure_is_drawn_once(run: Run) -> None:
    code = PLOT + "def calculate():\n    f, a = plt.subplots()\n    return {'a': a, 'f': f, 'again': [f]}"
    outcome = run(code)
    assert outcome.result["a"] == outcome.result["f"] == outcome.result["again"][0]
    assert len(outcome.figures) == 1


def test_open_figures_are_added_to_a_dictionary(run: Run) -> None:
    code = (
        PLOT
        + "def calculate():\n    plt.figure(); plt.figure()\n    closed = plt.figure(); plt.close(closed)\n"
        "    plt.show()\n    return {'a': 1}"
    )
    outcome = run(code)
    assert [figure["index"] for figure in outcome.result["figures"]] == [0, 1]
    assert outcome.notes == []
    assert outcome.stderr == ""


def test_open_figures_alone_are_a_result(run: Run) -> None:
    outcome = run(PLOT + "def calculate():\n    plt.plot([1])")
    assert [figure["index"] for figure in outcome.result["figures"]] == [0]
    assert outcome.notes == []
    assert len(run(PLOT + "def calculate():\n    plt.plot([1])\n    return {}").figures) == 1


def test_a_returned_figure_is_not_added_again(run: Run) -> None:
    outcome = run(PLOT + "def calculate():\n    return {'f': plt.figure()}")
    assert set(outcome.result) == {"f"}


def test_open_figures_without_a_place_are_noted(run: Run) -> None:
    for value in ("3", "{'figures': 1}"):
        outcome = run(PLOT + f"def calculate():\n    plt.plot([1])\n    return {value}")
        assert outcome.figures == []
        assert outcome.notes == [
            "1 figure was drawn but not returned. Return a dictionary: it gets them as figures.\n"
        ]


def test_figures_can_be_inline(run: Run) -> None:
    outcome = run(PLOT + "def calculate():\n    return plt.figure()", inline_figures=True)
    assert outcome.figures == []
    assert base64.b64decode(outcome.result["data"]).startswith(b"<?xml")


def test_sixteen_figures_are_the_limit(run: Run) -> None:
    code = (
        PLOT
        + "def calculate():\n    plt.rcParams['figure.max_open_warning'] = 0\n    return [plt.figure(figsize=(1, 1)) for _ in range({n})]"
    )
    assert len(run(code.replace("{n}", "16")).figures) == 16
    error = run(code.replace("{n}", "17")).error
    assert error["kind"] == "result_too_large"
    assert error["message"] == "The result holds more than 16 figures, the limit. Return fewer of them."
    open_ones = code.replace("return [", "x = [").replace("{n}", "18") + "\n    return {'a': 1}"
    outcome = run(open_ones)
    assert len(outcome.figures) == 16
    assert outcome.notes == ["2 figures were left out: a result holds 16.\n"]


def test_a_figure_too_large_as_svg_is_a_png(run: Run) -> None:
    code = PLOT + "def calculate():\n    plt.plot(*numpy.random.rand(2, 150_000), '.'); return plt.gcf()"
    outcome = run(code)
    ((_, kind, data),) = outcome.figures
    assert kind == outcome.result["format"] == "png"
    assert data.startswith(b"\x89PNG")
    assert 400 < outcome.result["width"] < 800


def test_a_figure_that_cannot_be_drawn(run: Run) -> None:
    error = run(PLOT + "def calculate():\n    plt.title('$\\\\frac{$'); return {'f': plt.gcf()}").error
    assert error["kind"] == "python"
    assert error["message"].startswith('The figure result["f"] could not be drawn: ValueError:')
