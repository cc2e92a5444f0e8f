"""The core in Verilator: every u, v, spike, count and cycle, on golden vectors and random graphs.

Chains: `tests/unit/verification/test_conformance.py`.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from fpga_cores import Cores, crowded, of_axons, random_cases, without_current, without_input
from golden import GOLDEN, assert_same_trace
from graph_golden import GRAPH_GOLDEN

from snnc.hwsim import oracle
from snnc.stages import QuantizedGraph
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.emitter import PARAMETERS, fixed_files
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.shape import Shape, shape
from snnc.targets.programs import call

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())),
]
CASES = [*GOLDEN, *GRAPH_GOLDEN]


def proved(graph: QuantizedGraph) -> bool:
    """Whether none of the clauses 3, 5 and 5a can overflow, so that the core has no logic for it."""
    found = shape(layout(graph, 4))
    return not (found.wrap or found.clip or found.clip_w)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Cores:
    """A core that wraps and clips, with 4 lanes: the golden vectors, then random graphs."""
    cases = [(case.graph, case.input) for case in CASES] + [without_input(), *random_cases(90, 1)]
    return Cores(cases, 4, tmp_path_factory.mktemp("wide"))


@pytest.mark.parametrize("at", range(len(CASES)), ids=[case.name for case in CASES])
def test_golden_vectors(wide: Cores, at: int) -> None:
    found = wide.run(at)
    assert_same_trace(found, CASES[at].layers)
    assert wide.differences(at) == []


def test_random_graphs(wide: Cores) -> None:
    assert all(layer.spikes.any() for layer in oracle.run_graph(*without_input()).layers[:1])
    differ = {at: wide.differences(at) for at in range(len(CASES), len(wide.cases))}
    assert {at: said for at, said in differ.items() if said} == {}


def test_random_graphs_that_are_proved(tmp_path: Path) -> None:
    """The core without overflow logic, in the widths of the bounds; first levels of many groups."""
    graph, events = crowded()
    assert [level.last - level.first + 1 for level in layout(graph, 2).levels if level.spikes] == [47, 43]
    assert events.sum(axis=2).min() > 64
    assert min(layer.spikes.sum() for layer in oracle.run_graph(graph, events).layers[:2]) > 100
    cores = Cores([crowded(), *random_cases(60, 2, proved)], 2, tmp_path)
    assert (cores.shape.wrap, cores.shape.clip, cores.shape.clip_w) == (0, 0, 0)
    assert cores.shape.adapt
    assert sum(of.adapts for of in cores.layouts) > 20
    differ = {at: cores.differences(at) for at in range(len(cores.cases))}
    assert {at: said for at, said in differ.items() if said} == {}


def test_delays_of_axons_stand_once_in_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "OPTIMISED", "-O0")
    cases = [(of_axons(graph), events) for graph, events in (crowded(), *random_cases(60, 4))]
    assert not layout(crowded()[0], 4).words.shares_delays
    sharing = [case for case in cases if layout(case[0], 4).words.shares_delays]
    assert len(sharing) > 30
    assert any(
        projection.source == projection.destination
        for graph, _ in sharing
        for projection in graph.projections
    )
    cores = Cores(sharing, 4, tmp_path)
    assert cores.shape.lane_delays == 0
    differ = {at: cores.differences(at) for at in range(len(cores.cases))}
    assert {at: said for at, said in differ.items() if said} == {}


def test_64_lanes_without_a_current_that_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More lanes than neurons; the parts of `snnc_neuron` that U_STATE = 0, WRAP = 0 and CLIP = 1 choose."""
    monkeypatch.setattr(simulation, "OPTIMISED", "-O0")  # compiling takes longer than running
    graph, events = without_current()
    cores = Cores([(graph, events)], 64, tmp_path)
    assert (cores.shape.u_state, cores.shape.wrap, cores.shape.clip) == (0, 0, 1)
    expected = oracle.run_graph(graph, events).layers
    assert expected[0].spikes.any()
    assert expected[1].v_clips
    assert cores.differences(0) == []


NARROW = {"adapt": 1, "old": 0, "w_bits": 18, "clip_w": 0, "kb_bits": 12}


def shapes() -> dict[str, Shape]:
    """Of the golden vectors one by one, the largest of all, one of 64 lanes, one whose words are loaded."""
    each = {case.name: shape(layout(case.graph, 4)) for case in CASES[::8]}
    each["adaptation that cannot overflow"] = replace(each[CASES[0].name], **NARROW)
    each["64 lanes"] = shape(layout(without_current()[0], 64))
    each["words that are loaded"] = shape(layout(crowded()[0], 4), spram=True, event_bits=2)
    return each | {"all": Shape.covering(shape(layout(case.graph, 4)) for case in CASES)}


@pytest.mark.parametrize("name", shapes())
def test_verilator_warns_of_nothing(name: str, tmp_path: Path) -> None:
    write(shapes()[name], tmp_path)
    found = tools.verilator()
    words = [str(found.program), "--lint-only", "-Wall", "--no-timing", "-Irtl", "--top-module", "snnc_sim"]
    variables = {"VERILATOR_ROOT": str(found.root)}
    call([*words, "sim/snnc_sim.v", *verilog(tmp_path)], tmp_path, 60, "Verilator", variables=variables)


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
@pytest.mark.parametrize("name", ["all", "words that are loaded"])
def test_icarus_verilog_warns_of_nothing(name: str, tmp_path: Path) -> None:
    write(shapes()[name], tmp_path)
    words = ["iverilog", "-g2005", "-Wall", "-Wno-timescale", "-Irtl", "-s", "snnc_clock", "-o", "sim.vvp"]
    done = subprocess.run(  # snnc_clock.v says the unit of time for all that follow
        [*words, "sim/snnc_clock.v", "sim/snnc_sim.v", *verilog(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""


def write(of: Shape, folder: Path) -> None:
    for name, data in {**fixed_files(), PARAMETERS: of.text.encode()}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)


def verilog(folder: Path) -> list[str]:
    return sorted(f"rtl/{each.name}" for each in (folder / "rtl").glob("*.v"))
