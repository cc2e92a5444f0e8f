"""Neurons on GPUs: the Triton kernels against the scans in torch operations, and when they are used.

Triton is installed into a folder of its own. In other processes its interpreter runs the kernels on a CPU,
and its compiler builds them for GPUs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from edits import edited
from places import ROOT, TESTS
from throwaway import install, run_script
from torch import Tensor

from snnc.trainer import compiled_lif, lif

FILE = "trainer/triton_lif.py"
CUDA = torch.device("cuda", 0)

SHAPES: dict[str, tuple[int, ...]] = {
    "one": (1, 1),
    "one step": (1, 300),
    "two steps": (2, 3, 43),
    "less than a block": (9, 127),
    "a block": (9, 128),
    "more than a block": (9, 129),
    "two blocks": (5, 2, 4, 32),
    "long": (31, 5),
    "odd": (7, 7, 37),
}
CONSTANTS = [(2.0, 1.0, 5.0), (1.005, 0.7, 2.0), (20.0, 1.5, 5.0), (10 / 3, 1.0, 0.3)]
"""tau, threshold, alpha; for each shape the next."""

REACHED = "two steps", "odd"
"""The cases in which each fault is looked for."""
DETACHED = "tl.where(over < 0, keep * later, 0.0)"
FAULTS = {
    "fires above the threshold only": ("charged >= threshold", "charged > threshold"),
    "no reset": ("tl.where(fires, 0.0, charged)", "charged"),
    "soft reset": ("tl.where(fires, 0.0, charged)", "tl.where(fires, charged - threshold, charged)"),
    "input decays": ("after - tl.div_rn(after, tau) + x", "after + tl.div_rn(x - after, tau)"),
    "no decay": ("after - tl.div_rn(after, tau) + x", "after + x"),
    "spikes without gain": ("tl.where(fires, weight, 0.0)", "tl.where(fires, 1.0, 0.0)"),
    "gradient without gain": ("weight * g", "g"),
    "reset is not detached": (
        DETACHED,
        f"{DETACHED} - keep * later * (over + threshold) * tl.div_rn(height, 1 + scaled * scaled)",
    ),
    "gradient passes through a reset": (DETACHED, "keep * later"),
    "a neuron at its threshold was not reset": ("over < 0", "over <= 0"),
    "gradient decays the other way": ("1 - 1 / tau", "1 / tau"),
    "wider surrogate": ("math.pi / 2 * alpha", "math.pi / 4 * alpha"),
    "higher surrogate": ("alpha / 2", "alpha"),
    "the last columns are left out": ("triton.cdiv(columns, _BLOCK)", "columns // _BLOCK"),
    "a column too many": ("at < columns", "at <= columns"),
    "a step too few": ("range(steps)", "range(steps - 1)"),
    "begins a step too late": ("len(grad) - 1", "len(grad)"),
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if sys.platform != "linux":
        pytest.skip(f"Triton is not released for {sys.platform}")
    folder = tmp_path_factory.mktemp("triton")
    try:
        return install(
            folder, "-r", str(TESTS / "outside/triton.txt"), "--require-hashes", dependencies=False
        )
    except AssertionError as error:
        if "Failed to fetch" not in str(error) and "network was disabled" not in str(error):
            raise
        pytest.skip("Triton cannot be fetched from the package index")


def signals(name: str) -> dict[str, np.ndarray]:
    """Inputs of a case. Where a membrane halves, currents are quarters: potentials meet the threshold."""
    rng, shape = np.random.default_rng(len(name)), SHAPES[name]
    constants = CONSTANTS[[*SHAPES].index(name) % len(CONSTANTS)]
    current = rng.integers(-4, 7, shape) / 4 if constants[0] == 2.0 else rng.normal(0.3, 1.0, shape)
    gain, grad = rng.choice([0.0, 1.0, 1.5], shape[1:]), rng.normal(size=shape)
    arrays = {"current": current, "gain": gain, "grad": grad}
    return {key: value.astype(np.float32) for key, value in arrays.items()} | {
        "constants": np.array(constants)
    }


def expected(inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Potentials, spikes and gradients by the scans in torch operations."""
    current, gain, grad = (torch.from_numpy(inputs[key]) for key in ("current", "gain", "grad"))
    tau, threshold, alpha = inputs["constants"].tolist()
    potential, spikes, to_current = (torch.empty_like(current) for _ in range(3))
    lif.scan_forward(current, gain, potential, spikes, tau, threshold)
    lif.scan_backward(grad, gain, potential, to_current, tau, threshold, alpha)
    return [each.numpy() for each in (potential, spikes, to_current)]


Ran = tuple[Path, dict[str, dict[str, bool]]]


@pytest.fixture(scope="module")
def ran(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Where the arrays of each case and version are, and what else is known of each version."""
    folder = tmp_path_factory.mktemp("versions")
    for name in SHAPES:
        np.savez(folder / name, **signals(name))
    text = (ROOT / FILE).read_text()
    texts = {"whole": text} | {name: edited(FILE, text, *pair) for name, pair in FAULTS.items()}
    versions = {}
    for name, text in texts.items():
        path = folder / f"{name}.py"
        path.write_text(text)
        cases = SHAPES if name == "whole" else REACHED
        versions[name] = str(path), [str(folder / f"{case}.npz") for case in cases]
    return folder, run_script("outside/triton_run.py", packages, {"versions": versions}, alone=False)


def arrays(folder: Path, case: str, version: str) -> list[np.ndarray]:
    with np.load(folder / f"{case}.npz.{version}.npz") as file:
        return list(file.values())


def close(ours: np.ndarray, exact: np.ndarray) -> bool:
    """Equal to 1e-6 of the largest value."""
    return bool(np.abs(ours - exact).max() <= 1e-6 * np.abs(exact).max())


@pytest.mark.outside
@pytest.mark.parametrize("case", SHAPES)
def test_spikes_are_equal_and_gradients_close(ran: Ran, case: str) -> None:
    folder, _ = ran
    potential, spikes, to_current = expected(signals(case))
    ours = arrays(folder, case, "whole")
    assert np.array_equal(ours[0], potential)
    assert np.array_equal(ours[1], spikes)
    assert close(ours[2], to_current)
    by_lif = arrays(folder, case, "autograd")
    assert np.array_equal(by_lif[0], spikes)
    assert close(by_lif[1], to_current)


def test_the_cases_reach_what_they_should() -> None:
    wanted = [expected(signals(case)) for case in SHAPES]
    tau_2 = [case for case in SHAPES if signals(case)["constants"][0] == 2.0]
    assert all(spikes.sum() > 0 and (spikes == 0).any() for _, spikes, _ in wanted[1:])
    assert sum((expected(signals(case))[0] == 1.0).sum() for case in tau_2) > 20


@pytest.mark.outside
def test_the_kernels_write_their_arrays_only_and_pass_their_own_check(ran: Ran) -> None:
    assert ran[1]["whole"] == {"kept": True, "refused": False}


@pytest.mark.outside
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_kernels_is_seen(ran: Ran, fault: str) -> None:
    """By the comparison above, and by the kernels' own check on a new GPU unless it would spoil memory."""
    folder, known = ran
    same = []
    for case in REACHED:
        potential, spikes, to_current = expected(signals(case))
        ours = arrays(folder, case, fault)
        same.append(
            np.array_equal(ours[0], potential)
            and np.array_equal(ours[1], spikes)
            and close(ours[2], to_current)
        )
    assert not known[fault]["kept"] or (known[fault]["refused"] and not all(same))


@pytest.mark.outside
def test_the_kernels_compile_for_gpus_without_fused_sums(packages: Path, tmp_path: Path) -> None:
    texts = run_script("outside/triton_compile.py", packages, {"cache": str(tmp_path)}, alone=False)
    assert len(texts) == 2 * (5 + 1 + 1)
    for text in texts:
        assert "div.rn.f32" in text
        assert not any(word in text for word in ("fma.rn.f32", "div.full", "div.approx", ".ftz"))


class Kernels(ModuleType):
    """In place of `triton_lif`."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__("kernels")
        self.error, self.checked = error, 0

    def check(self, device: torch.device) -> None:
        self.checked += 1
        if self.error:
            raise self.error


def on_gpu(dtype: torch.dtype = torch.float32) -> Any:
    """What is asked of a tensor there."""
    return SimpleNamespace(device=CUDA, dtype=dtype)


@pytest.fixture
def with_triton(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that makes the given module `triton_lif`, on a machine with Triton."""

    def install_kernels(kernels: Kernels) -> Kernels:
        monkeypatch.setattr(lif.importlib.util, "find_spec", lambda name: name)
        monkeypatch.setitem(sys.modules, "snnc.trainer.triton_lif", kernels)
        return kernels

    lif.triton_scans.cache_clear()
    yield install_kernels
    lif.triton_scans.cache_clear()


def test_on_a_gpu_the_kernels_are_tried_once_and_used(with_triton: Any) -> None:
    kernels = with_triton(Kernels())
    assert all(lif.compiled_scans(on_gpu()) is kernels for _ in range(3))
    assert kernels.checked == 1
    assert lif.compiled_scans(on_gpu(torch.float64)) is None
    assert lif.compiled_scans(torch.zeros(1)) is compiled_lif
    assert lif.compiled_scans(torch.zeros(1, dtype=torch.float64)) is None


def test_where_triton_fails_torch_operations_are_used(with_triton: Any) -> None:
    kernels = with_triton(Kernels(RuntimeError("Failed to find C compiler.\nMore of it.")))
    with pytest.warns(
        UserWarning, match=r"cuda:0 are slower, as Triton fails there: Failed to find C compiler.$"
    ):
        assert lif.compiled_scans(on_gpu()) is None
    assert lif.compiled_scans(on_gpu()) is None
    assert kernels.checked == 1


@pytest.mark.usefixtures("with_triton")
def test_without_triton_nothing_of_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lif.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "snnc.trainer.triton_lif", None)
    assert lif.compiled_scans(on_gpu()) is None


def test_on_a_cpu_nothing_of_triton_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snnc.trainer.triton_lif", None)
    for dtype in (torch.float32, torch.float64):
        current: Tensor = torch.randn(5, 3, dtype=dtype).requires_grad_()
        lif.lif(current, 2.0, 1.0, 5.0).sum().backward()
