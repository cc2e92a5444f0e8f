"""Files of torch, read without torch: what torch itself reads, or nothing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from models import saved, tiny_model
from places import ROOT

from snnc.errors import ModelFileError
from snnc.io.plain_tensors import read_plain
from snnc.io.tensor_file import read_arrays

MOST = 10_000
EXAMPLE = ROOT / "examples" / "heidelberg" / "model.pt"


def written(content: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def assert_same(found: Any, expected: Any) -> None:
    """`expected` as torch reads it, with tensors."""
    if isinstance(expected, torch.Tensor):
        assert found.dtype == expected.numpy().dtype
        assert found.shape == tuple(expected.shape)
        assert np.array_equal(found, expected.numpy(), equal_nan=found.dtype.kind == "f")
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key, value in expected.items():
            assert_same(found[key], value)
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    else:
        assert type(found) is type(expected)
        assert found == expected or found != found


def loaded(data: bytes) -> Any:
    return torch.load(io.BytesIO(data), weights_only=True)


@pytest.mark.parametrize("path", [EXAMPLE, None])
def test_models(tmp_path: Path, path: Path | None) -> None:
    data = (path or saved(tiny_model(), tmp_path)).read_bytes()
    assert_same(read_plain(data, MOST), loaded(data))


_TYPES = [
    torch.float32,
    torch.float64,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
]
_TENSORS = st.builds(
    lambda shape, dtype: torch.arange(int(np.prod(shape)), dtype=torch.float64).reshape(shape).to(dtype),
    st.lists(st.integers(0, 3), max_size=3).map(tuple),
    st.sampled_from(_TYPES),
)
_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | _TENSORS
_CONTENT = st.recursive(
    _PLAIN,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _CONTENT))
@settings(max_examples=100)
def test_plain_content(content: dict[str, Any]) -> None:
    data = written(content)
    found = read_plain(data, MOST)
    assert found is not None
    assert_same(found, loaded(data))


def test_parts_that_are_shared_and_a_state_dict() -> None:
    whole = torch.arange(12.0)
    shared = [1, 2]
    content = {"a": whole[2:8].view(2, 3), "b": whole, "c": [shared, shared], "d": whole[3]}
    assert_same(read_plain(written(content), MOST), content)
    state = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)).state_dict()
    assert_same(read_plain(written(state), MOST), dict(state))


class Hostile:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize(
    "content",
    [
        {"a": Hostile(Path("created"))},
        {"a": os.getcwd},
        {"a": torch.Size([1])},
        {"a": torch.zeros(1).expand(4, 4)},
        {"a": torch.zeros(3, 4).T},
        {"a": torch.empty(3, device="meta")},
        {"a": torch.zeros(2, dtype=torch.bfloat16)},
        {"a": torch.zeros(2, requires_grad=True)},
        {"a": torch.eye(2).to_sparse()},
        {"a": {1, 2}},
        {"a": b"bytes"},
        [1, 2],
    ],
)
def test_what_is_not_plain_is_left_to_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_plain(written(content), MOST)
    if isinstance(content, dict) and isinstance(content["a"], torch.Tensor) and content["a"].requires_grad:
        assert_same(found, {"a": torch.zeros(2)})
    else:
        assert found is None
    assert not Path("created").exists()


def test_claims_are_not_believed() -> None:
    """A tensor that is larger than its member, and more values than are read."""
    data = written({"a": torch.arange(6.0)})
    shorter = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(shorter, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:-4] if name.endswith("data/0") else old.read(name))
    assert read_plain(shorter.getvalue(), MOST) is None
    assert read_plain(written({"a": [0] * 1000}), 10) is None
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ModelFileError, match="nested more than"):
        read_arrays(written({"a": loop}), "model.pt", "model file")


def test_a_flipped_bit_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    data = saved(tiny_model(), tmp_path).read_bytes()
    expected, rng = loaded(data), np.random.default_rng(0)
    for position in rng.integers(0, len(data), 200):
        broken = bytearray(data)
        broken[position] ^= 1 << int(rng.integers(8))
        found = read_plain(bytes(broken), MOST)
        if found is not None:
            assert_same(found, expected)


def test_a_model_is_inspected_without_torch_and_numba(tmp_path: Path) -> None:
    """They take longer to load than all the rest."""
    path = saved(tiny_model(), tmp_path)
    program = (
        "import sys; from snnc.cli import main; code = main(['inspect', sys.argv[1]]); "
        "print({'torch', 'numba'} & set(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "set()\n")
    assert "next: snnc export" in done.stdout
