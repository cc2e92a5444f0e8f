"""Pass: DiscreteModel -> QuantizedGraph."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import DiscreteLayer, DiscreteModel, QuantizedGraph, QuantizedLayer

FloatArray = npt.NDArray[np.float64]


def quantise(model: DiscreteModel, weight_bits: int = formats.WEIGHT_BITS_DEFAULT) -> QuantizedGraph:
    """Round weights, biases and decays to the integers of the contract.

    Each layer has one scale, integer = round(float * scale). In a spiking layer the scale is chosen
    so that the threshold becomes a whole number and costs nothing; the largest weight then uses at
    least half of the weight's range. Rounding is half to even. A synapse whose weight rounds to
    zero is gone.

    Raises
    ------
    LimitError
        If no scale fits (weights above 127 thresholds, a bias beyond 13 + 3 bits, all zero).
    """
    layers = []
    scale = 1.0
    for layer in model.layers:
        scale, threshold = _scale(layer, formats.SignedFormat(weight_bits))
        weight = np.rint(layer.weight * scale).astype(np.int32)
        mantissa, exponent = _bias(layer, scale)
        layers.append(
            QuantizedLayer(
                name=layer.name,
                weight=weight,
                delay=layer.delay,
                bias_mant=mantissa,
                bias_exp=exponent,
                decay_u=formats.DECAY_ONE,  # the method's synapse keeps no current
                decay_v=_decay(layer),
                threshold=threshold,
            )
        )
    return QuantizedGraph(
        layers=tuple(layers),
        time_steps=model.time_steps,
        bin_s=model.bin_s,
        readout_scale=1.0 / (scale * (1 << formats.STATE_FRACTION_BITS)),
        class_names=model.class_names,
    )


def _scale(layer: DiscreteLayer, form: formats.SignedFormat) -> tuple[float, int | None]:
    """The layer's scale and integer threshold (None for the readout)."""
    largest = float(np.abs(layer.weight).max())
    if largest == 0:
        raise LimitError(f"{layer.name}: every weight is 0; the layer passes nothing on, retrain it")
    full = form.maximum / largest
    if layer.threshold is None:
        return full, None
    threshold = min(int(layer.threshold * full), formats.THRESHOLD_MAX)
    if threshold < layer.threshold * full / 2 and threshold == formats.THRESHOLD_MAX:
        raise LimitError(
            f"{layer.name}: the threshold {layer.threshold:.4g} is {layer.threshold / largest:.0f} times the "
            f"largest weight {largest:.4g}; with a {formats.THRESHOLD_MAX}-step threshold the weights would "
            "use less than half of their range: no such layer fires, retrain it"
        )
    if threshold < 1:
        raise LimitError(
            f"{layer.name}: the largest weight, {largest:.4g}, is more than {form.maximum} times the "
            f"threshold {layer.threshold:.4g}; no {form.bits}-bit scale holds both"
        )
    return threshold / layer.threshold, threshold


def _bias(layer: DiscreteLayer, scale: float) -> tuple[npt.NDArray[np.int32], int]:
    """Mantissas and the smallest exponent that holds every bias of the layer."""
    wanted: FloatArray = layer.bias * scale * (1 << formats.STATE_FRACTION_BITS)
    for exponent in range(formats.BIAS_EXPONENT_MAX + 1):
        mantissa = np.rint(wanted / (1 << exponent))
        if mantissa.min() >= formats.BIAS_MANTISSA_MIN and mantissa.max() <= formats.BIAS_MANTISSA_MAX:
            return mantissa.astype(np.int32), exponent
    neuron = int(np.abs(wanted).argmax())
    raise LimitError(
        f"{layer.name}, neuron {neuron}: bias {layer.bias[neuron]:.4g} becomes {wanted[neuron]:.0f}, "
        f"the format holds {formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX}; "
        "use fewer weight bits, or train with weaker batch-norm offsets"
    )


def _decay(layer: DiscreteLayer) -> int:
    return round(formats.DECAY_ONE / layer.tau)
