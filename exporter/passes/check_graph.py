"""The promise of the pass that quantises a graph, computed again in fractions where rounding decides."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.passes.check_exact import exact_scale_of
from snnc.exporter.passes.check_graph_scales import scale_of
from snnc.exporter.passes.promises import equal, every_neuron
from snnc.stages import (
    FloatGraph,
    FloatPopulation,
    FloatProjection,
    Population,
    Projection,
    QuantizedGraph,
    SynapseList,
)
from snnc.stages.population import INPUT

FloatArray = npt.NDArray[np.float64]

NEAR = 1e-6
"""So near to half a step fractions decide, not floating point."""
DOUBLE = Fraction(1, 2**48)
"""What a few operations with doubles may be off, relative to their result."""


def check_graph(
    before: FloatGraph,
    after: QuantizedGraph,
    bits: int | tuple[int, ...],
    per_neuron: bool,
    payload_max: int,
    finer: Mapping[str, FloatArray],
    exact: bool,
) -> None:
    """Raise `PassError` unless `after` is `before` on the grids that `graph_scales` describes.

    `finer`: by population, how much finer a grid of each neuron may be than one that holds all weights.
    `exact`: a scale that rounds no weight goes before it.
    """
    for what in ("time_steps", "bin_s"):
        equal("network", what, getattr(after, what), getattr(before, what))
    equal("network", "the populations", *([each.name for each in of.populations] for of in (after, before)))
    scales, most, left = {}, {}, list(bits) if isinstance(bits, tuple) else [bits] * len(after.stateful)
    equal("network", "the number of weight bits", len(left), len(after.stateful))
    for old in before.populations:
        new = after.population(old.name)
        for what in ("model", "neurons", "order", "reset", "end"):
            if what != "end" or old.end != before.time_steps:
                equal(old.name, what, getattr(new, what), getattr(old, what))
        if old.model == INPUT:
            equal(old.name, "the largest payload", new.payload_max, payload_max)
            continue
        most[old.name] = 2 ** (left.pop(0) - 1) - 1
        scale = scale_of(old, before, most[old.name], per_neuron, finer[old.name])
        if exact:
            own = exact_scale_of(old, before, most[old.name], per_neuron)
            scale = np.where(own > 0, own, scale)
        scales[old.name] = scale
        _rounded_thresholds(old, new, scale)
        _neurons(old, new, scale)
    equal("network", "the number of projections", len(after.projections), len(before.projections))
    for real, whole in zip(before.projections, after.projections, strict=True):
        _synapses(real, whole, scales[real.destination], most[real.destination])
    for old_readout, readout in zip(before.readouts, after.readouts, strict=True):
        name = readout.population
        equal(name, "the decoder", readout.decoder, old_readout.decoder)
        equal(name, "the class names", readout.class_names, old_readout.class_names)
        if old_readout.scale is not None:
            one = np.asarray(readout.scale) * 64 * scales[name] / old_readout.scale
            every_neuron(np.abs(one - 1) < NEAR, name, one, "not 1: the factor by which its scale is off")


def _rounded_thresholds(old: FloatPopulation, new: Population, scale: FloatArray) -> None:
    if old.threshold is None or new.threshold is None:
        return
    below = np.zeros(old.neurons, np.int64)
    if old.fires == "at" and old.model == "lif":
        decays = np.isin(new.decay_u, (0, 4096)) & np.isin(new.decay_v, (0, 4096))  # type: ignore[arg-type]
        below = (decays & (new.bias % 64 == 0)).astype(np.int64)
    wanted = old.threshold * scale
    _near(new.name, "the threshold on its grid", new.threshold + below, wanted, 0.5)


def _neurons(old: FloatPopulation, new: Population, scale: FloatArray) -> None:
    for keep, decay in (("keep_u", "decay_u"), ("keep_v", "decay_v"), ("keep_w", "decay_w")):
        kept = getattr(old, keep)
        if kept is not None:
            found = getattr(new, decay)
            right = np.array([_decays(float(one), int(k)) for one, k in zip(kept, found, strict=True)])
            every_neuron(right, new.name, found, f"not {decay}, 4096 (1 - {keep}) rounded")
    if old.ka is not None and old.kb is not None:
        _near(new.name, "ka, 4096ths", new.ka, 4096 * old.ka, 0.5)
        _near(new.name, "kb on its grid", new.kb, 64 * old.kb * scale, 0.5)
    if old.reset_by is not None:
        _near(new.name, "r on its grid", new.reset_by, old.reset_by * scale, 0.5)
    assert old.bias is not None
    assert old.input_bias is not None
    assert new.bias_exp is not None
    assert new.input_bias_exp is not None
    for what, found, wanted, exponent in (
        ("its bias", new.bias, 64 * old.bias * scale, new.bias_exp),
        ("its input bias", new.input_bias, old.input_bias * scale, new.input_bias_exp),
    ):
        _near(new.name, what, found, wanted, 2**exponent / 2)
        if exponent:
            finer = wanted / 2 ** (exponent - 1)
            if finer.max() < 4095.5 - NEAR and finer.min() > -4096.5 + NEAR:
                raise PassError(f"{new.name}: the exponent of {what} is {exponent}, a smaller one is enough")


@lru_cache(1 << 12)
def _decays(keep: float, k: int) -> bool:
    """Whether `k` is 4096 (1 - keep) rounded; many neurons have the same."""
    return _nearest(4096 * (1 - Fraction(keep)), k, Fraction(1, 2**40))


def _synapses(old: FloatProjection, new: Projection, scale: FloatArray, most: int) -> None:
    equal(old.name, "the projection", new.name, old.name)
    equal(old.name, "the weight exponent", new.weight_exp, 0)
    was, found = old.synapses.as_list(), new.synapses.as_list()
    place = np.searchsorted(_keys(was, was.max_delay), _keys(found, was.max_delay))  # some are gone
    known = np.append(_keys(was, was.max_delay), -1)
    strange = (known[place] != _keys(found, was.max_delay)) | (found.delay > was.max_delay)
    if strange.any():
        k = int(strange.argmax())
        raise PassError(
            f"{old.name}: there was no synapse {found.pre[k]} -> {found.post[k]} of delay {found.delay[k]}"
        )
    weight = np.zeros(was.count, np.int64)
    weight[place] = found.weight
    wanted = np.minimum(np.maximum(was.weight * scale[was.post], -most), most)  # beyond, the end of the grid
    for k in np.flatnonzero(np.abs(weight - wanted) > 0.5 - NEAR).tolist():
        exact = Fraction(float(was.weight[k])) * Fraction(float(scale[was.post[k]]))
        exact = min(max(exact, Fraction(-most)), Fraction(most))
        if not _nearest(exact, int(weight[k]), DOUBLE * abs(exact)):
            raise PassError(
                f"{old.name}, synapse {was.pre[k]} -> {was.post[k]}: {weight[k]} is not the weight times its "
                f"scale, {wanted[k]:g}, rounded"
            )


def _keys(synapses: SynapseList, longest: int) -> npt.NDArray[np.int64]:
    """A number for each, in the order of the list: by pre, post, delay."""
    pair = synapses.pre.astype(np.int64) * synapses.post_neurons + synapses.post
    keys: npt.NDArray[np.int64] = pair * (longest + 1) + synapses.delay
    return keys


def _near(name: str, what: str, found: object, wanted: FloatArray, within: float) -> None:
    off = np.abs(np.asarray(found) - wanted)
    slack = NEAR * within + 2**-46 * np.abs(wanted)
    every_neuron(off <= within + slack, name, np.asarray(found), f"not {what}, rounded")


def _nearest(exact: Fraction, whole: int, slack: Fraction) -> bool:
    """Whether `whole` is `exact` rounded, as far as doubles can tell."""
    return abs(exact - whole) <= Fraction(1, 2) + slack
