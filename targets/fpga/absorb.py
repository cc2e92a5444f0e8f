"""Move registers behind the block RAMs of an ECP5 netlist into them: yosys does not use those that they have.

A block RAM without its output register answers after 5.6 ns, which would be the slowest path of a core.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Cells = dict[str, dict[str, Any]]
BLOCK_RAM, REGISTER = "DP16KD", "TRELLIS_FF"
DATA_BITS = 18


def absorb(netlist: dict[str, Any]) -> int:
    """Change a netlist, as `yosys write_json` writes it, in place; the number of ports that got a register.

    A port is left as it is unless each bit of it that is read leads to one register alone, of the same clock,
    which takes a value in every cycle and has no reset.
    """
    found = 0
    for module in netlist["modules"].values():
        cells: Cells = module["cells"]
        readers = _readers(module)
        for cell in [each for each in cells.values() if each["type"] == BLOCK_RAM]:
            for port in "AB":
                found += _absorb(cells, cell, port, readers)
    return found


def absorb_file(path: Path) -> int:
    """`absorb` the netlist in the file `path`, and write it there."""
    netlist = json.loads(path.read_text())
    found = absorb(netlist)
    path.write_text(json.dumps(netlist))
    return found


def _readers(module: Mapping[str, Any]) -> Mapping[int, list[tuple[str, str]]]:
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


def _absorb(
    cells: Cells, cell: dict[str, Any], port: str, readers: Mapping[int, list[tuple[str, str]]]
) -> int:
    connections = cell["connections"]
    outputs = [f"DO{port}{bit}" for bit in range(DATA_BITS)]
    read = {each: readers[connections[each][0]] for each in outputs if _is_read(connections, each, readers)}
    registers = {each: readers_of[0][0] for each, readers_of in read.items() if len(readers_of) == 1}
    if not read or len(registers) < len(read):
        return 0
    clock = connections[f"CLK{port}"]
    if not all(
        name and _is_plain(cells[name], clock) and read[each][0][1] == "DI"
        for each, name in registers.items()
    ):
        return 0
    for each, name in registers.items():
        connections[each] = cells.pop(name)["connections"]["Q"]
    cell["parameters"][f"REGMODE_{port}"] = "OUTREG"
    connections[f"OCE{port}"] = ["1"]
    return 1


def _is_read(
    connections: Mapping[str, Any], output: str, readers: Mapping[int, list[tuple[str, str]]]
) -> bool:
    return output in connections and bool(readers.get(connections[output][0]))


def _is_plain(cell: Mapping[str, Any], clock: list[Any]) -> bool:
    """Whether it is a register of `clock` without enable and reset."""
    constants: Iterator[str] = (cell["parameters"][each].strip() for each in ("CEMUX", "CLKMUX", "REGSET"))
    reset = cell["connections"].get("LSR", ["0"])
    return (
        cell["type"] == REGISTER
        and tuple(constants) == ("1", "CLK", "RESET")
        and reset == ["0"]
        and cell["connections"]["CLK"] == clock
    )
