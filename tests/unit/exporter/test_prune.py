"""Pruning: by hand, what it keeps, and the search for how much may go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loihi_artifacts import chain, layer, random_chain
from strategies import delayed_graphs

from snnc.errors import InputError, LimitError
from snnc.exporter.delay_costs import count_lines
from snnc.exporter.options import PRUNE_RULES
from snnc.exporter.passes.prune import SHARES, Prune, search_shares
from snnc.stages import QuantizedGraph


def one_layer(weight: list[list[int]], delay: list[list[int]]) -> QuantizedGraph:
    return chain(layer(weight, delay, name="out"), time_steps=9)


def test_magnitude_by_hand() -> None:
    graph = one_layer([[5, -1, 0], [2, -3, 4]], [[0, 1, 0], [2, 3, 4]])
    assert Prune([0.4]).run(graph).layers[0].weight.tolist() == [[5, 0, 0], [0, -3, 4]]
    assert Prune([0.4]).run(graph).layers[0].delay.tolist() == [[0, 0, 0], [0, 3, 4]]
    assert Prune([0.0]).run(graph).layers[0].weight.tolist() == graph.layers[0].weight.tolist()


def test_of_equal_weights_the_one_alone_on_its_line_goes_first() -> None:
    # Source 0 sends on two lines: delay 3 to neurons 0 and 1, delay 1 to neuron 2.
    graph = one_layer([[1], [1], [1]], [[3], [3], [1]])
    assert Prune([0.3]).run(graph).layers[0].weight.tolist() == [[1], [1], [0]]


def test_lines_by_hand() -> None:
    # Lines: (source 0, delay 2) carries 3 + 3, (0, 1) carries 4, (1, 0) carries 1 + 1 + 1.
    graph = one_layer([[3, -1], [-3, 1], [4, 1]], [[2, 0], [2, 0], [1, 0]])
    assert Prune([0.5], "lines").run(graph).layers[0].weight.tolist() == [[3, 0], [-3, 0], [4, 0]]
    assert Prune([4 / 6], "lines").run(graph).layers[0].weight.tolist() == [[3, 0], [-3, 0], [0, 0]]
    # Three smallest weights are those of one line here, and then two of equal size, each of another line.
    assert Prune([4 / 6], "magnitude").run(graph).layers[0].weight.tolist() == [[0, 0], [-3, 0], [4, 0]]


def test_part_of_a_line_is_its_smallest_weights() -> None:
    graph = one_layer([[9], [-2], [5]], [[3], [3], [3]])
    assert Prune([1 / 3], "lines").run(graph).layers[0].weight.tolist() == [[9], [0], [5]]


def test_lines_leaves_fewer_lines() -> None:
    graph = random_chain(1, (30, 40, 5), time_steps=9, max_delay=20)
    by_rule = {rule: Prune([0.5, 0.0], rule).run(graph).layers[0] for rule in PRUNE_RULES}
    assert count_lines(by_rule["lines"]) < 0.75 * count_lines(by_rule["magnitude"])
    assert len({np.count_nonzero(one.weight) for one in by_rule.values()}) == 1


@settings(deadline=None)
@given(
    graph=delayed_graphs(widest=12),
    shares=st.lists(st.floats(0, 0.99), min_size=5, max_size=5),
    by=st.sampled_from(PRUNE_RULES),
)
def test_what_is_kept(graph: QuantizedGraph, shares: list[float], by: str) -> None:
    pruned = Prune(shares[: len(graph.layers)], by).run(graph)
    for before, after, share in zip(graph.layers, pruned.layers, shares, strict=False):
        kept = after.weight != 0
        synapses = np.count_nonzero(before.weight)
        assert np.count_nonzero(kept) == synapses - round(share * synapses)
        assert np.array_equal(after.weight[kept], before.weight[kept])
        assert np.array_equal(after.delay[kept], before.delay[kept])
        assert np.array_equal(after.bias, before.bias)
        gone = (before.weight != 0) & ~kept
        if by == "magnitude" and gone.any() and kept.any():
            assert np.abs(before.weight[gone]).max() <= np.abs(before.weight[kept]).min()


def test_counts_by_hand() -> None:
    graph = one_layer([[5, -1, 0], [2, 0, 0]], [[0, 1, 0], [0, 0, 0]])
    # -1 and 2 go; source 1's only line with the first; neuron 1 has no other synapse than 2.
    done = Prune([2 / 3])
    found = done.summary(graph, done.run(graph))
    assert 0 <= found.pop("chip_synapse_bytes_removed") < found.pop("chip_synapse_bytes")
    assert found == {
        "synapses": 3,
        "synapses_removed": 2,
        "lines": 2,
        "lines_removed": 1,
        "neurons_cut_off": 1,
    }
    assert "chip_synapse_bytes" not in Prune([0.0]).summary(graph, graph)


@pytest.mark.parametrize(
    ("shares", "by", "message"),
    [
        ([1.0], "magnitude", r"--prune 1: the share must be at least 0 and less than 1"),
        ([-0.1], "magnitude", r"--prune -0\.1: "),
        ([float("nan")], "magnitude", r"--prune nan: "),
        ([0.1, 0.1], "magnitude", r"2 shares are given for 1 layers"),
        ([0.1], "size", r"--prune-by size: no such rule; there are magnitude, lines"),
    ],
)
def test_wrong_options(shares: list[float], by: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Prune(shares, by).run(one_layer([[1]], [[0]]))


# --- the search, with measures made up for it


def synapses(graph: QuantizedGraph) -> list[int]:
    return [int(np.count_nonzero(one.weight)) for one in graph.layers]


def two_layers() -> QuantizedGraph:
    """20 and 40 synapses."""
    return chain(
        layer(np.arange(1, 21).reshape(4, 5), name="a", threshold=3),
        layer(np.arange(1, 41).reshape(10, 4), name="out"),
        time_steps=5,
    )


def test_search_by_hand() -> None:
    # Good as long as layer a keeps 15 of 20 synapses and the readout 10 of 40. Alike, that is 25 %; then the
    # larger layer goes on to 75 %, and the other cannot.
    seen = []

    def measure(graph: QuantizedGraph) -> int:
        seen.append(tuple(synapses(graph)))
        return int(seen[-1][0] >= 15 and seen[-1][1] >= 10)

    assert search_shares(two_layers(), "magnitude", measure, 1) == (0.25, 0.75)
    assert seen[0] == (1, 2)  # 95 % of both are gone
    assert {(15, 30), (15, 10), (14, 10)} <= set(seen)
    assert len(set(seen)) == len(seen) <= len(SHARES) * 3


def test_search_measures_every_network_once() -> None:
    seen = []

    def measure(graph: QuantizedGraph) -> int:
        seen.append(tuple(synapses(graph)))
        return sum(seen[-1])

    found = search_shares(two_layers(), "lines", measure, 45)
    assert len(seen) == len(set(seen))
    assert sum(synapses(Prune(found, "lines").run(two_layers()))) == 45


def test_search_where_anything_goes() -> None:
    assert search_shares(two_layers(), "lines", lambda graph: 0, 0) == (0.95, 0.95)


def test_search_where_nothing_is_good_enough() -> None:
    with pytest.raises(
        LimitError, match="the network must measure at least 100, but measures 60 with nothing"
    ):
        search_shares(two_layers(), "magnitude", lambda graph: sum(synapses(graph)), 100)
