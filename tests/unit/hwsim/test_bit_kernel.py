"""The kernel that works on bits: its vectors, its lists of powers of two, its adders."""

from __future__ import annotations

import operator
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest
from kernel_graphs import chain, layer

from snnc.hwsim.bit_lists import bit_lists
from snnc.hwsim.bit_trains import parts
from snnc.hwsim.bit_vectors import _full_adder
from snnc.hwsim.event_driven import simulate


@pytest.mark.parametrize("steps", [31, 32, 33, 40, 41, 48, 49, 64, 65, 129, 200])
@pytest.mark.parametrize("samples", [1, 7, 8, 9, 17, 32, 33])
def test_bits_across_the_borders_of_vectors_and_blocks(steps: int, samples: int) -> None:
    """One source, a delay a neuron: neuron d repeats the train d steps later, with its own weight."""
    weight = np.arange(-40, steps - 40)
    graph = chain(layer(weight[:, None], np.arange(steps)[:, None]), steps=steps)
    spikes = (np.random.default_rng(steps).random((samples, steps, 1)) < 0.5).astype(np.uint8)
    expected = np.zeros((samples, steps, steps), np.int32)
    for d in range(steps):
        expected[:, d:, d] = 64 * weight[d] * spikes[:, : steps - d, 0].astype(np.int32)
    np.testing.assert_array_equal(simulate(graph, spikes, kernel="bits").layers[0].u, expected)


@pytest.mark.parametrize(
    ("octets", "steps", "expected"),
    [
        (1, 32, [(0, 1, 0, 1)]),
        (1, 4, [(0, 1, 0, 1)]),  # nobody to share with
        (2, 33, [(0, 1, 0, 1), (1, 1, 0, 1), (0, 2, 32, 2)]),
        (2, 17, [(0, 1, 0, 1), (1, 1, 0, 1)]),  # 17 steps of two do not fit
        (3, 16, [(0, 2, 0, 2), (2, 1, 0, 2)]),
        (3, 8, [(0, 3, 0, 4)]),
        (4, 9, [(0, 2, 0, 2), (2, 2, 0, 2)]),
    ],
)
def test_octets_share_a_vector_where_few_steps_are_left(
    octets: int, steps: int, expected: list[tuple[int, ...]]
) -> None:
    assert [tuple(row) for row in parts(octets, steps).tolist()] == expected


@pytest.mark.parametrize("weight", [127, -128, 85, -85, 32767 // 300, (1 << 18) // 300, -(1 << 18) // 301])
def test_bits_of_many_equal_sources(weight: int) -> None:
    """300 sources with the same weight that all fire: the most that the carries of a plane have to hold."""
    graph = chain(layer(np.full((9, 300), weight)), steps=2)
    spikes = np.ones((1, 2, 300), np.uint8)
    spikes[0, 1, 0] = 0
    arriving = simulate(graph, spikes, kernel="bits").layers[0].u // 64
    total = np.array([300 * weight, 299 * weight])
    wrapped = (total + (1 << 17) - 1) % (1 << 18) - (1 << 17) + 1  # u = a << 6 wraps at 24 bits
    np.testing.assert_array_equal(arriving, np.broadcast_to(wrapped[:, None], (2, 9))[None])


@pytest.mark.parametrize("weight", [1, -1, 3, 7, -86, 127, -128, 255, 1 << 17])
def test_a_weight_is_its_powers_of_two(weight: int) -> None:
    """Each list holds the source's train at most once, and adding them up gives the weight."""
    inputs, start, excess, before, stride, sums, _ = bit_lists(
        np.array([[weight]], np.int32), np.array([[2]], np.int32), 5, 24
    )
    assert (before, stride) == (2, 64)
    trains = [[int(x) for x in inputs[a:b] if 0 < x < sums] for a, b in pairwise(start)]
    assert {x for found in trains for x in found} == {64}  # after 64 bytes of silence, and two bytes early
    signed = np.array([len(found) for found in trains]).reshape(24, 2) @ [1, -1]
    assert sum(int(n) << p for p, n in enumerate(signed)) == weight
    assert not (signed[1:] & signed[:-1]).any()  # no two adjacent: the fewest there are
    # Eight rows that are added inverted count eight too much, of which 7 are silence.
    assert excess[0] == sum(8 << p for p, n in enumerate(signed) if n < 0)


@pytest.mark.parametrize("ternary", [False, True])
def test_a_full_adder_adds_on_every_kind_of_processor(ternary: bool) -> None:
    builder = SimpleNamespace(xor=operator.xor, and_=operator.and_, or_=operator.or_)
    for a, b, c in product((0, 1), repeat=3):
        total, carry = _full_adder(builder, a, b, c, ternary)
        assert 2 * carry + total == a + b + c
