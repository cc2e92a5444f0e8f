"""`print` of a network and of an export says what the command line says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from float_nets import dense, graph, lif
from models import tiny_model

import snnc
from snnc.cli import main
from snnc.stages import FloatPopulation
from snnc.stages.float_graph import FloatProjection

LOST = dense([1.2503, 1e-6], [0.5, 0.75])


@pytest.fixture
def network() -> snnc.Network:
    loop = FloatProjection("a", "a", dense([0.0, 0.3], [0.2, 0.0], delay=3))
    return snnc.Network(graph(lif(2), LOST, [loop], steps=20), "loop")


def test_a_network_tells_its_delays_and_its_decoder(network: snnc.Network) -> None:
    assert str(network).splitlines() == [
        "Network('loop': 2 + 2 neurons, T = 20, 0.001 s a step)",
        "  population in: input, 2 lines",
        "  in -> a: 4 synapses, delay 0",
        "  population a: lif, 2 neurons, readout count",
        "  a -> a: 2 synapses, delay 3, recurrent",
        "  classes of a: 2: 0, 1",
        "  time: 20 steps of 1 ms",
    ]
    assert repr(network) == str(network).splitlines()[0]


def test_what_inspect_says_of_its_export_is_the_same(
    network: snnc.Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = network.export("c", tmp_path / "net.c")
    assert main(["inspect", str(exported.path)]) == 0
    inspected = capsys.readouterr().out
    integers = str(snnc.Network(exported.graph, "loop")).splitlines()[1:]
    assert "  a -> a: 2 synapses, delay 3, recurrent" in integers
    assert all(line.strip() in inspected for line in integers)


def test_an_export_that_is_of_no_nir_file_tells_of_no_euler_steps(tmp_path: Path) -> None:
    """Its decays are given, so no argument says how a time constant becomes one."""
    leaky = graph(lif(2, keep_v=0.5), LOST, steps=20)
    noted = snnc.Network(leaky, "noted", notes=("spikes differ in 3 places",))
    assert "Euler" not in str(noted.export("c", tmp_path / "noted.c"))


def test_a_network_of_many_populations_is_short(network: snnc.Network) -> None:
    many = [FloatPopulation(f"in{number}", "input", 1) for number in range(100)]
    model = network.model
    assert not isinstance(model, tuple)
    large = snnc.Network(replace(model, populations=(*many, *model.populations)), "large")
    assert len(str(large).splitlines()) < 50
    assert "more ..." in str(large)


def test_a_chain_and_a_trained_network_tell_theirs() -> None:
    told = str(snnc.Network(tiny_model(), "tiny"))
    for layer in tiny_model().layers:
        assert f" -> {layer.name}: {np.count_nonzero(layer.weight)} synapses, delays 0 to " in told
        assert f"population {layer.name}: " in told


def test_an_export_tells_what_it_lost(
    network: snnc.Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = str(network.export("c", tmp_path / "net.c")).splitlines()
    assert told[0].startswith(f"{tmp_path / 'net.c'} for c, proved free of overflow for every input, with ")
    assert "  1 synapses lost: their weights are 0 in integers" in told
    assert "  network: 1 population on 2 input lines, 2 projections, 5 synapses, 20 steps of 1 ms" in told
    assert "  weights: 8 bits, rounded to them after training" in told
    assert "  cost: not measured" in told
    assert str(snnc.load(tmp_path / "net.c")).splitlines() == told


def test_options_are_in_the_words_of_python(tmp_path: Path) -> None:
    network = snnc.Network(graph(lif(2), LOST), "net")
    exported = network.export("c", tmp_path / "net.c")
    imported = {"imported": {"integration_as_told": "exact"}}
    manifest = dict(exported.artifact.manifest)
    manifest["provenance"] = {**manifest["provenance"], **imported}
    told = str(replace(exported, artifact=replace(exported.artifact, manifest=manifest)))
    assert "  imported: steps are solved as integration='exact' says" in told.splitlines()


def test_a_damaged_file_is_told(network: snnc.Network, tmp_path: Path) -> None:
    exported = network.export("c", tmp_path / "net.c")
    broken = replace(exported.artifact, carried={**exported.artifact.carried, "budget.json": b"{"})
    told = str(replace(exported, artifact=broken)).splitlines()
    assert "  1 synapses lost: their weights are 0 in integers" in told
    assert str(tmp_path / "net.c" / "budget.json") in told[-1]
