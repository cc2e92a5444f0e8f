"""The diagnosis of a first divergence in a graph that is no chain."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from snnc.stages import Cause, Diagnosis, QuantizedGraph
from snnc.verification.diagnosis.graphs.catalogue import GRAPH_CATALOGUE, RANK
from snnc.verification.diagnosis.graphs.hypothesis import Hypothesis
from snnc.verification.diagnosis.graphs.sample import missing
from snnc.verification.diagnosis.graphs.trial import (
    GraphFurther,
    GraphSuspects,
    Seen,
    fitted,
    hypotheses,
    listed,
    seen,
    surviving,
)
from snnc.verification.diagnosis.hypothesis import with_ties
from snnc.verification.diagnosis.observed import Observed


@dataclass(frozen=True, slots=True)
class _Tested:
    """A hypothesis that no sample refutes, and the samples that test it; see `ranking.Tested`."""

    hypothesis: Hypothesis
    tests: int
    alone: bool = False

    @property
    def order(self) -> tuple[bool, int]:
        return self.alone, RANK[self.hypothesis.name]


def diagnose_graph(
    graph: QuantizedGraph,
    name: str,
    neuron: int,
    step: int,
    observed: Observed,
    further: GraphFurther = lambda suspects: (),
) -> Diagnosis:
    """Why `neuron` of the population `name` differs, first in `step` of the sample `observed`.

    A cause gives every recorded value of the population, in this sample and in those that `further` gives,
    from the spikes that its sources sent by the record of the same side. If the contract gives what was
    found, the reference is at fault and is what is diagnosed.
    """
    unknown = missing(graph, name, observed)
    if unknown is not None:
        return Diagnosis(unknown=unknown)
    for blamed, in_reference in ((observed, False), (observed.swapped, True)):
        one = seen(graph, name, [blamed])
        if not one.wrong[0][neuron]:
            continue
        tried = hypotheses(one)
        fits = surviving(tried, one)
        tests = further(GraphSuspects(graph, one, step, fits)) if fits else ()
        samples = [blamed, *(each.swapped if in_reference else each for each in tests)]
        left = unrefuted(graph, name, fits, samples) if fits else []
        causes = (_cause(alike, one.model.size, in_reference) for alike in left)
        return Diagnosis(tuple(causes), len(tried))
    return Diagnosis(unknown="what is held of both sides is what the contract gives")


def unrefuted(
    graph: QuantizedGraph, name: str, fits: Sequence[Hypothesis], samples: Sequence[Observed]
) -> list[list[_Tested]]:
    """What gives all that `samples` hold of every population: those of one name together, best first.

    None if no sample but the first confirms any of them; else also those that none confirms, for nothing
    tells them apart.
    """
    of = seen(graph, name, samples)
    listed_ones = [each for each in fits if not each.freedom]
    solved_ones = [each for each in fitted(of) if each.freedom]
    whole = [_Tested(each, of.tests(1)) for each in surviving(listed_ones, of)]
    whole += [_Tested(each, _unused(each, of)) for each in surviving(solved_ones, of)]
    if len(of.samples) > 1 and not any(each.tests for each in whole):
        return []
    others = [seen(graph, each.name, samples) for each in graph.stateful if each.name != name]
    complete = [judged for each in whole if (judged := _elsewhere(each, others)) is not None]
    general = {GRAPH_CATALOGUE[RANK[each.hypothesis.name]].within for each in complete}
    general |= {each.hypothesis.within for each in complete}
    by_name: dict[str, list[_Tested]] = {}
    for each in sorted(complete, key=lambda each: each.order):
        if each.hypothesis.name not in general:
            alike = by_name.setdefault(each.hypothesis.name, [])
            model = each.hypothesis.change(of.model)
            if not any(one.hypothesis.change(of.model).same(model) for one in alike):
                alike.append(each)
    return list(by_name.values())


def _unused(found: Hypothesis, of: Seen) -> int:
    """How many samples that differ are left to test what is solved for: those behind what it follows from."""

    def follows(count: int) -> bool:
        some, wanted = of.part(count), found.change(of.model)
        alike = (each for each in fitted(some) if each.name == found.name)
        return any(each.change(of.model).same(wanted) for each in alike)

    used = 1 + bisect_left(range(1, len(of.samples)), True, key=follows)
    return of.tests(used)


def _elsewhere(found: _Tested, others: Sequence[Seen]) -> _Tested | None:
    """None if another population differs from the contract in another way.

    Then more is wrong than the cause says, or something else.
    """
    hypothesis, alone = found.hypothesis, False
    for other in others:
        if other.differing and not _same_fault(hypothesis, other):
            return None
        if not other.differing and other.samples and hypothesis.anywhere and not alone:
            alone = _would_show(hypothesis, other)
    return replace(found, alone=alone)


def _same_fault(hypothesis: Hypothesis, other: Seen) -> bool:
    alike = [*listed(other.model, hypothesis.name)]
    alike += [each for each in fitted(other) if each.name == hypothesis.name]
    return bool(surviving(alike, other))


def _would_show(hypothesis: Hypothesis, other: Seen) -> bool:
    """Whether the same fault would change a population that is the contract's."""
    alike = [each for each in listed(other.model, hypothesis.name) if each.where == hypothesis.where]
    return bool(alike) and not surviving(alike[:1], other.part(1))


def _cause(alike: Sequence[_Tested], size: int, in_reference: bool) -> Cause:
    found, hypothesis = alike[0], alike[0].hypothesis
    ties = len(alike) - 1
    candidate = GRAPH_CATALOGUE[RANK[hypothesis.name]]
    where = with_ties(hypothesis.where, ties)
    where = "; ".join(filter(None, (where, "in this population alone" if found.alone else "")))
    if in_reference:
        where = f"in the reference: {where}".removesuffix(": ")
    return Cause(candidate.name, candidate.summary, where, candidate.remedy, size, size, found.tests)
