"""Passes are data: one list, of which everything runs a part; each pass is a file of its own."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re

import pytest
from imports import named, sources
from places import ROOT

from snnc.exporter.passes import PASSES
from snnc.exporter.passes.base import Pass
from snnc.report.glossary import STEPS


def names_of(kinds):
    return {kind.__name__ for kind in kinds}


def several_passes(source: str, names: set[str]) -> list[str]:
    """Where a file lists passes, or runs more than one by itself: a second pipeline."""
    found, calls = [], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            inside = [one.id for one in node.elts if isinstance(one, ast.Name) and one.id in names]
            found += [f"line {node.lineno}: lists {inside}"] * (len(inside) > 1)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            calls.add(node.func.id)
    return found + [f"makes {sorted(calls)}"] * (len(calls) > 1)


def test_passes_is_the_only_list_of_passes():
    """What needs several passes runs a part of `PASSES`, so no copy can drift."""
    modules = sources()
    defined = {
        kind
        for module in modules
        if module.startswith("snnc.exporter.passes")
        for kind in vars(importlib.import_module(module)).values()
        if isinstance(kind, type) and issubclass(kind, Pass) and kind is not Pass
    }
    assert not defined - {*PASSES}, "a pass has its place in PASSES of exporter/passes/__init__.py"
    assert defined == {*PASSES}
    assert len({kind.name for kind in PASSES}) == len(PASSES)
    for module, text in modules.items():
        if module != "snnc.exporter.passes":
            assert not several_passes(text, names_of(PASSES)), module
    assert several_passes("x = Prune((0.1,)).run(Quantise(s, b).run(g))", names_of(PASSES))
    assert several_passes("for kind in (Prune, WholeBias): pass", names_of(PASSES))


@pytest.mark.parametrize("kind", PASSES, ids=lambda kind: kind.name)
def test_a_pass_is_a_frozen_dataclass_in_a_file_of_its_own(kind):
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__module__ == f"snnc.exporter.passes.{kind.name}"


def test_the_report_says_what_each_step_of_the_loss_budget_is():
    steps = {kind.result for kind in PASSES} - {""}
    assert "pruned" in steps
    assert not steps - STEPS.keys(), (
        "the `result` of a pass has its words in STEPS of snnc/report/glossary.py"
    )


def called(function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    """Functions that it reaches: of its module, imported ones, and those of `snnc.quantisation`."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("snnc.")
        for alias in node.names
        if alias.name.islower()  # else a class or a constant
    }
    found, waiting = set(), [function]
    while waiting:
        for node in ast.walk(waiting.pop()):
            name = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
            if name.startswith("quantisation.") or name in imported - {"quantisation"}:
                found.add(name)
            elif name in functions and name not in found:
                found.add(name)
                waiting.append(functions[name])
    return found


@pytest.mark.parametrize("kind", PASSES, ids=lambda kind: kind.name)
def test_the_check_of_a_pass_calls_nothing_that_the_pass_calls(kind):
    source = (ROOT / f"exporter/passes/{kind.name}.py").read_text()
    both = shared(source, kind.__name__)
    assert not both, f"{kind.name}: `run` and `check` call it; a fault in it would not be found"


def shared(source: str, name: str) -> set[str]:
    """What both `run` and `check` of the class `name` call."""
    tree = ast.parse(source)
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    methods = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    run, check = (called(methods[each], tree) for each in ("run", "check"))
    return run & check | {"run"} & set(re.findall(r"self\.(run)\b", ast.unparse(methods["check"])))


@pytest.mark.parametrize(
    ("imported", "call"),
    [
        ("from snnc.quantisation import weight_integers", "weight_integers(a)"),
        ("from snnc import quantisation", "quantisation.weight_integers(a)"),
        ("def helper(a):\n    return a", "helper(a)"),
    ],
)
def test_a_shared_function_is_seen(imported, call):
    source = f"{imported}\nclass A:\n    def run(self, a):\n        return {call}\n"
    assert shared(source + f"    def check(self, a, b):\n        assert {call} == b\n", "A")
    assert not shared(source + "    def check(self, a, b):\n        assert b\n", "A")


def test_checks_beside_call_none_of_the_choice():
    for name in ("check_scales", "promises"):
        text = sources()[f"snnc.exporter.passes.{name}"]
        chosen = {
            one for one in named(text) if one.startswith(("snnc.quantisation.", "snnc.exporter.choose"))
        }
        assert not [one for one in chosen if one.rpartition(".")[2].islower()], (
            "functions; data may be shared"
        )
