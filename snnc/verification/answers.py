"""Comparison of what programs answer beside their states: readout, scores, classes and names (clause 7).

What is expected is computed from the reference's integers. Scores agree within a bound of rounding errors. A
class must be one whose expected score is the largest within that bound; and where the program gives scores
too, it must be the first of the largest of these, exactly: so ties are decided by the contract, whatever the
rounding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import decode
from snnc.errors import StageError
from snnc.stages import Answer, AnswerDifference, QuantizedGraph, Rung, Trace
from snnc.verification.facts import FACT, fact_differences
from snnc.verification.so_far import so_far_differences
from snnc.verification.state_answers import SATURATIONS, STATES

KINDS = ("u", "v", "spike", "score", "class", "name", FACT, SATURATIONS)
"""In the order in which they count as first within one sample."""

HIGHEST = {"v": Rung.CLASS, "score": Rung.CLASS, "class": Rung.ACTIVITY, "name": Rung.ACTIVITY}
HIGHEST |= dict.fromkeys((FACT, SATURATIONS, STATES), Rung.SHIFTED_SPIKES)
"""The highest rung that is left where an answer differs in something of that kind."""

DECODER = "the softmax, the sum over the steps and readout_scale in the program's decoder"


@dataclass(frozen=True, slots=True)
class _Expected:
    """Clause 7 of the reference: `likely` marks the classes that may be the answer, [samples, classes]."""

    readout: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float64]
    classes: npt.NDArray[np.intp]
    scale: float
    names: tuple[str, ...]

    def near(self, dtype: npt.DTypeLike) -> npt.NDArray[np.float64]:
        """How far a score in `dtype` may be off, [samples, 1]."""
        return decode.tolerance(self.readout, self.scale, dtype)[:, None]

    def likely(self, dtype: npt.DTypeLike) -> npt.NDArray[np.bool_]:
        # Both the largest and this one may be off.
        return self.scores >= self.scores.max(axis=1, keepdims=True) - 2 * self.near(dtype)

    def name(self, index: int) -> str:
        known = 0 <= index < len(self.names)
        return f"{index} ({plain(self.names[index])})" if known else f"{index}, which is none"


def answer_differences(
    graph: QuantizedGraph, expected: Trace, found: Trace, split: str
) -> dict[str, AnswerDifference]:
    """Of each kind of `KINDS` the first difference of `found.answers`, the first of all first.

    `expected` is the reference's trace of the same samples.

    Raises
    ------
    StageError
        If an answer does not fit `graph`.
    """
    if not found.answers:
        return {}
    readout, scale = expected.readout, graph.readout_scale
    with np.errstate(over="ignore", invalid="ignore"):
        scores = decode.scores(readout, scale)
    if not np.isfinite(scores).all():
        raise StageError(f"graph: v times the readout_scale {scale} exceeds the range of floating point")
    right = _Expected(readout, scores, scores.argmax(axis=1), scale, graph.class_names)
    same = np.array_equal(readout, found.readout)
    every = [each for answer in found.answers for each in _differences(graph, right, answer, split, same)]
    every.sort(key=place)
    first: dict[str, AnswerDifference] = {}
    for each in every:
        first.setdefault(each.kind, each)
    return first


def place(difference: AnswerDifference) -> tuple[float, int]:
    """Where it stands; smaller is first. Of what is of no sample, names are before all, the rest behind."""
    sample: float | None = difference.sample
    if sample is None:
        sample = -1 if difference.kind == "name" else float("inf")
    return sample, KINDS.index(difference.kind)


def answered(found: Trace, *, readout_compared: bool = True) -> tuple[str, ...]:
    """What of the answers of a trace is compared, in words."""
    return tuple(
        f"{answer.by}: {', '.join(each.replace('_', ' ') for each in gives)}"
        for answer in found.answers
        if (gives := [each for each in answer.gives if readout_compared or each == STATES])
    )


def rungs_with(
    held: frozenset[Rung], answers: tuple[Answer, ...], kinds: set[str], *, readout_compared: bool = True
) -> frozenset[Rung]:
    """The rungs that hold for states and answers, of those `held` for the states.

    `kinds` are those in which the answers differ. The rung "class" is about what the program decoded, if it
    decodes.
    """
    decoded = readout_compared and any(answer.classes is not None for answer in answers)
    highest = min((HIGHEST[kind] for kind in kinds), default=Rung.BIT_EXACT)
    if decoded and highest >= Rung.CLASS:
        held |= {Rung.CLASS}
    return frozenset(rung for rung in held if rung <= highest)


def plain(text: str) -> str:
    """`text` in one line of printable characters, as programs print names."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def _printed(name: str, said: str) -> bool:
    """Whether `said` is `name` in print: a stdout that lacks a character may get "?" or its escape."""
    escaped = ((c, c.encode("ascii", "backslashreplace").decode()) for c in plain(name))
    forms = (re.escape(c) if c.isascii() else rf"(?:{c}|\?|{re.escape(e)})" for c, e in escaped)
    return re.fullmatch("".join(forms), said) is not None


def _differences(
    graph: QuantizedGraph, right: _Expected, answer: Answer, split: str, same_readout: bool
) -> Iterator[AnswerDifference]:
    _check(graph, right, answer)

    def difference(sample: int | None, kind: str, what: str, *words: str) -> AnswerDifference:
        expected, found, look_at = words
        return AnswerDifference(answer.by, split, sample, kind, what, expected, found, look_at)

    if answer.readout is not None and (at := _first(answer.readout != right.readout)):
        sample, step, neuron = at
        yield difference(
            sample,
            "v",
            f"v of {graph.layers[-1].name} neuron {neuron} in step {step}",
            str(right.readout[at]),
            str(answer.readout[at]),
            "how this way runs the network: its states were not compared" if same_readout else "the states",
        )
    if answer.scores is not None and (at := _first(_score_wrong(right, answer))):
        sample, index = at
        yield difference(
            sample,
            "score",
            f"score of class {right.name(index)}",
            f"{right.scores[at]:.9g} (within {right.near(answer.scores.dtype)[sample, 0]:.1e})",
            f"{answer.scores[at]:.9g}",
            _why_scores(right, answer.scores[sample], sample, same_readout),
        )
    if answer.classes is not None and (at := _first(_class_wrong(right, answer))):
        sample = at[0]
        expected = int(right.classes[sample])
        if answer.scores is not None and expected == answer.classes[sample]:  # not by its own
            expected = int(answer.scores[sample].argmax())
        yield difference(
            sample,
            "class",
            "class",
            right.name(expected),
            right.name(int(answer.classes[sample])),
            _why_class(right, answer, sample, same_readout),
        )
    yield from so_far_differences(answer, right.readout, right.scale, right.name, split, same_readout)
    yield from fact_differences(graph, answer, split)
    if answer.names is not None and answer.names != right.names:
        pairs = list(zip(right.names, answer.names, strict=True))
        index = next(i for i, (ours, theirs) in enumerate(pairs) if ours != theirs)
        mixed = sorted(answer.names) == sorted(right.names)
        yield difference(
            None,
            "name",
            f"name of class {index}",
            *map(plain, pairs[index]),
            "the order of the class names" if mixed else "the class names that the program holds",
        )
    if answer.said is not None:
        for sample, said in enumerate(answer.said):
            taken = right.classes if answer.classes is None else answer.classes
            index = int(taken[sample])
            name = right.names[index] if 0 <= index < len(right.names) else ""
            if not _printed(name, plain(said)):
                where = "how the program turns a class into a name"
                yield difference(sample, "name", f"name of class {index}", plain(name), plain(said), where)
                break


def _check(graph: QuantizedGraph, right: _Expected, answer: Answer) -> None:
    """Raise `StageError` unless the shapes are those of the graph and the reference."""
    samples, steps, classes = right.readout.shape
    for name, expected in (
        ("readout", (samples, steps, classes)),
        ("scores", (samples, classes)),
        ("classes", (samples,)),
        ("scores_so_far", (samples, steps, classes)),
        ("classes_so_far", (samples, steps)),
        ("said", (samples,)),
        ("names", (classes,)),
    ):
        value: Any = getattr(answer, name)
        if value is not None and (shape := np.shape(value)) != expected:
            raise StageError(f"answer of {answer.by}: {name} has shape {shape}, expected {expected}")


def _score_wrong(right: _Expected, answer: Answer) -> npt.NDArray[np.bool_]:
    assert answer.scores is not None
    near: npt.NDArray[np.bool_] = np.abs(answer.scores - right.scores) <= right.near(answer.scores.dtype)
    return ~near  # and NaN is near to nothing


def _class_wrong(right: _Expected, answer: Answer) -> npt.NDArray[np.bool_]:
    """Whether the class of each sample is none that clause 7 allows."""
    assert answer.classes is not None
    dtype = np.float64 if answer.scores is None else answer.scores.dtype
    at, inside = answer.classes, (answer.classes >= 0) & (answer.classes < right.scores.shape[1])
    likely = right.likely(dtype)[np.arange(len(at)), np.where(inside, at, 0)]
    held: npt.NDArray[np.bool_] = inside & likely
    if answer.scores is not None:
        held &= at == answer.scores.argmax(axis=1)
    else:  # of classes with equal v, so with equal scores whatever the rounding, the first
        v = right.readout[np.arange(len(at)), :, np.where(inside, at, 0)]
        held &= at == (right.readout == v[:, :, None]).all(axis=1).argmax(axis=1)
    return ~held


def _first(differs: npt.NDArray[np.bool_]) -> tuple[int, ...] | None:
    """The first place that is true, lowest sample first."""
    at = int(differs.argmax()) if differs.size else 0
    return tuple(map(int, np.unravel_index(at, differs.shape))) if differs.size and differs.flat[at] else None


def _why_scores(right: _Expected, found: npt.NDArray[np.floating], sample: int, same_readout: bool) -> str:
    """What to look at where scores are wrong; nothing is said that the scores do not show."""
    if not same_readout:
        return "the states first: v of the readout differs too"
    expected, near = right.scores[sample], right.near(found.dtype)[sample, 0]
    if not np.isfinite(found).all():
        return f"{DECODER}: it gives a score that is no number"
    if np.abs(np.sort(found) - np.sort(expected)).max() <= near:
        return "the order of the classes: the scores are right and stand in other places"
    steps = right.readout.shape[1]
    if abs(found.sum() - steps) > max(1e-6 * steps, len(found) * near):
        return f"{DECODER}: the scores add up to {found.sum():.6g} instead of the {steps} steps"
    return DECODER


def _why_class(right: _Expected, answer: Answer, sample: int, same_readout: bool) -> str:
    """What to look at where a class is wrong."""
    assert answer.classes is not None
    taken = int(answer.classes[sample])
    own = right.scores[sample] if answer.scores is None else answer.scores[sample]
    if not 0 <= taken < len(own):
        return "the program's argmax: there is no such class"
    if answer.scores is not None and taken == int(own.argmax()):
        return (
            "the scores, whose largest it is"
            if same_readout
            else "the states first: v of the readout differs too"
        )
    if own[taken] == own.max():
        return "the program's argmax: of classes with equal scores it must take the first"
    if not same_readout and answer.scores is None:
        return "the states first: v of the readout differs too"
    if taken == int(own.argmin()):
        return "the program's argmax: it takes the class with the smallest score"
    return "the program's argmax: it decodes a class whose score is not the largest"
