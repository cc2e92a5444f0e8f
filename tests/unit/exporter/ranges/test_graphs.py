"""The range proof of graphs: bounds by hand, all trains of tiny graphs, and how near linear theory is."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, lif, source
from graph_range_cases import GRAPH_RANGE_CASES, found_rows
from hypothesis import given, settings
from networks import networks_with_input
from tiny_graphs import all_trains, outside, saturations, tiny_graph

from snnc.errors import ArtifactError, RangeProofError, StageError
from snnc.exporter.ranges.certificate import (
    ADAPTATION,
    ARRAYS,
    certificate,
    headroom_bits,
    pack_ranges,
    unpack_ranges,
)
from snnc.exporter.ranges.check import check_ranges
from snnc.exporter.ranges.prove import earliest_spikes, find_overflow, graph_bounds, overflow_excluded
from snnc.exporter.rescale import prove
from snnc.hwsim.oracle import run_graph

SEED = 20261127


@pytest.mark.parametrize("case", GRAPH_RANGE_CASES, ids=lambda case: case.name)
def test_bounds_by_hand(case):
    assert found_rows(case, graph_bounds(case.graph)) == case.rows


def test_each_neuron_has_its_own_parameters():
    # Neuron 0 keeps half of 64, so it reaches 96 and never 128. Neuron 1 passes 64 in step 0; of what did
    # not, which is 64 at most, it keeps all.
    h = lif(neurons=2, decay_v=[2048, 0], threshold=[2, 1], bias_mant=[0, 1])
    graph = graph_of([source(), h], [dense("x", "h", [[1], [1]])], 2)
    (ranges,) = graph_bounds(graph)
    assert ranges.v_hi.tolist() == [[64, 65], [96, 64 + 65]]
    assert [each.tolist() for each in earliest_spikes(graph, [ranges])] == [[2, 0]]


@pytest.mark.slow
def test_all_trains_of_tiny_graphs():
    """No state leaves its claims, what is proved does not overflow, and most of what is not proved does."""
    proved = overflows = 0
    for number in range(250):
        graph = tiny_graph(np.random.default_rng([SEED, number]))
        ranges, trains = graph_bounds(graph), all_trains(graph)
        assert not outside(graph, ranges, trains), number
        happens = saturations(graph, trains) > 0
        proved += overflow_excluded(ranges)
        overflows += happens
        assert not (happens and overflow_excluded(ranges)), number
    assert proved > 150
    assert overflows > 0.7 * (250 - proved) > 20


@settings(max_examples=80, deadline=None)
@given(networks_with_input())
def test_no_state_of_any_graph_leaves_its_claims(case):
    graph, events = case
    ranges = graph_bounds(graph)
    assert not outside(graph, ranges, events)
    spikes = [trace.spikes.any(axis=0) for trace in run_graph(graph, events).layers]
    for fired, first in zip(spikes, earliest_spikes(graph, ranges), strict=True):
        assert not fired[np.arange(graph.time_steps)[:, None] < first].any()
    for one, other in zip(ranges, unpack_ranges(pack_ranges(ranges), graph, "ranges.npz"), strict=True):
        assert certificate([one]) == certificate([other])
        assert all(
            np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__
        )


def resonator(steps: int, **others) -> tuple[object, float]:
    """400 neurons in which v and w turn around each other, and how far linear theory says that v gets."""
    rng = np.random.default_rng(1)
    dv, dw = rng.integers(150, 900, 400), rng.integers(30, 150, 400)
    ka = ((dv + dw) * rng.uniform(0, 0.8, 400)).astype(int)  # with more, v grows without end in the old order
    h = adlif(neurons=400, decay_v=dv, decay_w=dw, ka=ka, threshold=131071, reset="none", **others)
    graph = graph_of([source(neurons=2), h], [dense("x", "h", [[90, -90]] * 400, exp=4)], steps)
    a, b, k = 1 - dv / 4096, 1 - dw / 4096, ka / 4096
    v, w, reached = np.ones(400), np.zeros(400), np.zeros(400)
    for _ in range(steps):
        reached += np.abs(v)
        before = w
        w = b * w + k * v
        v = a * v - (w if others["order"] == "new" else before)
    return graph, 90 * 16 * 64 * reached


@pytest.mark.parametrize("order", ["new", "old"])
def test_the_bound_of_v_and_w_together_is_near_to_linear_theory(order):
    """Without spikes the largest v is known: that of an input with the signs of the impulse response."""
    graph, reached = resonator(100, order=order)
    (ranges,) = graph_bounds(graph)
    least, most = ranges.worst("v")
    assert (most >= reached - 300).all()  # rounding, each by less than 1, takes away some
    assert (-least >= reached - 300).all()
    assert np.mean(most / reached) < 1.12
    assert np.max(most / reached) < 1.4
    assert overflow_excluded([ranges])


def test_an_overflow_of_w_is_named():
    case = next(each for each in GRAPH_RANGE_CASES if each.name == "w is clipped")
    with pytest.raises(
        RangeProofError,
        match=r"^h, neuron 0: w can reach -9437183, the limit is -8388607 "
        r"\(it does not leak: w adds up over 10 steps\); use fewer",
    ):
        prove(case.graph)
    assert find_overflow(graph_bounds(case.graph)).variable == "w"


def test_the_manifest_says_the_worst_of_w():
    case = next(each for each in GRAPH_RANGE_CASES if each.name == "w takes v after the subtraction")
    (row,) = certificate(graph_bounds(case.graph))
    assert (row["layer"], row["w_min"], row["w_max"]) == ("h", 0, 132)
    # Of 2^22 there is one bit to 2^23 - 1, rounded down.
    assert headroom_bits(row | {"w_max": 1 << 22}) == 0.99
    assert headroom_bits(row | {"w_min": -(1 << 22)}) == 0.99


def test_the_file_of_a_certificate_by_hand():
    """Two rows, 0 and 2^31 - 1, then -2^31: differences 0, 2^31 - 1 and 1, of which those of differences are
    0, 2^31 - 1 and 2 - 2^31 (modulo 2^32). Folded: 0, 2^32 - 2 and 2^32 - 5.
    """
    graph = graph_of([source(), adlif()], [dense("x", "h", [[1]])], 3)
    (ranges,) = graph_bounds(graph)
    rows = {
        name: np.zeros((3, *np.shape(getattr(ranges, name))[1:]), np.int32)
        for name in ("u_lo", "u_hi", "v_lo", "v_hi", "w_lo", "w_hi", "mixed_lo", "mixed_hi")
    }
    rows["w_hi"][:, 0] = 0, 2**31 - 1, -(2**31)
    ranges = replace(ranges, **rows)
    data = pack_ranges([ranges])
    with np.load(io.BytesIO(data)) as archive:
        found = archive["0.w_hi"]
    assert found.dtype == np.uint8
    assert found[..., 0].tolist() == [[0, 254, 251], [0, 255, 255], [0, 255, 255], [0, 255, 255]]
    (again,) = unpack_ranges(data, graph, "r.npz")
    for name in (*ARRAYS, *ADAPTATION):
        np.testing.assert_array_equal(getattr(again, name), getattr(ranges, name))


def test_bounds_of_forms_are_rounded_outwards(monkeypatch):
    """To units in which the width of a form has few digits; v and w, which the formats limit, are not."""
    graph = graph_of([source(), adlif()], [dense("x", "h", [[100]])], 9)
    exact, digits = graph_bounds(graph)[0], 6
    monkeypatch.setattr("snnc.exporter.ranges.adaptation.DIGITS", digits)
    (coarse,) = graph_bounds(graph)
    assert check_ranges(graph, [coarse])
    assert (coarse.mixed_lo <= exact.mixed_lo).all()
    assert (coarse.mixed_hi >= exact.mixed_hi).all()
    assert not np.array_equal(coarse.mixed_hi, exact.mixed_hi)
    for low, high in zip(coarse.mixed_lo.ravel().tolist(), coarse.mixed_hi.ravel().tolist(), strict=True):
        unit = 1 << max(0, (high - low).bit_length() - digits - 1)  # rounding may add a digit
        assert low % unit == 0
        assert high % unit == 0


def test_a_certificate_with_other_forms_is_damaged():
    graph = graph_of([source(), adlif()], [dense("x", "h", [[1]])], 3)
    (ranges,) = graph_bounds(graph)
    with pytest.raises(StageError, match=r"h: mixed_lo: shape \(1, 9, 1\), expected \(2, 14, 1\)"):
        replace(ranges, mixed_lo=ranges.mixed_lo[:1, :9])
    of_lif = graph_bounds(graph_of([source(), lif()], [dense("x", "h", [[1]])], 3))
    with pytest.raises(ArtifactError, match=r"r\.npz: damaged \(0\.a_lo is int32 \(1,\)"):
        unpack_ranges(pack_ranges(of_lif), graph, "r.npz")
