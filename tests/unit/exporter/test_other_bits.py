"""An export in other bits than training finished names those, and is silent where they are not exported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trained_graphs
from models import saved, tiny_model

import snnc
from snnc.cli import main
from snnc.exporter.other_bits import finished_bits
from snnc.exporter.passes.discretise import Discretise
from snnc.targets.registry import load_target

TOLD = "training finished this network in integers of 4 bits; "


def finished(*bits, **metrics):
    model = tiny_model()
    whole = Discretise().run(model).layers
    layers = tuple(replace(each, weight=np.rint(each.weight * 2) / 2, scale=2.0) for each in whole)
    return replace(model, quantised=dict.fromkeys(bits, layers), metrics={**model.metrics, **metrics})


@pytest.mark.parametrize(
    ("bits", "options", "told"),
    [
        ((4,), (), True),
        ((4,), ("--weight-bits", "6"), True),
        ((4,), ("--weight-bits", "4"), False),
        ((4,), ("--scale", "mse"), False),
        ((4,), ("--power-of-two",), False),
        ((8,), ("--weight-bits", "6"), False),
        ((4, 8), (), False),
        ((), (), False),
    ],
)
def test_of_a_command(bits, options, told, tmp_path, capsys):
    file = saved(finished(*bits), tmp_path)
    command = ["export", str(file), "--target", "c", "--no-budget", "-o", str(tmp_path / "out")]
    assert main([*command, *options]) == 0
    assert (f"  note: {TOLD}--weight-bits 4 exports those\n" in capsys.readouterr().out) == told


def test_the_named_bits_are_those_of_training(tmp_path, capsys):
    network = snnc.load(saved(finished(4), tmp_path))
    rounded = network.export("c", tmp_path / "out", budget=False)
    assert f"note: {TOLD}weight_bits=4 exports those\n" in capsys.readouterr().out
    kept = network.export("c", tmp_path / "kept", budget=False, weight_bits=4)
    assert "note: training finished" not in capsys.readouterr().out
    of = (each.artifact.manifest["provenance"]["finished_in_training"] for each in (rounded, kept))
    assert list(map(bool, of)) == [False, True]


def test_several_bits_and_those_without_gain():
    provenance = {"options": {"scale": None, "power_of_two": False}, "weight_bits": {"a": 6, "b": 8}}
    target = load_target("c")
    told = "training finished this network in integers of 3 and 4 bits; --weight-bits 3 or 4 exports those"
    assert finished_bits(finished(3, 4), provenance, target) == told
    unmoved = {"history": [{"phase": "int3", "best": False}]}
    assert finished_bits(finished(3, 4, **unmoved), provenance, target).startswith(TOLD)
    assert not finished_bits(finished(3, **unmoved), provenance, target)
    assert not finished_bits(object(), provenance, target)


def test_of_a_graph_whose_grids_no_chip_takes():
    model = trained_graphs.trained()
    model = replace(model, quantised={4: model.graph}, config={**model.config, "grids_of": "neuron"})
    provenance = {"options": {"scale": None, "power_of_two": False}, "weight_bits": {"a": 8}}
    assert finished_bits(model, provenance, load_target("c")).startswith(TOLD)
    assert not finished_bits(model, provenance, load_target("loihi"))
