"""Altered files that once broke a reader, one by one."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
import torch
from fuzzing.archives import bomb, members, zipped
from models import tamper, tiny_model
from published_files import heidelberg

from snnc.cli.inspect import describe
from snnc.errors import ArtifactError, ConfigError, InputError, ModelFileError, SnncError, TraceFileError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.io import toml_text
from snnc.io.traces.reader import open_trace
from snnc.targets.costs import read_costs
from snnc.trainer.checkpoint import load_checkpoint
from snnc.trainer.config import load_config
from snnc.trainer.data import load
from snnc.trainer.model_file import load_model, save_model
from snnc.trainer.sweep import load_sweep
from snnc.trainer.sweep_runner import read_record
from snnc.verification.spike_input import open_spikes


@pytest.mark.parametrize("read_file", [load, describe])
def test_an_npz_bomb(tmp_path, read_file):
    path = tmp_path / "bomb.npz"
    path.write_bytes(bomb("spikes", 257 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match=r"bytes that unpack to 2694\d+, more than"):
        read_file(path)


@pytest.mark.parametrize("header", ["'''", "(" * 4000, "{'descr': (", "[" * 9000, "{[]: 1}"])
def test_npy_headers_that_are_no_python(tmp_path, header):
    text = header.encode() + b"\n"
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("units.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    with pytest.raises(InputError, match="array 'units' cannot be read"):
        load(path)


@pytest.mark.parametrize("how", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_npz_packed_in_other_ways(tmp_path, how):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("units.npy", b"x" * 100)
    with pytest.raises(InputError, match="packed in a way that NumPy does not write"):
        load(path)


def test_npz_with_a_name_twice(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(zipped([("units.npy", b"x")] * 2, zipfile.ZIP_STORED))
    with pytest.raises(InputError, match="the same name"):
        load(path)


def test_a_name_in_npz_that_is_no_utf8(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ä.npy", b"x")
    path.write_bytes(path.read_bytes().replace("ä".encode(), b"\xff\xff"))
    with pytest.raises(InputError, match="not a readable"):
        load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:200] + b"\xff" * 20 + data[220:],
        lambda data: zipped(members(data), zipfile.ZIP_LZMA),
        lambda data: zipped(members(data), zipfile.ZIP_DEFLATED).replace(b"PK\x01\x02", b"PK\x01\x03"),
    ],
)
def test_golden_vectors_that_are_damaged(tiny_artifact, change):
    before = (tiny_artifact / "golden.npz").read_bytes()
    tamper(tiny_artifact, "golden.npz", change)
    assert (tiny_artifact / "golden.npz").read_bytes() != before
    with pytest.raises(ArtifactError, match=r"golden\.npz"):
        read_artifact(tiny_artifact)


def test_sizes_in_a_manifest_are_numbers(tiny_artifact):
    manifest = json.loads((tiny_artifact / "manifest.json").read_text())
    manifest["files"]["graph.nir"]["bytes"] = {}
    (tiny_artifact / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="wrong type"):
        describe(tiny_artifact)


def test_a_time_constant_of_graph_nir_without_end(tiny_artifact):
    def change(data: bytes) -> bytes:
        buffer = io.BytesIO(data)
        with h5py.File(buffer, "r+") as file:
            del file["node/metadata/snnc/time_steps"]
            file["node/metadata/snnc/time_steps"] = np.inf
        return buffer.getvalue()

    tamper(tiny_artifact, "graph.nir", change)
    with pytest.raises(ArtifactError, match="inconsistent"):
        read_artifact(tiny_artifact)


@pytest.mark.parametrize("name", ["graph.nir", "golden.nirdata"])
def test_links_in_an_artifact_are_not_followed(tiny_artifact, name):
    def change(data: bytes) -> bytes:
        buffer = io.BytesIO(data)
        with h5py.File(buffer, "r+") as file:
            file["strange"] = h5py.ExternalLink("/etc/passwd", "/")
        return buffer.getvalue()

    tamper(tiny_artifact, name, change)
    with pytest.raises(ArtifactError, match="'strange' is a link to elsewhere"):
        read_artifact(tiny_artifact)


def test_hdf5_whose_root_is_damaged(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="v110") as file:
        file.attrs["format"] = "snnc-trace"
    data = bytearray(path.read_bytes())
    data[data.find(b"OHDR") + 8] ^= 0xFF  # its checksum does not hold any more
    path.write_bytes(data)
    with pytest.raises(TraceFileError):
        open_trace(path, None)


def elsewhere(file: h5py.File, place: str) -> None:
    file.create_dataset(place, (3,), "u2", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


@pytest.mark.parametrize(
    ("place", "put", "text"),
    [
        ("labels", elsewhere, "lies in another file"),
        (
            "labels",
            lambda f, p: f.create_dataset(p, (1 << 40,), "u2", chunks=(64,)),
            "declares 1099511627776",
        ),
        ("labels", lambda f, p: f.create_dataset(p, (1 << 21,), "u2", chunks=(64,)), "not stored whole"),
        ("labels", lambda f, p: f.__setitem__(p, h5py.SoftLink(f"/{p}")), "is a link to elsewhere"),
        ("labels", lambda f, p: f.__setitem__(p, h5py.Empty("u2")), "has shape None"),
        ("labels", lambda f, p: f.__setitem__(p, [b"x", b"y", b"z"]), "numbers, and names as text"),
        (
            "spikes/units",
            lambda f, p: f.create_dataset(p, (1 << 21,), h5py.vlen_dtype("u2")),
            "not stored whole",
        ),
    ],
)
def test_recordings_that_are_not_there(tmp_path, place, put, text):
    path = heidelberg(tmp_path / "a.h5", (0, 1), seed=1, recordings=3)
    with h5py.File(path, "r+") as file:
        del file[place]
        put(file, place)
    with pytest.raises(InputError, match=text):
        load(path)


@pytest.mark.parametrize("tau", [np.array([b"x"]), np.zeros(1, [("a", "i4")]), np.ones(1, complex)])
def test_foreign_nir_whose_numbers_are_none(tmp_path, tau):
    one = np.ones(1)
    nodes = (nir.Input(np.array([1])), nir.LIF(one, one, 0 * one, one, 0 * one), nir.Output(np.array([1])))
    path = tmp_path / "net.nir"
    nir.write(path, nir.NIRGraph.from_list(*nodes))
    with h5py.File(path, "r+") as file:
        del file["node/nodes/lif/r"]
        file["node/nodes/lif/r"] = tau
    with pytest.raises(InputError):
        import_nir(path.read_bytes(), str(path), ImportOptions(0.1, 10))


def test_foreign_nir_that_unpacks_to_too_much(tmp_path):
    path = tmp_path / "net.nir"
    with h5py.File(path, "w") as file:
        file.create_dataset("node/nodes/x", (1 << 28,), "f4", chunks=(1 << 10,))
    with pytest.raises(InputError, match="unpack to 1073741824"):
        import_nir(path.read_bytes(), str(path), ImportOptions(0.1, 10))


ENDLESS = {
    "nesting": "a = " + "[" * 5000,
    "tables": "a = " + "{a=" * 3000,
    "digits": "a = " + "9" * 5000,
    "parts of a key": ".".join(["a"] * 3000) + " = 1",
    "spaced parts": " . ".join(["a"] * 3000) + " = 1",
    "parts of a heading": "[" + ".".join(["a"] * 3000) + "]",
    "text": "#" * (1 << 19),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_toml_without_end(tmp_path, name):
    path = tmp_path / "a.toml"
    path.write_text(ENDLESS[name])
    for read_file in (load_config, lambda p: load_sweep(p, tmp_path), lambda p: read_costs(p.read_text())):
        with pytest.raises(ConfigError):
            read_file(path)
    with pytest.raises(InputError):
        describe(path)


def test_dots_in_toml_that_are_no_keys():
    text = f"# {'.' * 500}\nvalues = [{', '.join(['0.5'] * 500)}]\na.b.c = 1\n"
    assert toml_text.loads(text) == {"values": [0.5] * 500, "a": {"b": {"c": 1}}}


def test_a_field_without_a_name(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('"" = 1\n')
    with pytest.raises(ConfigError, match="unknown field ''"):
        load_config(path)


def test_a_record_of_a_sweep_that_nests_without_end(tmp_path):
    (tmp_path / "s.toml").write_text('base = "digits"\nseeds = [0]\n[variants.a]\n')
    run = load_sweep(tmp_path / "s.toml", tmp_path)[0]
    run.record.write_text("[" * 200_000)
    with pytest.raises(InputError, match="not a readable record"):
        read_record(run)


@pytest.mark.parametrize("key", ["format", "version"])
def test_a_tensor_where_text_should_be(tmp_path, key):
    path = tmp_path / "model.pt"
    save_model(tiny_model(), path)
    content = torch.load(path, weights_only=True)
    keys = {"format": "snnc-checkpoint", "version": 2, "config": {}, "data": {}, "state": {}}
    for name, fields, read_file in (("m.pt", content, load_model), ("c.pt", keys, load_checkpoint)):
        torch.save({**fields, key: torch.zeros(3)}, tmp_path / name)
        for reader in (read_file, lambda path: describe(Path(path))):
            with pytest.raises((ModelFileError, SnncError)):
                reader(tmp_path / name)


@pytest.mark.parametrize("shape", [np.array([1 << 62]), np.array([np.nan]), np.array([np.inf])])
def test_foreign_nir_with_inputs_without_end(tmp_path, shape):
    one = np.ones(1)
    nodes = (nir.Input(np.array([1])), nir.LIF(one, one, 0 * one, one, 0 * one), nir.Output(np.array([1])))
    path = tmp_path / "net.nir"
    nir.write(path, nir.NIRGraph.from_list(*nodes))
    with h5py.File(path, "r+") as file:
        del file["node/nodes/input/shape"]
        file["node/nodes/input/shape"] = shape
    with pytest.raises(InputError, match=r"node 'input': the input has the shape|not a NIR file"):
        import_nir(path.read_bytes(), str(path), ImportOptions(0.1, 10))


def test_spikes_that_are_one_number(tiny_artifact, tmp_path):
    np.savez(tmp_path / "a.npz", spikes=np.float64(1))
    with pytest.raises(SnncError):
        open_spikes(tmp_path / "a.npz", read_artifact(tiny_artifact))
