"""Every object that the package gives prints in a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from models import digits_model, exported
from report_examples import equal

import snnc
from snnc.api.loading import load

LIMIT = 300


def below(thing: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """All objects of snnc in `thing`, at any depth."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    if type(thing).__module__.partition(".")[0] == "snnc":
        yield thing
    parts: list[Any] = []
    if is_dataclass(thing):
        parts = [getattr(thing, each.name) for each in fields(thing)]
    elif isinstance(thing, Mapping):
        parts = list(thing.values())
    elif isinstance(thing, list | tuple):
        parts = list(thing)
    for part in parts:
        yield from below(part, seen)


@pytest.fixture(scope="module")
def objects(tmp_path_factory) -> list[Any]:
    import snntorch
    import torch
    from torch_networks import Loop

    artifact = load(exported(digits_model(), tmp_path_factory.mktemp("reprs")))
    steps, lines = artifact.graph.time_steps, artifact.graph.inputs
    x = np.zeros((2, steps, lines), np.uint8)
    x[:, ::7, ::5] = 1
    torch.manual_seed(1)
    layers = [torch.nn.Linear(8, 3), snntorch.Leaky(0.9, init_hidden=True)]
    step = torch.nn.Sequential(*layers)
    module = snnc.from_torch(Loop(step), (torch.rand(12, 4, 8) < 0.3).float(), dt=1e-3, verbose=False)
    run = artifact.run(x)
    return [
        module,
        snnc.Network(digits_model(), "digits"),
        artifact,
        artifact.verify(x, ["hwsim"], generated=4),
        run,
        run["hidden1"],
        run.plot_spikes(),
        snnc.load_data("digits"),
        equal(),
    ]


def test_every_object_prints_in_a_line(objects) -> None:
    seen: dict[int, Any] = {}
    found = [each for thing in objects for each in below(thing, seen)]
    kinds = {type(each).__name__ for each in found}
    assert {"Artifact", "FloatGraph", "Network", "PlacedProgram", "QuantizedGraph", "Report", "Run"} <= kinds
    assert {"ChipEstimate", "Recordings", "Picture", "Population", "Trace", "TrainedModel"} <= kinds
    assert len(kinds) > 30
    long = {type(each).__name__: text for each in found if len(text := repr(each)) >= LIMIT or "\n" in text}
    assert long == {}


def test_what_is_shown_in_a_notebook_is_bounded(objects) -> None:
    shown = [each for each in objects if hasattr(each, "_repr_html_")]
    assert len(shown) == 7
    for each in shown:
        assert 50 < len(each._repr_html_()) < 100_000
