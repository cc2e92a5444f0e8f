"""What an emitted Lava program reads by itself, without snnc. Lava is not needed: it would come next."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from graph_cases import adlif, dense, graph_of, li, source

from fuzzing import archives, hdf5
from fuzzing.special import put, remove
from fuzzing.target import Target
from snnc.errors import ExecutorError
from snnc.stages import QuantizedGraph
from snnc.targets.loihi.emitter import program_files
from snnc.targets.loihi.target import LIMITS


def program_targets(folder: Path, spikes: bytes) -> tuple[Target, ...]:
    """Of the program in `folder`, which takes `spikes` and holds network.net."""
    given = folder.parent / "given.npz"
    program, network = (folder / name for name in ("program.npz", "network.net"))
    sound = {given: spikes, program: program.read_bytes(), network: network.read_bytes()}
    run, netx = script(folder, "run"), script(folder, "run_netx")

    def reading(altered: Path, load: Callable[[], Any]) -> Callable[[Path], object]:
        def read(path: Path) -> None:
            for place, content in sound.items():
                remove(place)
                place.write_bytes(content)
            put(path, altered)
            ended(lambda: run.main(["--input", str(given)], load))

        return read

    def lava() -> NoReturn:
        raise run.RunError(READ)

    def netx_lava() -> NoReturn:
        netx.check_network()
        lava()

    return (
        Target("run.py program", ".npz", (sound[program],), reading(program, lava), archives.npz),
        Target("run.py spikes", ".npz", (spikes,), reading(given, lava), archives.npz),
        Target("run_netx.py network", ".h5", (sound[network],), reading(network, netx_lava), hdf5.hdf5),
    )


def graph_targets(folder: Path, spikes: bytes) -> tuple[Target, ...]:
    """Of the program of a graph, written to `folder`, which takes `spikes`."""
    for name, content in program_files(_graph(), LIMITS).items():
        path = folder / "program" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    given, program = folder / "given.npz", folder / "program/graph.npz"
    sound = {given: spikes, program: program.read_bytes()}
    run = script(program.parent, "run_graph")

    def lava() -> NoReturn:
        raise run.run.RunError(READ)

    def reading(altered: Path) -> Callable[[Path], object]:
        def read(path: Path) -> None:
            for place, content in sound.items():
                remove(place)
                place.write_bytes(content)
            put(path, altered)
            ended(lambda: run.main(["--input", str(given)], lava), "run_graph.py")

        return read

    return (
        Target("run_graph.py program", ".npz", (sound[program],), reading(program), archives.npz),
        Target("run_graph.py spikes", ".npz", (spikes,), reading(given), archives.npz),
    )


def _graph() -> QuantizedGraph:
    """Five lines and 12 steps, as `spikes` has them."""
    hidden = adlif("h", 2, reset="subtract", reset_by=1)
    projections = [
        dense("x", "h", [[5, 0, 1, 2, 3], [0, -6, 0, 0, 1]], 1),
        dense("h", "h", [[0, 1], [2, 0]], 4),
    ]
    return graph_of([source(neurons=5), hidden, li()], [*projections, dense("h", "y", [[7, 8]])], 12)


READ = "all is read"


def ended(main: Callable[[], int], name: str = "run.py") -> None:
    """Raise `ExecutorError` with what `main` said if it ended as it should on a file that it refuses."""
    with contextlib.redirect_stderr(io.StringIO()) as errors:
        code = main()
    said = errors.getvalue()
    assert code == 2, code
    assert said.startswith(f"{name}: "), said
    assert len(said.splitlines()) <= 2, said
    if READ not in said:
        raise ExecutorError(said)


def script(folder: Path, name: str) -> ModuleType:
    """An emitted script as a module, which works in its own folder; those that it imports may be others'."""
    spec = importlib.util.spec_from_file_location(f"emitted_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    before, written = list(sys.path), sys.dont_write_bytecode
    module = importlib.util.module_from_spec(spec)
    try:
        sys.path.insert(0, str(folder))
        spec.loader.exec_module(module)
    finally:
        sys.path[:], sys.dont_write_bytecode = before, written
    return module
