"""snnc, told dt and that neurons reset to zero and fire above the threshold: before it rounds weights."""

from pathlib import Path

import numpy as np

from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import import_nir
from snnc.exporter.nir.options import ImportOptions
from snnc.stages import DiscreteModel
from snnc.stages.float_graph import graph_of_chain

PACKAGES = ("snnc",)


def run(file, spikes, dt):
    options = ImportOptions(dt, len(spikes), reset="zero", fires="above")
    model = import_nir(Path(file).read_bytes(), "net.nir", options).model
    graph = graph_of_chain(model) if isinstance(model, DiscreteModel) else model
    last = [each.name for each in graph.populations if each.spikes][-1]
    return np.asarray(run_float(graph, spikes.astype(int))[last].spikes, float)
