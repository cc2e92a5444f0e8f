"""Run one reader over files, inside the environment of that reader: nothing of snnc is there.

    python inside.py readers/NAME.py JOBS.json RESULTS.jsonl

Each result is written as soon as it is there, so that a reader that hangs or dies loses one case only.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import signal
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LONGEST = 300
SEEDS, SHIFTS = range(4), range(1, 6)
"""Of torch, and how far new objects move in memory. A reader that leaves a parameter as it was made at random
answers otherwise with another seed; one that goes through a set of objects, at another place."""
VARIES = "another output from run to run"

SECONDS = 30.0
"""Of processor time for one case: who needs more for a few neurons and steps goes round in a circle."""


class Hangs(BaseException):
    """No `Exception`: a reader may catch those."""


def hangs(*_: object) -> None:
    raise Hangs


def one_line(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def moved(shift: int) -> list:
    """Objects of all small sizes: while they live, others lie `shift` places further."""
    return [bytes(size) for size in range(0, 480, 16) for _ in range(shift)]


def run(reader: object, job: dict, seed: int, shift: int) -> dict:
    """The output of one run, or the error with which the reader refuses."""
    import numpy as np

    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    spikes = np.array(job["spikes"], np.float32).reshape(job["steps"], -1)
    kept = moved(shift)
    try:
        found = np.asarray(reader.run(job["file"], spikes, job["dt"]), float)
        return {"output": found.reshape(job["steps"], -1).tolist()}
    except Exception as error:  # whatever a reader raises is its way to refuse
        return {"refused": one_line(f"{type(error).__name__}: {error}")}
    finally:
        del kept


def answer(reader: object, job: dict) -> dict:
    """What the reader makes of a file, with each seed and at each place."""
    said = io.StringIO()
    found: list = []
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seeds = SEEDS if "torch" in sys.modules else SEEDS[:1]
            for seed, shift in (*((seed, 0) for seed in seeds), *((0, shift) for shift in SHIFTS)):
                signal.setitimer(signal.ITIMER_PROF, SECONDS)
                found.append(run(reader, job, seed, shift))
    except Hangs:
        return {"failed": f"no answer after {SECONDS:g} s of processor time"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found[0] if all(each == found[0] for each in found) else {"varies": VARIES}


def main(reader_file: str, jobs_file: str, results_file: str) -> None:
    spec = importlib.util.spec_from_file_location("reader", reader_file)
    reader = importlib.util.module_from_spec(spec)
    with open(results_file, "a") as results:

        def tell(line: dict) -> None:
            results.write(json.dumps(line) + "\n")
            results.flush()

        try:
            spec.loader.exec_module(reader)
        except Exception as error:
            tell({"unusable": one_line(f"{type(error).__name__}: {error}")})
            return
        versions = {}
        for package in ("nir", "nirtorch", *reader.PACKAGES):
            with contextlib.suppress(PackageNotFoundError):
                versions[package] = version(package)
        tell({"versions": versions})
        if why := getattr(reader, "unusable", lambda: None)():
            tell({"unusable": why})
            return
        signal.signal(signal.SIGPROF, hangs)
        for job in json.loads(Path(jobs_file).read_text()):
            tell({"begins": job["case"]})
            tell({"case": job["case"], **answer(reader, job)})


if __name__ == "__main__":
    main(*sys.argv[1:])
