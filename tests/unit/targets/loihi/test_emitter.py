"""The Loihi target without Lava: limits, emitted files, registry, and the gate between samples."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from importlib.resources import files
from multiprocessing import shared_memory
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, emitted, layer, placed, random_chain

from snnc.errors import ConfigError, InputError, LimitError
from snnc.stages import QuantizedGraph
from snnc.target import limit_names, read_limits
from snnc.targets.loihi.processes import PREFIX_VARIABLE
from snnc.targets.registry import load_target, targets

LIMITS_TOML = files("snnc.targets.loihi").joinpath("limits.toml").read_text("utf-8")


def emit(graph: QuantizedGraph) -> dict[str, bytes]:
    return dict(load_target("loihi").emit(placed(graph)))


# --- emitted files


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


# --- limits


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        (
            {"weight": [[1, 1]], "delay": [[0, 63]]},
            "fc, synapse 1 -> 0: the delay is 63 steps, the limit is 62",
        ),
        ({"weight": [[128]]}, "fc, synapse 0 -> 0: the weight is 128, the limits are -128..127"),
        ({"weight": [[0], [-129]]}, "fc, synapse 0 -> 1: the weight is -129"),
        ({"weight": [[1]], "decay_u": 0}, "fc: decay_u 0 is outside 1..4096"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LimitError, match="fc") as error:
        emit(chain(layer(name="fc", **fields), time_steps=2))
    assert complaint in str(error.value)


def test_bias_beyond_the_target_is_refused() -> None:
    target = load_target("loihi")
    narrow = dataclasses.replace(target.limits, bias_mantissa_bits=4, bias_exponent_max=3)
    graph = chain(layer([[1]], name="fc", bias_mant=[8]), time_steps=1)
    emit_narrow = target.emit.func  # type: ignore[attr-defined]
    with pytest.raises(LimitError, match=r"fc, neuron 0: the bias mantissa is 8, the limits are -8\.\.7"):
        emit_narrow(placed(graph), limits=narrow)
    graph = chain(layer([[1]], name="fc", bias_exp=4), time_steps=1)
    with pytest.raises(LimitError, match="fc: the bias exponent is 4, the limit is 3"):
        emit_narrow(placed(graph), limits=narrow)


def test_delay_of_no_synapse_is_no_limit() -> None:
    assert emit(chain(layer([[0, 1]], [[99, 62]]), time_steps=2))


def test_every_limit_has_a_source() -> None:
    for chip in ("loihi1", "loihi2"):
        limits = read_limits(LIMITS_TOML, chip)
        for name in limit_names():
            assert any(
                known in limits.sources[name]
                for known in ("2018", "2021", "lava-nc", "secondary", "assumption", "none published")
            )


def test_loihi_has_the_limits_of_loihi_2() -> None:
    limits = load_target("loihi").limits
    assert (limits.weight_bits, limits.delay_max, limits.neurons_per_core, limits.cores) == (8, 62, 8192, 128)
    assert limits.synapse_bytes_per_core == 128 * 1024
    assert limits.axons_in_per_core is None


def test_limits_must_be_complete() -> None:
    with pytest.raises(ConfigError, match="'loihi9' are not in the file"):
        read_limits(LIMITS_TOML, "loihi9")
    with pytest.raises(ConfigError, match="missing or unknown: cores"):
        read_limits("\n".join(line for line in LIMITS_TOML.splitlines() if "cores =" not in line), "loihi2")
    with pytest.raises(ConfigError, match="no source is given for cores"):
        read_limits(LIMITS_TOML.replace('"Intel 2021: 128 neuromorphic cores"', '""'), "loihi2")


# --- registry


def add_entry_point(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = EntryPoint(name, value, "snnc.targets")
    monkeypatch.setattr(
        "snnc.plugins.entry_points.entry_points", lambda group: [point] if group == point.group else []
    )


def test_unknown_target_lists_the_known() -> None:
    with pytest.raises(InputError, match=r"'abacus' is unknown; there are .*loihi"):
        load_target("abacus")


def test_two_targets_of_one_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    add_entry_point(monkeypatch, "loihi", "other.module:TARGET")
    with pytest.raises(ConfigError, match=r"'loihi' is defined twice.*other\.module:TARGET"):
        targets()


@pytest.mark.parametrize(
    "value", ["no.such.module:X", "snnc.targets.loihi.target:NONE", "snnc.errors:SnncError"]
)
def test_plugin_that_is_no_target(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    add_entry_point(monkeypatch, "broken", value)
    with pytest.raises(ConfigError, match="'broken'"):
        load_target("broken")


def test_placing_checks_do_not_import_lava() -> None:
    code = "import sys, snnc.targets.registry as r; r.load_target('loihi'); print('lava' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- the gate between samples


def program_module(name: str) -> ModuleType:
    """A module of the emitted program that needs no Lava."""
    path = files("snnc.targets.loihi").joinpath("program", f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"emitted_{name}", str(path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def registers(weight: Any, bias: Any, *, du: int = 4095, bias_exp: int = 0) -> dict[str, Any]:
    return {
        "weight": np.array(weight),
        "bias_mant": np.array(bias),
        "bias_exp": bias_exp,
        "du": du,
        "payload_max": 1,
    }


def test_gate_cancels_the_largest_sum_and_the_bias() -> None:
    # Neuron 0: 100 + 27 arriving and a bias of 65, which takes 2 units of 64. Neuron 1 needs nothing.
    gate = program_module("silence").gate_between(registers([[100, 27, -5], [-1, 0, 0]], [65, -3]), 10, 2)
    assert gate.tolist() == [[-129, -129], [0, 0]]


def test_gate_before_the_first_sample_cancels_the_bias_alone() -> None:
    gate = program_module("silence").gate_before(registers([[100]], [4095], bias_exp=7), 3)
    assert gate.tolist() == [[-8190] * 3]  # 4095 * 128 / 64


def test_no_gate_is_given_where_u_would_wrap() -> None:
    # Sums of -126976 and +4000: a gate of -4000 would take u to -130976 * 64 > -2**23. With +4096 it wraps.
    narrow, wide = [[-127] * 1000 + [4] * 1000], [[-127] * 1000 + [4] * 1024]
    silence = program_module("silence")
    assert silence.gate_between(registers(narrow, [0]), 5, 1).tolist() == [[-4000]]
    assert silence.gate_between(registers(wide, [0]), 5, 1) is None


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    du=st.sampled_from([40, 700, 2048, 4095]),
    scale=st.sampled_from([1, 30, 127]),
    bias_exp=st.integers(0, 7),
)
def test_gated_neurons_stay_silent(seed: int, du: int, scale: int, bias_exp: int) -> None:
    """Whatever arrives, in the sample and in the gap: extreme and random sums, without Lava."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-scale, scale + 1, (3, 12))
    mantissa = rng.integers(-4096, 4096, 3)
    gate = program_module("silence").gate_between(
        registers(weight, mantissa, du=du, bias_exp=bias_exp), 20, 9
    )
    if gate is None:
        return
    bias = mantissa << bias_exp
    for train in (
        np.ones((29, 12), int),
        rng.integers(0, 2, (29, 12)),
        rng.integers(0, 2, (29, 1)) * (weight[0] > 0),
    ):
        u, v = np.zeros(3, int), np.zeros(3, int)
        for step, spikes in enumerate(train):
            a = weight @ spikes + (gate[:, step - 20] if step >= 20 else 0)
            u = np.sign(u) * (abs(u) * (4095 - du) >> 12) + (a << 6)
            u = np.where(u > 2**23, u - 2**24, np.where(u <= -(2**23), u + 2**24, u))
            v = np.clip(v + u + bias, -(2**23 - 1), 2**23 - 1)  # without leak, threshold 0
            if step >= 20:
                assert not (v > 0).any()
            v = np.where(v > 0, 0, v)
