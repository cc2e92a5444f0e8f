"""Modules with neurons of Norse become graphs that give every one of their spikes."""

from __future__ import annotations

import norse.torch as norse
import numpy as np
import pytest
import torch
from norse.torch.functional import reset as functional
from torch import nn
from torch_networks import events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float


class Over(nn.Module):
    """Cells in a loop over time; the outputs of the last one."""

    def __init__(self, *parts):
        super().__init__()
        self.net = norse.SequentialState(*parts)

    def forward(self, x):
        state, found = None, []
        for each in x:
            given, state = self.net(each, state)
            found.append(given)
        return torch.stack(found)


def synapses(inputs, outputs, factor=8.0):
    linear = nn.Linear(inputs, outputs)
    with torch.no_grad():
        linear.weight.mul_(factor)
    return linear


LIF = norse.LIFParameters(
    tau_syn_inv=torch.tensor(180.0), tau_mem_inv=torch.linspace(80, 400, 16), v_th=torch.tensor(0.6)
)
RAISED = norse.LIFParameters(v_leak=torch.tensor(-0.3), v_reset=torch.tensor(-0.3), v_th=torch.tensor(0.35))
BOX = norse.LIFBoxParameters(tau_mem_inv=torch.tensor(300.0), v_th=torch.tensor(0.7))
SUBTRACTS = BOX._replace(reset_method=functional.reset_subtract, v_th=torch.tensor(0.4))
CELLS = {
    "LIFCell": lambda: norse.LIFCell(LIF),
    "LIFCell that rests below 0": lambda: norse.LIFCell(RAISED, dt=0.002),
    "LIFBoxCell": lambda: norse.LIFBoxCell(BOX),
    "LIFBoxCell that subtracts": lambda: norse.LIFBoxCell(SUBTRACTS),
    "IAFCell": lambda: norse.IAFCell(norse.IAFParameters(v_th=torch.tensor(3.0))),
    "IAFCell that starts below 0": lambda: norse.IAFCell(norse.IAFParameters(v_reset=torch.tensor(-2.0))),
}


@pytest.mark.parametrize("cell", CELLS)
def test_cells_in_a_loop_before_a_readout(cell):
    torch.manual_seed(1)
    module = Over(synapses(10, 16), CELLS[cell](), synapses(16, 3), norse.LICell())
    x = events(30, 3, 10)
    network = from_torch(module, x, dt=1e-3)
    same_spikes(module, x, network.graph, (type(module.net[1]),))
    assert all(each.different == each.through == 0 for each in network.agreement)
    assert [(each.population, each.decoder) for each in network.graph.readouts] == [("net.3", "sum")]
    membrane = torch.no_grad()(module)(x)[:, 0].numpy()
    ours = run_float(network.graph, x[:, 0].numpy().astype(np.int64))["net.3"].v
    np.testing.assert_allclose(ours * network.graph.readouts[0].scale, membrane, atol=1e-4)


def test_cells_that_hear_their_input_a_step_late():
    """LIFCell and LIF of Norse 1.0: v moves by the current before the input is added to it."""

    def step(x, state, p, dt):
        v = state.v + dt * p.tau_mem_inv * ((p.v_leak - state.v) + state.i)
        spikes = (v > p.v_th).to(v.dtype)
        current = state.i - dt * p.tau_syn_inv * state.i + x
        return spikes, type(state)(v=(1 - spikes) * v + spikes * p.v_reset, i=current)

    torch.manual_seed(4)
    module = Over(synapses(10, 16), norse.LIFCell(LIF), synapses(16, 3), norse.LICell())
    module.net[1].activation = step
    x = events(30, 3, 10)
    network = from_torch(module, x, dt=1e-3)
    same_spikes(module, x, network.graph, (norse.LIFCell,), late=1)
    assert [each.end for each in network.graph.populations] == [None, 29, None]
    assert all(each.different == each.through == 0 for each in network.agreement)


@pytest.mark.parametrize("autapses", [False, True])
def test_weights_inside_recurrent_neurons(autapses):
    torch.manual_seed(2)
    parts = (
        norse.LIFRecurrentCell(8, 12, LIF._replace(tau_mem_inv=torch.tensor(200.0)), autapses=autapses),
        norse.LIFRecurrentCell(12, 5),
        norse.LILinearCell(5, 3),
    )
    with torch.no_grad():
        parts[1].input_weights.mul_(4)
        parts[0].recurrent_weights.mul_(0.7)
    module, x = Over(*parts), events(25, 4, 8, share=0.5)
    graph = from_torch(module, x, dt=1e-3).graph
    same_spikes(module, x, graph, (norse.LIFRecurrentCell,))
    assert [each.neurons for each in graph.populations] == [8, 12, 5, 3]
    own = next(each for each in graph.projections if each.source == each.destination == "net.0")
    assert set(own.synapses.as_list().delay.tolist()) == {1}
    count = own.synapses.as_list().delay.size
    assert count == (144 if autapses else 132)


@pytest.mark.parametrize("record", [False, True])
def test_all_steps_at_once(record):
    torch.manual_seed(3)
    parts = (
        synapses(9, 16),
        norse.LIF(LIF, record_states=record),
        norse.LIFRecurrent(16, 6),
        synapses(6, 4),
        norse.LI(record_states=record),
    )
    with torch.no_grad():
        parts[2].input_weights.mul_(4)
    module, x = norse.SequentialState(*parts), events(20, 2, 9)
    network = from_torch(module, x, dt=1e-3)
    same_spikes(module, x, network.graph, (norse.LIF, norse.LIFRecurrent))
    assert all(each.different == each.through == 0 for each in network.agreement)
    assert [(each.population, each.decoder) for each in network.graph.readouts] == [("4", "sum")]
    assert network.agreement[-1].different == 0


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            lambda: norse.LIFCell(LIF._replace(v_reset=torch.tensor(0.1))),
            r"v_reset 0\.1, and starts and rests",
        ),
        (lambda: norse.LIFCell(LIF._replace(v_th=torch.tensor(-1.0))), "v_th -1 is not above 0"),
        (lambda: norse.LICell(norse.LIParameters(v_leak=torch.tensor(0.5))), r"v_leak is 0\.5"),
        (lambda: norse.LIFAdExCell(), r"net\.1 \(LIFAdExCell\): its equation is none of the contract's"),
        (lambda: norse.LIFBoxCell(BOX._replace(reset_method=max)), "reset_method max is not known"),
    ],
)
def test_neurons_that_the_contract_lacks(cell, said):
    with pytest.raises(InputError, match=said):
        from_torch(Over(nn.Linear(4, 16), cell()), events(5, 2, 4), dt=1e-3)


def test_another_step_than_that_of_the_neurons_is_told():
    module, x = Over(synapses(10, 16), norse.LIFCell(LIF)), events(12, 3, 10)
    (note,) = [each for each in from_torch(module, x, dt=0.005).notes if "dt" in each]
    assert note == (
        "net.1: computes with its own dt, 0.001, and dt is 0.005: times are told by the latter, pass the same"
    )
    assert not any("dt" in each for each in from_torch(module, x, dt=0.001).notes)
