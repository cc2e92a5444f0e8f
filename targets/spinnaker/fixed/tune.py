"""What an export does with recordings: the settings that keep most, and what the board will lose with them.

Settings are chosen on some of the recordings and measured on others. How many, and whether at all, follows
from the size of the network, not from a clock: the same export gives the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.percent import percent
from snnc.stages import Artifact, QuantizedGraph, Trace
from snnc.targets.spinnaker.fixed.board import Board
from snnc.targets.spinnaker.fixed.choose import MOST_CANDIDATES, choose
from snnc.targets.spinnaker.fixed.losses import Losses, losses
from snnc.targets.spinnaker.fixed.stored import CHARACTERS, SCALES, USUAL, settings_of, spelled
from snnc.tuned import Tuned

Recordings = npt.NDArray[np.uint8]

CHOSEN_ON, MEASURED_ON = 10, 30
"""Most recordings of each."""
CHOOSING, MEASURING = 30.0, 15.0
"""Seconds that each may take, about, on a core of 3 GHz."""
NEURON, SYNAPSE = 1e-6, 5e-9
"""Seconds for a neuron and for a synapse in a step, about."""
POPULATIONS = CHARACTERS // len("31/-99/0.9998779296875,")
"""Most populations whose scales a manifest holds; of more, the rule is taken."""
UNMEASURED = (
    f"board: scales by the rule {USUAL!r}, chosen on no recordings; what the board will lose was not measured"
)


def tune(
    graph: QuantizedGraph,
    chosen: Mapping[str, int | str],
    recordings: Recordings,
    run: Callable[[Recordings], Trace],
    progress: Callable[[str], None],
) -> Tuned:
    """Settings for `graph`, and the record of what they lose.

    `chosen` are the settings of the target; scales that a user gave are kept, and measured. `recordings`
    uint8 [recordings, T, inputs]; `run` gives the contract's trace of some.
    """
    few = len(graph.stateful) <= POPULATIONS
    search, measure = _parts(graph, len(recordings), few and chosen.get(SCALES, USUAL) == USUAL)
    found: dict[str, int | str] = {}
    if len(search):
        settings = choose(graph, recordings[search], run(recordings[search]).layers, progress).settings
        found = {SCALES: spelled(graph, settings)}
    if not len(measure):
        return Tuned(found, {"chosen_on": len(search), "measured_on": 0})
    progress(f"what the board loses, on {len(measure)} recordings")
    board = Board.of(graph, settings_of(graph, {**chosen, **found}))
    lost = losses(board, run(recordings[measure]).layers, board.run(recordings[measure]))
    apart = not set(search.tolist()) & set(measure.tolist())
    return Tuned(found, _record(lost, len(search), len(measure), apart))


def _parts(graph: QuantizedGraph, count: int, search: bool) -> tuple[npt.NDArray[np.int64], ...]:
    """Which recordings settings are chosen on, and which they are measured on: others, if there are any."""
    neurons = sum(each.neurons for each in graph.stateful)
    synapses = sum(each.synapses.count for each in graph.projections)
    once = graph.time_steps * (NEURON * neurons + SYNAPSE * synapses)
    tried = graph.time_steps * (MOST_CANDIDATES * NEURON * neurons + 2 * SYNAPSE * synapses)
    most = min(CHOSEN_ON, int(CHOOSING / tried)) if search else 0
    first = np.arange(count)[:: max(1, count // max(most, 1))][:most]
    others = np.setdiff1d(np.arange(count), first)
    others = others if len(others) else np.arange(count)
    some = min(MEASURED_ON, int(MEASURING / once), len(others))
    return first, others[np.arange(some) * len(others) // max(some, 1)]


def _record(lost: Losses, chosen_on: int, measured_on: int, apart: bool) -> dict[str, Any]:
    """As plain data."""
    return {
        "chosen_on": chosen_on,
        "measured_on": measured_on,
        "apart": apart,
        "rung": lost.rung.label,
        "classes": {name: round(share * measured_on) for name, share in lost.classes.items()},
        "first": None if lost.first is None else [lost.first[0], *lost.first[1]],
        "populations": {
            name: {
                "spikes": each.spikes,
                "on_board": each.on_board,
                "common": each.common,
                "v_off": each.v_off,
                "saturated": each.saturated,
                "decay_off": each.decay_off,
                "weights_rounded": each.weights_rounded,
            }
            for name, each in lost.populations.items()
        },
    }


def describe(artifact: Artifact) -> Iterator[str]:
    """Lines of an artifact that was just written: its scales, and what the board will lose."""
    record = artifact.manifest.get("tuned", {}).get("record", {})
    if not record.get("chosen_on") and not record.get("measured_on"):
        yield UNMEASURED
        return
    scales = artifact.manifest["settings"][SCALES]
    on = record["chosen_on"]
    yield f"board: scales {scales} ({f'chosen on {on} recordings' if on else 'not chosen on recordings'})"
    if not (measured := record["measured_on"]):
        yield "board: what it will lose was not measured, the network is too large for that"
        return
    which = f"{measured} {'other ' if on and record['apart'] else ''}recordings, in its arithmetic"
    for name, each in record["populations"].items():
        every = each["spikes"] + each["on_board"] - each["common"]
        if every:
            kept = percent(each["common"], every)
            yield f"board: {name} keeps {each['common']} of {every} spikes ({kept}) on {which}"
        for what, told in (("saturated", "sums saturated"), ("weights_rounded", "weights are rounded")):
            if each[what]:
                yield f"board: {name}: {each[what]} {told}"
    for name, same in record["classes"].items():
        yield f"board: classes of {name} equal in {same} of {measured} recordings"
    if record["first"] is not None:
        name, sample, step, neuron = record["first"]
        yield f"board: first another spike: recording {sample}, step {step}, neuron {neuron} of {name}"
    yield "board: none was run; it is never bit-exact"
