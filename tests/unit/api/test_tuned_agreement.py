"""A network that fine-tuning did not change is still that which was held against its module."""

from __future__ import annotations

from pathlib import Path

import pytest
import snntorch
import torch
from finetune_nets import CLASSES, HIDDEN, LINES, STEPS, events

import snnc

pytestmark = pytest.mark.slow


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.hidden = torch.nn.Linear(LINES, HIDDEN), snntorch.Leaky(0.9)
        self.last, self.out = torch.nn.Linear(HIDDEN, CLASSES), snntorch.Leaky(0.9)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        u, v, spikes = self.hidden.init_leaky(), self.out.init_leaky(), []
        for step in x:
            heard, u = self.hidden(self.first(step), u)
            answer, v = self.out(self.last(heard), v)
            spikes.append(answer)
        return torch.stack(spikes)


def test_only_a_changed_network_loses_the_agreement_with_its_module(tmp_path: Path) -> None:
    x = events(12)
    example = torch.tensor(x, dtype=torch.float32).permute(1, 0, 2)
    net = snnc.from_torch(Net(), example, dt=0.001, layout="TNC", verbose=False)
    how = {"labels": torch.arange(12) % CLASSES, "target": "c", "weight_bits": 4, "layout": "NTC"}
    assert example.shape == (STEPS, 12, LINES)
    assert net.agreement
    told = net.export("c", tmp_path / "a", weight_bits=4).verify(x, ["oracle"], generated=0, layout="NTC")
    assert told.report.rounding.startswith("on the example, the integers spike ")
    still = snnc.finetune(net, x, epochs=1, learning_rate=1e-12, verbose=False, **how)
    assert not still.finetuned.changed
    assert still.agreement == net.agreement
    export = still.export("c", tmp_path / "b", weight_bits=4)
    found = export.verify(x, ["oracle"], generated=0, layout="NTC")
    assert found.report.rounding == told.report.rounding
    for seed in range(5):  # one keeps an epoch
        tuned = snnc.finetune(still, x, epochs=20, learning_rate=0.1, seed=seed, verbose=False, **how)
        if tuned.finetuned.changed:
            break
    assert tuned.finetuned.changed
    assert tuned.agreement == ()
    after = tuned.export("c", tmp_path / "c", weight_bits=4).verify(x, ["oracle"], generated=0, layout="NTC")
    assert after.report.rounding == ""
