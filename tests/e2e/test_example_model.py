"""The trained network in examples/: it exports to 8 and 4 bits, bit-exact, as good as its README says."""

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


@pytest.fixture(scope="module", params=[8, 4])
def artifact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("example") / f"int{request.param}.loihi"
    arguments = ["export", str(EXAMPLE / "model.pt"), "-o", str(out), "--weight-bits", str(request.param)]
    # Not beside the data: the export must work without.
    assert main(arguments) == 0
    return out


def test_the_files_belong_together() -> None:
    model = load_model(EXAMPLE / "model.pt")
    config = load_config(EXAMPLE / "train.toml", {"dataset": model.dataset})
    assert config.model_dump(mode="json") == dict(model.config)
    assert [layer.weight.shape for layer in model.layers] == [(256, 140), (256, 256), (20, 256)]
    assert (EXAMPLE / "model.pt").stat().st_size < 3_000_000
    last = [line for line in (EXAMPLE / "train.log").read_text().splitlines() if "best" in line][-1]
    assert f"{100 * model.metrics['validation']['int4_final']['accuracy']:.1f}%" in last


def test_whole_delays_and_integers_cost_little() -> None:
    """In validation, as training measured it: at most 1 point with 8 bits, 2 with 4."""
    steps = load_model(EXAMPLE / "model.pt").metrics["validation"]
    found = {name: step["accuracy"] for name, step in steps.items()}
    assert found["int8_final"] >= found["gaussian"] - 0.01
    assert found["int4_final"] >= found["gaussian"] - 0.02


@pytest.mark.slow
def test_executors_agree(artifact: Path) -> None:
    arguments = ["verify", str(artifact), "--dataset", "none", "--generated", "2"]
    assert main([*arguments, "--executors", "oracle,hwsim,onnx"]) == 0


@pytest.mark.lava
def test_lava_agrees(artifact: Path) -> None:
    assert main(["verify", str(artifact), *ON_GOLDEN, "--executors", "lava-event"]) == 0


def test_accuracies_of_the_readme(artifact: Path) -> None:
    exported = read_artifact(artifact)
    bits = exported.manifest["provenance"]["options"]["weight_bits"]
    rows = (EXAMPLE / "README.md").read_text().splitlines()
    (row,) = (row for row in rows if row.startswith(f"| **int{bits}**"))
    for split, told in zip(("validation", "test"), re.findall(r"(\d+\.\d+) %", row), strict=True):
        (data,) = accuracy.load_data(exported, str(real_data(HEIDELBERG)), (split,))
        found = [
            softmax.classes(readout(exported.graph, spikes), exported.graph.readout_scale) == labels
            for spikes, labels in data.batches()
        ]
        # Sums of floats in the decoding may differ in their last digits on another machine.
        assert 100 * np.concatenate(found).mean() == pytest.approx(float(told), abs=0.1)
