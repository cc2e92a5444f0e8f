"""nirtorch's `nir_to_torch`, with its own modules where it has some."""

import sys
from pathlib import Path

import nir
import numpy as np
import torch
from nirtorch import nir_to_torch

sys.path.insert(0, str(Path(__file__).parent))
from nirtorch_map import modules

PACKAGES = ("torch",)


def run(file, spikes, dt):
    net, state, found = nir_to_torch(nir.read(file), modules(dt)), None, []
    with torch.no_grad():
        for row in torch.from_numpy(spikes):
            out, state = net(row[None], state)
            found.append(np.asarray(out).reshape(-1))
    return np.array(found)
