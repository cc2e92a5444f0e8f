"""Pass: TrainedModel -> DiscreteModel."""

from __future__ import annotations

from collections.abc import Sequence

from snnc.exporter.fold_batch_norm import fold_batch_norm
from snnc.exporter.round_delays import round_delays
from snnc.stages import DiscreteLayer, DiscreteModel, TrainedLayer, TrainedModel


def discretise(
    model: TrainedModel | DiscreteModel, weight_bits: int | Sequence[int] | None = None
) -> DiscreteModel:
    """Fold batch norm and round the delays of every layer; weights stay floating point.

    A layer is taken from the network that training finished for its `weight_bits` (one number for all, or one
    a layer), if there is one; its weights lie on the grid of the integers. None asks for the network before
    any quantisation. An imported net is discrete already and stays as it is.
    """
    if isinstance(model, DiscreteModel):
        return model
    if weight_bits is None or isinstance(weight_bits, int):
        weight_bits = [weight_bits or 0] * len(model.layers)
    layers = [
        model.quantised[bits][index] if bits in model.quantised else _layer(layer)
        for index, (layer, bits) in enumerate(zip(model.layers, weight_bits, strict=True))
    ]
    return DiscreteModel(tuple(layers), model.time_steps, model.bin_s, model.class_names)


def _layer(layer: TrainedLayer) -> DiscreteLayer:
    weight, bias = fold_batch_norm(layer)
    return DiscreteLayer(layer.name, weight, round_delays(layer), bias, layer.tau, layer.threshold)
