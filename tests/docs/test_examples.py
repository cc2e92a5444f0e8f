"""The reference of Python, docs/api.md: its names exist, each function has an example, and all are run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from typing import Any

import numpy as np
import pytest
import torch
from checkpoints import delays
from doc_pages import blocks
from models import tiny_model
from order_task import order_task
from places import ROOT
from report_examples import different

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell
from snnc.trainer.data import save_events_npz
from snnc.trainer.model_file import save_model

PAGE = (ROOT / "docs/api.md").read_text()
NAMES = re.findall(r"^::: ([\w.]+)$", PAGE, re.MULTILINE)
CODE = [block for block in blocks() if block.page == "docs/api.md"]


def found(name: str) -> Any:
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def methods(kind: type) -> list[tuple[str, Any]]:
    """Public functions of a class, its parents' too."""
    return [pair for pair in inspect.getmembers(kind, inspect.isfunction) if not pair[0].startswith("_")]


def test_every_name_of_the_package_is_there() -> None:
    assert {f"snnc.{name}" for name in snnc.__all__} - {"snnc.SnncError"} == {
        name for name in NAMES if name.count(".") == 1
    }
    for name in NAMES:
        assert inspect.getdoc(found(name)), name


def test_each_function_has_an_example() -> None:
    """In its docstring, or below it in the page."""
    without = []
    for part in re.split(r"^::: ", PAGE, flags=re.MULTILINE)[1:]:
        name, _, rest = part.partition("\n")
        thing = found(name)
        if inspect.isfunction(thing) and ">>> " not in (inspect.getdoc(thing) or ""):
            text = re.split(r"^#", rest, flags=re.MULTILINE)[0].strip()
            without += [] if text else [name]
        elif inspect.isclass(thing) and name.count(".") == 1:
            own = [each for each in methods(thing) if each[1].__module__.startswith("snnc.api")]
            without += [f"{name}.{each}" for each, of in own if ">>> " not in (of.__doc__ or "")]
    assert without == []


def test_the_page_is_followed(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(tiny_model(), "model.pt")
    save_events_npz(order_task(6), "mine.npz")
    names: dict[str, Any] = {}
    for block in CODE:
        exec(compile(block.text, "docs/api.md", "exec"), names)
    assert all((tmp_path / name).exists() for name in ("copy.pt", "copy.npz", "run.h5", "integers.loihi"))
    assert "(4, 12, " in capsys.readouterr().out


@pytest.fixture
def surroundings(tmp_path, monkeypatch) -> dict[str, Any]:
    """What examples in docstrings take for granted."""
    monkeypatch.chdir(tmp_path)
    page = next(block.text for block in blocks() if block.key == ("python.md", "import snntorch"))
    names: dict[str, Any] = {"np": np, "snnc": snnc, "Cell": Cell}
    exec(compile(page, "docs/python.md", "exec"), names)
    network = snnc.from_torch(names["module"], names["x"], dt=1e-3, verbose=False)
    exported = network.export("loihi", "net.loihi")
    network.export("c", "net.c")
    names |= {"network": network, "exported": exported, "run": exported.run(names["x"], layout="TNC")}
    x = np.zeros((60, 9, 4), np.uint8)
    x[1::2, :, 0] = 1
    recordings = snnc.from_arrays(x, np.arange(60) % 2, dt=0.002)
    settings = {"hidden": [4], "epochs": 1, "quantise_epochs": 0, "verbose": False}
    trained = snnc.train(recordings, **settings)
    measured = trained.export("loihi", "measured.loihi", data=recordings, budget=True)
    names |= {"recordings": recordings, "trained": trained, "other": measured.run(x)}
    verified = measured.verify(data=recordings, executors="hwsim", generated=0, verbose=False)
    names |= {"verified": verified, "measured": verified, "wrong": snnc.Verified(different(), tmp_path)}
    torch.save(delays(), "Best_ACC.pt")
    return names


def test_examples_in_docstrings_are_run(surroundings, monkeypatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda uri: True)
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    things = [found(name) for name in NAMES]
    functions = [(thing.__name__, thing) for thing in things if inspect.isfunction(thing)]
    kinds = [found(name) for name in NAMES if name.count(".") == 1]
    functions += [pair for kind in kinds if inspect.isclass(kind) for pair in methods(kind)]
    before, count = dict(CONVERTERS), 0
    try:
        for name, function in functions:
            names = dict(surroundings)
            for test in finder.find(function, name, globs=names):
                said: list[str] = []
                assert runner.run(test, out=said.append).failed == 0, "".join(said)
                count += len(test.examples)
    finally:
        CONVERTERS.clear()
        CONVERTERS.update(before)
    assert count > 40
