"""What a run leaves behind: the networks that it kept, as a model."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from snnc.stages import DiscreteLayer, TrainedGraph, TrainedModel
from snnc.trainer.config import TrainConfig
from snnc.trainer.delay_record import KEY
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.graph_network.whole import positions_of, whole_graph
from snnc.trainer.inference import layers_of
from snnc.trainer.metrics import delays_of
from snnc.trainer.network import DelayNetwork


def model_of(
    network: DelayNetwork | GraphNetwork,
    config: TrainConfig,
    *,
    first_delays: Mapping[str, Tensor],
    learned: Mapping[str, Any],
    whole: Mapping[str, Any],
    quantised: Mapping[int, tuple[DiscreteLayer, ...]],
    class_names: tuple[str, ...],
    time_steps: int,
    metrics: Mapping[str, Any],
) -> TrainedModel | TrainedGraph:
    """The model of a run of `config`, by the states that `network` takes.

    Parameters
    ----------
    first_delays : the whole delays of the network before its first epoch.
    learned, whole : the best network before its delays were made whole, and after; as the run keeps them.
    quantised : by bits, the layers of a chain in integers.
    metrics : learned delays are added to them. Their "data" describe the recordings; if `in_memory` is among
        these, the configuration names other data, and the model names those.
    """
    record = config.model_dump(mode="json")
    if metrics["data"].get("in_memory"):
        record["dataset"] = metrics["data"]["name"] or "unnamed"
    network.load_state_dict(whole["network"])
    learned_delays = delays_of(network, first_delays)
    metrics = dict(metrics) | {KEY: {**metrics[KEY], "learned": learned_delays}}
    if isinstance(network, GraphNetwork):
        graph = whole_graph(network, config.decoder, class_names, time_steps, config.bin_s)
        network.load_state_dict(learned["network"])
        positions = positions_of(network)
        return TrainedGraph(graph, config.unit_pool, record["dataset"], record, metrics, positions)
    final = layers_of(network)
    network.load_state_dict(learned["network"])
    network.set_sigma(learned["sigma"])
    return TrainedModel(
        layers=final,
        time_steps=time_steps,
        bin_s=config.bin_s,
        unit_pool=config.unit_pool,
        class_names=class_names,
        dataset=record["dataset"],
        config=record,
        metrics=metrics,
        gaussian=layers_of(network),
        quantised=quantised,
    )
