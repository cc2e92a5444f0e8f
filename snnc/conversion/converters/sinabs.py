"""Neurons of sinabs 3.1 (`sinabs.layers`): they fire at v_mem >= spike_threshold.

i_syn[t] = a (i_syn[t-1] + x) and v_mem[t] = b v_mem[t-1] + i_syn[t], or + (1 - b) i_syn[t] with `norm_input`.
The contract's u is i_syn / a. Input is [recordings, steps, ...], and of the Squeeze variants [recordings x
steps, ...].
"""

from __future__ import annotations

from typing import Any

import torch

from snnc.conversion.axes import BATCH, TIME
from snnc.conversion.functions import numbers
from snnc.conversion.neurons import NEVER, Cell, Gives, converter, refuse
from snnc.errors import InputError

HOME = "sinabs.layers"


@converter(
    f"{HOME}.lif.LIF",
    f"{HOME}.lif.LIFSqueeze",
    f"{HOME}.iaf.IAF",
    f"{HOME}.iaf.IAFSqueeze",
)
def leaky(module: Any, name: str) -> Cell:
    """v[t] = b v[t-1] + (1 - b) i[t], or + i[t] without norm_input; IAF has b = 1; one spike a step"""
    return _spiking(module, name)


@converter(f"{HOME}.lif.LIFRecurrent", f"{HOME}.iaf.IAFRecurrent")
def recurrent(module: Any, name: str) -> Cell:
    """as LIF and IAF; rec_connect is a Linear without bias"""
    inside = module.rec_connect
    if not isinstance(inside, torch.nn.Linear) or inside.bias is not None:
        raise InputError(
            f"{name} ({type(module).__name__}): rec_connect is {inside}; from_torch reads a Linear without a "
            "bias, which sinabs would leave out of the first step",
            "Use nn.Linear(neurons, neurons, bias=False), and put the bias into the layer before",
        )
    return _spiking(module, name, recurrent=(inside.weight, None))


@converter(f"{HOME}.exp_leak.ExpLeak", f"{HOME}.exp_leak.ExpLeakSqueeze")
def integrator(module: Any, name: str) -> Cell:
    """as LIF, without spikes"""
    return _cell(module, name, {}, lambda args, kwargs, output: Gives(_current(args, kwargs), None, output))


refuse(
    f"{HOME}.stateful_layer.StatefulLayer",
    why="its equation is not converted",
    instead="Use LIF, IAF or, as a readout, ExpLeak",
)
refuse(
    f"{HOME}.pool2d.SpikingMaxPooling2dLayer",
    why="it lets the spikes of the busiest place through, which is not linear",
    instead="Use SumPool2d, and train with it",
)


def _spiking(module: Any, name: str, **own: Any) -> Cell:
    kind, fires = type(module).__name__, module.spike_fn
    most = getattr(fires, "max_num_spikes_per_bin", None)
    if getattr(fires, "__name__", "") != "SingleSpike" and most != 1:
        said = getattr(fires, "__name__", None) or repr(fires)
        raise InputError(
            f"{name} ({kind}): spike_fn {said} sends several spikes a step; neurons of the contract send one",
            "Pass spike_fn=sinabs.activation.SingleSpike, and train with it",
        )
    threshold = numbers(module.spike_threshold)
    parameters = {"threshold": threshold, "fires": "at", **_reset(module, name, threshold)}
    gives = lambda args, kwargs, output: Gives(_current(args, kwargs), output)  # noqa: E731
    return _cell(module, name, parameters, gives, **own)


def _reset(module: Any, name: str, threshold: Any) -> dict[str, Any]:
    reset = module.reset_fn
    kind = type(reset).__name__
    if kind == "MembraneSubtract":
        by = threshold if reset.subtract_value is None else numbers(reset.subtract_value)
        return {"reset": "subtract", "reset_by": by}
    if kind == "MembraneReset" and reset.reset_value == 0:
        return {"reset": "zero"}
    said = f"reset_fn {reset!r}"
    if kind == "MembraneReset":
        said += " adds its value in every step, to all neurons"
    raise InputError(
        f"{name} ({type(module).__name__}): {said}; the contract has none such",
        "Use MembraneReset() or MembraneSubtract()",
    )


def _current(args: tuple[Any, ...], kwargs: Any) -> Any:
    return args[0] if args else kwargs["input_data"]


def _cell(module: Any, name: str, parameters: dict[str, Any], gives: Any, **own: Any) -> Cell:
    if module.min_v_mem is not None:
        raise InputError(
            f"{name} ({type(module).__name__}): min_v_mem {float(module.min_v_mem):g} cuts v_mem off from "
            "below; the contract's v is not cut",
            "Train with min_v_mem=None",
        )
    keep_v, keep_u = numbers(module.alpha_mem_calculated), module.alpha_syn_calculated
    gain = 1 - keep_v if module.norm_input else 1.0
    squeezed = hasattr(module, "num_timesteps")
    recordings = module.batch_size if squeezed and module.batch_size > 0 else None
    return Cell(
        name,
        {"keep_u": 0.0 if keep_u is None else numbers(keep_u), "keep_v": keep_v, **parameters},
        time_dim=0 if squeezed else 1,
        time_within=(BATCH, TIME) if squeezed else (TIME,),
        gain=gain if keep_u is None else gain * numbers(keep_u),
        gives=gives,
        clear=module.reset_states,
        recordings=recordings,
        membrane_ends=not parameters or bool((parameters["threshold"] >= NEVER).all()),
        **own,
    )
