"""Long delays, relays and pruning through the command line: exported, said, verified."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN, saved, tiny_model

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.report.delay_notes import delay_notes
from snnc.stages import TrainedModel
from snnc.verification.figures import histograms


def long_model() -> TrainedModel:
    """Kernel of 401: P = 5 is delay 400 - (200 + 5) = 195; the other delays of the layer are 198 .. 202."""
    return tiny_model(kernel_size=401, position=5, time_steps=220)


def manifest_of(artifact: Path) -> dict:
    return json.loads((artifact / MANIFEST).read_text())


def changes(artifact: Path) -> dict[str, dict]:
    return {row["name"]: row["changes"] for row in manifest_of(artifact)["provenance"]["passes"]}


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do not change it."""
    folder = tmp_path_factory.mktemp("relayed")
    arguments = ["export", saved(long_model(), folder), "-o", folder / "out", "--relays"]
    assert main([*map(str, arguments)]) == 0
    return folder / "out"


def test_without_the_flag_it_is_refused_with_the_cost(refused, tmp_path):
    message = refused("export", saved(long_model(), tmp_path), "-o", tmp_path / "out")
    assert (
        "hidden1, synapse 0 -> 0: the delay is 195 steps, the limit is 62 (26 synapses exceed it)" in message
    )
    assert "with --relays it fits and computes the same" in message
    assert "train with kernel_size <= 63" in message
    assert not (tmp_path / "out").exists()


def test_relays_are_exported_and_counted(relayed):
    graph = read_artifact(relayed).graph
    assert [one.name for one in graph.layers] == [
        "hidden1_relay1",
        "hidden1_relay2",
        "hidden1_relay3",
        "hidden1",
        "readout",
    ]
    assert max(one.max_delay for one in graph.layers) == 62
    # Of each of the 5 sources the delays lie within 62 steps of each other: one relay in each of 3 layers.
    assert changes(relayed)["legalise"] == {"layers_added": 3, "neurons_added": 15, "synapses_added": 15}
    assert manifest_of(relayed)["provenance"]["options"]["relays"] is True


def test_relays_are_verified_end_to_end(relayed, tmp_path):
    arguments = [
        "verify",
        str(relayed),
        *ON_GOLDEN,
        "--executors",
        "oracle,hwsim",
    ]
    assert main([*arguments, "-o", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["trusted"] is True
    # The picture shows the delays that were trained, not what relays leave of them.
    rows = {row["layer"]: row["delay_after"]["x"] for row in report["figures"]["histograms"]}
    assert list(rows) == ["hidden1", "readout"]
    assert rows["hidden1"] == [195, 198, 199, 200, 201, 202]


@pytest.mark.lava
def test_relays_are_verified_in_lava(relayed, tmp_path, capsys):
    arguments = ["verify", str(relayed), *ON_GOLDEN, "--executors", "lava-event"]
    assert main([*arguments, "-v", "-o", str(tmp_path)]) == 0
    assert "Bit-exact: torch = lava-event over 8 samples" in capsys.readouterr().out


def test_pruning_is_done_and_said(tmp_path, capsys):
    model, out = saved(tiny_model(), tmp_path), tmp_path / "out"
    arguments = ["export", str(model), "-o", str(out), "--prune", "0.5", "--prune-by", "lines"]
    assert main([*arguments, "--dump-after", "prune"]) == 0
    output = capsys.readouterr().out
    # 26 synapses of hidden1 (four of neuron 0 are 0) and 18 of the readout.
    assert changes(out)["prune"]["synapses"] == 44
    assert changes(out)["prune"]["synapses_removed"] == 22
    assert "pruned: 22 of 44 synapses and " in output
    assert read_artifact(out).manifest["provenance"]["synapses_pruned"] == {"hidden1": 13, "readout": 9}
    assert main(["export", str(model), "-o", str(tmp_path / "whole")]) == 0
    # Both are whole on one core, so that placement counted the same bytes by itself.
    ((of_whole,), (of_pruned,)) = (manifest_of(each)["placement"] for each in (tmp_path / "whole", out))
    bytes_of = [each["use"]["synapse_bytes"][0] for each in (of_whole, of_pruned)]
    assert f"; synapse bytes {bytes_of[0]} → {bytes_of[1]} (" in output
    rows = {row["layer"]: row for row in histograms(read_artifact(out))}
    assert [rows[name]["pruned"] for name in ("hidden1", "readout")] == [13, 9]
    assert (tmp_path / "out.passes" / "prune.npz").exists()
    graph = read_artifact(out).graph
    assert [np.count_nonzero(one.weight) for one in graph.layers] == [13, 9]
    assert main(["verify", str(out), *ON_GOLDEN, "--executors", "oracle,hwsim"]) == 0


def test_nothing_is_pruned_unasked(tiny_artifact):
    assert changes(tiny_artifact)["prune"]["synapses_removed"] == 0
    assert manifest_of(tiny_artifact)["provenance"]["options"]["prune"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--prune", "1"], "--prune 1: the share must be at least 0 and less than 1"),
        (
            ["--prune-by", "lines"],
            "--prune-by lines: has no effect without --prune SHARE; give both",
        ),
        (
            ["--prune", "0.1", "--prune-by", "size"],
            "--prune-by size: no such rule; there are magnitude, lines",
        ),
    ],
)
def test_wrong_options(refused, tmp_path, options, message):
    assert message in refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def row(**values: int | str) -> dict:
    defaults = {"layer": "a", "longest": 5, "slots": 6, "slots_limit": 8, "neurons_per_core": 1024}
    return defaults | {"lines": 9, "delay_bits": 30, "factored_slots": 3, "factored_bits": 24} | values


def test_notes_by_hand():
    passes = [
        {
            "name": "prune",
            "changes": {
                "synapses": 9,
                "synapses_removed": 4,
                "lines": 8,
                "lines_removed": 3,
                "neurons_cut_off": 1,
            },
        },
        {"name": "legalise", "changes": {"layers_added": 2, "neurons_added": 7, "synapses_added": 7}},
    ]
    rows = [
        row(),
        row(layer="b", longest=20, slots=21, neurons_per_core=256, factored_slots=5, factored_bits=40),
    ]
    record = {"passes": passes, "options": {"prune": 0.5}}
    assert list(delay_notes({"provenance": record, "delays": rows})) == [
        "pruned: 4 of 9 synapses and 3 of 8 (source, delay) lines; neurons left without a synapse: 1",
        "relays: 7 neurons, 7 synapses, 2 layers, for delays beyond the limit",
        "delays: up to 20 steps, 21 of 8 slots of each neuron",
        "b: 21 slots, 8 are sure; a core holds 256 neurons then (estimate)",
    ]


def test_what_pruning_saved_is_said_of_a_chip_alone():
    """By hand: 42 of 22776 bytes are 0.18 %."""
    counts = {"synapses": 9, "synapses_removed": 4, "lines": 8, "lines_removed": 3, "neurons_cut_off": 1}
    counts |= {"chip_synapse_bytes": 22776, "chip_synapse_bytes_removed": 42}
    passes = [
        {"name": "prune", "changes": counts},
        {"name": "legalise", "changes": {"layers_added": 0}},
    ]
    manifest = {"provenance": {"passes": passes, "options": {"prune": 0.3}}, "delays": [row()]}
    said = "; synapse bytes 22776 → 22734 (−0.2 %), each layer whole on one core"
    assert next(delay_notes(manifest)).endswith(f"without a synapse: 1{said}")
    assert next(delay_notes(manifest, chip=False)).endswith("without a synapse: 1")


def test_a_search_that_prunes_nothing_says_so():
    passes = [
        {"name": "prune", "changes": {"synapses_removed": 0}},
        {"name": "legalise", "changes": {"layers_added": 0}},
    ]
    for share, first in ((None, "pruned: nothing; "), (0.0, "delays: ")):
        record = {"passes": passes, "options": {"prune": share}}
        assert next(delay_notes({"provenance": record, "delays": [row()]})).startswith(first)
