"""What `snnc place` left is read only if it is sound and of the same design."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snnc.exporter.graph_export import export_graph
from snnc.stages import Artifact, BoardClock, Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga.place import hash_of, inputs_of
from snnc.targets.fpga.placed import placed
from snnc.targets.registry import load_target
from snnc.verification.board_clock import board_clock
from snnc.verification.verify import verify

TOOLS = {"yosys": "0.52", "nextpnr-ecp5": "0.7"}


def exported(path: Path, target: str) -> Artifact:
    """2 lines, which lead to 2 classes."""
    populations = (Population("in", "input", 2), Population("out", "li", 2, decay_u=4096, decay_v=100))
    synapses = SynapseMatrix(np.array([[1, 2], [3, 4]]), np.array([[0, 1], [0, 2]]))
    readouts = (Readout("out", "max", 0.5, ("a", "b")),)
    graph = QuantizedGraph(populations, (Projection("in", "out", synapses),), readouts, 5, 0.001)
    return export_graph(graph, target, path)


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return exported(tmp_path_factory.mktemp("board") / "net.fpga", "fpga:board=ulx3s:lanes=2")


def told(artifact: Artifact, **changes: Any) -> dict[str, Any]:
    inputs = hash_of(inputs_of(artifact.program, "ulx3s"))
    sound = {"board": "ulx3s", "board_mhz": 75.0, "mhz": 111.7, "tools": TOOLS, "seed": 1}
    counted = {"cells": {"DP16KD": [12, 208]}, "cycles_a_recording": 99.5, "recordings": "mine.npz"}
    return sound | counted | {"inputs_sha256": inputs} | changes


def test_a_sound_one(artifact: Artifact) -> None:
    found = placed(artifact, json.dumps(told(artifact)).encode())
    assert found == BoardClock(111.7, 75.0, TOOLS, 1, {"DP16KD": (12, 208)}, 99.5, "mine.npz")
    (artifact.path / "place.json").unlink(missing_ok=True)
    assert board_clock(artifact, load_target("fpga")) == (None, ())


def test_what_passes_the_serial_port(artifact: Artifact) -> None:
    """A ULX3S has 3,000,000 baud; less than 0.005 a second is written as 0, so not known."""
    found = placed(artifact, json.dumps(told(artifact, serial_recordings_a_second=53.5)).encode())
    assert found is not None
    assert (found.baud, found.serial_a_second) == (3_000_000, 53.5)
    found = placed(artifact, json.dumps(told(artifact, serial_recordings_a_second=0.0)).encode())
    assert found is not None
    assert (found.baud, found.serial_a_second) == (None, None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"inputs_sha256": "0" * 64}, "is of another design"),
        ({"inputs_sha256": None}, "is of another design"),
        ({"board": "icebreaker"}, "the artifact is for ulx3s at 75 MHz"),
        ({"board": []}, "the artifact is for ulx3s at 75 MHz"),
        ({"board_mhz": 62.5}, "at 62.5 MHz, the artifact is for ulx3s at 75 MHz"),
        ({"board_mhz": "75"}, "board_mhz is '75'"),
        ({"mhz": None}, "mhz is None"),
        ({"mhz": True}, "mhz is True"),
        ({"mhz": -1}, "mhz is -1"),
        ({"mhz": 10**400}, "mhz is 1000"),
        ({"mhz": float("nan")}, "mhz is nan"),
        ({"mhz": float("inf")}, "mhz is inf"),
        ({"cycles_a_recording": 0}, "cycles_a_recording is 0, expected cycles"),
        ({"cycles_a_recording": float("nan")}, "cycles_a_recording is nan"),
        (
            {"serial_recordings_a_second": -1},
            "serial_recordings_a_second is -1, expected recordings a second",
        ),
        ({"serial_recordings_a_second": "54"}, "serial_recordings_a_second is '54'"),
        ({"recordings": 7}, "recordings is 7"),
        ({"recordings": "a\nb"}, "recordings is"),
        ({"cells": [1, 2]}, "cells is"),
        ({"cells": {"LUT": [3, 2]}}, "cells: LUT is [3, 2]"),
        ({"cells": {"LUT": [1]}}, "cells: LUT is [1]"),
        ({"cells": {"LUT": [True, 2]}}, "cells: LUT is [True, 2]"),
        ({"cells": {"\x1b": [1, 2]}}, "cells is"),
        ({"cells": {str(number): [1, 2] for number in range(65)}}, "cells is"),
        ({"seed": "1"}, "seed is '1'"),
        ({"seed": 10**30}, "seed is 1000"),
        ({"tools": ["yosys"]}, "tools is"),
        ({"tools": {"yosys": 1}}, "tools is"),
        ({"tools": {"yosys": "0.52\n\x1b[2J"}}, "tools is"),
        ({"tools": {str(number): "1" for number in range(9)}}, "tools is"),
    ],
)
def test_one_of_another_design_or_damaged_is_a_note(
    artifact: Artifact, changes: dict[str, Any], says: str
) -> None:
    (artifact.path / "place.json").write_text(json.dumps(told(artifact, **changes)))
    clock, (note,) = board_clock(artifact, load_target("fpga"))
    assert clock is None
    assert says in note
    assert note.isprintable()
    assert note.endswith("; run `snnc place` again")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 100_000, b"[1]", b"7", b"1" * 5000, b" " * (2 << 20)]
)
def test_what_is_no_report_is_a_note(artifact: Artifact, content: bytes) -> None:
    (artifact.path / "place.json").write_bytes(content)
    report = verify(artifact, [], executors=["hwsim"])
    assert report.clock is None
    (note,) = report.notes
    assert "place.json" in note
    assert "run `snnc place` again" in note


def test_what_is_no_file_is_a_note(artifact: Artifact) -> None:
    path = artifact.path / "place.json"
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    clock, (note,) = board_clock(artifact, load_target("fpga"))
    path.unlink()
    assert clock is None
    assert "cannot be read" in note


def test_a_core_in_a_simulator_has_no_clock(tmp_path: Path) -> None:
    core = exported(tmp_path / "net.fpga", "fpga")
    (core.path / "place.json").write_text("{}")
    assert board_clock(core, load_target("fpga")) == (None, ())
