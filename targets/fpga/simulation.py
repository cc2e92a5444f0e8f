"""Build the core's simulation with Verilator, run it on events, and read what it writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files as package_files
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.io import files
from snnc.stages import LayerTrace
from snnc.stages.population import ADLIF
from snnc.targets.fpga import runtime, tools
from snnc.targets.fpga.layout import Layout
from snnc.targets.programs import call

IntArray = npt.NDArray[np.int64]

BUILD_SECONDS = 600.0
SIMULATION = "snnc_sim"
DONE = "snnc_sim: done"
WARNINGS = ("-Wno-fatal",)
"""A later Verilator may warn of more than those that the tests know."""
OPTIMISED = "-O1"
RANDOM = ("--x-initial", "unique", "--x-assign", "unique")
AT_RANDOM = ("+verilator+rand+reset+2", "+verilator+seed+7")
"""Registers without a reset begin with numbers at random, as those of a chip may, and not with 0."""


def sources(program: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of `program` that a build reads: all but the memories."""
    return {
        name: data
        for name, data in program.items()
        if name.split("/")[0] in ("rtl", "sim") and not name.endswith(".hex")
    }


def rules() -> dict[str, bytes]:
    """The files of `rules/`: what each module of the core must do, for `build`."""
    here = package_files(__package__).joinpath("rules")
    return {f"rules/{each.name}": each.read_bytes() for each in here.iterdir() if each.is_file()}


def build(
    program: Mapping[str, bytes], folder: Path, beside: Mapping[str, bytes] = MappingProxyType({})
) -> Path:
    """The program that simulates the core of the files `program`, built in `folder`.

    `beside`: further files in Verilog, as `rules()`, that are simulated with the core.

    Raises
    ------
    ExecutorUnavailableError
        If Verilator or a compiler is missing.
    ExecutorError
        If building fails: a file is missing or has an error.
    """
    files.fill(folder, {**sources(program), **beside})
    verilog = [name for name in sources(program) if name.startswith("rtl/") and name.endswith(".v")]
    return compiled(folder, SIMULATION, ["sim/snnc_sim.v", *sorted(verilog), *sorted(beside)], "sim/main.cpp")


def compiled(folder: Path, top: str, verilog: Sequence[str], main: str) -> Path:
    """The program that simulates the module `top` of the files `verilog` in `folder`. Raises as `build`."""
    found, compiler = tools.verilator(), tools.compiler()
    words = [str(found.program), "--cc", *WARNINGS, *RANDOM, "-O3", "--no-timing", "-Irtl", "-Iboard"]
    words += ["--Mdir", "obj", "--top-module", top, "--prefix", f"V{top}", *verilog]
    call(words, folder, BUILD_SECONDS, "Verilator", variables={"VERILATOR_ROOT": str(found.root)})
    units = sorted(path.name for path in (folder / "obj").glob("*.cpp"))
    unit = "".join(f'#include "obj/{name}"\n' for name in units) + f'#include "{main}"\n'
    (folder / "all.cpp").write_text(unit)
    command = [*compiler, *runtime.options(found.root), OPTIMISED, "-I.", "-Iobj", "all.cpp"]
    command += [*runtime.objects(found.root, compiler), "-o", top, "-lpthread"]
    call(command, folder, BUILD_SECONDS, "the C++ compiler")
    return folder / top


def run(
    binary: Path, memory: Mapping[str, bytes], of: Layout, events: npt.NDArray[np.uint8], seconds: float
) -> Simulated:
    """Run uint8 [samples, T, inputs] in the program `binary`, with the files `memory` of `mem/`.

    Raises
    ------
    ExecutorError
        If it fails, takes longer than `seconds` or a step more cycles than it may, or writes no whole trace.
    """
    with files.temporary("snnc-rtl-") as folder:
        printed = _run(binary, memory, events, seconds, folder)
        if DONE not in printed.split("\n"):
            raise ExecutorError(
                "rtl: the simulation ended before its last step", *printed.strip().splitlines()[:1]
            )
        results, times = ((folder / name).read_bytes() for name in ("results.bin", "cycles.bin"))
    return read_results(of, len(events), results, times)


def said(binary: Path, memory: Mapping[str, bytes], events: npt.NDArray[np.uint8], seconds: float) -> str:
    """What the program `binary` prints where `run` asks for its states; it may end before its last step.

    Raises
    ------
    ExecutorError
        If it fails or takes longer than `seconds`.
    """
    with files.temporary("snnc-rtl-") as folder:
        return _run(binary, memory, events, seconds, folder)


def _run(
    binary: Path,
    memory: Mapping[str, bytes],
    events: npt.NDArray[np.uint8],
    seconds: float,
    folder: Path,
) -> str:
    given = {f"mem/{name}": data for name, data in memory.items()}
    given["events.hex"] = events_file(events)
    files.fill(folder, given)
    return call([str(binary), *AT_RANDOM], folder, seconds, "the simulation of the core")


@dataclass(frozen=True, slots=True)
class Simulated:
    """The trace by layer, and int64 [samples, T], the cycles that each step took."""

    layers: tuple[LayerTrace, ...]
    cycles: IntArray


def events_file(events: npt.NDArray[np.uint8]) -> bytes:
    """What `snnc_sim.v`, and `host.py` of a board, read for uint8 [samples, T, inputs].

    A line an event, and one for the end of a step.
    """
    lines = []
    samples, steps, inputs = events.shape
    for step in events.reshape(samples * steps, inputs):
        lines += [f"0{step[line]:02x}{line:08x}" for line in np.flatnonzero(step)]
        lines.append("10000000000")
    return "\n".join([*lines, ""]).encode()


def read_results(of: Layout, samples: int, results: bytes, times: bytes) -> Simulated:
    """The trace that the bytes of `results.bin` and `cycles.bin` tell.

    A core that has w gives it in every record, also where no population is `adlif`.

    Raises
    ------
    ExecutorError
        If they are not those of so many samples, or name another group than the next.
    """
    steps = of.graph.time_steps
    records = samples * steps * of.groups
    states = "uvw" if of.adapts or len(results) == records * 4 * (1 + 3 * of.lanes) else "uv"
    record = np.dtype([("group", "<u4"), ("lanes", [(name, "<i4") for name in states], (of.lanes,))])
    wanted = records * record.itemsize
    if len(results) != wanted or len(times) != samples * steps * 4:
        raise ExecutorError(
            f"rtl: the simulation wrote {len(results)} bytes of states and {len(times)} of cycles, expected "
            f"{wanted} and {samples * steps * 4} ({samples} samples)"
        )
    table = np.frombuffer(results, record).reshape(samples, steps, of.groups)
    if (table["group"] != np.arange(of.groups)).any():
        raise ExecutorError("rtl: the core gave groups in another order than theirs")
    cycles = np.frombuffer(times, "<u4").astype(np.int64).reshape(samples, steps)
    return Simulated(tuple(_layer(of, table["lanes"], name.name) for name in of.graph.stateful), cycles)


def _layer(of: Layout, lanes: npt.NDArray[np.void], name: str) -> LayerTrace:
    place = next(each for each in of.places if each.population.name == name)
    part = lanes[:, :, place.first : place.first + place.groups]
    part = part.reshape(*lanes.shape[:2], place.groups * of.lanes)
    part = part[:, :, : place.population.neurons]
    flags = part["u"]
    wraps, clips = (int(((flags >> bit) & 1).sum(dtype=np.int64)) for bit in (1, 2))
    found = LayerTrace(flags >> 3, part["v"], (flags & 1).astype(bool), wraps, clips)
    if place.population.model != ADLIF:
        return found
    return replace(found, w=part["w"] >> 1, w_clips=int((part["w"] & 1).sum(dtype=np.int64)))
