"""docs/python.md is followed from top to bottom, and so are the lines of README.md."""

from __future__ import annotations

from functools import partialmethod
from typing import Any

import numpy as np
import pytest
import torch
from doc_pages import blocks
from order_task import order_task, toml

import snnc
import snnc.conversion.converters  # those of snnc are registered before
from snnc.conversion.neurons import CONVERTERS
from snnc.trainer.data import save_events_npz

PAGE = [block for block in blocks() if block.page == "docs/python.md"]
(SHORT,) = [block for block in blocks() if block.page == "README.md" and block.text.startswith("import snnc")]


@pytest.fixture(autouse=True)
def fewer(monkeypatch, tmp_path):
    """Without generated inputs, and with one executor beside the program's own."""
    monkeypatch.chdir(tmp_path)
    less = partialmethod(snnc.Exported.verify, executors=["hwsim", "c"], generated=0)
    monkeypatch.setattr(snnc.Exported, "verify", less)
    before = dict(CONVERTERS)
    yield
    CONVERTERS.clear()  # the page registers one
    CONVERTERS.update(before)


def test_the_page_is_followed(capsys, tmp_path) -> None:
    save_events_npz(order_task(60), tmp_path / "order.npz")
    (tmp_path / "order.toml").write_text(toml(dataset="order.npz", epochs=1, finetune_epochs=1))
    names: dict[str, Any] = {}
    for block in PAGE:
        assert block.language == "python"
        text = block.text.replace('train("digits", epochs=1', 'train("order.npz", config="order.toml"')
        exec(compile(text, "docs/python.md", "exec"), names)
    said = capsys.readouterr().out
    read = "  example [30, 5, 20] read as T = 30 steps, N = 5 samples, C = 20 (layout TNC)\n  lif1: "
    assert f"Network('Net': 20 + 16 + 3 neurons, T = 30, 0.001 s a step)\n{read}" in said
    assert "Bit-exact: torch = hwsim = c over " in said
    assert (
        "x: sample 0 has 5 steps, the network takes 30; with time before samples, pass layout='TNC'" in said
    )
    assert (tmp_path / "net.c/report.html").exists()
    module, x, classes = names["module"], names["x"], names["classes"]
    assert names["spikes"].shape == (5, 30, 16)
    with torch.no_grad():
        counts = module(x).sum(0).numpy()
    found = np.take_along_axis(counts, classes[:, None], 1)[:, 0]
    assert (found >= counts.max(1) - 2).all()  # weights have 8 bits
    assert set(names["accuracy"]) >= {"float", "rounded"}
    answers = []
    for line in range(10):
        without = np.where(np.arange(10) == line, 0, names["events"]).astype(np.uint8)
        answers.append((names["exported"].predict(without, "oracle") == names["labels"]).sum())
    assert names["right"] - names["lost"] == pytest.approx(answers)


def test_three_lines(capsys) -> None:
    import snntorch
    from torch_networks import Loop

    torch.manual_seed(1)
    step = torch.nn.Sequential(torch.nn.Linear(8, 3), snntorch.Leaky(0.9, init_hidden=True))
    spikes = (torch.rand(12, 4, 8) < 0.3).float()
    exec(compile(SHORT.text, "README.md", "exec"), {"module": Loop(step), "spikes": spikes})
    assert "Bit-exact: torch = hwsim = c over " in capsys.readouterr().out
