"""The kernels of `trainer/triton_lif.py`, compiled as for a launch on a GPU: JSON in, their PTX out.

Triton is told of a GPU that is not here. It compiles a kernel anew where a number is 1, a multiple of 16, or
needs 64 bits.
"""

import json
import os
import sys

import torch
import triton
from triton.backends.compiler import GPUTarget

from snnc.trainer import triton_lif

SHAPES = (1, 1), (1, 300), (2, 1), (20, 16), (7, 3)
NOWHERE = torch.empty(1, device="meta")
HUGE = torch.empty(3 << 30, device="meta")


class Driver:
    """Of a GPU of this compute capability, which is its number, too."""

    def __init__(self, capability):
        self.capability = capability

    def get_current_device(self):
        return self.capability

    def get_current_stream(self, device):
        return 0

    def get_current_target(self):
        return GPUTarget("cuda", self.capability, 32)


class Compiled:
    """In place of a kernel: it is compiled, and not launched."""

    def __init__(self, kernel):
        self.kernel = kernel

    def __getitem__(self, grid):
        def launch(*arguments, **options):
            compiled = self.kernel.warmup(*arguments, grid=grid, **options)
            assert compiled.asm["cubin"]
            texts.append(compiled.asm["ptx"])

        return launch


os.environ["TRITON_CACHE_DIR"] = json.load(sys.stdin)["cache"]
texts: list[str] = []
triton_lif._forward, triton_lif._backward = map(Compiled, (triton_lif._forward, triton_lif._backward))
for capability in (80, 90):
    triton.runtime.driver.set_active(Driver(capability))
    for shape in SHAPES if capability == 80 else SHAPES[-1:]:
        signal, gain = torch.empty(shape), torch.empty(shape[1:])
        triton_lif.forward(signal, gain, signal, signal, 2, 1)
        triton_lif.backward(signal, gain, signal, signal, 2, 1, 5)
triton_lif._launch(triton_lif._forward, HUGE, *[NOWHERE] * 3, 2, 2.0, 1.0)
triton_lif._launch(triton_lif._backward, HUGE, *[NOWHERE] * 3, 2, 1 << 40, 0.5, 1.0, 1.0, 1.0)
print(json.dumps(texts))
