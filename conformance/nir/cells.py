"""One reader's cells: its environment, a process in it, and what its output says."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nir

from conformance.nir.environments import python_for
from conformance.nir.inside import VARIES
from conformance.nir.suite import Case, Spikes, events
from snnc.errors import ExecutorUnavailableError
from snnc.io import files
from snnc.targets.processes import run_group

HERE = Path(__file__).resolve().parent
SECONDS = 1800.0
"""For one process, on a busy machine; inside.py limits the processor time of a case."""
HASH_SEEDS = (0, 1, 2)
"""Some readers go through sets of names; three orders tell most of those whose output follows from it."""
NOT_ASKED = {"not asked": "the caller brings this node"}

Cell = dict[str, Any]
"""One of `reading`, `other` (spikes or values of no reading), `refused`, `failed`, `not asked`."""


def readers() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "readers.toml").read_text())


def asked(reader: Mapping[str, Any], case: Case) -> bool:
    return reader.get("asked") != "graph" or case.data["of"] == "graph"


def run_reader(reader: Mapping[str, Any], cases: Sequence[Case]) -> dict[str, Any]:
    """Its `versions` and `cells` by case, or the reason why it is `absent`."""
    try:
        python = python_for(reader.get("environment"))
    except ExecutorUnavailableError as error:
        return {"absent": str(error), "versions": {}, "cells": {}}
    todo = [case for case in cases if asked(reader, case)]
    first, *others = (_run(python, reader, todo, seed) for seed in HASH_SEEDS)
    for case in todo if "absent" not in first else ():
        if any(other["cells"].get(case.name) != first["cells"][case.name] for other in others):
            first["cells"][case.name] = {"other": VARIES}
    found = {case.name: first["cells"].get(case.name, NOT_ASKED) for case in cases}
    return first if "absent" in first else {"versions": first["versions"], "cells": found}


def _run(python: str, reader: Mapping[str, Any], cases: Sequence[Case], seed: int) -> dict[str, Any]:
    """The same with one order of the sets of strings, for the cases that the reader is asked."""
    found: dict[str, Cell] = {}
    versions: dict[str, str] = {}
    todo = list(cases)
    while todo:
        results, how = _process(python, reader, todo, seed)
        begun = None
        for line in results:
            versions = line.get("versions", versions)
            if "unusable" in line:
                return {"absent": line["unusable"], "versions": versions, "cells": {}}
            begun = line.get("begins", begun)
            if "case" in line:
                found[line["case"]] = _cell({case.name: case for case in cases}[line["case"]], line)
        if begun is None:
            return {"absent": f"its process gave nothing: {how}", "versions": versions, "cells": {}}
        found.setdefault(begun, {"failed": how})  # it died at this one; the others get a new process
        todo = [case for case in todo if case.name not in found]
    return {"versions": versions, "cells": found}


def _process(
    python: str, reader: Mapping[str, Any], cases: Sequence[Case], seed: int
) -> tuple[list[dict[str, Any]], str]:
    """The lines of results, and how the process ended."""
    with files.temporary("snnc-nir-") as folder:
        jobs = []
        for case in cases:
            file = folder / f"{case.name}.nir"
            nir.write(file, case.graph(reader["dt"], reader["gain"], reader.get("weights", "Linear")))
            spikes = events(case.inputs, case.steps).astype(int).tolist()
            dt = case.dt(reader["dt"])
            jobs.append(
                {"case": case.name, "file": str(file), "dt": dt, "steps": case.steps, "spikes": spikes}
            )
        (folder / "jobs.json").write_text(json.dumps(jobs))
        results = folder / "results.jsonl"
        results.touch()
        # As with -I, which would ignore the seed, too.
        command = [
            python,
            "-s",
            "-P",
            str(HERE / "inside.py"),
            str(HERE / "readers" / f"{reader['file']}.py"),
        ]
        # Without a display, and with one thread: the networks have a few neurons.
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        env |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "JAX_PLATFORMS": "cpu"}
        env |= {"PYTHONHASHSEED": str(seed)}
        done = run_group([*command, "jobs.json", "results.jsonl"], cwd=folder, env=env, time_limit=SECONDS)
        lines = [json.loads(line) for line in results.read_text().splitlines()]
    return lines, done.how


def _cell(case: Case, line: Mapping[str, Any]) -> Cell:
    for kind in ("refused", "failed"):
        if kind in line:
            return {kind: line[kind]}
    if "varies" in line:
        return {"other": line["varies"]}
    spikes = spikes_of(line["output"])
    if spikes is None:
        return {"other": f"values {line['output']}"}
    reading = case.reading(spikes)
    return {"other": f"spikes {spikes}"} if reading is None else {"reading": reading}


def spikes_of(output: Sequence[Sequence[float]]) -> Spikes | None:
    """The steps in which each neuron spikes; None if these are no whole counts."""
    if any(value != int(value) or value < 0 for row in output for value in row):
        return None
    lines = zip(*output, strict=True)
    return [[step for step, count in enumerate(line) for _ in range(int(count))] for line in lines]
