"""nirtorch's older `load`, which asks its caller for every module."""

import sys
from pathlib import Path

import nir
import nirtorch
import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))
from nirtorch_map import modules

PACKAGES = ("torch",)


def run(file, spikes, dt):
    own = modules(dt)

    def module(node):
        if isinstance(node, nir.Linear | nir.Affine):
            linear = nn.Linear(*node.weight.shape[::-1], bias=isinstance(node, nir.Affine))
            linear.weight.data = torch.from_numpy(node.weight)
            if isinstance(node, nir.Affine):
                linear.bias.data = torch.from_numpy(node.bias)
            return linear
        return own[type(node)](node) if type(node) in own else None

    net, state, found = nirtorch.load(nir.read(file), module), None, []
    with torch.no_grad():
        for row in torch.from_numpy(spikes):
            out, state = net(row[None], state)
            found.append(np.asarray(out).reshape(-1))
    return np.array(found)
