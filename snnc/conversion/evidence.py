"""More recordings that a cause has to explain: module and network on other events than the example's."""

from __future__ import annotations

from functools import cache, reduce
from itertools import islice

import torch

from snnc.conversion.again import run_again
from snnc.conversion.axes import Axes
from snnc.conversion.comparison import padded_to
from snnc.conversion.forced import Forced, More, forced_runs
from snnc.conversion.other_events import NUMBERS, drawn, lines_of
from snnc.conversion.recordings import of_recordings
from snnc.conversion.run import Trace
from snnc.stages import FloatGraph

RECORDINGS = 8
"""So many of each kind of events, of which one run of the network takes as long as of the example's."""
KINDS = 3
"""Of events that differ from one draw to the next."""


def more_of(
    module: torch.nn.Module, found: Trace, graph: FloatGraph, example: torch.Tensor, axes: Axes
) -> More:
    """What gives these recordings, once; None if `module` fails on all of them."""
    work = axes.steps * (axes.lines + sum(each.neurons for each in graph.populations))
    # No more than memory holds: the example's are held as it is.
    several = RECORDINGS if axes.batch >= RECORDINGS or RECORDINGS * work <= NUMBERS else axes.batch
    fixed = any(cell.recordings is not None for cell in found.cells.values())

    def run_of(events: torch.Tensor, own: Axes) -> Forced | None:
        some = list(range(min(RECORDINGS, own.batch)))
        try:
            run = of_recordings(run_again(module, found, events, own), some)
        except Exception:
            # Code that is not ours may be made for one number of recordings, which is tried next, or for no
            # other events. Then causes are told of the example alone, and `check_others` tells the error.
            return None
        return forced_runs(graph, run, padded_to(graph, lines_of(events, own)[some]))

    @cache
    def more() -> Forced | None:
        runs = list[Forced]()
        for seed in range(1, RECORDINGS + 1):  # again, if one run has few recordings
            # What acts everywhere, the last kind, is the same in each draw.
            for _, _, kinds in islice(
                drawn(example, axes, None, fixed, several, seed), KINDS if runs else None
            ):
                run = next((run for each in kinds if (run := run_of(*each)) is not None), None)
                runs += [] if run is None else [run]
            if not runs or sum(len(each.runs) for each in runs) >= KINDS * RECORDINGS:
                break
        return reduce(Forced.beside, runs) if runs else None

    return more
