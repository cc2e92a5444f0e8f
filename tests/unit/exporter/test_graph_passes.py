"""Pruning and whole biases in graphs that are no chain: by hand, what they promise, and their checks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, listed, readout, source
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from networks import networks

from snnc.errors import InputError, LimitError, PassError
from snnc.exporter.options import PRUNE_RULES
from snnc.exporter.passes import Prune, WholeBias
from snnc.stages import Convolution, Projection, QuantizedGraph, SynapseMatrix

MAGNITUDE, LINES = PRUNE_RULES
SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.8, 0.95])


def pruned(graph: QuantizedGraph, shares: list[float], by: str = MAGNITUDE) -> QuantizedGraph:
    """What the pass makes, and its check accepts."""
    done = Prune(tuple(shares), by)
    after = done.run(graph)
    done.check(graph, after)
    return after


def two(synapses, *, threshold=1, delay=0) -> QuantizedGraph:
    """Two lines, two neurons with these synapses from the lines, and a readout of both."""
    parts = source("x", synapses.pre_neurons), lif("h", synapses.post_neurons, threshold=threshold), li("y")
    return graph_of(
        parts, (Projection("x", "h", synapses), dense("h", "y", [[1] * synapses.post_neurons])), 9
    )


def weights(*rows: list[int], delay: int | list[list[int]] = 0) -> SynapseMatrix:
    table = np.array(rows)
    return SynapseMatrix(table, np.full(table.shape, delay) if isinstance(delay, int) else np.array(delay))


def test_weights_count_against_the_threshold_of_their_neuron() -> None:
    """4 / 10 and 6 / 10 are less than 1 / 1 and 2 / 1."""
    graph = two(weights([4, 6], [1, 2]), threshold=[10, 1])
    assert pruned(graph, [0.5, 0]).projections[0].synapses.weight.tolist() == [[0, 0], [1, 2]]
    same = two(weights([4, 6], [1, 2]), threshold=10)
    assert pruned(same, [0.5, 0]).projections[0].synapses.weight.tolist() == [[4, 6], [0, 0]]


def test_weights_of_a_readout_count_in_real_units() -> None:
    """0.5 * 4 and 0.5 * 3 against 2 * 1."""
    parts = source("x", 2), lif("h"), li("y", 2)
    projections = dense("x", "h", [[1, 1]]), dense("x", "y", [[4, 3], [1, 5]])
    graph = graph_of(parts, projections, 9, [readout("y", "sum", 2, [0.5, 2.0])])
    assert pruned(graph, [0, 0.25]).projections[1].synapses.weight.tolist() == [[4, 0], [1, 5]]


def test_a_list_stays_one_and_keeps_its_order_of_equal_weights() -> None:
    synapses = listed(2, 2, (0, 0, 3, 0), (0, 0, -1, 2), (1, 0, 1, 2), (1, 1, 1, 2), (0, 1, 5, 0))
    left = pruned(two(synapses), [0.2, 0]).projections[0].synapses
    # The line (0, 2) has one synapse, (1, 2) two: so -1 goes before the other two of its size.
    assert sorted(left.weight.tolist()) == [1, 1, 3, 5]


def test_a_kernel_loses_elements_and_stays_one() -> None:
    kernel = Convolution(np.array([[[[3, -1, 2]]]]), np.array([[[[0, 4, 1]]]]), (1, 1, 4), padding=(0, 1))
    graph = two(kernel)
    left = pruned(graph, [0.3, 0]).projections[0].synapses
    assert left.kernel.tolist() == [[[[3, 0, 2]]]]
    assert left.delay.tolist() == [[[[0, 0, 1]]]]
    with pytest.raises(
        InputError, match="--prune-by lines: x -> h is a convolution, whose kernel has no lines"
    ):
        pruned(graph, [0.3, 0], LINES)


def test_lines_of_a_graph() -> None:
    """Against thresholds 10 and 1, line (0, 0) moves 5 / 10 + 1 / 1, and (1, 0) 9 / 10."""
    graph = two(weights([5, 9], [1, 0]), threshold=[10, 1])
    assert pruned(graph, [1 / 3, 0], LINES).projections[0].synapses.weight.tolist() == [[5, 0], [1, 0]]


def rows(graph: QuantizedGraph, number: int) -> Counter[tuple[int, ...]]:
    of = graph.projections[number].synapses.as_list()
    return Counter(map(tuple, np.stack([of.pre, of.post, of.weight, of.delay], axis=1).tolist()))


@settings(max_examples=40, deadline=None)
@given(graph=networks(most=3), share=SHARES, by=st.sampled_from(PRUNE_RULES), seed=st.integers(0, 99))
def test_what_is_left_is_what_was_there_and_what_went_ranks_lowest(graph, share, by, seed) -> None:
    assume(graph.projections)
    shares = np.random.default_rng(seed).permutation([share] + [0.4] * (len(graph.projections) - 1)).tolist()
    kernels = any(isinstance(each.synapses, Convolution) for each in graph.projections)
    assume(by == MAGNITUDE or not kernels)
    after = pruned(graph, shares, by)
    assert after.populations == graph.populations
    assert after.readouts == graph.readouts
    for number, (old, new, gone) in enumerate(zip(graph.projections, after.projections, shares, strict=True)):
        assert type(new.synapses) is type(old.synapses)
        assert not rows(after, number) - rows(graph, number)
        if isinstance(old.synapses, Convolution):
            there, left = (np.count_nonzero(each.synapses.kernel) for each in (old, new))
            assert left == there - round(gone * there)
            continue
        assert new.synapses.count == old.synapses.count - round(gone * old.synapses.count)
        threshold = graph.population(old.destination).threshold
        if by == MAGNITUDE and threshold is not None:
            lost = rows(graph, number) - rows(after, number)
            lowest, highest = (
                [Fraction(abs(row[2]), max(int(threshold[row[1]]), 1)) for row in found]
                for found in (rows(after, number), lost)
            )
            assert not lowest or not highest or max(highest) <= min(lowest)


@settings(max_examples=40, deadline=None)
@given(graph=networks(most=3))
def test_whole_biases_are_the_nearest_steps(graph: QuantizedGraph) -> None:
    done = WholeBias(True)
    if any((each.bias > 4095 * 64).any() or (each.bias < -4096 * 64).any() for each in graph.stateful):
        with pytest.raises(LimitError, match=r"13 bits hold -4096..4095; export without --whole-bias"):
            done.run(graph)
        return
    after = done.run(graph)
    done.check(graph, after)
    assert after.projections == graph.projections
    for old, new in zip(graph.stateful, after.stateful, strict=True):
        assert not (new.bias % 64).any()
        assert (np.abs(new.bias.astype(int) - old.bias) <= 32).all()
        assert np.array_equal(new.input_bias, old.input_bias)
        assert replace(new, bias_mant=old.bias_mant, bias_exp=old.bias_exp) == old


def biased() -> QuantizedGraph:
    """Biases of 100 and -30, and one of 3 that passes through the current."""
    parts = source("x"), adlif("h", 2, bias_mant=[50, -15], bias_exp=1, input_bias_mant=3), li("y")
    return graph_of(parts, (dense("x", "h", [[1], [2]]), dense("h", "h", [[0, 1], [1, 0]], 1)), 9)


def test_whole_biases_by_hand() -> None:
    after = WholeBias(True).run(biased())
    assert after.population("h").bias.tolist() == [128, 0]
    assert after.population("h").input_bias.tolist() == [3, 3]
    assert WholeBias(True).summary(biased(), after) == {
        "biases_rounded": 2,
        "largest_bias_change_steps": round(30 / 64, 4),
    }
    assert WholeBias(False).run(biased()) == biased()


def edited(graph: QuantizedGraph, **values: object) -> QuantizedGraph:
    parts = (replace(each, **values) if each.name == "h" else each for each in graph.populations)
    return replace(graph, populations=tuple(parts))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda g: edited(g, bias_mant=[1, 0]), "h, neuron 0: 64 is not the bias, rounded"),
        (lambda g: edited(g, bias_exp=5, bias_mant=[4, 0]), "h: the exponent of its biases is 5"),
        (lambda g: edited(g, input_bias_mant=2), "h: input_bias_mant is 2, not 3"),
        (lambda g: edited(g, ka=7), "h: ka is 7, not 0"),
        (lambda g: edited(g, decay_v=[4096, 3]), "h, neuron 1: 3 is not the decay_v from before"),
        (lambda g: replace(g, projections=g.projections[:1]), "the list of projections is"),
        (
            lambda g: replace(g, projections=(dense("x", "h", [[1], [3]]), g.projections[1])),
            "x -> h, synapse 0 -> 1: 3 is not the weight from before",
        ),
        (
            lambda g: replace(g, projections=(dense("x", "h", [[1], [2]], 1), g.projections[1])),
            "x -> h, synapse 0 -> 0: 1 is not the delay from before",
        ),
        (
            lambda g: replace(g, projections=(dense("x", "h", [[1], [0]]), g.projections[1])),
            "x -> h, synapse 0 -> 1: is gone",
        ),
    ],
)
def test_faults_of_whole_biases_are_noticed(fault, message) -> None:
    done = WholeBias(True)
    with pytest.raises(PassError, match=message):
        done.check(biased(), fault(done.run(biased())))


def rewired(graph: QuantizedGraph, **values: object) -> QuantizedGraph:
    first, *others = graph.projections
    return replace(graph, projections=(replace(first, synapses=replace(first.synapses, **values)), *others))


SOME = listed(2, 2, (0, 0, 3, 0), (0, 0, -1, 2), (1, 0, 7, 2), (1, 1, 2, 2), (0, 1, 5, 0))
KERNEL = Convolution(np.array([[[[3, -1, 2]]]]), np.array([[[[0, 4, 1]]]]), (1, 1, 4), padding=(0, 1))


@pytest.mark.parametrize(
    ("synapses", "values", "message"),
    [
        (SOME, {"weight": [3, 0, 5, 7, 2]}, "x -> h: 1 of 5 synapses are gone, the share is 0.4"),
        (SOME, {"weight": [0, -1, 0, 7, 2]}, "x -> h, synapse 0 -> 0: -1 is left, though magnitude"),
        (SOME, {"weight": [3, 0, 5, 0, 1]}, "x -> h, synapse 1 -> 1: 1 is not the weight from before"),
        (SOME, {"delay": [1, 2, 0, 2, 2]}, "x -> h: there was no synapse 0 -> 0 of delay 1"),
        (KERNEL, {"kernel": np.array([[[[0, -1, 2]]]])}, r"element \[0, 0, 0, 1\] of the kernel: -1 is left"),
        (
            KERNEL,
            {"kernel": np.array([[[[3, 0, 1]]]])},
            r"element \[0, 0, 0, 2\] of the kernel: 1 is not the",
        ),
        (KERNEL, {"stride": (1, 2), "padding": (0, 3)}, "x -> h: stride is|x -> h: padding is"),
        (weights([4, 6], [1, 2]), {"weight": [[0, 6], [1, 0]]}, "x -> h, synapse 0 -> 1: 1 is left"),
    ],
)
def test_faults_of_pruning_are_noticed(synapses, values, message) -> None:
    graph = two(synapses)
    columns = {k: np.array(v) if isinstance(v, list) else v for k, v in values.items()}
    with pytest.raises(PassError, match=message):
        Prune((0.4, 0.0)).check(graph, rewired(graph, **columns))


def test_a_bias_beyond_the_mantissa_is_refused() -> None:
    parts = source("x"), lif("h", bias_mant=4095, bias_exp=7), li("y")
    graph = graph_of(parts, (dense("x", "h", [[1]]), dense("h", "y", [[1]], 1)), 9)
    with pytest.raises(LimitError, match="h, neuron 0: the bias of 524160 is 8190 weight steps"):
        WholeBias(True).run(graph)
