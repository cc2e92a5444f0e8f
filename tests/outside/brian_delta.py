"""Leaky neurons whose input acts for a step, solved exactly by Brian 2 in floating point: JSON in, JSON out.

dv/dt = (r current - v) / tau, the current constant in each step. A spike of step t that arrives d steps later
is in that of step t + d. Brian hands it on after the threshold of step t + d - 1: its delay is one less.
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
dv/dt = (r * current - v) / tau : 1
current : 1
arrives : 1
"""

task = json.load(sys.stdin)
sent = np.array(task["sent"])
steps, lines = np.nonzero(sent)
network = Network()
groups = {"x": SpikeGeneratorGroup(sent.shape[1], lines, steps * ms)}
monitors = {}
for name, of in task["populations"].items():
    space = {"tau": of["tau"] * ms, "r": of["r"], "theta": of["threshold"]}
    group = NeuronGroup(
        of["neurons"], MODEL, threshold="v >= theta", reset="v = 0", method="exact", namespace=space
    )
    group.run_regularly("current = arrives\narrives = 0", when="start")
    groups[name] = group
    monitors[name] = SpikeMonitor(group), StateMonitor(group, "v", record=True, when="end")
    network.add(group, *monitors[name])
network.add(groups["x"])
for of in task["wires"]:
    synapses = Synapses(groups[of["source"]], groups[of["destination"]], "w : 1", on_pre="arrives += w")
    synapses.connect(i=of["pre"], j=of["post"])
    synapses.w = of["weight"]
    synapses.delay = (np.array(of["delay"]) - 1) * ms
    network.add(synapses)

network.run(len(sent) * ms)
found = {}
for name, (spikes, states) in monitors.items():
    train = np.zeros(np.shape(states.v)[::-1], int)
    train[np.rint(spikes.t / ms).astype(int), np.asarray(spikes.i)] = 1
    found[name] = {"spikes": train.tolist(), "v": np.asarray(states.v).T.tolist()}
print()
print(json.dumps(found))
