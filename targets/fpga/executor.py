"""Executor that builds the core of an artifact with Verilator and runs it, cycle by cycle."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.io import files
from snnc.provenance import sha256
from snnc.stages import Artifact, LayerTrace, Trace, check_input
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.cycles import cycles, most_cycles
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.parameters import lanes_of

LARGEST = 1 << 27
"""Bytes of states that a run of the simulation may write: so many samples run together, but one at least."""
MEMORIES = "mem/"
SLOWEST = 20_000
"""Cycles a second, from which the time limit of a run follows; simulations make some hundred thousand."""


class RtlExecutor:
    """Runs the Verilog of an artifact of the target `fpga`: its own files, all states as they leave the core.

    It computes nothing itself. The core is built once for as long as its files, other than its memories, are
    the same. The cycles of every step must be those of the machine model (`cycles.py`), else the trace says
    `failed`: wrong states would be the better answer, and only a comparison knows of them.
    """

    name = "rtl"

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._built: dict[str, str] = {}

    def unavailable_reason(self) -> str | None:
        """Why the core cannot be simulated here and what to install, or None."""
        return tools.unavailable_reason()

    def unsupported_reason(self, artifact: Artifact) -> str | None:
        """Why it cannot run `artifact`, or None."""
        found = artifact.target == "fpga"
        return None if found else f"{artifact.path.name} holds no core; export the model with --target fpga"

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 .. `payload_max`.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ExecutorUnavailableError
            If Verilator or a compiler is missing.
        ArtifactError
            If the artifact does not say how many lanes its core has.
        ExecutorError
            If building or the run fails or takes too long, or the simulation writes no whole trace.
        """
        events = check_input(artifact.graph, spikes)
        of = layout(artifact.graph, lanes_of(artifact.program))
        binary = self._binary(artifact)
        memory = {
            name.removeprefix(MEMORIES): data
            for name, data in artifact.program.items()
            if name.startswith(MEMORIES)
        }
        most = most_cycles(of)
        steps = of.graph.time_steps
        at_once = max(1, LARGEST // (steps * of.groups * (8 * of.lanes + 4)))
        began = time.perf_counter()
        parts, failed = [], None
        for first in range(0, max(1, len(events)), at_once):
            part = events[first : first + at_once]
            seconds = 60 + len(part) * steps * most / SLOWEST
            parts.append(simulation.run(binary, memory, of, part, seconds))
            failed = failed or wrong_cycles(of, part, parts[-1].layers, parts[-1].cycles, first)
        layers = tuple(map(_joined, zip(*(part.layers for part in parts), strict=True)))
        taken = np.concatenate([part.cycles for part in parts])
        info = {
            "seconds": time.perf_counter() - began,
            "cycles_a_sample": float(taken.sum(axis=1).mean()) if len(taken) else 0.0,
            "cycles_of_a_step_at_most": most,
        }
        return Trace(self.name, layers, info, failed=failed)

    def _binary(self, artifact: Artifact) -> Path:
        """The program that simulates the core of `artifact`."""
        key = {name: sha256(data) for name, data in simulation.sources(artifact.program).items()}
        if self._folder is None or self._built != key:
            folder = tempfile.TemporaryDirectory(prefix="snnc-rtl-", dir=files.temporary_place())
            try:
                simulation.build(artifact.program, Path(folder.name))
            except BaseException:
                folder.cleanup()
                raise
            before, self._folder, self._built = self._folder, folder, key
            if before is not None:
                before.cleanup()
        return Path(self._folder.name) / simulation.SIMULATION


def wrong_cycles(
    of: Layout,
    events: npt.NDArray[np.uint8],
    layers: tuple[LayerTrace, ...],
    taken: npt.NDArray[np.int64],
    first: int = 0,
) -> str | None:
    """The first step of a run that took other cycles than the machine model says, in words, or None.

    `events` [samples, T, inputs], `taken` [samples, T]; `first` is the number of the first sample.
    """
    said = cycles(of, events, layers)
    wrong = np.argwhere(said != taken)
    if not len(wrong):
        return None
    sample, step = wrong[0]
    return (
        f"rtl: step {step} of sample {first + sample} took {taken[sample, step]} cycles, the machine "
        f"model says {said[sample, step]}; the core's control is not what it describes"
    )


def _joined(parts: tuple[LayerTrace, ...]) -> LayerTrace:
    if len(parts) == 1:
        return parts[0]
    u, v, spikes = (np.concatenate([getattr(part, name) for part in parts]) for name in ("u", "v", "spikes"))
    wraps, clips = (sum(getattr(part, name) for part in parts) for name in ("u_wraps", "v_clips"))
    return LayerTrace(u, v, spikes, wraps, clips)
