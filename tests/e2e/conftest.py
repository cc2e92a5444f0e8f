"""Fixtures shared by the tests of commands."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browsing import chromium
from made_once import made_once
from places import EXAMPLES
from playwright.sync_api import Browser
from real_data import HEIDELBERG, real_data

from snnc.cli import main
from snnc.trainer.data import load_events_npz, save_events_npz

TESTED = 200
"""Recordings, about, of the two speakers that tested the network; the report is made as of all 1,724."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def example_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network in examples/, exported and verified on real speech; its program for Lava did not run."""
    data = real_data(HEIDELBERG)

    def make(folder: Path) -> None:
        model, out = str(EXAMPLES / "heidelberg" / "model.pt"), str(folder / "example.loihi")
        assert main(["export", model, "--dataset", str(data), "-o", out]) == 0
        events, few = load_events_npz(data), folder / "few.npz"
        tested = np.flatnonzero(np.isin(events.speaker, (0, 9)))
        save_events_npz(events.select(tested[:: len(tested) // TESTED]), few)
        options = ["--dataset", str(few), "--executors", "hwsim,c", "--generated", "4"]
        assert main(["verify", out, *options]) == 0

    return made_once(tmp_path_factory, "example-report", make) / "example.loihi"
