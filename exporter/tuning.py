"""Settings that a target finds on the recordings of an export, and what others may do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.exporter.artifact import target_of_artifact
from snnc.exporter.calibration import Calibration
from snnc.exporter.manifest import NOT_TUNED, TUNED
from snnc.stages import Artifact, QuantizedGraph, Trace
from snnc.target import Target
from snnc.targets.registry import load_target
from snnc.tuned import Tuned


def tuned(
    graph: QuantizedGraph, target: Target, calibration: Calibration | None, progress: Callable[[str], None]
) -> Tuned | None:
    """What `target` makes of the recordings; None where it asks for none, or there are none."""
    if target.tune is None or calibration is None or not len(calibration):
        return None

    def run(spikes: npt.NDArray[np.uint8]) -> Trace:
        return replace(calibration, spikes=spikes).trace(graph, slice(None))

    return target.tune(graph, target.settings, calibration.spikes, run, progress)


def with_found(target: Target, found: Tuned) -> Target:
    """`target` with the settings that it found."""
    return replace(target, settings={**target.settings, **found.settings})


def target_of_part(original: Artifact) -> Target:
    """The target of an artifact for a part of its network, of which settings that it found are not."""
    target, usual = target_of_artifact(original), load_target(original.target).settings
    found = original.manifest.get(TUNED, NOT_TUNED)["settings"]
    return replace(
        target, settings={**target.settings, **{name: usual[name] for name in found if name in usual}}
    )
