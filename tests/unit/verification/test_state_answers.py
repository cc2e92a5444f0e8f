"""States that an executor gives beside its trace, against the reference's; all by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from loihi_artifacts import chain, layer

from snnc.errors import StageError
from snnc.stages import Answer, LayerTrace, Rung, Trace
from snnc.verification.answers import answered, of_layers
from snnc.verification.conformance import difference
from snnc.verification.conformance_nets import Net
from snnc.verification.state_answers import saturation_difference, state_difference, state_rungs

GRAPH = chain(layer([[1], [1]], name="hidden", threshold=1), layer([[1, 1]], name="readout"), time_steps=3)
HIDDEN, READOUT = "hidden", "readout"
Change = tuple[int, str, tuple[int, int, int]]


def states(*changes: Change, counts: tuple[int | None, int | None] = (None, None)) -> tuple[LayerTrace, ...]:
    """Zero in two samples, but for what is named: layer, variable and place."""
    arrays = [
        {name: np.zeros((2, 3, neurons), kind) for name, kind in (("u", int), ("v", int), ("spikes", bool))}
        for neurons in (2, 1)
    ]
    for index, name, place in changes:
        arrays[index][name][place] = 1
    return tuple(LayerTrace(**each, u_wraps=counts[0], v_clips=counts[1]) for each in arrays)


def found(*builds: tuple[LayerTrace, ...]) -> Trace:
    given = tuple(Answer(f"build {n}", states=each) for n, each in enumerate(builds))
    return Trace("it", states(), {}, given)


RIGHT = found()


def test_equal_states_are_no_difference() -> None:
    assert state_difference(GRAPH, RIGHT, found(states(), states()), "test") == {}
    assert state_rungs(GRAPH, RIGHT, found(states())) == frozenset(Rung)
    assert state_difference(GRAPH, RIGHT, RIGHT, "test") == {}


def test_the_first_place_of_all_builds_is_named() -> None:
    late = states((0, "u", (1, 0, 0)), (1, "v", (0, 2, 0)))
    early = states((1, "u", (0, 1, 0)), (0, "spikes", (0, 1, 1)), (0, "v", (0, 2, 0)))
    (wrong,) = state_difference(GRAPH, RIGHT, found(states(), late, early), "test").values()
    assert (wrong.by, wrong.split, wrong.sample, wrong.kind) == ("build 2", "test", 0, "spike")
    assert (wrong.what, wrong.expected, wrong.found) == (f"spike of {HIDDEN} neuron 1 in step 1", "0", "1")
    (wrong,) = state_difference(GRAPH, RIGHT, found(late, early), "test", [READOUT]).values()
    assert (wrong.by, wrong.what) == ("build 1", f"u of {READOUT} neuron 0 in step 1")
    (wrong,) = state_difference(GRAPH, RIGHT, found(late), "test", [HIDDEN]).values()
    assert (wrong.sample, wrong.what) == (1, f"u of {HIDDEN} neuron 0 in step 0")


@pytest.mark.parametrize(
    ("change", "highest"),
    [
        ((0, "u", (0, 0, 0)), Rung.SHIFTED_SPIKES),
        ((0, "v", (1, 2, 1)), Rung.SHIFTED_SPIKES),
        ((0, "spikes", (1, 2, 1)), Rung.READOUT),
        ((1, "v", (1, 2, 0)), Rung.CLASS),
    ],
)
def test_they_lower_the_rung(change: Change, highest: Rung) -> None:
    """One class, so that the decoded class is always the same."""
    assert max(state_rungs(GRAPH, RIGHT, found(states(), states(change)))) == highest


def test_counts_of_builds_are_compared() -> None:
    expected = Trace("reference", states(counts=(0, 0)))
    assert saturation_difference(GRAPH, expected, found(states(), states(counts=(0, None))), "test") == {}
    more = found(states(), states(counts=(0, 2)))
    (wrong,) = saturation_difference(GRAPH, expected, more, "test", [READOUT]).values()
    assert (wrong.by, wrong.what, wrong.found) == ("build 1", f"clips of v in {READOUT}", "2")


def test_states_that_do_not_fit_are_refused() -> None:
    with pytest.raises(StageError, match="build 0"):
        state_difference(GRAPH, RIGHT, found(states()[:1]), "test")
    with pytest.raises(StageError, match="samples"):
        Trace("it", states(), {}, (Answer("it", states=tuple(each.part(slice(1)) for each in states())),))
    with pytest.raises(StageError, match="differ in samples"):
        Answer("it", classes=[0], states=states())


def test_a_part_keeps_them() -> None:
    whole = found(states((0, "u", (1, 2, 1))))
    (part,) = whole.part(slice(1, 2)).answers
    assert part.states is not None
    assert part.samples == 1
    assert part.states[0].u.nonzero() == (0, 2, 1)


def test_what_is_compared_is_said() -> None:
    both = replace(RIGHT, answers=(Answer("a", classes=[0, 0], states=states()), Answer("b", classes=[0, 0])))
    assert answered(both) == ("a: classes, states", "b: classes")
    assert answered(of_layers(GRAPH, both, [HIDDEN])) == ("a: states",)


def test_the_conformance_suite_compares_them() -> None:
    net = Net("net", GRAPH, np.zeros((2, 3, 1), np.uint8))
    assert difference(net, RIGHT, found(states())) is None
    wrong = difference(net, RIGHT, found(states(), states((0, "u", (0, 1, 1)))))
    assert wrong is not None
    assert wrong.startswith(f"build 1: sample 0, step 1, layer {HIDDEN}, neuron 1: u is 1")
    expected = Trace("reference", states(counts=(0, 0)))
    wrong = difference(net, expected, found(states(counts=(3, 0))))
    assert wrong == f"build 0: layer {HIDDEN}: u_wraps is 3, expected 0"
