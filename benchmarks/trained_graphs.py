"""What a training step of networks beyond the chain costs.

    python -m benchmarks.trained_graphs

140-128-20 neurons, 76 steps, delays 0 .. 24 between layers and 1 .. 15 of recurrence, batch 128: forward,
loss, backward, Adam. Processor time of one thread, the median of seven steps: other programs hardly change
it.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import torch

from snnc.trainer.config import load_config
from snnc.trainer.loss import cross_entropy
from snnc.trainer.optimizers import Adam
from snnc.trainer.variants import build

INPUTS, HIDDEN, CLASSES, STEPS, BATCH = 140, 128, 20, 76, 128
SIGMA, RATE = 3.0, 0.05
"""Of the kernels in steps; of the events."""
LOOP = {"recurrent_kernel_size": 15}
NETWORKS: dict[str, dict[str, Any]] = {
    "chain": {},
    "reset subtract": {"reset": "subtract"},
    "adlif": {"neuron": "adlif"},
    "delays of axons": {"delays_of": "axon"},
    "recurrence of axons": {"recurrence": "axon", **LOOP},
    "recurrence of axons, adlif": {"recurrence": "axon", "neuron": "adlif", **LOOP},
    "recurrence of synapses": {"recurrence": "synapse", **LOOP},
}


def seconds(**fields: Any) -> float:
    """Processor seconds of a step."""
    torch.manual_seed(0)
    config = load_config("digits", {"hidden": [HIDDEN], "batch_size": BATCH, **fields})
    network = build(config, INPUTS, CLASSES)
    network.set_sigma(SIGMA)
    optimizer = Adam(network.parameters())
    events = (torch.rand(STEPS, BATCH, INPUTS) < RATE).float()
    labels = torch.randint(0, CLASSES, (BATCH,))
    found = []
    for _ in range(8):
        started = time.process_time()
        loss = cross_entropy(network(events), labels, config.loss, config.decoder)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        network.clamp_parameters()
        found.append(time.process_time() - started)
    return median(found[1:])


def main() -> None:
    torch.set_num_threads(1)
    for name, fields in NETWORKS.items():
        print(f"| {name} | {seconds(**fields):.2f} |", flush=True)


if __name__ == "__main__":
    main()
