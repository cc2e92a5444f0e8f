"""Targets by name: those of snnc, and those of other distributions."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from snnc.errors import ConfigError, InputError
from snnc.targets.registry import BUILT_IN, LIMITS_ALONE, load_target, targets


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


def test_chips_with_limits_alone_are_those_that_nothing_is_exported_for() -> None:
    assert set(LIMITS_ALONE) == {name for name in BUILT_IN if load_target(name).emit is None}


@pytest.mark.parametrize(("name", "meant"), [("cortex-m0+", "c"), ("RP2040", "c"), ("gw2a", "fpga")])
def test_a_processor_names_the_target_for_it(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"target '{re.escape(name)}' is unknown: give {meant}, "):
        load_target(name)
