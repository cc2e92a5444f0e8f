"""sinabs, with its defaults."""

import nir
import numpy as np
import torch
from sinabs.nir import from_nir

PACKAGES = ("sinabs", "torch")


def run(file, spikes, dt):
    net = from_nir(nir.read(file), num_timesteps=len(spikes), batch_size=1)
    with torch.no_grad():
        out = net(torch.from_numpy(spikes))
    return np.asarray(out[0] if isinstance(out, tuple) else out)
