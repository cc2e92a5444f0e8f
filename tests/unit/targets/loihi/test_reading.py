"""What an emitted Lava program reads by itself: refused in a line, exit code 2, before Lava starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from fuzzing.archives import bomb, members, zipped
from fuzzing.programs import script
from loihi_artifacts import chain, emitted, layer

from snnc.io import warm
from snnc.stages import QuantizedGraph
from snnc.targets.processes import LIFELINE_VARIABLE, run_group

pytestmark = pytest.mark.slow


def network(**fields: int) -> QuantizedGraph:
    hidden = layer([[5, 0], [-7, 9], [3, 3]], [[2, 0], [0, 61], [1, 1]], name="hidden", threshold=4, **fields)
    return chain(hidden, layer([[1, 2, -3], [4, 5, 6]], 3, name="out"), time_steps=3)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The folder of a program; `input.npz` beside it is sound."""
    np.savez(tmp_path / "input.npz", spikes=np.ones((1, 3, 2), np.uint8))
    return emitted(network(), tmp_path / "program").path


def said(folder: Path, *options: str) -> str:
    """What `run.py` says before it ends with 2, in a Python without Lava: its last words if all is read."""
    command = [sys.executable, str(folder / "run.py"), "--input", "input.npz", *options]
    # After the first process they are forks of one that has imported NumPy.
    start = partial(warm.start, modules=("numpy",), lifeline=LIFELINE_VARIABLE)
    done = run_group(command, cwd=folder.parent, env=os.environ, time_limit=60, start=start)
    assert (done.code, done.stdout) == (2, "")
    (text,) = [text for text in done.stderr.splitlines() if not text.startswith("usage: ")]
    assert text.startswith("run.py: ")
    return text


def change(path: Path, name: str, value: object) -> None:
    with np.load(path) as file:
        arrays = {key: file[key] for key in file.files}
    if value is None:
        del arrays[name]
    else:
        arrays[name] = np.asarray(value)
    np.savez(path, **arrays)


def test_a_sound_program_is_read(program: Path) -> None:
    assert "has no Lava" in said(program)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("weight_1", None, "weight_1 is missing"),
        ("n_layers", np.int32(3), "weight_2 is missing"),
        ("n_layers", np.int32(0), "n_layers holds values outside 1.."),
        ("n_layers", "2", "n_layers has type <U1 and shape ()"),
        ("T", np.int32(-1), "T holds values outside 1.."),
        ("payload_max", np.int32(0), "payload_max holds values outside 1..255"),
        ("readout_scale", np.float64("nan"), "readout_scale holds values outside"),
        ("readout_scale", np.float64("inf"), "readout_scale holds values outside"),
        ("class_names", np.array(["a"]), "it names 1 classes of 2 readout neurons"),
        ("class_names", np.array([1, 2]), "class_names has type int64 and shape (2,)"),
        ("weight_0", np.ones((3, 2)), "weight_0 has type float64 and shape (3, 2)"),
        ("weight_0", np.ones((0, 2), np.int8), "weight_0 has type int8 and shape (0, 2)"),
        ("weight_0", np.ones((2, 2), np.int8), "weight_0, delay_0 and bias_mant_0 are of different networks"),
        ("delay_1", np.ones((2, 2), np.uint8), "weight_1, delay_1 and bias_mant_1 are of different networks"),
        ("bias_mant_0", np.full(3, 4096, np.int16), "bias_mant_0 holds values outside -4096..4095"),
        ("bias_exp_0", np.int32(8), "bias_exp_0 holds values outside 0..7"),
        ("du_0", np.int32(4096), "du_0 holds values outside 0..4095"),
        ("dv_0", np.int32(-1), "dv_0 holds values outside 0..4096"),
        ("vth_0", np.int32(1 << 18), "vth_0 holds values outside 0..131072"),
        ("graph_hash", np.int32(1), "graph_hash has type int32 and shape ()"),
        ("semantics_version", None, "semantics_version is missing"),
    ],
)
def test_a_program_that_is_none(program: Path, name: str, value: object, why: str) -> None:
    change(program / "program.npz", name, value)
    assert f"program.npz: not the program that was exported: {why}" in said(program)


@pytest.mark.parametrize(
    ("alter", "why"),
    [
        (lambda data: b"", "File is not a zip file"),
        (lambda data: data[:-30], "File is not a zip file"),
        (lambda data: bytes(data[:100]) + bytes(60) + data[160:], ""),
        (lambda data: bomb("weight_0", 257 << 20), "it unpacks to 2694"),
        (lambda data: zipped([("T.npy", b"\x93NUMPY\x03\x00")], 0), "no version of .npy that NumPy writes"),
        (lambda data: zipped([("T.npy", b"")], 0), "expected 8 bytes got 0"),
        (lambda data: zipped(members(data), 14), "packed in a way that NumPy does not write"),
    ],
    ids=["empty", "cut", "damaged", "a bomb", "a version without a name", "no array", "LZMA"],
)
def test_a_program_that_is_damaged(program: Path, alter: Callable[[bytes], bytes], why: str) -> None:
    path = program / "program.npz"
    path.write_bytes(alter(path.read_bytes()))
    text = said(program)
    assert "program.npz: not the program that was exported (" in text
    assert why in text


def test_a_program_that_is_not_there(program: Path) -> None:
    (program / "program.npz").unlink()
    assert "program.npz: not the program that was exported (there is no such file)" in said(program)


def test_input_that_is_a_bomb(program: Path) -> None:
    (program.parent / "input.npz").write_bytes(bomb("spikes", 257 << 20))
    assert "no npz file with an array 'spikes' (it unpacks to 2694" in said(program)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes in folders")
def test_input_that_is_a_pipe_to_which_nobody_writes(program: Path) -> None:
    (program.parent / "input.npz").unlink()
    os.mkfifo(program.parent / "input.npz")
    assert "there is no such file" in said(program)


def test_names_of_classes_are_printed_on_any_stdout(program: Path) -> None:
    change(program / "program.npz", "class_names", ["ä", "→"])
    code = (
        "import sys, numpy as np; sys.path.insert(0, 'program'); import run\n"
        "ran = lambda *given, **more: ({1: np.zeros((1, 3, 3, 2), int)}, 1)\n"
        "code = run.main(['--input', 'input.npz'], lambda: ran)\n"
        "sys.stdout.flush(); import os; os._exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=program.parent,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sample 0: \\xe4\n")


def test_input_that_states_more_than_it_holds(program: Path) -> None:
    text = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776, 3, 2), }\n"
    header = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    (program.parent / "input.npz").write_bytes(zipped([("spikes.npy", header)], 0))
    assert "spikes.npy does not hold the (1099511627776, 3, 2) of uint8" in said(program)


@pytest.mark.parametrize("value", [2, -1, 256, 0.5, np.nan, np.inf, 2**63, -(2**62)])
def test_input_of_other_values(program: Path, value: float) -> None:
    np.savez(program.parent / "input.npz", spikes=np.full((1, 3, 2), value))
    assert "spikes holds values other than 0 and 1; binarise the event counts" in said(program)


@pytest.mark.parametrize("kind", [bool, np.int64, np.float32, np.uint64, ">i2"])
def test_input_of_every_type_of_number(program: Path, kind: object) -> None:
    spikes = np.array([[1, 0], [0, 1], [1, 1]])
    np.savez(program.parent / "input.npz", spikes=spikes.astype(kind))
    found = script(program, "reading").load_input(program.parent / "input.npz", 3, 2, 1)
    assert found.dtype == np.uint8
    assert found.tolist() == [spikes.tolist()]


def test_names_that_lead_back_to_themselves(program: Path) -> None:
    (program.parent / "round").symlink_to("round")
    assert "has no Lava" in said(program, "--out", "round")
    (program.parent / "input.npz").unlink()
    (program.parent / "input.npz").symlink_to("input.npz")
    assert "there is no such file" in said(program, "--out", "trace.npz")


# --- network.net


def check(folder: Path) -> str:
    """What `run_netx.py` says of network.net; "" if nothing."""
    netx = script(folder, "run_netx")
    try:
        netx.check_network()
    except netx.run.RunError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "fields", [{}, {"bias_mant": [64, -128, 0]}, {"bias_mant": [1, 2, 3], "bias_exp": 7}]
)
def test_a_sound_network_is_taken(fields: dict, tmp_path: Path) -> None:
    assert check(emitted(network(**fields), tmp_path).path) == ""


def put(name: str, value: object) -> Callable[[h5py.File], None]:
    def edit(file: h5py.File) -> None:
        if name in file:
            del file[name]
        if value is not None:
            file[name] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (put("layer/0/weight", np.ones((3, 2), np.int16)), "/layer/0/weight differs"),
        (put("layer/0/delay", np.full((3, 2), 1 << 40)), "/layer/0/delay differs"),
        (put("layer/1/bias", np.zeros(2)), "/layer/1/bias differs"),
        (put("layer/1/neuron/iDecay", 7), "/layer/1/neuron/iDecay differs"),
        (put("layer/1/neuron/type", b"SDNN"), "/layer/1/neuron/type differs"),
        (put("layer/1/neuron/type", 5), "/layer/1/neuron/type differs"),
        (put("layer/1/neuron", 5), "/layer/1/neuron is a dataset"),
        (put("layer/1/neuron/vThMant", None), "/layer/1/neuron holds iDecay, refDelay, type, vDecay"),
        (put("layer/0/neuron/gradedSpike", 1), "/layer/0/neuron holds gradedSpike, iDecay"),
        (put("layer/2", 1), "/layer holds 0, 1, 2, expected 0, 1"),
        (put("layer/1", h5py.SoftLink("/layer/0")), "/layer/1 is a link to elsewhere"),
        (put("layer", h5py.ExternalLink("other.net", "/layer")), "//layer is a link to elsewhere"),
    ],
)
def test_a_network_of_another_program(program: Path, edit: Callable[[h5py.File], None], why: str) -> None:
    with h5py.File(program / "network.net", "r+") as file:
        edit(file)
    text = check(program)
    assert "network.net: not the network of program.npz (" in text
    assert why in text


def test_a_network_that_is_damaged(program: Path) -> None:
    path = program / "network.net"
    sound = path.read_bytes()
    for content in (b"", b"no HDF5", sound[:200], sound[:-100]):
        path.write_bytes(content)
        assert "not the network of program.npz (" in check(program)
    path.unlink()
    assert "not the network of program.npz (" in check(program)


def test_a_network_in_which_libhdf5_finds_no_end(program: Path) -> None:
    """A loop in Python takes the place of one in C: nothing but the limit of the process ends it."""
    path = program / "check_netx.py"
    text, opening = path.read_text(), "        with h5py.File(path"
    assert text.count(opening) == 1
    path.write_text(text.replace(opening, f"        while True:\n            pass\n{opening}"))
    assert "libhdf5 crashes in it, or finds no end" in check(program)
