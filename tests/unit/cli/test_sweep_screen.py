"""The tables of a sweep on a screen: no number is cut, and no line is longer than the screen."""

from __future__ import annotations

import pytest

from snnc.cli.sweep import _print

ACCURACIES = [
    f"{name}, %" for name in ("Gaussian delays", "rounded only", "whole delays", "8 bits", "4 bits")
]
TESTED = [f"{name}, test, %" for name in ("whole delays", "8 bits", "4 bits")]
HEADINGS = ["variant", "hidden", "parameters", "folds", "seeds", *ACCURACIES, *TESTED]
CELLS = [
    [name, "192-96", "15744", "5", "3", *(f"{first + part}.1 ± 1{part}.4" for part in range(8))]
    for name, first in (("learned", 70), ("none", 50))
]


def shown(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    _print("cv: validation unless marked", HEADINGS, CELLS)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [40, 80, 100])
def test_columns_without_room_follow_below(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(width, monkeypatch, capsys)
    assert max(map(len, lines)) <= width
    for name, *numbers in CELLS:
        rows = [line.strip() for line in lines if line.strip().startswith(name)]
        assert len(rows) > 1
        assert " ".join(" ".join(row.removeprefix(name).split()) for row in rows) == " ".join(numbers)
    text = " ".join(" ".join(lines).split())
    assert not [word for heading in HEADINGS for word in heading.split() if word not in text]


def test_a_wide_screen_has_one_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(200, monkeypatch, capsys)
    assert [" ".join(line.split()) for line in lines if " ± " in line] == [" ".join(row) for row in CELLS]


def test_a_long_name_goes_on_below(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It gets a third of the screen, so that numbers have room."""
    monkeypatch.setenv("COLUMNS", "60")
    _print("t", ["run", "accuracy, %"], [["a" * 50, "12.3"]])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "a" in line[:3]]
    assert [row[0] for row in rows] == ["a" * 20, "a" * 20, "a" * 10]
    assert rows[0][1:] == ["12.3"]
