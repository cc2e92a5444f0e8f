"""The LIF neuron of the NIR paper: under which reading it is what each published run of it was.

`docs/interop.md` holds what is found, a row a run; with SNNC_WRITE_TABLES=1 the test writes it.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from itertools import product

import nir
import numpy as np
import pytest
from graph_cases import dense, graph_of, source
from graph_cases import lif as contract_lif
from places import DOCS
from real_data import real_data

from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.exporter.nir.integration import INTEGRATIONS
from snnc.exporter.passes.quantise_graph import QuantiseGraph
from snnc.hwsim.oracle import run_graph
from snnc.io import hdf5_guard
from snnc.stages import DiscreteModel, FloatGraph
from snnc.stages.float_graph import graph_of_chain

DT, STEPS = 1e-4, 1000
THRESHOLD = 0.1
UNITS = {
    "nengo": 1 / THRESHOLD,
    "snntorch": 25,  # its weights are divided by dt / tau instead
    "spinnaker2": 25 * 102 / 102.02,  # whole weights: 102 for 102.02
    "lava_cpu_fixed": 25 * 64 / THRESHOLD,
    "lava_loihi_fixed": 25 * 64 / THRESHOLD,
}
"""What a run records for v = 1, where that is not 1."""
RUNS = (
    *("norse", "snntorch", "spinnaker2", "lava_cpu_float", "lava_cpu_fixed", "lava_loihi_fixed", "spyx"),
    *("exact", "nengo", "rockpool", "sinabs"),
)
READINGS = [*product(INTEGRATIONS, ("zero", "subtract", "subtract-late"))]
HEAD = """\
| run | `--integration` | `--reset` | spikes later by | v differs by less than |
|---|---|---|---|---|
"""


def folder():
    return real_data("foreign") / "nir"


def column(run: str, number: int) -> np.ndarray:
    return np.loadtxt(folder() / f"lif_{run}.csv", delimiter=",")[:, number]


def events() -> np.ndarray:
    return column("exact", 0)[:, None] > 0


def read(data: bytes, integration: str, reset: str) -> FloatGraph:
    told = ImportOptions(DT, STEPS, reset=reset, fires="above", integration=integration)
    model = import_nir(data, "lif.nir", told).model
    return graph_of_chain(model) if isinstance(model, DiscreteModel) else model


@dataclass(frozen=True)
class Ours:
    """v in the file's unit, and the steps of spikes: of real numbers, and of integers."""

    v: np.ndarray
    spikes: np.ndarray
    of_integers: np.ndarray


@pytest.fixture(scope="module")
def ours() -> dict[tuple[str, str], Ours]:
    data, found = (folder() / "lif_norse.nir").read_bytes(), {}
    for reading in READINGS:
        graph = read(data, *reading)
        real = run_float(graph, events())["1"]
        integers = run_graph(QuantiseGraph(8, True).run(graph), events()[None].astype(np.uint8)).layers[0]
        unit = graph.population("1").threshold[0] / THRESHOLD
        spikes, whole = (np.flatnonzero(each) for each in (real.spikes[:, 0], integers.spikes[0, :, 0]))
        found[reading] = Ours(real.v[:, 0] / unit, spikes, whole)
    return found


def difference(run: str, found: Ours, later: int) -> float:
    """Of v in steps without a spike, in thresholds; `later`: it was recorded that much later."""
    theirs = column(run, 1)[later:] / UNITS.get(run, 1)
    gap = np.abs(theirs - found.v[: STEPS - later]) / THRESHOLD
    return float(np.delete(gap, found.spikes).max())


@pytest.mark.parametrize("run", RUNS)
def test_a_reading_fires_when_the_published_run_did(run, ours):
    """Of those that do, the row names that with the nearest v; and so do its integers."""
    spikes = np.flatnonzero(column(run, 2))
    assert len(spikes) == 4
    same = [
        (difference(run, found, late_v), reading, late)
        for reading, found in ours.items()
        for late in (0, 1)
        for late_v in range(late + 1)
        if np.array_equal(found.spikes + late, spikes)
    ]
    assert same
    nearest, reading, late = min(same)
    np.testing.assert_array_equal(ours[reading].of_integers + late, spikes)
    below = next(text for text in ("0.000001", "0.01") if nearest < float(text))
    row = f"| {run} | {' | '.join(reading)} | {('nothing', 'one step')[late]} | {below} |\n"
    page = DOCS / "interop.md"
    before, head, after = page.read_text().partition(HEAD)
    assert head
    if os.environ.get("SNNC_WRITE_TABLES") and row not in after:
        rows, gap, rest = after.partition("\n\n")
        there = {line.split(" | ")[0].strip("| "): f"{line}\n" for line in rows.splitlines()} | {run: row}
        page.write_text(
            before + head + "".join(there[each] for each in RUNS if each in there) + gap[1:] + rest
        )
        after = row + after
    assert row in after, "docs/interop.md is of other code: see what changed"


def test_the_fixed_point_numbers_of_lava_are_the_contract():
    """Weight 10, du 4095, dv 163, threshold 25, as in its run: its v, one step later, in each step."""
    of = contract_lif(decay_u=4095, decay_v=163, threshold=25)
    found = run_graph(
        graph_of([source(), of], [dense("x", "h", [[10]])], STEPS), events()[None].astype(np.uint8)
    )
    layer = found.layers[0]
    np.testing.assert_array_equal(layer.v[0, :-1, 0], column("lava_cpu_fixed", 1)[1:])
    np.testing.assert_array_equal(layer.spikes[0, :-1, 0], column("lava_cpu_fixed", 2)[1:] > 0)
    chip = column("lava_loihi_fixed", 1)
    chip[chip == 128] = 0  # what its probe reads in the step of a spike
    np.testing.assert_array_equal(layer.v[0, :-1, 0], chip[1:])


def test_the_file_of_rockpool_is_not_the_neuron_that_it_ran():
    """Its exporter writes r = tau / dt * exp(-dt / tau): however it is read, less comes in than in its run.

    With the factor put back into the weight, the file gives the published spikes.
    """
    data = (folder() / "lif_rockpool.nir").read_bytes()
    theirs = np.flatnonzero(column("rockpool", 2))
    graph = nir.read(folder() / "lif_rockpool.nir", type_check=False)
    neuron, linear = graph.nodes["1_LIFNeuronTorch"], graph.nodes["0_LinearTorch"]
    lost = np.exp(-DT / neuron.tau)
    np.testing.assert_allclose(neuron.r, neuron.tau / DT * lost, rtol=1e-5)
    population = "1_LIFNeuronTorch"
    found = {
        reading: np.flatnonzero(run_float(read(data, *reading), events())[population].spikes)
        for reading in READINGS
    }
    assert not any(np.array_equal(spikes, theirs) for spikes in found.values())
    assert found["impulse", "subtract"].tolist() == [theirs[0] + 10, theirs[1] + 10, theirs[2], theirs[3]]
    linear.weight = linear.weight / lost
    chain = nir.NIRGraph.from_list(linear, neuron)
    nir.write(buffer := io.BytesIO(), chain)
    mended = read(hdf5_guard.trust(buffer.getvalue()), "impulse", "subtract")
    (name,) = [each.name for each in mended.populations if each.spikes]
    np.testing.assert_array_equal(np.flatnonzero(run_float(mended, events())[name].spikes), theirs)
