"""Altered certificates, and those of graphs that differ in one number, are refused by the checker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_cases import adlif, graph_of, li, lif, listed, source

from snnc.errors import ArtifactError
from snnc.exporter.ranges.certificate import ADAPTATION, ARRAYS
from snnc.exporter.ranges.check import check_ranges
from snnc.exporter.ranges.prove import graph_bounds
from snnc.stages import Projection, SynapseList


def _graph():
    """Two inputs, a cycle of `h` and `g`, each also to itself, and a readout; all parameters in use."""
    x, z = source("x", 2, payload_max=3, end=6), source("z", 1)
    h = adlif(
        "h",
        2,
        decay_u=[3000, 4096],
        decay_v=[900, 700],
        decay_w=[300, 500],
        ka=[1100, 900],
        kb=[3000, 2000],
        threshold=[60, 90],
        reset="subtract",
        reset_by=[50, 90],
        bias_mant=[40, -30],
        bias_exp=2,
        input_bias_mant=[3, -2],
        input_bias_exp=1,
    )
    g = lif(
        "g", 2, decay_u=[2000, 3500], decay_v=[600, 900], threshold=[80, 70], end=8, bias_mant=[300, -200]
    )
    y = li("y", 1, decay_v=500)
    synapses = [
        Projection("x", "h", listed(2, 2, (0, 0, 20, 0), (1, 0, -9, 2), (0, 1, 15, 1), (1, 1, 25, 3))),
        Projection("z", "h", listed(1, 2, (0, 0, 30, 0), (0, 1, -21, 4)), 1),
        Projection("h", "g", listed(2, 2, (0, 0, 90, 0), (0, 1, -60, 1), (1, 1, 99, 0), (1, 1, -50, 2))),
        Projection("g", "h", listed(2, 2, (0, 0, -40, 1), (1, 0, 33, 2), (0, 1, -70, 1), (1, 1, 44, 3))),
        Projection("h", "h", listed(2, 2, (0, 1, 17, 1), (1, 0, -19, 2))),
        Projection("g", "y", listed(2, 1, (0, 0, 5, 0), (1, 0, -7, 1)), 2),
        Projection("x", "y", listed(2, 1, (0, 0, 3, 2))),
    ]
    return graph_of([y, x, g, h, z], synapses, 14)


GRAPH = _graph()
RANGES = graph_bounds(GRAPH)


def test_the_graph_of_the_alterations():
    assert check_ranges(GRAPH, RANGES)
    assert [len(one.u_lo) for one in RANGES] == [14, 14, 14]


def with_population(name, **values):
    """GRAPH with other numbers of one population, each given as what is added, by neuron."""
    of = GRAPH.population(name)
    values = {
        field: more
        if isinstance(more, str)
        else np.add(GRAPH.end(name) if field == "end" else getattr(of, field), more)
        for field, more in values.items()
    }
    if values.get("reset", "subtract") != "subtract":
        values["reset_by"] = None
    populations = [replace(of, **values) if each is of else each for each in GRAPH.populations]
    return replace(GRAPH, populations=tuple(populations))


def with_synapse(source, destination, k, weight=0, delay=0, exp=0):
    """GRAPH with these numbers added to synapse k of one projection, and to its exponent."""
    changed = []
    for each in GRAPH.projections:
        if (each.source, each.destination) == (source, destination):
            of, at = each.synapses, np.eye(each.synapses.count, dtype=int)[k]
            columns = of.pre, of.post, of.weight + weight * at, of.delay + delay * at
            synapses = SynapseList(*columns, of.pre_neurons, of.post_neurons)
            changed.append(replace(each, synapses=synapses, weight_exp=each.weight_exp + exp))
        else:
            changed.append(each)
    return replace(GRAPH, projections=tuple(changed))


ALTERED_GRAPHS = {
    "a longer input": ("y", "u", with_population("x", end=1)),
    "a larger payload": ("y", "a", with_population("x", payload_max=1)),
    "an input bias above": ("h", "a", with_population("h", input_bias_mant=[1, 0])),
    "an input bias below": ("y", "a", with_population("y", input_bias_mant=-1)),
    "another exponent of it": ("h", "a", with_population("h", input_bias_exp=1)),
    "more of u is kept": ("h", "u", with_population("h", decay_u=[0, -1])),
    "more of u is kept in lif": ("g", "u", with_population("g", decay_u=[-1, 0])),
    "less of v is kept": ("h", "v", with_population("h", decay_v=[1, 0])),
    "more of v is kept": ("g", "v", with_population("g", decay_v=[0, -1])),
    "more of v is kept in li": ("y", "v", with_population("y", decay_v=-1)),
    "a bias above": ("g", "v", with_population("g", bias_mant=[1, 0])),
    "a bias below": ("h", "v", with_population("h", bias_mant=[0, -1])),
    "another exponent of the bias": ("h", "v", with_population("h", bias_exp=1)),
    "less of w is kept": ("h", "form 0", with_population("h", decay_w=[1, 0])),
    "more of w is kept": ("h", "w", with_population("h", decay_w=[0, -1])),
    "v raises w more": ("h", "w", with_population("h", ka=[0, 1])),
    "v raises w less": ("h", "w", with_population("h", ka=[-1, 0])),
    "spikes raise w more": ("h", "w", with_population("h", kb=[0, 1])),
    "spikes raise w less": ("h", "form 0", with_population("h", kb=[-1, 0])),
    "a higher threshold": ("h", "v", with_population("h", threshold=[0, 1])),
    "a lower threshold": ("h", "v", with_population("h", threshold=[-1, 0])),
    "a higher threshold of lif": ("g", "v", with_population("g", threshold=[0, 1])),
    "more is subtracted": ("h", "v", with_population("h", reset_by=[1, 0])),
    "less is subtracted": ("h", "w", with_population("h", reset_by=[0, -1])),
    "reset zero": ("h", "v", with_population("h", reset="zero")),
    "no reset": ("h", "w", with_population("h", reset="none")),
    "no reset of lif": ("g", "v", with_population("g", reset="none")),
    "the other order": ("h", "v", with_population("h", order="old")),
    "a later end": ("y", "u", with_population("g", end=1)),
    "an earlier end": ("g", "v", with_population("g", end=-1)),
    "an end of the adaptive neurons": ("h", "v", with_population("h", end=9 - 14)),
    "a weight above": ("h", "a", with_synapse("x", "h", 0, weight=1)),
    "a weight below": ("g", "a", with_synapse("h", "g", 3, weight=-1)),
    "a weight of a cycle": ("h", "a", with_synapse("g", "h", 2, weight=1)),
    "a weight to itself": ("h", "a", with_synapse("h", "h", 1, weight=-1)),
    "another exponent of weights": ("y", "a", with_synapse("g", "y", 0, exp=1)),
    "a longer delay": ("h", "u", with_synapse("g", "h", 3, delay=1)),
    "a shorter delay": ("h", "u", with_synapse("z", "h", 1, delay=-1)),
}
"""The population and the variable that are refused first, and the graph, for which RANGES is wrong."""


@pytest.mark.parametrize("name", ALTERED_GRAPHS)
def test_the_certificate_of_another_graph(name):
    population, variable, graph = ALTERED_GRAPHS[name]
    with pytest.raises(
        ArtifactError, match=rf"^{population}, neuron \d, step \d+: {variable}\b.* may lie in "
    ):
        check_ranges(graph, RANGES)


def changed(number, **arrays):
    """RANGES with other arrays of one population, each made of what it was."""
    of = RANGES[number]
    values = {name: change(np.array(getattr(of, name), np.int64)) for name, change in arrays.items()}
    return [*RANGES[:number], replace(of, **values), *RANGES[number + 1 :]]


def added(amount, *at):
    def change(values):
        values[at] += amount
        return values

    return change


def later(values):
    return values[[0, *range(len(values) - 1)]]


def sooner(values):
    return values[[*range(1, len(values)), -1]]


def other_neuron(values):
    return values[..., ::-1]


def shorter(number, rows):
    of = RANGES[number]
    return changed(
        number,
        **{name: lambda values: values[:rows] for name in (*ARRAYS, *ADAPTATION) if _has_rows(of, name)},
    )


def _has_rows(of, name):
    return name[0] in "uvwm" and getattr(of, name) is not None


Y, G, H = 0, 1, 2
BOUNDS_OF_V = {"v_lo": later, "v_hi": later}
ALTERED_CERTIFICATES = {
    "a below": changed(H, a_hi=added(-1, 1)),
    "a above": changed(Y, a_lo=added(1, 0)),
    "u below": changed(H, u_hi=added(-1, 7, 0)),
    "u above": changed(G, u_lo=added(1, 3, 1)),
    "v of li": changed(Y, v_hi=added(-1, 13, 0)),
    "v of lif": changed(G, v_lo=added(1, 12, 1)),
    "v of adlif": changed(H, v_hi=added(-1, 5, 0)),
    "v of adlif, low": changed(H, v_lo=added(1, 1, 0)),
    "w": changed(H, w_hi=added(-1, 2, 1)),
    "w, low": changed(H, w_lo=added(1, 3, 0)),
    "w in step 0": changed(H, w_lo=added(1, 0, 0)),
    "a side of the polygon": changed(H, mixed_hi=added(-1, 2, 0, 0)),
    "another side": changed(H, mixed_lo=added(8, 1, 9, 1)),  # it is a multiple of 8
    "sides of the row before": changed(H, mixed_lo=later, mixed_hi=later),
    "sides of the row after": changed(H, mixed_lo=sooner, mixed_hi=sooner),
    "v of the row before": changed(H, **BOUNDS_OF_V),
    "v of lif of the row before": changed(G, **BOUNDS_OF_V),
    "u of the row after": changed(Y, u_lo=sooner, u_hi=sooner),
    "v of the other neuron": changed(G, v_lo=other_neuron, v_hi=other_neuron),
    "w of the other neuron": changed(H, w_lo=other_neuron, w_hi=other_neuron),
    "ends exchanged": changed(G, v_lo=lambda _: RANGES[G].v_hi, v_hi=lambda _: RANGES[G].v_lo),
    "w and v exchanged": changed(
        H,
        **{
            f"{x}_{end}": lambda _, n=f"{y}_{end}": getattr(RANGES[H], n)
            for x, y in ("vw", "wv")
            for end in ("lo", "hi")
        },
    ),
    "nothing below 0": changed(Y, v_lo=lambda values: np.maximum(values, 0)),
    "rows end while it grows": shorter(H, 5),
    "rows of lif end while it grows": shorter(G, 9),
    "rows end before an end": shorter(Y, 8),
    "the least int32": changed(
        H, **{f"{x}_{end}": lambda values: values * 0 - 2**31 for x in "uvw" for end in ("lo", "hi")}
    ),
    "no state at all": changed(
        H, mixed_lo=lambda values: values * 0 + 2**31 - 1, mixed_hi=lambda values: values * 0 - 2**31
    ),
}


@pytest.mark.parametrize("name", ALTERED_CERTIFICATES)
def test_an_altered_certificate(name):
    with (
        np.errstate(all="raise"),
        pytest.raises(ArtifactError, match=r", neuron \d, step \d+: .* may lie in "),
    ):
        check_ranges(GRAPH, ALTERED_CERTIFICATES[name])


ALTERED_FORMS = {
    "out of order": lambda values: values[::-1],
    "the same twice": lambda values: values[[0, 0, *range(2, len(values))]],
    "below the axis": lambda values: -values,
    "too large": lambda values: 9 * values,
    "of the other half": lambda values: np.roll(values, 1, axis=0),
    "all the same": lambda values: values[[0] * len(values)],
    "nothing": lambda values: 0 * values,
}


@pytest.mark.parametrize("name", ALTERED_FORMS)
def test_forms_that_are_none(name):
    with pytest.raises(ArtifactError, match=r"^h, neuron \d: the form .* is too large or out of order"):
        check_ranges(GRAPH, changed(H, forms=ALTERED_FORMS[name]))


@pytest.mark.parametrize("count", [0, 1, 13, 66])
def test_a_number_of_forms_that_is_none(count):
    of, at = RANGES[H], np.arange(count) % 14
    arrays = {"forms": of.forms[at], "mixed_lo": of.mixed_lo[:, at], "mixed_hi": of.mixed_hi[:, at]}
    with pytest.raises(ArtifactError, match=rf"^h: the certificate has {count} forms, expected"):
        check_ranges(GRAPH, [*RANGES[:H], replace(of, **arrays)])


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        (RANGES[::-1], "y: the certificate is of h"),
        (changed(Y, **{name: lambda values: values[..., [0, 0]] for name in ARRAYS}), "of 2 neurons"),
        ([RANGES[Y], RANGES[G], replace(RANGES[G], population="h")], "h: .* with uv, the graph"),
        (changed(G, **{name: lambda values: np.repeat(values, 2, 0) for name in ARRAYS[2:]}), "28 steps"),
    ],
)
def test_the_shape_of_another_graph(claims, message):
    with pytest.raises(ArtifactError, match=message):
        check_ranges(GRAPH, claims)
