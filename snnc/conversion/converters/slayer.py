"""Blocks of lava-dl's slayer (`lava.lib.dl.slayer`), of which neurons and axonal delays are modules.

A CUBA neuron computes in whole numbers of 1 / s_scale and cuts decays off towards 0, as the contract does;
the graph's numbers are real, so a few spikes may differ. Input is [recordings, neurons ..., steps].
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import torch

from snnc.conversion.delays import delays
from snnc.conversion.functions import numbers
from snnc.conversion.neurons import NEVER, Cell, Gives, converter, refuse
from snnc.errors import InputError

HOME = "lava.lib.dl.slayer"
OTHERS = ("rf", "rf_iz", "alif", "adrf", "adrf_iz")
P_SCALE = 1 << 12


@converter(f"{HOME}.neuron.cuba.Neuron")
def current_based(module: Any, name: str) -> Cell:
    """u[t] = (1 - current_decay) u[t-1] + x, v[t] = (1 - voltage_decay) v[t-1] + u[t]"""
    for field, why in (
        ("persistent_state", "its states stay from one call to the next"),
        ("graded_spike", "its spikes carry v"),
    ):
        if getattr(module, field, False):
            raise InputError(
                f"{name} (Neuron): {field} is set, so {why}; the contract has none of it",
                f"Train without {field}",
            )
    threshold = module.threshold
    gain, bias = _norm(module, name)
    return Cell(
        name,
        {
            "keep_u": _keep(module, module.current_decay, name),
            "keep_v": _keep(module, module.voltage_decay, name),
            "bias": bias,
            "threshold": threshold,
            "fires": "above",
            "reset": "zero",
        },
        time_dim=-1,
        gain=gain,
        gives=_gives,
        membrane_ends=threshold >= NEVER,
        notes=(
            f"{name}: its states are whole numbers of 1 / {module.s_scale}, those of the graph are not; "
            "the file of export_hdf5, which snnc export reads, keeps its integers",
        ),
    )


@delays(f"{HOME}.axon.delay.Delay")
def axonal(module: Any, lines: int) -> Any:
    """Steps of each line; the module has one delay for each channel."""
    steps = np.floor(numbers(module.delay) / module.sampling_time).astype(np.int64).reshape(-1)
    return np.repeat(steps, lines // steps.size)


refuse(
    *(f"{HOME}.neuron.{each}.Neuron" for each in OTHERS),
    why="its equation is not converted",
    instead="Use neuron.cuba, blocks of slayer.block.cuba",
)
refuse(
    f"{HOME}.neuron.sigma_delta.Neuron",
    why="sigma-delta neurons (SDNN) send changes of a value, which the contract does not have",
    instead="Use neuron.cuba, blocks of slayer.block.cuba",
)
refuse(
    *(f"{HOME}.block.cuba.{each}" for each in ("Affine", "Recurrent", "KWTA")),
    why="computes neurons by parts of a step, which is not followed",
    instead="Use slayer.block.cuba: Dense, Conv, Pool, Flatten; or export_hdf5, whose file snnc export reads",
)


def _keep(module: Any, decay: Any, name: str) -> Any:
    """What remains after a step: one number, or one a neuron."""
    keep = 1 - np.rint(numbers(decay)) / P_SCALE
    return keep if keep.size == 1 else _of_channels(module, keep, name)


def _of_channels(module: Any, values: Any, name: str) -> Any:
    if module.shape is None:
        raise InputError(f"{name} (Neuron): has not run yet, so its neurons are unknown; run the module once")
    return np.repeat(values.reshape(-1), prod(module.shape) // values.size)


def _norm(module: Any, name: str) -> tuple[Any, Any]:
    """The factor with which u enters v, and what is added to v."""
    norm = module.norm
    if norm is None:
        return 1.0, 0.0
    kind = type(norm).__name__
    if kind not in ("MeanOnlyBatchNorm", "WgtScaleBatchNorm"):
        raise InputError(
            f"{name} (Neuron): its norm is a {kind}, which is not converted",
            "Use MeanOnlyBatchNorm or WgtScaleBatchNorm",
        )
    gain = 1.0 if kind == "MeanOnlyBatchNorm" else 1 / float(norm.std(norm.running_var))
    mean = numbers(norm.pre_hook_fx(norm.running_mean))
    bias = -mean * gain
    return gain, bias if bias.size == 1 else _of_channels(module, bias, name)


def _gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: torch.Tensor) -> Gives:
    return Gives(args[0] if args else kwargs["input"], output)
