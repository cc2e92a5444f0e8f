"""The neuron of the NIR paper, read as Euler steps with reset to zero, against its published runs."""

from __future__ import annotations

import numpy as np
import pytest
from real_data import real_data

from snnc.errors import InputError
from snnc.exporter.expectation.held import Expect, hold_file
from snnc.exporter.nir.importer import ImportOptions, import_nir

DT, STEPS = 1e-4, 1000
LATER = "its spikes are one step later than the network's"
IMPULSE = "a step is exact, its input an impulse at its end (--integration impulse)"


def column(run, number):
    return np.loadtxt(real_data("foreign") / "nir" / f"lif_{run}.csv", delimiter=",")[:, number]


def held(run, folder, at_least=None, **told):
    path = folder / f"{run}.npz"
    events, spikes = column("exact", 0) > 0, column(run, 2) > 0
    np.savez(path, input=events.reshape(1, STEPS, 1), **{"1": spikes.reshape(1, STEPS, 1)})
    data = (real_data("foreign") / "nir" / "lif_norse.nir").read_bytes()
    options = ImportOptions(DT, STEPS, **{"reset": "zero", **told})
    network = import_nir(data, "lif.nir", options)
    return hold_file(network, data, "lif.nir", options, Expect(path, at_least), 1).agreement[0]


@pytest.mark.parametrize("run", ["norse", "snntorch", "spinnaker2", "exact", "nengo"])
def test_runs_that_fire_in_the_same_steps(run, tmp_path):
    found = held(run, tmp_path)
    assert (found.spikes, found.different) == (4, 0)


@pytest.mark.parametrize("run", ["lava_cpu_float", "lava_cpu_fixed", "lava_loihi_fixed", "spyx"])
def test_runs_that_fire_a_step_later(run, tmp_path):
    """Of the four spikes each is missing at its place and found a step later: 8 places."""
    found = held(run, tmp_path, 0.99)
    assert found.different == 8
    assert found.causes[0].startswith(LATER)


@pytest.mark.parametrize("run", ["rockpool", "sinabs"])
def test_runs_with_exact_steps(run, tmp_path):
    found = held(run, tmp_path, 0.99)
    assert IMPULSE in found.causes
    assert held(run, tmp_path, integration="impulse").different == 0


def test_less_than_is_asked_for_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"1: agrees with sinabs\.npz in 99\.60 % of 1000 places") as error:
        held("sinabs", tmp_path)
    assert IMPULSE in str(error.value)
    assert "--expect-at-least" in str(error.value)
