"""Rockpool, with its defaults."""

import nir
import numpy as np
import torch
from rockpool.nn.modules.torch.nir import from_nir

PACKAGES = ("rockpool", "torch")


def run(file, spikes, dt):
    net = from_nir(nir.read(file))
    with torch.no_grad():
        out = net(torch.from_numpy(spikes)[None])
    return np.asarray(out[0] if isinstance(out, tuple) else out)
