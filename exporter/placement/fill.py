"""Fill cores one after another with neurons, within every limit.

Layers are taken from the last to the first: then it is known how many cores listen to a neuron when it is
placed, which is what its axons take.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError
from snnc.exporter.placement.network import CHUNK, BoolArray, CountArray, Network, weigh
from snnc.exporter.placement.partition import Partition, SliceSize, core_use, excess
from snnc.target import Limits


class DoesNotFitError(LimitError):
    """A neuron that exceeds an empty core: `layer`, `neuron`, and `use` of the core that it alone fills."""

    def __init__(self, layer: str, neuron: int, use: dict[str, tuple[int, int]]) -> None:
        self.layer, self.neuron, self.use = layer, neuron, use
        name = excess(use)
        used, most = use[name]
        super().__init__(
            f"{layer}, neuron {neuron}: alone takes {name} {used:,} of {most:,} a core: {used - most:,} over"
        )


class NoMoreCoresError(LimitError):
    """There are fewer cores than the neurons take."""


@dataclass(slots=True)
class _Core:
    """A core that is being filled; `slices` of layers that are complete, `current` of the one at work."""

    slices: dict[int, SliceSize] = field(default_factory=dict)
    current: SliceSize = field(default_factory=SliceSize)
    axons_out: int = 0

    @property
    def empty(self) -> bool:
        return not self.slices and not self.current.neurons


@dataclass(frozen=True, slots=True)
class _Layer:
    """What is asked of each neuron of a layer again and again."""

    index: int
    present: BoolArray
    out_of: BoolArray
    """`present` by source, [inputs, neurons]: what a few sources reach is read in rows."""
    spikes: CountArray
    heard: CountArray
    """int64 [neurons]: spikes of all its sources."""
    fan_in: npt.NDArray[np.intp]
    axons: CountArray
    """int64 [neurons]: cores that listen to it."""


def fill(
    network: Network,
    limits: Limits,
    spikes: Sequence[CountArray],
    *,
    grow: bool,
    share: bool,
    most: float = math.inf,
) -> Partition:
    """Neurons on as few cores as the order allows.

    Parameters
    ----------
    grow
        True: next comes the neuron with the largest part of its incoming spikes on the core already, so
        that neurons with common sources come together. False: neurons come in their order.
    share
        True: the last core of a layer takes neurons of the layer before it too.
    most
        Cores that there are.

    Raises
    ------
    DoesNotFitError
        If one neuron alone exceeds a core.
    NoMoreCoresError
        As soon as more than `most` cores are needed.
    """
    owner = [np.full(layer.neurons, -1, np.int32) for layer in network]
    core, number = _Core(), 0
    listened: BoolArray = np.zeros((1, network[-1].neurons), np.bool_)  # [cores, neurons of the layer]
    for index in reversed(range(len(network))):
        present = network[index].present
        sent = spikes[index + 1] if index + 1 < len(network) else np.zeros(len(present), np.int64)
        layer = _Layer(
            index,
            present,
            np.ascontiguousarray(present.T),
            spikes[index],
            weigh(present, spikes[index]),
            np.count_nonzero(present, axis=1),
            np.count_nonzero(listened, axis=0).astype(np.int64),
        )
        if not share and not core.empty:
            core, number = _Core(), number + 1
        waiting = np.ones(len(present), np.bool_)
        covers = []
        while True:
            if number >= most:
                raise NoMoreCoresError(f"more than {number:,} cores are needed")
            at_home = sent * listened[number] if number < len(listened) else np.zeros_like(sent)
            taken, covered = _fill_core(core, layer, waiting, at_home if grow else None, network, limits)
            owner[index][taken] = number
            covers.append((number, covered))
            if not waiting.any():
                break
            core, number = _Core(), number + 1
        core.slices[index], core.current = core.current, SliceSize()
        listened = np.zeros((number + 1, present.shape[1]), np.bool_)
        for place, covered in covers:
            listened[place] = covered
    return Partition(tuple(owner), number + 1).in_order()


def _fill_core(
    core: _Core,
    layer: _Layer,
    waiting: BoolArray,
    at_home: CountArray | None,
    network: Network,
    limits: Limits,
) -> tuple[list[int], BoolArray]:
    """Move neurons from `waiting` to `core` until the next does not fit; them, and the sources they need.

    `at_home`: spikes of each neuron that stay on the core if it comes here; None takes them in order.
    """
    covered = np.zeros(layer.present.shape[1], np.bool_)
    taken: list[int] = []
    outside = layer.heard.copy()  # spikes of each neuron's sources that do not come here yet
    while waiting.any():
        if at_home is None:
            neuron = int(waiting.argmax())
        else:
            neuron = _nearest(outside - at_home, layer.heard, waiting)
        new = layer.present[neuron] & ~covered
        count = int(np.count_nonzero(new))
        size = SliceSize(
            core.current.neurons + 1,
            core.current.sources + count,
            core.current.synapses + int(layer.fan_in[neuron]),
        )
        out = core.axons_out + int(layer.axons[neuron])
        use = core_use(network, {**core.slices, layer.index: size}, out, limits)
        if excess(use):
            if core.empty:
                raise DoesNotFitError(network[layer.index].name, neuron, use)
            break
        core.current, core.axons_out = size, out
        covered |= new
        taken.append(neuron)
        waiting[neuron] = False
        if at_home is None or count == 0:
            continue
        if count < len(covered) - size.sources:
            outside -= _heard(layer, new)
        else:
            outside = _heard(layer, ~covered)
    return taken, covered


def _heard(layer: _Layer, sources: BoolArray) -> CountArray:
    """int64 [neurons]: spikes of those of their sources that are among `sources`; exact below 2**53."""
    which = np.flatnonzero(sources)
    heard: CountArray = np.zeros(len(layer.present), np.int64)
    size = max(1, CHUNK // len(layer.present))
    for some in np.split(which, range(size, len(which), size)):
        total = layer.spikes[some].astype(np.float64) @ layer.out_of[some].astype(np.float64)
        heard += np.rint(total).astype(np.int64)
    return heard


def _nearest(missing: CountArray, heard: CountArray, waiting: BoolArray) -> int:
    """The waiting neuron with the smallest missing part of its spikes; of equals the one that hears most."""
    part = np.where(waiting, missing / np.maximum(heard, 1), np.inf)
    equals = np.flatnonzero(part == part.min())
    return int(equals[heard[equals].argmax()])
