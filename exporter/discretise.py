"""Pass: TrainedModel -> DiscreteModel."""

from __future__ import annotations

from snnc.exporter.fold_batch_norm import fold_batch_norm
from snnc.exporter.round_delays import round_delays
from snnc.stages import DiscreteLayer, DiscreteModel, TrainedModel


def discretise(model: TrainedModel) -> DiscreteModel:
    """Fold batch norm and round the delays of every layer; weights stay floating point."""
    layers = []
    for layer in model.layers:
        weight, bias = fold_batch_norm(layer)
        layers.append(
            DiscreteLayer(layer.name, weight, round_delays(layer), bias, layer.tau, layer.threshold)
        )
    return DiscreteModel(tuple(layers), model.time_steps, model.bin_s, model.class_names)
