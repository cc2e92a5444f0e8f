"""Move registers into the block RAMs and multipliers of an ECP5 netlist: yosys does not use their own.

Without its output register a block RAM answers after 5.6 ns and a multiplier after 3.9, and the way to a
register elsewhere comes after that: these would be the slowest paths of a core.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
Readers = Mapping[int, list[tuple[str, str]]]
REGISTER = "TRELLIS_FF"
WIDE = "DP16KD that writes 36 bits"
"""Port A writes, port B reads: all outputs follow the clock of B; their register is set for both ports, as
nextpnr sets it where it makes such a cell of a PDPW16KD."""


@dataclass(frozen=True, slots=True)
class Output:
    """Outputs of a cell that have one register, what turns it on, and the ports that it needs.

    `resets`: the inputs that would reset it together with what it follows.
    """

    bits: Sequence[str]
    clock: str
    parameters: Mapping[str, str]
    constants: Mapping[str, str]
    resets: Sequence[str] = ()


OUTPUTS = {
    "DP16KD": [
        Output(
            [f"DO{port}{bit}" for bit in range(18)],
            f"CLK{port}",
            {f"REGMODE_{port}": "OUTREG"},
            {f"OCE{port}": "1"},
            [f"RST{port}"],
        )
        for port in "AB"
    ],
    WIDE: [
        Output(
            [f"DO{port}{bit}" for port in "AB" for bit in range(18)],
            "CLKB",
            {"REGMODE_A": "OUTREG", "REGMODE_B": "OUTREG"},
            {"OCEA": "1", "OCEB": "1"},
            ["RSTA", "RSTB"],
        )
    ],
    "MULT18X18D": [
        Output(
            [f"P{bit}" for bit in range(36)],
            "CLK0",
            {"REG_OUTPUT_CLK": "CLK0", "REG_OUTPUT_CE": "CE0", "REG_OUTPUT_RST": "RST0"},
            {"CE0": "1", "RST0": "0"},
        )
    ],
}


def absorb(netlist: dict[str, Any]) -> int:
    """Change a netlist, as `yosys write_json` writes it, in place; the number of registers that are used now.

    An output is left as it is unless each bit of it that is read leads to one flip-flop alone, all of one
    clock, which takes a value in every cycle and has no reset. Nor does a register move where the cell itself
    is reset, or has a clock of the other edge: its own register would follow.

    A register that moved may have any value before its first clock.
    """
    found = 0
    for module in netlist["modules"].values():
        readers = _readers(module)
        for cell in list(module["cells"].values()):
            for output in OUTPUTS.get(_kind(cell), ()):
                found += _absorb(module["cells"], cell, output, readers)
    return found


def absorb_file(path: Path) -> int:
    """`absorb` the netlist in the file `path`, and write it there."""
    netlist = json.loads(path.read_text())
    found = absorb(netlist)
    path.write_text(json.dumps(netlist))
    return found


def _readers(module: Mapping[str, Any]) -> Readers:
    """Bit of a net -> (cell, its port) of all that read it; a port of the module is a cell of no name."""
    readers = defaultdict(list)
    for name, cell in module["cells"].items():
        for port, bits in cell["connections"].items():
            if cell["port_directions"].get(port) != "output":
                for bit in bits:
                    readers[bit].append((name, port))
    for port in module["ports"].values():
        for bit in port["bits"]:
            readers[bit].append(("", ""))
    return readers


def _absorb(cells: dict[str, Cell], cell: Cell, output: Output, readers: Readers) -> int:
    connections = cell["connections"]
    if any(connections.get(port, ["0"]) != ["0"] for port in output.resets):
        return 0
    if cell["parameters"].get(f"{output.clock}MUX", output.clock) != output.clock:
        return 0
    read = {bit: readers[connections[bit][0]] for bit in output.bits if _is_read(connections, bit, readers)}
    registers = {bit: cells.get(by[0][0]) for bit, by in read.items() if len(by) == 1 and by[0][1] == "DI"}
    if not read or len(registers) < len(read):
        return 0
    clocks = {_clock(register) for register in registers.values()}
    clocks.update(connections.get(output.clock, ()))
    if len(clocks) > 1 or None in clocks:
        return 0
    for bit, by in read.items():
        connections[bit] = cells.pop(by[0][0])["connections"]["Q"]
    cell["parameters"].update(output.parameters)
    added = {output.clock: list(clocks)} | {port: [value] for port, value in output.constants.items()}
    connections.update(added)
    cell["port_directions"].update(dict.fromkeys(added, "input"))
    return 1


def _kind(cell: Cell) -> str:
    width = cell["parameters"].get("DATA_WIDTH_A", "0")
    return WIDE if cell["type"] == "DP16KD" and int(width, 2) == 36 else cell["type"]


def _is_read(connections: Mapping[str, Any], output: str, readers: Readers) -> bool:
    return output in connections and bool(readers.get(connections[output][0]))


def _clock(cell: Cell | None) -> int | None:
    """The clock of a flip-flop without enable and reset; None for any other cell."""
    if cell is None or cell["type"] != REGISTER:
        return None
    constants = [cell["parameters"][each].strip() for each in ("CEMUX", "CLKMUX", "LSRMUX", "REGSET")]
    if constants != ["1", "CLK", "LSR", "RESET"] or cell["connections"].get("LSR", ["0"]) != ["0"]:
        return None
    clock: int = cell["connections"]["CLK"][0]
    return clock


if __name__ == "__main__":
    absorb_file(Path(sys.argv[1]))
