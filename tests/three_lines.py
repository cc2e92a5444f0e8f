"""The three lines that take a network from a framework to a verified artifact."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import snnc

EXECUTORS = {"c": ["hwsim", "c"], "onnx": ["hwsim", "onnxruntime"]}
"""Those that each target's artifact is verified with here."""


def check_three_lines(
    module: torch.nn.Module, x: torch.Tensor, layout: str, target: str, folder: Path
) -> snnc.Network:
    """Every spike is the module's, and every executor computes the same bits on other events."""
    net = snnc.from_torch(module, x, dt=1e-3, layout=layout, verbose=False)
    art = net.export(target, folder / "net")
    assert all(each.different == each.through == 0 for each in net.agreement)
    assert sum(each.spikes or 0 for each in net.agreement) > 50, net.summary
    x_test = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(1))]
    verified = art.verify(x_test, EXECUTORS[target], layout=layout, generated=2)
    assert verified, verified
    assert repr(verified).startswith(f"Bit-exact: torch = {' = '.join(EXECUTORS[target])} over "), verified
    assert net.export(target, folder / "net").graph == art.graph
    return net


targets = pytest.mark.parametrize("target", EXECUTORS)
