"""`snnc train` killed with SIGKILL and resumed: the model of an uninterrupted run, bit for bit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from order_task import own_run
from places import SNNC

from snnc.cli import main
from snnc.stages import TrainedModel
from snnc.trainer.config import load_config
from snnc.trainer.loop import train
from snnc.trainer.model_file import load_model, save_model

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

# Trains in children that kill themselves at their n-th replacement of a file, when the new one is written
# but not yet in its place; says what the checkpoint holds then, and how many parts of files lie about.
KILLED = """
import os, signal, sys
from pathlib import Path
import torch
import snnc.trainer.loop
import snnc.trainer.progress
from snnc.cli import main

# What children import anyway, and Adam's first step does, once before they begin.
parameter = torch.nn.Parameter(torch.zeros(1))
parameter.grad = torch.ones(1)
torch.optim.Adam([parameter]).step()

mine, output, *stops = sys.argv[1:]
for stop in map(int, stops):
    child = os.fork()
    if child == 0:
        left, replace = stop, os.replace
        def replace_or_die(source, target):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            replace(source, target)
        os.replace = replace_or_die
        os._exit(main(["train", mine, "-o", output, "--resume"]))
    _, status = os.waitpid(child, 0)
    state = torch.load(f"{output}.checkpoint", weights_only=True)["state"]
    parts = len(list(Path(output).parent.glob(".*.part")))
    print(os.WIFSIGNALED(status) and os.WTERMSIG(status), state["epoch"], state["phase"], parts)
"""


def process(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def uninterrupted(mine: Path) -> TrainedModel:
    """As it comes out of a file, which does not tell -0 from 0 in integers."""
    save_model(train(load_config(mine)), mine.with_name("whole.pt"))
    return load_model(mine.with_name("whole.pt"))


def assert_same(found: TrainedModel, wanted: TrainedModel) -> None:
    assert found.gaussian is not None
    assert wanted.gaussian is not None
    assert found.quantised.keys() == wanted.quantised.keys()
    for a, b in zip(found.layers + found.gaussian, wanted.layers + wanted.gaussian, strict=True):
        assert_identical(a.weight, b.weight)
        assert_identical(a.position, b.position)
        assert (a.sigma, a.batch_norm is None) == (b.sigma, b.batch_norm is None)
        if a.batch_norm is not None and b.batch_norm is not None:
            for field in ("gamma", "beta", "mean", "var"):
                assert_identical(getattr(a.batch_norm, field), getattr(b.batch_norm, field))
    for bits, layers in wanted.quantised.items():
        for a, b in zip(found.quantised[bits], layers, strict=True):
            assert a.scale == b.scale
            for field in ("weight", "delay", "bias"):
                assert_identical(getattr(a, field), getattr(b, field))
    assert dict(found.metrics) == dict(wanted.metrics)


def assert_identical(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> None:
    assert found.dtype == wanted.dtype
    assert found.tobytes() == wanted.tobytes()


def test_a_killed_run_resumes_to_the_same_model(tmp_path: Path) -> None:
    """Killed whenever it happens to be after its first epoch."""
    mine, output = own_run(tmp_path, epochs=50), tmp_path / "model.pt"
    running = subprocess.Popen(
        [*SNNC, "train", str(mine), "-o", str(output)], env=ENVIRONMENT, stderr=subprocess.DEVNULL
    )
    try:
        while not (tmp_path / "model.pt.checkpoint").exists():
            assert running.poll() is None
            time.sleep(0.002)
    finally:
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL
    assert not output.exists()
    assert main(["train", str(mine), "-o", str(output), "--resume"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml", "model.pt", "order.npz"]
    assert_same(load_model(output), uninterrupted(mine))


def test_a_run_killed_in_every_phase_resumes_to_the_same_model(tmp_path: Path) -> None:
    mine = own_run(tmp_path, epochs=3, finetune_epochs=2, quantise_epochs=2, weight_bits=[8, 4])
    output = tmp_path / "model.pt"
    # Epochs 1-3 are Gaussian, 4-5 rounded, 6-7 int8, 8-9 int4; the tenth file is the model.
    killed = subprocess.run(
        process(KILLED, mine, output, 2, 4, 3, 2, 2),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    # Epoch 2 is lost, trained again, and so on; one part is left at a time, since the next run removes it.
    assert killed.stdout.splitlines()[-5:] == [
        "9 1 0 1",
        "9 4 1 1",
        "9 6 2 1",
        "9 7 3 1",
        "9 8 3 1",
    ]
    assert main(["train", str(mine), "-o", str(output), "--resume"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml", "model.pt", "order.npz"]
    model = load_model(output)
    assert set(model.quantised) == {8, 4}
    assert_same(model, uninterrupted(mine))


def test_a_run_killed_after_its_last_epoch_only_writes_the_model(tmp_path: Path) -> None:
    mine, output = own_run(tmp_path, epochs=2, finetune_epochs=1), tmp_path / "model.pt"
    chosen, checkpoint = load_config(mine), tmp_path / "model.pt.checkpoint"
    whole = train(chosen, checkpoint=checkpoint)
    part = tmp_path / ".model.pt.abcd1234.part"
    part.write_bytes(checkpoint.read_bytes()[:100])
    mine_too = tmp_path / ".model.pt.part"
    mine_too.touch()
    assert main(["train", str(mine), "-o", str(output), "--resume"]) == 0
    assert_same(load_model(output), whole)
    assert not part.exists()
    assert mine_too.exists()  # not of a killed run
