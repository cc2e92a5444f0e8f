"""Triangular delay kernels: by hand, and against dcls (versions "max", "v1", "v0") and DelRec's formula."""

import numpy as np
import pytest
import torch
from DCLS.construct.modules import ConstructKernel1d
from order_task import config, order_task
from torch import Tensor

from snnc.errors import ConfigError, StageError
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.hwsim import event_driven, oracle
from snnc.stages import TrainedModel
from snnc.stages.trained import TrainedLayer
from snnc.trainer import integer_model, variants
from snnc.trainer.inference import network_of
from snnc.trainer.kernel import KERNELS, one_hot_kernel, triangular_kernel
from snnc.trainer.loop import train
from snnc.trainer.model_file import load_model, save_model


def published(weight: Tensor, position: Tensor, sig: float, taps: int, version: str) -> Tensor:
    """[neurons, inputs, T_d] by the library."""
    construct = ConstructKernel1d(*weight.shape, 1, 1, (taps,), version)
    extra = (torch.tensor(sig, dtype=weight.dtype),) if version in ("max", "gauss") else (None,)
    made: Tensor = construct(weight[..., None], position[None, ..., None], *extra)
    return made


def drawn(taps: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Weights and positions [5, 6], some of them at the ends of the kernel."""
    rng = np.random.default_rng(taps)
    half = taps // 2
    position = rng.uniform(-half, half, (5, 6))
    position[0, :2] = half, -half
    made = (torch.tensor(each, dtype=dtype) for each in (rng.normal(size=(5, 6)), position))
    weight, position = (each.requires_grad_() for each in made)
    return weight, position


def test_a_triangle_by_hand():
    # T_d = 5, P = 0.4: the middle is 2.4. s = 2: heights 0, 0.6, 1.6, 1.4, 0.4, which add up to 4.
    made = triangular_kernel(torch.tensor([[3.0]]), torch.tensor([[0.4]]), 2.0, 5)
    np.testing.assert_allclose(made[0, 0], [0, 0.45, 1.2, 1.05, 0.3], rtol=1e-6)


def test_the_narrowest_triangle_interpolates_between_two_steps():
    weight, position = torch.tensor([[2.0, 2.0, 2.0]]), torch.tensor([[0.25, -1.0, 2.0]])
    made = triangular_kernel(weight, position, 1.0, 5)[0]
    np.testing.assert_allclose(made, [[0, 0, 1.5, 0.5, 0], [0, 2, 0, 0, 0], [0, 0, 0, 0, 2]], rtol=1e-6)


@pytest.mark.parametrize(("taps", "sigma"), [(7, 1.0), (7, 1.7), (7, 4.0), (25, 1.0), (25, 12.5), (1, 2.0)])
def test_triangles_and_gradients_are_those_of_dcls(taps, sigma):
    weight, position = drawn(taps)
    ours = triangular_kernel(weight, position, sigma, taps)
    theirs = published(weight, position, sigma - 1, taps, "max")
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    wanted = torch.randn(ours.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    found = torch.autograd.grad(ours, (weight, position), wanted)
    exact = torch.autograd.grad(theirs, (weight, position), wanted)
    for one, other in zip(found, exact, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_the_narrowest_triangle_is_the_older_version_of_dcls(version):
    weight, position = drawn(9)
    theirs = published(weight, position, 0.0, 9, version)
    torch.testing.assert_close(triangular_kernel(weight, position, 1.0, 9), theirs, rtol=2e-7, atol=1e-9)


def test_single_precision_is_enough():
    exact_weight, exact_position = drawn(25)
    weight, position = drawn(25, torch.float32)
    wanted = torch.randn(5, 6, 25, generator=torch.Generator().manual_seed(2))
    found = torch.autograd.grad(triangular_kernel(weight, position, 3.3, 25), (weight, position), wanted)
    theirs = published(exact_weight, exact_position, 2.3, 25, "max")
    exact = torch.autograd.grad(theirs, (exact_weight, exact_position), wanted.double())
    for one, other in zip(found, exact, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-5)


def test_whole_steps_are_what_dcls_evaluates_with():
    """Its version "max" with SIG = 0 and rounded positions."""
    weight, position = drawn(7)
    taps = 3 + position.detach().round().long()
    theirs = published(weight, position.detach().round(), 0.0, 7, "max")
    torch.testing.assert_close(one_hot_kernel(weight, taps, 7), theirs, rtol=2e-7, atol=0)


@pytest.mark.parametrize("half_base", [1, 2, 4])
def test_recurrent_triangles_are_those_of_delrec(half_base):
    """A spike arrives k >= 1 steps later with W max(0, s - |k - 1 - d|) / s^2; here k = 15 - n.

    If s is a whole number and no part is cut off, the parts add up to W.
    """
    delay = np.array([4.25, 5.0, 7.9])
    k = 15 - np.arange(15)
    theirs = np.maximum(0, half_base - np.abs(k - 1 - delay[:, None])) / half_base**2
    net = variants.build(config(kernel="triangle", recurrence="axon", recurrent_kernel_size=15), 6, 2)
    loop = net.members[0].loop
    with torch.no_grad():
        loop.position[0, :3] = torch.tensor(7 - delay)
    loop.set_sigma(float(half_base))
    np.testing.assert_allclose(loop.taps().detach()[:3], theirs, atol=1e-6)
    np.testing.assert_allclose(loop.learned_delays()[0, :3], 1 + delay, rtol=1e-6)


@pytest.mark.parametrize("sigma", [4.0, 1.0, 0.0])
def test_the_reference_engine_has_the_librarys_triangles(sigma):
    x = (torch.rand(20, 4, 7, generator=torch.Generator().manual_seed(1)) < 0.4).float()
    seen = []
    for engine in ("reference", "fft", "direct"):
        torch.manual_seed(3)
        net = variants.build(config(kernel="triangle", engine=engine, dropout=0.0), 7, 5)
        net.set_sigma(sigma)
        seen.append(net(x).detach())
    assert seen[0].abs().max() > 0.01
    for ours in seen[1:]:
        torch.testing.assert_close(ours, seen[0], rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    chosen = config(kernel="triangle", epochs=8, sigma_fraction=0.5)
    found = train(chosen, data=order_task())
    assert isinstance(found, TrainedModel)
    return found


def test_triangles_become_narrower(model):
    """From half of T_d = 7 to 1 step over 4 epochs, by equal factors; then delays are whole."""
    told = [epoch["sigma"] for epoch in model.metrics["history"]]
    assert told == pytest.approx([3, 3**0.75, 3**0.5, 3**0.25, 1, 1, 1, 1, 0, 0, 0])
    assert model.metrics["validation"]["final"]["accuracy"] >= 0.9
    assert {layer.kernel for layer in model.layers} == {"triangle"}
    assert {layer.sigma for layer in model.gaussian} == {1.0}
    assert {layer.sigma for layer in model.layers} == {0.0}
    positions = np.concatenate([layer.position.ravel() for layer in model.gaussian])
    assert (positions != positions.round()).mean() > 0.5


def test_the_model_file_holds_the_form_of_kernels(model, tmp_path):
    save_model(model, tmp_path / "model.pt")
    again = load_model(tmp_path / "model.pt")
    assert [layer.kernel for layer in again.gaussian] == ["triangle"] * 2
    one, other = (network_of(each).hidden[0].connection for each in (again, model))
    assert torch.equal(one.kernel(), other.kernel())


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_the_integers_are_the_same_everywhere(kernel, model):
    if kernel != "triangle":
        model = train(config(kernel=kernel, epochs=2, finetune_epochs=1), data=order_task(40))
    graph = quantise(Discretise(8).run(model), 8)
    rng = np.random.default_rng(4)
    spikes = (rng.random((3, graph.time_steps, 6)) < 0.3).astype(np.uint8)
    wanted = integer_model.run_graph(graph, spikes).layers
    assert wanted[0].spikes.any()
    for executor in (oracle.run_graph, event_driven.run_graph):
        for one, other in zip(wanted, executor(graph, spikes).layers, strict=True):
            assert np.array_equal(one.spikes, other.spikes)
            assert np.array_equal(one.u, other.u)
            assert np.array_equal(one.v, other.v)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kernel": "square"}, "kernel = 'square'"),
        (
            {"kernel": "triangle", "sigma_final": 0.5},
            "sigma_final is 0.5, but kernel 'triangle'; give at least 1",
        ),
        ({"kernel": "triangle", "sigma_final": 2.0, "sigma_initial": 1.5}, "sigma_initial is 1.5"),
    ],
)
def test_forms_and_widths_that_cannot_be(fields, words):
    with pytest.raises(ConfigError, match=words):
        config(**fields)


def test_the_record_of_gaussians_is_as_before():
    assert "kernel" not in config().model_dump()
    assert config(kernel="triangle").model_dump()["sigma_final"] == 1.0
    assert config(kernel="triangle").is_chain


@pytest.mark.parametrize(
    ("kernel", "sigma", "words"), [("box", 0.0, "'box'"), ("triangle", 0.4, "0 or >= 1")]
)
def test_layers_that_cannot_be(kernel, sigma, words):
    one = np.ones((1, 1))
    with pytest.raises(StageError, match=words):
        TrainedLayer("hidden1", one, one, 3, sigma, 2.0, 1.0, None, kernel)
