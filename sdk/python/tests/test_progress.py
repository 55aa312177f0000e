import io
from collections.abc import Iterator

import pytest

import mecapy
from mecapy._progress import set_sink


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def fresh_terminal() -> Iterator[None]:
    set_sink(None)
    yield
    set_sink(None)


def test_writes_lines_to_a_file_or_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    mecapy.progress(0)
    mecapy.progress(0.4, "meshing")
    mecapy.progress(0.401, "meshing")
    mecapy.progress(1)
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "  0 %\n 40 %  meshing\n100 %\n"


def test_draws_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    mecapy.progress(0.5, "a long message")
    mecapy.progress(1.0)
    first, second = terminal.getvalue().split("\r")[1:]
    assert first == "█" * 15 + "░" * 15 + "  50 %  a long message"
    assert second == ("█" * 30 + " 100 %").ljust(len(first)) + "\n"


def test_works_without_a_terminal_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    mecapy.progress(0.5)


@pytest.mark.parametrize(
    ("fraction", "told"),
    [(0, 0.0), (0.25, 0.25), (1, 1.0), (1.0000001, 1.0), (-3, 0.0), (float("nan"), 0.0), (float("inf"), 1.0)],
)
def test_tells_the_sink_a_fraction_from_0_to_1(fraction: float, told: float) -> None:
    said: list[tuple[float, str]] = []
    set_sink(lambda *one: said.append(one))
    mecapy.progress(fraction, "x")
    assert said == [(told, "x")]


def test_refuses_what_is_no_number() -> None:
    with pytest.raises(
        TypeError, match=r"progress takes a fraction from 0 to 1, not a str: progress\(0\.4\)"
    ):
        mecapy.progress("forty")  # type: ignore[arg-type]
