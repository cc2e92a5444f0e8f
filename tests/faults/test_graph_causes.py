"""Faults of graphs that are no chain: each is caught, and the diagnosis names the most of them.

`docs/faults.md` holds what these tests find, a row a fault; with SNNC_WRITE_TABLES=1 they write it.
"""

from __future__ import annotations

import os

import fault_page
import numpy as np
import pytest
from cause_faults import DESIGNED, FAULTS, UNKNOWN, GraphFault
from cause_graphs import SEEDS, graph, spikes
from graph_scalar import GraphScalar
from wrong_executors import in_memory

from snnc.hwsim import oracle
from snnc.plugins.executors import REFERENCE, load_executor
from snnc.report.diagnosis import likely
from snnc.stages import Divergence
from snnc.verification.compare import first_divergence
from snnc.verification.diagnosis import CATALOGUE, GRAPH_CATALOGUE
from snnc.verification.diagnosis.explain import explained
from snnc.verification.one_executor import Deviation

pytestmark = pytest.mark.slow

WRITE = "SNNC_WRITE_TABLES"
RIGHT, NONE, FALSE = "right", "none fits", "false"


def caught(fault: GraphFault) -> Divergence:
    """What is said of `fault`; it must differ."""
    inputs, reference, wrong = spikes(fault.seed), load_executor(REFERENCE), fault.make()
    artifact = in_memory(graph(fault.seed), inputs)
    expected, found = (each.run(artifact, inputs) for each in (reference, wrong))
    first = first_divergence(artifact.graph, expected, found, inputs, "own")
    assert first is not None
    rows = slice(max(0, first.sample - 1), first.sample + 1)
    case = Deviation(wrong, inputs[rows], expected.part(rows), found.part(rows), reference)
    return explained(artifact, first, case)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.text)
def test_its_cause_is_named_first_or_none(fault: GraphFault, monkeypatch: pytest.MonkeyPatch) -> None:
    """By as few inputs as of a large graph: the executors are slow."""
    monkeypatch.setattr("snnc.verification.diagnosis.telling.TESTED_STATES", 0)
    row = table_row(fault, caught(fault))
    rows = fault_page.rows(fault_page.GRAPH_FAULTS, 1)
    if os.environ.get(WRITE):
        rows |= {(fault.text,): row}
        fault_page.write(
            fault_page.GRAPH_FAULTS,
            {(each.text,): rows[each.text,] for each in FAULTS if (each.text,) in rows},
        )
    assert rows.get((fault.text,)) == row, f"{fault_page.PAGE.name} is of other code: see what changed"


def table_row(fault: GraphFault, divergence: Divergence) -> str:
    diagnosis = divergence.diagnosis
    assert diagnosis is not None
    assert diagnosis.unknown is None
    place = f"sample {divergence.sample}, step {divergence.step}, {divergence.layer} {divergence.neuron}"
    first = diagnosis.causes[0] if diagnosis.causes else None
    outcome = NONE if first is None else RIGHT if first.name == fault.cause else FALSE
    said = (f"{first.name}: {first.where}".removesuffix(": "), likely(diagnosis)) if first else ("none", "")
    return fault_page.row(fault.text, f"{place}, {divergence.variable}", *said, outcome)


def test_the_table_is_of_these_faults() -> None:
    rows = fault_page.rows(fault_page.GRAPH_FAULTS, 1)
    assert list(rows) == [(fault.text,) for fault in FAULTS]
    right, none, false = (
        sum(row.endswith(f"| {each} |") for row in rows.values()) for each in (RIGHT, NONE, FALSE)
    )
    assert len(DESIGNED) >= 30
    assert len(UNKNOWN) >= 10
    assert false == 0
    said = (
        f"In graphs, {len(DESIGNED)} of {len(rows)} faults are of a known kind; the right cause is named "
        f"first for {right}, none for {none}, and a false one for {false}."
    )
    if os.environ.get(WRITE):
        fault_page.say_of_graphs(said)
    assert right >= len(DESIGNED) - 1
    assert said in fault_page.PAGE.read_text()


def test_the_page_lists_the_causes_of_graphs() -> None:
    new = [each for each in GRAPH_CATALOGUE if each not in CATALOGUE]
    lines = {(each.name,): fault_page.row(each.name, each.summary, each.remedy) for each in new}
    if os.environ.get(WRITE):
        fault_page.write(fault_page.GRAPH_CAUSES, lines)
    assert fault_page.rows(fault_page.GRAPH_CAUSES, 1) == lines
    assert len({each.name for each in GRAPH_CATALOGUE}) == len(GRAPH_CATALOGUE)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_fault_it_is_equal(seed: int) -> None:
    """And the graphs are active: most neurons spike, and are silent, and v has both signs."""
    inputs = spikes(seed)
    artifact = in_memory(graph(seed), inputs)
    reference, scalar = oracle.run_graph(artifact.graph, inputs), GraphScalar().run(artifact, inputs)
    assert first_divergence(artifact.graph, reference, scalar, inputs, "own") is None
    for population, layer in zip(artifact.graph.stateful, reference, strict=True):
        assert layer.v.min() < 0 < layer.v.max()
        if population.spikes:
            assert layer.spikes.any(axis=(0, 1)).mean() > 0.8
            assert 0.2 < layer.spikes.mean() < 0.9
            assert not np.array_equal(layer.spikes[0], layer.spikes[1])
