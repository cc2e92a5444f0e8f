"""The processes of this machine that train together; torch starts them, and tells which one failed first.

This process takes no part itself: so it can end the others at once, whatever they are waiting for, if one of
them fails or it is interrupted.
"""

import logging
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import torch
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException, start_processes

from snnc.errors import SnncError, TrainingError
from snnc.io import spawning
from snnc.io.files import remove_parts, temporary
from snnc.io.signals import defer_signals
from snnc.trainer.data_parallel import LostProcessError
from snnc.trainer.hardware import Hardware
from snnc.trainer.model_file import AnyModel, load_model, save_model

_LOOK_S = 0.1
"""How often reports are passed on."""


def train_together(
    train: Callable[..., AnyModel],
    hardware: Hardware,
    job: Mapping[str, Any],
    progress: Callable[[Any], None],
    notify: Callable[[str], None],
) -> AnyModel:
    """Train in new processes, as many as `hardware` says.

    Parameters
    ----------
    train : what each process calls; a function of a module, which a new process imports.
    job : its other arguments; `progress` and `notify` are called here.

    Raises
    ------
    SnncError
        The error of the process that failed first.
    """
    hardware.check(job["config"])  # now, in one process
    logging.getLogger("torch.multiprocessing.spawn").setLevel(logging.ERROR)  # we say what ended
    with temporary("snnc-train-") as folder:
        model = folder / "written" / "model.pt"  # not in `folder`, which this process has locked
        model.parent.mkdir()
        with spawning.apart(), _temporary_files_in(folder), defer_signals():
            reports: SimpleQueue[Any] = multiprocessing.get_context("spawn").SimpleQueue()
            arguments = (train, hardware.places(), {**job, "hardware": hardware}, reports, model)
            group = start_processes(_work, arguments, hardware.processes, join=False, daemon=True)
        try:
            _follow(group, reports, progress, notify)
            return load_model(model)
        finally:
            spawning.end(group.processes)
            if job["checkpoint"] is not None:
                remove_parts(Path(job["checkpoint"]))


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """For torch, which unpickles files of names that other users could take in the folder for all."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _follow(group: Any, reports: Any, progress: Callable[[Any], None], notify: Callable[[str], None]) -> None:
    """Pass on what processes report until all have ended well, or raise what ended one."""
    failed: list[SnncError] = []
    lost: list[SnncError] = []
    take = {"progress": progress, "note": notify, "failed": failed.append, "lost": lost.append}
    ended = False
    try:
        while not ended:
            try:
                ended = group.join(_LOOK_S)
            finally:
                while not reports.empty():
                    kind, content = reports.get()
                    take[kind](content)
    except (ProcessExitedException, ProcessRaisedException) as first:
        if failed:
            raise failed[0] from None
        if isinstance(first, ProcessExitedException):
            raise TrainingError(
                f"process {first.error_index} of {len(group.processes)} ended with exit code "
                f"{first.exit_code}; it may have run out of memory"
            ) from None
        traceback = str(first).strip()
        unexpected = TrainingError(f"a process of the run failed: {traceback.splitlines()[-1]}")
        unexpected.add_note(traceback)
        raise unexpected from None
    if lost:
        raise lost[0]


def _work(
    rank: int,
    train: Callable[..., AnyModel],
    places: list[dict[str, str]],
    job: dict[str, Any],
    reports: Any,
    model: Path,
) -> None:
    """Process `rank` of the run; the first one leaves the model in the file `model`."""
    spawning.depend_on_parent()
    threads = max(1, torch.get_num_threads() // len(places))
    os.environ.update(places[rank] | {"OMP_NUM_THREADS": str(threads)})
    torch.set_num_threads(threads)
    try:
        trained = train(
            **job,
            progress=lambda metrics: reports.put(("progress", metrics)),
            notify=lambda text: reports.put(("note", text)),
        )
        if rank == 0:
            save_model(trained, model)
    except LostProcessError as error:
        reports.put(("lost", error))  # and no failure of this process, so that torch finds the one that was
    except SnncError as error:
        reports.put(("failed", error))
        sys.exit(1)
