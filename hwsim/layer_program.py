"""A layer made ready for the simulator, and the choice between its two ways to deliver spikes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import InputError
from snnc.hwsim.bit_kernel import deliver_bits, fire_bits
from snnc.hwsim.bit_lists import bit_lists
from snnc.hwsim.bit_trains import LINE, OCTETS, SAMPLES, pack, parts, unpack
from snnc.hwsim.bit_vectors import TILE
from snnc.hwsim.kernels import deliver_events, event_rows, update
from snnc.stages import QuantizedLayer

KERNELS = ("events", "bits")

TRAIN_COST, NEURON_COST = 1.1, 280
"""Of the bit kernel, for each of its `parts`: adding a train takes as long as this many synaptic events,
summing up a neuron as long as adding this many trains. Measured by benchmarks/kernels.py."""


class Spikes:
    """Spikes of a block of samples, as bytes or as trains of bits; either is made when asked for.

    `array` uint8 [samples, T, sources], of 0 and 1 or of payloads, or `trains` as `pack` makes them.
    """

    def __init__(
        self,
        array: npt.NDArray[np.uint8] | None = None,
        *,
        trains: npt.NDArray[np.uint8] | None = None,
        samples: int = 0,
        count: int = 0,
    ) -> None:
        if array is not None:
            self.array = array
            samples, count = len(array), int(np.count_nonzero(array.view(np.bool_)))
        if trains is not None:
            self.trains = trains
        self.samples, self.count = samples, count

    @cached_property
    def array(self) -> npt.NDArray[np.uint8]:
        spikes: npt.NDArray[np.uint8] = unpack(self.trains, self.samples)
        return spikes

    @cached_property
    def trains(self) -> npt.NDArray[np.uint8]:
        trains: npt.NDArray[np.uint8] = pack(self.array)
        return trains


class Workspace:
    """What a thread works in, whatever the layer: memory once asked for costs nothing the next time."""

    def __init__(self) -> None:
        self.counts = np.empty(OCTETS * SAMPLES, np.int64)
        """Becomes the spikes of each sample of a block."""
        self._bytes = np.empty(0, np.uint8)

    def allocate(self, size: int) -> npt.NDArray[np.uint8]:
        """`size` bytes or more, from a multiple of `LINE` on."""
        if len(self._bytes) < size:
            whole = np.empty(size + LINE, np.uint8)
            self._bytes = whole[-whole.ctypes.data % LINE :]
        return self._bytes


class LayerProgram:
    """A layer over `steps` steps, whose input goes up to `payload_max`.

    Its synapses are listed for a kernel when that is first used. Payloads above 1 are for "events" alone.
    """

    def __init__(self, layer: QuantizedLayer, steps: int, payload_max: int = 1) -> None:
        self.neurons = layer.neurons
        self._graded = payload_max > 1
        self._layer, self._steps = layer, steps
        self._bias = layer.bias
        self._keep_u = np.int32(formats.DECAY_ONE - layer.decay_u)
        self._keep_v = np.int32(formats.DECAY_ONE - layer.decay_v)
        # The readout never spikes: v is clipped to V_LIMIT and so never exceeds it.
        vth = layer.threshold
        self._plain = _never_saturates(layer, payload_max)
        self._threshold = np.int32(formats.V_LIMIT if vth is None else vth << formats.STATE_FRACTION_BITS)

    def run(
        self,
        spikes: Spikes,
        current: npt.NDArray[np.int32],
        v: npt.NDArray[np.int32],
        fired: npt.NDArray[np.uint8],
        workspace: Workspace,
        kernel: str | None,
    ) -> tuple[int, int]:
        """Run a block; return how often u wrapped and v clipped. `workspace.counts` are its spikes.

        `current` becomes u, [samples, T, neurons] as `v` and `fired`; v may have one sample only, where
        neither is wanted.
        """
        events = self._takes_events(spikes, kernel)
        if not events:
            deliver_bits(spikes.trains, *self.bits[:-1], self._memory(workspace), current)
        neuron = self._bias, self._keep_u, self._keep_v, self._threshold, self._plain
        wraps = clips = 0
        for first in range(0, len(current), SAMPLES):  # so few that they are still in the cache
            part = slice(first, first + SAMPLES)
            states, arriving = v[part] if len(v) > 1 else v, current[part]
            if events:
                if len(v) == 1:  # nobody wants u
                    arriving = current[: len(arriving)]
                deliver_events(spikes.array[part], *self.events, arriving)
            found = update(arriving, *neuron, states, fired[part], workspace.counts[part])
            wraps, clips = wraps + found[0], clips + found[1]
        return wraps, clips

    def fire(self, spikes: Spikes, workspace: Workspace, kernel: str | None) -> Spikes | None:
        """As `run`, for a layer whose states nobody wants; None if it must be run.

        It must where u or v may reach a limit, u is kept, or spikes are delivered by events.
        """
        if not self._plain or self._takes_events(spikes, kernel):
            return None
        counts = workspace.counts.reshape(OCTETS, SAMPLES)
        trains = fire_bits(spikes.trains, *self.bits[:-1], self._memory(workspace), *self._tiles, counts)
        return Spikes(
            trains=trains, samples=spikes.samples, count=int(workspace.counts[: spikes.samples].sum())
        )

    def _memory(self, workspace: Workspace) -> npt.NDArray[np.uint8]:
        return workspace.allocate(int(self.bits[-1]) * OCTETS)

    @cached_property
    def _tiles(self) -> tuple[npt.NDArray[np.int32] | np.int32, ...]:
        """Bias, decay and threshold as `fire_bits` reads them."""
        beyond = (0, -self.neurons % TILE)
        bias = np.pad(self._bias, beyond)
        threshold = np.pad(np.full(self.neurons, self._threshold), beyond, constant_values=formats.V_LIMIT)
        return bias, self._keep_v, threshold

    def _takes_events(self, spikes: Spikes, kernel: str | None) -> bool:
        return self._graded or (kernel or self.choose(spikes)) == "events"

    def takes(self, kernel: str) -> bool:
        """Whether this layer can be run where `kernel` is asked for."""
        return kernel != "bits" or self._graded or self._bits_memory < 1 << 31

    def choose(self, spikes: Spikes) -> str:
        """The kernel that should be faster on these spikes: the more there are, the sooner "bits".

        The event kernel takes as long to look for a spike as to deliver one to one neuron.
        """
        fan_out = self._synapses / self._layer.inputs
        events = spikes.count * fan_out + spikes.samples * self._steps * self._layer.inputs
        return "bits" if events > self.bits_cost(spikes.samples) else "events"

    @cached_property
    def _synapses(self) -> int:
        return int(np.count_nonzero(self._layer.weight))

    def bits_cost(self, samples: int) -> float:
        """Of a block, in synaptic events; infinite where `bits` fails."""
        return len(parts(-(-samples // SAMPLES), self._steps)) * self._vector_cost

    @cached_property
    def _vector_cost(self) -> float:
        if self._bits_memory >= 1 << 31:
            return float("inf")
        size = np.abs(self._layer.weight)
        trains = int(np.bitwise_count(3 * size ^ size).sum())  # digits of the non-adjacent form
        return TRAIN_COST * (trains + NEURON_COST * self.neurons)

    @property
    def _bits_memory(self) -> int:
        """More than `deliver_bits` uses, in bytes: trains with what comes before them, and carries."""
        before = min(self._layer.max_delay, self._steps)
        return ((before + 128) * self._layer.inputs + 10_000) * OCTETS

    @cached_property
    def events(self) -> tuple[npt.NDArray, ...]:
        """What `deliver_events` reads, in the narrowest types that fit: fewer bytes a spike."""
        row, offset, weight = event_rows(self._layer.weight, self._layer.delay, self._steps)
        types = (np.uint16, np.uint32, np.uint64), (np.int8, np.int16, np.int32)
        return row, _narrowest(offset, types[0]), _narrowest(weight, types[1])

    @cached_property
    def bits(self) -> tuple[npt.NDArray | int, ...]:
        """What `deliver_bits` reads, and how much memory it takes for each octet.

        Raises
        ------
        InputError
            If its trains lie beyond what 32-bit positions reach.
        """
        if self._bits_memory >= 1 << 31:
            raise InputError(
                f"simulator: {self._layer.name} has {self._layer.inputs} inputs with delays up to "
                f'{self._layer.max_delay}, more than the 2 GiB of the kernel "bits"; use "events", or let '
                "the simulator choose"
            )
        size = np.abs(self._layer.weight)
        largest = int(size.sum(axis=1, dtype=np.int64).max())
        return bit_lists(self._layer.weight, self._layer.delay, self._steps, 16 if largest < 1 << 15 else 24)


def _never_saturates(layer: QuantizedLayer, payload_max: int) -> bool:
    """That u does not depend on the step before, and |u| and |v| stay below their limits on any input.

    v is at most keep / 4096 of itself plus what comes in one step, so at most 4096 / dv of the latter.
    """
    largest = int(np.abs(layer.weight).sum(axis=1, dtype=np.int64).max()) * payload_max
    u = largest << formats.STATE_FRACTION_BITS
    v = (u + int(np.abs(layer.bias).max())) * formats.DECAY_ONE
    return layer.decay_u == formats.DECAY_ONE and u < formats.U_MAX and v < formats.V_LIMIT * layer.decay_v


def _narrowest(
    values: npt.NDArray[np.integer], types: tuple[type[np.integer], ...]
) -> npt.NDArray[np.integer]:
    low, high = values.min(initial=0), values.max(initial=0)
    fitting = next(t for t in types if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
    return values.astype(fitting)
