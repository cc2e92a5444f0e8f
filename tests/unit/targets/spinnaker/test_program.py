"""The program's files that need no simulator: what they read, what they refuse, how they decode."""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from graph_cases import li, lif, listed, readout, source

from snnc.stages import Projection, QuantizedGraph
from snnc.targets.spinnaker.emitter import SCRIPTS, fitting_levels
from snnc.targets.spinnaker.network import pack
from snnc.targets.spinnaker.target import LIMITS

PROGRAM = Path(__file__).parents[4] / "targets/spinnaker/program"


def network() -> bytes:
    graph = QuantizedGraph(
        (source("x", 2), lif("h", 2, decay_v=9), li("y", 1, decay_v=9)),
        (
            Projection("x", "h", listed(2, 2, (0, 0, 4, 0), (1, 1, -8, 3))),
            Projection("h", "y", listed(2, 1, (0, 0, 5, 0))),
        ),
        (readout("y", "last", 1, 0.5),),
        6,
        0.001,
    )
    return pack(graph, fitting_levels(graph, LIMITS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in SCRIPTS:
        (tmp_path / name).write_bytes((PROGRAM / name).read_bytes())
    (tmp_path / "network.npz").write_bytes(network())
    np.savez(tmp_path / "in.npz", spikes=np.zeros((1, 6, 2), np.uint8))
    return tmp_path


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """In this Python, which has NumPy and no PyNN."""
    command = [sys.executable, "-I", "-B", str(folder / "run.py"), "--input", str(folder / "in.npz"), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"pynn_{name}", PROGRAM / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.mark.slow
def test_without_pynn_it_says_how_to_get_it(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 2
    assert "has no pyNN; `uv run --script run.py ...` provides" in done.stderr


@pytest.mark.slow
def test_no_pipe_or_device_is_replaced(folder: Path) -> None:
    (folder / "below").mkdir()
    pipe = folder / "below/pipe"
    os.mkfifo(pipe)
    done = run(folder, "--out", str(pipe))
    assert done.returncode == 2
    assert f"--out is no regular file, {pipe}" in done.stderr


CHANGES = {
    "delay_0 holds values outside 1..65536": {"delay_0": np.zeros(2, np.int32)},
    "post_0 holds values outside 0..1": {"post_0": np.array([0, 2], np.int32)},
    "weight_0 holds no finite numbers": {"weight_0": np.array([1, np.nan])},
    "model_1 is none of input, lif, li": {"model_1": np.str_("adlif")},
    "tau_m_1 has type float64 and shape (3,)": {"tau_m_1": np.ones(3)},
    "level_1 is missing": {"level_1": None},
    "T holds values outside 1..2147483647": {"T": np.int32(0)},
}


@pytest.mark.parametrize("text", CHANGES)
def test_a_network_that_was_changed_is_refused(tmp_path: Path, text: str) -> None:
    with np.load(io.BytesIO(network())) as file:
        arrays = {**{name: file[name] for name in file.files}, **CHANGES[text]}
    np.savez(tmp_path / "network.npz", **{name: each for name, each in arrays.items() if each is not None})
    reading = module("network_file")
    with pytest.raises(reading.RunError) as caught:
        reading.load_network(tmp_path / "network.npz")
    assert f"not the network that was exported: {text}; export the model again" in str(caught.value)


SPIKES = {
    "spikes has shape (1, 5, 2), expected [samples, 6, 2]": np.zeros((1, 5, 2), np.uint8),
    "spikes holds other values than 0 and 1; binarise them": np.full((1, 6, 2), 2),
}


@pytest.mark.parametrize("text", SPIKES)
def test_spikes_that_do_not_fit_are_refused(tmp_path: Path, text: str) -> None:
    reading = module("network_file")
    (tmp_path / "network.npz").write_bytes(network())
    np.savez(tmp_path / "in.npz", spikes=SPIKES[text])
    with pytest.raises(reading.RunError) as caught:
        reading.load_spikes(tmp_path / "in.npz", reading.load_network(tmp_path / "network.npz"))
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("decoder", "expected"),
    [
        ("sum", [6.0, -3.0]),  # 2 (1 + 2), -3 * 1
        ("max", [4.0, 0.0]),
        ("last", [4.0, -3.0]),
        ("count", [1, 2]),
        ("first", [1, 2]),  # 2 - 1 and 2 - 0
    ],
)
def test_decoders_stop_at_the_end(monkeypatch: pytest.MonkeyPatch, decoder: str, expected: list) -> None:
    """Of three steps, the last of which is behind the end."""
    monkeypatch.syspath_prepend(str(PROGRAM))
    v = np.array([[[1, 0], [2, -1], [900, 900]]], np.float64)
    spikes = np.array([[[0, 1], [1, 1], [1, 1]]], np.uint8)
    scale = np.array([2.0, 3.0]) if decoder in ("sum", "max", "last") else np.ones(2)
    assert module("run").decode(decoder, v, spikes, scale, 2)[0].tolist() == expected


def test_softmax_is_summed_over_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROGRAM))
    v = np.log(np.array([[[3.0, 1.0], [1.0, 1.0]]]))
    found = module("run").decode("softmax", v, np.zeros((1, 2, 2), np.uint8), np.ones(2), 2)
    assert found[0] == pytest.approx([0.75 + 0.5, 0.25 + 0.5])


def test_a_board_gets_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shift of its sums, currents below 0 as well, and v back in the network's mV."""
    monkeypatch.syspath_prepend(str(PROGRAM))
    simulators, injected = module("simulators"), []

    class Group(dict):
        def __getitem__(self, mask: np.ndarray) -> SimpleNamespace:
            return SimpleNamespace(inject=lambda source: injected.append((mask.tolist(), source)))

    class Board(simulators.Spinnaker):  # type: ignore[misc,name-defined]
        def load(self) -> SimpleNamespace:
            return SimpleNamespace(
                StepCurrentSource=lambda times, amplitudes: (times, amplitudes),
                Population=lambda size, cell, **more: (size, cell, more),
            )

    of = {
        "name": "h",
        "summed": 24.0,
        "level": 3,
        "current": np.array([-0.5, 0, -0.5]),
        "unit": np.full(3, 64),
    }
    board = Board()
    more = {"label": "h", "additional_parameters": {"max_expected_summed_weight": [24.0, 24.0]}}
    assert board.population(3, "cell", of) == (3, "cell", more)
    board.bias(Group(), of, 10, 1)
    # Level 3 begins in step 2 + 3; the second time is behind every run.
    assert injected == [([True, False, True], ([5.0, 1e9], [-0.5, -0.5]))]
    # 64 units of 1/32768 mV are one of the contract's v, of which 256 are 1 mV of the network.
    assert board.in_mv(np.full((1, 1, 3), 640 / 32768), of).tolist() == [[[10 / 256] * 3]]
