"""What an executor of a graph answers beside its states: every wrong score, class, fact or count is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from verified_graph import GRAPH, SPIKES, verified
from wrong_executors import Edited, answering, counted

from snnc.errors import StageError
from snnc.hwsim import oracle
from snnc.stages import Answer, QuantizedGraph, Rung, Trace
from snnc.verification.answers import answer_differences, of_layers


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
