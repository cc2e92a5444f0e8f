"""Comparison of what programs answer beside their states: readouts, scores, classes and names (clause 7).

What is expected is computed from the reference's integers, for each readout by its own decoder. Scores agree
within a bound of rounding errors, those of spikes exactly. A class must be one whose expected score is the
largest within that bound; and where the program gives scores too, it must be the first of the largest of
these, exactly: so ties are decided by the contract, whatever the rounding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.stages import Answer, AnswerDifference, QuantizedGraph, Rung, Trace
from snnc.verification.answer_hints import why_class, why_scores
from snnc.verification.facts import FACT, fact_differences
from snnc.verification.right_answers import Right, RightAnswers, plain
from snnc.verification.so_far import so_far_differences
from snnc.verification.state_answers import SATURATIONS, STATES

KINDS = ("u", "w", "v", "spike", "score", "class", "name", FACT, SATURATIONS)
"""In the order in which they count as first within one sample."""

HIGHEST = {"v": Rung.CLASS, "spike": Rung.CLASS, "score": Rung.CLASS}
HIGHEST |= {"class": Rung.ACTIVITY, "name": Rung.ACTIVITY}
HIGHEST |= dict.fromkeys((FACT, SATURATIONS, STATES), Rung.SHIFTED_SPIKES)
"""The highest rung that is left where an answer differs in something of that kind."""


def of_layers(graph: QuantizedGraph, found: Trace, layers: Collection[str] | None) -> Trace:
    """`found` without what its answers say of readouts that are not among `layers` (all)."""
    if layers is None:
        return found
    compared = [each.population for each in graph.readouts if each.population in layers]
    only = graph.readouts[0].population if len(graph.readouts) == 1 else None
    kept = []
    for answer in found.answers:
        of = only if answer.of is None else answer.of
        if of in compared or (compared and not answer.decodes):
            kept.append(answer)
        elif answer.states is not None:
            kept.append(Answer(answer.by, states=answer.states, of=answer.of))
    return replace(found, answers=tuple(kept))


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
    rights = RightAnswers(graph, expected, found)
    every: list[AnswerDifference] = []
    for answer in found.answers:
        if answer.decodes:
            every += _differences(rights.of(answer), answer, split)
        every += fact_differences(graph, answer, split)
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


def answered(found: Trace) -> tuple[str, ...]:
    """What of the answers of a trace is compared, in words."""
    return tuple(
        f"{answer.by}{'' if answer.of is None else f', {answer.of}'}: "
        f"{', '.join(each.replace('_', ' ') for each in answer.gives)}"
        for answer in found.answers
    )


def rungs_with(
    held: frozenset[Rung], answers: tuple[Answer, ...], kinds: set[str], *, readouts: int = 1
) -> frozenset[Rung]:
    """The rungs that hold for states and answers, of those `held` for the states.

    `kinds` are those in which the answers differ. The rung "class" is about what the program decoded, if it
    decodes all `readouts`: so many are compared.
    """
    decoded = {answer.of for answer in answers if answer.classes is not None}
    highest = min((HIGHEST[kind] for kind in kinds), default=Rung.BIT_EXACT)
    if 0 < readouts <= len(decoded) and highest >= Rung.CLASS:
        held |= {Rung.CLASS}
    return frozenset(rung for rung in held if rung <= highest)


def _printed(name: str, said: str) -> bool:
    """Whether `said` is `name` in print: a stdout that lacks a character may get "?" or its escape."""
    escaped = ((c, c.encode("ascii", "backslashreplace").decode()) for c in plain(name))
    forms = (re.escape(c) if c.isascii() else rf"(?:{c}|\?|{re.escape(e)})" for c, e in escaped)
    return re.fullmatch("".join(forms), said) is not None


def _differences(right: Right, answer: Answer, split: str) -> Iterator[AnswerDifference]:
    """The first of each kind, of an answer of one readout."""
    _check(right, answer)

    def difference(sample: int | None, kind: str, what: str, *words: str) -> AnswerDifference:
        expected, found, look_at = words
        return AnswerDifference(answer.by, split, sample, kind, what, expected, found, look_at)

    end = right.decoder.end
    if answer.readout is not None and (at := _first((answer.readout != right.record)[:, :end])):
        sample, step, neuron = at
        kind = "spike" if right.decoder.of_spikes else "v"
        yield difference(
            sample,
            kind,
            f"{kind} of {right.population} neuron {neuron} in step {step}",
            str(int(right.record[at])),
            str(answer.readout[at]),
            "how this way runs the network: its states were not compared" if right.same else "the states",
        )
    bounded: Answer | None = answer
    if (problem := _no_bound(right, answer)) is not None:
        yield difference(None, "score", f"scores{right.whose}", "with a bound (clause 7)", "without", problem)
        bounded = _without_scores(answer)
    if bounded is not None:
        yield from _decoded(right, bounded, split)
        yield from so_far_differences(right, bounded, split)
    if answer.names is not None and answer.names != right.names:
        pairs = list(zip(right.names, answer.names, strict=True))
        index = next(i for i, (ours, theirs) in enumerate(pairs) if ours != theirs)
        mixed = sorted(answer.names) == sorted(right.names)
        yield difference(
            None,
            "name",
            f"name of class {index}{right.whose}",
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
                what = f"name of class {index}{right.whose}"
                yield difference(sample, "name", what, plain(name), plain(said), where)
                break


def _decoded(right: Right, answer: Answer, split: str) -> Iterator[AnswerDifference]:
    """The first wrong score, and the first wrong class."""
    if answer.scores is not None:
        near = right.near(answer.scores.dtype)
        if at := _first(~(np.abs(answer.scores - right.scores) <= near)):  # NaN is near to nothing
            sample, index = at
            yield AnswerDifference(
                answer.by,
                split,
                sample,
                "score",
                f"score of class {right.name(index)}{right.whose}",
                right.bound(right.scores[at], near[sample, 0]),
                f"{answer.scores[at]:.9g}",
                why_scores(right, answer.scores[sample], sample, near[sample, 0]),
            )
    if answer.classes is not None:
        allowed = right.decoder.allowed(right.record, answer.classes, answer.scores, scores=right.scores)
        if at := _first(~allowed):
            sample = at[0]
            expected = int(right.classes[sample])
            if answer.scores is not None and expected == answer.classes[sample]:  # not by its own
                expected = int(answer.scores[sample].argmax())
            yield AnswerDifference(
                answer.by,
                split,
                sample,
                "class",
                f"class{right.whose}",
                right.name(expected),
                right.name(int(answer.classes[sample])),
                why_class(right, answer, sample),
            )


def _no_bound(right: Right, answer: Answer) -> str | None:
    """Why clause 7 has no bound for scores of the type of the program's, or None if it has."""
    for found in (answer.scores, answer.scores_so_far):
        try:
            if found is not None and found.dtype != np.float64:
                right.near(found.dtype)
        except StageError as error:
            return str(error)
    return None


def _without_scores(answer: Answer) -> Answer | None:
    """The classes alone, None if there are none."""
    if answer.classes is None and answer.classes_so_far is None:
        return None
    return Answer(answer.by, classes=answer.classes, classes_so_far=answer.classes_so_far, of=answer.of)


def _check(right: Right, answer: Answer) -> None:
    """Raise `StageError` unless shapes and types are those of the readout and the reference."""
    samples, steps, classes = right.record.shape
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
        whole = value is not None and name.startswith("scores") and value.dtype.kind == "i"
        if whole and not right.decoder.of_spikes:
            raise StageError(
                f"answer of {answer.by}: {name} are {value.dtype}, those of the decoder "
                f"{right.decoder.readout.decoder} are floating point; give these"
            )


def _first(differs: npt.NDArray[np.bool_]) -> tuple[int, ...] | None:
    """The first place that is true, lowest sample first."""
    at = int(differs.argmax()) if differs.size else 0
    return tuple(map(int, np.unravel_index(at, differs.shape))) if differs.size and differs.flat[at] else None
