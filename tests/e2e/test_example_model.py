"""The trained networks in examples/: they export to 8 and 4 bits, bit-exact, as good as their README says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN
from places import EXAMPLES
from real_data import HEIDELBERG, real_data

from snnc.cli import main
from snnc.decoding import softmax
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.event_driven import readout
from snnc.trainer.config import load_config
from snnc.trainer.model_file import load_model
from snnc.verification import accuracy

EXAMPLE = EXAMPLES / "heidelberg"
RECIPES = {"model": "train", "sparse": "sparse"}
"""Names of the configuration and the log of each network."""
GENERATED = (("model", 8), ("sparse", 4))
"""Of each network and of each number of bits one."""


@pytest.fixture(scope="module", params=[(name, bits) for name in RECIPES for bits in (8, 4)], ids=str)
def artifact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name, bits = request.param
    out = tmp_path_factory.mktemp("example") / f"{name}.loihi"
    arguments = ["export", str(EXAMPLE / f"{name}.pt"), "-o", str(out), "--weight-bits", str(bits)]
    # Not beside the data: the export must work without.
    assert main(arguments) == 0
    return out


@pytest.mark.parametrize("name", RECIPES)
def test_the_files_belong_together(name: str) -> None:
    model = load_model(EXAMPLE / f"{name}.pt")
    config = load_config(EXAMPLE / f"{RECIPES[name]}.toml", {"dataset": model.dataset})
    assert config.model_dump(mode="json") == dict(model.config)
    assert [layer.weight.shape for layer in model.layers] == [(256, 140), (256, 256), (20, 256)]
    assert (EXAMPLE / f"{name}.pt").stat().st_size < 3_000_000
    log = (EXAMPLE / f"{RECIPES[name]}.log").read_text().splitlines()
    last = [line for line in log if "best" in line][-1]
    assert f"{100 * model.metrics['validation']['int4_final']['accuracy']:.1f}%" in last


def test_whole_delays_and_integers_cost_little() -> None:
    """In validation, as training measured it: at most 1 point with 8 bits, 2 with 4."""
    steps = load_model(EXAMPLE / "model.pt").metrics["validation"]
    found = {name: step["accuracy"] for name, step in steps.items()}
    assert found["int8_final"] >= found["gaussian"] - 0.01
    assert found["int4_final"] >= found["gaussian"] - 0.02


@pytest.mark.slow
def test_executors_agree(artifact: Path) -> None:
    """On golden vectors; those of `GENERATED` also on inputs that are generated, which takes longer."""
    bits = read_artifact(artifact).manifest["provenance"]["options"]["weight_bits"]
    generated = ["--dataset", "none", "--generated", "2"]
    inputs = generated if (artifact.stem, bits) in GENERATED else ON_GOLDEN
    assert main(["verify", str(artifact), *inputs, "--executors", "oracle,hwsim,onnx"]) == 0


@pytest.mark.lava
def test_lava_agrees(artifact: Path) -> None:
    assert main(["verify", str(artifact), *ON_GOLDEN, "--executors", "lava-event"]) == 0


def test_accuracies_of_the_readme(artifact: Path) -> None:
    """Of validation and test where speakers were held out to validate, else of the test speakers alone."""
    exported = read_artifact(artifact)
    bits = exported.manifest["provenance"]["options"]["weight_bits"]
    start = f"| **int{bits}**" + (", `sparse.pt`" if artifact.stem == "sparse" else ", finished")
    rows = (EXAMPLE / "README.md").read_text().splitlines()
    (row,) = (row for row in rows if row.startswith(start))
    parts = re.findall(r"(\d+\.\d+) %", row)
    for split, told in zip(("validation", "test")[-len(parts) :], parts, strict=True):
        (data,) = accuracy.load_data(exported, str(real_data(HEIDELBERG)), (split,))
        found = [
            softmax.classes(readout(exported.graph, spikes), exported.graph.readout_scale) == labels
            for spikes, labels in data.batches()
        ]
        # Sums of floats in the decoding may differ in their last digits on another machine.
        assert 100 * np.concatenate(found).mean() == pytest.approx(float(told), abs=0.1)


def test_the_synapses_left_in_the_sparse_network() -> None:
    layers = load_model(EXAMPLE / "sparse.pt").layers
    left = sum(np.count_nonzero(layer.weight) for layer in layers) / sum(
        layer.weight.size for layer in layers
    )
    (said,) = re.findall(r"with (\d+) % of the synapses", (EXAMPLE / "README.md").read_text())
    assert round(100 * left) == int(said)
