"""Delayed connections, neurons and the whole float network against naive computations."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from snnc.errors import InputError
from snnc.stages import BatchNorm, TrainedLayer, TrainedModel
from snnc.trainer import inference
from snnc.trainer.convolution import ENGINES
from snnc.trainer.inference import layers_of, network_of, scores
from snnc.trainer.network import DelayedConnection, HiddenLayer, Readout


def connection(
    kernel_size: int, position: npt.ArrayLike, weight: npt.ArrayLike, engine: str = "direct"
) -> DelayedConnection:
    weight = np.asarray(weight, np.float32)
    made = DelayedConnection(weight.shape[1], weight.shape[0], kernel_size, ENGINES[engine])
    with torch.no_grad():
        made.weight.copy_(torch.tensor(weight))
        made.position.copy_(torch.tensor(np.asarray(position, np.float32)))
    return made


def delayed_sum(x: np.ndarray, weight: np.ndarray, delay: np.ndarray) -> np.ndarray:
    """Eq. 6 as it is written: I_i[t] = sum_j w_ij S_j[t - d_ij], for x [T, B, inputs]."""
    out = np.zeros((*x.shape[:2], len(weight)))
    for t in range(x.shape[0]):
        for i, j in np.ndindex(weight.shape):
            if t >= delay[i, j]:
                out[t, :, i] += weight[i, j] * x[t - delay[i, j], :, j]
    return out


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("kernel_size", [1, 7, 31])
def test_rounded_connection_is_equation_6(engine: str, kernel_size: int) -> None:
    rng = np.random.default_rng(kernel_size)
    half = kernel_size // 2
    x = (rng.random((20, 3, 4)) < 0.3).astype(np.float32)
    weight = rng.normal(size=(5, 4)).astype(np.float32)
    tap = rng.integers(0, kernel_size, (5, 4))
    position = tap - half + rng.uniform(-0.49, 0.49, (5, 4))  # rounds to tap - half, and may lie outside
    made = connection(kernel_size, position, weight, engine)
    delay = kernel_size - 1 - tap
    assert np.array_equal(made.delays().numpy(), delay)
    out = made(torch.tensor(x), rounded=True).detach().numpy()
    np.testing.assert_allclose(out, delayed_sum(x, weight, delay), atol=1e-5)


def test_a_spike_arrives_after_the_delay() -> None:
    # P = +2 of a 5-tap kernel is delay 0, P = -2 is delay 4.
    made = connection(5, [[2.0], [0.0], [-2.0]], [[1.0], [10.0], [100.0]])
    x = torch.zeros(6, 1, 1)
    x[1] = 1
    out = made(x, rounded=True)[:, 0].detach()
    assert out.tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 10, 0], [0, 0, 0], [0, 0, 100]]


def test_ties_round_to_the_even_position() -> None:
    # T_d = 31: half is 15, odd. P = 0.5 -> 0 -> delay 15; 1.5 -> 2 -> 13; -0.5 -> 0; 14.5 -> 14 -> 1.
    made = connection(31, [[0.5, 1.5, -0.5, 14.5, 20.0, -20.0]], np.ones((1, 6)))
    assert made.delays().tolist() == [[15, 13, 15, 1, 0, 30]]


def test_gaussian_kernel_is_the_papers() -> None:
    # T_d = 5, P = 0.4: centre at tap 2.4; sigma 1.2; weight 3. Normalised to sum to the weight.
    made = connection(5, [[0.4]], [[3.0]])
    made.sig = 1.2 - 0.27
    bell = np.exp(-0.5 * ((np.arange(5) - 2.4) / 1.2) ** 2)
    np.testing.assert_allclose(made.kernel().detach().numpy()[0, 0], 3 * bell / bell.sum(), rtol=1e-5)


def test_gaussian_delay_has_the_orientation_of_the_rounded_one() -> None:
    made = connection(9, [[2.0]], [[1.0]])
    made.sig = 0.0001
    x = torch.zeros(12, 1, 1)
    x[0] = 1
    gaussian, rounded = made(x).detach(), made(x, rounded=True).detach()
    assert int(rounded.argmax()) == int(gaussian.argmax()) == 2  # 8 - (4 + 2)
    np.testing.assert_allclose(gaussian, rounded, atol=3e-3)


def test_sig_zero_means_whole_steps() -> None:
    made = connection(5, [[0.4, -1.3]], [[1.0, 1.0]])
    made.round_positions()
    assert made.position.tolist() == [[0.0, -1.0]]
    assert not made.position.requires_grad
    assert made.kernel().tolist() == [[[0, 0, 1, 0, 0], [0, 1, 0, 0, 0]]]


def test_engines_agree_with_gradients() -> None:
    rng = np.random.default_rng(0)
    position, weight = rng.uniform(-3, 3, (6, 5)), rng.normal(size=(6, 5))
    x = torch.tensor(rng.random((17, 4, 5)), dtype=torch.float32)
    seen = []
    for engine in ("direct", "fft"):
        made = connection(7, position, weight, engine)
        made.sig = 0.5
        events = x.clone().requires_grad_()
        out = made(events)
        (out * torch.arange(17)[:, None, None]).sum().backward()
        seen.append([out.detach(), events.grad, made.weight.grad, made.position.grad])
    for direct, fft in zip(*seen, strict=True):
        scale = direct.abs().max()
        np.testing.assert_allclose(direct / scale, fft / scale, atol=1e-5)


def test_clamping_keeps_delays_inside_the_kernel() -> None:
    made = connection(5, [[3.7, -2.6, 1.25]], np.ones((1, 3)))
    made.clamp_positions()
    assert made.position.tolist() == [[2.0, -2.0, 1.25]]


def test_lif_by_hand() -> None:
    # tau 2: v = v/2 + x. 0.6 -> 0.6; 0.6 -> 0.9; 0.6 -> 1.05 fires, 0; 1.0 -> fires at equality; 0.5; 0.25
    layer = HiddenLayer(connection(1, [[0.0]], [[1.0]]), tau=2.0, threshold=1.0, batch_norm=False).eval()
    current = torch.tensor([0.6, 0.6, 0.6, 1.0, 0.5, 0.0, 1.0])[:, None, None]
    for _ in range(2):  # no state is left from one call to the next
        assert layer(current).flatten().tolist() == [0, 0, 1, 1, 0, 0, 1]


def test_dropout_silences_a_neuron_for_all_steps() -> None:
    torch.manual_seed(0)
    layer = HiddenLayer(
        connection(1, np.zeros((50, 1)), np.full((50, 1), 2.0)),
        tau=2.0,
        threshold=1.0,
        batch_norm=False,
        dropout=0.5,
    )
    spikes = layer(torch.ones(4, 1, 1))[:, 0]
    assert set(spikes[0].tolist()) == {0.0, 2.0}
    assert all(torch.equal(row, spikes[0]) for row in spikes)
    assert torch.equal(layer.eval()(torch.ones(4, 1, 1)), torch.ones(4, 1, 50))


def test_readout_by_hand() -> None:
    readout = Readout(connection(1, [[0.0]], [[1.0]]), tau=4.0)
    out = readout(torch.tensor([1.0, 0.0, 2.0])[:, None, None], rounded=True).flatten()
    np.testing.assert_allclose(out.detach(), [1.0, 0.75, 0.5625 + 2.0], rtol=1e-6)


def tiny_model(rng: np.random.Generator, sigma: float = 0.23) -> TrainedModel:
    def layer(name: str, neurons: int, inputs: int, threshold: float | None) -> TrainedLayer:
        norm = BatchNorm(
            rng.uniform(0.5, 2, neurons),
            rng.normal(size=neurons),
            rng.normal(size=neurons),
            rng.uniform(0.5, 2, neurons),
            1e-5,
        )
        return TrainedLayer(
            name=name,
            weight=rng.normal(size=(neurons, inputs)),
            position=rng.uniform(-3, 3, (neurons, inputs)),
            kernel_size=7,
            sigma=sigma,
            tau=3.0 if threshold else 5.0,
            threshold=threshold,
            batch_norm=norm if threshold else None,
        )

    layers = (layer("hidden1", 6, 4, 1.0), layer("hidden2", 5, 6, 0.8), layer("readout", 3, 5, None))
    return TrainedModel(
        layers, time_steps=15, bin_s=0.01, unit_pool=1, class_names=("a", "b", "c"), dataset="none"
    )


def naive_scores(model: TrainedModel, spikes: np.ndarray) -> np.ndarray:
    """The network with whole-step delays, neuron by neuron in float64, batch norm folded."""
    x = spikes.transpose(1, 0, 2).astype(np.float64)
    for layer in model.layers:
        weight, bias = layer.weight.astype(np.float64), np.zeros(len(layer.weight))
        if layer.batch_norm is not None:
            norm = layer.batch_norm
            gain = norm.gamma / np.sqrt(norm.var.astype(np.float64) + norm.eps)
            weight, bias = weight * gain[:, None], norm.beta - norm.mean * gain
        half = layer.kernel_size // 2
        delay = layer.kernel_size - 1 - (half + np.rint(layer.position)).astype(int)
        current = delayed_sum(x, weight, delay) + bias
        v, out = np.zeros(current.shape[1:]), np.zeros(current.shape)
        for t in range(len(current)):
            v = v - v / layer.tau + current[t]
            if layer.threshold is None:
                out[t] = v
            else:
                out[t] = v >= layer.threshold
                v = np.where(out[t] == 1, 0.0, v)
        x = out
    e = np.exp(x - x.max(axis=2, keepdims=True))
    return (e / e.sum(axis=2, keepdims=True)).sum(axis=0)


def test_scores_equal_a_naive_network() -> None:
    rng = np.random.default_rng(3)
    model = tiny_model(rng)
    spikes = (rng.random((9, 15, 4)) < 0.3).astype(np.uint8)
    result = scores(model, spikes, rounded=True)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, naive_scores(model, spikes), atol=1e-4)
    np.testing.assert_allclose(result.sum(axis=1), 15, rtol=1e-5)
    assert np.abs(scores(model, spikes, rounded=False) - result).max() > 1e-2  # Gaussian kernels differ


@pytest.mark.parametrize("batches", [0, 2, 1000])
def test_scores_of_several_batches_of_which_some_share_a_kernel(
    batches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    model = tiny_model(rng)
    monkeypatch.setattr(inference, "_VALUES", batches * 16 * 15 * 6)  # of 16, T, neurons
    spikes = (rng.random((70, 15, 4)) < 0.3).astype(np.uint8)
    np.testing.assert_allclose(scores(model, spikes, rounded=True), naive_scores(model, spikes), atol=1e-4)


def test_sigma_zero_makes_both_kinds_of_scores_one() -> None:
    rng = np.random.default_rng(3)
    model = tiny_model(rng, sigma=0.0)
    spikes = (rng.random((2, 15, 4)) < 0.3).astype(np.uint8)
    assert np.array_equal(scores(model, spikes, rounded=False), scores(model, spikes, rounded=True))


def test_layers_survive_the_way_through_a_network() -> None:
    model = tiny_model(np.random.default_rng(4))
    for before, after in zip(model.layers, layers_of(network_of(model)), strict=True):
        assert (before.name, before.sigma, before.tau, before.threshold) == (
            after.name,
            after.sigma,
            after.tau,
            after.threshold,
        )
        assert np.array_equal(before.weight, after.weight)
        assert np.array_equal(before.position, after.position)
        if before.batch_norm is not None and after.batch_norm is not None:
            assert np.array_equal(before.batch_norm.var, after.batch_norm.var)
            assert np.array_equal(before.batch_norm.beta, after.batch_norm.beta)


@pytest.mark.parametrize("shape", [(2, 14, 4), (2, 15, 5), (15, 4)])
def test_scores_refuse_another_shape(shape: tuple[int, ...]) -> None:
    model = tiny_model(np.random.default_rng(0))
    with pytest.raises(InputError, match=r"this model takes \[recordings, 15, 4\]"):
        scores(model, np.zeros(shape, np.uint8), rounded=True)


def test_scores_of_nothing() -> None:
    assert scores(
        tiny_model(np.random.default_rng(0)), np.zeros((0, 15, 4), np.uint8), rounded=True
    ).shape == (0, 3)
