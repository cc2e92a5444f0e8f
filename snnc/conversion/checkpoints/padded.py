"""Networks whose layers pad time on both sides, with LIF neurons of SpikingJelly, as SNN-delays has them.

Each layer pads `left` steps before what it hears and `right` behind, and a kernel takes `kernel_size` - 1 of
them away: so it has more steps than the layer before. In the graph all populations have the steps of the last
layer, and an `end` where their own are over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch

from snnc.conversion.checkpoints import parameters as check
from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.errors import InputError
from snnc.exporter.nir.lines import Lines
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, Readout
from snnc.stages.float_population import AT
from snnc.stages.population import LI, LIF, ZERO
from snnc.stages.trained import MAX_STEPS

LOSSES: Mapping[str, str] = MappingProxyType(
    {"sum": "softmax", "mean": "sum", "max": "max", "spike_count": "count"}
)
"""Decoders of the contract for the work's `loss`, which it also evaluates by."""
COUNT = "spike_count"
"""The loss of which the last layer spikes."""


@dataclass(frozen=True, slots=True)
class Padding:
    """Steps of zeros before and behind what a layer hears, for a kernel of `kernel` steps."""

    kernel: int
    left: int
    right: int

    @property
    def longer(self) -> int:
        """How many steps a layer has more than the one before."""
        return self.left + self.right - self.kernel + 1


def padding(kernel_size: Any, left: Any, right: Any) -> Padding:
    """As given; None: `kernel_size` - 1 and half of that. Raises `InputError` for impossible ones."""
    kernel = check.whole("kernel_size", kernel_size, 1)
    if kernel % 2 == 0:
        raise InputError(f"kernel_size is {kernel}, expected an odd number")
    before = kernel - 1 if left is None else check.whole("left_padding", left, 0)
    behind = (kernel - 1) // 2 if right is None else check.whole("right_padding", right, 0)
    return Padding(kernel, before, behind)


Read = Callable[[str, int | None], tuple[Lines, FloatArray]]
"""(name of neurons, how many lines they hear, None of the input) -> synapses, and what is added."""


def chain(
    state: State,
    names: Sequence[str],
    read: Read,
    pads: Padding,
    *,
    dt: float,
    time_steps: int,
    v_threshold: float,
    loss: str,
    payload_max: int,
    tau: float | None,
    decay_input: bool,
    output_v_threshold: float | None,
    class_names: list[str] | None,
) -> FloatGraph:
    """The layers of the neurons `names`, first to last, one behind another.

    Raises
    ------
    InputError
        A parameter is impossible, or none where the file has no `w` of the neurons.
    """
    step = check.above("dt", dt, 0)
    decoder = LOSSES[check.chosen("loss", loss, tuple(LOSSES))]
    steps = check.whole("time_steps", time_steps, 1)
    spikes = loss == COUNT
    if spikes and output_v_threshold is None:
        raise InputError("output_v_threshold is missing; the loss spike_count needs it; give it")
    if not spikes and output_v_threshold is not None:
        raise InputError(f"output_v_threshold is {output_v_threshold}; the loss spike_count alone has one")
    threshold = output = check.single("v_threshold", v_threshold)
    if spikes:
        output = check.single("output_v_threshold", output_v_threshold)
    ends = [steps + pads.longer * (number + 1) for number in range(len(names))]
    total = max(steps, *ends)
    if min(ends) < 1 or total > MAX_STEPS:
        raise InputError(f"with the padding, layers have {ends} steps, expected 1 .. {MAX_STEPS}")
    populations: list[FloatPopulation] = []
    projections = []
    gain = 1.0
    for name, end in zip(names, ends, strict=True):
        last = name == names[-1]
        lines, bias = read(name, populations[-1].neurons if populations else None)
        if not populations:
            populations.append(check.source(lines.sources, payload_max))
        leak, gain = _leak(state, name, tau, decay_input)
        given: dict[str, Any] = {"keep_u": 0.0, "keep_v": 1 - leak, "bias": bias}
        if spikes or not last:
            level = (output if last else threshold) / gain
            given |= {"threshold": level, "reset": ZERO, "fires": AT}
        model = LIF if spikes or not last else LI
        projections.append(FloatProjection(populations[-1].name, name, lines.synapses()))
        populations.append(
            FloatPopulation(name, model, lines.lines, end=None if end == total else end, **given)
        )
    classes = check.names_of(class_names, populations[-1].neurons)
    scale = None if spikes else gain / ends[-1] if loss == "mean" else gain
    readout = Readout(populations[-1].name, decoder, scale, classes)
    return FloatGraph(tuple(populations), tuple(projections), (readout,), total, step)


def _leak(state: State, name: str, tau: float | None, decay_input: bool) -> tuple[float, float]:
    """What v loses in a step, as a share, and the factor with which a step takes its input up."""
    if not isinstance(decay_input, bool):
        raise InputError(f"decay_input is {decay_input!r}, expected True or False")
    learned = f"{name}.w" in state
    if learned and tau is not None:
        raise InputError(f"tau is {tau}, but the file holds {name}.w, from which it follows; leave tau out")
    if learned:
        leak = float(torch.from_numpy(state.tensor(f"{name}.w")).sigmoid())
        if leak == 0 and decay_input:
            state.refuse(f"{name}.w is so low that 1 / tau is 0 in single precision: no input is taken up")
    elif tau is None:
        raise InputError(
            f"tau is missing: the file has no {name}.w, so these are neurons of one tau; give it"
        )
    else:
        leak = 1 / check.above("tau", tau, 1)
    return leak, leak if decay_input else 1.0
