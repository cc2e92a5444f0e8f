"""Memories and products with registers behind them, of which some may move: of `tests/ecp5/cases.v`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A module of `cases.v`. `moved`: the number of its cells whose registers come into use."""

    module: str
    parameters: str = ""
    bits: int = 36
    words: int = 512
    moved: int = 0


SHORT = ".BITS(18), .DEPTH(1024)"
CASES = {
    "rom": Case("memory", moved=1),
    "ram": Case("memory", f"{SHORT}, .WRITES(1)", 18, 1024, moved=1),
    "split": Case("memory", ".BITS(18), .DEPTH(2048)", 18, 2048, moved=2),
    "narrow": Case("narrow", "", 18, 1024, moved=1),
    "two_ports": Case("memory", f"{SHORT}, .SECOND(1)", 18, 1024, moved=1),
    "held": Case("memory", ".RUNS(1)", moved=1),
    "rom_reset": Case("memory", ".RESETS(1)"),
    "ram_reset": Case("memory", f"{SHORT}, .WRITES(1), .RESETS(1)", 18, 1024),
    "rom_gate": Case("memory", '.BESIDE("gate")'),
    "rom_half": Case("memory", '.BESIDE("half")'),
    "product": Case("product", moved=1),
    "signed": Case("product", ".SIGNED(1), .A(13), .B(11)", moved=1),
    "one_factor": Case("product", ".FIRST(1)", moved=1),
    "both_factors": Case("product", ".FIRST(2)", moved=1),
    "enable": Case("product", '.HAS("enable"), .SALT(1)'),
    "reset": Case("product", '.HAS("reset"), .SALT(2)'),
    "start": Case("product", '.HAS("start"), .SALT(3)'),
    "gate": Case("product", '.BESIDE("gate"), .SALT(4)'),
    "register": Case("product", '.BESIDE("register"), .SALT(5)'),
    "half": Case("product", '.BESIDE("half"), .SALT(6)'),
}
INPUTS = ("i_clk", "i_run", "i_reset", "i_write", "i_at", "i_other_at", "i_value")
OF = {"product": {"i_write", "i_at", "i_other_at"}, "narrow": {"i_run", "i_reset"}, "memory": set[str]()}
"""Those of `INPUTS` that the modules do not have."""
CYCLES = 250
PORTS = "input i_clk, i_run, i_reset, i_write, input [10:0] i_at, i_other_at, input [35:0] i_value"


def top_of_cases() -> str:
    """The module `cases`, which has an output for each of `CASES`."""
    outputs = ", ".join(f"output [35:0] o_{name}" for name in CASES)
    lines = [f"module cases ({PORTS}, {outputs});"]
    for name, case in CASES.items():
        wires = ", ".join(f".{each}({each})" for each in INPUTS if each not in OF[case.module])
        file = f', .FILE("{name}.hex")' if case.module != "product" else ""
        parameters = f"{case.parameters}{file}".removeprefix(", ")
        lines.append(f"{case.module} #({parameters}) c_{name} ({wires}, .o_value(o_{name}));")
    return "\n".join([*lines, "endmodule", ""])


def bench_of_cases(netlists: list[str]) -> str:
    """The module `bench`, which gives `cases` and `netlists` the same inputs and compares their outputs."""
    given = ", ".join(f".{each}({each})" for each in INPUTS)
    lines = [
        "module bench;",
        "wire look, ends, i_clk, i_run, i_reset, i_write; wire [10:0] i_at, i_other_at; wire [35:0] i_value;",
        f"inputs #({CYCLES}) inputs (.o_look(look), .o_end(ends), {given.replace('.i_', '.o_')});",
    ]
    for module in ("cases", *netlists):
        outputs = ", ".join(f".o_{name}({module}_{name})" for name in CASES)
        lines.append(f"wire [35:0] {', '.join(f'{module}_{name}' for name in CASES)};")
        lines.append(f"{module} u_{module} ({given}, {outputs});")
    lines += [
        f'compare #("{netlist} {name}") c_{netlist}_{name} (look, ends, cases_{name}, {netlist}_{name});'
        for netlist in netlists
        for name in CASES
    ]
    return "\n".join([*lines, "endmodule", ""])
