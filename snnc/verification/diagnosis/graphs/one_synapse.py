"""The hypotheses of a fault in one synapse or source: those that give what the sums of one neuron lack.

The recorded u says what arrived in each step. Where that differs from the contract at one neuron alone, few
changes of one of its synapses explain the differences of all steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from snnc.verification.diagnosis.graphs.hypothesis import Change, Hypothesis
from snnc.verification.diagnosis.graphs.population_model import PopulationModel, before
from snnc.verification.diagnosis.graphs.sample import Sample, sums
from snnc.verification.diagnosis.graphs.wire_faults import called
from snnc.verification.diagnosis.graphs.wires import Wires
from snnc.verification.diagnosis.layer_model import U_HALF, Integers, decay

LONGEST = 62
"""Delays up to this, or up to the projection's longest, are tried."""
AFFERENTS = 4096
"""Synapses of a neuron, at most, that are looked at."""


def lacking(model: PopulationModel, one: Sample, rows: Integers) -> Integers | None:
    """What is added to the sums of neurons `rows`, int64 [T, rows]; None if u differs in another way."""
    of = {name: values[rows] for name, values in model.numbers.items()}
    u = one.record["u"][:, rows]
    arrived = u - decay(before(u), of["du"], "zero")
    change = arrived - ((sums(model, one, rows) + of["input_bias"]) << 6)
    change = (change + U_HALF) % (2 * U_HALF) - U_HALF
    return None if (change % 64).any() else change // 64


def one_synapse(model: PopulationModel, neuron: int, samples: Sequence[Sample]) -> Iterator[Hypothesis]:
    """Hypotheses about one synapse of `neuron`, or about one source."""
    lacks = [lacking(model, one, np.array([neuron])) for one in samples]
    asked = [each[:, 0] for each in lacks if each is not None]
    if len(asked) != len(samples) or not any(each.any() for each in asked):
        return
    wanted = np.concatenate(asked)
    for index, wires in enumerate(model.wires):
        name = called(model, index)
        for k in np.flatnonzero(wires.post == neuron)[:AFFERENTS]:
            source, weight, delay = int(wires.pre[k]), int(wires.weight[k]), int(wires.delay[k])
            signals = [one.signals[wires.source][:, source] for one in samples]
            carried = np.concatenate([_shifted(each, delay) for each in signals])
            value = _factor(carried, wanted, wires.exp)
            where = f"{name}, synapse {source} to {neuron}"
            if value == -weight:
                yield _of(index, k, "synapse-missing", f"{where}: weight {weight}, delay {delay}", weight=0)
                yield Hypothesis(
                    "source-missing", f"{name}, source {source}", _silent(index, source), False, True
                )
            elif value:
                changed = f"{where}: weight {weight + value} instead of {weight}"
                yield _of(index, k, "weight-changed", changed, weight=weight + value)
            if value in (None, -weight):  # a spike that is too late for the sample is missing, too
                rest = wanted + (carried * weight << wires.exp)
                for other in _delays(wires, rest, signals, weight):
                    changed = f"{where}: delay {other} instead of {delay}"
                    yield _of(index, k, "delay-changed", changed, delay=other)


def _shifted(train: Integers, delay: int) -> Integers:
    return np.concatenate([np.zeros(min(delay, len(train)), np.int64), train[: max(0, len(train) - delay)]])


def _factor(carried: Integers, wanted: Integers, exp: int) -> int | None:
    """The weight with which `carried` is what is wanted, None if there is none."""
    at = int(carried.argmax())
    if not carried[at]:
        return None
    value, rest = divmod(int(wanted[at]), int(carried[at]) << exp)
    return value if not rest and ((carried * value << exp) == wanted).all() else None


def _delays(wires: Wires, rest: Integers, signals: Sequence[Integers], weight: int) -> Iterator[int]:
    """With which a synapse delivers `rest`."""
    if not any(each.any() for each in signals):
        return
    longest = min(max(LONGEST, int(wires.delay.max(initial=0))), len(signals[0]) - 1)
    for delay in range(longest + 1):
        if (np.concatenate([_shifted(each, delay) for each in signals]) * weight << wires.exp == rest).all():
            yield delay


def _of(index: int, k: int, name: str, where: str, **fields: int) -> Hypothesis:
    def change(model: PopulationModel) -> PopulationModel:
        wires = model.wires[index]
        arrays = {}
        for field, value in fields.items():
            arrays[field] = getattr(wires, field).copy()
            arrays[field][k] = value
        return model.with_wires(index, wires.changed(**arrays))

    return Hypothesis(name, where, change, False, True)


def _silent(index: int, source: int) -> Change:
    def change(model: PopulationModel) -> PopulationModel:
        wires = model.wires[index]
        return model.with_wires(index, wires.only(wires.pre != source))

    return change
