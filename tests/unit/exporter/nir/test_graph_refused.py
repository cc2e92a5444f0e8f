"""Graphs of populations in a NIR file that was changed or is too large: refused."""

from __future__ import annotations

import io
from collections.abc import Callable

import h5py
import numpy as np
import pytest
from nir_structures import altered, convolved, recurrent

from snnc.errors import ArtifactError
from snnc.exporter.nir import reader
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir

pytestmark = pytest.mark.slow


def plus_one(value):
    found = np.array(value)
    found.flat[0] += 1
    return found


def another(text: str):
    """The first of an array of texts becomes `text`."""
    return lambda texts: np.array([text, *texts[1:].astype(str)], h5py.string_dtype())


SNNC, NODES = "node/metadata/snnc", "node/nodes"


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        (
            f"{SNNC}/populations/threshold",
            plus_one,
            "v_threshold of the node 'population1_h' contradicts",
        ),
        (f"{SNNC}/populations/decay_u", lambda d: d * 1.0, "holds float64, expected whole numbers"),
        (f"{SNNC}/populations/decay_u", lambda d: d[1:], "decay_u holds fewer numbers"),
        (f"{SNNC}/populations/bias_mant", lambda _: None, "the graph is inconsistent"),
        (f"{SNNC}/populations/model", another("li"), "holds fewer numbers than needed"),
        (f"{SNNC}/populations/end", lambda e: e + (e > 0), "notes are not those of its structure"),
        (f"{SNNC}/populations/neurons", plus_one, "synapses_of holds fewer numbers"),
        (
            f"{SNNC}/populations/reset",
            lambda r: np.append(r, "zero").astype(h5py.string_dtype()),
            "more words",
        ),
        (f"{SNNC}/projections/list/weight", plus_one, "weight of the node 'projection0_x_h_weight'"),
        (f"{SNNC}/projections/weight_exp", plus_one, "weight of the node 'projection0_x_h_weight'"),
        (f"{SNNC}/projections/list/synapses_of", plus_one, "holds fewer numbers than needed"),
        (f"{SNNC}/projections/list/synapses_of", lambda c: np.array([4, -1, 1, 0]), "fewer than 0 synapses"),
        (f"{SNNC}/projections/storage", another("tree"), "the storage 'tree' is unknown"),
        (f"{SNNC}/projections/matrix/delay", lambda d: d[:-1], "holds fewer numbers"),
        (f"{SNNC}/projections/matrix/delay", lambda d: np.append(d, 0), "holds more numbers"),
        (f"{SNNC}/projections/destination", another("other"), "there is no population 'other'"),
        (f"{SNNC}/readouts/001/scale", plus_one, "does not match its recorded hash"),
        (f"{SNNC}/readouts/000/decoder", lambda _: "sum", "scale is missing, the decoder sum needs it"),
        (f"{SNNC}/readouts/000/class_names", another("other"), "does not match its recorded hash"),
        (f"{SNNC}/order", another("k"), "order of computing is not that of the contract"),
        (f"{SNNC}/forms", another("none"), "its forms are not those of its structure"),
        (f"{SNNC}/notes", another("all is well"), "its notes are not those of its structure"),
        (f"{SNNC}/semantics_version", lambda _: 1, "semantics_version is 1, that of its graph is 2"),
        (f"{SNNC}/semantics_version", lambda _: 3, "semantics_version is 3, this release reads 1 and 2"),
        (f"{SNNC}/version", lambda _: 2, "the graph is inconsistent"),
        (f"{SNNC}/time_steps", lambda _: 6, "k: end is 7"),
        (f"{NODES}/population1_h/v_leak", plus_one, "v_leak of the node 'population1_h' contradicts"),
        (f"{NODES}/population1_h/type", lambda _: "LIF", "type of the node 'population1_h' contradicts"),
        (f"{NODES}/population1_h/w_in", lambda _: None, "'population1_h' has other fields than its type"),
        (f"{NODES}/projection0_x_h_weight/weight", plus_one, "weight of the node 'projection0_x_h_weight'"),
        (f"{NODES}/projection0_x_h_weight/bias", plus_one, "bias of the node 'projection0_x_h_weight'"),
        (f"{NODES}/output1_y/shape", plus_one, "shape of the node 'output1_y' contradicts"),
        ("node/edges", lambda e: e[1:], "its edges are not those"),
    ],
)
def test_a_changed_file_is_refused(path: str, change: Callable, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        read_nir(altered(path, change), "graph.nir")


def test_a_node_more_is_refused() -> None:
    buffer = io.BytesIO(write_nir(recurrent()))
    with h5py.File(buffer, "r+") as file:
        file[f"{NODES}/more/type"] = "Linear"
    with pytest.raises(ArtifactError, match="the node 'more' is none of its populations"):
        read_nir(buffer.getvalue(), "graph.nir")


def test_a_graph_that_would_take_too_much_is_refused_before_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A few numbers of a kernel stand for many synapses."""
    data = write_nir(convolved(np.ones((2, 1, 2, 2))))
    monkeypatch.setattr(reader, "SIZE_LIMIT", 3000)
    with pytest.raises(ArtifactError, match=r"takes up to .* bytes, more than the 3000 allowed"):
        read_nir(data, "graph.nir")
    monkeypatch.setattr(reader, "SIZE_LIMIT", 300)
    with pytest.raises(ArtifactError, match=r"unpacks to .* more than the 300 allowed"):
        read_nir(data, "graph.nir")
