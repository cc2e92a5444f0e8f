"""Delays of as many steps as a sample has, or more: such a synapse never acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from snnc.stages import QuantizedGraph
from snnc.trainer.delay_record import recorded

_RECURRENT = " -> "
"""Between the source and the destination of a projection, in the record of a graph's delays."""


def of_training(metrics: Mapping[str, Any], time_steps: int) -> str:
    """How many synapses of a trained model never act, from what its `metrics` record; empty if all may."""
    found = recorded(metrics, "learned")
    late = {name: count for name, each in found.items() if (count := sum(each.synapses[time_steps:]))}
    if not late:
        return ""
    total = sum(sum(each.synapses) for each in found.values())
    longest = max(found[name].histogram["x"][-1] for name in late)
    loops = [name for name in late if _is_loop(name)]
    # Those of a loop reach one step further than its kernel is long.
    sizes = {"kernel_size": time_steps} if len(loops) < len(late) else {}
    sizes |= {"recurrent_kernel_size": time_steps - 1} if loops else {}
    shorter = [f"{name} <= {_odd(most)}" for name, most in sizes.items() if most > 0]
    remedies = [*([" and ".join(shorter)] if shorter else []), "shorter time steps"]
    return f"{_words(sum(late.values()), total, longest, time_steps)}; train with {' or '.join(remedies)}"


def of_graph(graph: QuantizedGraph) -> str:
    """How many synapses of a network in integers never act; empty if all may."""
    steps = graph.time_steps
    late = [each.synapses for each in graph.projections if each.synapses.max_delay >= steps]
    if not late:
        return ""
    count = sum(int(np.count_nonzero(each.as_list().delay >= steps)) for each in late)
    total = sum(each.synapses.count for each in graph.projections)
    longest = max(each.max_delay for each in late)
    words = _words(count, total, longest, steps)
    return f"{words}; give a sample more time steps, or the network shorter delays"


def _words(count: int, total: int, longest: int, steps: int) -> str:
    have, they = ("has a delay", "it never acts") if count == 1 else ("have delays", "they never act")
    return (
        f"{count} of {total} synapses {have} of {steps} steps or more, up to {longest}, and a sample has "
        f"{steps} steps: {they}"
    )


def _is_loop(name: str) -> bool:
    source, arrow, destination = name.partition(_RECURRENT)
    return bool(arrow) and source == destination


def _odd(most: int) -> int:
    """The largest odd number, as sizes of kernels are, that is not larger."""
    return most if most % 2 else most - 1
