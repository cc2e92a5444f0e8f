"""What is left out of a graph that is no chain, and differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from snnc.stages.population import INPUT
from snnc.verification.shrinking.cases import Case, Indices, from_first_event
from snnc.verification.shrinking.ddmin import fewest
from snnc.verification.shrinking.graphs import cases, parameters, synapses
from snnc.verification.shrinking.reducing import (
    COARSE,
    DELAYS_TRIED,
    Reductions,
    best,
    compact,
    fewer_events,
    fewer_steps,
    fewest_but_one,
    shorter_run,
    still,
)
from snnc.verification.shrinking.search import Search

SILENCE = (synapses.without_common_delays, cases.without_silent_lines, from_first_event)
"""No common delays, and nothing silent."""
_compact = partial(compact, silence=SILENCE)


def _fewer_populations(search: Search) -> None:
    case = best(search)

    def takes(kept: Indices) -> bool:
        smaller = cases.with_populations(case, kept)
        return smaller is not None and search.take(smaller)

    fewest(len(case.graph.populations), lambda selections: next(filter(takes, selections), None))


def _fewer_readouts(search: Search) -> None:
    fewest_but_one(search, len(best(search).graph.readouts), cases.with_readouts)


def _fewer_projections(search: Search) -> None:
    case = best(search)
    fewest(len(case.graph.projections), still(search, partial(cases.with_projections, case)))


def _fewer_synapses(search: Search) -> None:
    case = best(search)
    present = synapses.elements(case.graph)
    fewest(len(present), still(search, lambda kept: synapses.with_elements(case, present[kept])))


def _fewer_neurons(search: Search, finest: int | None = None) -> None:
    """From the last population on, for the neurons of one serve those behind it."""
    for name in reversed(best(search).graph.order):
        population = best(search).graph.population(name)
        if population.model != INPUT:
            keep = partial(cases.with_neurons, name=name)
            fewest_but_one(search, population.neurons, keep, finest)


def _fewer_lines(search: Search, finest: int | None = None) -> None:
    if best(search).graph.inputs:
        fewest_but_one(search, best(search).graph.inputs, cases.with_lines, finest)


def _coarsely(search: Search) -> None:
    """Large parts, so that the many runs that follow are of a small graph."""
    _fewer_neurons(search, COARSE)
    _fewer_lines(search, COARSE)


def _again(search: Search, changes: Callable[[Case], Iterator[Case]]) -> None:
    """The first of the changes with which it differs, and so on until there is none."""
    while any(search.take(case) for case in changes(best(search))):
        pass


def _shorter_delays(search: Search) -> None:
    if synapses.delayed(best(search).graph) <= DELAYS_TRIED:
        _again(search, synapses.shorter_delays)


OF_GRAPHS = Reductions(
    SILENCE,
    (
        _compact,
        _fewer_populations,
        _fewer_readouts,
        _fewer_projections,
        _coarsely,
        partial(_again, changes=synapses.smaller_grids),
        fewer_events,
        _compact,
        _fewer_synapses,
        _fewer_neurons,
        _fewer_lines,
        fewer_steps,
        _compact,
        partial(_again, changes=synapses.as_lists),
        _shorter_delays,
        partial(_again, changes=parameters.plainer),
        shorter_run,
    ),
)
