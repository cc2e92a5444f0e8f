"""Distributions that a test installs."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest
from other_plugins import Install


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install `value` as the `kind` called `name`; modules called `some_plugin` hold `attributes`."""

    def install(kind: str, name: str, value: str, **attributes: Any) -> None:
        module = ModuleType("some_plugin")
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, "some_plugin", module)
        point = EntryPoint(name, value, f"snnc.{kind}s")
        monkeypatch.setattr(
            "snnc.plugins.entry_points.entry_points", lambda group: [point] if group == point.group else []
        )

    return install
