"""The report's section of the chip, the console's line and the words of both."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from report_examples import chip, equal
from report_page import Page
from rich.console import Console

from snnc.report import chip as words
from snnc.report.chip_picture import DARKEST, picture
from snnc.report.console import print_report
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.plots import step_bars


@pytest.mark.parametrize(
    ("picoseconds", "text"),
    [
        (0, "0 s"),
        (1, "1.00 ps"),
        (999, "999 ps"),
        (1000, "1.00 ns"),
        (12_345, "12.3 ns"),
        (999_600, "1,000 ns"),
        (2_500_000, "2.50 µs"),
        (3 * 10**12, "3.00 s"),
        (4_321 * 10**12, "4,321 s"),
        (0.5, "500 fs"),
    ],
)
def test_times_by_hand(picoseconds: float, text: str) -> None:
    assert words.seconds(picoseconds) == text


def test_energies_by_hand() -> None:
    assert [words.joules(value) for value in (1700, 23_600, 10**9)] == ["1.70 pJ", "23.6 pJ", "1.00 µJ"]


@pytest.mark.parametrize(
    ("holds", "text"),
    [
        ({"a": "0:64"}, "neurons 0–63 of a"),
        ({"a": "7"}, "neuron 7 of a"),
        ({"a": "0:3,5"}, "neurons 0–2 and 5 of a"),
        ({"a": "0:3,5,7:9"}, "neurons 0–2, 5 and 7–8 of a"),
        ({"a": "0:3,5,7,9"}, "6 neurons of a"),
        ({"a": "0:2", "b": "1"}, "neurons 0–1 of a and neuron 1 of b"),
    ],
)
def test_what_a_core_holds(holds: dict[str, str], text: str) -> None:
    assert words.held(holds) == text


def test_the_critical_core_in_words() -> None:
    # 1420 of 2000 µs; half of it reading, half synaptic operations, the first of equals; neurons 100 of 2000.
    assert words.critical(chip()) == (
        "core 0.5 holds neurons 0–59 and 63 of hidden2; its synapse unit works for 71 % of the time, 50 % of "
        "that for finding and reading synapses; its neuron unit meanwhile for 5.0 %"
    )


def test_a_core_that_only_updates_in_words() -> None:
    core = replace(chip().cores[0], synapse_time=dict.fromkeys(chip().cores[0].synapse_time, 0))
    found = words.critical(replace(chip(), cores=(core,)))
    assert found.endswith("; its neuron unit works for 10 % of the time, all of that for neuron updates")


def test_rows_by_hand() -> None:
    cores = words.core_rows(chip())
    assert [row["core"] for row in cores] == ["0.5", "0.0", "0.1"]
    assert cores[0] == {
        "core": "0.5",
        "tile": "1, 0",
        "holds": "neurons 0–59 and 63 of hidden2",
        "neurons": "5.0 %",
        "synapses": "71 %",
        "busiest in": "100 % of steps",
        "energy": "950 nJ",  # 1900 over two samples
    }
    assert words.link_rows(chip())[0] == {
        "link": "0, 0 → 1, 0",
        "messages": "40",
        "in use": "0.5 %",
        "messages waited": "1.50 µs",
    }
    assert words.operation_rows(chip())[-1] == {
        "operation": "synaptic operations, weights in lists",
        "count": "4,500",  # 9001 over two samples; half a synapse goes
        "energy": "1.40 µJ",
        "share": "70 %",
    }
    assert words.kind_shares(chip()) == [
        ("synaptic operations", "1.40 µJ", 70.0),
        ("neuron updates", "500 nJ", 25.0),
        ("the mesh", "100 nJ", 5.0),
    ]
    assert {row["measure"]: row["value"] for row in words.workload_rows(chip())} == {
        "synaptic operations per sample, if every source fired": "50,000",
        "synaptic operations per sample, effective": "4,500",
        "activation sparsity": "0.7581",  # 1 - 300 / 1240
        "connection sparsity": "0.2500",
        "footprint in bytes": "96",
    }
    assert [row["time"] for row in words.other_rows(chip())] == ["1.00 ms", "250 µs"]


def test_every_operation_is_of_one_kind() -> None:
    kinds = [name for members in words.KINDS.values() for name in members]
    assert sorted(kinds) == sorted(words.OPERATIONS)


def test_the_picture() -> None:
    found = picture(chip())
    assert len(found.tiles) == 2  # columns 0 and 1 of row 0
    assert len(found.places) == 8
    assert found.shown == "2 of 32 tiles"
    time, energy = found.maps
    assert [(cell.name, cell.value) for cell in time.cells] == [
        ("0.0", "20 %"),
        ("0.1", "15 %"),
        ("0.5", "71 %"),
    ]
    assert [cell.value for cell in energy.cells] == ["500 nJ", "450 nJ", "950 nJ"]
    assert time.cells[2].opacity == DARKEST
    assert time.darkest == "71 %"
    east, west = found.arrows
    assert (east.hot, west.hot) == (True, False)
    assert east.width > west.width
    assert east.x2 > east.x1
    assert west.x2 < west.x1
    assert east.y1 != west.y1  # side by side
    # Core 0 is at the top left of tile 0, core 1 beside it, core 5 the second of tile 1.
    assert time.cells[0].y == time.cells[1].y == time.cells[2].y
    assert time.cells[0].x < time.cells[1].x < time.cells[2].x


def test_the_section() -> None:
    text = Page(to_html(equal())).text
    for part in (
        "Estimates, not measurements.",
        "from loihi1 : made up for <tests>",
        "for 2 samples of test",
        "Time a sample 1.00 ms its steps last 0.5 s, 500 times as long",
        "Time a step 100 µs 10 steps a sample; the longest takes 150 µs",
        "Energy a sample 2.00 µJ 70 % of it for synaptic operations",
        "Core 0.5 holds neurons 0–59 and 63 of hidden2; its synapse unit works for 71 % of the time",
        "takes another 5.0 % of the time",
        "leads from tile 0, 0 to 1, 0: 40 messages a sample, in use for 0.5 % of the time",
        "time of the barrier: grows evenly",
    ):
        assert part in text, part


def test_the_steps() -> None:
    plot = step_bars(chip())
    (bars,) = plot.figure["data"]
    assert bars["y"] == [55, 65, 75, 85, 95, 105, 115, 125, 135, 145]  # µs, mean of two samples
    assert "the slowest is step 9 with 145 µs, the quickest takes 55.0 µs" in plot.alternative


def test_golden_inputs_are_named() -> None:
    report = equal()
    assert "Beware: golden inputs" in to_html(replace(report, chip_inputs="golden"))
    assert "Beware" not in to_html(report)


def test_without_costs_the_section_says_so() -> None:
    report = replace(equal(), chip=None)
    assert "no constants for loihi are published" in to_html(report)
    assert from_json(to_json(report)) == report


def test_json_holds_all_of_it() -> None:
    report = equal()
    assert report.chip == chip()
    assert from_json(to_json(report)) == report


def test_the_line_in_the_console() -> None:
    out = io.StringIO()
    print_report(equal(), Console(file=out, width=80))
    assert (
        "on the chip: 1.00 ms and 2.00 µJ a sample (estimate, loihi1; counted on 2 samples of test)\n"
        in out.getvalue()
    )


def test_no_message_left_its_tile() -> None:
    report = replace(equal(), chip=replace(chip(), links=()))
    text = to_html(report)
    assert "No message left its tile." in text
    assert not re.search(r'class="link hot"', text)


def test_constants_without_energy() -> None:
    free = tuple(replace(each, energy=0) for each in chip().operations)
    text = to_html(replace(equal(), chip=replace(chip(), energy=0, operations=free)))
    assert not re.search(r"% of it for", text)


def test_other_constants_as_a_range() -> None:
    """Two samples: 500 µs and 4 µJ are 250 µs and 2 µJ a sample; 1 ms and 6 µJ are 500 µs and 3 µJ."""
    found = chip()
    assert words.by_others(found) == "with other constants 250 µs and 2.00 µJ"
    more = replace(found.others[0], latency=1000 * 10**6, energy=6000 * 10**6)
    both = replace(found, others=(more, *found.others))
    assert words.by_others(both) == "with other constants 250 µs to 500 µs and 2.00 µJ to 3.00 µJ"
    assert words.by_others(replace(found, others=())) == ""


def test_an_operation_without_energy_is_not_said_to_be_free() -> None:
    found = chip()
    operations = tuple(replace(each, count=5, energy=0) for each in found.operations if each.name == "spike")
    (row,) = words.operation_rows(replace(found, operations=operations))
    assert (row["energy"], row["share"]) == ("none published", "–")
