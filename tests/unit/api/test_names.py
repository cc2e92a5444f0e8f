"""What is found by typing `snnc.`, and that it costs nothing before it is used."""

from __future__ import annotations

import ast
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
    """What is imported where only a type checker looks."""
    (block,) = [node for node in ast.parse(inspect.getsource(snnc)).body if isinstance(node, ast.If)]
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    (found,) = block.body
    assert isinstance(found, ast.ImportFrom)
    assert found.module == "snnc.api"
    assert [each.name for each in found.names] == snnc.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'snnc' has no attribute 'from_tensorflow'"):
        _ = snnc.from_tensorflow


@pytest.mark.parametrize("name", [*(each for each in snnc.__all__ if each.islower() and each != "converter")])
def test_an_unknown_keyword_is_told_with_its_name(name: str) -> None:
    """A function that takes names of another's checks them itself."""
    function = getattr(snnc, name)
    kinds = [each.kind for each in inspect.signature(function).parameters.values()]
    if inspect.Parameter.VAR_KEYWORD in kinds:
        assert name in {"train", "from_checkpoint"}  # tests of these two look at their errors
        return
    with pytest.raises(TypeError, match=f"^{name}: has no argument 'examples'.*, only "):
        function(examples=1)


def test_import_is_light() -> None:
    """Neither numpy nor torch, and nothing of ours."""
    code = "import sys, snnc; dir(snnc); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert not {"numpy", "torch"} & loaded
    assert {name for name in loaded if name.partition(".")[0] == "snnc"} == {"snnc"}
