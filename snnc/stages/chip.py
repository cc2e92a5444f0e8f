"""ChipEstimate: what the machine model says of a program, added up over samples; plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from snnc.brief import brief


@dataclass(frozen=True, slots=True)
class Operation:
    """How often an operation happened, and what that took: femtojoules, and picoseconds over all units."""

    name: str
    count: int
    energy: int
    time: int


@dataclass(frozen=True, slots=True)
class ChipStep:
    """One step of one sample: what it took in picoseconds and femtojoules, and what was busy longest in it.

    `critical`: a unit in words, busy for `busy` picoseconds. `messages`: handled in it. `waited`: picoseconds
    for which messages waited for links.
    """

    step: int
    time: int
    energy: int
    messages: int
    waited: int
    critical: str
    busy: int


@dataclass(frozen=True, slots=True)
class CoreLoad:
    """What one core did.

    `holds`: layer, or population -> neurons, as "0:32,40". `neuron_time`, `synapse_time`: operation ->
    picoseconds that its neuron unit and its synapse unit, which work at the same time, spent on it. `energy`:
    femtojoules, without the mesh. `critical`: in how many steps nothing on the chip was busy for longer than
    one of its units.
    """

    __repr__ = brief

    chip: int
    core: int
    column: int
    row: int
    holds: Mapping[str, str]
    neuron_time: Mapping[str, int]
    synapse_time: Mapping[str, int]
    energy: int
    critical: int

    @property
    def name(self) -> str:
        return f"{self.chip}.{self.core}"

    @property
    def busy(self) -> int:
        """Picoseconds of the unit that worked longer."""
        return max(sum(self.neuron_time.values()), sum(self.synapse_time.values()))


@dataclass(frozen=True, slots=True)
class LinkLoad:
    """From tile (`column`, `row`) to a neighbour.

    `busy`, `waited`: picoseconds for which messages held it, and for which messages waited for it.
    `critical`: as of a core.
    """

    column: int
    row: int
    to_column: int
    to_row: int
    messages: int
    busy: int
    waited: int
    critical: int


@dataclass(frozen=True, slots=True)
class Workload:
    """What NeuroBench (Yik et al., Nature Communications 16, 2025) reports of a network and its activity.

    Attributes
    ----------
    dense, effective
        Synaptic operations over all samples: if every source spiked in every step and no weight were 0; and
        the accumulations that spikes cause, one for each weight other than 0.
    spikes, activations
        Spikes of all layers, or populations, that can spike, and how many there could have been.
    zeros, weights
        Weights that are 0, of all. A projection is a full matrix, also one that is stored as a convolution; a
        further synapse between one pair of neurons is a weight more.
    footprint
        Bytes of weights (8 bits), delays (8 bits) and biases (16 bits; also input biases, where a population
        has any) as full arrays.
    """

    dense: int
    effective: int
    spikes: int
    activations: int
    zeros: int
    weights: int
    footprint: int

    @property
    def activation_sparsity(self) -> float:
        """Part of the activations that are no spike; 0 of a network in which nothing can spike."""
        return 1 - self.spikes / self.activations if self.activations else 0.0

    @property
    def connection_sparsity(self) -> float:
        """Part of the weights that are 0; 0 of a network without any."""
        return self.zeros / self.weights if self.weights else 0.0


@dataclass(frozen=True, slots=True)
class OtherCosts:
    """The same samples with another set of constants: picoseconds and femtojoules."""

    name: str
    about: str
    latency: int
    energy: int


@dataclass(frozen=True, slots=True)
class ChipEstimate:
    """Sums over `samples` samples, each of `steps` steps of the chip; estimates, nothing was measured.

    Attributes
    ----------
    costs, about, assumed
        Name of the set of constants, whose they are, and what they take for granted.
    latency, longest_step, step_times, barrier
        Picoseconds of all steps, of the longest, of the first, second, ... step of all samples, and of all
        barriers.
    energy
        Femtojoules.
    sample_seconds
        Seconds of a recording.
    links
        Those that a message crossed, the busiest first.
    chip_columns, chip_rows, cores_per_tile
        The target's mesh, all chips side by side.
    notes
        What this network does that no constant is published of, and how it was counted.
    """

    __repr__ = brief

    costs: str
    about: str
    assumed: tuple[str, ...]
    samples: int
    steps: int
    sample_seconds: float
    latency: int
    longest_step: int
    step_times: tuple[int, ...]
    barrier: int
    energy: int
    operations: tuple[Operation, ...]
    cores: tuple[CoreLoad, ...]
    links: tuple[LinkLoad, ...]
    others: tuple[OtherCosts, ...]
    workload: Workload
    chip_columns: int
    chip_rows: int
    cores_per_tile: int
    notes: tuple[str, ...] = ()

    @property
    def busiest(self) -> CoreLoad:
        """The core with the unit that worked longest, the first of equals."""
        return max(self.cores, key=lambda core: core.busy)
