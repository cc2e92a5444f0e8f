"""`verify` on graphs that are no chain: what is right is equal, and each value that is wrong is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, readout, source
from wrong_executors import Edited, answering, changed, counted, executors, in_memory

from snnc.errors import StageError
from snnc.hwsim import oracle
from snnc.io.traces.npz import write_npz
from snnc.io.traces.reader import open_trace
from snnc.io.traces.writer import select, write_trace
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.report.verdict import Outcome, verdict
from snnc.stages import Answer, QuantizedGraph, Report, Rung, Synapse, Trace
from snnc.verification.answers import answer_differences, of_layers
from snnc.verification.compare import first_divergence, trace_rungs
from snnc.verification.compare_files import compare_files
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify


def graph() -> QuantizedGraph:
    """Two inputs, an `adlif` and a `lif` that are recurrent, and two readouts, one of which ends early.

    In the list the readouts stand before their sources, so the contract order is another: x, p, h, g, y, z.
    """
    return graph_of(
        [
            source("x", 2),
            li("y", 3, end=4),
            lif("z", 2, threshold=1),
            source("p", 1, payload_max=3),
            adlif("h", 2, threshold=1, ka=100, kb=40, decay_w=1024, decay_v=2048),
            lif("g", 2, threshold=2, reset="subtract", reset_by=2, decay_v=1024),
        ],
        [
            dense("x", "h", [[5, 3], [2, 6]], [[0, 1], [1, 0]]),
            dense("h", "g", [[4, 1], [2, 5]], 0),
            dense("g", "h", [[-1, 1], [1, -2]], 2),
            dense("g", "g", [[1, 0], [0, 1]], 1),
            dense("p", "g", [[1], [1]], 1),
            dense("g", "y", [[3, 1], [1, 4], [-2, 1]], 0),
            dense("h", "y", [[1, 0], [0, 1], [1, 1]], 1, exp=1),
            dense("g", "z", [[2, 2], [1, 3]], 0),
        ],
        6,
        [readout("y", "softmax", 3, [0.01, 0.02, 0.01]), readout("z", "count", 2)],
    )


GRAPH = graph()
SPIKES = np.random.default_rng(1).integers(0, 2, (5, 6, 3)).astype(np.uint8)
SPIKES[:, :, 2] *= 3


def verified(monkeypatch: pytest.MonkeyPatch, *given: Any, **options: Any) -> Report:
    known = executors(*given)
    monkeypatch.setattr("snnc.verification.comparison.load_executor", known.__getitem__)
    monkeypatch.setattr("snnc.verification.comparison.all_executors", lambda: dict.fromkeys(known, ""))
    artifact = in_memory(GRAPH, SPIKES[:3])
    return verify(artifact, [InputGroup("own", SPIKES)], **{"allow_missing": True, "generated": 0} | options)


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
    assert any("not searched in graphs that are no chain yet" in note for note in report.notes)
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


def scores(population: str, value: float, *place: int) -> dict[str, Any]:
    trace = oracle.run_graph(GRAPH, SPIKES)
    (answer,) = (each for each in answering(GRAPH, trace).answers if each.of == population)
    changed_scores = np.array(answer.scores)
    changed_scores[place] += changed_scores.dtype.type(value)
    return {"scores": changed_scores}


def differences(**others: dict[str, Any]) -> list[tuple[Any, ...]]:
    trace = oracle.run_graph(GRAPH, SPIKES)
    found = answering(GRAPH, trace, **others)
    return [
        (each.sample, each.kind, each.what)
        for each in answer_differences(GRAPH, trace, found, "own").values()
    ]


def test_answers_of_every_readout_are_compared() -> None:
    assert differences() == []
    trace = oracle.run_graph(GRAPH, SPIKES)
    y, z = answering(GRAPH, trace).answers
    right = int(z.classes[2])
    wrong = np.array(z.classes)
    wrong[2] = 1 - right
    assert differences(z={"classes": wrong}) == [(2, "class", "class of z")]
    late = np.array(y.readout)
    late[0, 4, 0] += 1  # after its end
    assert differences(y={"readout": late}) == []
    late[0, 3, 0] += 1
    assert differences(y={"readout": late}) == [(0, "v", "v of y neuron 0 in step 3")]
    fired = np.array(z.readout)
    fired[1, 5, 1] ^= 1
    assert differences(z={"readout": fired}) == [(1, "spike", "spike of z neuron 1 in step 5")]
    assert differences(y={"names": ("class0", "b", "class2")}) == [(None, "name", "name of class 1 of y")]


def test_scores_of_counts_are_exact_and_those_of_v_within_rounding() -> None:
    assert differences(z=scores("z", 1, 3, 0))[0] == (3, "score", "score of class 0 (class0) of z")
    assert differences(y=scores("y", 1e-9, 3, 2))[0] == (3, "score", "score of class 2 (class2) of y")
    assert differences(y=scores("y", 1e-15, 3, 2)) == []
    early = np.array(answering(GRAPH, oracle.run_graph(GRAPH, SPIKES)).answers[1].scores_so_far)
    early[0, 2, 1] += 1
    assert differences(z={"scores_so_far": early})[0] == (
        0,
        "score",
        "score of class 1 (class1) of z after step 2",
    )


def test_float32_scores_of_a_scale_that_is_subnormal_there_have_no_bound() -> None:
    readouts = (replace(GRAPH.readouts[0], scale=1e-40), GRAPH.readouts[1])
    small = replace(GRAPH, readouts=readouts)
    trace = oracle.run_graph(small, SPIKES)
    right = answering(small, trace).answers[0]
    given = Answer("program", of="y", scores=right.scores.astype(np.float32), classes=right.classes)
    (found,) = answer_differences(small, trace, replace(trace, answers=(given,)), "own").values()
    assert (found.sample, found.kind, found.what) == (None, "score", "scores of y")
    assert "subnormal in float32" in found.look_at


def test_an_answer_must_say_of_which_readout_it_is() -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    for of, problem in ((None, "does not say of which readout"), ("h", "is of h, no readout")):
        given = replace(trace, answers=(Answer("it", classes=[0] * 5, of=of),))
        with pytest.raises(StageError, match=f"answer of it: {problem}.*y, z"):
            answer_differences(GRAPH, trace, given, "own")
    with pytest.raises(StageError, match="scores are int64"):
        differences(y={"scores": np.zeros((5, 3), int)})


def test_layers_that_are_not_compared_take_their_answers_with_them() -> None:
    found = answering(GRAPH, oracle.run_graph(GRAPH, SPIKES))
    assert [each.of for each in of_layers(GRAPH, found, ["z", "h"]).answers] == ["z"]
    assert of_layers(GRAPH, found, ["h"]).answers == ()
    assert of_layers(GRAPH, found, None) is found


FACTS = {
    **{"layers": 4, "layer_names": ("y", "z", "h", "g"), "neurons": 9, "inputs": 3},
    **{"input_names": ("x", "p"), "populations": 6, "projections": 8, "readouts": 2, "payload_max": 3},
    **{"readout_names": ("y", "z"), "decoders": ("softmax", "count"), "time_steps": 6},
    **{"order": ("x", "p", "h", "g", "y", "z"), "semantics_version": 2, "classes": 3, "end": 4},
    **{"readout_scale": ("0.01", "0.02", "0.01"), "decoder": "softmax", "synapses": 30},
}
"""By hand, of the readout y."""


def test_facts() -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)

    def wrong(of: str | None = "y", **facts: Any) -> list[str]:
        given = replace(trace, answers=(Answer("it", facts=facts, of=of),))
        return [each.what for each in answer_differences(GRAPH, trace, given, "own").values()]

    assert wrong(**FACTS) == []
    assert wrong(None, layers=5) == ["layers of the network"]
    assert wrong(end=6) == ["end of y"]
    with pytest.raises(StageError, match="does not say of which"):
        wrong(None, classes=3)


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (partial(counted, name="h", count="w_clips"), "clips of w in h"),
        (partial(counted, name="g", count="u_wraps"), "wraps of u in g"),
    ],
)
def test_counts_of_saturations(
    edit: Callable[[QuantizedGraph, Trace], Trace], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = verified(monkeypatch, Edited(edit))
    result = report.executors[2]
    assert result.answer is not None
    assert (result.answer.kind, result.answer.what) == ("saturations", what)
    assert result.rung is Rung.SHIFTED_SPIKES


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


def test_trace_files_hold_any_graph(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    with write_trace(tmp_path / "t.h5", GRAPH, "oracle", select(GRAPH), len(SPIKES)) as writer:
        writer.append(SPIKES, trace)
    with open_trace(tmp_path / "t.h5", None) as found:
        assert found.models == ("li", "lif", "adlif", "lif")
        assert [found.layers[k] for k in found.order] == ["h", "g", "y", "z"]
        assert [(each.layer, each.decoder, each.end) for each in found.readouts] == [
            (0, "softmax", 4),
            (1, "count", 6),
        ]
        assert found.readouts[0].scale.tolist() == [0.01, 0.02, 0.01]
        np.testing.assert_array_equal(found.read_input(slice(None)), SPIKES)
        for index, (layer, model) in enumerate(zip(trace, found.models, strict=True)):
            for name in ("u", "w", "v", "spikes"):
                held = name in {"u", "v"} or (name == "w" and model == "adlif")
                assert found.holds(index, name) == (held or (name == "spikes" and model != "li"))
                if found.holds(index, name):
                    np.testing.assert_array_equal(found.read(index, name, slice(None)), getattr(layer, name))


def test_traces_of_graphs_in_the_other_forms(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    write_npz(tmp_path / "t.npz", GRAPH, SPIKES, [np.zeros(5, np.int64)] * 2, [trace])
    held = {"u", "v", "w"}
    nodes = {
        node: nir.NIRNodeData({name: nir.TimeGriddedData(values, GRAPH.bin_s) for name, values in of.items()})
        for node, of in {
            "population0_x": {"spikes": SPIKES[:, :, :2]},
            "population3_p": {"spikes": SPIKES[:, :, 2:]},
            "population4_h": {name: getattr(trace.layers[2], name) / 64 for name in held},
        }.items()
    }
    nir.write_data(tmp_path / "t.nirdata", nir.NIRGraphData(nodes))
    for path, layers in (("t.npz", range(4)), ("t.nirdata", [2])):
        with open_trace(tmp_path / path, GRAPH) as found:
            np.testing.assert_array_equal(found.read_input(slice(None)), SPIKES)
            for index in layers:
                layer = trace.layers[index]
                assert found.holds(index, "w") == (layer.w is not None)
                for name in [name for name in ("u", "w", "v", "spikes") if found.holds(index, name)]:
                    np.testing.assert_array_equal(found.read(index, name, slice(None)), getattr(layer, name))


def recorded(path: Path, trace: Trace, **chosen: Any) -> Path:
    with write_trace(path, GRAPH, trace.executor, select(GRAPH, **chosen), len(SPIKES)) as writer:
        writer.append(SPIKES, trace)
    return path


def test_files_of_graphs_are_compared_as_traces_are(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    everywhere = [("y", "u", (2, 3, 0)), ("h", "spikes", (2, 3, 0)), ("h", "w", (2, 3, 0))]
    right = recorded(tmp_path / "a.h5", trace)
    for count, place, rung in (
        (3, ("h", "w"), Rung.READOUT),
        (2, ("h", "spike"), Rung.READOUT),
        (1, ("y", "u"), Rung.SHIFTED_SPIKES),
    ):
        wrong = recorded(tmp_path / f"{count}.h5", changed(GRAPH, trace, *everywhere[:count]))
        with open_trace(right, None) as left, open_trace(wrong, None) as other:
            found = compare_files(left, other, GRAPH)
        assert found.rung is rung
        d = found.divergence
        assert (d.sample, d.step, d.layer, d.variable) == (2, 3, *place)
        assert (d.diagnosis.unknown, d.diagnosis.causes) == (None, ())
        alone = first_divergence(GRAPH, trace, changed(GRAPH, trace, *everywhere[:count]), SPIKES, "trace")
        assert (found.unnamed, d.synapses) == (None, alone.synapses)


def test_a_window_behind_the_end_of_a_readout_says_nothing_of_it(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    late = {"layers": ["y"], "steps": "4:"}
    paths = [
        recorded(tmp_path / "a.h5", trace, **late),
        recorded(tmp_path / "b.h5", changed(GRAPH, trace, ("y", "u", (0, 5, 0))), **late),
    ]
    with open_trace(paths[0], None) as left, open_trace(paths[1], None) as right:
        assert compare_files(left, right).rung is Rung.NOTHING
