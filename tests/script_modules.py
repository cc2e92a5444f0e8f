"""Programs of `scripts/` as modules: they are no package, and never installed."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from places import ROOT

SCRIPTS = ROOT / "scripts"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
