"""A target for snnc: the network as tables, for a program of your own on any processor."""

import csv
import io
import json
from collections.abc import Mapping

from snnc.errors import LimitError
from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.target import Target, processor_limits
from snnc.targets.problems import check_limits

LIMITS = processor_limits(8, weight_bits="the column `weight` is a signed byte")
NUMBERS = ("inputs", "neurons", "decay_u", "decay_v", "threshold")


def check(graph: QuantizedGraph) -> None:
    """Raise `LimitError` unless the tables can hold `graph`."""
    if not graph.is_chain:
        raise LimitError("the tables hold a chain of layers, and the network is none; use --target c")
    check_limits(graph, LIMITS)


def emit(program: PlacedProgram) -> Mapping[str, bytes]:
    """`network.json` with the numbers of each layer, and its synapses in `layerN.csv`."""
    files, layers = {}, []
    for index, layer in enumerate(program.graph.layers):
        table = csv.writer(text := io.StringIO(), lineterminator="\n")
        table.writerow(("neuron", "source", "weight", "delay"))
        for i, j in zip(*layer.weight.nonzero(), strict=True):
            table.writerow((i, j, layer.weight[i, j], layer.delay[i, j]))
        files[f"layer{index}.csv"] = text.getvalue().encode()
        layers.append({name: getattr(layer, name) for name in NUMBERS} | {"bias": layer.bias.tolist()})
    network = {"steps": program.graph.time_steps, "layers": layers}
    return files | {"network.json": json.dumps(network, indent=1).encode()}


TARGET = Target(
    "table", "the network as tables (an example)", LIMITS, check, emit, chip=False, executors=("table",)
)
