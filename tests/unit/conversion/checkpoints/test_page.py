"""What checkpoints.md tells, done."""

from __future__ import annotations

import inspect

import pytest
import torch
from checkpoints import delays
from doc_pages import ROOT, blocks

import snnc
from snnc.conversion.checkpoints.read import KINDS
from snnc.errors import InputError
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


def test_a_network_says_what_it_is(tmp_path):
    torch.save(delays(), tmp_path / "best.pt")
    settings = dict(dt=0.01, time_steps=100, kernel_size=25, tau=1.005, v_threshold=1.0, loss="sum")
    network = snnc.from_checkpoint("snn-delays", str(tmp_path / "best.pt"), payload_max=5, **settings)
    assert repr(network) == "Network('best.pt': 6 + 8 + 8 + 3 neurons, T = 136, 0.01 s a step)"
    assert network.payload_max == 5
    with pytest.raises(InputError, match=r"kind 'snn' are not known \(did you mean 'snn-delays' or .*there"):
        snnc.from_checkpoint("snn", "best.pt")


@pytest.mark.parametrize("word", KINDS)
def test_a_kind_has_a_section(word):
    page = (ROOT / "docs" / "checkpoints.md").read_text()
    assert f"\n## {word}\n" in page
    assert all(f"`{name}`" in page for name in list(inspect.signature(KINDS[word]).parameters)[1:])
