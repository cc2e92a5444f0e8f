"""What nirtorch leaves to its caller: modules for delays and neurons, here Euler steps of NIR's equations."""

import nir
import torch
from torch import nn


class Delay(nn.Module):
    def __init__(self, node, dt):
        super().__init__()
        self.steps = [round(float(each) / dt) for each in node.delay]
        self.past = []

    def forward(self, x):
        self.past.insert(0, x)
        zero = torch.zeros_like(x[..., 0])
        lines = [self.past[s][..., i] if s < len(self.past) else zero for i, s in enumerate(self.steps)]
        return torch.stack(lines, -1)


class Neurons(nn.Module):
    def __init__(self, node, dt):
        super().__init__()
        self.node, self.dt = node, dt
        self.v = torch.zeros(node.v_threshold.shape)

    def forward(self, x):
        names = ("tau", "r", "v_leak", "v_threshold", "v_reset")
        tau, r, leak, threshold, reset = (torch.from_numpy(getattr(self.node, name)) for name in names)
        self.v = self.v + self.dt / tau * (leak - self.v + r * x)
        fired = self.v > threshold
        self.v = torch.where(fired, reset, self.v)
        return fired.float()


def modules(dt):
    """Of `nir_to_torch`: a function for each class of nodes."""
    return {nir.Delay: lambda node: Delay(node, dt), nir.LIF: lambda node: Neurons(node, dt)}
