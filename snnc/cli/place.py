"""`snnc place`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.stages import Artifact

MEGA = 1_000_000


def place(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export --target fpga --board BOARD`.")],
    mhz: Annotated[
        float | None,
        typer.Option(min=1, max=10_000, help="Frequency that placement aims at; default: the board's clock."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(help="Recordings that the cycles are counted on, instead of the model's own data."),
    ] = None,
    seed: Annotated[int, typer.Option(min=1, help="Where placement begins; another finds another.")] = 1,
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

    It runs yosys and nextpnr in a temporary folder, and says what they are at. examples/heidelberg on a ULX3S
    took 4 minutes of processor time with 16 lanes, 11 with 32, and 51 with 64 (its core alone). No board is
    needed. Recordings a second are the frequency over the mean cycles of the 20 test recordings that
    `snnc verify` takes, or of golden inputs if those recordings cannot be read; through the serial port, as
    many of the same as its bytes allow. The report stays in the folder as place.json; `snnc verify` reads it.

    Example: snnc place model.fpga --mhz 140 -o place.json
    """
    import json
    import math

    from snnc.cli import console, results
    from snnc.cli.replacing import JSON, refuse_other_text
    from snnc.errors import InputError
    from snnc.exporter.artifact import check_program, read_artifact
    from snnc.io import files
    from snnc.report.files import write_report
    from snnc.stages.board_clock import PLACE_FILE
    from snnc.targets.fpga.boards import BOARDS
    from snnc.targets.fpga.parameters import lanes_of
    from snnc.targets.fpga.place import board_of
    from snnc.targets.fpga.place import place as placed_design
    from snnc.targets.fpga.serial_port import HELLO, START, a_second
    from snnc.targets.fpga.settings import LANES, clock_mhz, configure
    from snnc.verification.chip import chip_inputs

    loaded = read_artifact(artifact)
    if not trust_program:
        check_program(loaded)
    if output is not None:
        refuse_other_text("-o", output, JSON, "JSON")
        files.check_writable(output)
    board_of(loaded.program)
    clock = float(clock_mhz(configure(loaded.manifest.get("settings", {}))))
    with console.phases("placing the design") as tell:
        found = placed_design(loaded.program, mhz or clock, seed, tell)
        tell("counting cycles", "")
        inputs = chip_inputs(loaded, dataset)
        cycles, by_line = _counted(loaded, inputs.spikes)
    board = BOARDS[found.board]
    fastest = clock * MEGA / cycles
    through = min(a_second(board.baud, 1 << board.buffer_bits, *by_line), fastest)
    report: dict[str, Any] = {
        "board": found.board,
        "board_mhz": clock,
        "mhz": math.floor(found.mhz * 100) / 100,  # never up: it must not seem to reach the board's clock
        "cycles_a_recording": round(cycles, 1),
        "recordings": inputs.name,
        "recordings_a_second": round(found.mhz * MEGA / cycles, 1),
        "serial_bytes": [
            round(float(each.sum(axis=1).mean()) + begin, 1)
            for each, begin in zip(by_line, (START, HELLO), strict=True)
        ],
        "serial_recordings_a_second": round(through, 2),
        "cells": {name: [use.used, use.available] for name, use in found.cells.items()},
        "tools": dict(found.tools),
        "inputs_sha256": found.inputs,
        "seed": found.seed,
    }
    results.write(as_json, "place", report)
    out = console.out()
    for name, (used, available) in report["cells"].items():
        out.print(f"{name}: {used} of {available}")
    out.print(
        f"made by {', '.join(f'{name} {version}' for name, version in found.tools.items())}", soft_wrap=True
    )
    out.print(f"inputs: SHA-256 {found.inputs}", soft_wrap=True)
    out.print(
        f"{found.board}: {found.mhz:.1f} MHz after routing, {cycles:,.0f} cycles a recording "
        f"({inputs.name}, {len(inputs.spikes)} samples): {report['recordings_a_second']:,.0f} recordings/s",
        soft_wrap=True,
    )
    reached = [each for each in BOARDS[found.board].choices if float(each) <= found.mhz]
    if clock <= found.mhz:
        faster = float(reached[-1]) > clock
        change = f"; export with --clock {reached[-1]} to run it faster" if faster else ""
        port = (
            f"through its serial port of {board.baud:,} baud about {through:,.{0 if through >= 10 else 2}f}"
        )
        out.print(
            f"the board runs it at {clock:g} MHz: at most {fastest:,.0f} recordings/s, {port}{change}",
            soft_wrap=True,
        )
    else:
        fewer = [each for each in LANES if each < lanes_of(loaded.program)]
        changes = [*(f"--clock {each}" for each in reached[-1:]), *(f"--lanes {each}" for each in fewer[-1:])]
        change = f", or export with {' or '.join(changes)}" if changes else ""
        out.print(f"too slow for the {clock:g} MHz of the board's top: try another --seed{change}")
    data = (json.dumps(report, indent=1) + "\n").encode()
    if output is not None:
        files.write_file(output, data)
    try:
        write_report(loaded, artifact / PLACE_FILE, data)
    except InputError as error:  # a folder that is only read; what was found is printed, and with -o written
        console.aside().print(f"note: {error}; `snnc verify` will not know of the clock", soft_wrap=True)


def _counted(
    artifact: Artifact, events: npt.NDArray[np.uint8]
) -> tuple[float, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
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
