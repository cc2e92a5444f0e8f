"""Versions of `trainer/triton_lif.py` on a CPU, by Triton's interpreter: JSON in, files of arrays out.

The arrays of a case are parts of larger ones that are filled: what a kernel leaves out, or writes elsewhere,
shows.
"""

import importlib.util
import json
import os
import sys

os.environ["TRITON_INTERPRET"] = "1"  # Triton reads it when a kernel is decorated

import numpy as np
import torch

from snnc.errors import TrainingError
from snnc.trainer import lif

CPU = torch.device("cpu")
MARGIN, FILLED = 1024, 7.0


def load(path: str):
    spec = importlib.util.spec_from_file_location("version", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def results(module, current, gain, grad, constants):
    """Potentials, spikes, gradients, and whether nothing outside them was written."""
    around = [torch.full((current.numel() + 2 * MARGIN,), FILLED) for _ in range(3)]
    potential, spikes, to_current = (each[MARGIN:-MARGIN].view_as(current) for each in around)
    module.forward(current, gain, potential, spikes, *constants[:2])
    module.backward(grad, gain, potential, to_current, *constants)
    outside = torch.cat([part for each in around for part in (each[:MARGIN], each[-MARGIN:])])
    return potential, spikes, to_current, (outside == FILLED).all()


def by_autograd(module, current, gain, grad, constants):
    """Spikes and gradients of `lif` with the kernels of `module`."""
    lif.compiled_scans = lambda signal: module
    current = current.clone().requires_grad_()
    spikes = lif.lif(current, *constants, gain)
    spikes.backward(grad)
    return spikes.detach(), current.grad


def refused(module):
    try:
        module.check(CPU)
    except TrainingError:
        return True
    return False


task = json.load(sys.stdin)
before = torch.random.get_rng_state()
found = {}
for name, (path, cases) in task["versions"].items():
    module, kept = load(path), True
    for case in cases:
        with np.load(case) as file:
            *signals, constants = (file[key] for key in ("current", "gain", "grad", "constants"))
        arguments = *map(torch.from_numpy, signals), constants.tolist()
        *arrays, untouched = results(module, *arguments)
        kept &= bool(untouched)
        np.savez(f"{case}.{name}.npz", *arrays)
        if name == "whole":
            np.savez(f"{case}.autograd.npz", *by_autograd(module, *arguments))
    # A version that writes elsewhere would spoil this process.
    found[name] = {"kept": kept, "refused": kept and refused(module)}
assert torch.equal(before, torch.random.get_rng_state())
print(json.dumps(found))
