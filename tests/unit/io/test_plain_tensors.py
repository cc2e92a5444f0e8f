"""What is read without torch is what torch reads; all that is not exactly so written is left to torch."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snnc.errors import ModelFileError
from snnc.io import plain_tensors
from snnc.io.tensor_file import read_arrays

TYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
SHARED = torch.arange(12, dtype=torch.float32)
PLAIN: dict[str, Any] = {
    "none": None,
    "numbers": [
        True,
        False,
        0,
        -1,
        255,
        65536,
        -(2**31),
        1 << 70,
        0.25,
        float("inf"),
        "",
        "\x1b\u00fc\ud800",
    ],
    "nested": {"a": {1: (), 2: (1,), 3: (1, 2), 4: (1, 2, 3), 5: (1, 2, 3, 4)}, "b": [[], {}, ["a"]]},
    "ordered": OrderedDict(b=1, a=2),
    "many": {str(number): number for number in range(300)},
    **{name: (torch.arange(6) % 2).to(getattr(torch, name)).reshape(2, 3) for name in TYPES},
    "scalar": torch.tensor(3.5),
    "one": torch.ones(1, 4, 1),
    "shared": [SHARED, SHARED[4:], SHARED[2:8].reshape(2, 3)],
    "state dict": nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).state_dict(),
}


def saved(content: Any, **how: Any) -> io.BytesIO:
    torch.save(content, file := io.BytesIO(), **how)
    return file


def bits(value: Any) -> Any:
    """`value` such that only what is the same to the bit compares equal."""
    if isinstance(value, dict):
        return [(type(key), key, bits(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [type(value), *map(bits, value)]
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return struct.pack("d", value) if isinstance(value, float) else (type(value), value)


def by_torch(file: io.BytesIO) -> Any:
    return torch.load(io.BytesIO(file.getvalue()), weights_only=True)


def test_everything_plain_is_as_torch_reads_it() -> None:
    file = saved(PLAIN)
    found = plain_tensors.content(file)
    assert bits(found) == bits(by_torch(file))
    found["shared"][0][5] = 9  # as tensors of torch do, parts of one storage share their numbers
    assert found["shared"][1][1] == found["shared"][2][1, 0] == 9


def test_a_file_of_a_name_is_read_too(tmp_path: Path) -> None:
    torch.save(PLAIN, path := tmp_path / "some.thing.pt")
    with path.open("rb") as file:
        assert bits(plain_tensors.content(file)) == bits(torch.load(path, weights_only=True))


class Other:
    """Any class."""


UNUSUAL = {
    "a class": {"a": Other()},
    "a function": {"a": os.getcwd},
    "a type": {"a": torch.float32},
    "a parameter": {"a": nn.Parameter(torch.ones(2))},
    "learns": {"a": torch.ones(2, requires_grad=True)},
    "transposed": {"a": torch.ones(2, 3).t()},
    "expanded": {"a": torch.ones(1).expand(9)},
    "empty": {"a": torch.ones(0, 3)},
    "bfloat16": {"a": torch.ones(2, dtype=torch.bfloat16)},
    "complex": {"a": torch.ones(2, dtype=torch.complex64)},
    "sparse": {"a": torch.eye(2).to_sparse()},
    "meta": {"a": torch.ones(2, device="meta")},
    "bytes": {"a": b"b"},
    "a set": {"a": {1}},
    "a key": {(1,): 2},
}


@pytest.mark.parametrize("content", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_what_is_not_plain_is_left_to_torch(content: dict[Any, Any]) -> None:
    assert plain_tensors.content(saved(content)) is None


@pytest.mark.parametrize(
    "how", [{"pickle_protocol": 4}, {"_use_new_zipfile_serialization": False}], ids=["protocol", "legacy"]
)
def test_other_forms_are_left_to_torch(how: dict[str, Any]) -> None:
    assert plain_tensors.content(saved({"a": torch.ones(2)}, **how)) is None


def parts_of(file: io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], twice: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr(twice, parts[twice])
    return file.getvalue()


SMALL = {"a": torch.ones(2, 3), "b": [torch.zeros(3, dtype=torch.int8), "text", 1.5, {"c": -1}]}
PARTS = parts_of(saved(SMALL))


def test_an_archive_of_the_same_parts_is_read() -> None:
    assert plain_tensors.content(io.BytesIO(packed(PARTS))) is not None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("archive/byteorder", b"big"),
        ("archive/version", b"11"),
        ("archive/constants.pkl", b""),
        ("archive/.storage_alignment", b"x"),
        ("archive/data/0", bytes(23)),
        ("archive/data/0", bytes(25)),
        ("other/data/0", bytes(24)),
        ("archive/data.pkl", b"\x80\x02}."[:-1]),
        ("archive/data.pkl", b"\x80\x02}r\xff\xff\xff\xff0."),
        ("archive/data.pkl", b"cos\nsystem\n."),
        ("archive/.data/serialization_id", b"\x80"),
    ],
)
def test_another_part_leaves_the_file_to_torch(name: str, data: bytes) -> None:
    assert plain_tensors.content(io.BytesIO(packed(PARTS | {name: data}))) is None


def test_a_part_that_is_there_twice_leaves_the_file_to_torch() -> None:
    assert plain_tensors.content(io.BytesIO(packed(PARTS, "archive/data/0"))) is None


def test_what_stands_in_front_leaves_the_file_to_torch() -> None:
    assert plain_tensors.content(io.BytesIO(b"PK" + packed(PARTS))) is None


def outcome(data: bytes) -> Any:
    try:
        return bits(read_arrays(data, "file", "model file"))
    except ModelFileError as error:
        return str(error)


def ends_alike(data: bytes) -> None:
    """With torch alone: the same content to the bit, or an error with the same words."""
    found = outcome(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_tensors, "content", lambda file: None)
        assert outcome(data) == found


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(PARTS)), st.integers(0, 10**4), st.binary(min_size=1, max_size=4), st.booleans()
)
def test_whatever_part_is_altered(name: str, at: int, junk: bytes, inserted: bool) -> None:
    old = PARTS[name]
    at %= len(old)
    ends_alike(packed(PARTS | {name: old[:at] + junk + old[at + (0 if inserted else len(junk)) :]}))


WHOLE = saved(SMALL).getvalue()


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_whatever_byte_of_the_archive_is_altered(at: int, change: int) -> None:
    ends_alike(WHOLE[:at] + bytes([WHOLE[at] ^ change]) + WHOLE[at + 1 :])


@pytest.mark.parametrize(
    ("at", "byte"),
    [(38, 0x10), (38, 0xFF), (24, 25), (20, 1)],
    ids=["a folder", "all attributes", "another size", "another packed size"],
)
def test_a_part_for_which_torch_gives_memory_that_nobody_wrote_is_refused(at: int, byte: int) -> None:
    """PyTorch 2.13 reads such a file without an error, each time with other numbers."""
    name = WHOLE.rindex(b"archive/data/0")  # its entry in the list of parts begins 46 bytes before
    damaged = bytearray(WHOLE)
    damaged[name - 46 + at] = byte
    assert damaged[name - 46 : name - 42] == b"PK\1\2"
    with pytest.raises(ModelFileError, match="it is damaged, its part 'archive/data/0' is no part that"):
        read_arrays(bytes(damaged), "file", "model file")


def test_what_torch_says_of_a_file_without_content_is_its_first_sentence(tmp_path) -> None:
    """As `torch.save` leaves it behind where it fails: what PyTorch says of it was cut within a word."""
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/version", "3\n")
    with pytest.raises(ModelFileError, match=r"\(PytorchStreamReader [^.]*data\.pkl: file not found\)$"):
        read_arrays(path.read_bytes(), path, "model file")
