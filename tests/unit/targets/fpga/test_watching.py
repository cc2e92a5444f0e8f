"""Which module of a core is named: by the rules that it breaks first, in `verify` too."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from fpga_cores import network
from rich.console import Console

from snnc.exporter.graph_export import export_graph
from snnc.report.console import print_report
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.junit import to_junit
from snnc.stages import Artifact, Report
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.executor import Built, RtlExecutor
from snnc.targets.fpga.watching import broken, located
from snnc.verification.comparison import InputGroup
from snnc.verification.verify import verify

RING = "snnc_rule|snnc_ring|TOP.snnc_sim.core.g_lane[2].lane.ring.rules.r_before|90|17|o_before|-3|4"
RAM = "snnc_rule|snnc_ram|TOP.snnc_sim.core.g_lane[2].lane.ring.ram.rules.r_value|90|17|o_value|1|4"
CORE = "snnc_rule|snnc_core|TOP.snnc_sim.core_rules.g_lane[2].r_bias|90|17|lane.i_bias_8|1|4"
LANE = "snnc_rule|snnc_lane|TOP.snnc_sim.core_rules.g_lane[2].lane_rules.r_add|90|17|ring.i_add|1|4"
UPDATES = "snnc_rule|snnc_updates|TOP.snnc_sim.core.updates.rules.g_lane[2].r_bias|90|17|o_bias_8|1|4"
ROM = "snnc_rule|snnc_rom|TOP.snnc_sim.core.updates.biases.rules.r_value|90|17|o_value|0|1"
FETCH = "snnc_rule|snnc_fetch|TOP.snnc_sim.core.sources.fetch.rules.r_last|90|17|o_last|1|0"
LATER = "snnc_rule|snnc_rows|TOP.snnc_sim.core.sources.rows.rules.r_last|92|17|o_empty|1|0"


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        ([], None),
        ([LATER, RING], "snnc_ring"),
        ([RING, RING.replace("[2]", "[1]")], "snnc_ring"),
        ([RING, RAM], "snnc_ram"),
        ([CORE, RING], "snnc_ring"),
        ([CORE, LATER], "snnc_core"),
        ([CORE, UPDATES], "snnc_updates"),
        ([UPDATES, ROM], "snnc_rom"),
        ([LANE, RING], "snnc_ring"),
        ([UPDATES, RING], None),
        ([FETCH, RING], None),
    ],
)
def test_the_first_rule_of_the_innermost_module_counts(lines: list[str], part: str | None) -> None:
    found = located(broken("\n".join(["snnc_sim: done", *lines])), 10)
    assert (found and found.part) == part


def test_the_place_is_told() -> None:
    found = located(broken(RING), 10, first_sample=5)
    assert found is not None
    assert found.file == "rtl/snnc_ring.v"
    assert found.what == (
        "in core.g_lane[2].lane.ring, o_before was -3 and should have been 4, while the core was in step 7 "
        "of sample 6"
    )
    found = located(broken(UPDATES), 10)
    assert found is not None
    assert found.what.startswith("in core.updates.g_lane[2], o_bias_8 was 1 ")


pytestmark = pytest.mark.skipif(
    tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())
)
EVENTS = (np.random.default_rng(5).random((3, 7, 5)) < 0.4).astype(np.uint8)


@pytest.fixture(autouse=True)
def _few_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A core is built once, with its rules, and as fast as can be: compiling takes longer than running."""

    def init(self: RtlExecutor) -> None:
        self._core = self._watched = Built(simulation.rules())

    monkeypatch.setattr(RtlExecutor, "__init__", init)
    monkeypatch.setattr(simulation, "OPTIMISED", "-O0")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return export_graph(network(), "fpga:lanes=4", tmp_path_factory.mktemp("export") / "net.fpga")


def changed(artifact: Artifact, **edits: tuple[str, str]) -> Artifact:
    """`artifact` with a text replaced in modules of its core."""
    program: dict[str, bytes] = dict(artifact.program)
    for module, (right, wrong) in edits.items():
        file = f"rtl/snnc_{module}.v"
        assert right.encode() in program[file]
        program[file] = program[file].replace(right.encode(), wrong.encode())
    return replace(artifact, program=program)


def terminal(report: Report) -> str:
    console = Console(file=StringIO(), width=1000)
    print_report(report, console, None)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def verified(artifact: Artifact) -> Report:
    return verify(artifact, [InputGroup("test", EVENTS)], executors=["rtl"])


@pytest.mark.slow
def test_the_report_names_the_module(artifact: Artifact) -> None:
    wrong = changed(artifact, neuron=("i_reset_15 == TO_ZERO) v_16", "i_reset_15 == SUBTRACT) v_16"))
    report = verified(wrong)
    rtl = report.executors[-1]
    assert rtl.divergence is not None
    assert rtl.located is not None
    assert rtl.located.part == "snnc_neuron"
    said = "snnc_neuron (rtl/snnc_neuron.v): in core.g_lane["
    assert said in terminal(report)
    assert said in to_junit(report)
    assert "<code>snnc_neuron</code>" in to_html(report)
    assert from_json(to_json(report)).executors[-1].located == rtl.located


@pytest.mark.slow
def test_a_core_that_only_takes_other_cycles_is_told_by_its_module(artifact: Artifact) -> None:
    report = verified(
        changed(artifact, sequencer=("may_update && read;", "may_update && read && cycles > 30;"))
    )
    rtl = report.executors[-1]
    assert rtl.divergence is None
    assert "the machine model says" in str(rtl.failed)
    assert rtl.located is not None
    assert rtl.located.part == "snnc_sequencer"
    assert "first seen in snnc_sequencer (rtl/snnc_sequencer.v)" in terminal(report)


@pytest.mark.slow
def test_no_module_is_named_for_another_memory(artifact: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = RtlExecutor()
    lines = artifact.program["mem/synapse_0.hex"].split(b"\n")
    lines[0], lines[-2] = lines[-2], lines[0]
    other = replace(artifact, program={**artifact.program, "mem/synapse_0.hex": b"\n".join(lines)})
    right, wrong = (executor.run(each, EVENTS).layers[0].u for each in (artifact, other))
    assert not np.array_equal(right, wrong)
    assert executor.locate(artifact, EVENTS) is None
    assert executor.locate(other, EVENTS) is None
