"""What arrives at neurons (clause 2): synapses made ready for the two kernels, and the choice between these.

Sources are numbered side by side, and so are neurons: the synapses of several projections are one list. They
add up in any order: by clause 2 every partial sum lies within +-2^18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.hwsim.bit_kernel import deliver_bits
from snnc.hwsim.bit_lists import bit_lists
from snnc.hwsim.bit_trains import OCTETS, SAMPLES, parts
from snnc.hwsim.kernels import deliver_events, event_rows
from snnc.hwsim.spikes import Spikes, Workspace
from snnc.stages import SynapseMatrix, Synapses

KERNELS = ("events", "bits")

TRAIN_COST, NEURON_COST = 1.1, 280
"""Of the bit kernel, for each of its `parts`: adding a train takes as long as this many synaptic events,
summing up a neuron as long as adding this many trains. Measured by benchmarks/kernels.py."""

MATRIX, SPARSE = 1 << 22, 8
"""The bit kernel's lists are made of a matrix; of one of more than `MATRIX` elements only if there are at
most `SPARSE` for each synapse."""

Ints = npt.NDArray[np.int32]
Rows = tuple[npt.NDArray[np.int64], npt.NDArray[np.integer], npt.NDArray[np.integer]]


@dataclass(frozen=True, slots=True)
class Inlet:
    """Synapses of one projection: its weights are shifted left by `exponent`, its source and its neurons
    begin at these numbers, and a source sends events up to `payload_max`."""

    synapses: Synapses
    exponent: int = 0
    first_source: int = 0
    first_neuron: int = 0
    payload_max: int = 1


class Delivery:
    """Synapses from `sources` to `neurons` over `steps` steps; `name` is for errors.

    They are listed for a kernel when that is first used. Payloads above 1 are for "events" alone.
    """

    def __init__(self, name: str, inlets: Sequence[Inlet], sources: int, neurons: int, steps: int) -> None:
        self.name, self.sources, self.neurons = name, sources, neurons
        self._inlets, self._steps = inlets, steps
        self._graded = any(each.payload_max > 1 for each in inlets)
        self._synapses = sum(each.synapses.count for each in inlets)
        self._max_delay = max((each.synapses.max_delay for each in inlets), default=0)

    @property
    def empty(self) -> bool:
        """Whether no projection is here."""
        return not self._inlets

    @cached_property
    def largest(self) -> int:
        """The most that may arrive at a neuron in a step, but for its input bias."""
        total = np.zeros(self.neurons, np.int64)
        for each in self._inlets:
            stop = each.first_neuron + each.synapses.post_neurons
            total[each.first_neuron : stop] += (each.synapses.sums() << each.exponent) * each.payload_max
        return int(total.max())

    def deliver(
        self,
        spikes: Spikes,
        arriving: npt.NDArray[np.int32],
        workspace: Workspace,
        kernel: str | None,
        part: slice | None = None,
    ) -> None:
        """Overwrite `arriving`, [samples, T, neurons], by what arrives of the spikes.

        `part` are samples to which `arriving` is confined; it is for "events" alone.
        """
        if self.takes_events(spikes, kernel):
            deliver_events(spikes.array if part is None else spikes.array[part], *self.events, arriving)
        else:
            trains, lists, memory = self.as_bits(spikes, workspace)
            deliver_bits(trains, *lists, memory, arriving)

    def as_bits(
        self, spikes: Spikes, workspace: Workspace
    ) -> tuple[npt.NDArray[np.uint8], tuple[npt.NDArray | int, ...], npt.NDArray[np.uint8]]:
        """What the bit kernel reads and works in: trains, lists and memory."""
        trains = spikes.trains if self._copies == 1 else np.concatenate([spikes.trains] * self._copies)
        return trains, self.bits[:-1], workspace.allocate(int(self.bits[-1]) * OCTETS)

    def takes_events(self, spikes: Spikes, kernel: str | None) -> bool:
        """Whether these spikes are delivered by events, where `kernel` is asked for."""
        return self._graded or (kernel or self.choose(spikes)) == "events"

    def takes(self, kernel: str) -> bool:
        """Whether it can be run where `kernel` is asked for."""
        return kernel != "bits" or self._graded or self._bits_memory < 1 << 31

    def choose(self, spikes: Spikes) -> str:
        """The kernel that should be faster on these spikes: the more there are, the sooner "bits".

        The event kernel takes as long to look for a spike as to deliver one to one neuron.
        """
        fan_out = self._synapses / self.sources
        events = spikes.count * fan_out + spikes.samples * self._steps * self.sources
        return "bits" if events > self.bits_cost(spikes.samples) else "events"

    def bits_cost(self, samples: int) -> float:
        """Of a block, in synaptic events; infinite where `bits` fails."""
        return len(parts(-(-samples // SAMPLES), self._steps)) * self._vector_cost

    @cached_property
    def _vector_cost(self) -> float:
        if self._bits_memory >= 1 << 31:
            return float("inf")
        size = np.abs(self._weights)
        trains = int(np.bitwise_count(3 * size ^ size).sum())  # digits of the non-adjacent form
        return TRAIN_COST * (trains + NEURON_COST * self.neurons)

    @property
    def _bits_memory(self) -> float:
        """More than `deliver_bits` uses, in bytes: trains with what comes before them, and carries.

        Infinite where its lists would be made of a matrix that is large and nearly empty.
        """
        if self._matrix is None and self.sources * self.neurons > max(MATRIX, SPARSE * self._synapses):
            return float("inf")
        before = min(self._max_delay, self._steps)
        return ((before + 128) * self.sources * self._copies + 10_000) * OCTETS

    @cached_property
    def events(self) -> Rows:
        """What `deliver_events` reads."""
        if self._matrix is not None:
            return narrow(*event_rows(*self._matrix, self._steps))
        return rows_of(*self._columns, self.sources, self.neurons)

    @cached_property
    def bits(self) -> tuple[npt.NDArray | int, ...]:
        """What `deliver_bits` reads, and how much memory it takes for each octet.

        Raises
        ------
        InputError
            If its trains lie beyond what 32-bit positions reach, or its synapses are too few for the sources.
        """
        if self._bits_memory == float("inf"):
            raise InputError(
                f"simulator: {self.name} has {self._synapses} synapses between {self.sources} sources and "
                f'{self.neurons} neurons, fewer than one in {SPARSE}, too few for the kernel "bits"; use '
                '"events", or let the simulator choose'
            )
        if self._bits_memory >= 1 << 31:
            raise InputError(
                f"simulator: {self.name} has {self.sources} inputs with delays up to "
                f'{self._max_delay}, more than the 2 GiB of the kernel "bits"; use "events", or let '
                "the simulator choose"
            )
        weight, delay = self._matrix or self._stacked
        return bit_lists(weight, delay, self._steps, 16 if self.largest < 1 << 15 else 24)

    @cached_property
    def _matrix(self) -> tuple[Ints, Ints] | None:
        """Weights and delays of a single projection that is stored so; else None."""
        if len(self._inlets) != 1 or not isinstance(self._inlets[0].synapses, SynapseMatrix):
            return None
        (inlet,) = self._inlets
        weight = inlet.synapses.weight  # type: ignore[attr-defined]
        if weight.shape != (self.neurons, self.sources):
            return None
        if inlet.exponent:
            weight = weight << np.int32(inlet.exponent)
            weight.flags.writeable = False  # as the delay: the loops are compiled for either kind apart
        return weight, inlet.synapses.delay  # type: ignore[attr-defined]

    @property
    def _weights(self) -> Ints:
        return self._columns[2] if self._matrix is None else self._matrix[0]

    @cached_property
    def _columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Source, neuron, weight and delay of each synapse that arrives before the last step is over."""
        found: list[tuple[Ints, ...]] = []
        for each in self._inlets:
            of = each.synapses.as_list()
            columns = (of.pre, of.post, of.weight, of.delay)
            pre, post, weight, delay = (column[of.delay < self._steps] for column in columns)
            found.append((pre + each.first_source, post + each.first_neuron, weight << each.exponent, delay))
        none = (np.zeros(0, np.int32),) * 4
        pre, post, weight, delay = (np.concatenate(column) for column in zip(none, *found, strict=True))
        return pre, post, weight, delay

    @cached_property
    def _ranks(self) -> npt.NDArray[np.int64]:
        """Of each synapse, how many of its source and neuron come before it."""
        pre, post, _, _ = self._columns
        pair = pre.astype(np.int64) * self.neurons + post
        order = np.argsort(pair, kind="stable")
        first = np.flatnonzero(np.diff(pair[order], prepend=-1))
        rank = np.empty_like(pair)
        rank[order] = np.arange(len(pair)) - np.repeat(first, np.diff(first, append=len(pair)))
        return rank

    @cached_property
    def _copies(self) -> int:
        """How often all sources stand side by side, so that each pair in a matrix has one synapse."""
        return 1 if self._matrix is not None else int(self._ranks.max(initial=0)) + 1

    @property
    def _stacked(self) -> tuple[Ints, Ints]:
        """Matrices [neurons, copies * sources] of weights and delays."""
        pre, post, weight, delay = self._columns
        found = np.zeros((2, self.neurons, self._copies * self.sources), np.int32)
        found[:, post, self._ranks * self.sources + pre] = weight, delay
        found.flags.writeable = False
        return found[0], found[1]


def rows_of(pre: Ints, post: Ints, weight: Ints, delay: Ints, sources: int, neurons: int) -> Rows:
    """Synapses by source, each source's by delay: `row`, `offset` and `weight` of `deliver_events`."""
    wide = delay.astype(np.int64)
    order = np.argsort(pre * (wide.max(initial=0) + 1) + wide, kind="stable")
    row = np.zeros(sources + 1, np.int64)
    np.cumsum(np.bincount(pre, minlength=sources), out=row[1:])
    return narrow(row, (wide * neurons + post)[order], weight[order])


def narrow(row: npt.NDArray[np.int64], offset: npt.NDArray[np.int64], weight: Ints) -> Rows:
    """The same in the narrowest types that fit: fewer bytes a spike."""
    types = (np.uint16, np.uint32, np.uint64), (np.int8, np.int16, np.int32)
    return row, _narrowest(offset, types[0]), _narrowest(weight, types[1])


def _narrowest(
    values: npt.NDArray[np.integer], types: tuple[type[np.integer], ...]
) -> npt.NDArray[np.integer]:
    low, high = values.min(initial=0), values.max(initial=0)
    fitting = next(t for t in types if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return values.astype(fitting)
