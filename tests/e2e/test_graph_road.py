"""A graph that is no chain, from Python to Lava: docs/graphs.md is followed from top to bottom."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from doc_pages import arguments, blocks

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

PAGE = [block for block in blocks() if block.page == "docs/graphs.md"]
RUN = ("oracle", "hwsim", "lava-event", "onnxruntime", "onnx-reference", "c")


@pytest.mark.lava
def test_the_page_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    spikes = np.random.default_rng(0).random((4, 60, 40)) < 0.1
    np.savez("spikes.npz", spikes=spikes.astype(np.uint8))
    (network,) = [block for block in PAGE if block.language == "python"]
    exec(compile(network.text, "docs/graphs.md", "exec"), {})
    for line in (line for block in PAGE for line in block.shell):
        shorter = ["--executors", "oracle", "--generated", "0"] if " verify " in line else []
        assert main([*arguments(line), *shorter]) == 0, line
    said = capsys.readouterr().out
    assert "memory -> memory: 4062 synapses, delays 1 to 30, recurrent" in said
    assert "+ BIT-EXACT   2 executors, " in said
    assert sum(line.startswith("sample ") for line in said.splitlines()) == 4
    assert read_artifact(tmp_path / "words.loihi").graph == read_artifact(tmp_path / "words.c").graph

    assert main(["verify", "words.loihi", "--input", "spikes.npz", "--generated", "0"]) == 0
    report = json.loads(Path("words.loihi/report.json").read_text())
    ran = {each["name"]: each for each in report["executors"]}
    assert {ran[name]["rung"]["label"] for name in RUN} == {"bit-exact"}
    assert "LIFReset" in ran["lava-stock"]["skipped"]
    assert "RecurrentDense" in ran["netx"]["skipped"]
    page = Path("words.loihi/report.html").read_text()
    assert "memory to memory: 4062 synapses" in page
