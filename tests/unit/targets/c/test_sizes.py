"""What is said of a C program's size, besides the numbers, which `tests/e2e/test_c_cli.py` compares."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, source
from loihi_artifacts import chain, layer
from models import digits_model, saved, tiny_model

from snnc.exporter.measured_size import keep_size
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.io.size_file import SIZE_FILE
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.targets.c.emitter import stored_whole, synapse_tables, table_and_state_bytes
from snnc.targets.c.sizes import FEWER_BITS, PRUNE_HALF, PRUNE_MORE, STORED_WHOLE, compiled_sizes, describe
from snnc.targets.c.tables import Table, struct_bytes


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc was not found")
def test_a_cross_compiler_is_asked_for_sizes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program does not run here, which makes the sizes no estimates."""
    artifact = export_file(saved(tiny_model(), tmp_path), "c", tmp_path / "net.c", ExportOptions())
    cross = tmp_path / "cross"
    cross.write_text(
        '#!/bin/sh\ncase "$*" in\n  *-print-prog-name=size*|*" -c "*) exec gcc "$@" ;;\nesac\nexit 1\n'
    )
    cross.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CC", "./cross")
    (size,) = describe(artifact)
    assert size.endswith(f"(compiled by {cross} -Os)")
    assert "estimates" not in size


@pytest.mark.parametrize(("bits", "told"), [(4, True), (8, False)])
def test_fewer_bits_are_said_to_save_flash_by_what_comes_with_them(
    bits: int, told: bool, tmp_path: Path
) -> None:
    artifact = export_file(
        saved(tiny_model(), tmp_path), "c", tmp_path / "net.c", ExportOptions(weight_bits=bits)
    )
    said = list(describe(artifact))
    assert (FEWER_BITS.format(prune=PRUNE_HALF) in said) is told
    assert not any("stored whole" in line for line in said)


def test_what_pruning_saves_is_told_of_a_pruned_network(tmp_path: Path) -> None:
    def said(prune: float) -> list[str]:
        options = ExportOptions(weight_bits=4, prune=prune)
        folder = tmp_path / f"{prune}.c"
        return list(describe(export_file(saved(digits_model(), tmp_path), "c", folder, options)))[1:]

    fewer = FEWER_BITS.format(prune=PRUNE_MORE)
    assert said(0.2) == [fewer, STORED_WHOLE.format(names="hidden1, readout")]
    assert said(0.9) == [fewer]


def test_an_export_of_lists_alone_is_told_nothing_of_whole_layers() -> None:
    weight = np.zeros((4, 6), np.int64)
    weight[0, 0] = weight[1, 2] = 1
    few = QuantizedLayer("few", weight, weight * 3, np.full(4, 1), 0, 1, 1, 64)
    full = np.ones((2, 4), np.int64)
    every = QuantizedLayer("every", full, full, np.full(2, 1), 0, 1, 1, None)
    graph = QuantizedGraph.chain((few, every), 10, 0.001, 1.0, ("a", "b"))
    assert stored_whole(graph) == {"every": False}


def test_flash_that_fewer_bits_save_is_told() -> None:
    """In 3 bits most weights of the layer round to 0, which makes it a list, and biases fit a byte."""
    assert "fewer bits save flash by zeros and smaller biases alone" in FEWER_BITS
    assert len(FEWER_BITS) < 170  # a sentence that is read

    def size(zeros: int, bias: int) -> int:
        weight = np.ones((12, 140), np.int64)
        weight[:zeros] = 0
        layer = QuantizedLayer("l", weight, weight * 3, np.full(12, bias), 0, 1, 1, 64)
        biases = Table("bias0", layer.bias_mant.astype(np.int64))
        return sum(table.bytes for table in synapse_tables(layer, 0, 10).tables) + biases.bytes

    assert size(7, 100) < size(1, 100) < size(1, 200)


@pytest.mark.parametrize(
    ("neurons", "delay", "share", "words"),
    [
        (256, 3, 1 / 3, "(a third with delays and at most 256 neurons"),
        (256, 0, 1 / 2, "once about half of a layer's synapses are 0"),
        (300, 3, 1 / 2, "once about half of a layer's synapses are 0"),
        (300, 0, 2 / 3, "two thirds with neither)"),
    ],
)
def test_pruning_saves_flash_from_the_share_that_is_told(
    neurons: int, delay: int, share: float, words: str
) -> None:
    """A layer with fewer zeros is as large as a full one."""
    assert words in STORED_WHOLE

    def size(zeros: float) -> int:
        weight = np.ones((neurons, 100), np.int64)
        weight[: round(neurons * zeros)] = 0
        layer = QuantizedLayer("l", weight, weight * delay, np.zeros(neurons, np.int64), 0, 1, 1, 64)
        return sum(table.bytes for table in synapse_tables(layer, 0, 10).tables)

    assert size(share - 0.03) == size(0)
    assert size(share + 0.03) < size(0)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc was not found")
def test_a_size_that_the_export_kept_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`print` of an export compiles nothing then; without the file, or with another network's, it does."""
    artifact = export_file(saved(tiny_model(), tmp_path), "c", tmp_path / "net.c", ExportOptions())
    (measured,) = describe(artifact)
    assert "compiled by gcc -Os" in measured
    keep_size(artifact)
    monkeypatch.setenv("CC", str(tmp_path / "none"))
    monkeypatch.setattr("snnc.targets.c.sizes.compiled_sizes", None)
    assert list(describe(artifact)) == [measured]
    place = artifact.path / SIZE_FILE
    place.write_text(place.read_text().replace(artifact.manifest["graph_hash"], "0" * 64))
    monkeypatch.undo()
    monkeypatch.setenv("CC", str(tmp_path / "none"))
    (estimated,) = describe(artifact)
    assert "(estimates, no code: " in estimated


@pytest.mark.parametrize(
    ("members", "size"),
    [
        ([(4, 3), (1, 4)], 16),
        ([(4, 3), (1, 5)], 20),  # 17, rounded up to 4
        ([(4, 1), (2, 3), (4, 1), (1, 1)], 20),  # 10, so 12, then 16, 17
        ([(1, 1), (2, 1)], 4),
    ],
)
def test_a_struct_by_hand(members: list[tuple[int, int]], size: int) -> None:
    assert struct_bytes(members) == size


def odd_chain() -> QuantizedGraph:
    """3 sums of 16 bits, then 2 of 32, then 5 spikes: a gap of 2 bytes, and 3 at the end."""
    first = layer([[1], [1], [1]], name="hidden", threshold=1)
    return chain(first, layer([[127 << 9] * 3] * 2, name="out"), time_steps=9)


def odd_graph() -> QuantizedGraph:
    ways = (
        dense("x", "h", [[1], [1], [1]]),
        dense("h", "y", [[127] * 3] * 2, exp=9),
        dense("x", "y", [[1], [1]]),
    )
    return graph_of((source("x"), lif("h", 3), li("y", 2)), ways, 9)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc was not found")
@pytest.mark.parametrize("made", [odd_chain, odd_graph])
def test_state_without_a_compiler_is_that_of_a_compiler(made: Callable[[], QuantizedGraph]) -> None:
    graph = made()
    assert table_and_state_bytes(graph)[1] == compiled_sizes(graph)[1]
