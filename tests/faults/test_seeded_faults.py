"""`snnc verify` catches a fault in any one executor: exit code 1, and layer, neuron and step named.

Faults: one weight by 1, one delay by 1, `>=` for `>`, and a decay that rounds down instead of toward
zero; in each of the executors, and in the program that was emitted for Lava.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from faults import (
    LAVA_FLOOR_DECAY,
    LAVA_GREATER_OR_EQUAL,
    OnChangedGraph,
    bumped,
    edit_npz,
    with_layer,
)
from models import ON_GOLDEN, tamper
from planting import copy_of, imported
from seeded_executors import FLOOR, GREATER_OR_EQUAL

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.plugins.executors import EXECUTORS
from snnc.report.json_report import from_json
from snnc.stages import Divergence

pytestmark = pytest.mark.slow

SYNAPSE = (3, 1)
"""Neuron and input of the changed synapse of hidden1; both of its arrays are far from their limits."""


def first_divergence(
    artifact: Path, capsys: pytest.CaptureFixture[str], name: str, *options: str
) -> Divergence:
    """Verify, require exit code 1 and a message that says where, and return the recorded divergence.

    The golden vectors alone must show it: no input is searched for.
    """
    against = "oracle" if name == "torch" else name
    inputs = ON_GOLDEN
    capsys.readouterr()
    code = main(["verify", str(artifact), *inputs, "--executors", against, *options])
    output = capsys.readouterr().out
    assert code == 1, output
    assert "NOT EQUAL" in output
    assert re.search(r"step \d+, layer \w+, neuron \d+", output), output
    report = from_json((artifact / "report.json").read_text())
    assert not report.trusted
    found = [result.divergence for result in report.executors if result.divergence is not None]
    assert len(found) == 1
    return found[0]


def test_without_a_fault_it_is_equal(tiny_artifact, capsys):
    options = [*ON_GOLDEN, "--executors", "oracle,hwsim", "-v"]
    assert main(["verify", str(tiny_artifact), *options]) == 0
    assert "Bit-exact: torch = oracle = hwsim over 8 samples" in capsys.readouterr().out


@pytest.mark.parametrize("array", ["weight", "delay"])
@pytest.mark.parametrize("name", FLOOR)
def test_a_synapse_off_by_one(name, array, tiny_artifact, monkeypatch, capsys):
    graph = read_artifact(tiny_artifact).graph
    assert graph.layers[0].weight[SYNAPSE] != 0
    changed = {array: bumped(getattr(graph.layers[0], array), SYNAPSE)}
    wrong = OnChangedGraph(name, lambda graph: with_layer(graph, 0, **changed))
    real = {key: OnChangedGraph(key, lambda graph: graph) for key in EXECUTORS if key != name}
    monkeypatch.setattr(
        "snnc.verification.comparison.load_executor", lambda key: wrong if key == name else real[key]
    )
    found = first_divergence(tiny_artifact, capsys, name)
    assert (found.layer, found.neuron, found.variable) == ("hidden1", SYNAPSE[0], "u")
    weight = int(graph.layers[0].weight[SYNAPSE])
    if array == "weight":  # one weight step is 64 in u, each time the synapse delivers
        assert abs(found.expected - found.found) == 64
    else:
        assert abs(found.expected - found.found) == 64 * abs(weight)


@pytest.mark.parametrize("edits", [GREATER_OR_EQUAL, FLOOR], ids=["greater-or-equal", "decay rounds down"])
@pytest.mark.parametrize("name", FLOOR)
def test_wrong_arithmetic(name, edits, tiny_artifact, tmp_path, monkeypatch, capsys):
    copy = copy_of(name, edits[name], tmp_path, monkeypatch)
    imported(copy.partition(":")[0])
    monkeypatch.setitem(EXECUTORS, name, copy)
    found = first_divergence(tiny_artifact, capsys, name)
    check_arithmetic(found, edits is FLOOR)


def check_arithmetic(found: Divergence, floor: bool) -> None:
    """The two faults act where they must: at the threshold, and on a negative membrane."""
    assert (found.layer, found.variable) == ("hidden1", "v")
    if floor:
        assert abs(found.expected - found.found) == 1
        assert found.expected < 0
    else:  # neuron 0 meets its threshold exactly; one side keeps v, the other resets it
        assert found.neuron == 0
        assert 0 in (found.expected, found.found)
        assert max(found.expected, found.found) % 64 == 0


@pytest.fixture
def nothing_smaller(monkeypatch):
    """No smaller case is looked for, since each run starts Lava; whether the files differ is still asked."""
    monkeypatch.setattr("snnc.verification.shrinking.shrink.RUNS", 0)


@pytest.mark.lava
@pytest.mark.usefixtures("nothing_smaller")
@pytest.mark.parametrize("name", ["lava-stock", "lava-event"])
@pytest.mark.parametrize("array", ["weight", "delay"])
def test_a_synapse_off_by_one_in_lavas_program(name, array, tiny_artifact, capsys):
    tamper(tiny_artifact, "program.npz", lambda data: edit_npz(data, f"{array}_0", SYNAPSE))
    found = first_divergence(tiny_artifact, capsys, name, "--trust-program")
    assert (found.layer, found.neuron, found.variable) == ("hidden1", SYNAPSE[0], "u")
    check_the_files_are_blamed(found)


@pytest.mark.lava
@pytest.mark.usefixtures("nothing_smaller")
@pytest.mark.parametrize("name", ["lava-stock", "lava-event"])
@pytest.mark.parametrize(("fault", "floor"), [(LAVA_GREATER_OR_EQUAL, False), (LAVA_FLOOR_DECAY, True)])
def test_wrong_arithmetic_in_lava(name, fault, floor, tiny_artifact, capsys):
    tamper(tiny_artifact, "lava_network.py", lambda data: data + fault.encode())
    found = first_divergence(tiny_artifact, capsys, name, "--trust-program")
    check_arithmetic(found, floor)
    check_the_files_are_blamed(found)


@pytest.mark.lava
def test_a_search_for_a_smaller_case_in_lava_ends_at_the_files(tiny_artifact, capsys):
    tamper(tiny_artifact, "program.npz", lambda data: edit_npz(data, "weight_0", SYNAPSE))
    found = first_divergence(tiny_artifact, capsys, "lava-event", "--trust-program")
    assert found.reproducer.runs > 0
    check_the_files_are_blamed(found)


def check_the_files_are_blamed(found: Divergence) -> None:
    """The search for a smaller case emits each network anew, and then there is no fault."""
    assert found.reproducer is not None
    assert "the fault is in the files of the artifact" in (found.reproducer.absent or "")


def test_the_recorded_golden_readout_is_compared(tiny_artifact, capsys):
    """A reference that no longer gives what the exporting machine recorded is not trusted."""
    from snnc.exporter.golden import golden_data, pack_golden

    artifact = read_artifact(tiny_artifact)
    changed = np.array(artifact.golden_readout)
    changed[2, 3, 1] += 1
    golden = np.array(artifact.golden_input), (changed,)
    tamper(tiny_artifact, "golden.npz", lambda _: pack_golden(artifact.graph, *golden))
    tamper(tiny_artifact, "golden.nirdata", lambda _: golden_data(artifact.graph, *golden))
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]) == 1
    assert "golden" in capsys.readouterr().out
    assert json.loads((tiny_artifact / "report.json").read_text())["golden_reproduced"] is False
