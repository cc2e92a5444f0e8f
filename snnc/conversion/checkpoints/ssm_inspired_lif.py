"""Checkpoints of SSM-inspired-LIF (Fabre et al. 2025, github.com/Maxtimer97/SSM-inspired-LIF), class `SNN`.

    snn.N.W.weight [neurons, inputs], snn.N.W.bias
    snn.N.norm.weight, .bias, .running_mean, .running_var      (batch norm)
    snn.N.V.weight [neurons, neurons]                          (recurrence: RLIF, RadLIF)
    snn.N.alpha and others of the neurons, [neurons]           (`ssm_neurons.py`)

The last layer is the readout, whose softmax is summed over time. The work begins a recording with random
states, the contract with 0.
"""

from __future__ import annotations

import numpy as np

from snnc.conversion.checkpoints import parameters as check
from snnc.conversion.checkpoints.ssm_neurons import NEURONS, RECURRENT, Neurons, readout_neurons
from snnc.conversion.checkpoints.state import FloatArray, State
from snnc.exporter.nir.lines import At, Lines
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection, Readout


def ssm_inspired_lif(
    state: State,
    *,
    dt: float,
    time_steps: int,
    neuron: str,
    payload_max: int,
    threshold: float = 1.0,
    class_names: list[str] | None = None,
) -> FloatGraph:
    """The chain of layers, with recurrence where the neurons have it.

    Parameters
    ----------
    dt : seconds a step; that of the neurons' own equations is in the file.
    time_steps : steps of a recording (the work's `nb_steps`).
    neuron : the work's `model_type`: "SiLIF", "CSiLIF", "LIF", "adLIF", "CadLIF", "ResonateFire", "RLIF" or
        "RadLIF".
    payload_max : the largest input: 1 for spikes, more for counts.
    threshold : of neurons but SiLIF and ResonateFire, whose threshold is 1 whatever is given.
    class_names : None: their numbers.
    """
    step, steps = check.above("dt", dt, 0), check.whole("time_steps", time_steps, 1)
    kind = check.chosen("neuron", neuron, tuple(NEURONS))
    level = check.above("threshold", threshold, 0)
    layers = state.numbers("snn.#.W.weight")
    if layers != list(range(len(layers))) or len(layers) < 2:
        state.refuse(
            f"there are snn.N.W.weight for N in {layers[:9]}, expected 0, 1 and on: hidden layers, a readout"
        )
    populations: list[FloatPopulation] = []
    projections = []
    for number in layers:
        name, last = f"snn.{number}", number == layers[-1]
        weight, bias = _weights(state, name, populations[-1].neurons if populations else None)
        if not populations:
            populations.append(check.source(weight.shape[1], payload_max))
        count = len(weight)
        one = readout_neurons(state, name, count) if last else NEURONS[kind](state, name, count, level)
        lines = Lines.of_matrix(weight * one.gain[:, None])
        projections.append(FloatProjection(populations[-1].name, name, lines.synapses()))
        if kind in RECURRENT and not last:
            projections.append(_recurrence(state, name, one))
        populations.append(FloatPopulation(name, bias=bias * one.gain, neurons=count, **one.parameters))
    names = check.names_of(class_names, populations[-1].neurons)
    readout = Readout(populations[-1].name, "softmax", 1.0, names)
    return FloatGraph(tuple(populations), tuple(projections), (readout,), steps, step)


def _weights(state: State, name: str, inputs: int | None) -> tuple[FloatArray, FloatArray]:
    """Weight [neurons, inputs] and bias [neurons], with batch norm in them."""
    weight = state.array(f"{name}.W.weight", None, inputs)
    neurons = len(weight)
    bias = state.array(f"{name}.W.bias", neurons) if f"{name}.W.bias" in state else np.zeros(neurons)
    norm = f"{name}.norm"
    if f"{norm}.weight" not in state:
        return weight, bias
    if f"{norm}.running_mean" not in state:
        state.refuse(
            f"{norm}.running_mean is missing: layer norm, by what arrives in a step, is not in the contract"
        )
    factor, offset = state.batch_norm(norm, neurons)
    return weight * factor[:, None], bias * factor + offset


def _recurrence(state: State, name: str, of: Neurons) -> FloatProjection:
    """`V`, from row to column, without its diagonal; spikes arrive in the next step."""
    neurons = len(of.gain)
    weight = state.array(f"{name}.V.weight", neurons, neurons).T * of.gain[:, None]
    np.fill_diagonal(weight, 0)
    lines = Lines.of_matrix(weight).delayed(At(name), np.ones(neurons, np.int64))
    return FloatProjection(name, name, lines.synapses())
