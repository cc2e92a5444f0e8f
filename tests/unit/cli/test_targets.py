"""`snnc targets`: limits, and which chips hold a model."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chip_graphs import CHIPS
from lava_dl_files import as_file, cuba, dense
from models import digits_model, saved, tiny_model

from snnc.cli import main
from snnc.exporter.chip_check import graph_of
from snnc.exporter.nearest.run import nearest
from snnc.exporter.nir.importer import ImportOptions
from snnc.exporter.options import ExportOptions
from snnc.targets.registry import BUILT_IN, load_target
from snnc.targets.summary import SUMMARIES
from snnc.trainer.integer_model import run_graph
from snnc.trainer.samples import load_samples


def test_targets_for_a_model(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    model = saved(tiny_model(), tmp_path)
    assert main(["targets", "--for", str(model)]) == 0
    printed = capsys.readouterr().out
    top = [re.split(r" {2,}", line.strip()) for line in printed.split("\n\n")[0].splitlines()]
    found = {row[0]: row[1:4] for row in top if len(row) == 7}
    assert set(found) >= {"c", "loihi", *CHIPS}
    assert found["loihi"] == ["yes", "yes", "1 of 128"]
    assert found["c"] == ["yes", "yes", "-"]
    assert found["truenorth"] == ["no", "no", "-"]
    memory = {row[0]: row[6] for row in top if len(row) == 7}
    for board, most in (("ulx3s", 208), ("icebreaker", 30), ("tangnano20k", 46)):
        taken = re.fullmatch(rf"(\d+)/{most} BRAM", memory[f"fpga {board}"])
        assert f": {taken[1]} of {most} block RAMs" in printed
    lasts = "240 ms, 12 steps of 20.0 ms"
    assert f"latency: computing time; the steps of an input last {lasts}" in printed
    # What nobody can export to is never plainly said to fit.
    fits = {name: row[1] for name, row in found.items() if row[0] == "no" and row[1] != "no"}
    assert "spinnaker1" in fits
    assert set(fits.values()) == {"limits only"}
    last = printed.splitlines()[-2:]
    assert last[0].startswith(
        "limits only: within the published limits, with the changes above if there are any"
    )
    assert last[1] == f"next: snnc export {model} --target TARGET"
    below = printed[printed.index("\nfpga ulx3s\n") :].splitlines()
    nearest = next(place for place, line in enumerate(below) if "the nearest network" in line)
    marks = ("  change: ", "  does not fit: ")
    assert all(line.startswith(marks) for line in below[below.index("truenorth") + 1 : nearest])
    head = printed.splitlines()[0]
    counted = "; a row counts the relays that its target needs:"
    assert head == f"{model} in 8-bit weights (a file of integers keeps its own){counted}"
    assert all(len(line) <= 200 for line in below[:nearest])
    assert main(["targets", "--weight-bits", "4"]) == 2
    assert main(["targets", "--dataset", "none"]) == 2


def test_a_target_is_listed_with_its_limits(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    for chip in (*CHIPS, "c"):
        assert main(["targets", chip]) == 0
        said = capsys.readouterr().out
        assert f"{chip}: {load_target(chip).description}" in said
        assert ("Merolla 2014: delays of 1 .. 15 ticks" in said) == (chip == "truenorth")


def test_all_are_listed_in_a_line_each(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["targets"]) == 0
    head, *rows, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["target", "what", "it", "is", "proved", "snnc", "..."]
    assert [row.split()[0] for row in rows] == list(SUMMARIES)
    assert all(len(row) <= 80 for row in (head, *rows, last))
    for row in rows:
        name = row.split()[0]
        does = "export" if load_target(name).emit else "check"
        assert row.endswith(f"  {does} MODEL -t {name}")
        assert ("limits only" in row) == (does == "check")
    assert last == "next: snnc targets NAME  # its limits; snnc targets --for MODEL tells which fit"


def test_every_target_has_its_line() -> None:
    assert SUMMARIES.keys() == BUILT_IN.keys()
    for name, summary in SUMMARIES.items():
        assert summary.exportable == (load_target(name).emit is not None)


def test_a_target_that_nobody_knows(refused) -> None:
    assert "target 'lohi' is unknown (did you mean 'loihi'?)" in refused("targets", "lohi")
    assert "leave one of them out" in refused("targets", "loihi", "--for", __file__)


def nearest_of(printed: str, chip: str) -> tuple[list[list[str]], str]:
    """The rows of the nearest network of `chip`, without their title, and all text from it on."""
    text = printed[printed.index(f"{chip}: the nearest network") :]
    table = [line for line in text.splitlines()[1:] if re.search(r"\S {2,}\S", line)]
    return [re.split(r" {2,}", line.strip()) for line in table], text


def test_the_nearest_networks_of_a_trained_model(tmp_path, capsys, monkeypatch) -> None:
    """The counts are what the integer PyTorch model decodes of the shipped digits' validation recordings."""
    monkeypatch.setenv("COLUMNS", "220")
    path = saved(digits_model(), tmp_path)
    assert main(["targets", "--for", str(path)]) == 0
    (head, *rows), text = nearest_of(capsys.readouterr().out, "seneca")
    assert head == ["limit", "what it changes", "right"]
    assert [row[0] for row in rows[:2]] == ["integers, as exported", "one delay a source"]
    graph = graph_of(path, ExportOptions(), ImportOptions())
    found = nearest(graph, load_target("seneca"))
    assert found is not None
    samples = load_samples(digits_model(), "validation")
    spikes, labels = samples.pick(len(samples))
    for of, row in zip((graph, found.graph), rows, strict=False):
        v = run_graph(of, spikes).layers[-1].v * graph.readout_scale
        shares = np.exp(v - v.max(axis=2, keepdims=True))
        decoded = (shares / shares.sum(axis=2, keepdims=True)).sum(axis=1).argmax(axis=1)
        assert int(row[2].split()[0]) == int((decoded == labels).sum())
    count = len(samples)
    assert f"right: of {count} of {count} recordings (validation), in the event-driven simulator" in text
    assert "estimate: this network was not trained so, and nothing can be exported to seneca" in text
    assert "\nsnnc train digits --epochs 1 --set delays_of=axon --set padding_steps=0 " in text
    assert f" -o {path.parent}/model-seneca.pt\n" in text


def test_the_nearest_network_without_a_measurement(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "220")
    path = saved(digits_model(), tmp_path)
    assert main(["targets", "--for", str(path), "--dataset", "none"]) == 0
    (head, *rows), text = nearest_of(capsys.readouterr().out, "truenorth")
    assert head == ["limit", "what it changes"]
    limits = ["integers, as exported", "4 weights a neuron", "no leak that multiplies", "one delay a source"]
    assert [row[0] for row in rows[:4]] == limits
    assert "accuracy: not measured: --dataset none" in text
    assert "this nearest network and the limits of truenorth: fits" in text
    assert f" -o {path.parent}/model-truenorth.pt\n" in text
    (command,) = (line for line in text.splitlines() if line.endswith("model-truenorth.pt"))
    assert "--set kernel_size=13 --set tau=10000 " in command  # shorter than the chip's delays already
    assert "--set 'weight_bits=[2]' " in command


@pytest.mark.parametrize(
    ("dataset", "data"),
    [
        ("my own.npz", "digits --dataset 'my own.npz' --dt 0.02"),
        ("a.H5", "digits --dataset a.H5 --dt 0.02"),
        ("ssc", "digits --dataset ssc --dt 0.02"),
        ("gone", "digits --dataset DATA --dt 0.02"),
        (None, "DATA --set"),  # a configuration of no data is none
    ],
)
def test_training_with_the_limits_is_told_with_the_data_of_the_model(
    tmp_path: Path, capsys, dataset: str | None, data: str
) -> None:
    model = digits_model()
    config = {name: value for name, value in model.config.items() if name != "dataset"}
    path = saved(replace(model, config=config | ({"dataset": dataset} if dataset else {})), tmp_path)
    assert main(["targets", "--for", str(path), "--dataset", "none"]) == 0
    printed = capsys.readouterr().out
    assert f"\nsnnc train {data} " in printed
    said = "(DATA: the file of its recordings, which it does not name)" in " ".join(printed.split())
    assert said == (dataset == "gone")


def test_recordings_of_a_user_for_integers_of_a_file(digits_artifact: Path, tmp_path, capsys, monkeypatch):
    """A NIR file names no data; unlabelled, what the integers decode stands for the labels."""
    monkeypatch.setenv("COLUMNS", "220")
    path = digits_artifact / "graph.nir"
    assert main(["targets", "--for", str(path)]) == 0
    text = nearest_of(capsys.readouterr().out, "seneca")[1]
    assert "accuracy: not measured:" in text
    assert "how this network was trained is not known here; with the settings that `snnc train` takes" in text
    assert f"\nsnnc train DATA --set delays_of=axon -o {path.parent}/graph-seneca.pt\n" in text
    assert "names no recordings of its own; give --dataset FILE, an npz with `spikes`" in text
    steps = graph_of(path, ExportOptions(), ImportOptions()).time_steps
    spikes = (np.random.default_rng(2).random((5, steps, 140)) < 0.1).astype(np.uint8)
    np.savez(tmp_path / "mine.npz", spikes=spikes)
    assert main(["targets", "--for", str(path), "--dataset", str(tmp_path / "mine.npz")]) == 0
    (head, first, *_), text = nearest_of(capsys.readouterr().out, "seneca")
    assert head[2] == "as before"
    assert first[2] == "5 (100.00 %)"
    assert "decoded as by the integers before: of 5 of 5 recordings (given, unlabelled)" in text


@pytest.mark.parametrize("dataset", ["absent.npz", "shd"])
def test_recordings_that_cannot_be_read(dataset: str, tmp_path, capsys) -> None:
    path = saved(digits_model(), tmp_path)
    assert main(["targets", "--for", str(path), "--dataset", dataset]) == 2
    assert dataset in capsys.readouterr().err


def test_nothing_is_exported_for_the_nearest(tmp_path, capsys) -> None:
    path = saved(digits_model(), tmp_path)
    assert main(["export", str(path), "--target", "truenorth", "-o", str(tmp_path / "out")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "nothing can be exported for it yet" in said
    assert f"`snnc targets --for {path}` which is nearest, where known" in said
    assert not (tmp_path / "out").exists()


def test_payloads_of_a_lava_dl_file_whose_input_has_neurons(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    values = {"type": b"input", "shape": [2], "neuron": cuba(vThMant=9)}
    path = tmp_path / "values.net"
    path.write_bytes(as_file([values, dense([[2, 4]], cuba())]))
    read = [str(path), "--dt", "0.002", "--time-steps", "5"]
    assert main(["targets", "--for", *read]) == 2
    assert "pass --payload-max N, 2 .. 255" in capsys.readouterr().err
    assert main(["check", "--target", "seneca", *read, "--payload-max", "200"]) == 0
    line = next(each for each in capsys.readouterr().out.splitlines() if each.startswith("next: "))
    typed = shlex.split(line.removeprefix("next: snnc "))
    assert typed == ["targets", "--for", str(path), "--payload-max", "200", *read[1:]]
    assert main([*typed, "--dataset", "none"]) == 0
    printed = capsys.readouterr().out
    assert "input: payloads of up to 200, the limit is 1; use smaller ones, or several lines" in printed
    assert printed.splitlines()[-1] == (
        f"next: snnc export {path} --target TARGET --payload-max 200 --dt 0.002 --time-steps 5"
    )


def test_the_comparison_after_a_check_is_of_the_same_network(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    model = saved(digits_model(), tmp_path)
    options = ["--weight-bits", "4", "--prune", "0.25", "--payload-max", "3"]
    assert main(["check", str(model), "--target", "truenorth", *options]) == 1
    line = next(each for each in capsys.readouterr().out.splitlines() if each.startswith("next: "))
    assert line == f"next: snnc targets --for {model} {' '.join(options)}"
    results = [tmp_path / "pruned.json", tmp_path / "whole.json"]
    typed = ["targets", "--for", str(model), "--dataset", "none"]
    assert main([*typed, *options, "--json", str(results[0])]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{model} in 4-bit weights (a file of integers keeps its own), without 0.25 of")
    assert printed.splitlines()[-1] == f"next: snnc export {model} --target TARGET {' '.join(options)}"
    assert main([*typed, *options[:2], *options[4:], "--json", str(results[1])]) == 0
    bytes_of = []
    for path in results:
        rows = {each["target"]: each for each in json.loads(path.read_text())["targets"]}
        bytes_of.append(rows["loihi"]["memory_bytes"])
    assert bytes_of[0] < bytes_of[1]
    assert main([*typed, "--prune", "1.5"]) == 2
    assert "prune 1.5" in capsys.readouterr().err
