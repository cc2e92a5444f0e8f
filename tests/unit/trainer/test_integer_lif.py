"""Trainable neurons in integers: forward against the contract, backward against the surrogate's formula."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from snnc.trainer.integer_lif import integer_integrator, integer_lif, straight_through
from snnc.trainer.lif import lif

COMPILED, FALLBACK = torch.float32, torch.float64  # the compiled scan takes float32 only
TYPES = pytest.mark.parametrize("dtype", [COMPILED, FALLBACK], ids=["compiled", "fallback"])
LIMIT = 2**23 - 1


def neuron(current: list[int], k: int, threshold: int | None) -> tuple[list[int], list[int]]:
    """Spikes, and v before the reset: clauses 4 to 7 for one neuron, in Python's integers."""
    v, spikes, before = 0, [], []
    for x in current:
        kept = (abs(v) * (4096 - k)) >> 12
        v = (kept if v >= 0 else -kept) + x
        v = max(-LIMIT, min(LIMIT, v))
        before.append(v)
        fired = threshold is not None and v > threshold
        spikes.append(int(fired))
        if fired:
            v = 0
    return spikes, before


def neurons(current: npt.NDArray[np.int64], k: int, threshold: int | None) -> tuple[list, list]:
    """`neuron` for each column of [T, neurons]."""
    columns = [neuron(column.tolist(), k, threshold) for column in current.T]
    spikes, before = zip(*columns, strict=True)
    return np.array(spikes).T.tolist(), np.array(before).T.tolist()


def column(values: list[int], dtype: torch.dtype) -> Tensor:
    return torch.tensor(values, dtype=dtype)[:, None]


def spikes_of(values: list[int], k: int, threshold: int, dtype: torch.dtype = COMPILED) -> list[float]:
    return integer_lif(column(values, dtype), k, threshold, 5.0, 64.0).flatten().tolist()


def potentials_of(values: list[int], k: int, dtype: torch.dtype = COMPILED) -> list[float]:
    return integer_integrator(column(values, dtype), k).flatten().tolist()


@TYPES
def test_a_neuron_at_its_threshold_does_not_fire(dtype: torch.dtype) -> None:
    assert spikes_of([64, 65, 63, -65], 4096, 64, dtype) == [0, 1, 0, 0]
    # Nothing decays: 64 stays, then 1 more fires; after the reset 64 alone does not.
    assert spikes_of([64, 0, 1, 64, 1], 0, 64, dtype) == [0, 0, 1, 0, 1]


@TYPES
def test_decay_rounds_toward_zero(dtype: torch.dtype) -> None:
    # k = 2048: half of 7 is 3, then 1, then 0; the same below zero.
    assert potentials_of([7, 0, 0, 0], 2048, dtype) == [7, 3, 1, 0]
    assert potentials_of([-7, 0, 0, 0], 2048, dtype) == [-7, -3, -1, 0]
    assert potentials_of([-1, 0], 1, dtype) == [-1, 0]
    assert potentials_of([-5, 5, -1], 4096, dtype) == [-5, 5, -1]


@TYPES
def test_the_potential_saturates(dtype: torch.dtype) -> None:
    most = 2**23
    assert potentials_of([most, most, -1], 0, dtype) == [LIMIT, LIMIT, LIMIT - 1]
    assert potentials_of([-most, -most, 1], 0, dtype) == [-LIMIT, -LIMIT, 1 - LIMIT]
    # The largest threshold is below the limit, so a saturated neuron still fires.
    assert spikes_of([most, 131071 << 6, (131071 << 6) + 1], 4096, 131071 << 6, dtype) == [1, 0, 1]


@st.composite
def currents(draw: st.DrawFn) -> tuple[npt.NDArray[np.int64], int, int]:
    """Currents [T, neurons], k and a threshold that they often meet."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 20)), draw(st.integers(1, 6)))
    span = draw(st.sampled_from([2, 100, 1 << 12, 1 << 20, 1 << 23]))
    current = rng.integers(-span, span + 1, shape)
    if draw(st.booleans()):  # sums of weights, without a bias
        current = current // 64 * 64
    k = draw(st.sampled_from([0, 1, 2048, 4095, 4096]) | st.integers(0, 4096))
    met = [abs(value) for value in neurons(current, k, None)[1][-1] if abs(value) <= 131071 << 6]
    thresholds = st.sampled_from(met) if met else st.nothing()
    return current, k, draw(thresholds | st.integers(0, min(2 * span, 131071 << 6)))


@settings(deadline=None)
@given(currents())
@example((np.full((4, 1), 1 << 23), 0, 131071 << 6))
def test_forward_is_the_contract(case: tuple[npt.NDArray[np.int64], int, int]) -> None:
    current, k, threshold = case
    spikes, potential = neurons(current, k, threshold)[0], neurons(current, k, None)[1]
    for dtype in (COMPILED, FALLBACK):
        signal = torch.tensor(current, dtype=dtype)
        assert integer_lif(signal, k, threshold, 5.0, 64.0).tolist() == spikes
        assert integer_integrator(signal, k).tolist() == potential


def test_many_columns_and_views() -> None:
    """More columns than the compiled scan takes at a time, in a tensor that is not contiguous."""
    rng = np.random.default_rng(0)
    current = rng.integers(-300, 400, (5, 2100))
    view = torch.tensor(current.T.copy(), dtype=COMPILED).T.view(5, 3, 700)
    spikes = integer_lif(view, 1000, 256, 5.0, 64.0)
    assert spikes.shape == view.shape
    assert spikes.view(5, 2100).tolist() == neurons(current, 1000, 256)[0]


@TYPES
def test_a_gain_scales_spikes_but_not_the_reset(dtype: torch.dtype) -> None:
    current = torch.tensor([[65, 65, 65], [65, 65, 65], [1, 1, 1]], dtype=dtype)
    gain = torch.tensor([0.0, 1.0, 2.5], dtype=dtype)
    assert integer_lif(current, 0, 64, 5.0, 64.0, gain).tolist() == [[0, 1, 2.5], [0, 1, 2.5], [0, 0, 0]]


def surrogate_gradient(
    grad: npt.NDArray[np.float64],
    before: npt.NDArray[np.int64],
    k: int,
    threshold: int,
    alpha: float,
    unit: float,
) -> npt.NDArray[np.float64]:
    """Of the currents: a spike counts as arctan(pi / 2 alpha over) / pi + 1 / 2, where `over` is how far v is
    above the middle of the step where spikes begin; the reset counts as a constant, rounding not at all."""
    out, later = np.zeros(grad.shape), np.zeros(grad.shape[1])
    for t in reversed(range(len(grad))):
        over = (before[t] - threshold - 0.5) / unit
        slope = alpha / 2 / (1 + (math.pi / 2 * alpha * over) ** 2) / unit
        later = grad[t] * slope + np.where(before[t] > threshold, 0, later * (1 - k / 4096))
        out[t] = later
    return out


@TYPES
@pytest.mark.parametrize("k", [0, 1, 2048, 4096])
@pytest.mark.parametrize("threshold", [64, 254 * 64])
def test_backward_is_the_surrogate(dtype: torch.dtype, k: int, threshold: int) -> None:
    rng = np.random.default_rng(k)
    current = rng.integers(-threshold // 2, threshold, (12, 5))
    current[3] = threshold  # some are at the threshold exactly
    grad, unit = rng.normal(size=current.shape), threshold / 1.3
    signal = torch.tensor(current, dtype=dtype, requires_grad=True)
    integer_lif(signal, k, threshold, 5.0, unit).backward(torch.tensor(grad, dtype=dtype))
    before = np.array(neurons(current, k, threshold)[1])
    wanted = surrogate_gradient(grad, before, k, threshold, 5.0, unit)
    assert signal.grad is not None
    np.testing.assert_allclose(signal.grad.numpy(), wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


@TYPES
@pytest.mark.parametrize("k", [2048, 1024])
def test_backward_is_that_of_lif_where_steps_are_fine(dtype: torch.dtype, k: int) -> None:
    unit = 1 << 17
    rng = np.random.default_rng(k)
    current = torch.tensor(rng.normal(0.3, 0.5, (15, 3, 4)), dtype=dtype)
    grad = torch.tensor(rng.normal(size=current.shape), dtype=dtype)
    gain = torch.tensor(rng.uniform(0, 2, (3, 4)), dtype=dtype)
    real, whole = current.clone().requires_grad_(), current.clone().requires_grad_()
    spikes = lif(real, 4096 / k, 1.0, 5.0, gain)
    integer_spikes = integer_lif(whole * unit, k, unit, 5.0, unit, gain)  # rounds its currents
    assert torch.equal(integer_spikes, spikes)
    assert 0 < int((spikes > 0).sum()) < spikes.numel() // 2
    spikes.backward(grad)
    integer_spikes.backward(grad)
    assert whole.grad is not None
    torch.testing.assert_close(whole.grad, real.grad, rtol=1e-3, atol=1e-4)


@TYPES
@pytest.mark.parametrize("k", [0, 410, 4096])
def test_the_readouts_gradient_is_that_of_the_leaky_sum(dtype: torch.dtype, k: int) -> None:
    """v[t] = sum_s (1 - k / 4096)^(t - s) x[s], so dv[t] / dx[s] is that power, whatever the values."""
    rng = np.random.default_rng(k)
    signal = torch.tensor(rng.integers(-999, 999, (6, 2)), dtype=dtype, requires_grad=True)
    grad = rng.normal(size=(6, 2))
    integer_integrator(signal, k).backward(torch.tensor(grad, dtype=dtype))
    keep = 1 - k / 4096
    wanted = [[sum(keep ** (t - s) * grad[t, i] for t in range(s, 6)) for i in range(2)] for s in range(6)]
    np.testing.assert_allclose(signal.grad, wanted, rtol=1e-4, atol=1e-5)


def test_straight_through() -> None:
    value = torch.tensor([0.1, 2.7, 1e8], requires_grad=True)
    exact = torch.tensor([1 / 3, 3.0, -1.0], requires_grad=True)
    out = straight_through(value, exact)
    assert out.tolist() == exact.tolist()  # to the bit, also where value + (exact - value) is not
    (out * torch.tensor([1.0, -2.0, 5.0])).sum().backward()
    assert value.grad is not None
    assert value.grad.tolist() == [1, -2, 5]
    assert exact.grad is None
    with torch.no_grad():
        out.zero_()
    assert exact.tolist()[1] == 3  # the caller's tensor is another
