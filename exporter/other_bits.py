"""Whether training finished a network in other bits than those that it is exported in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.stages import TrainedGraph, TrainedModel
from snnc.target import Target
from snnc.trainer.phases import without_gain
from snnc.trainer.tuning import KEY, tuned_bits


def finished_bits(model: object, provenance: Mapping[str, Any], target: Target) -> str:
    """The bits, no more than the exported ones, for which training has better integers than the rounded ones.

    `provenance`: that of the export. Empty if there are none, if the export has integers of training or asks
    for other grids, and of what was fine-tuned, of which `tuning.provenance` tells.
    """
    if not isinstance(model, TrainedModel | TrainedGraph) or tuned_bits(model.metrics.get(KEY)) is not None:
        return ""
    options, most = provenance["options"], max(provenance["weight_bits"].values())
    own = provenance.get("finished_in_integers") or provenance.get("finished_in_training")
    of_neurons = isinstance(model, TrainedGraph) and model.config.get("grids_of") == "neuron"
    if own or options["scale"] or options["power_of_two"] or (of_neurons and target.chip):
        return ""
    unmoved = without_gain(model.metrics)
    found = [str(each) for each in model.quantised if each <= most and f"int{each}" not in unmoved]
    if not found:
        return ""
    return (
        f"training finished this network in integers of {' and '.join(found)} bits; "
        f"--weight-bits {' or '.join(found)} exports those"
    )
