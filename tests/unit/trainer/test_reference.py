"""A whole network of our own parts against the same network of the published ones."""

from __future__ import annotations

import pytest
import torch

from snnc.trainer.config import TrainConfig
from snnc.trainer.loss import cross_entropy
from snnc.trainer.network import build_network


def network(engine: str):
    config = TrainConfig(
        dataset="none",
        bin_s=0.01,
        hidden=(12, 9),
        kernel_size=9,
        tau=2.0,
        epochs=1,
        batch_size=4,
        lr_weights=1e-3,
        engine=engine,
    )
    torch.manual_seed(3)
    return build_network(config, 7, 5).train()


@pytest.mark.parametrize("sigma", [4.0, 0.5, 0.0])
@pytest.mark.parametrize("engine", ["auto", "fft", "direct"])
def test_outputs_and_gradients_are_the_published_networks(engine, sigma):
    x = (torch.rand(20, 4, 7, generator=torch.Generator().manual_seed(1)) < 0.4).float()
    labels = torch.tensor([0, 3, 4, 1])
    outputs, gradients = [], []
    for name in ("reference", engine):
        net = network(name)
        net.set_sigma(sigma)
        out = net(x)
        cross_entropy(out, labels).backward()
        outputs.append(out.detach())
        gradients.append({key: p.grad for key, p in net.named_parameters() if p.grad is not None})
    assert outputs[0].abs().max() > 0.01
    torch.testing.assert_close(outputs[1], outputs[0], rtol=1e-4, atol=1e-5)
    assert gradients[0].keys() == gradients[1].keys()
    for key, expected in gradients[0].items():
        scale = float(expected.abs().max())
        torch.testing.assert_close(gradients[1][key], expected, rtol=1e-3, atol=2e-4 * max(scale, 1e-3))
