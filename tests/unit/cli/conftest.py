"""Fixtures shared by the tests of commands."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import torch
from trace_files import three_samples

from snnc.trainer import sweep_runner
from snnc.trainer.sweep import SweepRun


@pytest.fixture
def spikes(tmp_path):
    return three_samples(tmp_path)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Runs take place here, one after another; yields the names of those that began."""
    began: list[str] = []

    def run_here(runs: list[SweepRun], workers: int, finished: sweep_runner.Finished) -> None:
        for run in runs:
            began.append(run.name)
            sweep_runner.train_run(run)
            finished(run, json.loads(run.record.read_text()))

    monkeypatch.setattr(sweep_runner, "run_local", run_here)
    threads = torch.get_num_threads()
    yield began
    torch.set_num_threads(threads)
