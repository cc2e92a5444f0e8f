"""An executor for snnc: runs the tables that the target `table` wrote, by the contract, in NumPy."""

import csv
import json

import numpy as np

from snnc.stages import LayerTrace, Trace, check_input


class TableExecutor:
    name = "table"

    def unavailable_reason(self):
        return None  # or what to install: it needs nothing that snnc does not bring

    def unsupported_reason(self, artifact):
        found = "network.json" in artifact.program
        return None if found else f"{artifact.path.name} holds no tables; export with --target table"

    def run(self, artifact, spikes):
        events = check_input(artifact.graph, spikes).astype(np.int64)
        layers = []
        for index, layer in enumerate(json.loads(artifact.program["network.json"])["layers"]):
            rows = csv.reader(artifact.program[f"layer{index}.csv"].decode().splitlines())
            synapses = [tuple(map(int, row)) for row in list(rows)[1:]]
            layers.append(run_layer(layer, synapses, events))
            events = layers[-1].spikes.astype(np.int64)
        return Trace(self.name, tuple(layers))


def run_layer(layer, synapses, events):
    """The trace of a layer on `events` [samples, T, inputs]; the numbers are clauses of the contract."""
    samples, steps, _ = events.shape
    u, v, spikes = np.zeros((3, samples, steps, layer["neurons"]), np.int64)
    arriving = np.zeros_like(u)
    for neuron, source, weight, delay in synapses:  # 2
        arriving[:, delay:, neuron] += weight * events[:, : max(0, steps - delay), source]
    for t in range(steps):  # before the first step all is 0: u[:, -1] is not written yet
        current = decay(u[:, t - 1], layer["decay_u"]) + (arriving[:, t] << 6)
        u[:, t] = current - (current > 2**23) * 2**24 + (current <= -(2**23)) * 2**24  # 3
        membrane = decay(v[:, t - 1], layer["decay_v"]) + u[:, t] + layer["bias"]
        v[:, t] = np.clip(membrane, 1 - 2**23, 2**23 - 1)  # 5
        if layer["threshold"] is not None:  # the readout has none
            spikes[:, t] = v[:, t] > layer["threshold"] << 6  # 6
            v[:, t] *= 1 - spikes[:, t]
    return LayerTrace(u, v, spikes)


def decay(x, k):
    return np.sign(x) * (abs(x) * (4096 - k) >> 12)  # 4
