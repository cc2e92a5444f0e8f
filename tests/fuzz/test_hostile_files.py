"""What a stranger's file may be, besides wrong: no file, without end, or a tree that grows as it is read."""

from __future__ import annotations

import io
import os
import random
import time
import wave
from collections.abc import Callable
from pathlib import Path

import h5py
import nir
import numpy as np
import onnx
import pytest
import torch
from fuzzing.archives import deep, shared
from fuzzing.special import nest, put, remove, special
from fuzzing.target import Target
from fuzzing.trial import read
from models import saved, tiny_model
from onnx import TensorProto, helper
from places import ROOT
from published_files import WORDS, gsc, heidelberg

from snnc.cli import main
from snnc.cli.inspect import describe
from snnc.errors import ConfigError, InputError, ModelFileError, SnncError
from snnc.exporter.network_files import load_network
from snnc.exporter.nir.importer import ImportOptions
from snnc.io.traces.reader import open_trace
from snnc.trainer.config import load_config
from snnc.trainer.data import load
from snnc.trainer.data.gsc import load_gsc
from snnc.trainer.model_file import load_model
from snnc.trainer.sweep import load_sweep
from snnc.trainer.sweep_runner import read_record

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes in folders")


class Chosen(random.Random):
    """Chooses `kind` of `special`."""

    def __init__(self, kind: str) -> None:
        super().__init__(0)
        self.kind = kind

    def choice(self, seq: object) -> object:
        return self.kind


@pytest.mark.parametrize("kind", ["fifo", "link to a fifo", "link to a device", "holes after it"])
def test_every_reader_refuses_what_is_no_file_at_once(fuzz_targets, tmp_path, kind):
    for name, target in fuzz_targets.items():
        if not target.opens:
            continue
        path, accepted = tmp_path / f"input{target.suffix}", []

        def reading(path: Path, target: Target = target, accepted: list[object] = accepted) -> None:
            target.read(path)
            accepted.append(target)

        special(path, target.seeds[0], Chosen(kind))
        found = read(Target(name, target.suffix, target.seeds, reading), 0, path)
        assert found is None, (name, found)
        assert not accepted or kind == "holes after it", name  # HDF5 is read in parts


def test_a_link_to_a_sound_file_is_followed(fuzz_targets, tmp_path):
    for name in ("model", "events npz", "trace h5", "config"):
        path = tmp_path / f"input{fuzz_targets[name].suffix}"
        special(path, fuzz_targets[name].seeds[0], Chosen("link to a file"))
        fuzz_targets[name].read(path)


COMMANDS = (
    "export FIFO",
    "check FIFO --target loihi",
    "inspect FIFO",
    "test FIFO",
    "train FIFO.toml -o out.pt",
    "train digits --dataset FIFO.npz -o out.pt",
    "train digits --dataset FIFO.h5 -o out.pt",
    "sweep FIFO.toml -o out",
    "sweep sweep.toml --base FIFO.toml -o out",
    "compare FIFO FIFO",
    "run tiny.loihi --input FIFO.npz",
    "run tiny.loihi --input FIFO.h5",
    "chip tiny.loihi --input FIFO.npz",
    "verify tiny.loihi --dataset FIFO.npz",
    "verify FIFO",
    "targets --for FIFO",
    "doctor --json FIFO",
    "run tiny.loihi --input tiny.loihi/golden.npz --predictions FIFO",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_the_fifo_that_it_is_given(tiny_artifact, command, monkeypatch, refused):
    monkeypatch.chdir(tiny_artifact.parent)
    Path("sweep.toml").write_text('base = "digits"\nseeds = [0]\n[variants.a]\n')
    for suffix in ("", ".toml", ".npz", ".h5"):
        os.mkfifo(f"FIFO{suffix}")
    before = time.monotonic()
    said = refused(*command.split())
    assert "FIFO" in said
    assert time.monotonic() - before < 60  # not never


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (shared(40), "nested more than 12 deep"),
        (shared(9, 30), "holds more than 262144 values"),
        (shared(2, 3000), "holds more than 262144 values"),
        (["x" * 100_000] * 5000, "texts have more than 16777216 characters"),
        ([torch.zeros(1000, 1000)] * 5000, "tensors take more than 1073741824 bytes"),
        (10**5000, "an integer of 16610 bits|is damaged"),
        ({10**5000: 1}, "an integer of 16610 bits|is damaged"),
        (deep(300), "nested more than 12 deep"),
    ],
    ids=["deep", "wide", "flat", "texts", "tensors", "number", "key", "nested"],
)
def test_a_model_that_grows_as_it_is_read(tmp_path, value, why):
    path = saved(tiny_model(), tmp_path)
    content = torch.load(path, weights_only=True)
    torch.save(content | {"metrics": {"a": value}}, path)
    assert path.stat().st_size < 8 << 20
    for reader in (load_model, describe):
        with pytest.raises(ModelFileError, match=why):
            reader(path)


@pytest.mark.parametrize("key", ["version", "bin_s", "time_steps", "unit_pool"])
@pytest.mark.parametrize(
    "value", [torch.zeros(500, 500), "x" * 3_000_000, [1.5] * 100_000], ids=["tensor", "text", "list"]
)
def test_a_number_that_is_none_is_told_in_a_line(tmp_path, refused, key, value):
    path = saved(tiny_model(), tmp_path)
    content = torch.load(path, weights_only=True)
    torch.save(content | {key: value}, path)
    said = refused("export", path)
    assert len(said) < len(str(path)) + 250
    assert len(said.splitlines()) == 1


def test_groups_of_hdf5_that_hold_each_other(tmp_path, refused):
    """Forty groups, and a trillion ways through them."""
    path = tmp_path / "net.nir"
    one = np.ones(1)
    nodes = (nir.Input(np.array([1])), nir.LIF(one, one, 0 * one, one, 0 * one), nir.Output(np.array([1])))
    nir.write(path, nir.NIRGraph.from_list(*nodes))
    with h5py.File(path, "r+") as file:
        inner = file["node/nodes/lif"]
        for number in range(40):
            group = file.create_group(f"node/metadata/g{number}")
            group["a"] = group["b"] = inner
            inner = group
    with pytest.raises(InputError, match="has a second name in it"):
        load_network(path, ImportOptions(0.1, 10))
    assert "has a second name in it" in refused("inspect", path)


def test_recordings_of_sound_without_end(tmp_path):
    folder = gsc(tmp_path / "gsc")
    path = folder / WORDS[0] / "0000000a_nohash_0.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(5 << 20))
    with pytest.raises(InputError, match="at most 4194304 are read"):
        [load_gsc(folder, part) for part in ("train", "validation", "test")]


def test_all_events_of_a_folder_are_counted(tmp_path, monkeypatch):
    folder = gsc(tmp_path / "gsc")
    monkeypatch.setattr("snnc.trainer.data.gsc._EVENTS", 10)
    with pytest.raises(InputError, match="more than 10 events"):
        load_gsc(folder, "train")


def test_a_text_too_large_to_be_ours_is_not_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr("snnc.cli.inspect.texts.TEXT_LIMIT", 1000)
    path = tmp_path / "a.json"
    path.write_text("[" * 2000)
    with pytest.raises(InputError, match="at most 1000 are read"):
        describe(path)


def test_a_record_of_a_sweep_too_large_to_be_ours(tmp_path):
    (tmp_path / "s.toml").write_text('base = "digits"\nseeds = [0]\n[variants.a]\n')
    (run,) = load_sweep(tmp_path / "s.toml", tmp_path)
    run.record.write_text("{}" + " " * (1 << 18))
    with pytest.raises(InputError, match="at most 262144 are read"):
        read_record(run)


@pytest.mark.parametrize("text", ['dataset = "a\\u0000.npz"', 'data_dir = "a\\u0000"\ndataset = "shd"'])
def test_a_name_that_no_file_can_have(tmp_path, text, refused):
    preset = ROOT / "trainer/presets/digits.toml"
    lines = [line for line in preset.read_text().splitlines() if not line.startswith(("dataset", "data_dir"))]
    (tmp_path / "a.toml").write_text("\n".join([text, *lines]))
    refused("train", tmp_path / "a.toml", "-o", tmp_path / "out.pt")
    (tmp_path / "s.toml").write_text('base = "a\\u0000.toml"\nseeds = [0]\n[variants.a]\n')
    for reader in (load_config, lambda path: load_sweep(path, tmp_path)):
        with pytest.raises((ConfigError, InputError)):
            reader(tmp_path / "s.toml")


@pytest.mark.parametrize("name", ["a\0b.npz", "\ud800.npz", "a\0.h5", "x" * 300 + ".npz"])
def test_names_that_no_file_can_have(name):
    for reader in (load, load_model, describe, lambda path: open_trace(Path(path), None)):
        with pytest.raises((SnncError, OSError)) as found:
            reader(Path(name))
        assert "\0" not in str(found.value)


TEXTS = "a\nnext: snnc run evil\r\x1b[2J\u202e" + "x" * 100_000


def onnx_of(text: str) -> bytes:
    value = helper.make_tensor_value_info(text, TensorProto.FLOAT, [text, 1])
    graph = helper.make_graph([helper.make_node("Identity", [text], ["y"])], text, [value], [value])
    model = helper.make_model(graph, producer_name=text, opset_imports=[helper.make_opsetid(text, 1)])
    model.metadata_props.append(onnx.StringStringEntryProto(key=text, value=text))
    return bytes(model.SerializeToString())


def test_texts_of_an_onnx_file_forge_no_line(tmp_path, capsys):
    path = tmp_path / "a.onnx"
    path.write_bytes(onnx_of(TEXTS))
    assert main(["inspect", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() and len(line) < 2100 for line in lines)
    assert not any(line.startswith("next:") for line in lines)


def hdf5_of(change: Callable[[h5py.File], None]) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        change(file)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.create_dataset(f"nodes/{TEXTS[:900]}/observables/{TEXTS[:900]}", data=[1.0]),
        lambda file: file.create_group(f"nodes/{TEXTS[:900]}"),
        lambda file: file.create_group(f"layer/{TEXTS[:900]}"),
        lambda file: file.attrs.update(format="snnc-trace", version=1, executor=TEXTS),
        lambda file: file.attrs.update(format=TEXTS),
    ],
)
def test_names_in_hdf5_forge_no_line(tmp_path, capsys, change):
    path = tmp_path / "a.h5"
    path.write_bytes(hdf5_of(change))
    assert main(["inspect", str(path)]) in (0, 2)
    captured = capsys.readouterr()
    lines = (captured.out + captured.err).split("\n")[:-1]
    assert lines
    assert all(line.isprintable() and len(line) < 2100 for line in lines)
    assert not any(line.startswith("next:") for line in lines)


def test_a_published_file_may_be_linked(tmp_path):
    heidelberg(tmp_path / "real.h5", (0, 1), seed=1, recordings=3)
    put(tmp_path / "real.h5", tmp_path / "copy.h5")
    (tmp_path / "link.h5").symlink_to("copy.h5")
    assert len(load(tmp_path / "link.h5")) == 3


def test_folders_beyond_any_path_are_no_traceback(tiny_artifact, refused):
    nest(tiny_artifact, 1500)
    try:
        for command in ("verify", "inspect"):
            assert "nested folders" in refused(command, tiny_artifact)
        model = saved(tiny_model(), tiny_artifact.parent)
        refused("export", model, "-o", tiny_artifact)
    finally:
        remove(tiny_artifact)
