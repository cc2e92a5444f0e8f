"""`snnc train --resume` from a checkpoint whose state is altered: refused in a line, nothing is changed."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from fuzzing.resuming import CHECKPOINT, CONFIG, DATA, resume, resume_targets

from snnc.errors import InputError

GAUSSIAN, ROUNDED, INT8, INT4, DONE = range(5)
"""Checkpoints by the phase that comes next."""
State = dict[str, Any]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], tuple[bytes, ...]]:
    """Folder, configuration with data, and checkpoints of a run."""
    folder = tmp_path_factory.mktemp("damaged") / "run"
    kept = resume_targets(folder)[0].seeds
    return folder, {name: (folder / name).read_bytes() for name in (CONFIG, DATA)}, kept


def test_a_sound_state_of_every_phase_is_taken(run) -> None:
    folder, files, kept = run
    states = [torch.load(io.BytesIO(data), weights_only=True)["state"] for data in kept]
    assert [(state["epoch"], state["phase"]) for state in states] == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]
    for data in kept:
        resume(folder, files | {CHECKPOINT: data})


def put(*path: Any, value: Any) -> Callable[[State], None]:
    def edit(state: State) -> None:
        for key in path[:-1]:
            state = state[key]
        state[path[-1]] = value

    return edit


def first(what: str, name: str, value: Any) -> Callable[[State], None]:
    return put(what, "state", 0, name, value=value)


@pytest.mark.parametrize(
    ("at", "edit", "why"),
    [
        (
            GAUSSIAN,
            put("epoch", value=-(10**9)),
            "epoch is -1000000000, expected 0..5",
        ),
        (GAUSSIAN, put("epoch", value=6), "epoch is 6, expected 0..5"),
        (GAUSSIAN, put("epoch", value=1.0), "epoch is 1.0"),
        (GAUSSIAN, put("phase", value=3), "phase is 3, which does not belong to epoch 1"),
        (ROUNDED, put("phase", value=-1), "phase is -1"),
        (ROUNDED, put("best", value=None), "best is missing in phase 1"),
        (ROUNDED, put("gaussian", value=None), "gaussian is missing in phase 1"),
        (ROUNDED, put("gaussian", "sigma", value=math.nan), "sigma must be a number above 0"),
        (ROUNDED, put("best", "rank", value=["a", 1]), "the rank of a network must be two numbers"),
        (ROUNDED, put("best", "epoch", value=1 << 40), "the epoch of a network is 1099511627776"),
        (INT8, put("integers", value=None), "integers is missing in phase 2"),
        (INT8, put("best", "rule", value="other"), "the grid of a network is 'other'"),
        (INT4, put("finished", value={3: {}}), "finished holds [3], possible are [8]"),
        (DONE, put("whole", value=None), "whole is missing in phase 4"),
        (DONE, put("history", 0, value={1: 2}), "history holds {1: 2}"),
        (DONE, put("history", 0, "loss", value=None), "history holds {"),
        (DONE, put("steps", "final", value={}), "steps holds {}"),
        (GAUSSIAN, first("weights", "step", torch.tensor(-1.0)), "step of parameter 0 is -1.0"),
        (GAUSSIAN, first("weights", "step", 3), "AttributeError"),
        (GAUSSIAN, first("positions", "step", torch.tensor(math.inf)), "step of parameter 0 is inf"),
        (GAUSSIAN, first("positions", "exp_avg", torch.zeros(1)), "exp_avg of parameter 0 has another shape"),
        (INT8, put("weights", "state", value={99: {}}), "IndexError"),
        (INT8, put("weights", "state", value={0: {}}), "moments of parameter 0 are []"),
    ],
)
def test_an_altered_state(run, at: int, edit: Callable[[State], None], why: str) -> None:
    folder, files, kept = run
    content = torch.load(io.BytesIO(kept[at]), weights_only=True)
    edit(content["state"])
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with pytest.raises(InputError, match="its state does not fit this network; name another file") as error:
        resume(folder, files | {CHECKPOINT: buffer.getvalue()})
    assert why in str(error.value)
    assert len(str(error.value).splitlines()) <= 2
    assert (folder / CHECKPOINT).read_bytes() == buffer.getvalue()


@pytest.mark.parametrize("at", [GAUSSIAN, INT8])
def test_options_of_adam_are_the_configurations(run, at: int) -> None:
    """Whatever the file says: the model is the same."""
    folder, files, kept = run
    content = torch.load(io.BytesIO(kept[at]), weights_only=True)
    models = []
    for betas in ((0.9, 0.999), "none"):
        for what in ("weights", "positions"):
            content["state"][what]["param_groups"][0]["betas"] = betas
        buffer = io.BytesIO()
        torch.save(content, buffer)
        resume(folder, files | {CHECKPOINT: buffer.getvalue()})
        models.append((folder / "model.pt").read_bytes())
    assert models[0] == models[1]


@pytest.mark.parametrize(("part", "key"), [("config", "hidden"), ("data", "train")])
def test_a_tensor_where_the_run_is_named_is_refused(run, part: str, key: str) -> None:
    """Compared with a value, it has no truth."""
    folder, files, kept = run
    content = torch.load(io.BytesIO(kept[GAUSSIAN]), weights_only=True)
    content[part][key] = torch.zeros(2)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with pytest.raises(InputError, match="damaged \\(its configuration or its data holds a tensor\\)"):
        resume(folder, files | {CHECKPOINT: buffer.getvalue()})
