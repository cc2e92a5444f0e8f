"""What `snnc export` says of a core."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.stages import Artifact
from snnc.targets.fpga.bound import most_cycles, own_cycles
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import use
from snnc.targets.fpga.settings import clock_mhz


def describe(artifact: Artifact) -> Iterator[str]:
    """Its size, what it takes of its board, and the cycles that it takes at most."""
    of = layout(artifact.graph, lanes_of(artifact.program))
    once = " with one delay each" if of.words.shares_delays else ""
    yield f"core: {of.lanes} lanes, {of.groups} groups of neurons, {len(of.words.group)} synapse words{once}"
    steps = artifact.graph.time_steps
    most, own = most_cycles(of), own_cycles(of)
    settings, sample = artifact.manifest["settings"], own * steps + most - own
    time = ""
    if text := use(artifact.graph, settings):
        yield f"board: {text}"
        mhz = clock_mhz(settings)
        time = f" ({1e3 * sample / (float(mhz) * 1e6):.3g} ms at {mhz} MHz)"
    yield f"cycles: bound of {most} a step and {sample} a sample{time}, whatever the input"
