"""Mistakes of the host: how it cuts, orders, casts and pads the input, and how it reads the records."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine
from independent_faults.memory_faults import signed


class OtherInput(Machine):
    """A machine that gets `changed(x)` of a sample instead of x."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def source(self, x: np.ndarray) -> Ints:
        return self.changed(x)[self.t].astype(np.int64)


@fault("input_read_transposed", "demo", 2)
class InputReadTransposed(OtherInput):
    """The bytes of a sample, written line by line of inputs, are read as if they were written step by
    step: what step t gets are the bytes from t times the number of inputs on."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        return x.T.reshape(x.shape)


@fault("input_lines_mirrored", "deep", 2)
class InputLinesMirrored(OtherInput):
    """Input lines are counted from the other end: line j is line inputs - 1 - j."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        return x[:, ::-1]


@fault("padded_on_the_left", "deep", 2)
class PaddedOnTheLeft(OtherInput):
    """The silent steps at the end of a sample stand before its first step."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        active = np.flatnonzero(x.any(axis=1))
        return np.roll(x, len(x) - 1 - active[-1], axis=0) if len(active) else x


@fault("leading_silence_trimmed", "wide", 2)
class LeadingSilenceTrimmed(OtherInput):
    """A sample is cut so that its first event is in step 0; silent steps are put at the end for it."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        active = np.flatnonzero(x.any(axis=1))
        return np.roll(x, -active[0], axis=0) if len(active) else x


@fault("bins_twice_as_wide", "demo", 2)
class BinsTwiceAsWide(OtherInput):
    """Bins are two steps wide: an event of an odd step acts in the step before it, and two events of a
    line in one bin count once."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        wide = x.copy()
        odd = wide[1::2]
        wide[0 : 2 * len(odd) : 2] = np.maximum(wide[0 : 2 * len(odd) : 2], odd)
        wide[1::2] = 0
        return wide


@fault("input_step_5_bits", "wide", 2)
class InputStep5Bits(OtherInput):
    """The step of the input has 5 bits: in step t the input of step t modulo 32 is read."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        return x[np.arange(len(x)) % 32]


@fault("one_event_a_line", "deep", 2)
class OneEventALine(OtherInput):
    """Of each input line the first event of a sample counts and later ones are dropped (latency code)."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        return np.where((x > 0).cumsum(axis=0) == 1, x, 0)


@fault("payloads_normalised", "graded", 2)
class PayloadsNormalised(OtherInput):
    """Payloads of a sample are scaled so that the largest is 15, and rounded down."""

    def changed(self, x: np.ndarray) -> np.ndarray:
        return x.astype(np.int64) * 15 // max(1, int(x.max()))


@fault("samples_exchanged_in_pairs", "demo", 8)
class SamplesExchangedInPairs(Machine):
    """Samples 2k and 2k + 1 of a run have each other's records; a last one without a partner is right."""

    def run(self, x: np.ndarray) -> list[tuple[Ints, Ints, Ints]]:
        order = np.arange(len(x))
        pairs = len(x) // 2 * 2
        order[:pairs] = order[:pairs].reshape(-1, 2)[:, ::-1].ravel()
        return [(u[order], v[order], s[order]) for u, v, s in super().run(x)]


@fault("last_step_repeated", "wide", 7)
class LastStepRepeated(Machine):
    """The last step is not run; what is recorded of it is what was recorded of the step before."""

    def run(self, x: np.ndarray) -> list[tuple[Ints, Ints, Ints]]:
        record = super().run(x)
        for values in record:
            for value in values:
                value[:, -1] = value[:, -2]
        return record


@fault("probe_buffer_of_64", "wide", 7)
class ProbeBufferOf64(Machine):
    """The records hold 64 steps: step 64 is written over step 0, and so on; steps from 64 on read 0."""

    def run(self, x: np.ndarray) -> list[tuple[Ints, Ints, Ints]]:
        record = super().run(x)
        for values in record:
            for value in values:
                beyond = value[:, 64:].copy()
                value[:, : beyond.shape[1]] = beyond
                value[:, 64:] = 0
        return record


@fault("current_recorded_in_16_bits", "deep", 3)
class CurrentRecordedIn16Bits(Machine):
    """u is recorded in 16 bits, two's complement; the state is right."""

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        super().probe(layer, fired, record)
        record[layer.index][0][self.sample, self.t] = signed(layer.u, 16)


@fault("readout_recorded_in_reverse", "graded", 7)
class ReadoutRecordedInReverse(Machine):
    """The neurons of the readout are recorded in reverse order, u and v; the state is right."""

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        super().probe(layer, fired, record)
        if layer.threshold is None:
            for values in record[layer.index]:
                values[self.sample, self.t] = values[self.sample, self.t][::-1]


@fault("spikes_recorded_on_the_wire", "edges", 6)
class SpikesRecordedOnTheWire(Machine):
    """The recorded spikes of a layer are those on the wire, which are sent in the next step: they are a
    step late and the last ones are missing; u, v and all computing are right."""

    def run(self, x: np.ndarray) -> list[tuple[Ints, Ints, Ints]]:
        record = super().run(x)
        for _, _, spikes in record:
            spikes[:, 1:] = spikes[:, :-1].copy()
            spikes[:, 0] = 0
        return record
