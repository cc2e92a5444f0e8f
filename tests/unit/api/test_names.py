"""What is found by typing `snnc.`, and that it costs nothing before it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import snnc
from snnc import api


def test_the_package_shows_what_the_room_has() -> None:
    assert set(snnc.__all__) == set(api.__all__) <= set(dir(snnc))
    for name in snnc.__all__:
        assert getattr(snnc, name) is getattr(api, name)
        assert inspect.getdoc(getattr(snnc, name))


def test_types_are_told_of_every_name() -> None:
    """A type checker sees what the block of `TYPE_CHECKING` imports, and no more."""
    text = inspect.getsource(snnc)
    assert all(text.count(f"{name} as {name}") == 1 for name in snnc.__all__)
    assert text.count(" as ") == len(snnc.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'snnc' has no attribute 'from_tensorflow'"):
        _ = snnc.from_tensorflow


def test_import_is_light() -> None:
    """Neither numpy nor torch, and nothing of ours."""
    code = "import sys, snnc; dir(snnc); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert not {"numpy", "torch"} & loaded
    assert {name for name in loaded if name.partition(".")[0] == "snnc"} == {"snnc"}
