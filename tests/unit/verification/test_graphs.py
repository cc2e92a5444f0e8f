"""`verify` on graphs that are no chain: what is right is equal, and each state that is wrong is named."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from verified_graph import GRAPH, SPIKES, verified
from wrong_executors import Edited, answering, changed, executors, in_memory

from snnc.hwsim import oracle
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.report.verdict import Outcome, verdict
from snnc.stages import QuantizedGraph, Rung, Synapse, Trace
from snnc.verification.compare import first_divergence, trace_rungs
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify


def test_the_graph_is_what_its_tests_need() -> None:
    assert GRAPH.order == ("x", "p", "h", "g", "y", "z")
    trace = oracle.run_graph(GRAPH, SPIKES)
    assert all(layer.spikes.any() for layer, each in zip(trace, GRAPH.stateful, strict=True) if each.spikes)
    assert trace.layers[GRAPH.trace_index("h")].w.any()


def test_what_agrees_is_bit_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Edited(lambda graph, trace: answering(graph, trace), "right")
    report = verified(monkeypatch, right, generated=12)
    assert verdict(report).outcome is Outcome.EQUAL
    assert [result.rung for result in report.executors] == [Rung.BIT_EXACT] * 3
    assert report.golden_reproduced
    answers = report.executors[2].answers
    assert answers == tuple(
        f"program, {name}: readout, scores, classes, names, scores so far, classes so far" for name in "yz"
    )
    assert report.inputs == {"golden": 3, "own": 5, "generated": 12}
    assert report.executors[1].saturations == 0
    labelled = [InputGroup("own", SPIKES, np.zeros(5, np.int64))]
    known = executors()
    monkeypatch.setattr("snnc.verification.comparison.load_executor", known.__getitem__)
    found = verify(in_memory(GRAPH, SPIKES[:3]), labelled, executors=["oracle"])
    assert "labels and accuracy are of the readout y, the first" in found.notes


STATES = [
    (("h", "u", (1, 2, 0)), "u"),
    (("h", "w", (1, 2, 0)), "w"),
    (("g", "v", (1, 2, 1)), "v"),
    (("z", "spikes", (1, 2, 1)), "spike"),
    (("y", "v", (1, 5, 2)), "v"),
]


@pytest.mark.parametrize(("change", "variable"), STATES)
def test_a_wrong_state_is_named(
    change: tuple[str, str, tuple[int, int, int]], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = verified(monkeypatch, Edited(lambda graph, trace: changed(graph, trace, change)))
    first = report.first_divergence
    assert first is not None
    result, found = first
    name, _, (sample, step, neuron) = change
    assert result.name == "edited"
    assert (found.split, found.sample, found.step) == ("golden", sample, step)
    assert (found.layer, found.neuron, found.variable) == (name, neuron, variable)
    assert abs(found.found - found.expected) == 1
    assert found.diagnosis.unknown is None
    assert not found.diagnosis.causes, "a single value is no rule"
    assert found.diagnosis.tried > 100
    assert (
        found.vicinity.expected_v[step]
        == oracle.run_graph(GRAPH, SPIKES).layers[GRAPH.trace_index(name)].v[sample, step, neuron]
    )
    assert verdict(report).outcome is Outcome.NOT_EQUAL


def test_first_follows_the_contract_order_then_neuron_then_u_w_v_spike() -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    everywhere = [
        ("h", "u", (1, 0, 0)),  # a later sample
        ("h", "u", (0, 4, 0)),  # a later step
        ("y", "u", (0, 3, 0)),  # first in the list, but computed later
        ("g", "u", (0, 3, 0)),
        ("h", "u", (0, 3, 1)),  # a later neuron
        ("h", "spikes", (0, 3, 0)),
        ("h", "v", (0, 3, 0)),
        ("h", "w", (0, 3, 0)),
    ]
    for count, variable in ((8, "w"), (7, "v"), (6, "spike")):
        found = first_divergence(GRAPH, trace, changed(GRAPH, trace, *everywhere[:count]), SPIKES, "own")
        assert (found.sample, found.step, found.layer, found.neuron) == (0, 3, "h", 0)
        assert found.variable == variable
    for count, place in ((5, ("h", 1)), (4, ("g", 0)), (3, ("y", 0))):
        found = first_divergence(GRAPH, trace, changed(GRAPH, trace, *everywhere[:count]), SPIKES, "own")
        assert (found.layer, found.neuron) == place


def test_synapses_name_their_population_and_what_they_deliver() -> None:
    """y at step 1: h and g spike in step 0 and 1; the projection from h has delay 1 and exponent 1."""
    spikes = np.zeros((1, 6, 3), np.uint8)
    spikes[0, 0] = [1, 1, 0]
    trace = oracle.run_graph(GRAPH, spikes)
    h, g = (trace.layers[GRAPH.trace_index(name)].spikes[0] for name in "hg")
    found = first_divergence(GRAPH, trace, changed(GRAPH, trace, ("y", "u", (0, 1, 2))), spikes, "own")
    expected = [Synapse(j, (-2, 1)[j], 0, 1, "g") for j in range(2) if g[1, j]]
    expected += [Synapse(j, 2, 1, 0, "h") for j in range(2) if h[0, j]]
    assert h[0].any()
    assert list(found.synapses) == expected


@pytest.mark.parametrize(
    ("change", "rung"),
    [
        (("h", "w", (0, 2, 0)), Rung.SHIFTED_SPIKES),
        (("y", "v", (0, 5, 0)), Rung.SHIFTED_SPIKES),  # after the end of y
        (("h", "spikes", (0, 2, 0)), Rung.READOUT),
        (("y", "v", (0, 3, 0)), Rung.CLASS),
    ],
)
def test_rungs(change: tuple[str, str, tuple[int, int, int]], rung: Rung) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    assert max(trace_rungs(GRAPH, trace, changed(GRAPH, trace, change))) is rung


def test_a_spiking_readout_is_its_spikes() -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    held = trace_rungs(GRAPH, trace, changed(GRAPH, trace, ("z", "spikes", (0, 2, 0))))
    assert Rung.READOUT not in held


def test_a_trace_without_w_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(graph: QuantizedGraph, trace: Trace) -> Trace:
        layers = [replace(layer, w=None, w_clips=None) for layer in trace]
        return replace(trace, layers=tuple(layers))

    result = verified(monkeypatch, Edited(without)).executors[2]
    assert result.failed is not None
    assert "h is of the model adlif and has no w" in result.failed


def test_the_report_has_tables_by_population_and_draws_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Edited(lambda graph, trace: changed(graph, trace, ("h", "w", (1, 2, 0))))
    report = verified(monkeypatch, wrong)
    assert [row["name"] for row in report.layers] == list(GRAPH.order)
    text = to_json(report)
    assert from_json(text) == report
    assert json.loads(text)["network"]["projections"][3] == {
        **{"source": "g", "destination": "g", "synapses": 2, "delays": [1, 1], "weight_exp": 0},
        "recurrent": True,
    }
    page = to_html(report)
    assert 'class="network"' in page
    assert "g to g: 2 synapses, delay 1, recurrent" in page
    assert page.count('class="recurrent"') == 3
    assert "Populations of the exported network" in page
    assert "none of the known causes fits" in page
    assert "first divergence" in to_junit(report).lower() or "edited" in to_junit(report)


def test_only_some_populations_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Edited(lambda graph, trace: changed(graph, trace, ("h", "w", (1, 2, 0))))
    assert verified(monkeypatch, wrong, layers=["g", "z"]).executors[2].rung is Rung.BIT_EXACT
    report = verified(monkeypatch, wrong, layers=["g", "h"])
    assert report.layers_compared == ("h", "g")
    assert report.first_divergence is not None
