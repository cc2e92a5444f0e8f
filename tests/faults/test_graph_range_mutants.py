"""A prover that breaks a clause of graphs is caught: by bounds by hand, or by states of tiny graphs."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from edits import edited
from faults import mutate_sources
from graph_range_cases import GRAPH_RANGE_CASES, found_rows
from places import ROOT
from tiny_graphs import all_trains, outside, tiny_graph

FILES = {
    f"exporter/ranges/{name}.py": f"mutant_{name}"
    for name in (
        "prove",
        "walk",
        "arrivals",
        "steps",
        "adaptation",
        "forms",
    )
}
DECAYED = "decay(branch.w, self.of.decay_w) + scaled + branch.fired * _whole(self.of.kb)"

BY_HAND = {
    "no input bias": (
        "np.stack([of.input_bias.astype(np.int64)] * 2)",
        "np.zeros((2, of.neurons), np.int64)",
    ),
    "no weight exponent": ("source.most << projection.weight_exp", "source.most"),
    "sources never end": ("np.where(first < source.end, source.end + delay, never)", "never + 0 * delay"),
    "matrices never end": ("source.end < steps", "False"),
    "an end is one step late": ("t >= self.source.end", "t > self.source.end"),
    "spikes stay out of cycles": (
        "np.flatnonzero(new[synapses.pre])",
        "np.flatnonzero(new[synapses.pre])[:0]",
    ),
    "no reset is a reset": (
        "return above - taken(of) if of.reset == SUBTRACT else above",
        "return above - above",
    ),
    "what meets the threshold is cut off": ("np.minimum(highest, limit)", "np.minimum(highest, limit - 1)"),
    "no kb": (DECAYED, "decay(branch.w, self.of.decay_w) + scaled"),
    "w is not scaled v": (DECAYED, DECAYED.replace(" + scaled", "")),
    "adaptation has the other order": ("self.of.order == NEW", "self.of.order != NEW"),
    "w is not clipped": ("self._next_v(*each, w_clips)", "self._next_v(*each, w_clips & False)"),
    "spikes after the end": ("self.silent = ended", "self.silent = False"),
    "scale ignores the sign": ("np.sign(x) * np.sign(k)", "np.sign(x)"),
    "forms are not used": ("_both(v, interval(reached, V))", "v"),
}
BY_STATES = {
    "nothing subtracted from forms": ("of_v * branch.shift", "0 * of_v"),
    "no bias in forms": ("ONE * p * of.bias", "0 * p"),
    "no kb in forms": ("ONE * into_w * _whole(of.kb)", "0 * into_w"),
    "forms are not rounded": ("(ONE - 1) * (np.abs(p) + 2 * np.abs(into_w))", "0 * p"),
    "nothing of u in forms": ("ONE * largest(self.shape.c[:, 0], self.u)", "0"),
    "the least of a form": (
        "np.maximum(factor * x[0], factor * x[1])",
        "np.minimum(factor * x[0], factor * x[1])",
    ),
    "w goes into v with the other sign": ("adaptation[::-1]", "adaptation"),
    "each neighbour counts as the other": (
        "Between(i, j, cross(forms, c_j), cross(c_i, forms), cross(c_i, c_j))",
        "Between(i, j, cross(c_i, forms), cross(forms, c_j), cross(c_i, c_j))",
    ),
    "after a clip forms stay": ("np.where(w_clips | _beyond(v), box, np.minimum(polygon, box))", "polygon"),
    "the spike is forgotten": (
        "self._branch(fired, 1, highest <= limit)",
        "self._branch(fired, 0, highest <= limit)",
    ),
}


def holds(path, edit):
    try:
        edited(path, (ROOT / path).read_text(), *edit)
    except AssertionError:
        return False
    return True


def mutant(tmp_path, monkeypatch, edit):
    mutate_sources(tmp_path, FILES, [(next(path for path in FILES if holds(path, edit)), *edit)])
    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module("mutant_prove")


@pytest.mark.parametrize("name", BY_HAND)
def test_bounds_worked_out_by_hand_differ(name, tmp_path, monkeypatch):
    prover = mutant(tmp_path, monkeypatch, BY_HAND[name])
    assert any(found_rows(case, prover.graph_bounds(case.graph)) != case.rows for case in GRAPH_RANGE_CASES)


@pytest.mark.parametrize("name", BY_STATES)
def test_states_leave_the_claims(name, tmp_path, monkeypatch):
    prover = mutant(tmp_path, monkeypatch, BY_STATES[name])
    graphs = (tiny_graph(np.random.default_rng([1, number])) for number in range(60))
    assert any(outside(graph, prover.graph_bounds(graph), all_trains(graph)) for graph in graphs)
