"""Pass: TrainedModel -> DiscreteModel."""

from __future__ import annotations

from snnc.exporter.fold_batch_norm import fold_batch_norm
from snnc.exporter.round_delays import round_delays
from snnc.stages import DiscreteLayer, DiscreteModel, TrainedLayer, TrainedModel


def discretise(model: TrainedModel, weight_bits: int | None = None) -> DiscreteModel:
    """Fold batch norm and round the delays of every layer; weights stay floating point.

    Where training finished the network for weights of `weight_bits` bits, that network is taken, its weights
    on the grid of the integers; None asks for the network before any quantisation.
    """
    layers = model.quantised.get(weight_bits) if weight_bits is not None else None
    return DiscreteModel(
        layers if layers is not None else tuple(_layer(layer) for layer in model.layers),
        model.time_steps,
        model.bin_s,
        model.class_names,
    )


def _layer(layer: TrainedLayer) -> DiscreteLayer:
    weight, bias = fold_batch_norm(layer)
    return DiscreteLayer(layer.name, weight, round_delays(layer), bias, layer.tau, layer.threshold)
