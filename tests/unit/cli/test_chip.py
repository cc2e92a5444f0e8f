"""`snnc chip`: tables, JSON, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from models import saved, tiny_model

import snnc
from snnc.cli import main
from snnc.cli.counted_on import counted_on
from snnc.exporter.artifact import placed_program, read_artifact
from snnc.hwsim.event_driven import simulate
from snnc.targets.registry import load_target
from snnc.trainer.data import save_events_npz
from snnc.verification.chip import chip_inputs


def test_by_default_the_recordings_of_verify(digits_artifact, tmp_path, capsys):
    """One artifact has one time and energy, whichever command is asked with its defaults."""
    command = [
        "verify",
        str(digits_artifact),
        "--executors",
        "hwsim",
        "--generated",
        "0",
        "-o",
        str(tmp_path),
    ]
    assert main(command) == 0
    reported = json.loads((tmp_path / "report.json").read_text())
    capsys.readouterr()
    assert main(["chip", str(digits_artifact), "--json"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert "inputs: test, 20 samples" in captured.err.splitlines()
    assert (found["schema"], found["command"]) == (1, "chip")
    assert found["inputs"] == reported["chip_inputs"] == "test"
    same = ("latency", "energy", "samples", "costs")
    assert {name: found[name] for name in same} == {name: reported["chip"][name] for name in same}
    assert found["samples"] == 20


def test_golden_inputs_where_recordings_cannot_be_read(tiny_artifact, capsys):
    """The warning comes before the numbers, and never among JSON."""
    assert main(["chip", str(tiny_artifact)]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[0].startswith("note: time and energy are of 8 golden inputs, not of recordings: ")
    assert lines[0].endswith(": event data 'digits' has 140 units, the model reads 5")
    assert lines[1].startswith("note: golden inputs are made for tests, from silence to ")
    assert lines[1].endswith(" or less; --input FILE takes your recordings")
    assert any(line.startswith("on the chip: ") and line.endswith(")") for line in lines)
    assert any(
        line.startswith("busiest: core 0.0 holds neurons 0–5 of hidden1 and neurons ") for line in lines
    )
    assert any(line.startswith("with sanafe-loihi1: ") for line in lines)
    assert lines[-2].startswith("Estimates: ")
    assert lines[-1] == "inputs: golden, 8 samples"
    assert main(["chip", str(tiny_artifact), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["inputs"] == "golden"
    assert captured.err.startswith("note: time and energy are of 8 golden inputs")


def test_json_adds_up(tiny_artifact, tmp_path, capsys):
    spikes = (np.random.default_rng(1).random((3, 12, 5)) < 0.4).astype(np.uint8)
    np.savez(tmp_path / "spikes.npz", spikes=spikes)
    command = ["chip", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "--json"]
    assert main([*command, "--costs", "sanafe-loihi1"]) == 0
    found = json.loads(capsys.readouterr().out)
    artifact = read_artifact(tiny_artifact)
    graph = artifact.graph
    assert len(placed_program(artifact).cores) == 1
    counts = {row["name"]: row["count"] for row in found["operations"]}
    # Nine neurons in 12 + 2 steps of three samples; one message a spike, since there is one core.
    trace = simulate(graph, spikes)
    fired = int(trace.layers[0].spikes.sum())
    lines = int(spikes.sum())
    heard = (graph.layers[0].weight != 0).sum(axis=0), (graph.layers[1].weight != 0).sum(axis=0)
    assert counts["update_active"] + counts["update_inactive"] == 9 * 14 * 3
    assert counts["spike"] == fired
    assert counts["message"] + counts["injection"] == counts["delivery"] <= fired + lines
    synapses = (spikes.sum(axis=(0, 1)) * heard[0]).sum()
    synapses += (trace.layers[0].spikes.sum(axis=(0, 1)) * heard[1]).sum()
    assert counts["synapse_dense"] + counts["synapse_sparse"] == synapses
    costs = load_target("loihi").operation_costs("sanafe-loihi1")
    assert found["energy"] == sum(counts[name] * costs.energy[name] for name in counts)
    assert found["energy"] == sum(row["energy"] for row in found["operations"])
    assert [row["name"] for row in found["others"]] == ["loihi1", "loihi2"]
    assert found["barrier"] == 3 * 14 * 600_000
    assert found["latency"] > found["barrier"]
    assert (found["samples"], found["steps"]) == (3, 14)
    assert sum(found["step_times"]) == found["latency"]
    assert max(found["step_times"]) <= 3 * found["longest_step"]


def test_more_samples_than_a_block_are_the_sum_of_each(tiny_artifact, tmp_path, capsys):
    spikes = (np.random.default_rng(2).random((19, 12, 5)) < 0.3).astype(np.uint8)

    def latency(part) -> tuple[int, int]:
        np.savez(tmp_path / "spikes.npz", spikes=part)
        assert main(["chip", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        return found["latency"], found["energy"]

    whole = latency(spikes)
    parts = [latency(spikes[i : i + 1]) for i in range(19)]
    assert whole == tuple(map(sum, zip(*parts, strict=True)))


def test_what_is_refused(refused, tiny_artifact, tmp_path):
    assert "'loihi9' are unknown" in refused("chip", tiny_artifact, "--costs", "loihi9")
    assert "no such artifact" in refused("chip", tmp_path / "nothing")
    assert "a folder that snnc does not know" in refused("chip", saved(tiny_model(), tmp_path).parent)
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((1, 3, 5)))
    refused("chip", tiny_artifact, "-i", tmp_path / "spikes.npz")


def test_what_no_costs_are_known_of_is_refused_before_all_else(tmp_path, capsys):
    assert main(["export", str(saved(tiny_model(), tmp_path)), "-t", "c", "-o", str(tmp_path / "a.c")]) == 0
    capsys.readouterr()
    assert main(["chip", str(tmp_path / "a.c")]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith(f"snnc: {tmp_path / 'a.c'}: target c has no published costs")


def test_step_by_step(tiny_artifact, refused, capsys):
    assert main(["chip", str(tiny_artifact), "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    times, energy, longest = [0] * 14, 0, 0
    for sample in range(whole["samples"]):
        assert main(["chip", str(tiny_artifact), "--per-step", str(sample), "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["steps"]
        assert [row["step"] for row in rows] == list(range(14))
        times = [total + row["time"] for total, row in zip(times, rows, strict=True)]
        energy += sum(row["energy"] for row in rows)
        longest = max(longest, *(row["time"] for row in rows))
    assert (times, energy) == (whole["step_times"], whole["energy"])
    assert longest == whole["longest_step"]
    assert longest > max(row["time"] for row in rows)  # not simply of the last sample
    assert whole["cores"][0]["critical"] == 14 * whole["samples"]  # one core, and no link
    # Sample 0 of the golden inputs is silent: nine neurons take 5.3 ns each, or 8.4 ns with a bias.
    assert main(["chip", str(tiny_artifact), "--per-step", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if "neurons of core 0.0" in line]) == 14
    assert "161 ns" in next(line for line in lines if line.split()[:1] == ["0"])  # 9 * 5.3 + 113
    assert "there are 8 samples" in refused("chip", tiny_artifact, "--per-step", 8)


@pytest.mark.filterwarnings("ignore::snnc.errors.UnlikelyWarning")  # they are silent
def test_what_is_odd_about_other_recordings_is_kept_with_them(digits_artifact, tmp_path):
    """Their silence, which makes a program seem fast; and their name is that of the file."""
    artifact = read_artifact(digits_artifact)
    nothing = [np.zeros(0)] * 2
    data = snnc.from_events(
        nothing,
        [np.zeros(0, int)] * 2,
        [artifact.graph.readouts[0].class_names[0]] * 2,
        tick_s=1.0,
        lines=140,
    )
    save_events_npz(data, tmp_path / "own.npz")
    found = chip_inputs(artifact, str(tmp_path / "own.npz"))
    assert found.counted == "2 samples of own.npz"
    (note,) = found.notes
    assert "2 of 2 recordings have no event" in note
    assert counted_on(artifact, None, str(tmp_path / "own.npz")).notes == found.notes
