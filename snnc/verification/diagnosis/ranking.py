"""What the suspects come to when they are tested on more samples and on the other layers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from snnc.stages import Cause
from snnc.verification.diagnosis import one_synapse
from snnc.verification.diagnosis import solved as solutions
from snnc.verification.diagnosis.catalogue import CATALOGUE
from snnc.verification.diagnosis.hypothesis import Hypothesis, with_ties
from snnc.verification.diagnosis.layer_model import LayerModel
from snnc.verification.diagnosis.observed import Held, Observed, held, model
from snnc.verification.diagnosis.solved import Seen, solved
from snnc.verification.diagnosis.trial import FAULTS, Fit, Suspects, differs, explained, seen, whole_layer

CAUSES_SHOWN = 5
PART = 0.75
"""The share of what differs that a cause must give to be named, if it does not give all."""
RANK = {candidate.name: rank for rank, candidate in enumerate(CATALOGUE)}
IN_THE_RECORD = {"neurons-permuted", "record-one-step-late", "last-step-missing", "v-before-reset"}
"""These may leave what is sent as it is, and change what is written down."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A hypothesis that gives all of the layer in every sample.

    `tests`: the samples, beyond those that it was solved from, in which the layer differs. `alone`: it would
    give something else than was found in some other layer, which keeps to the contract. `elsewhere`: the
    layers that neither it nor the contract gives.
    """

    hypothesis: Hypothesis
    tests: int
    alone: bool = False
    elsewhere: tuple[str, ...] = ()


def causes(suspects: Suspects, tests: Sequence[Observed]) -> tuple[Cause, ...]:
    """One cause a name, best first: those that no test refutes, or what gives most of the rest."""
    samples = [suspects.symptom.seen, *_seen(suspects, suspects.index, tests)]
    whole = _whole(suspects, samples)
    if not whole:
        return _parts(suspects, samples)
    others = _others(suspects, [suspects.observed, *tests])
    everywhere = [_elsewhere(one, others) for one in whole]
    complete = [one for one in everywhere if not one.elsewhere] or everywhere
    return tuple(_named(suspects, _special(complete)))


def _seen(
    suspects: Suspects, index: int, samples: Sequence[Observed], as_expected: bool = False
) -> list[Seen]:
    """A layer in those samples that hold it, with what arrived there, or what should have."""
    layers: list[tuple[LayerModel, Held]] = []
    for sample in samples:
        layer = model(suspects.graph, sample.swapped if as_expected else sample, index)
        found = held(sample, index)
        if layer is not None and found:
            layers.append((layer, found))
    return seen(layers)


def _whole(suspects: Suspects, samples: Sequence[Seen]) -> list[Tested]:
    """Those that give every neuron in every step of every sample; what is solved for, from all samples."""
    alive = [fit.hypothesis for fit in suspects.fits if fit.explained.all()]
    alive = [one for one in alive if one.name not in solutions.NAMES or _listed(one)]
    tests = _differing(samples[1:])
    found = [Tested(one, tests) for one in _surviving(alive, samples[1:])]
    found += [Tested(one, _unused(one, samples)) for one in _surviving(list(solved(samples)), samples)]
    return distinct(found)


def distinct(found: Sequence[Tested]) -> list[Tested]:
    """One of each name and place: the first, since what was listed is tested by more than what is solved."""
    first: dict[tuple[str, str], Tested] = {}
    for one in found:
        first.setdefault((one.hypothesis.name, one.hypothesis.where), one)
    return list(first.values())


def _listed(one: Hypothesis) -> bool:
    """Whether it is of the catalogue's lists, though others of its name are solved for."""
    return one.anywhere and one.name in FAULTS


def _differing(samples: Sequence[Seen]) -> int:
    """In how many of the samples something else was found than the contract gives."""
    return sum(bool(differs(one).any()) for one in samples)


def _unused(found: Hypothesis, samples: Sequence[Seen]) -> int:
    """How many samples that differ are left to test what is solved for: those behind what it follows from.

    A constant that was fitted to a sample gives that sample, whatever the fault.
    """

    def follows(count: int) -> bool:
        return any(_alike(found, other, samples[0].model) for other in solved(samples[:count]))

    used = 1 + bisect_left(range(1, len(samples)), True, key=follows)
    return _differing(samples[used:])


def _alike(one: Hypothesis, other: Hypothesis, model: LayerModel) -> bool:
    """Whether both make the same of a layer."""
    return one.name == other.name and not len(one.change(model).changed_rows(other.change(model)))


def _surviving(alive: list[Hypothesis], samples: Sequence[Seen]) -> list[Hypothesis]:
    """Those that give all of every sample. The first refutes most; the others are run together."""
    for some in (samples[:1], samples[1:]):
        masks = explained(some, alive)
        alive = [one for one, each in zip(alive, masks, strict=True) if all(mask.all() for mask in each)]
    return alive


@dataclass(frozen=True, slots=True)
class Other:
    """Another layer, on what was found to arrive and on what should; `right`: the contract gives it all."""

    name: str
    found: Sequence[Seen]
    true: Sequence[Seen]
    right: bool


def _others(suspects: Suspects, samples: Sequence[Observed]) -> list[Other]:
    others = []
    for index, layer in enumerate(suspects.graph.layers):
        if index != suspects.index:
            found = _seen(suspects, index, samples)
            right = not any(differs(one).any() for one in found)
            true = [] if right else _seen(suspects, index, samples, as_expected=True)
            others.append(Other(layer.name, found, true, right))
    return others


def _elsewhere(found: Tested, others: Sequence[Other]) -> Tested:
    """What becomes of the other layers: the contract or the same fault gives all of each, or neither does."""
    hypothesis, tests, alone, unexplained = found.hypothesis, found.tests, False, []
    for layer in others:
        acts = hypothesis.anywhere and bool(_surviving([hypothesis], layer.found))
        alone |= layer.right and hypothesis.anywhere and not acts
        if layer.right or acts:
            continue
        left = _same_fault(hypothesis, layer.found)
        if left is None and hypothesis.name in IN_THE_RECORD:
            left = _same_fault(hypothesis, layer.true)
        if left is None:
            unexplained.append(layer.name)
        else:
            tests = min(tests, left)
    return Tested(hypothesis, tests, alone, tuple(unexplained))


def _same_fault(hypothesis: Hypothesis, found: Sequence[Seen]) -> int | None:
    """The samples that test the same fault in another layer, where it may have other numbers; None if it has
    not that fault."""
    if hypothesis.anywhere and _surviving(list(whole_layer(found[0].model, hypothesis.name)), found):
        return _differing(found)
    fitted = _surviving([one for one in solved(found) if one.name == hypothesis.name], found)
    return max((_unused(one, found) for one in fitted), default=None)


def _special(found: Sequence[Tested]) -> list[Tested]:
    """Without those whose name is general where one of its special cases is there, too."""
    general = {CATALOGUE[RANK[one.hypothesis.name]].within for one in found}
    return [one for one in found if one.hypothesis.name not in general]


def _named(suspects: Suspects, found: Sequence[Tested]) -> Iterator[Cause]:
    def order(one: Tested) -> tuple[bool, int]:
        return one.alone, RANK[one.hypothesis.name]

    by_name: dict[str, list[Tested]] = {}
    for one in sorted(found, key=order):
        by_name.setdefault(one.hypothesis.name, []).append(one)
    neurons = len(suspects.symptom.seen.model.weight)
    for alike in list(by_name.values())[:CAUSES_SHOWN]:
        one, ties = alike[0], sum(order(other) == order(alike[0]) for other in alike[1:])
        notes = ["in this layer alone"] if one.alone else []
        if one.elsewhere:
            notes.append(f"{' and '.join(one.elsewhere)} differ in another way")
        tests = 0 if one.elsewhere else one.tests
        yield _cause(suspects, one.hypothesis, ties, notes, (neurons, neurons), tests)


def _parts(suspects: Suspects, samples: Sequence[Seen]) -> tuple[Cause, ...]:
    """The one that gives most of the neurons that differ, in all samples, if it gives `PART` of them.

    Neurons that it would change though the contract gives them count against it. A synapse that was solved
    for explains nothing unless it goes on to fit.
    """
    best: tuple[float, Fit] | None = None
    changed = [differs(one) for one in samples]
    fits = [
        fit
        for fit in suspects.fits
        if fit.explained[suspects.symptom.neuron] or fit.hypothesis.name not in one_synapse.NAMES
    ]
    masks = explained(samples, [fit.hypothesis for fit in fits])
    for fit, each in zip(fits, masks, strict=True):
        right = sum(int((mask & wrong).sum()) for mask, wrong in zip(each, changed, strict=True))
        asked = sum(int((~mask | wrong).sum()) for mask, wrong in zip(each, changed, strict=True))
        if right > PART * asked and (best is None or right / asked > best[0]):
            best = right / asked, fit
    if best is None:
        return ()
    share, fit = best
    note = f"it gives {100 * share:.0f} % of what differs; the rest differs in another way"
    size = int(fit.explained.sum()), len(fit.explained)
    return (_cause(suspects, fit.hypothesis, 0, [note], size, 0),)


def _cause(
    suspects: Suspects,
    hypothesis: Hypothesis,
    ties: int,
    notes: Sequence[str],
    size: tuple[int, int],
    tested: int,
) -> Cause:
    candidate = CATALOGUE[RANK[hypothesis.name]]
    where = with_ties(hypothesis.where, ties)
    where = "; ".join(filter(None, (where, *notes)))
    if suspects.in_reference:
        where = f"in the reference: {where}".removesuffix(": ")
    return Cause(candidate.name, candidate.summary, where, candidate.remedy, *size, tested)
