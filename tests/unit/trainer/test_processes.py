"""Processes that share each batch: they train as one does, and who fails ends all."""

import math
import os
import queue
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from order_task import config, order_task, toml
from torch.multiprocessing.spawn import ProcessExitedException, start_processes

from snnc.cli import main
from snnc.errors import ConfigError, InputError, ModelFileError, TrainingError
from snnc.trainer import processes
from snnc.trainer.data import save_events_npz
from snnc.trainer.data_parallel import LostProcessError
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.model_file import load_model
from snnc.trainer.run import TrainingRun
from snnc.trainer.splitting import splits_of
from snnc.trainer.worker import Worker

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_process_is_left")]


def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    """They go on from the first epoch of one process. Their five batches are of 22 or 23."""
    save_events_npz(order_task(), tmp_path / "order.npz")
    fields = {"batch_size": 21, "epochs": 4, "finetune_epochs": 1, "dataset": str(tmp_path / "order.npz")}
    chosen = config(**fields)
    (tmp_path / "mine.toml").write_text(toml(**fields))

    def interrupt(metrics: EpochMetrics) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "two.pt"
    with pytest.raises(KeyboardInterrupt):
        train(chosen, progress=interrupt, checkpoint=tmp_path / "two.pt.checkpoint")
    command = ["train", str(tmp_path / "mine.toml"), "-o", str(output), "--device", "cpu"]
    assert main([*command, "--processes", "2", "--resume"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml", "order.npz", "two.pt"]

    model, alone = load_model(output), train(chosen)
    history, wanted = model.metrics["history"], alone.metrics["history"]
    assert [epoch["phase"] for epoch in history] == ["gaussian"] * 4 + ["rounded", "int8"]
    for key in ("loss", "validation_loss"):
        losses, others = ([epoch[key] for epoch in epochs] for epochs in (history, wanted))
        assert losses[:3] == pytest.approx(others[:3], rel=1e-4)
        assert losses == pytest.approx(others, rel=0.05)  # a spike near its threshold may have flipped
        assert losses != others  # sums in another order: two did it
    assert history[1]["train_accuracy"] == wanted[1]["train_accuracy"]
    assert model.metrics["data"] == alone.metrics["data"]

    artifact = str(tmp_path / "two.loihi")
    assert main(["export", str(output), "-o", artifact]) == 0
    assert (
        main(["verify", artifact, "--samples", "4", "--generated", "0", "--executors", "oracle,hwsim"]) == 0
    )


def test_one_process_that_fails_ends_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first writes checkpoints; the other one waits for it in the next epoch."""
    if not torch.accelerator.is_available():  # else there are threads of torch that a fork would lack
        monkeypatch.setattr(processes, "start_processes", partial(start_processes, start_method="fork"))
    short = config(epochs=2, finetune_epochs=0, quantise_epochs=0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for the same reason
    try:
        with pytest.raises(ModelFileError, match=r"none/run\.checkpoint: cannot be written"):
            train(
                short,
                data=order_task(40),
                checkpoint=tmp_path / "none" / "run.checkpoint",
                hardware=Hardware("cpu", processes=2),
            )
    finally:
        torch.set_num_threads(threads)


def follow(*sent: tuple[str, Any], ended: Exception | None = None) -> tuple[list[str], list[str]]:
    """`_follow` of two processes that reported this, and ended well or by the error."""
    reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for message in sent:
        reports.put(message)

    def join(timeout: float) -> bool:
        if ended is not None:
            raise ended
        return True

    seen: list[str] = []
    notes: list[str] = []
    group = SimpleNamespace(join=join, processes=[None, None])
    processes._follow(group, reports, seen.append, notes.append)
    return seen, notes


def test_reports_of_processes_are_passed_on() -> None:
    assert follow(("note", "a"), ("progress", "b"), ("progress", "c")) == (["b", "c"], ["a"])


LOST = ("lost", LostProcessError("another process has ended"))
KILLED = ProcessExitedException("", error_index=1, error_pid=1, exit_code=-9)
ENDED = ProcessExitedException("", error_index=0, error_pid=1, exit_code=1)


@pytest.mark.parametrize(
    ("sent", "ended", "kind", "words"),
    [
        ([("progress", "x")], KILLED, TrainingError, "process 1 of 2 ended with exit code -9"),  # of memory
        ([LOST], KILLED, TrainingError, "process 1 of 2 ended with exit code -9"),
        ([LOST, ("failed", InputError("the cause"))], ENDED, InputError, "the cause"),
        ([LOST], None, LostProcessError, "another process has ended"),
    ],
)
def test_the_cause_is_told(
    sent: list[tuple[str, Any]], ended: Exception | None, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        follow(*sent, ended=ended)


@pytest.mark.parametrize(
    ("work", "count", "words"),  # work is called with the rank
    [
        (os._exit, 2, "process 1 of 2 ended with exit code 1"),
        (math.lgamma, 1, "a process of the run failed: ValueError: "),
    ],
)
def test_how_torch_tells_of_a_process_that_ended(
    work: Callable[[int], Any], count: int, words: str, tmp_path: Path
) -> None:
    with processes._temporary_files_in(tmp_path):
        # What is told is the same of those that are started anew, which import torch first.
        group = start_processes(work, (), count, join=False, daemon=True, start_method="fork")
    with pytest.raises(TrainingError, match=words):
        processes._follow(group, queue.SimpleQueue(), print, print)
    assert len(list(tmp_path.iterdir())) == (work is math.lgamma)  # the traceback lies there, not in /tmp


def test_more_processes_than_recordings() -> None:
    worker = Worker(fabric=SimpleNamespace(world_size=17, global_rank=0))
    with pytest.raises(ConfigError, match=r"training part has 16 recordings, for 17 processes"):
        TrainingRun(config(), splits_of(config(), order_task()), 20, print, worker)
