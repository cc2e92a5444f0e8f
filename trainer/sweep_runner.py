"""Runs of a sweep in worker processes. What is done stays done: a sweep resumes by running it again.

Only what trains imports torch: the process that starts the workers does without.
"""

import json
import multiprocessing
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from snnc import __version__
from snnc.errors import ConfigError, InputError, SnncError, TrainingError
from snnc.io import spawning
from snnc.io.files import remove_parts, write_file
from snnc.io.regular import read_text
from snnc.stages import TrainedModel
from snnc.text import quoted
from snnc.trainer.model_file import save_model
from snnc.trainer.sweep import SweepRun

FORMAT, VERSION = "snnc-sweep-run", 1
_NO_RECORD = 3
"""Exit code of a worker that could not write what became of its run."""
_MOST_BYTES = 1 << 18
"""Of a record; they have some thousand."""

Record = dict[str, Any]
Finished = Callable[[SweepRun, Record], None]


def read_record(run: SweepRun) -> Record | None:
    """What `run` left, or None if it has not ended yet; a record with "error" is of a run that failed.

    Raises
    ------
    InputError
        The file is no record, or it is of another configuration than the sweep's.
    """
    try:
        record = json.loads(read_text(run.record, _MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{run.record}: not a readable record of a run ({error}); remove it") from error
    if not isinstance(record, dict) or (record.get("format"), record.get("version")) != (FORMAT, VERSION):
        raise InputError(f"{run.record}: not a record of version {VERSION}; remove it or choose another -o")
    needed = ("config",) if "error" in record else ("config", "validation", "parameters", "data")
    if not all(isinstance(record.get(key), dict) for key in needed):
        raise InputError(f"{run.record}: is incomplete; remove it, and the run is done again")
    wanted, found = run.config.model_dump(mode="json"), record["config"]
    for field in sorted(wanted.keys() | found.keys()):
        if "error" not in record and wanted.get(field) != found.get(field):
            raise ConfigError(
                f"{run.record}: was run with {field} = {quoted(found.get(field))}, the sweep has "
                f"{quoted(wanted.get(field))}; choose another folder (-o) or remove the record"
            )
    return dict(record)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """`folder`, made if it does not exist, for this process alone. `InputError` if another one has it."""
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise InputError(f"{folder}: another sweep is running there; wait, or choose another -o") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another -o") from error
    try:
        yield
    finally:
        lock.release()


def train_run(run: SweepRun) -> None:
    """Train one run, from its checkpoint if there is one, and write its model and its record.

    One thread: results do not depend on the machine's number of cores. An error becomes the record.
    """
    import torch

    from snnc.trainer.loop import train

    torch.set_num_threads(1)
    notes: list[str] = []
    started, resumed = time.perf_counter(), run.checkpoint.exists()
    try:
        remove_parts(run.model)
        remove_parts(run.record)
        model = train(run.config, checkpoint=run.checkpoint, resume=resumed, notify=notes.append)
        save_model(model, run.model)
    except SnncError as error:
        if isinstance(error, TrainingError):  # it would fail again, and another configuration starts anew
            run.checkpoint.unlink(missing_ok=True)
        _write(run, {"error": str(error)})
    except Exception as error:  # one broken run must not end the others; nothing of it is lost
        text = f"{type(error).__name__}: {error}"
        _write(run, {"error": text, "traceback": traceback.format_exc()})
    else:
        measured = {key: model.metrics[key] for key in ("validation", "selected_epoch", "parameters", "data")}
        if isinstance(model, TrainedModel):
            hidden = [len(layer.weight) for layer in model.layers[:-1]]
        else:
            hidden = [each.neurons for each in model.graph.stateful[:-1]]
        seconds = round(time.perf_counter() - started, 1)
        here = {"hidden": hidden, "notes": notes, "seconds": seconds, "resumed": resumed}
        _write(run, measured | here)
        run.checkpoint.unlink(missing_ok=True)


def run_local(runs: Sequence[SweepRun], workers: int, finished: Finished) -> None:
    """Train `runs`, `workers` at a time, each in a process of its own; `finished` is called after each.

    A worker that dies (of memory, say) is a failed run like any other. The pools of the standard library
    cannot do that: one breaks, the other waits for ever. Workers do not outlive this process.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads in any state
    waiting = deque(runs)
    live: dict[Any, tuple[SweepRun, Any]] = {}  # by the sentinel of the process
    try:
        while waiting or live:
            while waiting and len(live) < workers:
                run = waiting.popleft()
                run.record.unlink(missing_ok=True)  # of an earlier failure
                process = context.Process(target=_work, args=(run,), daemon=True)
                with spawning.apart():
                    process.start()
                live[process.sentinel] = run, process
            for sentinel in connection.wait(list(live)):
                run, process = live.pop(sentinel)
                process.join()
                code = process.exitcode
                why = (
                    "it could not write its record"
                    if code == _NO_RECORD
                    else f"its process ended with exit code {code}"
                )
                finished(run, _ended(run, why))
    finally:
        spawning.end(process for _, process in live.values())
        for run, _ in live.values():
            for path in (run.checkpoint, run.model, run.record):
                with suppress(InputError):
                    remove_parts(path)


def run_on_ray(
    runs: Sequence[SweepRun], workers: int, finished: Finished, address: str | None = None
) -> None:
    """Train `runs` on Ray, one core each: on this machine with `workers` cores, or on a running cluster.

    All machines must see the sweep's folder and data under the same paths.

    Raises
    ------
    InputError
        Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise InputError("Ray is not installed; pip install 'snnc[sweep]', or leave --ray out") from None
    cores: dict[str, Any] = {} if address else {"num_cpus": workers, "include_dashboard": False}
    ray.init(address=address or "local", log_to_driver=False, **cores)
    try:
        task = ray.remote(num_cpus=1, max_retries=0)(train_run)
        pending = {}
        for run in runs:
            run.record.unlink(missing_ok=True)
            pending[task.remote(run)] = run
        while pending:
            (done,), _ = ray.wait(list(pending), num_returns=1)
            run, why = pending.pop(done), "it left no record"
            try:
                ray.get(done)
            except ray.exceptions.RayError as error:
                why = f"{type(error).__name__}: {error}"
            finished(run, _ended(run, why))
    finally:
        ray.shutdown()


def _ended(run: SweepRun, otherwise: str) -> Record:
    """The record of a run that ended; one that left none failed for the reason `otherwise`."""
    record = read_record(run)
    return _write(run, {"error": otherwise}) if record is None else record


def _write(run: SweepRun, content: Record) -> Record:
    header = {"format": FORMAT, "version": VERSION, "variant": run.variant, "seed": run.config.seed}
    header |= {"fold": run.fold} if run.fold else {}
    record = header | content | {"config": run.config.model_dump(mode="json"), "snnc": __version__}
    write_file(run.record, (json.dumps(record, indent=1) + "\n").encode())
    return record


def _work(run: SweepRun) -> None:
    """A worker process."""
    spawning.depend_on_parent()
    try:
        train_run(run)
    except (SnncError, OSError):  # on a full disk: the parent cannot write either, and says so once
        sys.exit(_NO_RECORD)
