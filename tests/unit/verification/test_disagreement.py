"""What a report says of a network that is not what it was converted from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc
from snnc.cli import main
from snnc.exporter.expectation.agreement import Agreement
from snnc.exporter.expectation.held import Held
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_network
from snnc.verification.disagreement import UNREADABLE, disagreement, doubts

EQUAL = {"places": 600, "different": 0, "through": 0, "spikes": 90}


def row(places: int, different: int, through: int, spikes: int | None) -> dict[str, Any]:
    return {"places": places, "different": different, "through": through, "spikes": spikes}


def test_all_equal_or_nothing_known() -> None:
    assert disagreement({}) == ""
    assert disagreement({"expected": {"module": "Net", "populations": {"l1": EQUAL}}}) == ""


def test_a_module() -> None:
    """161 of 10,000 differ: 98.39 %; 33 of 40: 17.5 %."""
    rows = {"l1": row(10_000, 161, 200, 512), "l2": EQUAL, "out": row(40, 33, 40, None)}
    assert disagreement({"expected": {"module": "Net", "populations": rows}}) == (
        "the network is not the module Net: spikes of l1 equal in 98.39 % of places, "
        "v of out equal in 17.50 % of places (least_agreement)"
    )


def test_a_file_whose_spikes_differ_only_where_the_network_computes_alone() -> None:
    rows = {f"l{number}": row(100, 0, 1, 7) for number in range(6)}
    said = disagreement({"expected": {"file": "a\n.npz", "populations": rows}})
    assert said.startswith(
        "the network is not what a\\n.npz recorded: spikes of l0 equal in 99.00 % of places"
    )
    assert said.endswith("l3 equal in 99.00 % of places, 2 more populations differ (--expect-at-least)")


def test_other_events_than_the_example() -> None:
    """They are told where the example shows nothing."""
    said = "l1: on other events, in bursts, module and network differ in 2 of 3840 places"
    rows = {"module": "Net", "populations": {"l1": EQUAL}, "other_events": [f"{said}\n", "l2: and so on"]}
    whole = f"the network is not the module Net: {said}\\n (least_agreement)"
    assert disagreement({"expected": rows}) == whole
    rows["populations"] = {"l1": row(200, 1, 1, 9)}
    assert disagreement({"expected": rows}) == (
        "the network is not the module Net: spikes of l1 equal in 99.50 % of places (least_agreement)"
    )


def test_the_verification_of_an_export_and_its_report_say_it(tmp_path: Path) -> None:
    """A neuron that never spikes, as its module on the example; on other events they differ."""
    events, silent = np.zeros((1, 6, 2), np.uint8), np.zeros((1, 6, 1), np.bool_)
    said = "a: on other events, in bursts, module and network differ in 2 of 3840 places"
    held = Held({"module": "Net"}, events, (Agreement("a", 6, 0, 0, 0, None),), {"a": silent}, (said,))
    exported = snnc.Network(graph(lif(1), dense([1.0, 1.0])), "net", held=held).export("c", tmp_path / "c")
    found = exported.verify(events, ["hwsim"], generated=0, allow_missing=True, verbose=False)
    whole = f"the network is not the module Net: {said} (least_agreement)"
    assert whole in str(found)
    answer = exported.report.read_text().partition("Can I deploy?")[2].partition("</div>")[0]
    assert "Check first" in answer
    assert said in answer


@pytest.mark.parametrize(
    "expected",
    [
        "98 %",
        [],
        {"module": "Net"},
        {"module": "Net", "populations": [1]},
        {"module": "Net", "populations": {"l1": 7}},
        {"module": "Net", "populations": {"l1": row(10, 11, 0, 1)}},
        {"module": "Net", "populations": {"l1": row(10, -1, 0, 1)}},
        {"module": "Net", "populations": {"l1": {**EQUAL, "different": 0.5}}},
        {"module": "Net", "populations": {"l1": {"places": 3}}},
        {"module": "Net", "populations": {"l1": EQUAL}, "other_events": 2},
    ],
)
def test_a_record_that_is_damaged_is_said(expected: object) -> None:
    assert disagreement({"expected": expected}) == UNREADABLE


def test_what_was_noted_of_a_module_that_looks_at_numbers() -> None:
    looks = "item takes numbers out; compared on the example, silence and other events alone"
    noted = {"note 1": "output 0 is decoded by its sum", "note 2": looks}
    assert doubts({"imported": noted}) == (f"the module may be another network for other input: {looks}",)
    assert doubts({}) == doubts({"imported": "?"}) == ()


CALL = {"data": "x", "train": 8, "validation": 2, "epochs": 3, "target": "c", "weight_bits": 3}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"kept": 2}, "changed its weights"),
        ({"kept": 0}, "clipped its largest weights"),
        ({"kept": 0, "changed": False}, None),
    ],
)
def test_a_network_that_was_fine_tuned_is_no_longer_its_module(
    call: dict[str, Any], said: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `from_torch` and `finetune` leave it: with the example's layout, and without what was held."""
    network = graph(lif(1), dense([1.0, 1.0]))
    record = {"weight_bits": 3, "epoch": call["kept"], "uses": [CALL | call]}
    for layout, told in (("TNC", said), (None, None)):
        folder = tmp_path / str(layout)
        export_network(network, "c", folder, ExportOptions(), name="Net", layout=layout, finetuned=record)
        quick = ["--executors", "hwsim", "--generated", "0", "--allow-missing"]
        assert main(["verify", str(folder), *quick]) == 0
        lines = capsys.readouterr().out.splitlines()
        line = f"the network is no longer the module Net: fine-tuning {told} after from_torch had read it"
        assert any(line in each for each in lines) == (told is not None)
        page = (folder / "report.html").read_text()
        assert (line.removeprefix("the ") in page) == (told is not None)
        assert any("no longer the module" in each for each in lines) == (told is not None)
