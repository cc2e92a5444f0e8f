"""A network in Brian 2 with integer equations and a delay a synapse: JSON in, JSON out.

A spike is handed on in the slot after the threshold: layer l computes its step t in Brian's step t + l + 1.
"""

import json
import sys

import numpy as np
from brian2 import (
    Network,
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    prefs,
)

prefs.codegen.target = "numpy"
defaultclock.dt = 1 * ms

MODEL = """
a : integer
u : integer
v : integer
bias : integer
"""
UPDATE = """
u = sign(u) * ((abs(u) * keep_u) // 4096) + 64 * a
v = sign(v) * ((abs(v) * keep_v) // 4096) + u + bias * int(t_in_timesteps >= begins)
a = 0
"""
WIDE = {"a": np.int64, "u": np.int64, "v": np.int64, "bias": np.int64}

task = json.load(sys.stdin)
inputs = np.array(task["inputs"])
steps, lines = np.nonzero(inputs)
before = SpikeGeneratorGroup(inputs.shape[1], lines, steps * ms)
network = Network(before)
monitors = []
for index, layer in enumerate(task["layers"]):
    weight, delay = np.array(layer["weight"]), np.array(layer["delay"])
    never = layer["threshold"] is None
    group = NeuronGroup(
        len(weight),
        MODEL,
        threshold="False" if never else "v > fires",
        reset="v = 0",
        dtype=WIDE,
        namespace={
            "keep_u": 4096 - layer["decay_u"],
            "keep_v": 4096 - layer["decay_v"],
            "fires": 0 if never else 64 * layer["threshold"],
            "begins": index + 1,
        },
    )
    group.bias = layer["bias"]
    group.run_regularly(UPDATE, when="groups")
    synapses = Synapses(before, group, "w : integer", on_pre="a += w", dtype={"w": np.int64})
    neuron, source = np.nonzero(weight)
    synapses.connect(i=source, j=neuron)
    synapses.w = weight[neuron, source]
    synapses.delay = delay[neuron, source] * ms
    monitors.append((SpikeMonitor(group), StateMonitor(group, "v", record=True, when="end")))
    network.add(group, synapses, *monitors[-1])
    before = group

network.run((len(inputs) + len(task["layers"])) * ms)
found = []
for index, (spikes, states) in enumerate(monitors):
    window = slice(index + 1, index + 1 + len(inputs))
    train = np.zeros((len(inputs) + len(monitors), len(task["layers"][index]["weight"])), int)
    train[np.rint(spikes.t / ms).astype(int), np.asarray(spikes.i)] = 1
    found.append({"spikes": train[window].tolist(), "v": np.asarray(states.v).T[window].astype(int).tolist()})
print()
print(json.dumps(found))
