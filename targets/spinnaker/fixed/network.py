"""A network of IF_curr_delta populations and spike sources, as a PyNN script describes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnc.errors import LimitError, StageError
from snnc.targets.spinnaker.fixed.accum import Ints, encode
from snnc.targets.spinnaker.fixed.neurons import Constants
from snnc.targets.spinnaker.fixed.ring import SHIFT_MAX

DELAY_MAX = 288
"""Steps: 32 slots of a ring of 256 neurons and two receptors, and 8 · 32 by a delay extension."""


@dataclass(frozen=True, slots=True)
class Source:
    """`neurons` spike sources: they send what they are told to."""

    name: str
    neurons: int


@dataclass(frozen=True, slots=True)
class Current:
    """A DCSource: S16.15 int64 [neurons] of current in every step from `start` on."""

    start: int
    amplitude: Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """A population of IF_curr_delta; `shift` is that of its ring buffers."""

    name: str
    constants: Constants
    shift: int
    currents: tuple[Current, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.shift <= SHIFT_MAX:
            raise LimitError(
                f"{self.name}: its ring buffers are shifted by {self.shift} bits, the limit is "
                f"0..{SHIFT_MAX}; use smaller weights"
            )

    @property
    def neurons(self) -> int:
        return len(self.constants.threshold)

    def injected(self, step: int) -> Ints:
        """What all of its currents are in `step`, int64 [neurons]."""
        active = (each.amplitude for each in self.currents if step >= each.start)
        return sum(active, np.zeros(self.neurons, np.int64))


@dataclass(frozen=True, slots=True)
class Wires:
    """Synapses from `source` to one receptor of `destination`, int64 [synapses] each.

    `weight`: in units of the ring buffers, without a sign; `delay`: in steps, 1 or more.
    """

    source: str
    destination: str
    inhibitory: bool
    pre: Ints
    post: Ints
    weight: Ints
    delay: Ints

    def __post_init__(self) -> None:
        if len(self.delay) and not 1 <= int(self.delay.min()) <= int(self.delay.max()) <= DELAY_MAX:
            raise LimitError(
                f"{self.source} -> {self.destination}: delays {self.delay.min()}..{self.delay.max()} steps, "
                f"the board has 1..{DELAY_MAX}; shorten the delays, or put a population between"
            )


@dataclass(frozen=True, slots=True)
class Network:
    """`populations` in the order of a PyNN script, over `steps` steps."""

    populations: tuple[Source | Cells, ...]
    wires: tuple[Wires, ...]
    steps: int

    def __post_init__(self) -> None:
        named = {each.name: each for each in self.populations}
        for wires in self.wires:
            if wires.source not in named or not isinstance(named.get(wires.destination), Cells):
                raise StageError(
                    f"{wires.source} -> {wires.destination}: the network has no such populations; name those "
                    "that it has, and no source as a destination"
                )


def current(start: int, amplitude: Sequence[float], name: str) -> Current:
    """A DCSource of `amplitude` in nA for each neuron, as the host writes it."""
    values = [encode(each, f"{name}, neuron {number}: amplitude") for number, each in enumerate(amplitude)]
    return Current(start, np.array(values, np.int64))
