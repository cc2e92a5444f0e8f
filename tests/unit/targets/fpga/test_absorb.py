"""Registers that move into block RAMs and multipliers of a netlist, and those that must not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from snnc.targets.fpga.absorb import absorb, absorb_file

CLOCK, DATA, VALUE, OTHER = 2, 10, 20, 30
Netlist = dict[str, Any]


def netlist() -> Netlist:
    """Two bits of port A lead to a register each; nobody reads port B."""
    directions = {"CLK": "input", "DI": "input", "LSR": "input", "CE": "input", "Q": "output"}
    outputs = {"DOA0": [DATA], "DOA1": [DATA + 1], "DOB0": [DATA + 2]}
    ram = {
        "type": "DP16KD",
        "parameters": {"REGMODE_A": "NOREG", "REGMODE_B": "NOREG"},
        "port_directions": {"CLKA": "input", "CLKB": "input", **dict.fromkeys(outputs, "output")},
        "connections": {"CLKA": [CLOCK], "CLKB": [CLOCK], **outputs},
    }
    cells = {"ram": ram} | {
        f"register{bit}": {
            "type": "TRELLIS_FF",
            "parameters": {
                "CEMUX": "1 ",
                "CLKMUX": "CLK",
                "LSRMUX": "LSR",
                "REGSET": "RESET",
            },
            "port_directions": directions,
            "connections": {"CLK": [CLOCK], "DI": [DATA + bit], "LSR": ["0"], "Q": [VALUE + bit]},
        }
        for bit in (0, 1)
    }
    return {"modules": {"top": {"ports": {"o": {"direction": "output", "bits": [VALUE]}}, "cells": cells}}}


def test_registers_move_into_the_block_ram(tmp_path: Path) -> None:
    file = tmp_path / "core.json"
    file.write_text(json.dumps(netlist()))
    assert absorb_file(file) == 1
    cells = json.loads(file.read_text())["modules"]["top"]["cells"]
    assert list(cells) == ["ram"]
    assert cells["ram"]["parameters"] == {"REGMODE_A": "OUTREG", "REGMODE_B": "NOREG"}
    assert cells["ram"]["connections"] == {
        "CLKA": [CLOCK],
        "CLKB": [CLOCK],
        "DOA0": [VALUE],
        "DOA1": [VALUE + 1],
        "DOB0": [DATA + 2],
        "OCEA": ["1"],
    }


def wide(clocks: str) -> Netlist:
    """A block RAM of 36 bits: of its two outputs one is named after port A; `clocks` are those of A and B."""
    given = netlist()
    ram = given["modules"]["top"]["cells"]["ram"]
    ram["parameters"] |= {"DATA_WIDTH_A": "100100", "DATA_WIDTH_B": "100100"}
    ram["connections"] = {"DOA0": [DATA], "DOB0": [DATA + 1]}
    ram["connections"] |= {f"CLK{port}": [CLOCK] for port in clocks}
    return given


def test_port_b_reads_all_36_bits() -> None:
    given = wide("B")
    assert absorb(given) == 1
    cells = given["modules"]["top"]["cells"]
    assert list(cells) == ["ram"]
    assert cells["ram"]["parameters"]["REGMODE_A"] == "OUTREG"
    assert cells["ram"]["parameters"]["REGMODE_B"] == "OUTREG"
    connections = {"CLKB": [CLOCK], "DOA0": [VALUE], "DOB0": [VALUE + 1], "OCEA": ["1"], "OCEB": ["1"]}
    assert cells["ram"]["connections"] == connections


def test_18_of_36_bits_set_both_registers() -> None:
    given = wide("AB")
    cells = given["modules"]["top"]["cells"]
    cells["ram"]["parameters"]["DATA_WIDTH_B"] = "10010"
    cells["ram"]["connections"]["DOB1"] = cells["ram"]["connections"].pop("DOA0")
    cells["ram"]["port_directions"]["DOB1"] = "output"
    assert absorb(given) == 1
    assert {cells["ram"]["parameters"][f"REGMODE_{port}"] for port in "AB"} == {"OUTREG"}


def test_a_half_of_36_bits_does_not_move() -> None:
    given = wide("AB")
    given["modules"]["top"]["cells"]["register0"]["parameters"]["CEMUX"] = "CE"
    before = json.dumps(given)
    assert absorb(given) == 0
    assert json.dumps(given) == before


def test_a_register_moves_into_the_multiplier() -> None:
    given = netlist()
    cells = given["modules"]["top"]["cells"]
    cells.pop("register1")
    cells["ram"] = {
        "type": "MULT18X18D",
        "parameters": {},
        "port_directions": {"A0": "input", "P0": "output", "P1": "output"},
        "connections": {"A0": [OTHER], "P0": [DATA], "P1": [DATA + 1]},
    }
    assert absorb(given) == 1
    assert list(cells) == ["ram"]
    assert cells["ram"]["connections"] == {
        "A0": [OTHER],
        "P0": [VALUE],
        "P1": [DATA + 1],
        "CLK0": [CLOCK],
        "CE0": ["1"],
        "RST0": ["0"],
    }
    assert cells["ram"]["parameters"] == dict(
        REG_OUTPUT_CLK="CLK0", REG_OUTPUT_CE="CE0", REG_OUTPUT_RST="RST0"
    )


def in_register(part: str, key: str, value: object) -> Callable[[Netlist], None]:
    def change(netlist: Netlist) -> None:
        netlist["modules"]["top"]["cells"]["register1"][part][key] = value

    return change


def in_memory(part: str, key: str, value: object) -> Callable[[Netlist], None]:
    def change(netlist: Netlist) -> None:
        netlist["modules"]["top"]["cells"]["ram"][part][key] = value

    return change


def read_by_the_port(netlist: Netlist) -> None:
    netlist["modules"]["top"]["ports"]["o"]["bits"] = [DATA]


def read_by_nobody(netlist: Netlist) -> None:
    for bit in (0, 1):
        netlist["modules"]["top"]["cells"].pop(f"register{bit}")


@pytest.mark.parametrize(
    "change",
    [
        in_register("parameters", "CEMUX", "CE"),
        in_register("parameters", "CLKMUX", "INV"),
        in_register("parameters", "LSRMUX", "INV"),
        in_register("parameters", "REGSET", "SET"),
        in_register("connections", "LSR", [OTHER]),
        in_register("connections", "CLK", [OTHER]),
        in_register("connections", "DI", [DATA]),
        in_register("connections", "CE", [DATA + 1]),
        in_memory("parameters", "CLKAMUX", "INV"),
        in_memory("connections", "RSTA", [OTHER]),
        in_memory("connections", "CLKA", [OTHER]),
        read_by_the_port,
        read_by_nobody,
    ],
)
def test_others_stay(change: Callable[[Netlist], None]) -> None:
    given = netlist()
    change(given)
    before = json.dumps(given)
    assert absorb(given) == 0
    assert json.dumps(given) == before
