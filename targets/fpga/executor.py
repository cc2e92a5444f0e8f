"""Executor that builds the core of an artifact with Verilator and runs it, cycle by cycle."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from snnc.io.scratch import Scratch
from snnc.provenance import sha256
from snnc.stages import Artifact, LayerTrace, Located, StepCycles, Trace, check_input
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.bound import most_cycles
from snnc.targets.fpga.cycles import cycles
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.watching import broken, located

LARGEST = 1 << 27
"""Bytes of states that a run of the simulation may write: so many samples run together, but one at least."""
MEMORIES = "mem/"
SLOWEST = 20_000
"""Cycles a second, from which the time limit of a run follows; simulations make some hundred thousand."""
WATCHED = 8
"""How many times longer a simulation with rules may take."""


class RtlExecutor:
    """Runs the Verilog of an artifact of the target `fpga`: its own files, all states as they leave the core.

    It computes nothing itself. The core is built once for as long as its files, other than its memories, are
    the same. The cycles of every step must be those of the machine model (`cycles.py`), else the trace says
    `failed`: wrong states would be the better answer, and only a comparison knows of them.
    """

    name = "rtl"

    def __init__(self) -> None:
        self._core, self._watched = Built(), Built(simulation.rules())

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
        binary, memory = self._core.binary(artifact), _memory(artifact)
        began = time.perf_counter()
        parts, failed = [], None
        for first, part in _parts(of, events):
            parts.append(simulation.run(binary, memory, of, part, _seconds(of, part)))
            failed = failed or wrong_cycles(of, part, parts[-1].layers, parts[-1].cycles, first)
        layers = tuple(map(_joined, zip(*(part.layers for part in parts), strict=True)))
        taken = np.concatenate([part.cycles for part in parts])
        info = {
            "seconds": time.perf_counter() - began,
            "cycles": StepCycles(taken.size, int(taken.sum()), int(taken.max(initial=0)), most_cycles(of)),
        }
        return Trace(self.name, layers, info, failed=failed)

    def locate(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Located | None:
        """The module that is first seen to do other than it must, on uint8 [samples, T, inputs], or None.

        The core is built again, with rules beside its modules (`watching.py`). Raises as `run`.
        """
        events = check_input(artifact.graph, spikes)
        of = layout(artifact.graph, lanes_of(artifact.program))
        binary = self._watched.binary(artifact)
        for first, part in _parts(of, events):
            printed = simulation.said(binary, _memory(artifact), part, WATCHED * _seconds(of, part))
            if rules := broken(printed):
                return located(rules, of.graph.time_steps, first)
        return None


class Built:
    """The program that simulates a core with the files `beside` it, kept while the core's are the same."""

    def __init__(self, beside: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._beside = beside
        self._folder: Scratch | None = None
        self._built: dict[str, str] = {}

    def binary(self, artifact: Artifact) -> Path:
        """The program for the core of `artifact`."""
        key = {name: sha256(data) for name, data in simulation.sources(artifact.program).items()}
        if self._folder is None or self._built != key:
            folder = Scratch("snnc-rtl-")
            try:
                simulation.build(artifact.program, folder.path, self._beside)
            except BaseException:
                folder.remove()
                raise
            before, self._folder, self._built = self._folder, folder, key
            if before is not None:
                before.remove()
        return self._folder.path / simulation.SIMULATION


def _memory(artifact: Artifact) -> dict[str, bytes]:
    return {
        name.removeprefix(MEMORIES): data
        for name, data in artifact.program.items()
        if name.startswith(MEMORIES)
    }


def _parts(of: Layout, events: npt.NDArray[np.uint8]) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """The samples that run together, and the number of the first of them."""
    at_once = max(1, LARGEST // (of.graph.time_steps * of.groups * ((8 + 4 * of.adapts) * of.lanes + 4)))
    for first in range(0, max(1, len(events)), at_once):
        yield first, events[first : first + at_once]


def _seconds(of: Layout, events: npt.NDArray[np.uint8]) -> float:
    """What their simulation may take."""
    return 60 + len(events) * of.graph.time_steps * most_cycles(of) / SLOWEST


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
    found = LayerTrace(u, v, spikes, wraps, clips)
    if parts[0].w is None:
        return found
    return replace(
        found, w=np.concatenate([part.w for part in parts]), w_clips=sum(part.w_clips or 0 for part in parts)
    )
