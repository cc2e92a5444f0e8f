"""What the suspects come to when they are tested on more samples and on the other layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snnc.hwsim.diagnosis import one_synapse
from snnc.hwsim.diagnosis import solved as solutions
from snnc.hwsim.diagnosis.catalogue import CATALOGUE
from snnc.hwsim.diagnosis.hypothesis import Hypothesis
from snnc.hwsim.diagnosis.observed import Observed, held, model
from snnc.hwsim.diagnosis.solved import Seen, solved
from snnc.hwsim.diagnosis.trial import Fit, differs, explained, seen, whole_layer
from snnc.stages import Cause

if TYPE_CHECKING:
    from snnc.hwsim.diagnosis.diagnose import Suspects

CAUSES_SHOWN = 5
PART = 0.75
"""The share of what differs that a cause must give to be named, if it does not give all."""
RANK = {candidate.name: rank for rank, candidate in enumerate(CATALOGUE)}
IN_THE_RECORD = {"neurons-permuted", "record-one-step-late", "last-step-missing", "v-before-reset"}
"""These may leave what is sent as it is, and change what is written down."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A hypothesis that gives all of the layer in every sample.

    `alone`: it would give something else than was found in some other layer, which keeps to the contract.
    `elsewhere`: the layers that neither it nor the contract gives.
    """

    hypothesis: Hypothesis
    alone: bool = False
    elsewhere: tuple[str, ...] = ()


def causes(suspects: Suspects, tests: Sequence[Observed]) -> tuple[Cause, ...]:
    """One cause a name, best first: those that no test refutes, or what gives most of the rest."""
    samples = [suspects.case.seen, *_seen(suspects, suspects.index, tests)]
    tested = sum(bool(differs(one).any()) for one in samples[1:])
    whole = _whole(suspects, samples)
    if not whole:
        return _parts(suspects, samples)
    others = _others(suspects, [suspects.observed, *tests])
    everywhere = [_elsewhere(hypothesis, others) for hypothesis in whole]
    complete = [one for one in everywhere if not one.elsewhere] or everywhere
    return tuple(_named(suspects, _special(complete), tested))


def _seen(
    suspects: Suspects, index: int, samples: Sequence[Observed], as_expected: bool = False
) -> Iterator[Seen]:
    """A layer in those samples that hold it, with what arrived there, or what should have."""
    for sample in samples:
        layer = model(suspects.graph, sample.swapped if as_expected else sample, index)
        found = held(sample, index)
        if layer is not None and found:
            yield seen(layer, found)


def _whole(suspects: Suspects, samples: Sequence[Seen]) -> list[Hypothesis]:
    """Those that give every neuron in every step of every sample; what is solved for, from all samples."""
    alive = [fit.hypothesis for fit in suspects.fits if fit.explained.all()]
    alive = [one for one in alive if one.name not in solutions.NAMES or one.anywhere]
    alive = _surviving(alive, samples[1:])
    again = _surviving(list(solved(samples)), samples)
    return list({(one.name, one.where): one for one in (*alive, *again)}.values())


def _surviving(alive: list[Hypothesis], samples: Sequence[Seen]) -> list[Hypothesis]:
    for one in samples:
        alive = [h for h, mask in zip(alive, explained(one, alive), strict=True) if mask.all()]
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
            found = list(_seen(suspects, index, samples))
            right = not any(differs(one).any() for one in found)
            true = [] if right else list(_seen(suspects, index, samples, as_expected=True))
            others.append(Other(layer.name, found, true, right))
    return others


def _elsewhere(hypothesis: Hypothesis, others: Sequence[Other]) -> Tested:
    """What becomes of the other layers: the contract or the same fault gives all of each, or neither does."""
    alone, unexplained = False, []
    for layer in others:
        acts = hypothesis.anywhere and bool(_surviving([hypothesis], layer.found))
        alone |= layer.right and hypothesis.anywhere and not acts
        if layer.right or acts or _surviving(_alike(hypothesis, layer.found), layer.found):
            continue
        recorded = hypothesis.name in IN_THE_RECORD
        if not (recorded and _surviving(_alike(hypothesis, layer.true), layer.true)):
            unexplained.append(layer.name)
    return Tested(hypothesis, alone, tuple(unexplained))


def _alike(hypothesis: Hypothesis, found: Sequence[Seen]) -> list[Hypothesis]:
    """The same fault in another layer, where it may have other numbers."""
    same = list(whole_layer(found[0].model, hypothesis.name)) if hypothesis.anywhere else []
    return same + [one for one in solved(found) if one.name == hypothesis.name]


def _special(found: Sequence[Tested]) -> list[Tested]:
    """Without those whose name is general where one of its special cases is there, too."""
    general = {CATALOGUE[RANK[one.hypothesis.name]].within for one in found}
    return [one for one in found if one.hypothesis.name not in general]


def _named(suspects: Suspects, found: Sequence[Tested], tested: int) -> Iterator[Cause]:
    def order(one: Tested) -> tuple[bool, int]:
        return one.alone, RANK[one.hypothesis.name]

    by_name: dict[str, list[Tested]] = {}
    for one in sorted(found, key=order):
        by_name.setdefault(one.hypothesis.name, []).append(one)
    neurons = len(suspects.case.seen.model.weight)
    for alike in list(by_name.values())[:CAUSES_SHOWN]:
        one, ties = alike[0], sum(order(other) == order(alike[0]) for other in alike[1:])
        notes = ["in this layer alone"] if one.alone else []
        if one.elsewhere:
            notes.append(f"{' and '.join(one.elsewhere)} differ in another way")
        yield _cause(
            suspects, one.hypothesis, ties, notes, (neurons, neurons), 0 if one.elsewhere else tested
        )


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
        if fit.explained[suspects.case.neuron] or fit.hypothesis.name not in one_synapse.NAMES
    ]
    masks = [list(explained(one, [fit.hypothesis for fit in fits])) for one in samples]
    for k, fit in enumerate(fits):
        right = sum(int((mask[k] & wrong).sum()) for mask, wrong in zip(masks, changed, strict=True))
        asked = sum(int((~mask[k] | wrong).sum()) for mask, wrong in zip(masks, changed, strict=True))
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
    where = hypothesis.where + (f" (or {ties} more that fit alike)" if ties else "")
    where = "; ".join(filter(None, (where, *notes)))
    if suspects.in_reference:
        where = f"in the reference: {where}".removesuffix(": ")
    return Cause(candidate.name, candidate.summary, where, candidate.remedy, *size, tested)
