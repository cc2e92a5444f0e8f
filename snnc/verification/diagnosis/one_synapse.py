"""The hypotheses of faults in one synapse or source: those that give the sum which the difference asks for.

Up to the diverging step both sides had the same u. So the fault must leave the sum `a` of the neuron as it is
in every earlier step and change it by a known amount in this one: few synapses can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from snnc.verification.diagnosis.hypothesis import Change, Hypothesis
from snnc.verification.diagnosis.layer_model import Integers, LayerModel

NAMES = ("synapse-missing", "source-missing", "delay-changed", "weight-changed")
LONGEST = 62
"""Delays up to this, or up to the layer's longest, are tried, as far as a spike can arrive."""
WEIGHT_BITS = 8
"""Weights of as many bits are tried, or of as many as the layer's have."""
WRAPPED = 1 << 18
"""What wraps u once, in units of the sum."""


def one_synapse(
    model: LayerModel, neuron: int, step: int, expected: Mapping[str, Integers], found: Mapping[str, Integers]
) -> Iterator[Hypothesis]:
    """Hypotheses about one synapse, or source, of `neuron`, in which both sides first differ in `step`.

    `expected`, what the contract gives, and `found`, what is held of the other side, are by variable
    [T, neurons]. There are none if the change of the sum is not known.
    """
    wanted = _wanted(neuron, step, expected, found)
    if not wanted:
        return
    weight, delay = model.weight[neuron], model.delay[neuron]
    carried = _arriving(model.signal, delay, step)
    # A synapse that has delivered nothing before may have any weight.
    fresh = np.flatnonzero((carried[:step] == 0).all(axis=0) & (carried[step] != 0))
    solved = [
        (int(source), int(weight[source] + amount // carried[step, source]))
        for amount in wanted
        for source in fresh
        if amount % carried[step, source] == 0
    ]
    for source, value in solved:
        if value == 0:
            yield _of(neuron, source, "synapse-missing", f"weight {weight[source]}", weight=0)
            yield Hypothesis("source-missing", f"source {source}", _silent(source), anywhere=False)
    for source, value in sorted(_other_delays(model, neuron, step, carried, wanted)):
        where = f"delay {value} instead of {delay[source]}"
        yield _of(neuron, source, "delay-changed", where, delay=value)
    least, most = _weights(model)
    # A small change is likelier than a large one, and a synapse that is there than one that is not.
    for source, value in sorted(
        solved, key=lambda pair: (weight[pair[0]] == 0, abs(pair[1] - weight[pair[0]]))
    ):
        if value and least <= value <= most:
            where = f"weight {value} instead of {weight[source]}"
            yield _of(neuron, source, "weight-changed", where, weight=value)


def _weights(model: LayerModel) -> tuple[int, int]:
    """The weights that the layer's format holds."""
    largest = max(int(model.weight.max(initial=0)), ~int(model.weight.min(initial=0)))
    half = 1 << max(WEIGHT_BITS - 1, largest.bit_length())
    return -half, half - 1


def _wanted(
    neuron: int, step: int, expected: Mapping[str, Integers], found: Mapping[str, Integers]
) -> tuple[int, ...]:
    """The changes of the sum that explain the difference in `step`: one, and those that wrap; () if unknown.

    Without u, that of v is tried: it is the same where nothing is reset or clipped, and fits nowhere else.
    """
    name = next((name for name in ("u", "v") if name in found), None)
    if name is None:
        return ()
    left, right = int(expected[name][step, neuron]), int(found[name][step, neuron])
    if left == right or (right - left) % 64:
        return ()
    change = (right - left) // 64
    return change, change - WRAPPED, change + WRAPPED


def _arriving(signal: Integers, delay: Integers, step: int) -> Integers:
    """What each source brings in steps 0 .. `step`, int64 [step + 1, sources], weights left out."""
    sent = np.arange(step + 1)[:, None] - delay
    return np.where(sent >= 0, signal[np.maximum(sent, 0), np.arange(len(delay))], 0)


def _other_delays(
    model: LayerModel, neuron: int, step: int, carried: Integers, wanted: tuple[int, ...]
) -> Iterator[tuple[int, int]]:
    """Source and delay of each synapse that with another delay changes the sum as `wanted`."""
    weight, delay = model.weight[neuron], model.delay[neuron]
    present = np.flatnonzero(weight)
    longest = min(max(LONGEST, int(model.delay.max())), len(model.signal) - 1)
    for value in range(longest + 1):
        other = _arriving(model.signal[:, present], np.full(len(present), value), step)
        change = other - carried[:, present]
        same = (change[:step] == 0).all(axis=0) & np.isin(change[step] * weight[present], wanted)
        for source in present[same]:
            if delay[source] != value:
                yield int(source), value


def _of(neuron: int, source: int, name: str, where: str, **fields: int) -> Hypothesis:
    return Hypothesis(name, f"synapse from {source}: {where}", _at(neuron, source, fields), anywhere=False)


def _silent(source: int) -> Change:
    """Nothing arrives from `source` anywhere in the layer."""

    def change(model: LayerModel) -> LayerModel:
        signal = model.signal.copy()
        signal[:, source] = 0
        return replace(model, signal=signal)

    return change


def _at(neuron: int, source: int, fields: Mapping[str, int]) -> Change:
    def change(model: LayerModel) -> LayerModel:
        arrays = {}
        for name, value in fields.items():
            arrays[name] = getattr(model, name).copy()
            arrays[name][neuron, source] = value
        return replace(model, **arrays)

    return change
