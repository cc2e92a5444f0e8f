"""What `snnc export` prints: the verdict first, then losses, facts, tables with -v; the next command last."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from order_task import config, order_task

from snnc.cli import main
from snnc.cli.console import out
from snnc.cli.export_summary import print_export
from snnc.exporter.artifact import read_artifact
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return saved(tiny_model(), tmp_path)


def exported(model: Path, capsys: pytest.CaptureFixture[str], *options: object) -> list[str]:
    """Lines that an export prints."""
    assert main(["export", str(model), "--no-budget", *map(str, options)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out.splitlines()


def test_the_verdict_is_first_and_the_next_command_last(model: Path, capsys) -> None:
    artifact = model.with_suffix(".loihi")
    first, *lines, last = exported(model, capsys)
    proof = r"proved free of overflow for every input, with \d+\.\d\d bits of headroom"
    assert re.fullmatch(rf"\+ EXPORTED   {artifact} for loihi, {proof}", first)
    assert last == f"next: snnc verify {artifact}"
    assert [line.split()[0] for line in lines] == ["network", "weights", "delays", "fits", "cost"]
    assert lines[0] == "network   2 layers, 5 input lines, 12 steps of 20 ms"
    assert lines[3].startswith("fits      1 of 128 cores; the fullest uses ")


def test_details_add_the_tables_and_take_nothing_away(model: Path, capsys) -> None:
    short = exported(model, capsys)
    more = exported(model, capsys, "-v")
    assert more[: len(short) - 1] + more[-1:] == short
    assert "cores, used / max:" in more
    assert not any("spikes between" in line for line in more)  # all is on one core
    assert not any("used / max" in line for line in short)


def test_quiet_leaves_the_path(model: Path, capsys, tmp_path: Path) -> None:
    assert exported(model, capsys, "-q", "-o", tmp_path / "net") == [str(tmp_path / "net")]
    assert exported(model, capsys, "-q", "-v", "-o", tmp_path / "net") == [str(tmp_path / "net")]


def test_quiet_with_the_result_on_stdout_keeps_it_whole(model: Path, capsys, tmp_path: Path) -> None:
    command = ["export", str(model), "--no-budget", "-q", "-o", str(tmp_path / "net"), "--json", "-"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["artifact"] == str(tmp_path / "net")
    assert said.err == f"{tmp_path / 'net'}\n"


def test_what_was_lost_is_told_without_details(model: Path, capsys, tmp_path: Path) -> None:
    command = ["-o", tmp_path / "net", "--prune", "0.34", "--nir-delays", "metadata"]
    lines = exported(model, capsys, *command)
    (pruned,) = (line for line in lines if line.startswith("  pruned: "))
    assert int(pruned.split()[1]) > 0
    assert any(line.startswith("  warning: graph.nir has its delays in the metadata") for line in lines)


def test_a_network_that_may_saturate_is_marked(capsys, tmp_path: Path) -> None:
    # 1100 inputs of weight 127: u can reach 1100 * 127 * 64 = 8940800 > 2^23.
    tiny, wide = tiny_model(), np.ones((6, 1100), np.float32)
    hidden = replace(tiny.layers[0], weight=wide, position=np.zeros_like(wide), batch_norm=None)
    model = saved(replace(tiny, layers=(hidden, tiny.layers[1])), tmp_path)
    first = exported(model, capsys, "--allow-saturation")[0]
    said = "for loihi, not proved: MAY SATURATE; runs count how often"
    assert first == f"! EXPORTED   {model.with_suffix('.loihi')} {said}"


def test_lines_end_before_the_width_of_a_terminal(model: Path, capsys) -> None:
    exported(model, capsys, "-t", "c")
    console = out()
    console.file, console.width, console._force_terminal = io.StringIO(), 60, True
    print_export(read_artifact(model.with_suffix(".c")), console, ["a note " * 20])
    lines = re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue()).splitlines()
    assert lines[0].startswith("+ EXPORTED   ")
    assert all(len(line) <= 60 for line in lines if str(model.parent) not in line)
    assert sum("a note" in line for line in lines) > 1


def test_what_a_pass_changed_in_a_chain_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A weight step is 64 units of v, so other biases are rounded; nothing is said where none was."""
    command = ["export", str(saved(tiny_model(), tmp_path)), "--target", "c", "--no-budget"]
    assert main([*command, "-o", str(tmp_path / "fine")]) == 0
    assert "whole_bias: " not in capsys.readouterr().out
    layers = read_artifact(tmp_path / "fine").graph.layers
    moved = sum(int(np.count_nonzero(layer.bias % 64)) for layer in layers)
    assert moved > 0
    assert main([*command, "-o", str(tmp_path / "whole"), "--whole-bias"]) == 0
    said = capsys.readouterr().out
    assert f"\n  whole_bias: biases rounded: {moved}\n" in said
    for name in ("discretise", "quantise", "prune", "legalise", "place"):
        assert f"\n  {name}: " not in said


def test_the_work_of_a_sample_is_of_data_beside_the_model(tmp_path: Path, capsys, monkeypatch) -> None:
    """Whose path, as training had it, leads nowhere from here."""
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    save_events_npz(order_task(40), "train.npz")
    told = config(dataset="train.npz", epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), "m.pt")
    monkeypatch.chdir(tmp_path / "here")
    lines = exported(tmp_path / "there/m.pt", capsys, "-t", "c", "-o", "m.c")
    (work,) = (line for line in lines if "synaptic events" in line)
    assert re.search(r"\(counted; mean of \d+ samples of test", work)
    assert not any("golden" in line for line in lines)
