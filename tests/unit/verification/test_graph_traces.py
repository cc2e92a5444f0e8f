"""Trace files of graphs that are no chain: what they hold, and how two of them are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nir
import numpy as np
from verified_graph import GRAPH, SPIKES
from wrong_executors import changed

from snnc.hwsim import oracle
from snnc.io.traces.npz import write_npz
from snnc.io.traces.reader import open_trace
from snnc.io.traces.writer import select, write_trace
from snnc.stages import Rung, Trace
from snnc.verification.compare import first_divergence
from snnc.verification.compare_files import compare_files


def test_trace_files_hold_any_graph(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    with write_trace(tmp_path / "t.h5", GRAPH, "oracle", select(GRAPH), len(SPIKES)) as writer:
        writer.append(SPIKES, trace)
    with open_trace(tmp_path / "t.h5", None) as found:
        assert found.models == ("li", "lif", "adlif", "lif")
        assert [found.layers[k] for k in found.order] == ["h", "g", "y", "z"]
        assert [(each.layer, each.decoder, each.end) for each in found.readouts] == [
            (0, "softmax", 4),
            (1, "count", 6),
        ]
        assert found.readouts[0].scale.tolist() == [0.01, 0.02, 0.01]
        np.testing.assert_array_equal(found.read_input(slice(None)), SPIKES)
        for index, (layer, model) in enumerate(zip(trace, found.models, strict=True)):
            for name in ("u", "w", "v", "spikes"):
                held = name in {"u", "v"} or (name == "w" and model == "adlif")
                assert found.holds(index, name) == (held or (name == "spikes" and model != "li"))
                if found.holds(index, name):
                    np.testing.assert_array_equal(found.read(index, name, slice(None)), getattr(layer, name))


def test_traces_of_graphs_in_the_other_forms(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    write_npz(tmp_path / "t.npz", GRAPH, SPIKES, [np.zeros(5, np.int64)] * 2, [trace])
    held = {"u", "v", "w"}
    nodes = {
        node: nir.NIRNodeData({name: nir.TimeGriddedData(values, GRAPH.bin_s) for name, values in of.items()})
        for node, of in {
            "population0_x": {"spikes": SPIKES[:, :, :2]},
            "population3_p": {"spikes": SPIKES[:, :, 2:]},
            "population4_h": {name: getattr(trace.layers[2], name) / 64 for name in held},
        }.items()
    }
    nir.write_data(tmp_path / "t.nirdata", nir.NIRGraphData(nodes))
    for path, layers in (("t.npz", range(4)), ("t.nirdata", [2])):
        with open_trace(tmp_path / path, GRAPH) as found:
            np.testing.assert_array_equal(found.read_input(slice(None)), SPIKES)
            for index in layers:
                layer = trace.layers[index]
                assert found.holds(index, "w") == (layer.w is not None)
                for name in [name for name in ("u", "w", "v", "spikes") if found.holds(index, name)]:
                    np.testing.assert_array_equal(found.read(index, name, slice(None)), getattr(layer, name))


def recorded(path: Path, trace: Trace, **chosen: Any) -> Path:
    with write_trace(path, GRAPH, trace.executor, select(GRAPH, **chosen), len(SPIKES)) as writer:
        writer.append(SPIKES, trace)
    return path


def test_files_of_graphs_are_compared_as_traces_are(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    everywhere = [("y", "u", (2, 3, 0)), ("h", "spikes", (2, 3, 0)), ("h", "w", (2, 3, 0))]
    right = recorded(tmp_path / "a.h5", trace)
    for count, place, rung in (
        (3, ("h", "w"), Rung.READOUT),
        (2, ("h", "spike"), Rung.READOUT),
        (1, ("y", "u"), Rung.SHIFTED_SPIKES),
    ):
        wrong = recorded(tmp_path / f"{count}.h5", changed(GRAPH, trace, *everywhere[:count]))
        with open_trace(right, None) as left, open_trace(wrong, None) as other:
            found = compare_files(left, other, GRAPH)
        assert found.rung is rung
        d = found.divergence
        assert (d.sample, d.step, d.layer, d.variable) == (2, 3, *place)
        assert (d.diagnosis.unknown, d.diagnosis.causes) == (None, ())
        alone = first_divergence(GRAPH, trace, changed(GRAPH, trace, *everywhere[:count]), SPIKES, "trace")
        assert (found.unnamed, d.synapses) == (None, alone.synapses)


def test_a_window_behind_the_end_of_a_readout_says_nothing_of_it(tmp_path: Path) -> None:
    trace = oracle.run_graph(GRAPH, SPIKES)
    late = {"layers": ["y"], "steps": "4:"}
    paths = [
        recorded(tmp_path / "a.h5", trace, **late),
        recorded(tmp_path / "b.h5", changed(GRAPH, trace, ("y", "u", (0, 5, 0))), **late),
    ]
    with open_trace(paths[0], None) as left, open_trace(paths[1], None) as right:
        assert compare_files(left, right).rung is Rung.NOTHING
