"""Neurons of one's own that adapt: a Cell says them as the contract's adlif, with the same spikes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from adapting_neurons import (
    NEURONS,
    Alif,
    Coupled,
    Tired,
    alif,
    behind_weights,
    coupled,
    of_alif,
    spikes_by_hand,
    spread,
    tired,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch_networks import events

import snnc
from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, converter
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float

ROUNDING = 1e-9
"""Up to this distance from the threshold, v may be on either side in another order of the same sums."""
X = events(80, 4, 6).double()


def spikes_of(graph, x, name="step.1"):
    """[T, N, neurons]"""
    runs = [run_float(graph, each) for each in x.numpy().astype(np.int64).swapaxes(0, 1)]
    return np.stack([run[name].spikes for run in runs], axis=1)


ONES = [
    (Alif, alif, {}),
    (Alif, alif, {"beta": spread(0.1, 1.5), "rho": spread(0.99, 0.5)}),
    (Alif, alif, {"alpha": spread(0.95, 0.4), "vth": spread(0.6, 1.4), "gain": spread(0.2, 0.8)}),
    (Alif, alif, {"alpha": 0.7, "rho": 0.7, "gain": 0.3}),  # kb is 0
    (Alif, alif, {"alpha": 0.9, "rho": 0.6}),  # and below 0
    (Alif, alif, {"beta": -0.3}),  # a threshold that falls
    (Coupled, coupled, {}),
    (Coupled, coupled, {"alpha": spread(0.4, 0.95), "beta": spread(0.99, 0.5), "a": spread(-0.5, 1)}),
    (Tired, tired, {}),
    (Tired, tired, {"alpha": spread(0.4, 0.95), "rho": spread(0.99, 0.5), "beta": spread(-0.1, 0.4)}),
]


@pytest.mark.parametrize(("kind", "convert", "parameters"), ONES)
def test_each_spike_is_that_by_hand(kind, convert, parameters):
    converter(kind)(convert)
    module = behind_weights(kind(**parameters), 2 if kind is Alif else 6)
    network = from_torch(module, X, dt=1e-3, least_agreement=1)
    expected, nearest = spikes_by_hand(module, X)
    assert nearest > ROUNDING
    assert 0.02 < expected.mean() < 0.9
    np.testing.assert_array_equal(spikes_of(network.graph, X), expected)
    assert network.graph.population("step.1").model == "adlif"
    assert [(each.different, each.through) for each in network.agreement] == [(0, 0)]


SHARES = st.floats(0.05, 1, exclude_max=True)


@settings(max_examples=40)
@given(SHARES, SHARES, st.floats(0, 3), st.floats(0.1, 3), st.integers(0, 2**16))
def test_an_alif_of_any_numbers(alpha, rho, beta, vth, seed):
    module = behind_weights(Alif(alpha, rho, beta, vth), 3, seed)
    x = events(40, 3, 6, seed=seed).double()
    expected, nearest = spikes_by_hand(module, x)
    assume(nearest > ROUNDING)
    kept = dict(CONVERTERS)
    converter(Alif)(alif)
    try:
        graph = from_torch(module, x, dt=1e-3).graph
    finally:
        CONVERTERS.clear()
        CONVERTERS.update(kept)
    np.testing.assert_array_equal(spikes_of(graph, x), expected)


def test_units_are_those_of_the_module():
    """The graph takes the input as it is: what is in units of v is divided by gain, keep_w and ka are not."""
    converter(Alif)(alif)
    of = from_torch(behind_weights(Alif(gain=0.25)), X, dt=1e-3).graph.population("step.1")
    for field, value in {
        "threshold": 4.0,
        "reset_by": 1.5 / 0.9 * 4,
        "keep_w": 0.97,
        "ka": 0.0,
        "kb": 0.5 * (0.97 - 0.9) * 4,
    }.items():
        np.testing.assert_allclose(getattr(of, field), np.full(NEURONS, value), rtol=1e-12)
    assert of.order == "old"


def test_from_the_module_to_a_verified_program(tmp_path):
    converter(Alif)(alif)
    module = behind_weights(Alif())
    exported = snnc.from_torch(module, X, dt=1e-3, verbose=False).export("c", tmp_path / "alif.c")
    report = exported.verify(X, ["oracle", "hwsim", "c"], layout="TNC", generated=2, verbose=False)
    assert report
    assert "torch = oracle = hwsim = c over" in str(report)
    integers = exported.run(X, layout="TNC")["step.1"]
    assert integers.w.any()
    expected, _ = spikes_by_hand(module, X)
    assert (integers.spikes.swapaxes(0, 1) == expected).mean() > 0.97  # weights have 8 bits


def test_finetuned_integers_that_adapt(tmp_path):
    converter(Alif)(alif)
    x = events(30, 20, 6).double()
    network = snnc.from_torch(behind_weights(Alif()), x, dt=1e-3, verbose=False)
    usual = {"layout": "TNC", "verbose": False}
    found = snnc.finetune(network, x, target="c", weight_bits=3, epochs=1, learning_rate=0.02, **usual)
    before, after = (each.model.population("step.1") for each in (network, found))
    for field in ("keep_w", "ka", "kb", "order"):
        np.testing.assert_array_equal(getattr(before, field), getattr(after, field))
    exported = found.export("c", tmp_path / "alif.c")
    assert exported.verify(x, ["oracle"], generated=0, allow_missing=True, **usual)
    assert exported.run(x, layout="TNC")["step.1"].w.any()


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_states_that_the_loop_keeps(start):
    """v and a are arguments of a call, and what it gives; both are 0 before the first step."""

    class Step(torch.nn.Module):
        alpha, rho, beta, vth, gain = 0.9, 0.97, 0.5, 1.0, 0.4

        def forward(self, x, s, v, a):
            a = self.rho * a + s
            v = self.alpha * v + self.gain * x - s * self.vth
            return (v - self.vth - self.beta * a > 0).double(), v, a

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weights, self.alif = behind_weights(Alif()).step[0], Step()

        def forward(self, x):
            s, v, found = (
                torch.zeros(x.shape[1], NEURONS).double(),
                torch.zeros(x.shape[1], NEURONS).double(),
                [],
            )
            a = torch.full_like(v, start)
            for each in x:
                s, v, a = self.alif(self.weights(each), s, v, a)
                found.append(s)
            return torch.stack(found)

    @converter(Step)
    def _(module, name):
        def gives(args, kwargs, output):
            return Gives(args[0], output[0], membrane=output[1], state=args[2])

        return Cell(name, of_alif(module), gain=module.gain, gives=gives)

    if start:
        with pytest.raises(InputError, match="alif: module and network differ in"):
            from_torch(Net(), X, dt=1e-3)
        return
    graph = from_torch(Net(), X, dt=1e-3, least_agreement=1).graph
    expected, _ = spikes_by_hand(behind_weights(Alif()), X)
    np.testing.assert_array_equal(spikes_of(graph, X, "alif"), expected)


def test_the_membrane_of_neurons_that_adapt_is_not_read():
    @converter(Alif)
    def _(of, name):
        parameters = of_alif(of, reset="none", threshold=1e6)
        del parameters["reset_by"]
        membrane = lambda args, kwargs, output: Gives(args[0], None, membrane=output)  # noqa: E731
        return Cell(name, parameters, gives=membrane, clear=of.clear)

    with pytest.raises(InputError, match=r"membrane of step\.1, which adapts; .* read its spikes"):
        from_torch(behind_weights(Alif()), X, dt=1e-3)
