"""What checkpoints.md tells, done."""

from __future__ import annotations

import inspect
import itertools

import pytest
import torch
from doc_pages import ROOT, blocks

from snnc.conversion.checkpoints.read import KINDS
from snnc.exporter.artifact import read_artifact


def checkpoint(path):
    """As SNN-delays saves it."""
    draw, state = torch.Generator().manual_seed(4), {}
    for number, (inputs, outputs) in enumerate(itertools.pairwise((6, 8, 8, 3))):
        synapses, norm = f"model.{4 * number}", f"model.{4 * number + 1}"
        shape = (outputs, inputs, 1)
        state[f"{synapses}.weight"] = torch.randn(shape, generator=draw) * 0.5
        state[f"{synapses}.P"] = torch.rand((1, *shape), generator=draw) * 24 - 12
        state[f"{synapses}.SIG"] = torch.full((1, *shape), 0.23)
        if number < 2:
            for key, value in (("weight", 1.0), ("bias", 0.1), ("running_mean", 0.1), ("running_var", 0.8)):
                state[f"{norm}.{key}"] = torch.full((outputs,), value)
            state[f"{norm}.num_batches_tracked"] = torch.tensor(9)
    torch.save(state, path)


def test_the_page_is_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoint("Best_ACC.pt")
    (block,) = [each for each in blocks() if each.key[0] == "checkpoints.md" and "import" in each.lines[0]]
    exec("\n".join(block.lines), {})
    found = read_artifact(tmp_path / "Best_ACC.c").graph
    assert [each.neurons for each in found.populations] == [6, 8, 8, 3]
    assert found.time_steps == 100 + 3 * 12
    assert found.readouts[0].decoder == "softmax"


@pytest.mark.parametrize("word", KINDS)
def test_a_kind_has_a_section(word):
    page = (ROOT / "docs" / "checkpoints.md").read_text()
    assert f"\n## {word}\n" in page
    assert all(f"`{name}`" in page for name in list(inspect.signature(KINDS[word]).parameters)[1:])
