"""The target `onnx`: a program for any processor that has an ONNX runtime."""

from __future__ import annotations

from snnc import formats
from snnc.target import Target, processor_limits
from snnc.targets.onnx.emitter import check_graph, emit

TARGET = Target(
    name="onnx",
    description="an integer ONNX graph (opset 17) for processors, as onnxruntime and others run it",
    limits=processor_limits(
        formats.ACCUMULATE_LIMIT.bit_length() + 1,
        weight_bits="the integer contract, clause 2: a sum of |weight| is at most 2**18",
    ),
    check=check_graph,
    emit=emit,
    chip=False,
    executors=("onnxruntime", "onnx-reference"),
)
