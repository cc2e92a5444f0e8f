"""What checkpoints.md tells, done."""

from __future__ import annotations

import inspect

import pytest
import torch
from checkpoints import delays
from doc_pages import ROOT, blocks

from snnc.conversion.checkpoints.read import KINDS
from snnc.exporter.artifact import read_artifact


def test_the_page_is_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(delays(), "Best_ACC.pt")
    (block,) = [each for each in blocks() if each.key[0] == "checkpoints.md" and "import" in each.lines[0]]
    exec("\n".join(block.lines), {})
    found = read_artifact(tmp_path / "Best_ACC.c").graph
    assert [each.neurons for each in found.populations] == [6, 8, 8, 3]
    assert found.time_steps == 100 + 3 * 12
    assert found.populations[0].payload_max == 5
    assert found.readouts[0].decoder == "softmax"


@pytest.mark.parametrize("word", KINDS)
def test_a_kind_has_a_section(word):
    page = (ROOT / "docs" / "checkpoints.md").read_text()
    assert f"\n## {word}\n" in page
    assert all(f"`{name}`" in page for name in list(inspect.signature(KINDS[word]).parameters)[1:])
