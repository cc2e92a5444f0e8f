"""The kernels of `trainer/triton_lif.py`, compiled for GPUs that need not be here: JSON in, their PTX out."""

import json
import os
import sys

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from snnc.trainer import triton_lif


def type_of(name: str) -> str:
    if name in ("columns", "steps", "last"):
        return "i32"
    if name in ("gain", "current", "potential", "spikes", "grad", "to_current"):
        return "*fp32"
    return "constexpr" if name == "BLOCK" else "fp32"


def ptx(kernel, capability: int) -> str:
    signature = {name: type_of(name) for name in kernel.arg_names}
    source = ASTSource(kernel, signature, constexprs={"BLOCK": triton_lif._BLOCK})
    target = GPUTarget("cuda", capability, 32)
    compiled = triton.compile(source, target=target, options={"enable_fp_fusion": False})
    assert compiled.asm["cubin"]
    return compiled.asm["ptx"]


os.environ["TRITON_CACHE_DIR"] = json.load(sys.stdin)["cache"]
kernels = {"forward": triton_lif._forward, "backward": triton_lif._backward}
print(json.dumps({name: [ptx(kernel, 80), ptx(kernel, 90)] for name, kernel in kernels.items()}))
