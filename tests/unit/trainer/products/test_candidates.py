"""Whoever computes the products: a delayed connection and its gradients, and nothing else changes."""

import threading
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from snnc.trainer.convolution import direct
from snnc.trainer.dft_engine import dft
from snnc.trainer.products import by_torch
from snnc.trainer.products.candidates import CANDIDATES, product_for, using
from snnc.trainer.products.measure import Connection, inexact, measure

OTHERS = [name for name, each in CANDIDATES.items() if name != "torch" and each.unavailable_reason() is None]

# steps, batch, inputs, neurons, taps: below a tile of sums, beyond one, whole ones, more terms than one pass,
# longer delays than signals, a half tile.
SHAPES = [
    (1, 1, 1, 1, 1),
    (1, 2, 3, 4, 40),
    (12, 3, 33, 20, 7),
    (15, 20, 64, 40, 6),
    (300, 2, 5, 3, 31),
    (3, 9, 300, 35, 3),
    (3, 270, 17, 64, 2),
    (9, 2, 4, 3, 40),
    (8, 16, 140, 32, 6),
]


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Two, whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def drawn(steps: int, batch: int, inputs: int, neurons: int, taps: int) -> list[Tensor]:
    torch.manual_seed(steps + batch)
    return [
        torch.randn(steps, batch, inputs),
        torch.randn(neurons, inputs, taps),
        torch.randn(steps, batch, neurons),
    ]


def results(engine: object, signals: list[Tensor]) -> list[Tensor]:
    """Output, and gradients of x and kernel."""
    x, kernel = (signal.clone().requires_grad_() for signal in signals[:2])
    y = engine(x, kernel)  # type: ignore[operator]
    return [y.detach(), *torch.autograd.grad(y, (x, kernel), signals[2])]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", OTHERS)
def test_candidates_are_the_direct_convolution(name: str, shape: tuple[int, ...]) -> None:
    signals = drawn(*shape)
    x, kernel, grad = signals
    norms = [x.norm() * kernel.norm(), grad.norm() * kernel.norm(), grad.norm() * x.norm()]
    exact = results(direct, [signal.double() for signal in signals])
    with using(name):
        found = results(dft, signals)
    assert {ours.dtype for ours in found} == {torch.float32}
    errors = [float((ours - wanted).abs().max()) for ours, wanted in zip(found, exact, strict=True)]
    if any(error > 1.5e-6 * float(norm) for error, norm in zip(errors, norms, strict=True)):
        # A processor with matrix units for bfloat16: oneDNN takes them, and no run takes oneDNN.
        steps, batch, inputs, neurons, taps = shape
        assert name == "onednn"
        assert name in inexact(measure(Connection(batch, inputs, neurons, steps, taps)))


def test_compiled_products_do_not_depend_on_the_number_of_threads() -> None:
    signals = drawn(20, 9, 70, 40, 5)
    with using("compiled"):
        two = results(dft, signals)
        torch.set_num_threads(1)
        one = results(dft, signals)
    assert all(map(torch.equal, one, two))


def test_a_gradient_is_of_who_computed_the_output() -> None:
    """Also if it is asked for after the candidate was in use."""
    signals = drawn(12, 3, 33, 20, 7)
    with using("compiled"):
        wanted = results(dft, signals)
    x, kernel = (signal.clone().requires_grad_() for signal in signals[:2])
    with using("compiled"):
        y = dft(x, kernel)
    found = torch.autograd.grad(y, (x, kernel), signals[2])
    assert all(map(torch.equal, found, wanted[1:]))


@pytest.mark.parametrize("name", CANDIDATES)
def test_double_precision_stays(name: str) -> None:
    x, kernel, _ = (signal.double() for signal in drawn(9, 2, 3, 4, 5))
    with using(name):
        assert float((dft(x, kernel) - direct(x, kernel)).abs().max()) < 1e-13


def test_without_a_compiler_torch_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", 1)
    assert "NUMBA_DISABLE_JIT" in str(CANDIDATES["compiled"].unavailable_reason())
    with using("compiled"):
        assert product_for(torch.zeros(1)) is CANDIDATES["torch"]


class Settings:
    """As `torch.backends.mkldnn.matmul`."""

    fp32_precision = "ieee"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    made = Settings()
    monkeypatch.setattr(torch.backends.mkldnn, "matmul", made, raising=False)
    return made


def test_the_setting_holds_for_products_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def broken(*_: object, **__: object) -> None:
        seen.append(settings.fp32_precision)
        raise RuntimeError("no memory")

    monkeypatch.setattr(torch, "bmm", broken)
    with pytest.raises(RuntimeError, match="no memory"):
        by_torch.ByOneDnn().multiply(torch.zeros(1, 2, 3), torch.zeros(1, 3, 2))
    assert seen == ["bf16"]
    assert settings.fp32_precision == "ieee"


def test_the_setting_comes_back_with_the_last_thread(settings: Settings) -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with by_torch._lower_precision():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(10)
    with by_torch._lower_precision():
        pass
    assert settings.fp32_precision == "bf16"
    leave.set()
    thread.join()
    assert settings.fp32_precision == "ieee"
