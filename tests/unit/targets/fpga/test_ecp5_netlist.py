"""Netlists of ECP5 cells, after registers moved into block RAMs and multipliers, compute what they should."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from ecp5_cases import CASES, bench_of_cases, top_of_cases
from ecp5_cells import UnknownModeError, modelled
from netlists import (
    CORE,
    NEEDS_ICARUS,
    NEEDS_YOSYS,
    bench_of_netlist,
    models,
    run_yosys,
    simulate,
    synthesis_of_core,
)
from places import ROOT

from snnc.hwsim import oracle
from snnc.io import files
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga import absorb, simulation
from snnc.targets.fpga.boards import ECP5
from snnc.targets.fpga.emitter import PARAMETERS, fixed_files
from snnc.targets.fpga.executor import wrong_cycles
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.memories import memories
from snnc.targets.fpga.shape import shape

HERE = ROOT / "tests/ecp5"
MODELS = HERE / "cells.v"
pytestmark = [pytest.mark.slow, NEEDS_YOSYS, NEEDS_ICARUS]

Netlist = dict[str, Any]


def as_verilog(netlist: Netlist, folder: Path) -> None:
    """Write `netlist.v` of gates: yosys puts its own models in the place of all cells but ours."""
    (folder / "netlist.json").write_text(json.dumps(netlist))
    for file in models("ecp5").glob("*.v*h"):
        shutil.copy(file, folder)
    shutil.copy(models("ecp5") / "cells_sim.v", folder)
    read = ["read_json netlist.json", "read_verilog -DNO_INCLUDES cells_sim.v", "hierarchy"]
    made = ["proc", "flatten", "opt_expr", "opt_merge", "opt_clean -purge", "write_verilog -noattr netlist.v"]
    run_yosys(folder, *read, *made)


def registered(netlist: Netlist) -> list[str]:
    """The names of the cells whose own register is in use."""
    return [
        name
        for module in netlist["modules"].values()
        for name, cell in module["cells"].items()
        if {"OUTREG", "CLK0"} & set(cell["parameters"].values())
    ]


def network() -> QuantizedGraph:
    """9 graded lines -> 44 neurons that lead to themselves, each with parameters of its own -> 2 classes."""
    rng = np.random.default_rng(4)

    def synapses(post: int, pre: int, least: int) -> SynapseMatrix:
        weight = rng.integers(-20, 40, (post, pre))
        return SynapseMatrix(weight, rng.integers(least, 3, (post, pre)))

    cells = {"decay_u": rng.integers(900, 3000, 44), "decay_v": rng.integers(200, 900, 44)}
    cells |= {"threshold": rng.integers(400, 3000, 44), "reset": "subtract", "reset_by": 65}
    populations = (
        Population("in", "input", 9, payload_max=100),
        Population("a", "lif", 44, **cells),
        Population("out", "li", 2, decay_u=4096, decay_v=333),
    )
    projections = (
        Projection("in", "a", synapses(44, 9, 0)),
        Projection("a", "a", synapses(44, 44, 1)),
        Projection("a", "out", synapses(2, 44, 0)),
    )
    return QuantizedGraph(populations, projections, (Readout("out", "sum", 1.0, ("x", "y")),), 3, 0.001)


def test_the_core_computes_the_same(tmp_path: Path) -> None:
    """Every u, v, spike and cycle of the oracle and the model; the core has memories of 18 and of 36 bits."""
    graph = network()
    of = layout(graph, 2)
    size = replace(shape(of), bank_bits=10)  # so that there are two banks, of other shapes
    memory = {f"mem/{name}": data for name, data in memories(of, size).items()}
    rng = np.random.default_rng(1)
    events = (rng.integers(1, 101, (2, 3, 9)) * (rng.random((2, 3, 9)) < 0.2)).astype(np.uint8)
    files.fill(
        tmp_path,
        {**fixed_files(), **memory, PARAMETERS: size.text.encode()}
        | {"events.hex": simulation.events_file(events)},
    )
    commands = synthesis_of_core(ECP5, (tmp_path / PARAMETERS).read_bytes())
    run_yosys(tmp_path, *commands, "write_json core.json")
    netlist = json.loads((tmp_path / "core.json").read_text())
    assert absorb.absorb(netlist) == len(registered(netlist)) == 9
    as_verilog(modelled(netlist, CORE), tmp_path)
    bench = bench_of_netlist((tmp_path / "sim/snnc_sim.v").read_text()).encode()
    said = simulate(
        tmp_path, "snnc_clock", ["sim/snnc_clock.v", "bench.v", "netlist.v", MODELS], {"bench.v": bench}
    )
    assert simulation.DONE in said
    written = ((tmp_path / name).read_bytes() for name in ("results.bin", "cycles.bin"))
    found = simulation.read_results(of, len(events), *written)
    expected = oracle.run_graph(graph, events).layers
    assert expected[0].spikes.any()
    for ours, theirs in zip(found.layers, expected, strict=True):
        for each in ("u", "v", "spikes"):
            assert np.array_equal(getattr(ours, each), getattr(theirs, each)), each
    assert wrong_cycles(of, events, found.layers, found.cycles) is None


@dataclass(frozen=True, slots=True)
class Fault:
    """In `absorb.py` the second text of each pair takes the place of the first.

    `shown`: cases that must differ; none if the netlist must be refused, for `refused`.
    """

    edits: tuple[tuple[str, str], ...]
    shown: tuple[str, ...] = ()
    refused: str = ""


FAULTS = {
    "other_readers": Fault(
        (
            ("readers[connections[bit][0]] for", "sorted(readers[connections[bit][0]], key=first) for"),
            ("if len(by) == 1 and by", "if by"),
            ("def _kind", "def first(reader):\n    return reader[1] != 'DI'\n\n\ndef _kind"),
        ),
        shown=("rom_gate", "gate"),
    ),
    "some_bits": Fault(
        (
            ("if not read or len(registers) < len(read)", "if not registers"),
            (
                "for bit, by in read.items():\n        conn",
                "for bit, by in ((b, read[b]) for b in registers):\n        conn",
            ),
        ),
        shown=("rom_half", "half"),
    ),
    "enable_lost": Fault((('!= ["1", "CLK"', '!= [constants[0], "CLK"'),), shown=("enable",)),
    "reset_lost": Fault(((' or cell["connections"].get("LSR", ["0"]) != ["0"]', ""),), shown=("reset",)),
    "start_lost": Fault((('"LSR", "RESET"]', '"LSR", constants[3]]'),), shown=("start",)),
    "reset_follows": Fault(
        (('!= ["0"] for port in output.resets', "== [] for port in output.resets"),),
        shown=("rom_reset", "ram_reset"),
    ),
    "not_turned_on": Fault((('"REG_OUTPUT_CLK": "CLK0", ', ""),), refused="CE0"),
    "other_port": Fault(
        (('{f"REGMODE_{port}":', """{f"REGMODE_{'BA'['AB'.index(port)]}":"""),), shown=("ram", "split")
    ),
    "one_mode": Fault((('"REGMODE_A": "OUTREG", ', ""),), refused="REGMODE"),
    "width_of_b": Fault((("DATA_WIDTH_A", "DATA_WIDTH_B"),), refused="REGMODE"),
    "half_enabled": Fault((('"OCEA": "1", ', ""),), refused="OCEA"),
}


def planted(fault: Fault) -> Callable[[Netlist], int]:
    """`absorb` with `fault`."""
    text = Path(absorb.__file__).read_text()
    for right, wrong in fault.edits:
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    module = ModuleType("faulty")
    sys.modules[module.__name__] = module  # where dataclasses look for it
    exec(compile(text, "faulty", "exec"), module.__dict__)
    found: Callable[[Netlist], int] = module.absorb
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """The case of each register that moved; netlist -> cases that differ; netlist -> why it is refused."""

    moved: list[str]
    differs: Mapping[str, set[str]]
    refused: Mapping[str, str]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """All cases, without and with `absorb`, and with each fault, in one simulation of `CYCLES`."""
    folder = tmp_path_factory.mktemp("cases")
    rng = np.random.default_rng(3)
    for name, case in CASES.items():
        values = rng.integers(0, 1 << case.bits, case.words)
        (folder / f"{name}.hex").write_text("".join(f"{each:x}\n" for each in values))
    (folder / "cases.v").write_text((HERE / "cases.v").read_text() + top_of_cases())
    run_yosys(folder, "read_verilog -defer cases.v", f"{ECP5.synthesise} -top cases -json cases.json")
    text = (folder / "cases.json").read_text()
    modules, refused, moved = {}, {}, []
    changes = {"raw": lambda netlist: 0, "moved": absorb.absorb}
    for name, change in {**changes, **{name: planted(fault) for name, fault in FAULTS.items()}}.items():
        netlist = json.loads(text)
        change(netlist)
        if name == "moved":
            moved = [each.removeprefix("c_").split(".")[0] for each in registered(netlist)]
        try:
            modules[name] = modelled(netlist, "cases")["modules"]["cases"]
        except UnknownModeError as error:
            refused[name] = str(error)
    for module in modules.values():
        module["attributes"].pop("top", None)
    as_verilog({"modules": modules}, folder)
    verilog = ["top.v", HERE / "bench.v", "cases.v", "netlist.v", MODELS]
    said = [
        each.split()
        for each in simulate(folder, "bench", verilog, {"top.v": bench_of_cases([*modules]).encode()})
    ]
    known = {(words[1], words[2]) for words in said if words[0] == "known"}
    assert known == {(module, name) for module in modules for name in CASES}
    differs = {module: {words[2] for words in said if words[:2] == ["differs", module]} for module in modules}
    return Compared(moved, differs, refused)


def test_registers_move_where_they_may(compared: Compared) -> None:
    wanted = {name: case.moved for name, case in CASES.items() if case.moved}
    assert Counter(compared.moved) == wanted


@pytest.mark.parametrize("name", ["raw", "moved"])
def test_all_cases_are_the_same(compared: Compared, name: str) -> None:
    assert compared.differs[name] == set()


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(compared: Compared, name: str) -> None:
    if why := FAULTS[name].refused:
        assert f": {why} = " in compared.refused[name]
    else:
        assert set(FAULTS[name].shown) <= compared.differs[name]
