"""What a board needs beside the core: its top, the serial link, constraints, and a script for the host."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from snnc.stages.population import LI
from snnc.targets.fpga.boards import BOARDS, Board
from snnc.targets.fpga.flash import IMAGE, image
from snnc.targets.fpga.host_files import NETWORK, network, payload_max
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.shape import Shape, bits

LINK = ("buffer", "commands", "flash", "link", "results", "sum", "uart_rx", "uart_tx")
"""Modules of `board/` that every board has."""
ALONE = "alone"
"""The core with registers at its ports, for placement alone."""
SIMULATION = ("link_sim", "link_clock", "flash_sim")
"""Those that simulate it."""
HERE = "board"
PARAMETERS = "board/board.vh"
CLOCK = "board/clock.vh"
"""What the top of a board with several clocks takes."""
HOST = ("host/host.py", "host/answers.py")
ABSORB = "board/absorb.py"
IDENTITY_BITS = 56


def board_files(
    of: Layout, shape: Shape, name: str, clock: str, program: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The files of the board `name` with a `clock` in MHz, for a network whose core is `program`."""
    board, here = BOARDS[name], files(__package__)
    identity = identity_of(program)
    verilog = [*(f"snnc_{each}.v" for each in (*LINK, name, ALONE, *SIMULATION))]
    found = {f"board/{each}": here.joinpath(HERE, each).read_bytes() for each in verilog}
    if shape.spram:
        found[IMAGE] = image(program, shape, identity)
    if board.clocks:
        found[CLOCK] = clock_parameters(board, clock).encode()
    if board.family.absorbs:
        found[ABSORB] = here.joinpath("absorb.py").read_bytes()
    return {
        **found,
        f"board/{board.constraints}": here.joinpath(HERE, board.constraints).read_bytes(),
        "board/main.cpp": here.joinpath(HERE, "main.cpp").read_bytes(),
        PARAMETERS: parameters(of, board, clock, identity).encode(),
        **{each: here.joinpath(each).read_bytes() for each in HOST},
        NETWORK: network(of, shape, _told(board, identity)).encode(),
        "Makefile": program["Makefile"] + makefile(name, board, clock, shape).encode(),
    }


def _told(board: Board, identity: int) -> dict[str, str | int]:
    """What the host's script must know of the board."""
    return {"identity": f"{identity:014x}", "baud": board.baud, "buffer": 1 << board.buffer_bits}


def identity_of(program: Mapping[str, bytes]) -> int:
    """`IDENTITY_BITS` bits that tell the files of this core from all others."""
    found = hashlib.sha256()
    for name in sorted(program):
        if name.split("/")[0] in ("rtl", "mem"):
            found.update(f"{name}\0{len(program[name])}\0".encode())
            found.update(program[name])
    return int.from_bytes(found.digest()[: IDENTITY_BITS // 8])


def clock_parameters(board: Board, clock: str) -> str:
    """The file `clock.vh`."""
    lines = [f"localparam {name} = {number};" for name, number in board.clocks[clock].items()]
    return "\n".join([f"// The clock generator's numbers for {clock} MHz.", *lines, ""])


def divider(board: Board, clock: str) -> int:
    """Clocks a bit of the serial port, to the nearest."""
    return round(float(clock) * 1e6 / board.baud)


def parameters(of: Layout, board: Board, clock: str, identity: int) -> str:
    """The file `board.vh`."""
    reads = [each for each in of.places if each.population.model == LI]
    first = min((each.first for each in reads), default=of.groups)
    count = of.groups - first
    numbers = {
        "DIVIDER": divider(board, clock),
        "TIMER_BITS": bits(divider(board, clock) - 1),
        "BUFFER_BITS": board.buffer_bits,
        "STEPS": of.graph.time_steps,
        "SLOTS": of.slots,
        "LAST_GROUP": of.groups - 1,
        "LAST_RING": of.groups * of.slots - 1,
        "INPUT_BASE": of.input_row,
        "INPUTS": of.graph.inputs,
        "PAYLOAD_MAX": payload_max(of),
        "FIRST_READ": first,
        "READS": count,
        "READ_BITS": bits(count - 1),
    }
    lines = [f"localparam {name} = {number};" for name, number in numbers.items()]
    lines.append(f"localparam [55:0] IDENTITY = 56'h{identity:014x};")
    return "\n".join(["// The board's link to this network's core.", *lines, ""])


def makefile(name: str, board: Board, clock: str, shape: Shape) -> str:
    """What the Makefile has for a board, besides that of the core."""
    family = board.family
    text = files(__package__).joinpath(HERE, "board.mk").read_text()
    told = {
        "@BOARD@": name,
        "@LINK@": " ".join(LINK),
        "@READ@": family.read,
        "@SYNTHESISE@": family.synthesise,
        "@PLACE@": " ".join((family.place, *board.device)),
        "@CONSTRAINTS@": " ".join(family.constraints)
        + ("" if family.constraints[-1].endswith("=") else " ")
        + f"board/{board.constraints}",
        "@PLACED@": family.placed,
        "@SUFFIX@": family.suffix,
        "@PACK@": family.pack,
        "@PACKING@": family.packing,
        "@LOAD@": f"{board.load} {IMAGE}",
        "@PROGRAM@": board.program,
        "@MHZ@": clock,
        "@BAUD@": str(board.baud),
    }
    if not family.absorbs:
        text = text.replace(f"\tpython3 {ABSORB} $@\n", "")
    if not shape.spram:
        text = text.replace("\t$(call tool,$(PROGRAM),PROGRAM) @LOAD@\n", "")
    for each, value in told.items():
        text = text.replace(each, value)
    return text
