"""A graph as an artifact: written, read back, read with suspicion, and exported again from its own file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_target
from graph_cases import adlif, dense, graph_of, li, lif, listed, readout, source
from graph_golden import GRAPH_GOLDEN
from models import tamper
from pass_names import BEFORE_PLACE

from snnc.cli import main
from snnc.errors import ArtifactError, InputError, LimitError, RangeProofError
from snnc.exporter.artifact import GOLDEN, GRAPH, check_program, read_artifact
from snnc.exporter.golden import pack_golden
from snnc.exporter.graph_export import export_graph
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.ranges.prove import graph_bounds
from snnc.provenance import graph_hash
from snnc.stages import Projection, QuantizedGraph

pytestmark = pytest.mark.slow


def network(weight: int = 3) -> QuantizedGraph:
    """Two inputs, recurrence, adaptation, an end, and two readouts."""
    populations = (
        source("x", 2, payload_max=5),
        source("z", 1),
        lif("h", 3, decay_u=2048, decay_v=[900, 1000, 4096], threshold=2),
        adlif(
            "k", 2, decay_v=512, decay_w=600, ka=10, kb=30, threshold=3, reset="subtract", reset_by=3, end=9
        ),
        li("y", 2, decay_v=512),
    )
    projections = (
        dense("x", "h", [[weight, 1], [2, -1], [1, 1]], 1),
        dense("z", "k", [[4], [5]], 0, 1),
        Projection("h", "h", listed(3, 3, (0, 1, 2, 1), (0, 1, -3, 7), (2, 0, 1, 2))),
        dense("h", "k", [[1, 2, 3], [3, 2, 1]], 2),
        Projection("k", "h", listed(2, 3, (1, 2, -4, 1))),
        dense("k", "y", [[1, -1], [2, 2]]),
    )
    return graph_of(
        populations, projections, 12, [readout("k", "first", 2), readout("y", "max", 2, [0.5, 1.5])]
    )


@pytest.fixture(autouse=True)
def _targets(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_target.use(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return export_graph(network(), "tinychip", tmp_path / "net").path


@pytest.mark.parametrize("target", ["tiny", "tinychip"])
def test_what_is_written_reads_back(target: str, tmp_path: Path) -> None:
    graph = network()
    written = export_graph(graph, target, tmp_path / "net")
    found = read_artifact(tmp_path / "net")
    assert found.graph == written.graph == graph
    assert found.program == {"order.txt": "\n".join(graph.order).encode()}
    check_program(found)
    assert [each.shape for each in found.golden_readouts] == [(8, 12, 2), (8, 12, 2)]
    assert found.golden_readouts[0].max() == 1
    assert found.golden_readouts[1].any()
    manifest = found.manifest
    assert manifest["semantics_version"] == 2
    assert manifest["graph_hash"] == graph_hash(graph)
    assert manifest["provenance"]["given"] == "as a graph"
    assert [row["longest"] for row in manifest["delays"]] == [7, 2, 0]
    held = [row["populations"] for row in manifest["placement"]]
    assert len(held) == (1 if target == "tiny" else 4)
    assert {name for each in held for name in each} == {"h", "k", "y"}


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    folders = [export_graph(network(), "tinychip", tmp_path / name).path for name in "ab"]
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes()


def test_golden_cases_are_exported(tmp_path: Path) -> None:
    for case in GRAPH_GOLDEN[::7]:
        found = export_graph(case.graph, "tinychip", tmp_path / "net", allow_saturation=True, overwrite=True)
        assert found.graph == case.graph


def test_another_network_is_not_replaced(folder: Path) -> None:
    export_graph(network(), "tinychip", folder)
    with pytest.raises(InputError, match="is the export of another network; choose another name"):
        export_graph(network(4), "tinychip", folder)
    with pytest.raises(InputError, match="is an export to 'tinychip', not to 'tiny'"):
        export_graph(network(), "tiny", folder)
    with pytest.raises(InputError, match="was exported with options"):
        export_graph(network(), "tinychip", folder, allow_saturation=True)
    assert export_graph(network(4), "tinychip", folder, overwrite=True).graph == network(4)


def test_overflow_is_refused_unless_it_may_be(tmp_path: Path) -> None:
    graph = graph_of((source("x", 1), li("y", 1)), (dense("x", "y", [[120]], 0, 10),), 400)
    with pytest.raises(RangeProofError, match="y, neuron 0: v can reach"):
        export_graph(graph, "tiny", tmp_path / "net")
    found = export_graph(graph, "tiny", tmp_path / "net", allow_saturation=True)
    assert found.manifest["provenance"]["overflow_proved"] is False


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    graph = graph_of((lif("h", bias_mant=9), li("y")), (dense("h", "y", [[1]], 70),), 90)
    with pytest.raises(
        LimitError, match=r"h -> y: delays of up to 70 steps .* \(0..62\); with --relays it fits"
    ):
        export_graph(graph, "tinychip", tmp_path / "net")
    assert not (tmp_path / "net").exists()
    found = export_graph(graph, "tinychip", tmp_path / "net", relays=True)
    assert [each.name for each in found.graph.populations] == ["h", "h_relay1", "y"]
    np.testing.assert_array_equal(
        found.golden_readout, export_graph(graph, "tiny", tmp_path / "all").golden_readout
    )
    assert found.golden_readout.any()


def test_pruning_for_a_chip_says_the_bytes(folder: Path, capsys) -> None:
    command = ["export", str(folder / GRAPH), "--target", "tinychip", "--prune", "0.34"]
    assert main([*command, "-o", str(folder.parent / "small")]) == 0
    said = capsys.readouterr().out
    assert "prune: chip synapse bytes: " in said
    assert "prune: chip synapse bytes removed: " in said


def test_its_own_file_is_made_smaller(folder: Path, capsys) -> None:
    """A third of the synapses of each projection, and what the graph is recorded to be made of."""
    command = ["export", str(folder / GRAPH), "--target", "tiny", "--prune", "0.34", "--whole-bias"]
    assert main([*command, "-o", str(folder.parent / "small")]) == 0
    said = capsys.readouterr().out
    assert "prune: synapses removed: 7" in said
    assert "synapse bytes" not in said, "those of a chip, which tiny is not"
    assert "cost      not measured" in said
    record = read_artifact(folder.parent / "small").manifest["provenance"]
    assert record["options"]["prune"] == 0.34
    assert [each["name"] for each in record["passes"]] == BEFORE_PLACE
    assert main([*command, "-o", str(folder.parent / "small")]) == 0  # the same again may take its place


def _with(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda manifest: manifest | values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_with(semantics_version=1), "semantics_version is 1, that of graph.nir is 2"),
        (_with(semantics_version=3), "this release reads"),
        (_with(graph_hash="0" * 64), "is not the graph of the manifest"),
        (_with(range_proof=[]), "its range proof differs"),
        (_with(placement=[]), "is on no core"),
        (lambda m: m | {"provenance": {**m["provenance"], "weight_bits": {"x": 8}}}, "'x' has 8 weight bits"),
    ],
)
def test_a_changed_manifest_is_refused(folder: Path, change: Callable, message: str) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(change(manifest)))
    with pytest.raises(ArtifactError, match=message):
        read_artifact(folder)


def test_changed_files_are_refused(folder: Path) -> None:
    sound = read_artifact(folder)
    first, second = sound.golden_readouts
    tamper(folder, GOLDEN, lambda _: pack_golden(sound.graph, sound.golden_input, (1 - first, second)))
    with pytest.raises(ArtifactError, match="spikes of population3_k differ from the golden vectors"):
        read_artifact(folder)
    export_graph(network(), "tinychip", folder, overwrite=True)
    other = graph_bounds(network(4))
    from snnc.exporter.ranges.certificate import pack_ranges

    tamper(folder, "ranges.npz", lambda _: pack_ranges(other))
    with pytest.raises(ArtifactError, match=r"range proof differs from ranges.npz"):
        read_artifact(folder)


def test_its_own_file_is_exported_again(folder: Path, tmp_path: Path, capsys) -> None:
    again = tmp_path / "again"
    assert main(["export", str(folder / GRAPH), "--target", "tiny", "-o", str(again)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "3 populations on 3 input lines, 6 projections, 22 synapses" in said
    assert "cost none, the integers are exported as they were given" in said
    found = read_artifact(again)
    assert found.graph == network()
    assert found.manifest["provenance"]["model"] == "graph.nir"
    assert np.array_equal(found.golden_input, read_artifact(folder).golden_input)
    assert main(["inspect", str(again)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^h -> h: 3 synapses, delays 1 to 7, recurrent$", said, re.M)


def test_its_own_file_is_checked_against_chips(folder: Path, capsys) -> None:
    assert main(["check", str(folder / GRAPH), "--target", "tinychip"]) == 0
    assert "fits, on 4 of 32 cores, 7 neurons" in capsys.readouterr().out
    assert main(["check", str(folder), "--target", "truenorth"]) == 1
    assert "x: payloads of up to 5, the limit is 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [
        ("--weight-bits", "4"),
        ("--dt", "0.001"),
        ("--prune", "auto"),
        ("--dataset", "digits"),
        ("--dump-after", "prune"),
    ],
)
def test_options_that_would_do_nothing_are_refused(folder: Path, options, refused) -> None:
    said = refused("export", folder / GRAPH, "--target", "tiny", *options)
    assert re.search(r"holds integers, which .*; (leave out|give --prune a share)", said)


def test_a_graph_without_inputs_is_exported(tmp_path: Path) -> None:
    """Nothing comes in: its biases drive it, and no golden input could be more than silence."""
    graph = graph_of((lif("h", 2, bias_mant=[64, 65], threshold=0), li("y")), (dense("h", "y", [[1, 2]]),), 5)
    found = export_graph(graph, "tiny", tmp_path / "net")
    assert found.golden_input.shape == (8, 5, 0)
    assert found.golden_readout.any()


def test_a_chain_is_exported_as_ever(tmp_path: Path) -> None:
    chain = graph_of(
        (source("input", 2), lif("h", 2, threshold=1), li("y", 2)),
        (dense("input", "h", [[1, 2], [3, 4]], 1), dense("h", "y", [[1, 2], [3, 4]])),
        6,
        [readout("y", "softmax", 2, 0.5)],
    )
    found = export_graph(chain, "loihi", tmp_path / "net")
    assert found.manifest["semantics_version"] == 1
    assert "program.npz" in found.program
    assert replace(found.graph) == chain


def test_its_own_file_cut_short_is_damaged_before_options_are_asked_for(folder: Path, refused) -> None:
    whole = (folder / GRAPH).read_bytes()
    (folder.parent / "cut.nir").write_bytes(whole[: len(whole) // 2])
    said = refused("export", folder.parent / "cut.nir", "--target", "tiny")
    assert "cut.nir: " in said
    assert "--dt" not in said
