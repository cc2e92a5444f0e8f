"""The Lava program of a chain, without Lava: its files, and what its script refuses."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tomllib
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loihi_artifacts import chain, emit, emitted, layer, program_module, random_chain

from snnc.targets.processes import PREFIX_VARIABLE


def test_program_holds_lavas_registers() -> None:
    graph = chain(
        layer([[5, 0], [-128, 127]], [[3, 40], [62, 0]], name="hidden", bias_mant=[-4096, 4095], bias_exp=7,
              decay_u=1000, decay_v=31, threshold=77),
        layer([[1, 2]], name="out"),
        time_steps=9,
    )  # fmt: skip
    with np.load(io.BytesIO(emit(graph)["program.npz"])) as program:
        assert (program["n_layers"], program["T"], program["readout_scale"]) == (2, 9, 0.01)
        assert program["class_names"].tolist() == ["class0"]
        assert program["weight_0"].tolist() == [[5, 0], [-128, 127]]
        # The synapse of weight 0 is none: its delay of 40 is not kept.
        assert program["delay_0"].tolist() == [[3, 0], [62, 0]]
        assert program["bias_mant_0"].tolist() == [-4096, 4095]
        assert (program["bias_exp_0"], program["dv_0"], program["vth_0"]) == (7, 31, 77)
        assert program["du_0"] == 999  # Lava adds 1
        assert program["du_1"] == 4095
        # 131072 << 6 is 2**23, above every v: the readout never spikes.
        assert program["vth_1"] == 131072


def test_equal_programs_give_equal_bytes() -> None:
    graph = random_chain(1, (4, 3, 2), time_steps=5, max_delay=9)
    assert emit(graph) == emit(graph)


def test_custom_processes_stand_in_a_folder_of_their_own() -> None:
    names = set(emit(chain(layer([[1]]), time_steps=1)))
    assert {name for name in names if "/" in name} == {
        "lava_processes/event.py",
        "lava_processes/readout.py",
        "lava_processes/recorder.py",
    }
    assert {name for name in names if "/" not in name} == {
        "run.py", "reading.py", "lava_network.py", "lava_embed.py", "silence.py", "lifeline.py",
        "program.npz", "requirements.txt", "run_netx.py", "check_netx.py", "network.net",
    }  # fmt: skip


def stated(script: bytes) -> dict[str, Any]:
    """The metadata at the top of a script (PEP 723)."""
    block = script.decode().split("# /// script\n")[1].split("# ///\n")[0]
    return tomllib.loads("\n".join(line.removeprefix("# ") for line in block.splitlines()))


def test_the_environment_is_pinned_whole() -> None:
    """A version and the hashes of its files for each package; nothing says where they come from."""
    files = emit(chain(layer([[1, 2]]), time_steps=1))
    lock = files["requirements.txt"].decode()
    assert "://" not in lock
    hashes = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
    pins = re.findall(rf"^(\S+==\S+) \\\n{hashes}", lock, re.MULTILINE)
    assert len(pins) == lock.count("==") >= 10  # no entry of another form
    lava, netx = stated(files["run.py"]), stated(files["run_netx.py"])
    assert lava["requires-python"] == netx["requires-python"] == "==3.10.*"
    assert netx["dependencies"] == pins
    assert set(pins) - set(lava["dependencies"]) == {"lava-dl==0.6.0", next(p for p in pins if "h5py" in p)}
    assert set(lava["dependencies"]) < set(pins)
    assert {"lava-nc==0.10.0", "lava-dl==0.6.0"} < set(pins)


def test_help_needs_neither_lava_nor_snnc(tmp_path: Path) -> None:
    emitted(chain(layer([[1]]), time_steps=1), tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = subprocess.run([sys.executable, "run.py", "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    for option in ("--input", "--out", "--model", "--batch", "--probe"):
        assert option in done.stdout
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.zeros((2, 3, 1)), "shape (2, 3, 1), expected [samples, 3, 2]"),
        (np.full((1, 3, 2), 2), "values other than 0 and 1"),
        (np.zeros((2, 2)), "expected [samples, 3, 2]"),
        (np.ones((1, 3, 2), complex), "spikes has type complex128, expected"),
        (np.full((1, 3, 2), "1"), "spikes has type <U1, expected"),
        (np.zeros((1, 3, 2), object), "no npz file with an array 'spikes'"),
        (np.zeros((0, 3, 2)), "no sample at all"),
    ],
)
def test_script_refuses_wrong_input(tmp_path: Path, array: Any, complaint: str) -> None:
    assert complaint in refusal(tmp_path, array)


def test_script_refuses_input_without_spikes(tmp_path: Path) -> None:
    (tmp_path / "input.npz").write_bytes(b"no archive")
    assert "no npz file with an array 'spikes'" in refusal(tmp_path, None)


def refusal(folder: Path, array: Any, *options: str, python: tuple[str, ...] = (sys.executable,)) -> str:
    """What the script says in one line before it ends with status 2; `folder` is where it runs."""
    emitted(chain(layer([[1, 1]]), time_steps=3), folder / "program")
    if array is not None:
        np.savez(folder / "input.npz", spikes=array)
    done = subprocess.run(
        [*python, "program/run.py", "--input", "input.npz", *options],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    said = done.stderr.splitlines()
    assert said[-1].startswith("run.py: ")
    assert said[:-1] == [] or said[0].startswith("usage: ")
    return said[-1]


ONE_SAMPLE = np.ones((1, 3, 2), np.uint8)


def test_script_needs_lava_and_says_how_to_get_it(tmp_path: Path) -> None:
    said = refusal(tmp_path, ONE_SAMPLE)
    assert f"this Python ({sys.executable}) has no Lava" in said
    assert "`uv run --python 3.10 --script run.py ...`" in said


def test_script_needs_numpy_and_says_how_to_get_it(tmp_path: Path) -> None:
    said = refusal(tmp_path, ONE_SAMPLE, python=(sys.executable, "-S", "-E"))  # no site-packages
    assert "has no numpy" in said
    assert "`uv run --python 3.10 --script run.py ...`" in said


@pytest.mark.parametrize("out", ["input.npz/trace.npz", "program", "/proc/trace.npz", "x" * 300])
def test_script_refuses_to_write_where_it_cannot_before_it_runs(tmp_path: Path, out: str) -> None:
    """It would go on to say that there is no Lava."""
    assert f"--out {out} cannot be written (" in refusal(tmp_path, ONE_SAMPLE, "--out", out)


@pytest.mark.parametrize("out", ["pipe", "link"])
def test_script_replaces_no_pipe_or_device(tmp_path: Path, out: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    said = refusal(tmp_path, ONE_SAMPLE, "--out", out)
    assert f"--out {out} cannot be written (it is no regular file)" in said


@pytest.mark.parametrize("out", ["input.npz", "program/../input.npz", "link.npz"])
def test_script_refuses_to_overwrite_its_input(tmp_path: Path, out: str) -> None:
    (tmp_path / "link.npz").symlink_to("input.npz")
    assert "--out is the input itself, input.npz" in refusal(tmp_path, ONE_SAMPLE, "--out", out)


def test_looking_whether_it_can_write_leaves_nothing(tmp_path: Path) -> None:
    assert "no Lava" in refusal(tmp_path, ONE_SAMPLE, "--out", "new/trace.npz")
    assert list((tmp_path / "new").iterdir()) == []


def test_saved_trace_obeys_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        program_module("run").save(tmp_path / "trace.npz", {"classes": np.arange(3)})
    finally:
        os.umask(before)
    assert (tmp_path / "trace.npz").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["trace.npz"]


def test_save_that_fails_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    script = program_module("run")
    (tmp_path / "trace.npz").write_text("the last one")
    monkeypatch.setattr(script.np, "savez", full)
    with pytest.raises(script.RunError, match=r"trace\.npz cannot be written .*No space left"):
        script.save(tmp_path / "trace.npz", {})
    assert [path.name for path in tmp_path.iterdir()] == ["trace.npz"]
    assert (tmp_path / "trace.npz").read_text() == "the last one"


def test_script_names_its_shared_memory_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "_SHM_NAME_PREFIX", before := shared_memory._SHM_NAME_PREFIX)
    script = program_module("run")
    monkeypatch.delenv(PREFIX_VARIABLE, raising=False)
    script.name_shared_memory()
    assert before == shared_memory._SHM_NAME_PREFIX
    monkeypatch.setenv(PREFIX_VARIABLE, "snnabcdef")
    script.name_shared_memory()
    block = shared_memory.SharedMemory(create=True, size=8)
    block.close()
    block.unlink()
    assert block.name.startswith("snnabcdef")


def test_script_decodes_by_the_summed_softmax() -> None:
    # Sample 0: class 1 is ahead in one step by far, class 0 in two steps by ln 3 each. A softmax of two
    # values ln 3 apart is 3/4 and 1/4: class 0 has 2 * 3/4 + 0, class 1 2 * 1/4 + 1. A tie is 1.5 each; so
    # take ln 4: 2 * 4/5 = 1.6 against 2 * 1/5 + 1 = 1.4. A sum of v, or a maximum, would say class 1.
    v = np.array([[[4, 0], [4, 0], [-1000, 1000]]])
    decode = program_module("run").decode
    np.testing.assert_allclose(decode(v, np.log(4) / 4), [[1.6, 1.4]], rtol=1e-15)
    assert decode(v[:, 2:], 1.0).tolist() == [[0.0, 1.0]]
