"""The snippet of docs/other_rtl.md, which makes a trace of what a simulation prints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from doc_pages import blocks
from fpga_cores import network

from snnc.cli import main
from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle


def snippet(hop: int) -> str:
    """The block, of a core that delivers `hop` steps late."""
    found = [block for block in blocks() if block.key == ("other_rtl.md", "import json")]
    assert len(found) == 1
    assert "HOP = 0, 0" in found[0].text
    return found[0].text.replace("HOP = 0, 0", f"HOP = 0, {hop}")


@pytest.mark.parametrize("wrong", [False, True])
def test_the_snippet(
    wrong: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    artifact = export_graph(network(), "c", Path("model.c"))
    events = (np.random.default_rng(8).random((2, 7, 5)) < 0.5).astype(np.uint8)
    cells = oracle.run_graph(artifact.graph, events).layers[0]
    np.savez("ours.npz", graph_hash=artifact.manifest["graph_hash"], semantics_version=2,
             u_0=cells.u, v_0=cells.v, s_0=cells.spikes)  # fmt: skip
    hop = 1
    lines = ["a line that the simulator prints besides"]
    for sample, step, neuron in np.ndindex(2, 7 + hop, 6):
        at = sample, step - hop, neuron
        u, v, spike = (0, 0, 0) if step < hop else (cells.u[at], cells.v[at], int(cells.spikes[at]))
        v += wrong and step == 4 and neuron == 5
        lines.append(f"state {sample} {step} {neuron} {u} {v} {spike}")
    Path("printed.txt").write_text("\n".join(lines))
    exec(compile(snippet(hop), "other_rtl.md", "exec"), {})
    assert main(["compare", "ours.npz", "theirs.npz", "--artifact", "model.c"]) == int(wrong)
    said = " ".join(capsys.readouterr().out.split())
    assert ("sample 0, step 3, layer cells, neuron 5, variable v" in said) == wrong
