"""Targets by name: those of snnc, and those of other distributions."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from snnc.errors import ConfigError, InputError
from snnc.targets.registry import load_target, targets


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


def test_targets_load_without_what_runs_their_artifacts() -> None:
    """`snnc inspect` loads the target of an artifact; numba takes longer than the rest of the command."""
    code = (
        "import sys, snnc.targets.registry as r; [r.load_target(name) for name in r.BUILT_IN]; "
        "print(*sorted(sys.modules.keys() & {'lava', 'numba', 'onnxruntime', 'torch'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
