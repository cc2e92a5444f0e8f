"""Clause 2: every storage of synapses against plain loops over the synapses that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from snnc.stages import Convolution, Population, Projection, SynapseList, SynapseMatrix, Synapses
from snnc.trainer.integer_projection import IntegerProjection, accumulate

CPU = torch.device("cpu")
STEPS, SAMPLES = 9, 2

One = tuple[int, int, int, int]
"""A synapse (j, i, W, D)."""


def of_matrix(rng: np.random.Generator) -> tuple[Synapses, list[One]]:
    weight, delay = rng.integers(-5, 6, (4, 7)), rng.integers(0, STEPS + 3, (4, 7))
    return SynapseMatrix(weight, delay), [
        (j, i, int(weight[i, j]), int(delay[i, j])) for i in range(4) for j in range(7)
    ]


def of_list(rng: np.random.Generator) -> tuple[Synapses, list[One]]:
    """Unsorted, with several between two neurons, also of delays of T and more."""
    every = [(j, i, D) for j in range(5) for i in range(3) for D in range(STEPS + 2)]
    drawn = [(*every[k], int(rng.integers(-5, 6))) for k in rng.permutation(len(every))[:60]]
    synapses = [(j, i, W, D) for j, i, D, W in drawn]
    return SynapseList(*np.array(synapses).T, 5, 3), synapses


def of_convolution(rng: np.random.Generator) -> tuple[Synapses, list[One]]:
    """Two groups, strides and paddings that differ; 4 x 5 x 4 onto 2 x 2 x 4: rows (5 + 2 - 3) // 3 + 1."""
    kernel, delay = rng.integers(-5, 6, (2, 2, 3, 1)), rng.integers(0, 4, (2, 2, 3, 1))
    stored = Convolution(kernel, delay, (4, 5, 4), stride=(3, 1), padding=(1, 0), groups=2)
    return stored, list(_cross_correlated(kernel, delay))


def _cross_correlated(kernel: npt.NDArray[np.int64], delay: npt.NDArray[np.int64]) -> Iterator[One]:
    for o, y, x in np.ndindex(2, 2, 4):
        for i, p, q in np.ndindex(2, 3, 1):
            channel, row, column = o // (2 // 2) * 2 + i, y * 3 + p - 1, x * 1 + q - 0
            if 0 <= row < 5 and 0 <= column < 4:
                source, destination = (channel * 5 + row) * 4 + column, (o * 2 + y) * 4 + x
                yield source, destination, int(kernel[o, i, p, q]), int(delay[o, i, p, q])


def looped(
    synapses: list[One], exponent: int, neurons: int, sent: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int64]:
    """int64 [samples, T, neurons] that `sent` [samples, T, lines] makes arrive."""
    a = np.zeros((SAMPLES, STEPS, neurons), np.int64)
    for j, i, W, D in synapses:
        for t in range(D, STEPS):
            a[:, t, i] += W * 2**exponent * sent[:, t - D, j].astype(np.int64)
    return a


@pytest.mark.parametrize("exponent", [0, 3])
@pytest.mark.parametrize("made", [of_matrix, of_list, of_convolution])
def test_every_storage_delivers_what_its_synapses_do(made, exponent):
    rng = np.random.default_rng(7)
    synapses, listed = made(rng)
    sent = rng.integers(0, 4, (SAMPLES, STEPS, synapses.pre_neurons), np.uint8)
    expected = looped(listed, exponent, synapses.post_neurons, sent)
    projection = IntegerProjection(Projection("s", "d", synapses, exponent), STEPS, CPU)
    population = Population("d", "li", synapses.post_neurons, decay_u=0, decay_v=0)
    spikes = torch.from_numpy(sent)
    found = accumulate(population, [(projection, spikes)], SAMPLES, STEPS, CPU)
    np.testing.assert_array_equal(found, expected)
    for block in (1, 2, 4, STEPS):
        arriving = torch.zeros(expected.shape, dtype=torch.int32)
        for first in range(0, STEPS, block):
            projection.collect(spikes, first, min(first + block, STEPS), arriving)
        np.testing.assert_array_equal(arriving, expected)


def test_projections_and_the_input_bias_add_up_to_the_limit_exactly():
    # 255 << 10 = 261120; + 5 * 204 = 262140; + (1 << 2) = 2^18. The input bias comes in every step.
    high = SynapseMatrix([[255], [0]], [[1], [0]])
    graded = SynapseMatrix([[204], [0]], [[0], [0]])
    population = Population("d", "li", 2, decay_u=0, decay_v=0, input_bias_mant=[1, -1], input_bias_exp=2)
    projections = [
        (IntegerProjection(Projection("a", "d", high, 10), 3, CPU), torch.tensor([[[1], [0], [1]]])),
        (IntegerProjection(Projection("b", "d", graded), 3, CPU), torch.tensor([[[0], [5], [1]]])),
    ]
    found = accumulate(population, projections, 1, 3, CPU)
    assert found.dtype == torch.int32
    assert found[0].T.tolist() == [[4, 1 << 18, 208], [-4, -4, -4]]


def test_nothing_arrives_at_t_or_later():
    synapses = SynapseList([0, 0], [0, 0], [1, 1], [3, 4], 1, 1)
    projection = IntegerProjection(Projection("s", "d", synapses), 4, CPU)
    assert projection.delays == [3]
    arriving = torch.zeros((1, 4, 1), dtype=torch.int32)
    projection.collect(torch.ones((1, 4, 1)), 0, 4, arriving)
    assert arriving[0, :, 0].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("made", [of_matrix, of_list, of_convolution])
def test_matrices_are_sorted_as_they_say(made, monkeypatch):
    """On a processor the order has no effect; CUDA's products need it."""
    monkeypatch.setattr("torch.sparse_coo_tensor", partial(_checked, torch.sparse_coo_tensor))
    synapses, _ = made(np.random.default_rng(7))
    projection = IntegerProjection(Projection("s", "d", synapses), STEPS, CPU)
    spikes = torch.ones((SAMPLES, STEPS, synapses.pre_neurons), dtype=torch.uint8)
    projection.deliver(spikes, torch.zeros((synapses.post_neurons, STEPS, SAMPLES)))
    arriving = torch.zeros((SAMPLES, STEPS, synapses.post_neurons), dtype=torch.int32)
    projection.collect(spikes, 0, STEPS, arriving)
    assert arriving.any()


def _checked(make: Callable[..., torch.Tensor], *args: Any, **values: Any) -> torch.Tensor:
    return make(*args, **values | {"check_invariants": True})
