"""`snnc verify` of a fault, by the command or by the function behind it; both give what report.json holds."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

from independent_faults.catalogue import Fault
from independent_faults.suspect import VARIABLE
from snnc.exporter.artifact import read_artifact
from snnc.report.json_report import to_json
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify

SAMPLES, SPLIT, GENERATED = 20, "test", 16
"""The defaults of the command."""


def by_function(fault: Fault | None, path: Path, out: Path, executor: str) -> dict[str, Any]:
    os.environ[VARIABLE] = fault.name if fault else ""
    artifact = read_artifact(path)
    groups = list(recordings(path)) if (path / "source.pt").is_file() else []  # our own networks have no data
    found: dict[str, Any] = json.loads(
        to_json(verify(artifact, groups, executors=[executor], generated=GENERATED))
    )
    return found


def recordings(path: Path) -> tuple[InputGroup, ...]:
    """Those of the model's data that the command takes by default."""
    return _recordings((path / "source.pt").read_bytes(), path)


_known: dict[bytes, tuple[InputGroup, ...]] = {}


def _recordings(source: bytes, path: Path) -> tuple[InputGroup, ...]:
    from snnc.verification import accuracy

    if source not in _known:
        data = accuracy.load_data(read_artifact(path), None, (SPLIT,))
        _known[source] = tuple(
            InputGroup(one.name, *one.pick_lazily(SAMPLES, None), one.pick_lazily(len(one))[0])
            for one in data
        )
    return _known[source]


def by_command(fault: Fault | None, path: Path, out: Path, executor: str) -> dict[str, Any]:
    """`said` is what was printed, if there is no report."""
    from snnc.cli import main

    os.environ[VARIABLE] = fault.name if fault else ""
    words = ["verify", str(path), "--executors", executor, "-o", str(out)]
    words += [] if (path / "source.pt").is_file() else ["--dataset", "none"]
    words += ["--trust-program"] if fault and fault.where != "executor" else []
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        main(words)
    report = out / "report.json"
    found: dict[str, Any] = {"executors": [], "said": said.getvalue()}
    return json.loads(report.read_text()) if report.is_file() else found
