"""The processes of this machine that train together.

Each is started anew and trains; what the first one reports comes back here. This process takes no part
itself: so it can end the others at once, whatever they are waiting for, if one of them fails or it is
interrupted.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from multiprocessing import connection
from pathlib import Path
from typing import Any

import torch

from snnc.errors import SnncError, TrainingError
from snnc.io import spawning
from snnc.io.files import remove_parts, temporary
from snnc.stages import TrainedModel
from snnc.trainer.data_parallel import LostProcessError
from snnc.trainer.hardware import Hardware
from snnc.trainer.model_file import load_model, save_model

_PATIENCE_S = 5.0
"""For a process to end, and for the cause of a lost process to show."""


def train_together(
    train: Callable[..., TrainedModel],
    hardware: Hardware,
    job: Mapping[str, Any],
    progress: Callable[[Any], None],
    notify: Callable[[str], None],
) -> TrainedModel:
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
    job = {**job, "hardware": hardware}
    context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads in any state
    threads = max(1, torch.get_num_threads() // hardware.processes)
    started: list[Any] = []
    with temporary("snnc-") as folder:
        result = folder / "model.pt"
        try:
            pipes = {}
            for place in hardware.places():
                ours, theirs = context.Pipe(duplex=False)
                environment = place | {"OMP_NUM_THREADS": str(threads)}
                work = (train, theirs, environment, threads, job, None if started else result)
                process = context.Process(target=_work, args=work, daemon=True)
                spawning.start(process)
                theirs.close()  # so that the pipe ends with the process
                started.append(process)
                pipes[ours] = f"process {place['RANK']} of {place['WORLD_SIZE']}", process
            _listen(pipes, progress, notify)
            return load_model(result)
        finally:
            _end(started)
            if job["checkpoint"] is not None and hardware.leads:
                remove_parts(Path(job["checkpoint"]))


def _listen(
    pipes: Mapping[Any, tuple[str, Any]], progress: Callable[[Any], None], notify: Callable[[str], None]
) -> None:
    """Pass on what processes send until the first is done, or raise what ended one."""
    lost: SnncError | None = None
    pipe: Any
    while ready := connection.wait(list(pipes), None if lost is None else _PATIENCE_S):
        for pipe in ready:
            name, process = pipes[pipe]
            try:
                kind, content = pipe.recv()
            except (EOFError, OSError):
                process.join(_PATIENCE_S)
                raise TrainingError(
                    f"{name} ended with exit code {process.exitcode}; it may have run out of memory"
                ) from None
            if kind == "progress":
                progress(content)
            elif kind == "note":
                notify(content)
            elif kind == "done":
                return
            elif kind == "error":
                raise content
            else:  # perhaps because another ended, whose own message is the better one
                lost = lost or content
                pipes = {other: value for other, value in pipes.items() if other is not pipe}
    assert lost is not None
    raise lost


def _end(processes: list[Any]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()


def _work(
    train: Callable[..., TrainedModel],
    pipe: Any,
    environment: Mapping[str, str],
    threads: int,
    job: dict[str, Any],
    result: Path | None,
) -> None:
    """A process of the run; `result` is where it leaves the model. Its parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupting is the parent's business
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    os.environ.update(environment)
    torch.set_num_threads(threads)
    try:
        model = train(
            **job,
            progress=lambda metrics: pipe.send(("progress", metrics)),
            notify=lambda text: pipe.send(("note", text)),
        )
        if result is not None:
            save_model(model, result)
            pipe.send(("done", None))
    except LostProcessError as error:
        pipe.send(("lost", error))
    except SnncError as error:
        pipe.send(("error", error))
    except Exception as error:
        unexpected = TrainingError(f"a process of the run failed: {type(error).__name__}: {error}")
        unexpected.add_note(traceback.format_exc())
        pipe.send(("lost", unexpected))
    threading.Event().wait()  # ending now would look to the others like a failure of ours


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
