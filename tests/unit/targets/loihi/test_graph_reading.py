"""What the Lava program of a graph reads by itself: refused in a line, exit code 2, before Lava starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import numpy as np
import pytest
from fuzzing.programs import script
from graph_cases import adlif, dense, graph_of, li, source

from snnc.stages import QuantizedGraph
from snnc.targets.loihi.emitter import program_files
from snnc.targets.loihi.target import LIMITS


def network() -> QuantizedGraph:
    """Projections of 2, 2 and 2 synapses; line 1 of the input takes payloads."""
    return graph_of(
        [source(), adlif("h", 2, reset="subtract", reset_by=[1, 2]), li(), source("z", payload_max=3)],
        [
            dense("x", "h", [[5], [-6]], [[1], [3]]),
            dense("h", "y", [[7, 8]]),
            dense("h", "h", [[0, 1], [2, 0]], 4),
            dense("z", "y", [[1]]),
        ],
        3,
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph") / "program"
    for name, content in program_files(network(), LIMITS).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def module(program: Path) -> ModuleType:
    return script(program, "run_graph")


def said(
    module: ModuleType, capsys: pytest.CaptureFixture[str], folder: Path, *options: str, events: Any = None
) -> str:
    """What the script says before it ends with 2, where Lava would come next if all is read."""

    def lava() -> NoReturn:
        raise module.run.RunError("all is read")

    np.savez(folder / "input.npz", spikes=np.ones((1, 3, 2), np.uint8) if events is None else events)
    assert module.main(["--input", str(folder / "input.npz"), *options], lava) == 2
    (text,) = capsys.readouterr().err.splitlines()
    assert text.startswith("run_graph.py: ")
    return text


def test_a_sound_program_is_read(
    module: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert said(module, capsys, tmp_path) == "run_graph.py: all is read"
    events = np.ones((2, 3, 2))
    events[0, 1, 1] = 3
    assert said(module, capsys, tmp_path, events=events) == "run_graph.py: all is read"
    assert "--stock: h is no neuron of Lava's LIFReset" in said(module, capsys, tmp_path, "--stock")


@pytest.mark.slow
def test_a_python_without_lava_is_told_how_to_get_it(program: Path) -> None:
    np.savez(program.parent / "input.npz", spikes=np.ones((1, 3, 2), np.uint8))
    command = [sys.executable, str(program / "run_graph.py"), "--input", "input.npz"]
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no Lava, which `uv run --python 3.10 --script run_graph.py ...` provides" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("T", None, "T is missing"),
        ("names", np.array([], np.str_), "names has type <U1 and shape (0,)"),
        ("model_0", np.str_("alif"), "model_0 is none of lif, adlif, li"),
        ("kb_0", np.array([1 << 20, 0], np.int32), "kb_0 holds values outside"),
        ("r_0", np.zeros(3, np.int32), "r_0 has type int32 and shape (3,)"),
        ("order_0", None, "order_0 is missing"),
        ("pre_1", np.array([1, 0], np.int32), "pre_1 is not sorted"),
        ("post_2", np.array([0, 2], np.int32), "post_2 holds values outside 0..1"),
        ("source_2", np.int32(2), "source_2 holds values outside -1..1"),
        ("delay_0", np.zeros(1, np.uint8), "delay_0 has type uint8 and shape (1,)"),
        ("level_1", np.int32(-1), "level_1 holds values outside"),
    ],
)
def test_a_damaged_program_is_refused(
    module: ModuleType,
    program: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    value: Any,
    why: str,
) -> None:
    path = program / "graph.npz"
    sound = path.read_bytes()
    with np.load(path) as file:
        changed = {key: file[key] for key in file.files if key != name}
    np.savez(path, **changed, **({} if value is None else {name: value}))
    try:
        assert f"not the program that was exported: {why}" in said(module, capsys, tmp_path)
    finally:
        path.write_bytes(sound)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (np.ones((1, 3, 3)), "spikes has shape (1, 3, 3), expected [samples, 3, 2]"),
        (np.full((1, 3, 2), 4), "values other than whole numbers 0..3"),
        (np.full((1, 3, 2), 2), "spikes of line 0 hold values above 1, its largest event"),
    ],
)
def test_wrong_events_are_refused(
    module: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path, events: np.ndarray, why: str
) -> None:
    assert why in said(module, capsys, tmp_path, events=events)
