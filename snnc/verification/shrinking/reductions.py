"""What is left out of a chain that differs."""

from __future__ import annotations

from functools import partial

import numpy as np

from snnc.verification.shrinking import cases
from snnc.verification.shrinking.ddmin import fewest
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

SILENCE = (cases.without_common_delays, cases.without_silent_lines, cases.from_first_event)
"""No common delays, and nothing silent."""
_compact = partial(compact, silence=SILENCE)


def _fewer_synapses(search: Search) -> None:
    case = best(search)
    present = cases.synapses(case.graph)
    fewest(len(present), still(search, lambda kept: cases.with_synapses(case, present[kept])))


def _fewer_neurons(search: Search, finest: int | None = None) -> None:
    """From the last layer on, for the neurons of a layer serve those behind it."""
    for index in reversed(range(len(best(search).graph.layers))):
        keep = partial(cases.with_neurons, index=index)
        fewest_but_one(search, best(search).graph.layers[index].neurons, keep, finest)


def _fewer_lines(search: Search, finest: int | None = None) -> None:
    fewest_but_one(search, best(search).graph.inputs, cases.with_lines, finest)


def _coarsely(search: Search) -> None:
    """Large parts of the neurons and lines, so that the many runs that follow are of a small graph."""
    if all(layer.neurons == 1 for layer in best(search).graph.layers):
        return  # lines go with their events
    _fewer_neurons(search, COARSE)
    _fewer_lines(search, COARSE)


def _shorter_delays(search: Search) -> None:
    if sum(np.count_nonzero(layer.delay) for layer in best(search).graph.layers) > DELAYS_TRIED:
        return
    while any(search.take(case) for case in cases.shorter_delays(best(search))):
        pass


OF_CHAINS = Reductions(
    SILENCE,
    (
        _compact,
        _coarsely,
        fewer_events,
        _compact,
        _fewer_synapses,
        _fewer_neurons,
        _fewer_lines,
        fewer_steps,
        _compact,
        _shorter_delays,
        shorter_run,
    ),
)
