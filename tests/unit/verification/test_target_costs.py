"""What `snnc targets --for` estimates before an export is what the export's own commands say after it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from models import saved, tiny_model

from snnc.cli import main


@pytest.fixture
def rows(tmp_path, capsys) -> dict[str, dict]:
    model = saved(tiny_model(), tmp_path)
    assert main(["targets", "--for", str(model), "--dataset", "none", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["inputs"] == "golden inputs"
    return {row["target"]: row for row in found["targets"]}


def test_time_and_energy_are_those_of_snnc_chip(rows, tmp_path, capsys) -> None:
    artifact = tmp_path / "net.loihi"
    assert main(["export", str(tmp_path / "model.pt"), "--no-budget", "-o", str(artifact)]) == 0
    capsys.readouterr()
    given = str(artifact / "golden.npz")
    assert main(["chip", str(artifact), "-i", given, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    row = rows["loihi"]
    assert row["latency_s"] == pytest.approx(found["latency"] / found["samples"] / 1e12)
    assert row["energy_j"] == pytest.approx(found["energy"] / found["samples"] / 1e15)
    assert row["basis"] == f"constants {found['costs']}"
    placed = json.loads((artifact / "manifest.json").read_text())["placement"]
    assert row["memory_bytes"] == sum(core["use"]["synapse_bytes"][0] for core in placed)


def test_memory_of_c_is_that_of_its_program(rows, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("CC", "nowhere")  # nothing is compiled: the sizes are counted
    assert main(["export", str(tmp_path / "model.pt"), "-t", "c", "--no-budget"]) == 0
    said = re.search(r"flash: (\d+) bytes of tables, RAM: (\d+) bytes of state", capsys.readouterr().out)
    assert said is not None
    assert rows["c"]["memory_bytes"] == sum(map(int, said.groups()))


def test_a_board_takes_cycles_at_its_clock(rows, tmp_path, capsys) -> None:
    """At most the bound that the export prints for the lanes of the board, and one at least for each step.

    The block RAMs are those that it prints, too.
    """
    for board, mhz in (("ulx3s", 75), ("icebreaker", 24), ("tangnano20k", 27)):
        row = rows[f"fpga {board}"]
        assert row["basis"] == f"{mhz} MHz"
        out = tmp_path / board
        model = str(tmp_path / "model.pt")
        assert main(["export", model, "-t", "fpga", "--board", board, "--no-budget", "-o", str(out)]) == 0
        printed = capsys.readouterr().out
        rams = re.search(r"(\d+) of (\d+) block RAMs", printed)
        assert row["memory_blocks"] == {"BRAM": [int(rams[1]), int(rams[2])]}
        said = re.search(r"cycles: bound of \d+ a step and (\d+) a sample \((\S+) ms at (\d+) MHz\)", printed)
        assert said is not None
        assert (float(said[2]), int(said[3])) == (pytest.approx(int(said[1]) / mhz / 1000, rel=0.01), mhz)
        steps = np.load(out / "golden.npz")["spikes"].shape[1]
        assert steps < row["latency_s"] * mhz * 1e6 <= int(said[1])
    assert rows["fpga"]["latency_s"] is None
    assert rows["fpga"]["memory_blocks"] == {}


def test_what_is_not_known_is_null(rows) -> None:
    for name in ("loihi1", "truenorth", "spinnaker2"):
        assert (rows[name]["latency_s"], rows[name]["energy_j"], rows[name]["memory_bytes"]) == (None,) * 3
        assert rows[name]["exportable"] is False
    assert rows["onnx"]["exportable"] is True
