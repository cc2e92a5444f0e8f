"""The mutation score of verify: each seeded fault is caught, and the diagnosis names most of them.

`docs/faults.md` holds what these tests find, a row a fault; with SNNC_WRITE_TABLES=1 they write it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import fault_page
import pytest
import seeded_contract
import seeded_executors
import seeded_programs
from golden import artifact_of
from planting import nets, plant
from seeded import Fault

from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import REFERENCE, load_executor
from snnc.report.diagnosis import likely
from snnc.stages import Diagnosis, Divergence, Rung
from snnc.verification.compare import first_divergence
from snnc.verification.comparison import InputGroup, compare_executors
from snnc.verification.diagnosis import CATALOGUE
from snnc.verification.diagnosis.explain import explained

pytestmark = pytest.mark.slow

FAULTS = (*seeded_executors.FAULTS, *seeded_contract.FAULTS, *seeded_programs.FAULTS)
WRITE = "SNNC_WRITE_TABLES"
NAMED_FIRST = 103
"""Faults, at least, of which the first cause named is the right one."""
COMPILED_LONG = "hwsim/bit_kernel.py"
RIGHT, AMONG, NONE, FALSE = "right", "among several", "none fits", "false"
"""What the first cause named is, as the page says it."""
IN_LAVA = {"lava-stock", "lava-event", "netx"}


def key(fault: Fault) -> tuple[str, str]:
    return fault.text, fault.where


def cases() -> list[Any]:
    return [
        pytest.param(
            fault, id=": ".join(key(fault)[::-1]), marks=[pytest.mark.lava] * (fault.where in IN_LAVA)
        )
        for fault in FAULTS
    ]


def caught(fault: Fault, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Divergence:
    """What verify finds on `fault` and says of it; it must find that they differ."""
    planted, artifact = plant(fault, folder, monkeypatch)
    against = "oracle" if planted.name == REFERENCE else planted.name
    sides = {name: load_executor(name) for name in (REFERENCE, against)} | {planted.name: planted}
    monkeypatch.setattr("snnc.verification.comparison.load_executor", sides.__getitem__)
    found = compare_executors(artifact, [InputGroup("seeded", nets()[fault.net].spikes)], [against])
    result = found.results[1]
    assert result.failed is None
    assert result.rung < Rung.BIT_EXACT
    assert result.divergence is not None
    return explained(artifact, result.divergence, found.cases[against])


@pytest.mark.parametrize("fault", cases())
def test_verify_catches_it(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = table_row(fault, caught(fault, tmp_path, monkeypatch))
    rows = fault_page.rows(fault_page.FAULTS, 2)
    if os.environ.get(WRITE):
        rows |= {key(fault): row}
        fault_page.write(
            fault_page.FAULTS, {key(each): rows[key(each)] for each in FAULTS if key(each) in rows}
        )
    assert rows.get(key(fault)) == row, f"{fault_page.PAGE.name} is of other code: see what changed"


def table_row(fault: Fault, divergence: Divergence) -> str:
    diagnosis = divergence.diagnosis
    assert diagnosis is not None
    place = f"sample {divergence.sample}, step {divergence.step}, {divergence.layer} {divergence.neuron}"
    first = diagnosis.causes[0] if diagnosis.causes else None
    return fault_page.row(
        fault.text,
        fault.where,
        f"{place}, {divergence.variable}",
        first.name if first else "none",
        likely(diagnosis) if first else "",
        f"{first.explained} of {first.neurons}" if first else "",
        outcome(fault, diagnosis),
    )


def outcome(fault: Fault, diagnosis: Diagnosis) -> str:
    if not diagnosis.causes:
        return NONE
    if fault.cause == diagnosis.causes[0].name:
        return RIGHT
    among = fault.cause in [cause.name for cause in diagnosis.causes]
    return AMONG if among and likely(diagnosis) == "one of several" else FALSE


def test_the_table_is_of_these_faults() -> None:
    rows = fault_page.rows(fault_page.FAULTS, 2)
    assert list(rows) == [key(fault) for fault in FAULTS]
    right, among, none, false = (
        sum(row.endswith(f"| {each} |") for row in rows.values()) for each in (RIGHT, AMONG, NONE, FALSE)
    )
    known = sum(fault.cause is not None for fault in FAULTS)
    assert right + among + none + false == len(rows) >= 110
    assert right >= NAMED_FIRST
    assert false == 0
    said = (
        f"Of {len(rows)} faults the diagnosis knows the kind of {known}. It names the right cause first for "
        f"{right}, among several that no input tells apart for {among}, says that none fits for {none}, and "
        f"names a false one for {false}."
    )
    if os.environ.get(WRITE):
        fault_page.say(said)
    assert said in fault_page.PAGE.read_text()


def test_the_page_lists_the_causes() -> None:
    lines = {(each.name,): fault_page.row(each.name, each.summary, each.remedy) for each in CATALOGUE}
    if os.environ.get(WRITE):
        fault_page.write(fault_page.CAUSES, lines)
    assert fault_page.rows(fault_page.CAUSES, 1) == lines


def test_every_cause_of_the_catalogue_is_that_of_a_fault() -> None:
    assert {fault.cause for fault in FAULTS} - {None} == {cause.name for cause in CATALOGUE}


def controls() -> list[Fault]:
    """Each kind of planting, of each network, with edits that change nothing."""
    paths: dict[tuple[str, str], set[str]] = {}
    for fault in FAULTS:
        if fault.where not in IN_LAVA:
            files = {path for path, _, _ in fault.edits} - {COMPILED_LONG}
            paths.setdefault((fault.where, fault.net), set()).update(files)
    return [
        Fault("nothing", where, None, tuple((path, *left(path)) for path in sorted(files)), net=net)
        for (where, net), files in paths.items()
    ]


def left(path: str) -> tuple[str, str]:
    """An edit that leaves all as it is."""
    text = "from __future__ import annotations" if path.endswith(".py") else "return"
    return text, text


@pytest.mark.parametrize("fault", controls(), ids=lambda fault: f"{fault.where}: {fault.net}")
def test_without_a_fault_it_is_equal(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it could be the planting that verify catches."""
    planted, artifact = plant(fault, tmp_path, monkeypatch)
    net = nets()[fault.net]
    reference = OracleExecutor().run(artifact, net.spikes)
    trace = planted.run(artifact, net.spikes)
    assert first_divergence(net.graph, reference, trace, net.spikes, net.name) is None


def test_the_networks_show_every_clause() -> None:
    """By the oracle's states: each of these would hide a fault if it did not happen."""
    for name, net in nets().items():
        trace = OracleExecutor().run(artifact_of(net.graph), net.spikes)
        hidden, first = net.graph.layers[0], trace.layers[0]
        assert len(net.spikes) >= 2
        assert (first.v == hidden.threshold << 6).any(), "meets the threshold"
        assert first.spikes.any(axis=(0, 1)).sum() > 4, "most neurons fire"
        assert (first.u < 0).any()
        assert (first.v < 0).any()
        assert set(range(10)) <= set(hidden.delay.flat)
        assert hidden.bias.min() < 0 < hidden.bias.max()
        assert net.spikes.max() == net.graph.payload_max, name
    trace = OracleExecutor().run(artifact_of(nets()["clauses"].graph), nets()["clauses"].spikes)
    saturating, readout = trace.layers[1:]
    assert 2**23 in saturating.u[:, :, 0]
    assert 2**23 in saturating.u[:, :, 1], "-2^23 wraps"
    assert saturating.u_wraps > 0
    assert saturating.spikes.any()
    assert {-(2**23) + 1, 2**23 - 1} <= set(readout.v.flat)
