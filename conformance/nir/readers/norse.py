"""Norse, told dt."""

import nir
import numpy as np
import torch
from norse.torch.utils.import_nir import from_nir

PACKAGES = ("norse", "torch")


def run(file, spikes, dt):
    net, state, found = from_nir(nir.read(file), dt=dt), None, []
    with torch.no_grad():
        for row in torch.from_numpy(spikes):
            out, state = net(row[None], state)
            found.append(np.asarray(out).reshape(-1))
    return np.array(found)
