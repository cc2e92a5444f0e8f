"""A pickle is told by the classes that it names, and never run."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from spikingjelly.activation_based import neuron
from torch import nn

from snnc.errors import ModelFileError
from snnc.io import pickled
from snnc.io.tensor_file import load_tensors


def saved(content: Any, **how: Any) -> io.BytesIO:
    torch.save(content, file := io.BytesIO(), **how)
    return file


@pytest.mark.parametrize("protocol", [2, 4])
def test_classes_are_named_in_order(protocol: int) -> None:
    content = {"a": torch.zeros(2), "module": nn.Sequential(nn.Linear(2, 3), neuron.IFNode()), "b": os.getcwd}
    found = pickled.classes(saved(content, pickle_protocol=protocol))
    names = ["Sequential", "Linear", "IFNode"]
    assert [name.rpartition(".")[2] for name in found if name.rpartition(".")[2] in names] == names
    assert found[-1] == "posix.getcwd"
    assert not any(name.startswith(("torch._utils", "torch.FloatStorage", "collections")) for name in found)


def test_tensors_name_no_class() -> None:
    assert pickled.classes(saved({"a": torch.zeros(2), "b": torch.zeros(2, dtype=torch.int8)})) == []


@pytest.mark.parametrize("data", [b"", b"\x80\x02", b"cposix\nsystem\nq", b"\xff" * 100])
def test_what_is_damaged_is_told_as_far_as_it_goes(data: bytes) -> None:
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        archive.writestr("a/data.pkl", data)
    assert pickled.classes(file) == (["posix.system"] if b"system" in data else [])
    assert pickled.classes(io.BytesIO(data)) == []


def test_an_encrypted_archive_names_nothing() -> None:
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        archive.writestr("a/data.pkl", b"cposix\nsystem\nq.")
    data = bytearray(file.getvalue())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    assert pickled.classes(io.BytesIO(data)) == []


def test_a_module_is_to_be_given_to_from_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(saved(nn.Sequential(nn.Linear(2, 3), neuron.IFNode())).getvalue())
    with pytest.raises(ModelFileError) as here:
        load_tensors(path, "model file")
    monkeypatch.setattr(pickled.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelFileError) as without:
        load_tensors(path, "model file")
    for error, where in ((here, ""), (without, ", after pip install 'snnc[spikingjelly]',")):
        said = str(error.value)
        assert "\n" not in said
        assert "holds Python objects, which are never loaded ('spikingjelly.activation_based.neuron." in said
        assert said.endswith(
            f"; if you trust its author, load the module in Python{where} and give it to snnc.from_torch"
        )


def test_nobody_is_told_to_load_what_is_no_module(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(saved({"a": os.system}).getvalue())
    with pytest.raises(ModelFileError, match=r"never loaded \('posix\.system'\)$"):
        load_tensors(path, "model file")
