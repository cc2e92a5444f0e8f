"""Edits that seed a fault: Python is matched by its syntax tree, any other text to the letter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

Edit = tuple[str, str, str]
"""File, what stands there, what takes its place."""


def edited(file: str, text: str, old: str, new: str) -> str:
    """`text` of `file` with `new` wherever `old` stands. It must stand there.

    In Python `old` is an expression, an argument by keyword, or statements that follow each other; white
    space, comments and parentheses do not count.
    """
    found = list(_places(text, old, new)) if PurePath(file).suffix == ".py" else []
    assert found or (old in text and not file.endswith(".py")), (
        f"{file} no longer holds {old!r}: adapt the fault"
    )
    if not found:
        return text.replace(old, new)
    lines = text.encode().splitlines(keepends=True)
    for first, last in sorted(found, key=lambda ends: (ends[0].lineno, ends[0].col_offset), reverse=True):
        before = lines[first.lineno - 1][: first.col_offset]
        after = lines[last.end_lineno - 1][last.end_col_offset :]
        made = f"({new})" if isinstance(first, ast.expr) else f"\n{before.decode()}".join(new.splitlines())
        lines[first.lineno - 1 : last.end_lineno] = [before + made.encode() + after]
    return b"".join(lines).decode()


def _places(text: str, old: str, new: str) -> Iterator[tuple[Any, Any]]:
    """The first and the last node of each piece of `text` that is `old`."""
    pattern, nodes = ast.parse(old).body, list(ast.walk(ast.parse(text)))
    lone, made = pattern[0], ast.parse(new).body
    if len(pattern) == len(made) == 1 and isinstance(lone, ast.Expr) and isinstance(made[0], ast.Expr):
        yield from ((node, node) for node in nodes if isinstance(node, ast.expr) and same(node, lone.value))
        return
    if isinstance(lone, ast.Assign) and isinstance(lone.targets[0], ast.Name):
        keyword = ast.keyword(lone.targets[0].id, lone.value)
        yield from ((node, node) for node in nodes if isinstance(node, ast.keyword) and same(node, keyword))
    for node in nodes:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            for at in range(len(block) if isinstance(block, list) else 0):
                part = block[at : at + len(pattern)]
                if len(part) == len(pattern) and all(map(same, part, pattern)):
                    yield part[0], part[-1]


def same(one: ast.AST, other: ast.AST) -> bool:
    """Alike, whether they are read or written."""
    return type(one) is type(other) and _dumped(one) == _dumped(other)


def _dumped(node: ast.AST) -> str:
    return ast.dump(node).replace("Store()", "Load()")
