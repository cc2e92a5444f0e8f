"""The fast parts of training against the libraries that define them."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch
from DCLS.construct.modules import Dcls1d
from hypothesis import given, settings
from hypothesis import strategies as st
from spikingjelly.activation_based import neuron, surrogate
from torch import Tensor

from snnc.trainer import buffers, compiled_lif
from snnc.trainer.convolution import ENGINES, auto, direct
from snnc.trainer.dft_engine import dft
from snnc.trainer.kernel import DCLS_SIGMA_FLOOR, gaussian_kernel, one_hot_kernel
from snnc.trainer.lif import lif
from snnc.trainer.products.candidates import using


def close(ours: Tensor, exact: Tensor, tolerance: float = 3e-6) -> None:
    """Equal to `tolerance` of the largest value."""
    assert ours.dtype == torch.float32
    scale = max(float(exact.abs().max()), 1e-6)
    np.testing.assert_allclose(ours.double().numpy() / scale, exact.double().numpy() / scale, atol=tolerance)


def library(x: Tensor, weight: Tensor, position: Tensor, sig: float, taps: int, grad: Tensor) -> list[Tensor]:
    """Output and gradients to x, weights and positions of `Dcls1d` itself, in float64."""
    neurons, inputs = weight.shape
    layer = Dcls1d(inputs, neurons, 1, dilated_kernel_size=taps, bias=False, version="gauss").double()
    with torch.no_grad():
        layer.weight.copy_(weight[..., None])
        layer.P.copy_(position[None, ..., None])
        layer.SIG.fill_(sig)
    x = x.double().requires_grad_()
    out = layer(torch.nn.functional.pad(x.permute(1, 2, 0), (taps - 1, 0))).permute(2, 0, 1)
    out.backward(grad.double())
    return [out.detach(), x.grad, layer.weight.grad[..., 0], layer.P.grad[0, ..., 0]]  # type: ignore[list-item]


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize(("taps", "sig"), [(7, 0.23), (7, 3.0), (25, 0.23), (25, 11.73), (1, 0.5)])
def test_connection_and_gradients_are_dcls(engine: str, taps: int, sig: float) -> None:
    torch.manual_seed(taps)
    x, grad = (torch.rand(30, 4, 6) < 0.3).float(), torch.randn(30, 4, 5)
    weight = torch.randn(5, 6, requires_grad=True)
    position = ((torch.rand(5, 6) - 0.5) * (taps - 1)).requires_grad_()
    expected = library(x, weight.detach(), position.detach(), sig, taps, grad)
    x.requires_grad_()
    out = ENGINES[engine](x, gaussian_kernel(weight, position, sig + DCLS_SIGMA_FLOOR, taps))
    out.backward(grad)
    for ours, exact in zip((out.detach(), x.grad, weight.grad, position.grad), expected, strict=True):
        assert ours is not None
        close(ours, exact)


def test_position_gradient_keeps_its_digits() -> None:
    """Where the gradient of a tap hardly depends on the tap, the position's is a small difference."""
    taps, sig = 25, 5.0
    weight, position = torch.ones(1, 1), torch.full((1, 1), 3.3)
    ramp = 1000 + torch.arange(float(taps))
    exact = gaussian_gradient_of_position(ramp.double().numpy(), 3.3, sig, taps)
    position.requires_grad_()
    gaussian_kernel(weight, position, sig, taps).backward(ramp[None, None])
    assert position.grad is not None
    assert float(position.grad) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(
    ("taps", "sigma", "synapses"), [(25, 12.0, (30, 20)), (101, 0.5, (1, 1)), (7, 50.0, (9, 100))]
)
def test_compiled_kernels_are_those_of_torch(taps: int, sigma: float, synapses: tuple[int, int]) -> None:
    """Which float64 takes, on every device."""
    torch.manual_seed(taps)
    weight, grad = torch.randn(synapses), torch.randn(*synapses, taps)
    position = (torch.rand(synapses) - 0.5) * (taps - 1)

    def results(*tensors: Tensor) -> list[Tensor]:
        leaves = [tensor.clone().requires_grad_() for tensor in tensors[:2]]
        kernel = gaussian_kernel(leaves[0], leaves[1], sigma, taps)
        return [kernel.detach(), *torch.autograd.grad(kernel, leaves, tensors[2])]

    ours = results(weight, position, grad)
    for mine, exact in zip(ours, results(weight.double(), position.double(), grad.double()), strict=True):
        close(mine, exact, 1e-6)


def test_broken_positions_break_the_kernel() -> None:
    assert gaussian_kernel(torch.ones(1, 1), torch.full((1, 1), float("nan")), 0.5, 5).isnan().all()


def gaussian_gradient_of_position(grad: np.ndarray, position: float, sigma: float, taps: int) -> float:
    """By a central difference in float64."""

    def loss(p: float) -> float:
        bell = np.exp(-0.5 * ((np.arange(taps) - taps // 2 - p) / sigma) ** 2)
        return float((grad * bell / (1e-7 + bell.sum())).sum())

    position = float(np.float32(position))
    return (loss(position + 1e-4) - loss(position - 1e-4)) / 2e-4


def test_kernels_hold_no_denormals() -> None:
    kernel = gaussian_kernel(torch.ones(1, 200), torch.linspace(-12, 12, 200)[None], 0.9, 25)
    assert not ((kernel != 0) & (kernel.abs() < torch.finfo(torch.float32).tiny)).any()
    np.testing.assert_allclose(kernel.sum(2).numpy(), 1, rtol=1e-5)


def test_one_hot_kernel_and_its_gradient() -> None:
    weight = torch.tensor([[2.0, 3.0]], requires_grad=True)
    kernel = one_hot_kernel(weight, torch.tensor([[0, 2]]), 3)
    assert kernel.tolist() == [[[2, 0, 0], [0, 0, 3]]]
    kernel.backward(torch.arange(6.0).view(1, 2, 3))
    assert weight.grad is not None
    assert weight.grad.tolist() == [[0, 5]]


def dft_equals_direct(x: Tensor, kernel: Tensor, grad: Tensor) -> None:
    """Output and both gradients; a Fourier transform rounds relative to the norms of what it convolves."""

    def results(engine: Callable[..., Tensor], *tensors: Tensor) -> list[Tensor]:
        leaves = [t.clone().requires_grad_() for t in tensors[:2]]
        out = engine(*leaves)
        return [out.detach(), *torch.autograd.grad(out, leaves, tensors[2])]

    signals = [x, kernel, grad]
    norms = [x.norm() * kernel.norm(), grad.norm() * kernel.norm(), grad.norm() * x.norm()]
    exact = results(direct, *(t.double() for t in signals))
    for ours, wanted, norm in zip(results(dft, *signals), exact, norms, strict=True):
        assert ours.shape == wanted.shape
        assert float((ours - wanted).abs().max()) <= 1.5e-6 * float(norm)


@pytest.mark.parametrize("product", ["torch", "compiled"])
@pytest.mark.parametrize(("last", "taps"), [(0, 9), (1, 8), (8, 1), (20, 8), (29, 9), (32, 24), (39, 9)])
def test_what_follows_the_last_event_is_as_before_it(product: str, last: int, taps: int) -> None:
    """The network's input is transformed up to there in training; y has all steps."""
    torch.manual_seed(last)
    x, kernel, grad = (
        torch.randn(40, 2, 3),
        torch.randn(4, 3, taps, requires_grad=True),
        torch.randn(40, 2, 4),
    )
    x[last + 1 :] = 0
    exact = direct(x.double(), kernel.double())
    (wanted,) = torch.autograd.grad(exact, kernel, grad.double())
    with using(product):
        y = dft(x, kernel)
    (to_kernel,) = torch.autograd.grad(y, kernel, grad)
    close(y.detach(), exact.detach())
    close(to_kernel, wanted)


def test_training_follows_inference_with_the_same_shapes() -> None:
    x, kernel = torch.randn(11, 2, 3), torch.randn(4, 3, 6, requires_grad=True)
    with torch.inference_mode():
        before = dft(x, kernel)
    after = dft(x, kernel)
    after.sum().backward()
    assert torch.equal(before, after.detach())
    assert kernel.grad is not None


@settings(deadline=None, max_examples=60)
@given(
    steps=st.integers(1, 40),
    taps=st.integers(1, 40),
    batch=st.integers(1, 3),
    inputs=st.integers(1, 4),
    neurons=st.integers(1, 4),
    seed=st.integers(0, 1 << 20),
)
def test_dft_is_the_direct_convolution(
    steps: int, taps: int, batch: int, inputs: int, neurons: int, seed: int
) -> None:
    torch.manual_seed(seed)
    dft_equals_direct(
        torch.randn(steps, batch, inputs),
        torch.randn(neurons, inputs, taps),
        torch.randn(steps, batch, neurons),
    )


def test_dft_keeps_double_precision_and_skips_gradients_not_asked_for() -> None:
    x, kernel = torch.randn(9, 2, 3, dtype=torch.float64), torch.randn(4, 3, 5, dtype=torch.float64)
    np.testing.assert_allclose(dft(x, kernel), direct(x, kernel), atol=1e-13)
    kernel.requires_grad_()
    (grad,) = torch.autograd.grad(dft(x, kernel).sum(), kernel)
    # The sum over all outputs meets each input once for each step that the delay leaves: 9 - delay steps.
    delays = 4 - torch.arange(5)
    expected = torch.stack([x[: 9 - int(d)].sum((0, 1)) for d in delays], dim=1).expand(4, 3, 5)
    np.testing.assert_allclose(grad, expected, atol=1e-12)


def spikingjelly(current: Tensor, grad: Tensor, tau: float, threshold: float, alpha: float) -> list[Tensor]:
    node = neuron.LIFNode(
        tau=tau,
        decay_input=False,
        v_threshold=threshold,
        v_reset=0.0,
        surrogate_function=surrogate.ATan(alpha),
        detach_reset=True,
        step_mode="m",
    )
    current = current.clone().requires_grad_()
    spikes = node(current)
    spikes.backward(grad)
    return [spikes.detach(), current.grad]  # type: ignore[list-item]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 1), (50, 3, 7), (20, 9, 300)])
@pytest.mark.parametrize(
    ("tau", "threshold", "alpha"), [(2.0, 1.0, 5.0), (1.005, 0.7, 2.0), (20.0, 1.5, 5.0)]
)
def test_lif_is_spikingjellys(
    monkeypatch: pytest.MonkeyPatch,
    compiled: bool,
    shape: tuple[int, ...],
    tau: float,
    threshold: float,
    alpha: float,
) -> None:
    torch.manual_seed(1)
    current, grad = torch.randn(shape), torch.randn(shape)
    expected = spikingjelly(current, grad, tau, threshold, alpha)
    if not compiled:
        monkeypatch.setattr(compiled_lif, "supports", lambda signal: False)
    current.requires_grad_()
    spikes = lif(current, tau, threshold, alpha)
    spikes.backward(grad)
    assert torch.equal(spikes.detach(), expected[0])
    assert current.grad is not None
    close(current.grad, expected[1], 1e-6)


@pytest.mark.parametrize("compiled", [True, False])
def test_gain_scales_spikes_and_gradient(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    if not compiled:
        monkeypatch.setattr(compiled_lif, "supports", lambda signal: False)
    current = (torch.randn(12, 2, 3) + 0.5).requires_grad_()
    grad, gain = torch.randn(12, 2, 3), torch.tensor([[0.0, 2.0, 1.0], [2.0, 0.0, 0.5]])
    plain = lif(current, 2.0, 1.0, 5.0)
    scaled = lif(current, 2.0, 1.0, 5.0, gain)
    assert plain.sum() > 0
    assert torch.equal(scaled, plain * gain)
    (by_product,) = torch.autograd.grad(plain, current, grad * gain)
    (by_gain,) = torch.autograd.grad(scaled, current, grad)
    np.testing.assert_allclose(by_gain, by_product, rtol=1e-6, atol=1e-7)


def test_lif_does_not_depend_on_the_number_of_threads() -> None:
    torch.manual_seed(2)
    current, grad = torch.randn(10, 5, 900), torch.randn(10, 5, 900)
    before, seen = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            leaf = current.clone().requires_grad_()
            spikes = lif(leaf, 2.0, 1.0, 5.0)
            seen.append((spikes.detach(), torch.autograd.grad(spikes, leaf, grad)[0]))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(seen[0][0], seen[1][0])
    assert torch.equal(seen[0][1], seen[1][1])


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "_SMALL", 8)
    buffers.release()


@pytest.mark.usefixtures("tiny_blocks")
def test_a_block_is_used_again_only_when_nothing_holds_it() -> None:
    like = torch.zeros(1)
    first = buffers.empty((4, 25), like)
    where = first.data_ptr()
    assert where % 64 == 0
    part = first[1:]  # a view keeps the block
    del first
    assert buffers.empty((4, 25), like).data_ptr() != where
    part.fill_(7)
    for _ in range(3):
        buffers.empty((4, 25), like).fill_(0)
    assert (part == 7).all()
    del part
    held = [buffers.empty((99,), like) for _ in range(3)]  # 99 and 100 are of one size class
    assert where in [t.data_ptr() for t in held]


@pytest.mark.usefixtures("tiny_blocks")
def test_blocks_held_by_a_graph_survive_other_passes() -> None:
    torch.manual_seed(0)
    x, kernel = torch.randn(20, 4, 5), torch.randn(6, 5, 7, requires_grad=True)

    def gradient_of(loss: Tensor, keep: bool = False) -> Tensor:
        return torch.autograd.grad(loss, kernel, retain_graph=keep)[0]

    loss = lif(dft(x, kernel), 2.0, 1.0, 5.0).square().sum()
    first = gradient_of(loss, keep=True)
    for _ in range(3):
        with torch.no_grad():
            lif(dft(torch.randn_like(x), kernel), 2.0, 1.0, 5.0)
    assert torch.equal(first, gradient_of(loss))


@pytest.mark.usefixtures("tiny_blocks")
def test_threads_do_not_share_blocks() -> None:
    broken: list[int] = []

    def work(value: int) -> None:
        for _ in range(200):
            mine = buffers.empty((32,), torch.zeros(1)).fill_(value)
            if not bool((mine == value).all()):
                broken.append(value)

    threads = [threading.Thread(target=work, args=(value,)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken


@pytest.mark.parametrize(("taps", "engine"), [(1, direct), (3, direct), (5, dft), (25, dft)])
def test_auto_convolves_few_taps_directly(taps: int, engine: Callable[..., Tensor]) -> None:
    x, kernel = torch.randn(30, 8, 12), torch.randn(10, 12, taps)
    other = dft if engine is direct else direct
    assert torch.equal(auto(x, kernel), engine(x, kernel))
    assert not torch.equal(auto(x, kernel), other(x, kernel))  # they differ in rounding


@pytest.mark.parametrize(("steps", "taps"), [(256, 5), (257, 5), (1000, 31), (601, 150)])
def test_dft_of_long_signals(steps: int, taps: int) -> None:
    torch.manual_seed(steps)
    dft_equals_direct(torch.randn(steps, 2, 3), torch.randn(4, 3, taps), torch.randn(steps, 2, 4))
