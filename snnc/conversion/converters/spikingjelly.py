"""Neurons of SpikingJelly (`spikingjelly.activation_based.neuron`): they fire at v >= v_threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from snnc.conversion.functions import numbers
from snnc.conversion.neurons import NEVER, Cell, Gives, converter, refuse
from snnc.errors import InputError

HOME = "spikingjelly.activation_based.neuron"


def _cell(module: Any, name: str, leak: float, gain: float, keep_u: float = 0.0) -> Cell:
    # Numbers of Python enter the module's arithmetic in 32 bits.
    base = 0.0 if module.v_reset is None else float(np.float32(module.v_reset))
    threshold = float(np.float32(module.v_threshold)) - base
    reset = "subtract" if module.v_reset is None else "zero"
    if threshold <= 0:
        raise InputError(
            f"{name}: v_threshold {module.v_threshold} is not above v_reset {base}; it fires without input"
        )
    starts = module._memories_rv.get("v", base)
    if starts != (module.v_reset or 0.0):
        raise InputError(
            f"{name} ({type(module).__name__}): v starts at {starts}, and a spike resets it to "
            f"{module.v_reset or 0.0}; the contract resets neurons to where they start",
            "Train with v_reset=0.0, or with a node that starts at v_reset, as IFNode and LIFNode do",
        )
    parameters = {
        "keep_u": keep_u,
        "keep_v": numbers(1 - leak),
        "threshold": threshold,
        "fires": "at",
        "reset": reset,
    }
    if reset == "subtract":
        parameters["reset_by"] = threshold
    return Cell(
        name,
        parameters,
        time_dim=0 if module.step_mode == "m" else None,
        gain=gain,
        gives=_gives(module),
        clear=module.reset,
        membrane_ends=base == 0 and threshold >= NEVER,
    )


def _gives(module: Any) -> Any:
    def gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
        current = args[0] if args else kwargs["x"]
        if module.step_mode == "m":
            return Gives(current, output, getattr(module, "v_seq", None), module.v)
        return Gives(current, output, module.v)

    return gives


@converter(f"{HOME}.integrate_and_fire.IFNode", f"{HOME}.integrate_and_fire.SimpleIFNode")
def integrate(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] + x"""
    return _cell(module, name, 0.0, 1.0)


@converter(f"{HOME}.lif.LIFNode", f"{HOME}.lif.SimpleLIFNode")
def leaky(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] - (v[t-1] - v_reset) / tau + x, or + x / tau (decay_input)"""
    leak = 1 / float(module.tau)
    return _cell(module, name, leak, leak if module.decay_input else 1.0)


@converter(f"{HOME}.plif.ParametricLIFNode")
def parametric(module: Any, name: str) -> Cell:
    """as LIFNode, with 1 / tau = sigmoid(w)"""
    leak = float(module.w.sigmoid())
    return _cell(module, name, leak, leak if module.decay_input else 1.0)


@converter(f"{HOME}.lif_variants.CUBALIFNode")
def with_current(module: Any, name: str) -> Cell:
    """u[t] = c_decay u[t-1] + x, v[t] = v_decay v[t-1] + u[t]; v_reset is 0 or None"""
    if module.v_reset:
        raise InputError(
            f"{name} (CUBALIFNode): v_reset is {module.v_reset}, and v decays to 0; the contract resets "
            "neurons to where they rest",
            "Train with v_reset=0.0 or v_reset=None",
        )
    return _cell(module, name, 1 - float(module.v_decay), 1.0, float(module.c_decay))


@converter(f"{HOME}.integrate_and_fire.NonSpikingIFNode")
def integrator(module: Any, name: str) -> Cell:
    """as IFNode, without spikes; a readout"""
    return _readout(module, name, 0.0, 1.0)


@converter(f"{HOME}.lif.NonSpikingLIFNode")
def leaky_integrator(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] + (x - v[t-1]) / tau, without spikes; a readout"""
    leak = 1 / float(module.tau)
    return _readout(module, name, leak, leak)


def _readout(module: Any, name: str, leak: float, gain: float) -> Cell:
    decode = module.decode
    if decode == "max-abs-mem":
        raise InputError(
            f"{name} ({type(module).__name__}): decode 'max-abs-mem' is no decoder of the contract",
            "Use 'max-mem', 'mean-mem', 'last_mem' or None",
        )

    def gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
        current = args[0] if args else kwargs["x_seq"]
        if decode not in ("max-mem", "mean-mem", "last_mem"):
            return Gives(current, None, torch.stack(output), steps=output)
        # The module tells what it decodes alone: its own equation gives v of every step once more.
        module.v = torch.zeros_like(current[0])
        each = []
        for one in current:
            module.neuronal_charge(one)
            each.append(module.v)
        membrane = torch.stack(each)
        if decode == "last_mem":
            return Gives(current, None, membrane, last=output)
        return Gives(current, None, membrane, decoded=(output, decode[: -len("-mem")]))

    parameters = {"keep_u": 0.0, "keep_v": numbers(1 - leak)}
    return Cell(name, parameters, time_dim=0, gain=gain, gives=gives, membrane_ends=True)


refuse(
    *(
        f"{HOME}.{each}"
        for each in (
            "base_node.BaseNode",
            "base_node.SimpleBaseNode",
            "base_node.NonSpikingBaseNode",
            "dsr.DSRIFNode",
            "dsr.DSRLIFNode",
            "few_spike.FewSpikeNode",
            "flexsn.FlexSN",
            "ilif.ILIFNode",
            "integrate_and_fire.ActivationAwareIFNode",
            "inter_layer_connection.ILCBaseNode",
            "lif_variants.GatedLIFNode",
            "lif_variants.LIAFNode",
            "noisy.NoisyBaseNode",
            "noisy.NoisyNonSpikingBaseNode",
            "psn.MaskedPSN",
            "psn.PSN",
            "psn.SlidingPSN",
            "spikezip.STBIFNode",
        )
    ),
    why="its equation is none of the contract's",
    instead="Use IFNode, LIFNode, ParametricLIFNode or CUBALIFNode",
)
refuse(
    "spikingjelly.activation_based.layer.bn.NeuNorm",
    why="it subtracts what all channels have spiked before",
    instead="Use BatchNorm2d behind the convolution",
)
refuse(
    "spikingjelly.activation_based.layer.misc.SynapseFilter",
    why="it decays only where nothing arrives, which is not linear",
    instead="Leave it out, and use CUBALIFNode behind it, whose current decays in every step, with c_decay = "
    "1 - 1 / tau",
)
