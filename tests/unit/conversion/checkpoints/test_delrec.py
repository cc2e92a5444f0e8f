"""Checkpoints of DelRec against a loop over the equations of the work, in float64."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from kinds.elsewhere import DELREC_SETTINGS, delrec
from kinds.page import hold
from kinds.row import percent

from snnc.conversion.checkpoints.read import from_checkpoint
from snnc.errors import InputError, ModelFileError
from snnc.exporter.float_reference import run_float

STEPS, TAPS, TAU = 40, 5, 1.3
SIZES = (6, 14, 12, 4)
GIVEN = {"dt": 0.01, "time_steps": STEPS, "tau": TAU, "v_threshold": 0.7, "payload_max": 1}


def drawn(shd, forward, synaptic, spread):
    """A state dict with the work's names. The first layer of SHD neither recurs nor delays."""
    rng, state, at = np.random.default_rng(5), {}, 0

    def add(key, value):
        state[key] = torch.tensor(value, dtype=torch.float32)

    for number, (inputs, outputs) in enumerate(itertools.pairwise(SIZES)):
        last = number == len(SIZES) - 2
        delayed = forward and number > 0 and not (shd and last)
        shape = (outputs, inputs, 1) if delayed else (outputs, inputs)
        add(f"layers.{at}.weight", rng.normal(0, 2.5 / np.sqrt(inputs), shape))
        add(f"layers.{at}.bias", rng.normal(0, 0.1, outputs))
        if delayed:
            add(f"layers.{at}.P", rng.uniform(-2, 2, (1, *shape)))
        neurons = at + 2
        if shd and not last:
            for key, low, high in (
                ("weight", 1, 2),
                ("bias", 0, 0.2),
                ("running_mean", 0, 1),
                ("running_var", 1, 2),
            ):
                add(f"layers.{at + 1}.{key}", rng.uniform(low, high, outputs))
            state[f"layers.{at + 1}.num_batches_tracked"] = torch.tensor(3)
        if not last and (number or not shd):
            add(f"layers.{neurons}.recurrent_weights", rng.normal(0, 0.3, (outputs, outputs)))
            delays = (outputs, outputs) if synaptic else outputs
            add(f"layers.{neurons}.recurrent_delays", np.abs(rng.normal(0, 4, delays)) - 0.2)
            if spread:
                add(f"layers.{neurons}.p_spread", rng.normal(0, 1, outputs))
        at += 5 if shd else 4
    return state


def delayed_sums(state, name, x, right):
    """A convolution over time of the padded input, as the work computes it."""
    weight, position = state[f"{name}.weight"], state.get(f"{name}.P")
    if position is None:
        return x @ weight.T + state[f"{name}.bias"]
    kernel = np.zeros((*weight.shape[:2], TAPS))
    taps = TAPS // 2 + np.round(position[0]).astype(int)
    np.put_along_axis(kernel, taps, np.float32(weight) * (np.float32(1) / np.float32(1 + 1e-7)), 2)
    padded = np.pad(x, ((TAPS - 1, right), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, TAPS, 0)
    return np.einsum("tik,oik->to", windows, kernel) + state[f"{name}.bias"]


def spiking(state, name, x, reset, sigma):
    """Spikes, with what recurs added up in a buffer of the future, as in the work."""
    v, found = np.zeros(x.shape[1]), []
    weight = state.get(f"{name}.recurrent_weights")
    if weight is not None:
        delay = np.round(state[f"{name}.recurrent_delays"]).clip(0)
        delay = np.broadcast_to(delay, weight.shape)
        spread = state.get(f"{name}.p_spread")
        s = 1 + sigma * np.ones(len(weight)) if spread is None else 1 + 2 * sigma / (1 + np.exp(-spread))
        future = np.arange(int(np.ceil(1 + delay.max() + s.max())) + 1)
        mask = (s[None, :, None] - abs(future - (1 + delay)[:, :, None])).clip(0) / (s * s)[None, :, None]
        mask[:, :, 0] = 0
        buffer = np.zeros((len(x) + len(future), x.shape[1]))
    for t in range(len(x)):
        v = v * (1 - 1 / TAU) + x[t] + (0 if weight is None else buffer[t])
        spikes = (v >= np.float32(0.7)).astype(float)
        v = v - spikes * np.float32(0.7) if reset == "subtract" else v * (1 - spikes)
        if weight is not None:
            buffer[t : t + len(future)] += np.einsum("o,io,iol->li", spikes, weight, mask)
        found.append(spikes)
    return np.array(found)


@pytest.mark.parametrize("shd", [True, False])
@pytest.mark.parametrize(("forward", "synaptic", "spread", "sigma", "reset"), DELREC_SETTINGS)
def test_spikes_are_those_of_the_equations(tmp_path, shd, forward, synaptic, spread, sigma, reset):
    state = drawn(shd, forward, synaptic, spread)
    torch.save({"epoch": 3, "model": state, "rng": {"torch": torch.get_rng_state()}}, tmp_path / "best.pth")
    given = {"sigma": sigma, "reset": reset, "dataset": "SHD" if shd else "SSC"}
    given |= {"kernel_size": TAPS} if forward else {}
    graph = from_checkpoint("delrec", tmp_path / "best.pth", **GIVEN, **given)
    inputs = np.random.default_rng(1).integers(0, 2, (STEPS, SIZES[0]))
    padded = np.zeros((graph.time_steps, SIZES[0]), np.int64)
    padded[:STEPS] = inputs
    ours = run_float(graph, padded)
    state = {key: value.numpy().astype(np.float64) for key, value in state.items()}
    x, at, both, either = inputs.astype(float), 0, 0, 0
    right = TAPS // 2 if shd else 0
    for population in graph.populations[1:]:
        x = delayed_sums(state, f"layers.{at}", x, right)
        if f"layers.{at + 1}.running_var" in state:
            norm = [
                state[f"layers.{at + 1}.{key}"] for key in ("weight", "bias", "running_mean", "running_var")
            ]
            x = norm[0] * (x - norm[2]) / np.sqrt(norm[3] + 1e-5) + norm[1]
        if population is graph.populations[-1]:
            break
        theirs = spiking(state, population.name, x, reset, sigma)
        x = ours[population.name].spikes[: len(x)].astype(float)
        both, either = both + (x * theirs).sum(), either + np.maximum(x, theirs).sum()
        np.testing.assert_array_equal(x, theirs)
        assert 0.02 < theirs.mean() < 0.9
        assert (population.end or graph.time_steps) == len(x)
        at += 5 if shd else 4
    if shd:
        v = np.zeros(x.shape[1])
        for t, arriving in enumerate(x):
            v = v * (1 - 1 / TAU) + arriving
            np.testing.assert_allclose(ours[population.name].v[t], v, atol=1e-12)
    else:
        np.testing.assert_allclose(ours[population.name].v, x, atol=1e-12)
    assert graph.readouts[0].decoder == ("softmax" if shd else "sum")
    row = delrec(shd, forward, synaptic, sigma, reset)
    hold(row, row.line("yes", percent(both, either)))


def test_whole_delays_take_a_step_more(tmp_path):
    state = drawn(False, False, True, False)
    torch.save(state, tmp_path / "a.pth")
    graph = from_checkpoint("delrec", tmp_path / "a.pth", sigma=0, reset="zero", dataset="SSC", **GIVEN)
    loop = next(each for each in graph.into("layers.2") if each.source == "layers.2").synapses
    wanted = np.round(state["layers.2.recurrent_delays"].numpy()).clip(0) + 1
    np.testing.assert_array_equal(loop.delay, wanted)
    np.testing.assert_array_equal(loop.weight, state["layers.2.recurrent_weights"].numpy().astype(float))


@pytest.mark.parametrize(
    ("change", "given", "said"),
    [
        ({}, {"sigma": None}, r"sigma is None; networks with recurrent delays have one"),
        ({}, {"sigma": 1e9}, r"sigma is 1e\+09, expected at most 65536"),
        ({}, {"sigma": -1}, r"sigma is -1, expected a finite number above 0"),
        (
            {},
            {"kernel_size": 5},
            r"kernel_size is 5; files with layers\.N\.P have one, and they alone: N is in \[\]",
        ),
        ({}, {"dataset": "PSMNIST"}, "dataset is 'PSMNIST', expected one of SHD, SSC"),
        ({}, {"reset": "none"}, "reset is 'none', expected one of zero, subtract"),
        ({"layers.4.running_mean": torch.ones(14)}, {}, r"layers\.4\.running_mean: batch norm of spikes"),
        (
            {"layers.4.weight": None},
            {},
            r"layers\.8\.weight begins no layer, expected layers\.4",
        ),
        ({"layers.2.recurrent_delays": None}, {}, r"layers\.2\.recurrent_delays is missing"),
        (
            {"layers.2.recurrent_delays": torch.ones(13)},
            {},
            r"recurrent_delays has the shape \[13\], expected .* \[14\]",
        ),
        (
            {"layers.2.recurrent_delays": torch.full((14,), 1e9)},
            {},
            r"recurrent_delays holds 1e\+09, expected at most",
        ),
        ({"layers.2.w": torch.tensor(1.0)}, {}, r"unknown keys 'layers\.2\.w'"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, change, given, said):
    state = drawn(False, False, False, False) | change
    torch.save({key: value for key, value in state.items() if value is not None}, tmp_path / "a.pth")
    usual = {"sigma": 0, "reset": "zero", "dataset": "SSC"} | GIVEN
    with pytest.raises(InputError, match=said) as found:
        from_checkpoint("delrec", tmp_path / "a.pth", **(usual | given))
    assert isinstance(found.value, ModelFileError) == bool(change)
