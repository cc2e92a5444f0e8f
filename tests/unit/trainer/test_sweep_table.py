"""The table of a sweep: intervals, folds, failures, and its forms."""

import json
from pathlib import Path
from typing import Any

import pytest
from order_task import config

from snnc.errors import InputError
from snnc.trainer.sweep import SweepRun
from snnc.trainer.sweep_table import (
    Estimate,
    Row,
    estimate,
    rows,
    run_cells,
    to_cells,
    to_html,
    to_json,
    to_markdown,
)


def test_the_interval() -> None:
    # Mean 0.8, s = 0.1, n = 3; t(0.975, 2) = 4.302653 by the tables: 4.302653 * 0.1 / sqrt(3).
    found = estimate([0.7, 0.8, 0.9])
    assert found.mean == pytest.approx(0.8)
    assert found.half_width == pytest.approx(0.2484138, abs=1e-6)
    # Two values a, b: s = |a - b| / sqrt(2) and t(0.975, 1) = 12.7062, so 12.7062 * |a - b| / 2.
    assert estimate([0.5, 0.6]).half_width == pytest.approx(0.63531, abs=1e-5)
    assert estimate([0.5]).half_width is None
    assert str(found) == "80.0 ± 24.8"
    assert str(estimate([0.5])) == "50.0"
    # Means of folds that are equal but for rounding.
    assert str(estimate([0.1 + 0.2, 0.3, 0.3], ["a", "b", "c"])) == "30.0, all alike"


def test_the_interval_over_folds_is_that_of_their_means() -> None:
    """Folds 0.6 and 0.8 of two and of one run: mean 0.7, half-width 12.7062 * 0.2 / 2, as above."""
    found = estimate([0.5, 0.8, 0.7], ("x", "y", "x"))
    assert found.values == (0.5, 0.8, 0.7)
    assert found.mean == pytest.approx(0.7)
    assert found.half_width == pytest.approx(1.27062, abs=1e-5)
    assert estimate([0.5, 0.7], ("x", "x")).half_width is None


def test_the_table_of_folds(tmp_path: Path) -> None:
    runs = [SweepRun("a", config(seed=0), tmp_path, fold) for fold in "xy"]
    table = rows(list(zip(runs, (record(0.9, 0.5, 0.7), record(0.9, 0.7, 0.8)), strict=True)))
    assert to_markdown(to_cells(table)).splitlines() == [
        "| variant | hidden | parameters | folds | seeds | Gaussian delays, % | rounded only, % "
        "| whole delays, % |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| a | 32 | 1104 | 2 | 1 | 90.0, all alike | 60.0 ± 127.1 | 75.0 ± 63.5 |",
    ]
    (row,) = json.loads(to_json(table, {}))["rows"]
    assert row["folds"] == ["x", "y"]
    assert row["accuracy"]["final"]["values"] == [0.7, 0.8]


def record(gaussian: float, rounded: float, final: float, sha: str = "x") -> dict[str, Any]:
    stages = {"gaussian": gaussian, "rounded": rounded, "final": final}
    return {
        "validation": {name: {"accuracy": value, "loss": 1.0} for name, value in stages.items()},
        "parameters": {"trained": 1104},
        "hidden": [32],
        "data": {"sha256": sha},
    }


def test_the_table(tmp_path: Path) -> None:
    runs = [SweepRun("a+b", config(seed=seed), tmp_path) for seed in (4, 5)]
    results = [(runs[0], record(0.9, 0.5, 0.7)), (runs[1], record(0.9, 0.7, 0.7))]
    table = rows(results, {"a+b-seed4": {"test": 0.25}, "a+b-seed5": {"test": 0.75}})
    assert table == [
        Row(
            "a+b",
            (4, 5),
            1104,
            (32,),
            {
                "gaussian": Estimate((0.9, 0.9), 0.9, 0.0),
                "rounded": estimate([0.5, 0.7]),
                "final": Estimate((0.7, 0.7), 0.7, 0.0),
                "test": estimate([0.25, 0.75]),
            },
        )
    ]
    assert to_markdown(to_cells(table)).splitlines() == [
        "| variant | hidden | parameters | seeds | Gaussian delays, % | rounded only, % | whole delays, % "
        "| whole delays, test, % |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| a+b | 32 | 1104 | 2 | 90.0, all alike | 60.0 ± 127.1 | 70.0, all alike | 50.0 ± 317.7 |",
    ]
    content = json.loads(to_json(table, {"c-seed4": "broken"}))
    assert content["rows"][0]["accuracy"]["final"] == {"values": [0.7, 0.7], "mean": 0.7, "half_width": 0.0}
    assert content["failed"] == {"c-seed4": "broken"}
    page = to_html(table, "my sweep")
    assert "my sweep" in page
    assert "a+b" in page
    assert 'src="http' not in page  # nothing is loaded from elsewhere
    results[1][1]["data"]["sha256"] = "y"
    with pytest.raises(InputError, match=r"a\+b-seed5 and a\+b-seed4: data 'order.npz' changed"):
        rows(results)


def test_each_run_is_told_on_its_own_test_split(tmp_path: Path) -> None:
    """A fold holds out its own speakers, so the mean alone hides what a new speaker may get."""
    runs = [SweepRun("a", config(seed=0), tmp_path, fold) for fold in "xy"]
    results = list(zip(runs, (record(0.9, 0.5, 0.7), record(0.9, 0.7, 0.8)), strict=True))
    tested = {
        "a@x-seed0": {"recordings": 4, "test": 0.25, "test-int8": 0.5},
        "a@y-seed0": {"recordings": 10, "test": 0.75},
    }
    assert to_markdown(run_cells(results, tested)).splitlines() == [
        "| run | whole delays, validation, % | recordings, test | whole delays, test, % | 8 bits, test, % |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| a@x-seed0 | 70.0 | 4 | 25.0 | 50.0 |",
        "| a@y-seed0 | 80.0 | 10 | 75.0 | – |",
    ]
    assert "test-int8" not in rows(results, tested)[0].accuracy  # not of all of its runs
    tested["a@y-seed0"]["test-int8"] = 0.7
    table = rows(results, tested)
    assert table[0].accuracy["test-int8"] == estimate([0.5, 0.7], ("x", "y"))
    assert to_cells(table)[0][-2:] == ["whole delays, test, %", "8 bits, test, %"]
    assert json.loads(to_json(table, {}, tested=tested))["tested"] == tested


def test_a_table_of_failures_only_is_empty() -> None:
    assert rows([]) == []
    assert to_markdown(to_cells([])).startswith("| variant |")
