# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["brian2==2.9.0", "numpy<2.4", "setuptools<81"]
# ///
"""Build a graph in Brian2's C++ standalone mode, with the contract's integers, and run it once.

brian_program.py NET.npz FOLDER: reads what benchmarks/brian.py writes; writes the program and
FOLDER/spikes.npz. In an environment of its own, which `uv run --script` makes: Brian2 2.9 needs an older
numpy than snnc has.

Neurons are NeuronGroups of int32 variables. What one step does to them (clauses 3 to 5) is C++ of our own,
as fast as we can write it; Brian's thresholds, resets and delayed synapses do the rest. Brian updates neurons
before it delivers spikes, so layer l does its step t at Brian's step t + l + 1. Biases would act between
samples: there are none.
"""

import sys
from pathlib import Path

import brian2
import numpy as np

NEURON = """
static inline int decay(const int x, const int keep) {
    const int size = x < 0 ? -x : x;
    const int kept = (size >> 12) * keep + (((size & 4095) * keep) >> 12);
    return x < 0 ? -kept : kept;
}
static inline int new_u(const int u, const int a, const int keep) {
    const int x = decay(u, keep) + a * 64;
    return x > (1 << 23) ? x - (1 << 24) : x <= -(1 << 23) ? x + (1 << 24) : x;
}
static inline int new_v(const int v, const int u, const int keep) {
    const int limit = (1 << 23) - 1, x = decay(v, keep) + u;
    return x < -limit ? -limit : x > limit ? limit : x;
}
"""


@brian2.implementation("cpp", NEURON)
@brian2.declare_types(u="integer", a="integer", keep="integer", result="integer")
@brian2.check_units(u=1, a=1, keep=1, result=1)
def new_u(u, a, keep):
    raise NotImplementedError


@brian2.implementation("cpp", "", dependencies={"new_u": new_u})
@brian2.declare_types(v="integer", u="integer", keep="integer", result="integer")
@brian2.check_units(v=1, u=1, keep=1, result=1)
def new_v(v, u, keep):
    raise NotImplementedError


def main(file: str, folder: str) -> None:
    net = np.load(file)
    spikes, layers = net["spikes"], int(net["layers"])
    samples, steps, inputs = spikes.shape
    brian2.set_device("cpp_standalone", directory=folder, build_on_run=False)
    dt = brian2.defaultclock.dt
    sample, step, line = np.nonzero(spikes)
    source = brian2.SpikeGeneratorGroup(inputs, line, (sample * steps + step) * dt, sorted=True)
    network, monitors = brian2.Network(source), []
    for index in range(layers):
        weight, delay = net[f"weight_{index}"], net[f"delay_{index}"]
        keep_u, keep_v, threshold = net[f"neuron_{index}"]
        group = brian2.NeuronGroup(
            len(weight), "a : integer\nu : integer\nv : integer", threshold=f"v > {threshold}", reset="v = 0"
        )
        group.namespace.update(new_u=new_u, new_v=new_v)
        group.run_regularly(f"u = new_u(u, a, {keep_u})\nv = new_v(v, u, {keep_v})\na = 0", when="groups")
        synapses = brian2.Synapses(source, group, "w : integer", on_pre="a_post += w")
        neuron, before = np.nonzero(weight)
        synapses.connect(i=before, j=neuron)
        synapses.w = weight[neuron, before]
        synapses.delay = delay[neuron, before] * dt
        network.add(group, synapses)
        if f"own_weight_{index}" in net:  # what a step's spikes send is there in the next, at the earliest
            weight, delay = net[f"own_weight_{index}"], net[f"own_delay_{index}"]
            own = brian2.Synapses(group, group, "w : integer", on_pre="a_post += w")
            neuron, before = np.nonzero(weight)
            own.connect(i=before, j=neuron)
            own.w = weight[neuron, before]
            own.delay = (delay[neuron, before] - 1) * dt
            network.add(own)
        if index < layers - 1:
            monitors.append(brian2.SpikeMonitor(group))
            network.add(monitors[-1])
        source = group
    network.run((samples * steps + layers) * dt)
    brian2.device.build(directory=folder, compile=True, run=True, with_output=False)
    found = {}
    for index, monitor in enumerate(monitors):
        at = np.rint(np.asarray(monitor.t / dt)).astype(np.int64) - index - 1
        rows = np.stack([at // steps, at % steps, np.asarray(monitor.i)], axis=1)
        rows = rows[rows[:, 0] < samples]  # recurrence goes on while the layers after it end
        found[f"layer_{index}"] = rows[np.lexsort(rows.T[::-1])]
    np.savez(Path(folder) / "spikes.npz", **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
