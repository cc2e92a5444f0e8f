"""Time and energy of an artifact on the chip, by the machine model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError, SnncError
from snnc.stages import Artifact, PlacedProgram, QuantizedGraph
from snnc.stages.board_clock import GOLDEN_INPUT
from snnc.stages.chip import ChipEstimate, ChipStep
from snnc.target import Target
from snnc.targets.registry import load_target

CHIP_SAMPLES = 20
"""Most samples that the estimate of time and energy is over, if nobody says which."""


class ChipInputs(NamedTuple):
    """Spikes uint8 [samples, T, inputs], the name of their group, and why they are golden inputs, if so."""

    spikes: npt.NDArray[np.uint8]
    name: str
    why_golden: str = ""
    notes: tuple[str, ...] = ()
    """What is odd about recordings that are not the model's own."""

    @property
    def one(self) -> str:
        """What a sample is."""
        return GOLDEN_INPUT if self.why_golden else "recording"

    @property
    def counted(self) -> str:
        """As "20 samples of test", or "8 golden inputs"."""
        count = len(self.spikes)
        plural = "" if count == 1 else "s"
        if self.why_golden:
            return f"{count} {self.one}{plural}"
        return f"{count} sample{plural} of {self.name.removeprefix('all of ')}"


def chip_inputs(artifact: Artifact, dataset: str | None = None) -> ChipInputs:
    """The recordings that `snnc verify` estimates on with its defaults; golden inputs if it could not.

    With a `dataset` those of it, or its error: `SnncError`. `why_golden` is the problem without a remedy,
    which is another one for each command.
    """
    from snnc.verification.accuracy import load_data

    try:
        (data,) = load_data(artifact, dataset, ("test",))
        notes = data.other.notes if data.other is not None else ()
        return ChipInputs(data.pick(CHIP_SAMPLES)[0], data.name, notes=notes)
    except SnncError as error:
        if dataset is not None:
            raise
        problem, _, _ = str(error).splitlines()[0].partition("; ")
        return ChipInputs(artifact.golden_input, "golden", problem)


def estimate_artifact(artifact: Artifact, spikes: npt.ArrayLike, costs: str | None = None) -> ChipEstimate:
    """The machine model on [samples, T, inputs] with `costs`, or the first of the target, and its others.

    Raises
    ------
    InputError
        If the target has no constants, or none called `costs`, or no levels for a graph that is no chain.
    """
    from snnc.exporter.artifact import placed_program

    return estimate_program(placed_program(artifact), spikes, load_target(artifact.target), costs)


def estimate_program(
    program: PlacedProgram, spikes: npt.ArrayLike, target: Target, costs: str | None = None
) -> ChipEstimate:
    """As `estimate_artifact`, of a program that is placed for `target`."""
    from snnc.hwsim.machine.summary import estimate

    chosen = target.operation_costs(costs)
    others = [each for each in target.costs.values() if each.name != chosen.name]
    limits = target.limits
    mesh = limits.chips * limits.mesh_columns, limits.mesh_rows, limits.cores_per_tile
    levels = _levels(program.graph, target)
    return estimate(program, spikes, chosen, others=others, mesh=mesh, levels=levels)


def steps_of_artifact(artifact: Artifact, spikes: npt.ArrayLike, costs: str | None = None) -> list[ChipStep]:
    """Each step of one sample, [T, inputs]; raises as `estimate_artifact` does."""
    from snnc.exporter.artifact import placed_program
    from snnc.hwsim.machine.summary import steps_of

    target = load_target(artifact.target)
    chosen = target.operation_costs(costs)
    return steps_of(placed_program(artifact), spikes, chosen, _levels(artifact.graph, target))


def _levels(graph: QuantizedGraph, target: Target) -> Mapping[str, int] | None:
    """Of a graph that is no chain, as the target's program has them."""
    if graph.is_chain:
        return None
    if target.levels is None:
        raise InputError(
            f"target {target.name}: has no levels of a graph that is no chain, so its time and energy are "
            "not known"
        )
    return target.levels(graph)
