"""Coverage: what inputs reached of a network, from the trace of an executor, batch by batch.

Of every source only its first spike matters: a synapse with delay d carried a spike that arrived if its
source spiked at s with s + d < T, so if the earliest did. Of the distances of v from its threshold the least
on either side matter. So memory is a few numbers a neuron. `docs/coverage.md` says what is counted and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import gcd

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.hwsim.delivery import Delivery, Inlet
from snnc.hwsim.kernels import deliver_events
from snnc.stages import LayerTrace, QuantizedGraph, QuantizedLayer, Trace
from snnc.verification.inputs.close_scores import ties
from snnc.verification.inputs.distances import FAR, Gaps, distances

Steps = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

ONE_WEIGHT = 1 << formats.STATE_FRACTION_BITS
"""What a weight of 1 adds to u; "just" above or below a threshold is nearer than this."""
ENOUGH = 8
"""Largest number of spikes in one step that is counted; at this number, a neuron is done."""


class Count(IntEnum):
    """Columns of `Reached.counts`: steps of neurons, unless it says otherwise."""

    EQUALITIES = 0
    U_RESTS_BELOW = 1
    """Decays of a negative u that left a rest; of a positive u; of v, where no spike hid what was left."""
    U_RESTS_ABOVE = 2
    V_RESTS_BELOW = 3
    V_RESTS_ABOVE = 4
    U_AT_TOP = 5
    """u before the wrap was exactly 2^23, -2^23, above, or below; v before the clip was above or below."""
    U_AT_BOTTOM = 6
    U_ABOVE = 7
    U_BELOW = 8
    V_ABOVE = 9
    V_BELOW = 10
    TIES = 11
    """Samples, not steps: another class had v of the best one in every step. Of the readout alone."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What `samples` samples reached.

    Attributes
    ----------
    first, last
        For the input lines and then each layer, int32 [neurons], the first step of any sample in which each
        spiked, T for never; and bool [neurons], whether it did in the last step.
    met, above, below
        For each layer, bool [neurons], whether v met a threshold above 0 exactly; and int32 [neurons], the
        least distance from which it fired, and from which it did not, `FAR` for none. Both are 1 or more.
    most
        For each layer, int32 [neurons], how many spikes arrived in one step at most.
    counts
        int64 [layers, Count].
    """

    samples: int
    first: tuple[Steps, ...]
    last: tuple[Flags, ...]
    met: tuple[Flags, ...]
    above: tuple[Gaps, ...]
    below: tuple[Gaps, ...]
    most: tuple[Steps, ...]
    counts: npt.NDArray[np.int64]

    def __add__(self, other: Reached) -> Reached:
        """What the samples of both reached."""

        def both(join: np.ufunc, name: str) -> tuple[npt.NDArray, ...]:
            return tuple(join(*pair) for pair in zip(getattr(self, name), getattr(other, name), strict=True))

        return Reached(
            self.samples + other.samples,
            **{name: both(np.minimum, name) for name in _LEAST},
            **{name: both(np.logical_or, name) for name in _EVER},
            most=both(np.maximum, "most"),
            counts=self.counts + other.counts,
        )

    @classmethod
    def stacked(cls, parts: Sequence[Reached]) -> Reached:
        """One with an axis of samples before the others, as `reached_by_each` makes."""
        names = *_LEAST, *_EVER, "most"
        arrays = {
            name: tuple(np.stack(one) for one in zip(*(getattr(p, name) for p in parts), strict=True))
            for name in names
        }
        return Reached(1, **arrays, counts=np.stack([part.counts for part in parts]))

    def sample(self, index: int) -> Reached:
        """One of those that `reached_by_each` has apart."""
        arrays = {
            name: tuple(one[index] for one in getattr(self, name)) for name in (*_LEAST, *_EVER, "most")
        }
        return Reached(1, **arrays, counts=self.counts[index])


_LEAST, _EVER = ("first", "above", "below"), ("last", "met")


def nothing(graph: QuantizedGraph) -> Reached:
    """What no sample reaches; the start of a sum."""
    widths = [graph.inputs, *(layer.neurons for layer in graph.layers)]
    no = tuple(np.zeros(width, np.bool_) for width in widths)
    far = tuple(np.full(width, FAR, np.int32) for width in widths[1:])
    never = tuple(np.full(width, graph.time_steps, np.int32) for width in widths)
    counts = np.zeros((len(graph.layers), len(Count)), np.int64)
    none = tuple(np.zeros(width, np.int32) for width in widths[1:])
    return Reached(0, never, no, no[1:], far, far, none, counts)


def reached(
    graph: QuantizedGraph, inputs: npt.NDArray[np.uint8], trace: Trace, known: Reached | None = None
) -> Reached:
    """What one batch reached: `inputs` uint8 [samples, T, inputs] and the trace of an executor on it.

    What takes long and is `known` already may be left out.
    """
    if not len(inputs):
        return nothing(graph)
    each = reached_by_each(graph, inputs, trace, known)
    return Reached(
        len(inputs),
        **{name: tuple(one.min(axis=0) for one in getattr(each, name)) for name in _LEAST},
        **{name: tuple(one.any(axis=0) for one in getattr(each, name)) for name in _EVER},
        most=tuple(one.max(axis=0) for one in each.most),
        counts=each.counts.sum(axis=0),
    )


def reached_by_each(
    graph: QuantizedGraph, inputs: npt.NDArray[np.uint8], trace: Trace, known: Reached | None = None
) -> Reached:
    """As `reached`, with an axis of samples before the others: `sample` takes one."""
    trains = [inputs, *(layer.spikes.view(np.uint8) for layer in trace)]
    known = known or nothing(graph)
    counts = np.zeros((len(inputs), len(graph.layers), len(Count)), np.int64)
    met: list[Flags] = []
    above: list[Gaps] = []
    below: list[Gaps] = []
    most: list[Steps] = []
    for index, (layer, source, state) in enumerate(zip(graph.layers, trains[:-1], trace, strict=True)):
        equal = meets_threshold(layer, state)
        met.append(np.asarray(equal.any(axis=1)))
        for least, found in zip((above, below), distances(layer, state), strict=True):
            least.append(found)
        most.append(_most(layer, source, known.most[index]))
        counts[:, index, Count.EQUALITIES] = equal.sum(axis=(1, 2))
        counts[:, index, Count.U_RESTS_BELOW : Count.V_RESTS_BELOW] = _rests(state.u, layer.decay_u)
        counts[:, index, Count.V_RESTS_BELOW : Count.U_AT_TOP] = _rests(state.v, layer.decay_v, state.spikes)
        counts[:, index, Count.U_AT_TOP : Count.V_ABOVE] = _wraps(layer, source, state)
        counts[:, index, Count.V_ABOVE : Count.TIES] = _clips(layer, state)
    counts[:, -1, Count.TIES] = ties(graph, trace.readout)
    return Reached(
        1,
        first=tuple(first_spikes(train != 0) for train in trains),
        last=tuple(train[:, -1] != 0 for train in trains),
        met=tuple(met),
        above=tuple(above),
        below=tuple(below),
        most=tuple(most),
        counts=counts,
    )


def first_spikes(spikes: Flags) -> Steps:
    """The step of the first spike of each source, T for none; `spikes` is [..., T, sources]."""
    step = np.where(spikes.any(axis=-2), spikes.argmax(axis=-2), spikes.shape[-2])
    return step.astype(np.int32)


def meets_threshold(layer: QuantizedLayer, state: LayerTrace) -> Flags:
    """Where v met a threshold above 0 exactly (clause 6: it does not fire), [samples, T, neurons]."""
    if not layer.threshold:
        return np.zeros(state.v.shape, np.bool_)
    met: Flags = state.v == layer.threshold << formats.STATE_FRACTION_BITS  # v is 0 after a spike
    return met


def _rests(state: npt.NDArray[np.int32], decay: int, hidden: Flags | None = None) -> npt.NDArray[np.int64]:
    """Decays that left a rest (clause 4), of negative and of positive values; [samples, 2].

    Those into a step in which the result was `hidden` do not count.
    """
    whole = formats.DECAY_ONE // gcd(formats.DECAY_ONE - decay, formats.DECAY_ONE)  # multiples leave none
    if whole == 1:
        return np.zeros((len(state), 2), np.int64)
    kept = state[:, :-1]  # the last step's is not decayed any more
    left = kept & (whole - 1) != 0
    if hidden is not None:
        left &= ~hidden[:, 1:]
    below = np.count_nonzero(left & (kept < 0), axis=(1, 2))
    return np.stack([below, np.count_nonzero(left, axis=(1, 2)) - below], axis=1)


def _wraps(layer: QuantizedLayer, source: npt.NDArray[np.uint8], state: LayerTrace) -> npt.NDArray[np.int64]:
    """u before clause 3's wrap: exactly at its limits, and beyond; [samples, 4]."""
    if state.u_wraps == 0 and not (state.u == formats.U_MAX).any():
        return np.zeros((len(state.u), 4), np.int64)
    u = before(state.u, layer.decay_u) + (arriving(layer, source) << formats.STATE_FRACTION_BITS)
    limit = formats.U_MAX
    places = u == limit, u == -limit, u > limit, u <= -limit
    return np.stack([np.count_nonzero(at, axis=(1, 2)) for at in places], axis=1)


def _clips(layer: QuantizedLayer, state: LayerTrace) -> npt.NDArray[np.int64]:
    """v before clause 5's clip: above and below its limits; [samples, 2]."""
    if state.v_clips == 0:
        return np.zeros((len(state.v), 2), np.int64)
    v = before(state.v, layer.decay_v) + state.u + layer.bias
    beyond = v > formats.V_LIMIT, v < -formats.V_LIMIT
    return np.stack([np.count_nonzero(at, axis=(1, 2)) for at in beyond], axis=1)


def before(state: npt.NDArray[np.int32], decay: int) -> npt.NDArray[np.int64]:
    """What is left in each step of the state in the one before."""
    left = np.zeros(state.shape, np.int64)
    left[:, 1:] = decayed(state[:, :-1], decay)
    return left


def decayed(x: npt.NDArray[np.integer], decay: int) -> npt.NDArray[np.int64]:
    """Clause 4: toward zero."""
    size = np.abs(x.astype(np.int64)) * (formats.DECAY_ONE - decay) >> formats.DECAY_BITS
    return np.where(x < 0, -size, size)


def _most(layer: QuantizedLayer, source: npt.NDArray[np.uint8], known: Steps) -> Steps:
    """The most spikes that arrived in one step, [samples, neurons]; 0 if enough are `known`."""
    exists = (layer.weight != 0).astype(np.int32)
    if (known >= np.minimum(exists.sum(axis=1), ENOUGH)).all():
        return np.zeros((len(source), layer.neurons), np.int32)
    return np.asarray(arriving(replace(layer, weight=exists), source != 0).max(axis=1))


def arriving(layer: QuantizedLayer, source: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Clause 2: a in each step, [samples, T, neurons]."""
    spikes = np.array(source, np.uint8, order="C")
    arriving = np.empty((*spikes.shape[:2], layer.neurons), np.int32)
    delivery = Delivery(layer.name, [Inlet(layer.synapses)], layer.inputs, layer.neurons, spikes.shape[1])
    deliver_events(spikes, *delivery.events, arriving)
    return arriving


def carried(graph: QuantizedGraph, index: int, first: npt.NDArray[np.integer]) -> Flags:
    """Synapses of a layer over which a spike arrives if its sources spike `first` then; [neurons, inputs]."""
    layer = graph.layers[index]
    # In 64 bits: a delay may be as long as int32 allows.
    return (layer.weight != 0) & (first.astype(np.int64) + layer.delay < graph.time_steps)
