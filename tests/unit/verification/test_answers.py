"""Answers against clause 7: scores, classes and names, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from answers_by_hand import CLASSES, NAMES, SCORES, V, differences, graph, one, trace

from snnc.decoding import softmax
from snnc.errors import StageError
from snnc.stages import Answer, Rung, Trace
from snnc.verification.answers import _printed, answer_differences, rungs_with
from snnc.verification.state_answers import saturation_difference


def test_what_is_right_is_equal() -> None:
    said = ("class2", "class0")
    assert differences(one(readout=V, scores=SCORES, classes=CLASSES, names=NAMES, said=said)) == []
    assert answer_differences(graph(), trace(), trace(), "test") == {}


def edited(value: float, *place: int) -> np.ndarray:
    changed = SCORES.copy()
    changed[place] = value
    return changed


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            one(scores=SCORES, classes=[0, 0]),
            (0, "class", "class", "2 (class2)", "0 (class0)", "smallest score"),
        ),
        (one(classes=[0, 0]), (0, "class", "class", "2 (class2)", "0 (class0)", "smallest score")),
        (
            one(scores=SCORES, classes=[1, 0]),
            (0, "class", "class", "2 (class2)", "1 (class1)", "not the larg"),
        ),
        (one(scores=SCORES, classes=[2, 2]), (1, "class", "class", "0 (class0)", "2 (class2)", "the first")),
        (one(classes=[3, 0]), (0, "class", "class", "2 (class2)", "3, which is none", "no such class")),
        (one(classes=[-1, 0]), (0, "class", "class", "2 (class2)", "-1, which is none", "no such class")),
        (
            one(scores=SCORES[:, ::-1], classes=[0, 0]),
            (0, "score", "score of class 0 (class0)", "0.285714286", "1.14285714", "other places"),
        ),
        (one(scores=-SCORES), (0, "score", "score of class 0 (class0)", "0.2857", "-0.2857", "add up to -2")),
        (
            one(scores=SCORES / 2),
            (0, "score", "score of class 0 (class0)", "0.2857", "0.1428", "add up to 1 "),
        ),
        (one(scores=edited(np.nan, 1, 1)), (1, "score", "score of class 1", "0.6666", "nan", "no number")),
        (
            one(scores=edited(2 / 3 + 1e-13, 1, 2)),
            (1, "score", "score of class 2", "0.6666", "0.6666", "softm"),
        ),
        (
            one(names=NAMES[::-1]),
            (None, "name", "name of class 0", "class0", "class2", "order of the class n"),
        ),
        (one(names=("class0", "b", "class2")), (None, "name", "name of class 1", "class1", "b", "holds")),
        (one(said=("class2", "class1")), (1, "name", "name of class 0", "class0", "class1", "into a name")),
        (
            one(readout=[V[0], [[0, 0, 0], [5, 6, 5]]]),
            (1, "v", "v of layer neuron 1 in step 1", "5", "6", "states were not compared"),
        ),
    ],
)
def test_what_is_wrong_is_named(answer: Answer, expected: Sequence[Any]) -> None:
    first, *_ = differences(answer)
    sample, kind, what, right, found, look_at = expected
    assert (first.by, first.split, first.sample, first.kind) == ("it", "test", sample, kind)
    assert first.what.startswith(what)
    assert first.expected.startswith(right)
    assert first.found.startswith(found)
    assert look_at in first.look_at


def test_scores_of_another_scale_are_wrong() -> None:
    """1, 1/2 and 1/4 for the logarithms: shares of 16/21, 4/21 and 1/21."""
    (wrong,) = differences(one(scores=[[2 / 21, 8 / 21, 32 / 21], [2 / 3, 2 / 3, 2 / 3]], classes=CLASSES))
    assert (wrong.kind, wrong.sample) == ("score", 0)
    assert "readout_scale" in wrong.look_at


def test_rounding_is_no_difference() -> None:
    upper = edited(2 / 3 + 1e-15, 1, 2)  # the last is the largest by rounding, and may be taken
    assert differences(one(scores=upper, classes=[2, 2])) == []
    assert [wrong.kind for wrong in differences(one(scores=upper, classes=[2, 0]))] == ["class"]
    assert differences(one(scores=edited(2 / 3 + 1e-15, 1, 0), classes=CLASSES)) == []


def test_without_scores_equal_v_is_decided_by_the_index_and_equal_scores_by_either() -> None:
    assert differences(one(classes=[2, 0])) == []
    for taken in (1, 2):
        (wrong,) = differences(one(classes=[2, taken]))
        assert wrong.kind == "class"
        assert "must take the first" in wrong.look_at
    v = [[[0, 5, 0], [5, 0, 0]]]  # in other steps: the order of the sum may decide
    for taken, kinds in ((0, []), (1, []), (2, ["class"])):
        found = answer_differences(graph(), trace(v=v), trace(one(classes=[taken]), v=v), "test")
        assert [*found] == kinds


def test_the_type_says_how_near() -> None:
    near = (SCORES * (1 + 1e-7)).astype(np.float32)
    assert differences(one(scores=near, classes=CLASSES)) == []
    assert [wrong.kind for wrong in differences(one(scores=near.astype(np.float64)))] == ["score"]
    far = (SCORES * (1 + 1e-4)).astype(np.float32)
    assert [wrong.kind for wrong in differences(one(scores=far))] == ["score"]


def test_the_bound_holds_for_float32_and_is_not_idle() -> None:
    """Clause 7 in float32, in the plainest order, on states as large as a membrane's."""
    rng = np.random.default_rng(0)
    v = rng.integers(-(2**21), 2**21, (40, 30, 20)).astype(np.int32)
    scale = 2.0**-17
    exact, found = softmax.scores(v, scale), np.zeros((40, 20), np.float32)
    for step in range(30):
        x = v[:, step].astype(np.float32) * np.float32(scale)
        e = np.exp(x - x.max(axis=1, keepdims=True), dtype=np.float32)
        total = np.zeros((40, 1), np.float32)
        for index in range(20):
            total += e[:, index : index + 1]
        found += e / total
    bound = softmax.tolerance(v, scale, np.float32)
    off = np.abs(found - exact).max(axis=1)
    assert (off <= bound).all()
    assert (off > bound / 10_000).all()
    assert (bound < 1e-3).all()


def test_a_wrong_class_of_other_states_is_not_blamed_on_argmax() -> None:
    other = [[[2, 1, 0], [2, 1, 0]], V[1]]
    found = differences(one(scores=SCORES[:, ::-1], classes=[0, 0]), v=other)
    assert [(wrong.kind, wrong.look_at) for wrong in found] == [
        ("score", "the states first: v of the readout differs too"),
        ("class", "the states first: v of the readout differs too"),
    ]


def test_saturations_are_compared_where_both_count() -> None:
    def counted(wraps: int | None) -> Trace:
        return replace(trace(), layers=(replace(trace().layers[0], u_wraps=wraps),))

    assert saturation_difference(graph(), counted(3), counted(3), "test") == {}
    assert saturation_difference(graph(), counted(3), counted(None), "test") == {}
    wrong = saturation_difference(graph(), counted(3), counted(2), "test")["saturations"]
    assert (wrong.what, wrong.expected, wrong.found) == ("wraps of u in layer", "3", "2")


@pytest.mark.parametrize(
    ("kinds", "highest"),
    [
        ((), Rung.BIT_EXACT),
        (("saturations",), Rung.SHIFTED_SPIKES),
        (("score",), Rung.CLASS),
        (("v",), Rung.CLASS),
        (("v", "class"), Rung.ACTIVITY),
        (("name",), Rung.ACTIVITY),
    ],
)
def test_rungs(kinds: tuple[str, ...], highest: Rung) -> None:
    answers = (one(classes=CLASSES),)
    assert max(rungs_with(frozenset(Rung), answers, set(kinds))) == highest


def test_the_rung_class_is_what_was_decoded() -> None:
    states = frozenset({Rung.NOTHING, Rung.ACTIVITY})
    assert max(rungs_with(states, (one(classes=CLASSES),), set())) == Rung.CLASS
    assert max(rungs_with(states, (one(readout=V),), set())) == Rung.ACTIVITY
    assert max(rungs_with(states, (one(classes=CLASSES),), {"class"})) == Rung.ACTIVITY
    assert max(rungs_with(states, (one(classes=CLASSES),), set(), readouts=0)) == Rung.ACTIVITY


@pytest.mark.parametrize(
    "answer",
    [
        one(scores=SCORES[:, :2]),
        one(classes=[2]),
        one(names=("a", "b")),
        one(said=("class2",)),
        one(readout=np.zeros((2, 1, 3), np.int32)),
    ],
)
def test_shapes_must_be_those_of_the_graph(answer: Answer) -> None:
    with pytest.raises(StageError, match="it"):
        differences(answer)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"scores": [1]},
        {"scores": [["1"]]},
        {"classes": [0.5]},
        {"classes": [1, 2], "said": ["a"]},
        {"readout": [[1]]},
    ],
)
def test_an_answer_that_is_none_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(StageError, match="answer of it"):
        one(**fields)


def test_a_scale_beyond_floating_point_is_told() -> None:
    wild = graph().changed(readout_scale=1e308)
    with pytest.raises(StageError, match=r"readout layer: scale is up to 1e\+308.* range of floating point"):
        answer_differences(wild, trace(), trace(one(classes=CLASSES)), "test")


def test_parts_of_a_trace_keep_their_answers() -> None:
    whole = trace(one(scores=SCORES, classes=CLASSES, names=NAMES, said=("class2", "class0")))
    (part,) = whole.part(slice(1, 2)).answers
    assert (part.classes.tolist(), part.said, part.names) == ([0], ("class0",), NAMES)
    np.testing.assert_array_equal(part.scores, SCORES[1:])


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("\u00e9\u2713", True),
        ("\u00e9?", True),
        ("\\xe9\\u2713", True),
        ("??", True),
        ("?", False),
        ("ab", False),
    ],
)
def test_a_stdout_that_lacks_a_character_gets_a_question_mark_or_its_escape(said: str, right: bool) -> None:
    assert _printed("\u00e9\u2713", said) == right
