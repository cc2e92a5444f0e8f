"""Random NIR graphs against an interpreter of NIR's own equations."""

from __future__ import annotations

import io

import nir
import numpy as np
from golden import artifact_of
from hypothesis import given, settings
from hypothesis import strategies as st
from nir_chains import array, chain, imported, lif
from nir_graphs import DT
from nir_interpreter import interpret

from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.exporter.passes.quantise import quantise
from snnc.hwsim.oracle import OracleExecutor
from snnc.io import hdf5_guard
from snnc.stages import DiscreteModel


@st.composite
def nets(draw: st.DrawFn) -> tuple[list[nir.NIRNode], int]:
    """A chain of one to three layers of 1-5 neurons with delays in any place, and the number of inputs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = lines = draw(st.integers(1, 5))
    nodes: list[nir.NIRNode] = []

    def delay(n):
        return nir.Delay(delay=rng.integers(0, 6, n) * DT)

    for last in [False] * draw(st.integers(0, 2)) + [True]:
        n = draw(st.integers(1, 5))
        place = draw(st.sampled_from(["none", "before", "behind", "lines"]))
        bias = place != "behind" and draw(st.booleans())
        if place == "before":
            nodes.append(delay(lines))
        if place == "lines":  # two lines a source, of which each neuron hears one
            nodes += [nir.Linear(np.repeat(np.eye(lines), 2, axis=0)), delay(2 * lines)]
        weight = rng.normal(0.3, 1, (n, lines))
        if place == "lines":
            chosen = rng.random((n, lines)) < 0.5
            weight = np.stack([weight * chosen, weight * ~chosen], axis=2).reshape(n, 2 * lines)
        kind = draw(st.sampled_from(["leaky", "integrator", "current"]))
        bias &= kind != "current"
        nodes.append(nir.Affine(weight, rng.normal(0, 0.2, n)) if bias else nir.Linear(weight))
        if place == "behind":
            nodes.append(delay(n))
        ones = np.ones(n)
        tau = ones * DT * draw(st.sampled_from([1, 1.5, 4, 20]))
        membrane = {"r": rng.uniform(0.5, 4, n)}
        if kind != "integrator":
            membrane |= {"v_leak": rng.normal(0, 0.3, n)}
        if not last:
            reset = rng.normal(0, 0.2, n)
            membrane |= {"v_reset": reset, "v_threshold": reset + rng.uniform(0.5, 1.5, n)}
        if kind == "integrator":
            membrane["r"] /= DT
            nodes.append((nir.I if last else nir.IF)(**membrane))
        elif kind == "leaky":
            nodes.append((nir.LI if last else nir.LIF)(tau=tau, **membrane))
        else:
            current = {"tau_syn": ones * DT * 2.5, "w_in": rng.uniform(0.5, 4, n)}
            nodes.append((nir.CubaLI if last else nir.CubaLIF)(tau_mem=tau, **current, **membrane))
        lines = n
    return nodes, inputs


def simulate(model: DiscreteModel, spikes: np.ndarray) -> list[np.ndarray]:
    """v of every layer in float64, [T, neurons] each: the contract's clauses without rounding."""
    found, signal = [], spikes.astype(float)
    for layer in model.layers:
        arriving = np.zeros((len(signal), len(layer.weight)))
        for (i, j), d in np.ndenumerate(layer.delay):
            arriving[d:, i] += layer.weight[i, j] * signal[: max(len(signal) - d, 0), j]
        u, v = np.zeros(len(layer.weight)), np.zeros(len(layer.weight))
        trace, fired = np.zeros_like(arriving), np.zeros_like(arriving)
        for t, a in enumerate(arriving):
            u = u * (1 - 1 / layer.tau_syn) + a
            v = v * (1 - 1 / layer.tau) + u + layer.bias
            if layer.threshold is not None:
                fired[t] = np.round(v, 9) > layer.threshold
                v = np.where(fired[t] > 0, 0, v)
            trace[t] = v
        found.append(trace)
        signal = fired
    return found


@settings(max_examples=150, deadline=None)
@given(nets(), st.integers(0, 2**32 - 1))
def test_an_imported_net_computes_nirs_equations(net, seed):
    nodes, inputs = net
    data = hdf5_guard.trust(chain(*nodes))  # or a process would look at each of them first
    model = import_nir(data, "net.nir", ImportOptions(DT, 15)).model
    spikes = np.random.default_rng(seed).random((15, inputs)) < 0.3
    graph = nir.read(io.BytesIO(data))
    expected = interpret(graph, spikes, DT)
    for layer, v in zip(model.layers, simulate(model, spikes), strict=True):
        node = graph.nodes[layer.name]
        reset = getattr(node, "v_reset", 0)
        unit = node.v_threshold - reset if layer.threshold else 1
        np.testing.assert_allclose(v * unit + reset, expected[layer.name], rtol=1e-7, atol=1e-7)


def test_an_imported_net_runs_in_integers():
    """Integer weights and a power of two as threshold survive quantisation, so spikes are equal."""
    weight = np.array([[127.0, -64.0], [5.0, 32.0]]) / 64
    nodes = (nir.Delay(delay=array(0.001, 0.003)), nir.Linear(weight), lif(2, tau=0.002, r=2))
    model = imported(*nodes, steps=12).model
    graph = quantise(model)
    spikes = (np.random.default_rng(3).random((1, 12, 2)) < 0.6).astype(np.uint8)
    first, last = OracleExecutor().run(artifact_of(graph), spikes)
    expected = interpret(nir.read(io.BytesIO(chain(*nodes))), spikes[0], DT)["lif spikes"]
    assert expected.sum() > 3
    np.testing.assert_array_equal(first.spikes[0], expected > 0)
    np.testing.assert_array_equal(last.v[0], 127 * 64 * first.spikes[0])


def test_what_an_exponential_leak_would_change():
    """Exact integration leaves exp(-dt / tau) of v: an Euler step of another tau, so both run alike here.

    The figure stands in docs/interop.md.
    """
    rng = np.random.default_rng(0)
    spikes, weight = rng.random((200, 50)) < 0.05, rng.normal(0.2, 0.5, (100, 50))
    found = []
    for tau in (20 * DT, DT / (1 - np.exp(-1 / 20))):
        data = chain(nir.Linear(weight), lif(100, tau=tau, r=20), nir.Linear(np.eye(100)))
        found.append(interpret(nir.read(io.BytesIO(data)), spikes, DT)["lif spikes"])
    euler, exact = found
    assert euler.sum() > 2000
    differing = (euler != exact).sum() / euler.sum()
    assert 0.001 < differing < 0.1
