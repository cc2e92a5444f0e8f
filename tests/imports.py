"""The modules of snnc and what each imports, at any depth: inside functions, and for types alone, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from places import ROOT

FOLDERS = ("trainer", "exporter", "targets", "hwsim")
"""At the top level; each is `snnc.NAME`."""


def sources() -> dict[str, str]:
    """Name of every module -> its text; a package has the name of its folder."""
    found = {}
    for folder in ("snnc", *FOLDERS):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[:2] in {("snnc", name) for name in FOLDERS}:
                continue  # by way of the link
            name = ".".join(parts if folder == "snnc" else ("snnc", *parts))
            found[name.removesuffix(".__init__")] = path.read_text()
    return found


def imports(modules: Mapping[str, str]) -> dict[str, set[str]]:
    """Module -> the modules among `modules` that it imports."""
    return {name: set(_of_ours(text, name, modules)) - {name} for name, text in modules.items()}


def _of_ours(text: str, name: str, modules: Mapping[str, str]) -> Iterator[str]:
    for imported in named(text):
        parts = imported.split(".")
        while parts and ".".join(parts) not in modules:
            parts.pop()
        while parts and f"{name}.".find(".".join(parts) + ".") != 0:  # and the packages that it lies in
            yield ".".join(parts)
            parts.pop()


@cache
def nodes(text: str) -> tuple[ast.AST, ...]:
    """All nodes of the syntax tree of `text`."""
    return tuple(ast.walk(ast.parse(text)))


@cache
def named(text: str) -> tuple[str, ...]:
    """All that is imported in `text`, what `from package import module` may name included."""
    found: list[str] = []
    for node in nodes(text):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import, line {node.lineno}: no module is named by its place"
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(found)
