"""Netlists of ECP5 cells, as yosys writes them, with models in place of the cells of which yosys has none.

`tests/ecp5/cells.v` has the models. A cell in a mode that they do not know is an error here, so that a
netlist cannot agree by accident: each parameter and each input is handed to the model, or it must have the
one value that is named here, or it stands here why it does not matter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

Cell = dict[str, Any]
Netlist = dict[str, Any]
Bits = list[Any]
"""Numbers of nets, or the constants "0", "1" and "x"."""

BYTE = 9
WIDTHS = (9, 18, 36)
"""Bits of a port of a block RAM."""


class UnknownModeError(Exception):
    """A cell has a parameter, a value or a connection that its model does not know."""


def modelled(netlist: Netlist, top: str) -> Netlist:
    """The module `top` of `netlist` and those within it, with models in place of block RAMs and multipliers.

    Raises `UnknownModeError`.
    """
    modules: dict[str, Any] = {}
    wanted = [top]
    while wanted:
        name = wanted.pop()
        module = netlist["modules"].get(name)
        if name in modules or module is None or "blackbox" in module["attributes"]:
            continue
        fresh = itertools.count(1 + max(_nets(module), default=1))
        cells = {
            each: MODELS[cell["type"]](Given(f"{cell['type']} {each}", cell, fresh))
            if cell["type"] in MODELS
            else cell
            for each, cell in module["cells"].items()
        }
        modules[name] = module | {"cells": cells}
        wanted += [cell["type"] for cell in cells.values()]
    return {"modules": modules}


class Given:
    """The parameters and connections of a cell; what is taken of them is gone."""

    def __init__(self, name: str, cell: Cell, fresh: Iterator[int]) -> None:
        self.name, self.fresh = name, fresh
        self.parameters = dict(cell["parameters"])
        self.connections = dict(cell["connections"])

    def refuse(self, what: str, value: object) -> UnknownModeError:
        return UnknownModeError(f"{self.name}: {what} = {value} is not modelled")

    def choice(self, name: str, *values: str) -> str:
        """The parameter `name`, which must be one of `values`; its default is the first."""
        value = str(self.parameters.pop(name, values[0])).strip()
        if value not in values:
            raise self.refuse(name, value)
        return value

    def bit(self, name: str, default: str = "0") -> Any:
        return self.connections.pop(name, [default])[0]

    def fixed(self, name: str, value: str) -> None:
        """The input `name` must be the constant `value`."""
        if (found := self.bit(name, value)) != value:
            raise self.refuse(name, found)

    def bus(self, name: str, width: int) -> Bits:
        return [self.bit(f"{name}{at}") for at in range(width)]

    def outputs(self, name: str, width: int) -> Bits:
        """The nets that outputs drive, new ones where they are not connected."""
        return [(self.connections.pop(f"{name}{at}", None) or [next(self.fresh)])[0] for at in range(width)]

    def cell(
        self, kind: str, numbers: dict[str, int | str], inputs: dict[str, Bits], **outputs: Bits
    ) -> Cell:
        """The model `kind`; nothing of what was given may be left."""
        for name, value in [*self.parameters.items(), *self.connections.items()]:
            raise self.refuse(name, value)
        texts = {name: each if isinstance(each, str) else f"{each:032b}" for name, each in numbers.items()}
        directions = dict.fromkeys(inputs, "input") | dict.fromkeys(outputs, "output")
        return {
            "type": kind,
            "parameters": texts,
            "attributes": {},
            "port_directions": directions,
            "connections": inputs | outputs,
        }


def multiplier(given: Given) -> Cell:
    for name in ("REG_INPUTA_CLK", "REG_INPUTB_CLK", "REG_PIPELINE_CLK"):
        given.choice(name, "NONE")
    register = given.choice("REG_OUTPUT_CLK", "NONE", "CLK0") != "NONE"
    given.choice("REG_OUTPUT_CE", "CE0")
    given.choice("REG_OUTPUT_RST", "RST0")
    for name in ("SOURCEA", "SOURCEB", *(f"C{at}" for at in range(18))):
        given.fixed(name, "0")
    if register:
        given.fixed("CE0", "1")
        given.fixed("RST0", "0")
    inputs = {
        "i_clk": [given.bit("CLK0")],
        "i_a_signed": [given.bit("SIGNEDA")],
        "i_b_signed": [given.bit("SIGNEDB")],
        "i_a": given.bus("A", 18),
        "i_b": given.bus("B", 18),
    }
    if register and isinstance(inputs["i_clk"][0], str):
        raise given.refuse("CLK0", inputs["i_clk"])
    return given.cell("multiplier", {"REGISTER": int(register)}, inputs, o_value=given.outputs("P", 36))


def block_ram(given: Given) -> Cell:
    """As nextpnr understands it: where A writes 36 bits, B reads, and no more.

    Then A's data are those of both ports, and so are 36 bits that B reads; fewer are B's outputs alone.
    """
    for port in "AB":
        given.choice(f"CSDECODE_{port}", "0b000")
        given.choice(f"CLK{port}MUX", f"CLK{port}")
        for select in range(3):
            given.fixed(f"CS{port}{select}", "0")
    for name in ("GSR", "ASYNC_RESET_RELEASE"):  # of resets that are not modelled
        given.parameters.pop(name, None)
    resets = given.choice("RESETMODE", "SYNC", "ASYNC")
    widths = {port: int(given.parameters.pop(f"DATA_WIDTH_{port}"), 2) for port in "AB"}
    registers = {port: given.choice(f"REGMODE_{port}", "NOREG", "OUTREG") for port in "AB"}
    clocks = {port: given.bit(f"CLK{port}") for port in "AB"}
    data = {port: given.bus(f"DI{port}", 18) for port in "AB"}
    values = {port: given.outputs(f"DO{port}", 18) for port in "AB"}
    wide = widths["A"] == 36
    if not set(widths.values()) <= set(WIDTHS) or (widths["B"] == 36 and not wide):
        raise given.refuse("DATA_WIDTH", widths)
    if wide:
        if registers["A"] != registers["B"]:
            raise given.refuse("REGMODE", registers)
        given.fixed("WEA", "1")  # bits of its address say which bytes are written
        given.fixed("WEB", "0")
        given.connections["WEA"] = ["1"]
        data["A"] += data["B"]
        if widths["B"] == 36:
            data["B"], values["B"] = data["A"], values["A"] + values["B"]
        values["A"] = [next(given.fresh) for _ in range(36)]  # nobody reads them

    running = {each for each in clocks.values() if isinstance(each, int)}
    if len(running) != 1:
        raise given.refuse("CLK", clocks)
    numbers: dict[str, int | str] = {"INIT": contents(given)}
    inputs: dict[str, Bits] = {"i_clk": list(running)}
    outputs: dict[str, Bits] = {}
    for port, width in widths.items():
        size, own = width // BYTE, port.lower()
        address = given.bus(f"AD{port}", 14)
        reset, runs = given.bit(f"RST{port}"), given.bit(f"CE{port}", "1")
        if resets == "ASYNC" and reset != "0":
            raise given.refuse(f"RST{port}", reset)
        if (enable := given.bit(f"OCE{port}", "1")) != "1" and registers[port] == "OUTREG":
            raise given.refuse(f"OCE{port}", enable)
        mode = given.choice(f"WRITEMODE_{port}", "NORMAL", "READBEFOREWRITE")
        skipped = size.bit_length() - 1
        numbers[f"{port}_BYTES"] = size
        numbers[f"{port}_KEEPS"] = int(mode == "NORMAL")
        numbers[f"{port}_REGISTER"] = int(registers[port] == "OUTREG")
        inputs[f"i_{own}_runs"] = [runs if clocks[port] in running else "0"]
        inputs[f"i_{own}_reset"] = [reset]
        inputs[f"i_{own}_writes"] = [given.bit(f"WE{port}")]
        inputs[f"i_{own}_bytes"] = address[:size] if size > 1 else ["1"]
        inputs[f"i_{own}_at"] = ["0"] * skipped + address[3 + skipped :]
        inputs[f"i_{own}_value"] = data[port][:width]
        outputs[f"o_{own}_value"] = values[port][:width]
    return given.cell("ebr", numbers, inputs, **outputs)


def contents(given: Given) -> str:
    """INIT of the model, its highest bit first: of 320 bits each parameter has 16 words of 18, and gaps."""
    words = []
    for at in range(64):
        bits = str(given.parameters.pop(f"INITVAL_{at:02X}"))[::-1]
        if len(bits) != 320:
            raise given.refuse(f"INITVAL_{at:02X}", bits)
        words += [bits[first : first + 18] for first in range(0, 320, 20)]
    return "".join(words)[::-1]


MODELS = {"DP16KD": block_ram, "MULT18X18D": multiplier}


def _nets(module: dict[str, Any]) -> Iterator[int]:
    for cell in module["cells"].values():
        for bits in cell["connections"].values():
            yield from (bit for bit in bits if isinstance(bit, int))
    for port in module["ports"].values():
        yield from (bit for bit in port["bits"] if isinstance(bit, int))
