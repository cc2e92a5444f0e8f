"""What of a network the export rounded, by the passes in its provenance: what the loss of accuracy is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from snnc.report.losses import finished, pruned
from snnc.report.weights_told import GRID

_DELAYS = re.compile(r"\bdelays_rounded = (\d+)")
_WEIGHTS = re.compile(r"\bweights_(?:rounded|clipped) = (\d+)")


def lost_by(provenance: Mapping[str, Any], before: str = "") -> str:
    """As "rounding delays and quantising weights"; what rounded nothing is not named.

    `before`: what was done to the network before, if anything; that rounded weights, too. `provenance` is as
    a report has it, texts.
    """
    names = [
        *([before] if before else []),
        *(["rounding delays"] if _rounds_delays(provenance) else []),
        "quantising weights"
        if before or _rounds_weights(provenance)
        else "integers for biases, decays and states",
        *(["leaving out synapses"] if pruned(provenance) else []),
    ]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _rounds_delays(provenance: Mapping[str, Any]) -> bool:
    """Whether delays were not whole. Those of a graph are, where an export begins."""
    if (found := _DELAYS.search(_of_pass(provenance, "discretise"))) is not None:
        return found[1] != "0"
    return not _of_pass(provenance, "quantise_graph")


def _rounds_weights(provenance: Mapping[str, Any]) -> bool:
    """Whether a weight was no integer on its grid; training may have rounded those that it finished."""
    if finished(provenance):
        return True
    if told := _of_pass(provenance, "quantise_graph"):
        bits = str(provenance.get("weight_bits", ""))
        clipped = [each for each in _WEIGHTS.findall(told) if each != "0"]
        return bool(clipped) or told.count(f"{GRID} ") < max(1, bits.count(" = "))
    counts = _WEIGHTS.findall(_of_pass(provenance, "quantise"))
    return not counts or any(each != "0" for each in counts)


def _of_pass(provenance: Mapping[str, Any], name: str) -> str:
    """What the pass changed; empty where it did not run."""
    return next(
        (str(told) for key, told in provenance.items() if re.fullmatch(rf"pass \d+, {name}", key)), ""
    )
