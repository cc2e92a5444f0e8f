"""Presets after publications of networks that are no chains: a small one trains, and its integers run."""

import re
from pathlib import Path

import numpy as np
import pytest
from published_files import shd, ssc

from snnc.exporter.passes.quantise_graph import quantise_graph
from snnc.hwsim import event_driven
from snnc.stages import TrainedGraph
from snnc.trainer import integer_model
from snnc.trainer.config import load_config, presets
from snnc.trainer.loop import train

BEFORE = {"digits", "shd", "ssc", "ssc3", "gsc"}
"""Chains, which `test_published_config.py` trains."""
PUBLISHED = [name for name in presets() if name not in BEFORE]
FILES = {"shd": shd, "ssc": ssc}
FOLDER = Path(__file__).parents[3] / "trainer" / "presets"


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_trains_and_its_integers_run(name, tmp_path):
    config = load_config(name)
    short = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0, "batch_size": 4, "time_steps": 30}
    small = {"hidden": [5] * len(config.hidden), "data_dir": str(FILES[config.dataset](tmp_path / "data"))}
    model = train(load_config(name, short | small))
    history = model.metrics["history"]
    assert len(history) == 1
    assert np.isfinite(history[0]["loss"])
    assert isinstance(model, TrainedGraph)
    graph = quantise_graph(model.graph, 8, per_neuron=False)
    assert len(graph.populations) == 2 + len(config.hidden)
    spikes = (np.random.default_rng(0).random((2, 30, 140)) < 0.2).astype(np.uint8)
    ours, other = integer_model.run_graph(graph, spikes), event_driven.run_graph(graph, spikes)
    for one, two in zip(ours.layers, other.layers, strict=True):
        assert np.array_equal(one.spikes, two.spikes)
        assert np.array_equal(one.v, two.v)


@pytest.mark.parametrize("name", sorted(set(presets()) - {"digits"}))
def test_every_number_says_where_it_is_from(name):
    for line in (FOLDER / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        assert len(line) <= 120
        field, is_field, value = line.partition(" = ")
        if is_field and field not in ("dataset", "seed") and not line.startswith("#"):
            assert re.search(r"# (paper|code|ours)\b", value), line
