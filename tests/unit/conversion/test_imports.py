"""No framework is needed to convert what it trained: nothing here imports one."""

from __future__ import annotations

import ast
import tomllib

from places import ROOT

from snnc.io.pickled import INSTALL


def test_frameworks_are_known_by_name_alone() -> None:
    files = list((ROOT / "snnc" / "conversion").rglob("*.py"))
    assert len(files) > 30
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & set(INSTALL), file


def test_each_has_an_extra_that_can_be_installed_beside_snnc() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for package, how in INSTALL.items():
        name = how.strip("'").removeprefix("snnc[").removesuffix("]")
        if package == "sinabs":
            assert name == "--no-deps sinabs pbr"  # it asks for another nir
        else:
            assert any(need.startswith(package.lower()) for need in extras[name])
