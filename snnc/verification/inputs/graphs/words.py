"""In words what inputs did not reach of a population, without what no input can."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from snnc.verification.inputs.coverage import Flags
from snnc.verification.inputs.graphs.looking import Row
from snnc.verification.inputs.graphs.wiring import Whole, Wiring
from snnc.verification.inputs.unreached import impossible, some

ARRIVALS = {
    "two arrive": "together with another at one neuron",
    "last arrives": "in the last step",
}
THRESHOLD = {
    "met": "exactly at",
    "one above": "1 above",
    "just above": "1 to 63 above",
    "just below": "1 to 63 below",
}
RESTS = {
    Row.U_REST_BELOW.name: "a negative u",
    Row.U_REST_ABOVE.name: "a positive u",
    Row.V_REST_BELOW.name: "a negative v",
    Row.V_REST_ABOVE.name: "a positive v",
    Row.W_REST_BELOW.name: "a negative w",
    Row.W_REST_ABOVE.name: "a positive w",
}
SENTENCES = {
    Row.SCALE_BELOW.name: "no negative product of v and ka left a rest",
    Row.SCALE_ABOVE.name: "no positive product of v and ka left a rest",
    "u at 2^23": "no u was exactly 2^23 before the wrap",
    "u at -2^23": "no u was exactly -2^23 before the wrap",
    "u wraps above": "no u wrapped from above 2^23",
    "u wraps below": "no u wrapped from -2^23 or below",
    "w clips above": "no w was clipped from above",
    "w clips below": "no w was clipped from below",
    "v clips above": "no v was clipped from above",
    "v clips below": "no v was clipped from below",
    "first step": "no spike was sent in the first step",
    "last step": "no spike was sent in the last step",
    "twice": "no neuron spiked in two steps in a row",
    "stays": "no v stayed above its threshold after a spike",
    "under": "no reset left v below 0",
    "after the end": "no v was above its threshold at the end or later",
}


def unreached(
    wiring: Wiring, name: str, found: Whole, best: Whole, missed: Callable[[str], bool]
) -> Iterator[str]:
    """Lines on one population. `found`: what inputs did, `best`: the most that any could, [Row, numbers].

    `missed` tells of a goal of populations whether it was not reached, though it may be reached.
    """
    population, steps = wiring.graph.population(name), wiring.steps
    place = wiring.places[name]
    silent = found[Row.FIRST, place] >= steps
    which, count = np.flatnonzero(silent), f"{int(silent.sum()):,} of {population.neurons:,}"
    if population.payload_max is not None:
        if len(which):
            yield f"{name}: {count} lines had no event ({some(which)})"
        return
    if population.spikes and len(which):
        never = silent & (best[Row.FIRST, place] >= steps)
        yield f"{name}: {count} neurons never spiked ({some(which)}){impossible(int(never.sum()))}"
    yield from _synapses(wiring, name, found, best)
    if words := [said for goal, said in ARRIVALS.items() if missed(goal)]:
        yield f"{name}: no spike arrived {', or '.join(words)}"
    if words := [said for goal, said in THRESHOLD.items() if missed(goal)]:
        yield f"{name}: no v was {', '.join(words)} its threshold"
    if words := [said for goal, said in RESTS.items() if missed(goal)]:
        yield f"{name}: no decay of {' or of '.join(words)} left a rest"
    yield from (f"{name}: {said}" for goal, said in SENTENCES.items() if missed(goal))


def _synapses(wiring: Wiring, name: str, found: Whole, best: Whole) -> Iterator[str]:
    used, unused = crossed(wiring, name, found), crossed(wiring, name, best)
    into = [listed for _, listed in wiring.into(name)]
    missing = sum(int((~one).sum()) for one in used)
    if missing:
        never = sum(int((~one).sum()) for one in unused)
        total = sum(listed.count for listed in into)
        yield f"{name}: {missing:,} of {total:,} synapses carried no spike{impossible(never)}"
        delays = [
            {d for at, one in zip(into, used, strict=True) for d in np.unique(at.delay[one == side]).tolist()}
            for side in (False, True)
        ]
        if only := sorted(delays[0] - delays[1]):
            yield f"{name}: no synapse carried a spike with a delay of {some(np.array(only))}"


def crossed(wiring: Wiring, name: str, found: Whole) -> list[Flags]:
    """Of each projection into a population which synapses carried a spike that arrived."""
    first = found[Row.FIRST]
    return [
        np.asarray(first[wiring.places[source]][listed.pre] + listed.delay < wiring.steps)
        for source, listed in wiring.into(name)
    ]
