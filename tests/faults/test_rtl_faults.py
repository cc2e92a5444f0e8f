"""Faults planted in the core's Verilog: golden vectors, random graphs or chains show them; modules are named.

All are planted in one simulation, since a build takes seconds; a run says which of them acts.
"""

from __future__ import annotations

import pytest
from fpga_cores import Cores, crowded, of_axons, random_cases
from golden import GOLDEN
from graph_golden import GRAPH_GOLDEN
from rtl_faults import FAULTS, LOADED_FAULTS, Fault

from snnc.errors import ExecutorError
from snnc.targets import programs
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.watching import MARK, broken, located
from snnc.verification.conformance_nets import nets

pytestmark = pytest.mark.skipif(
    tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())
)


def plant(program: dict[str, bytes], of: list[Fault] = FAULTS) -> None:
    """Plant the faults `of`; fault k acts in a run with `+fault=k`, counted from 1."""
    top = program["sim/snnc_sim.v"].decode()
    said = 'integer fault; initial if (!$value$plusargs("fault=%d", fault)) fault = 0;\n'
    program["sim/snnc_sim.v"] = top.replace("    initial begin", f"    {said}    initial begin", 1).encode()
    for (module, right, within), faults in by_place(of).items():
        file = f"rtl/snnc_{module}.v"
        text = program[file].decode()
        assert within % right in text, right
        chosen = f"({right})"
        for number, fault in faults.items():
            chosen = f"(snnc_sim.fault == {number} ? ({fault.wrong}) : {chosen})"
        program[file] = text.replace(within % right, within % chosen).encode()


def by_place(of: list[Fault]) -> dict[tuple[str, str, str], dict[int, Fault]]:
    """(module, right, within) -> the faults there by number."""
    places: dict[tuple[str, str, str], dict[int, Fault]] = {}
    for number, fault in enumerate(of, 1):
        places.setdefault((fault.module, fault.right, fault.within), {})[number] = fault
    return places


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Cores:
    """Those cases first that show most faults: each fault is sought until a case shows it."""
    cases = [*random_cases(60, 3), crowded()]
    cases += [(case.graph, case.input) for case in (*GRAPH_GOLDEN, *GOLDEN)]
    cases += [(net.graph, net.spikes) for net in nets(40)]
    return Cores(cases, 4, tmp_path_factory.mktemp("planted"), plant, simulation.rules())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Cores:
    """A core whose synapse words are loaded and have one delay each, built as fast as can be."""
    folder = tmp_path_factory.mktemp("loaded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "OPTIMISED", "-O0")  # compiling takes longer than running
        cases = [(of_axons(graph), events) for graph, events in random_cases(20, 6)]
        return Cores(cases, 4, folder, lambda to: plant(to, LOADED_FAULTS), simulation.rules(), spram=1)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each run of the simulation prints, since the fixture was asked for."""
    said: list[str] = []

    def call(*words: object) -> str:
        said.append(programs.call(*words))
        return said[-1]

    monkeypatch.setattr(simulation, "call", call)
    return said


SAID = (
    "snnc_sim: a step takes more",
    "snnc_sim: a synapse word meets",
    "snnc_sim: the core waits",
    "in another order",
    MARK,
)
"""What the simulation says of a wrong core. A timeout or a program that does not start says nothing."""


def first_difference(cores: Cores) -> str | None:
    for at in range(len(cores.cases)):
        try:
            if said := cores.differences(at):
                return said[0]
        except ExecutorError as error:
            text = " ".join((str(error), *getattr(error, "__notes__", ())))
            if not any(said in text for said in SAID):
                raise
            return text
    return None


def test_without_a_fault_nothing_differs_and_no_rule_is_broken(
    planted: Cores, loaded: Cores, printed: list[str]
) -> None:
    assert first_difference(planted) is None
    assert first_difference(loaded) is None
    assert len(printed) == len(planted.cases) + len(loaded.cases)
    assert [said for said in printed if MARK in said] == []


@pytest.mark.parametrize("number", range(1, len(FAULTS) + 1), ids=[fault.name for fault in FAULTS])
def test_a_fault_is_caught_and_its_module_named(
    planted: Cores, number: int, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named(planted, FAULTS, number, printed, monkeypatch)


@pytest.mark.parametrize(
    "number", range(1, len(LOADED_FAULTS) + 1), ids=[fault.name for fault in LOADED_FAULTS]
)
def test_a_fault_in_what_is_loaded_is_caught_and_its_module_named(
    loaded: Cores, number: int, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named(loaded, LOADED_FAULTS, number, printed, monkeypatch)


def named(
    cores: Cores, of: list[Fault], number: int, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation, "AT_RANDOM", (*simulation.AT_RANDOM, f"+fault={number}"))
    assert first_difference(cores) is not None
    found = located(broken(printed[-1]), 1)
    assert found is not None
    assert found.part == f"snnc_{of[number - 1].module}"
