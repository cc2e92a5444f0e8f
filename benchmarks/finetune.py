"""What `snnc.finetune` brings: accuracy on the test voices of the shipped digits, in few bits.

    python -m benchmarks.finetune foreign|chain SEED [FOLDER]

`foreign` trains a network of SpikingJelly by itself, and exports it without and with finetuning; `chain`
trains with snnc, and has the finish in integers of that training beside. FOLDER keeps the exports and the
trained chain.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

import snnc
from snnc.exporter.finetune.finish import answers
from snnc.trainer.data import split_by_speaker

BITS, BIN_S, STEPS = 4, 0.01, 94
EPOCHS, FINISH = 20, 5
"""Of the training, and of its finish in integers."""
OF_FOREIGN = {"epochs": 3, "batch_size": 64}
OF_CHAIN = {"epochs": FINISH}
"""Options of finetuning."""
Samples = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


class Foreign(nn.Module):
    """140-64-64-20 LIF neurons; the class is the neuron with most spikes."""

    def __init__(self) -> None:
        from spikingjelly.activation_based import neuron, surrogate

        super().__init__()

        def lif(tau: float) -> nn.Module:
            return neuron.LIFNode(
                tau, False, 1.0, 0.0, surrogate_function=surrogate.ATan(), detach_reset=True, step_mode="m"
            )

        self.fc1, self.lif1 = nn.Linear(140, 64), lif(4.0)
        self.fc2, self.lif2 = nn.Linear(64, 64), lif(4.0)
        self.fc3, self.lif3 = nn.Linear(64, 20), lif(8.0)

    def forward(self, x: Tensor) -> Tensor:
        """Spikes [T, samples, classes] of events [T, samples, lines]."""
        found: Tensor = self.lif3(self.fc3(self.lif2(self.fc2(self.lif1(self.fc1(x))))))
        return found


def recordings(name: str) -> Samples:
    """Frames and labels of a part of the digits."""
    data = snnc.load_data("digits")
    assert data.held_out is not None
    part = getattr(split_by_speaker(data, *data.held_out), name)
    return part.frames(np.arange(len(part)), BIN_S, STEPS, 1), part.labels


def trained(module: Foreign, seed: int) -> None:
    """Adam on the cross-entropy of the spike counts."""
    from spikingjelly.activation_based import functional

    frames, labels = (torch.tensor(each) for each in recordings("train"))
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(module.parameters(), lr=2e-3)
    for _ in range(EPOCHS):
        for which in torch.randperm(len(frames), generator=order).split(64):
            functional.reset_net(module)
            counts = module(frames[which].float().transpose(0, 1)).sum(0)
            optimizer.zero_grad()
            nn.functional.cross_entropy(counts, labels[which]).backward()
            optimizer.step()
    functional.reset_net(module)


def foreign(seed: int, folder: Path) -> dict[str, Any]:
    torch.manual_seed(seed)
    module = Foreign()
    trained(module, seed)
    frames, _ = recordings("train")
    example = torch.tensor(frames[:8]).float().transpose(0, 1)
    network = snnc.from_torch(module, example, dt=BIN_S, verbose=False)
    events, labels = recordings("test")
    real = answers(network.model, events)[:, 0]  # type: ignore[arg-type]
    options = {"target": "c", "weight_bits": BITS, "seed": seed, **OF_FOREIGN}
    found: dict[str, Any] = {"float": (int((real == labels).sum()), len(labels))}
    networks = {
        "exported": network,
        "finetuned with labels": snnc.finetune(network, "digits", **options),
        "finetuned without": snnc.finetune(network, frames, **options),
    }
    for name, each in networks.items():
        classes = each.export("c", folder / f"{seed} {name}", weight_bits=BITS, overwrite=True).predict(
            events
        )
        found[name] = int((classes == labels).sum()), int((classes == real).sum())
    return found


def chain(seed: int, folder: Path) -> dict[str, Any]:
    kept = folder / f"chain{seed}.pt"
    if kept.exists():
        model = snnc.load(kept)
        assert isinstance(model, snnc.api.Network)
    else:
        lengths = {"epochs": EPOCHS, "finetune_epochs": 3, "quantise_epochs": FINISH}
        model = snnc.train("digits", hidden=[64], weight_bits=[BITS], seed=seed, verbose=False, **lengths)
        model.save(kept)
    bare = replace(model, model=replace(model.model, quantised={}), content=None, path=None)
    options = {"target": "loihi", "weight_bits": BITS, "seed": seed, **OF_CHAIN}
    found: dict[str, Any] = {}
    networks = {
        "exported": bare,
        "finished in training": model,
        "finetuned": snnc.finetune(bare, "digits", **options),
    }
    for name, each in networks.items():
        place = folder / f"{seed} chain {name}"
        exported = each.export("loihi", place, weight_bits=BITS, budget=False, overwrite=True)
        found[name] = snnc.test(exported)
    return found


def main(kind: str, seed: str, folder: str | None = None) -> None:
    torch.set_num_threads(1)
    place = Path(folder or tempfile.mkdtemp())
    for name, value in {"foreign": foreign, "chain": chain}[kind](int(seed), place).items():
        print(f"{kind} {seed}: {name}: {value}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
