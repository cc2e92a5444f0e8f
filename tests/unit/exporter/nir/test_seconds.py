"""Delays and time constants of a file are seconds, as `docs/nir-delay-proposal.md` says, with its numbers."""

from __future__ import annotations

from dataclasses import replace

import nir
import numpy as np
from models import saved, tiny_model
from places import ROOT

import snnc


def test_delay_and_tau_are_in_seconds(tmp_path):
    model = tiny_model()
    layers = tuple(replace(each, tau=2.0) for each in model.layers)
    model = replace(model, layers=layers, bin_s=0.02)
    exported = snnc.load(saved(model, tmp_path)).export("c", tmp_path / "net.c", budget=False)
    nodes = nir.read(tmp_path / "net.c" / "graph.nir").nodes
    steps = exported.graph.layers[0].delay.max()
    assert nodes["hidden1_delay"].delay.max() == np.float64(steps * 0.02)
    assert np.allclose(nodes["hidden1_neuron"].tau, 0.04)
    said = " ".join((ROOT / "docs" / "nir-delay-proposal.md").read_text().split())
    assert "with a step of 0.02 s, a delay of 4 steps is 0.08 and a tau of 2 steps is 0.04" in said
    assert (steps * 0.02, 2 * 0.02) == (0.08, 0.04)
