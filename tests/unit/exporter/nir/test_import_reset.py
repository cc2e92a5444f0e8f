"""How the neurons of a NIR file reset, and last neurons that never spike."""

from __future__ import annotations

import io

import h5py
import nir
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import ON_GOLDEN
from nir_chains import array
from nir_interpreter import interpret
from real_data import real_data

from snnc.cli import main
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.nir.importer import Imported, ImportOptions, import_nir
from snnc.io import hdf5_guard

DT = 0.001


def lif(threshold: float = 1.0, reset: float = 0.0, tau: float = 0.004, r: float = 1.0) -> nir.LIF:
    return nir.LIF(
        tau=array(tau), r=array(r), v_leak=array(0), v_threshold=array(threshold), v_reset=array(reset)
    )


def linear(weight: float = 2.0) -> nir.Linear:
    return nir.Linear(weight=np.array([[weight]]))


def written(*nodes: nir.NIRNode) -> bytes:
    buffer = io.BytesIO()
    nir.write(buffer, nir.NIRGraph.from_list(*nodes))
    return hdf5_guard.trust(buffer.getvalue())


def imported(*nodes: nir.NIRNode, steps: int = 10, reset: str | None = "zero") -> Imported:
    return import_nir(written(*nodes), "net.nir", ImportOptions(DT, steps, reset=reset))


def as_nir_1_0_5_wrote(data: bytes) -> bytes:
    """Without the field that nir 1.0.6 brought."""
    with h5py.File(buffer := io.BytesIO(data), "r+") as file:
        for node in file["node/nodes"].values():
            node.pop("v_reset", None)
        del file["version"]
        file["version"] = "1.0.5"
    return hdf5_guard.trust(buffer.getvalue())


def test_a_reset_of_zero_says_nothing():
    with pytest.raises(InputError) as refusal:
        imported(linear(), lif(), reset=None)
    said = str(refusal.value)
    assert said.startswith("net.nir: node 'lif' (LIF): its v_reset is 0, which does not tell how it resets")
    assert "subtract the threshold (the default of snnTorch, sinabs and Rockpool)" in said
    remedy = said.splitlines()[1]
    assert remedy.startswith("If the network was trained with reset to zero, pass --reset zero")
    assert "--reset subtract" in remedy


@pytest.mark.parametrize(
    "neuron",
    [
        lif(),
        nir.IF(r=array(1), v_threshold=array(1)),
        nir.CubaLIF(array(0.002), array(0.004), r=array(1), v_leak=array(0), v_threshold=array(1)),
    ],
)
def test_a_file_without_the_field_is_of_the_time_when_nir_subtracted(neuron):
    data = as_nir_1_0_5_wrote(written(linear(1000), neuron))
    with pytest.raises(InputError, match=r"\(of nir 1\.0\.5\) has no v_reset; until nir 1\.0\.5, NIR's eq"):
        import_nir(data, "net.nir", ImportOptions(DT, 10))
    told = import_nir(data, "net.nir", ImportOptions(DT, 10, reset="zero"))
    assert told.notes["reset_to_zero_as_told"] == type(neuron).__name__.lower()


def test_another_reset_than_zero_is_an_answer():
    found = imported(linear(), lif(reset=-0.5), linear(), lif(reset=0.25), reset=None)
    assert found.notes["reset_to_v_reset"] == "lif, lif_1"
    assert "reset_to_zero_as_told" not in found.notes


def test_the_answer_is_for_the_nodes_of_which_the_file_says_nothing():
    found = imported(linear(), lif(reset=-0.5), linear(), lif())
    assert found.notes["reset_to_v_reset"] == "lif"
    assert found.notes["reset_to_zero_as_told"] == "lif_1"


@pytest.mark.parametrize(
    "nodes", [(lif(tau=DT),), (nir.Threshold(array(0.5)),), (nir.LI(array(0.01), array(1), array(0)),)]
)
def test_what_remembers_nothing_of_a_spike_needs_no_answer(nodes):
    imported(linear(), *nodes, reset=None)


@pytest.mark.parametrize("name", ["lif_norse.nir", "lif_rockpool.nir", "two_lif_neurons.nir"])
def test_published_files_do_not_tell(name, tmp_path, refused, capsys):
    path, folder = real_data("foreign") / "nir" / name, tmp_path / "net.loihi"
    command = ["export", str(path), "--dt", "1e-4", "--time-steps", "100", "-o", str(folder)]
    assert "has no v_reset; until nir 1.0.5, NIR's equations subtracted" in refused(*command)
    assert main([*command, "--reset", "zero"]) == 0
    assert "reset to zero, as --reset zero says" in " ".join(capsys.readouterr().out.split())
    assert read_artifact(folder).manifest["provenance"]["imported"]["reset_to_zero_as_told"]


LAST = {
    # Neurons with a threshold, and what their v can reach at most for a spike in every step.
    "lif": (lif, 2.0),  # 2 * 1/4 a step, 4 steps of memory
    "if": (lambda threshold: nir.IF(r=array(500), v_threshold=array(threshold)), 10.0),  # 2 * 1/2, 10 steps
    "cubalif": (  # 2 * 1/2 a step, 2 steps of current; 1/4 of it a step, 4 steps
        lambda threshold: nir.CubaLIF(
            array(0.002), array(0.004), array(1), array(0), v_threshold=array(threshold)
        ),
        2.0,
    ),
    "threshold": (lambda threshold: nir.Threshold(array(threshold)), 2.0),
}
QUIET = {
    "lif": nir.LI(tau=array(0.004), r=array(1), v_leak=array(0)),
    "if": nir.I(r=array(500)),
    "cubalif": nir.CubaLI(tau_syn=array(0.002), tau_mem=array(0.004), r=array(1), v_leak=array(0)),
}
HIDDEN = (linear(), lif(0.5))


@pytest.mark.parametrize("kind", LAST)
@pytest.mark.parametrize("threshold", [np.inf, 1e9, "just above"])
def test_last_neurons_that_cannot_spike_are_the_readout(kind, threshold):
    neuron, reach = LAST[kind]
    threshold = 1.001 * reach if threshold == "just above" else threshold
    found = imported(*HIDDEN, linear(), neuron(threshold))
    _, readout = found.model.layers
    assert readout.threshold is None
    said = f"{readout.name} is read as the readout: its threshold of "
    assert found.notes["read_as_readout"].startswith(said)
    assert "readout_added" not in found.notes
    same = imported(*HIDDEN, linear(), *([QUIET[kind]] if kind in QUIET else [])).model.layers[1]
    np.testing.assert_array_equal(readout.weight, same.weight)
    np.testing.assert_array_equal(readout.bias, same.bias)
    assert (readout.tau, readout.tau_syn) == (same.tau, same.tau_syn)


@pytest.mark.parametrize("kind", LAST)
def test_last_neurons_that_can_spike_do(kind):
    neuron, reach = LAST[kind]
    found = imported(*HIDDEN, linear(), neuron(0.999 * reach))
    assert len(found.model.layers) == 3
    assert "read_as_readout" not in found.notes


def test_one_neuron_that_can_spike_makes_a_layer_that_spikes():
    last = nir.LIF(tau=array(0.004, 0.004), r=array(1, 1), v_leak=array(0, 0), v_threshold=array(np.inf, 1))
    found = imported(*HIDDEN, nir.Linear(np.array([[2.0], [2.0]])), last)
    _, spiking, _ = found.model.layers
    assert spiking.weight.tolist() == [[0], [0.5]]


def test_a_threshold_beyond_reach_before_other_neurons():
    with pytest.raises(InputError, match="node 'lif': its threshold is infinite, and a node follows"):
        imported(linear(), lif(np.inf), linear(), lif())
    with pytest.raises(InputError, match="v_threshold holds NaN"):
        imported(linear(), lif(np.nan))
    with pytest.raises(InputError, match="v_leak holds NaN or infinity"):
        imported(linear(), nir.LIF(array(0.004), array(1), v_leak=array(np.inf), v_threshold=array(1)))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["lif", "if", "cubalif"]), st.integers(1, 40))
def test_a_neuron_that_is_read_as_readout_never_fires(seed, kind, steps):
    """By NIR's own equations, whatever arrives; and the threshold is not far off."""
    rng = np.random.default_rng(seed)
    weight, leak = rng.normal(0.3, 1, (1, 3)), rng.normal(0, 0.3)
    membrane = {"r": array(1.5), "v_threshold": array(1e9), "v_reset": array(0)}
    if kind == "if":
        node = nir.IF(**membrane | {"r": array(400)})
    elif kind == "lif":
        node = nir.LIF(tau=array(0.003), v_leak=array(leak), **membrane)
    else:
        node = nir.CubaLIF(
            tau_syn=array(0.002), tau_mem=array(0.003), v_leak=array(leak), w_in=array(1.7), **membrane
        )
    into = nir.Linear(
        rng.uniform(0.9, 2, (3, 3))
    )  # hidden neurons without memory: each spike of the input is one
    ones = np.ones(3)
    hidden = nir.LIF(tau=DT * ones, r=ones, v_leak=0 * ones, v_threshold=ones / 2, v_reset=0 * ones)
    said = imported(into, hidden, nir.Linear(weight), node, steps=steps).notes["read_as_readout"]
    reach = float(said.rsplit(" ", 1)[1])
    node.v_threshold = array(reach * 1.001 + 1e-9)
    graph = nir.NIRGraph.from_list(into, hidden, nir.Linear(weight), node)
    for share in (0.1, 0.5, 1):
        spikes = rng.random((steps, 3)) < share
        assert not interpret(graph, spikes, DT)[f"{said.split()[0]} spikes"].any()


def test_what_was_read_as_a_readout_is_said_and_exported(tmp_path, capsys):
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(*HIDDEN, linear(), lif(1e9)))
    told = ["--dt", str(DT), "--time-steps", "10", "--reset", "zero"]
    assert main(["export", str(tmp_path / "net.nir"), *told]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "imported: lif_1 is read as the readout: its threshold of 1e+09 lies above all that v reaches"
        in shown
    )
    assert "imported: neurons of lif reset to zero, as --reset zero says" in shown
    assert (
        main(
            [
                "verify",
                str(tmp_path / "net.loihi"),
                *ON_GOLDEN,
                "--executors",
                "oracle",
            ]
        )
        == 0
    )
