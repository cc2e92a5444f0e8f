"""The terms of a report, a line each."""

from __future__ import annotations

from collections.abc import Collection

SIMULATION = "Every executor here is a simulation; nothing ran on a chip."

EXECUTORS = {
    "torch": "the integer network in PyTorch tensors",
    "oracle": "the arithmetic written out in plain Python integers, one neuron at a time",
    "hwsim": "snnc's own simulator, in compiled loops",
    "lava-stock": "the exported program in Lava's simulation with Lava's own synapses and neurons",
    "lava-event": "the same program with snnc's event-driven synapses; neurons are Lava's own in a chain of "
    "layers, and snnc's in other graphs",
    "netx": "network.net through lava-dl's own loader, with snnc's event-driven synapses",
    "onnxruntime": "the network as an ONNX graph of integer operators, in Microsoft's onnxruntime",
    "onnx-reference": "the same graph in ONNX's reference evaluator, the standard's operators in numpy",
    "c": "a C99 program with 32-bit arithmetic, compiled on this machine",
    "rtl": "the core in Verilog of the target fpga, simulated cycle by cycle with Verilator",
    "pynn-brian2": "the PyNN script of the target spinnaker in Brian2, in floating point",
    "pynn-nest": "the same script in NEST, in floating point",
    "spinnaker-fixed": "the network in a SpiNNaker board's S16.15, at the export's scales, without a board",
}
"""Executor -> what it is."""

INPUTS = {
    "extremes": "extremes are further recordings with the largest u, v, sums or spikes in a step, for "
    "example, or the smallest difference between the two best scores",
}
"""Group of inputs that no option names -> what it is."""

ROUNDED = "rounded"
TUNED = "fine-tuned"
ROUNDED_ALONE = "quantised only"
CLIPPED = "clipped weights"
STAGES = {
    TUNED: "the weights that fine-tuning trained to be rounded, before they are rounded; nothing that is "
    "exported: it may have fewer right than the network before fine-tuning, and than the integers",
    CLIPPED: "the network in real numbers, of which fine-tuning clipped the largest weights and trained none",
    "float": "the network in real numbers; of a chain, delays trained as Gaussian kernels still are kernels",
    ROUNDED: "the same weights, each delay rounded to a whole step, nothing else changed",
    "finished": "the final network: whole delays, and new statistics and training where each helped",
    ROUNDED_ALONE: "the same network rounded to integers, without clipping and training in integers",
    "quantised": "the exported network: whole delays, and integers for weights, biases, decays and states",
}
"""Stage of the accuracy -> what it is."""

STEPS = {
    **{name: words for name, words in STAGES.items() if name not in (ROUNDED_ALONE, TUNED, CLIPPED)},
    "clipped": "weights outside the integer range are clipped to it",
    "weights": "weights are rounded to integers, or taken as integers from training",
    "decay": "the membrane decays by the 12-bit constant",
    "pruned": "the least important synapses are removed",
    "whole biases": "biases are rounded to whole weight steps",
}
"""Step of the loss budget -> what it is."""


def meaning(stage: str, told: Collection[str]) -> str:
    """What a stage or step is. Of kernels of delays nothing is said where no stage of `told` rounds them."""
    words = {**STEPS, **STAGES}[stage]
    if stage == TUNED and "float" not in told:
        words += "; the network before fine-tuning is not measured here"
    return words if stage != "float" or ROUNDED in told else words.partition(";")[0]


def stage_words(stage: str) -> str:
    """What people read as the name of a stage, or of a step: of the rounded one, what was rounded."""
    words = {
        ROUNDED: "delays rounded",
        TUNED: "tuned weights as real numbers",
        CLIPPED: "clipped weights as real numbers",
    }
    return words.get(stage, stage)
