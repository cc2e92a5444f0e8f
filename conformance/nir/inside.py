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
SEEDS = (0, 1, 2, 3)
"""A reader that leaves a parameter as it was made at random gives another output for another seed."""


SECONDS = 30.0
"""Of processor time for one case: who needs more for a few neurons and steps goes round in a circle."""


class Hangs(BaseException):
    """No `Exception`: a reader may catch those."""


def hangs(*_: object) -> None:
    raise Hangs


def one_line(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def output(reader: object, job: dict, seed: int) -> list:
    import numpy as np

    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    spikes = np.array(job["spikes"], np.float32).reshape(job["steps"], -1)
    return np.asarray(reader.run(job["file"], spikes, job["dt"]), float).reshape(job["steps"], -1).tolist()


def answer(reader: object, job: dict) -> dict:
    """What the reader makes of a file: its output, or the error with which it refuses."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seeds = SEEDS if "torch" in sys.modules else SEEDS[:1]
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            found = [output(reader, job, seed) for seed in seeds]
    except Hangs:
        return {"failed": f"no answer after {SECONDS:g} s of processor time"}
    except Exception as error:  # whatever a reader raises is its way to refuse
        return {"refused": one_line(f"{type(error).__name__}: {error}")}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if any(each != found[0] for each in found):
        return {"random": "the output depends on the seed of random numbers"}
    return {"output": found[0]}


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
