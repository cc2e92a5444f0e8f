"""`snnc place`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from snnc.cli.counted_on import Given, counted_on, print_golden
from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import Artifact

    Lines = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

MEGA = 1_000_000
QUICK = 16
LONG = (
    "may take an hour to place: examples/heidelberg on a ULX3S took 69 minutes of processor time with 64, "
    "and 5 with 16 (--lanes 16 of `snnc export`)"
)
"""Lanes that are placed in minutes, and what is said of more."""


def place(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export --target fpga --board BOARD`.")],
    mhz: Annotated[
        float | None,
        typer.Option(min=1, max=10_000, help="Frequency that placement aims at; default: the board's clock."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Recordings that the cycles are counted on, as `snnc verify` takes them, instead of the "
            "model's own data."
        ),
    ] = None,
    inputs: Given = None,
    core: Annotated[
        bool,
        typer.Option(
            "--core", help="Place the core alone, with registers at its ports, in the board's device."
        ),
    ] = False,
    seed: Annotated[
        int, typer.Option(min=1, help="Random seed of placement; another gives another result.")
    ] = 1,
    trust_program: Annotated[
        bool,
        typer.Option("--trust-program", help="Place its files even if this snnc did not emit them."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the report as JSON to this file, too.")
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Synthesise, place and route the design for a board, and report its size and speed.

    It runs yosys and nextpnr; with more than 16 lanes they may take an hour. No board is needed. Recordings a
    second are the frequency over the mean cycles of the samples of --input, else of the 20 test recordings
    that `snnc verify` takes, or of golden inputs if those recordings cannot be read. The report stays in the
    folder as place.json; `snnc verify` reads it.

    --core leaves out the serial link, the clock generator and the pins: it tells what the core may reach in a
    design of your own. Then place.json is not written.

    Example: snnc place model.fpga --mhz 140 -o place.json
    """
    import json
    import math

    from snnc.cli import console, results
    from snnc.cli.after_model import for_a_board
    from snnc.cli.following import hint, is_told, verifying
    from snnc.cli.replacing import JSON, refuse_other_text
    from snnc.errors import ArtifactError, InputError
    from snnc.exporter.artifact import check_program, read_artifact
    from snnc.io import files
    from snnc.report.files import write_report
    from snnc.stages.board_clock import PLACE_FILE
    from snnc.targets.fpga.parameters import lanes_of
    from snnc.targets.fpga.place import board_of
    from snnc.targets.fpga.place import place as placed_design
    from snnc.targets.fpga.settings import clock_mhz, configure

    if None not in (inputs, dataset):
        raise InputError(f"--dataset {dataset}: is given beside --input; give one of both")
    loaded = read_artifact(artifact)
    if not trust_program:
        check_program(loaded)
    if output is not None:
        if files.real_path(output) != files.real_path(artifact / PLACE_FILE):  # which it writes in any case
            refuse_other_text("-o", output, JSON, "JSON")
        files.check_writable(output)
    try:
        board_of(loaded.program)
    except ArtifactError as error:
        raise ArtifactError(
            f"{artifact}: is for no FPGA board, so there is nothing to place; {for_a_board(loaded)}"
        ) from error
    clock = float(clock_mhz(configure(loaded.manifest.get("settings", {}))))
    if (lanes := lanes_of(loaded.program)) > QUICK:
        console.aside().print(f"note: {lanes} lanes {LONG}", soft_wrap=True)
    counted = counted_on(loaded, inputs, dataset)  # before hours of placement, which a wrong file would waste
    print_golden(counted, "the cycles will be the mean")
    with console.phases("placing the design") as tell:
        found = placed_design(loaded.program, mhz or clock, seed, tell, core)
        tell("counting cycles", "")
        cycles, by_line = _counted(loaded, counted.spikes)
    report: dict[str, Any] = {
        "board": found.board,
        "core_alone": core,
        "mhz": math.floor(found.mhz * 100) / 100,  # never up: it must not seem to reach the board's clock
        "cycles_a_recording": round(cycles, 1),
        "recordings": counted.counted,
        "recordings_a_second": round(found.mhz * MEGA / cycles, 1),
        "cells": {name: [use.used, use.available] for name, use in found.cells.items()},
        "tools": dict(found.tools),
        "inputs_sha256": found.inputs,
        "seed": found.seed,
    }
    if not core:
        report |= _on_the_board(found.board, clock, cycles, by_line)
    results.write(as_json, "place", report)
    out, one = console.out(), counted.one
    for name, (used, available) in report["cells"].items():
        out.print(f"{name}: {used} of {available}")
    out.print(
        f"made by {', '.join(f'{name} {version}' for name, version in found.tools.items())}", soft_wrap=True
    )
    out.print(f"inputs: SHA-256 {found.inputs}", soft_wrap=True)
    out.print(
        f"{found.board}{', the core alone' if core else ''}: {found.mhz:.1f} MHz after routing, "
        f"{cycles:,.0f} cycles a {one} ({report['recordings']}): "
        f"{report['recordings_a_second']:,.0f} {one}s/s",
        soft_wrap=True,
    )
    data = (json.dumps(report, indent=1) + "\n").encode()
    if output is not None:
        files.write_file(output, data)
    if core:
        return
    out.print(_verdict(report, found.mhz, lanes, one), soft_wrap=True)
    try:
        write_report(loaded, artifact / PLACE_FILE, data)
    except InputError as error:  # a folder that is only read; what was found is printed, and with -o written
        console.aside().print(f"note: {error}; `snnc verify` will not know of the clock", soft_wrap=True)
        return
    if not is_told(loaded):
        hint(verifying(loaded, dataset, trust_program))


def _on_the_board(name: str, clock: float, cycles: float, by_line: Lines) -> dict[str, Any]:
    """What the report says of the board `name` at `clock` MHz and its serial port."""
    from snnc.targets.fpga.boards import BOARDS
    from snnc.targets.fpga.serial_port import HELLO, START, a_second

    board = BOARDS[name]
    through = min(a_second(board.baud, 1 << board.buffer_bits, *by_line), clock * MEGA / cycles)
    return {
        "board_mhz": clock,
        "serial_bytes": [
            round(float(each.sum(axis=1).mean()) + begin, 1)
            for each, begin in zip(by_line, (START, HELLO), strict=True)
        ],
        "serial_recordings_a_second": round(through, 2),
    }


def _verdict(report: dict[str, Any], mhz: float, lanes: int, one: str) -> str:
    """Whether the board's clock is met by `mhz`, what it then computes, and what to change.

    `one`: what a sample is called.
    """
    from snnc.report.off_chip import rate_words
    from snnc.targets.fpga.boards import BOARDS
    from snnc.targets.fpga.settings import LANES

    board, clock = BOARDS[report["board"]], report["board_mhz"]
    reached = [each for each in board.choices if float(each) <= mhz]
    if clock > mhz:
        fewer = [each for each in LANES if each < lanes]
        changes = [*(f"--clock {each}" for each in reached[-1:]), *(f"--lanes {each}" for each in fewer[-1:])]
        change = f", or export with {' or '.join(changes)}" if changes else ""
        return f"too slow for the {clock:g} MHz of the board's top: try another --seed{change}"
    change = f"; export with --clock {reached[-1]} to run it faster" if float(reached[-1]) > clock else ""
    through = report["serial_recordings_a_second"]
    fastest = clock * MEGA / report["cycles_a_recording"]
    return f"the board runs it at {clock:g} MHz: {rate_words(fastest, one, board.baud, through)}{change}"


def _counted(artifact: Artifact, events: npt.NDArray[np.uint8]) -> tuple[float, Lines]:
    """The mean cycles of uint8 `events` [samples, T, inputs], by the machine model, and `bytes_on_line`."""
    from snnc.plugins.executors import load_executor
    from snnc.targets.fpga.cycles import cycles
    from snnc.targets.fpga.layout import layout
    from snnc.targets.fpga.parameters import lanes_of
    from snnc.targets.fpga.serial_port import bytes_on_line
    from snnc.targets.fpga.shape import shape

    trace = load_executor("hwsim").run(artifact, events).checked()
    of = layout(artifact.graph, lanes_of(artifact.program))
    taken = float(cycles(of, events, trace.layers).sum(axis=1).mean())
    return taken, bytes_on_line(of, shape(of), events, trace.layers)
