"""How a step solves NIR's equations: by hand, by the equations themselves, and by another framework."""

from __future__ import annotations

import io
from math import exp

import nir
import numpy as np
import pytest
import snntorch
import torch
from nir_graph_interpreter import interpret_graph
from snntorch.export_nir import export_to_nir

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import Imported, ImportOptions, import_nir
from snnc.io import hdf5_guard
from snnc.stages import DiscreteModel, FloatGraph
from snnc.stages.float_graph import graph_of_chain

DT = 0.001


def of(kind, lines=1, **values):
    return kind(**{field: np.full(lines, value, float) for field, value in values.items()})


def lif(lines=1, tau=0.004, r=2.0, v_leak=0.0, v_threshold=1.0):
    return of(nir.LIF, lines, tau=tau, r=r, v_leak=v_leak, v_threshold=v_threshold, v_reset=0)


def cuba(lines=1, tau_syn=0.003, tau_mem=0.005, **values):
    given = {"r": 3, "v_leak": 0.1, "v_threshold": 1, "v_reset": 0, "w_in": 2} | values
    return of(nir.CubaLIF, lines, tau_syn=tau_syn, tau_mem=tau_mem, **given)


def read(*nodes, integration=None, reset="zero", fires=None, steps=40, dt=DT) -> Imported:
    nir.write(buffer := io.BytesIO(), nir.NIRGraph.from_list(*nodes))
    told = ImportOptions(dt, steps, reset=reset, fires=fires, integration=integration)
    return import_nir(hdf5_guard.trust(buffer.getvalue()), "net.nir", told)


def graph_of(*nodes, **told) -> FloatGraph:
    model = read(*nodes, **told).model
    return graph_of_chain(model) if isinstance(model, DiscreteModel) else model


E = exp(-1 / 4)
BY_HAND = {"euler": (0.75, 0.25), "exact": (E, 1 - E), "impulse": (E, 0.25)}


@pytest.mark.parametrize("integration", [None, *BY_HAND])
@pytest.mark.parametrize("fires", [None, "at"])
def test_a_neuron_with_a_time_constant_of_four_steps_by_hand(integration, fires):
    """As a chain and, with --fires at, as a graph: what remains of v, and its part of r I and of v_leak."""
    keep, share = BY_HAND[integration or "euler"]
    found = graph_of(nir.Linear(np.eye(1)), lif(v_leak=0.3), integration=integration, fires=fires)
    population = next(each for each in found.populations if each.spikes)
    (weight,) = found.into(population.name)[0].synapses.weights.reshape(-1)
    np.testing.assert_allclose(population.keep_v, keep, rtol=1e-15)
    np.testing.assert_allclose(weight / population.threshold, 2 * share, rtol=1e-14)
    np.testing.assert_allclose(population.bias / population.threshold, 0.3 * (1 - keep), rtol=1e-14)


def fine(tau, held, at_once, x, parts=20_000):
    """A step of tau dx/dt = held - x + (at_once DT at its end), in many small ones."""
    for _ in range(parts):
        x += DT / parts / tau * (held - x)
    return x + at_once * DT / tau


@pytest.mark.parametrize("tau", [0.0005, 0.004, 0.1])
def test_exact_and_impulse_are_what_the_differential_equation_gives(tau):
    """x starts at 0.7, and I = 1.5: held during the step, or all at its end; v_leak acts all the time."""
    for integration, want in (("exact", fine(tau, 0.2 + 1.5, 0, 0.7)), ("impulse", fine(tau, 0.2, 1.5, 0.7))):
        found = graph_of(nir.Linear(np.eye(1)), lif(tau=tau, r=1.0, v_leak=0.2), integration=integration)
        of_neuron = next(each for each in found.populations if each.spikes)
        (weight,) = found.into(of_neuron.name)[0].synapses.weights.reshape(-1)
        got = of_neuron.keep_v[0] * 0.7 + weight * 1.5 + of_neuron.bias[0]  # v_threshold is 1
        assert got == pytest.approx(want, abs=2e-4)


@pytest.mark.parametrize("integration", ["euler", "exact", "impulse"])
@pytest.mark.parametrize("reset", ["zero", "subtract", "subtract-late", "none"])
@pytest.mark.parametrize("neuron", [lif, cuba])
def test_every_reading_is_what_its_equations_give(neuron, reset, integration):
    """Spikes, and v in steps without one: of a late reset, ours is taken off with the spike."""
    rng = np.random.default_rng(5)
    nodes = nir.Affine(rng.normal(0.5, 1, (6, 4)), rng.normal(0, 0.1, 6)), neuron(6)
    graph = nir.NIRGraph.from_list(*nodes)
    order = [name for name, node in graph.nodes.items() if not isinstance(node, nir.Output)]
    order.sort(key=lambda name: (name != "input", "ffine" not in name))
    events = rng.random((40, 4)) < 0.4
    want = interpret_graph(graph, order, events, DT, reset, "above", integration)
    ours = graph_of(*nodes, reset=reset, fires="above", integration=integration)
    name, population = order[-1], next(each for each in ours.populations if each.spikes)
    found = run_float(ours, events)[population.name]
    np.testing.assert_array_equal(found.spikes, want[name + " spikes"] > 0)
    assert 10 < found.spikes.sum() < 200
    v = found.v / population.threshold  # v_threshold is 1
    np.testing.assert_allclose(v[~found.spikes], want[name][~found.spikes], atol=1e-9)


@pytest.mark.parametrize("reset_delay", [True, False])
def test_snntorch_subtracts_late_by_default(reset_delay):
    """Weights are so small that v stays below two thresholds: above, snnTorch subtracts twice."""
    torch.manual_seed(1)
    into = torch.nn.Linear(6, 8)
    neurons = snntorch.Leaky(
        0.8 * torch.ones(8), threshold=torch.ones(8), init_hidden=True, reset_delay=reset_delay
    )
    neurons.reset_mem()
    net = torch.nn.Sequential(into, neurons)
    events = np.random.default_rng(2).random((60, 6)) < 0.4
    with torch.no_grad():
        want = np.array([net(torch.tensor(row[None], dtype=torch.float32))[0].numpy() for row in events]) > 0
    nir.write(buffer := io.BytesIO(), export_to_nir(net, torch.ones(6)))
    data, spikes = hdf5_guard.trust(buffer.getvalue()), {}
    for reset in ("subtract", "subtract-late"):
        model = import_nir(data, "net.nir", ImportOptions(1e-4, 60, reset=reset, fires="above")).model
        assert isinstance(model, FloatGraph)
        spikes[reset] = run_float(model, events)["1"].spikes
    assert want.sum() > 5
    usual, other = ("subtract-late", "subtract") if reset_delay else ("subtract", "subtract-late")
    np.testing.assert_array_equal(spikes[usual], want)
    assert (spikes[other] != want).any()


def test_only_euler_steps_must_be_shorter_than_time_constants():
    nodes = nir.Linear(np.eye(1)), lif(tau=0.0004)
    for fires in (None, "at"):
        with pytest.raises(
            InputError, match=r"tau is 0\.0004 s, shorter .* pass --dt .* or --integration exact"
        ):
            read(*nodes, fires=fires)
        population = graph_of(*nodes, fires=fires, integration="exact").populations[1]
        np.testing.assert_allclose(population.keep_v, exp(-2.5))
        for tau in (0.0, -0.01):
            with pytest.raises(InputError, match=r"neuron 0: tau is (0|-0\.01) s, expected > 0"):
                read(nodes[0], lif(tau=tau), fires=fires, integration="impulse")


def test_a_time_constant_of_one_step_is_a_memory_where_it_decays_exactly():
    """In Euler steps nothing remains of v, so nobody need say how it resets; exactly, 1 / e does."""
    nodes = nir.Linear(np.eye(1)), lif(tau=DT)
    assert read(*nodes, reset=None).model.layers[0].tau == 1
    with pytest.raises(InputError, match="pass --reset zero"):
        read(*nodes, reset=None, integration="exact")


def test_what_is_subtracted_late_needs_a_memory():
    with pytest.raises(InputError, match=r"neuron 0: forgets its v in a step.*--reset subtract-late"):
        read(nir.Linear(np.eye(1)), lif(tau=DT), reset="subtract-late", fires="above")


def test_the_record_holds_what_was_told():
    nodes = nir.Linear(np.eye(1)), lif()
    assert "integration_as_told" not in read(*nodes).notes  # as exports before this option
    for fires in (None, "at"):
        assert read(*nodes, fires=fires, integration="exact").notes["integration_as_told"] == "exact"
    with pytest.raises(InputError, match="--integration zoh: unknown; choose one of euler, exact, impulse"):
        read(*nodes, integration="zoh")
    late = read(*nodes, reset="subtract-late", fires="above").notes
    assert late["reset_subtract-late_as_told"] == "lif"
