"""A command reads a file, proves, and places once, and uses what came out wherever it is needed."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

import nir
import numpy as np
import pytest
from models import exported, saved, tiny_model

from snnc.cli import main
from snnc.exporter.artifact import read_artifact, source_model
from snnc.exporter.nir.foreign import read_foreign
from snnc.exporter.nir.importer import import_nir
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.passes import Place
from snnc.exporter.placement.record import program_of, read_placement
from snnc.exporter.ranges.prove import graph_bounds
from snnc.provenance import sha256
from snnc.trainer.model_file import _kept, load_model


def _place(code: CodeType) -> tuple[str, str]:
    """Where it stands: line coverage puts other code in the place of a function's."""
    return code.co_filename, code.co_qualname


@contextmanager
def counted(*functions: Callable[..., object]) -> Iterator[Counter[str]]:
    """How often each of `functions` is called, by whatever name it was imported."""
    names = {_place(each.__code__): each.__name__ for each in functions}
    calls = Counter[str](dict.fromkeys(names.values(), 0))

    def look(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and (place := _place(frame.f_code)) in names:
            calls[names[place]] += 1

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield calls
    finally:
        sys.setprofile(before)


OPENED: list[str] = []


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        OPENED.append(str(arguments[0]))


@pytest.fixture(scope="module")
def opened() -> list[str]:
    """The paths that were opened since it was cleared. A hook of Python's stays for good: there is one."""
    sys.addaudithook(_heard)
    return OPENED


def model_file(folder: Path) -> tuple[Path, list[str]]:
    saved(tiny_model(), folder)
    return folder / "model.pt", []


def nir_file(folder: Path) -> tuple[Path, list[str]]:
    one = np.ones(2)
    nodes = (
        nir.Linear(weight=np.eye(2)),
        nir.LIF(4e-3 * one, one, 0 * one, one, 0 * one),
        nir.Linear(weight=np.ones((3, 2))),
        nir.LI(4e-3 * np.ones(3), np.ones(3), np.zeros(3)),
    )
    nir.write(folder / "net.nir", nir.NIRGraph.from_list(*nodes))
    return folder / "net.nir", ["--dt", "0.001", "--time-steps", "9", "--reset", "zero"]


@pytest.mark.parametrize("file", [model_file, nir_file])
def test_an_export_reads_its_file_once_and_its_own_graph_once(tmp_path, opened, file):
    path, options = file(tmp_path)
    out = tmp_path / "out.loihi"
    _kept.cache_clear()
    opened.clear()
    functions = (load_model, import_nir, read_foreign, read_nir, graph_bounds, Place.run, read_placement)
    with counted(*functions) as calls:
        assert main(["export", str(path), *options, "-o", str(out), "--no-budget"]) == 0
    assert opened.count(str(path)) == 1
    assert calls == {
        "load_model": file is model_file,
        "import_nir": file is nir_file,
        "read_foreign": file is nir_file,
        "read_nir": 1,
        "graph_bounds": 1,
        "run": 1,
        "read_placement": 1,
    }
    carried = out / ("source.pt" if file is model_file else "source.nir")
    assert sha256(carried.read_bytes()) == sha256(path.read_bytes())


def test_verify_proves_loads_and_places_once(digits_artifact, tmp_path):
    artifact = shutil.copytree(digits_artifact, tmp_path / "model.loihi")  # one that nothing has read before
    _kept.cache_clear()
    command = ["verify", str(artifact), "--executors", "oracle", "--samples", "2", "--generated", "1"]
    with counted(graph_bounds, load_model, program_of, read_nir) as calls:
        assert main([*command, "-o", str(tmp_path / "report")]) == 0
    assert calls == {"graph_bounds": 1, "load_model": 1, "program_of": 1, "read_nir": 1}


def test_a_model_is_read_anew_where_its_artifact_was_replaced(tmp_path):
    first = read_artifact(exported(tiny_model(), tmp_path))
    assert source_model(first) is source_model(first)
    shutil.rmtree(first.path)
    second = read_artifact(exported(tiny_model(time_steps=13), tmp_path))
    assert first.path == second.path
    assert [source_model(each).time_steps for each in (first, second, first)] == [12, 13, 12]
