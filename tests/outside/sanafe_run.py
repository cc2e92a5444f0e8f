"""A network in SANA-FE's model of Loihi 1: JSON in, JSON out. It needs nothing but SANA-FE."""

import json
import sys

import sanafe

NEVER = 1e12

task = json.load(sys.stdin)
arch = sanafe.load_loihi()
# SANA-FE numbers tiles down a column: tile id = column * 4 + row.
tiles = {divmod(tile.id, 4): tile for tile in arch.tiles}
net = sanafe.Network()

lines = net.create_neuron_group("lines", len(task["inputs"]))
for number, spikes in enumerate(task["inputs"]):
    lines[number].set_attributes(
        soma_hw_name=f"loihi_inputs[{number}]",
        log_spikes=True,
        model_attributes={"spikes": [bool(spike) for spike in spikes]},
    )
    lines[number].map_to_core(tiles[0, 0].cores[0])

before = lines
for index, layer in enumerate(task["layers"]):
    group = net.create_neuron_group(f"layer{index}", len(layer["places"]))
    for number, (column, row, core, dense) in enumerate(layer["places"]):
        group[number].set_attributes(
            soma_hw_name="loihi_lif",
            dendrite_hw_name="loihi_dendrites",
            default_synapse_hw_name="loihi_dense_synapse" if dense else "loihi_sparse_synapse",
            log_spikes=True,
            model_attributes={
                "threshold": NEVER if layer["threshold"] is None else layer["threshold"],
                "reset": 0.0,
                "reset_mode": "hard",
                "reverse_threshold": -NEVER,
                "reverse_reset_mode": "none",
                "leak_decay": layer["keep"] / 4096,
                "input_decay": 0.0,
                "bias": float(layer["bias"][number]),
            },
        )
        group[number].map_to_core(tiles[column, row].cores[core])
    for neuron, weights in enumerate(layer["weights"]):
        for source, weight in enumerate(weights):
            if weight:
                before[source].connect_to_neuron(group[neuron], {"weight": float(weight)})
    before = group

chip = sanafe.SpikingChip(arch)
chip.load(net)
found = chip.sim(task["steps"], spike_trace=True)
spikes = [[str(neuron) for neuron in step] for step in found.pop("spike_trace", [])]
print()
print(json.dumps({"energy": found["energy"], "packets": found["packets_sent"], "spikes": spikes}))
