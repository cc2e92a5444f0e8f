"""Golden vectors of convolutions: the synapses of each one by one, and the states that follow.

Neuron (c, y, x) has the number (c * rows + y) * columns + x. v = u, as both forget all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from golden import FORGET
from graph_cases import GraphCase, case, li, listed, source, state

from snnc.stages import Convolution, LayerTrace, Projection, SynapseList


@dataclass(frozen=True)
class ConvolutionCase:
    """`synapses` are those of `convolution`, in no special order."""

    name: str
    convolution: Convolution
    synapses: SynapseList
    grid_out: tuple[int, int, int]
    input: list[list[int]]
    u: list[list[int]]


def train(lines: int, steps: int, *events: tuple[int, int]) -> list[list[int]]:
    """A train for each line, with `events` (line, step)."""
    return [[int((line, step) in events) for step in range(steps)] for line in range(lines)]


CONVOLUTIONS: list[ConvolutionCase] = [
    # 2 channels of 3 x 3, kernel 2 x 2, stride (2, 1), padding (1, 0), 2 groups, so I = 1.
    # H' = floor((3 + 2 - 2) / 2) + 1 = 2; W' = 3 - 2 + 1 = 2. Row 2 y + p - 1, column x + q: y = 0, p = 0 is
    # row -1, outside; p = 1 is row 0. With y = 1, p = 0 is row 1 and p = 1 is row 2.
    # Kernel 0 is [[1, -2], [3, 0]] with delays [[0, 1], [2, 3]]; the 0 is no synapse. Kernel 1 is
    # [[4, 5], [-6, 7]] with [[1, 0], [0, 3]]; it reads channel 1, neurons 9 .. 17.
    # Neuron 4 in step 0: -2 into 2 in step 1, 1 into 3 in step 0. Neuron 10 in steps 0 and 1: 7 into 4 in
    # step 3 (and in 4 = T, nowhere), -6 into 5 in 0 and 1. Neuron 16 in step 0: 7 into 6 in step 3, -6 into 7
    # in step 0.
    ConvolutionCase(
        "stride, padding, groups, and a delay for each element",
        Convolution(
            np.array([[[[1, -2], [3, 0]]], [[[4, 5], [-6, 7]]]]),
            np.array([[[[0, 1], [2, 3]]], [[[1, 0], [0, 3]]]]),
            (2, 3, 3),
            stride=(2, 1),
            padding=(1, 0),
            groups=2,
        ),
        listed(
            18,
            8,
            *[(0, 0, 3, 2)],  # 0, 0, 0
            *[(1, 1, 3, 2)],  # 0, 0, 1
            *[(3, 2, 1, 0), (4, 2, -2, 1), (6, 2, 3, 2)],  # 0, 1, 0
            *[(4, 3, 1, 0), (5, 3, -2, 1), (7, 3, 3, 2)],  # 0, 1, 1
            *[(9, 4, -6, 0), (10, 4, 7, 3)],  # 1, 0, 0
            *[(10, 5, -6, 0), (11, 5, 7, 3)],  # 1, 0, 1
            *[(12, 6, 4, 1), (13, 6, 5, 0), (15, 6, -6, 0), (16, 6, 7, 3)],  # 1, 1, 0
            *[(13, 7, 4, 1), (14, 7, 5, 0), (16, 7, -6, 0), (17, 7, 7, 3)],  # 1, 1, 1
        ),
        (2, 2, 2),
        train(18, 4, (4, 0), (10, 0), (10, 1), (16, 0)),
        [
            [0, 0, 0, 0],
            [0, 0, 0, 0],
            [0, -128, 0, 0],
            [64, 0, 0, 0],
            [0, 0, 0, 448],
            [-384, -384, 0, 0],
            [0, 0, 0, 448],
            [-384, 0, 0, 0],
        ],
    ),
    # 4 channels of 1 x 1 in 2 groups, so I = 2: outputs 0 and 1 read channels 0 and 1, 2 and 3 read 2 and 3.
    # One delay, 1. Neuron i spikes in step i and arrives in step i + 1.
    ConvolutionCase(
        "a group reads its own channels",
        Convolution(
            np.array([[1, 2], [3, 4], [5, 6], [7, 8]])[:, :, None, None], np.int32(1), (4, 1, 1), groups=2
        ),
        listed(
            4,
            4,
            *[(0, 0, 1, 1), (1, 0, 2, 1), (0, 1, 3, 1), (1, 1, 4, 1)],
            *[(2, 2, 5, 1), (3, 2, 6, 1), (2, 3, 7, 1), (3, 3, 8, 1)],
        ),
        (4, 1, 1),
        train(4, 5, (0, 0), (1, 1), (2, 2), (3, 3)),
        [[0, 64, 128, 0, 0], [0, 192, 256, 0, 0], [0, 0, 0, 320, 384], [0, 0, 0, 448, 512]],
    ),
    # A row of 3, kernel 1, 2, 3, stride 2, padding 1 to either side: W' = floor((3 + 2 - 3) / 2) + 1 = 2.
    # Column 2 x + q - 1: x = 0 reads -1 (outside), 0 and 1; x = 1 reads 1, 2 and 3 (outside). Not flipped.
    # Neuron 1 in step 0: 3 and 1. Neuron 2 in step 1: 2 into neuron 1.
    ConvolutionCase(
        "a padded row, not flipped",
        Convolution(np.array([[[[1, 2, 3]]]]), np.int32(0), (1, 1, 3), stride=(1, 2), padding=(0, 1)),
        listed(3, 2, (0, 0, 2, 0), (1, 0, 3, 0), (1, 1, 1, 0), (2, 1, 2, 0)),
        (1, 1, 2),
        train(3, 2, (1, 0), (2, 1)),
        [[192, 0], [64, 128]],
    ),
    # 2 channels of 2 rows and 1 column; the kernel of 2 x 1 covers both rows of both channels (I = 2).
    # Neurons: channel 0 is 0, 1 and channel 1 is 2, 3. Weights 1, 2 and 3, 4; delays 0, 1 and 2, 0.
    # All spike in step 0: a = 1 + 4 = 5; 2; 3.
    ConvolutionCase(
        "rows within channels",
        Convolution(np.array([[[[1], [2]], [[3], [4]]]]), np.array([[[[0], [1]], [[2], [0]]]]), (2, 2, 1)),
        listed(4, 1, (0, 0, 1, 0), (1, 0, 2, 1), (2, 0, 3, 2), (3, 0, 4, 0)),
        (1, 1, 1),
        train(4, 3, (0, 0), (1, 0), (2, 0), (3, 0)),
        [[320, 128, 192]],
    ),
]


def _graph_case(of: ConvolutionCase) -> GraphCase:
    pre, post = of.convolution.grid, of.grid_out
    expected: LayerTrace = state(u=of.u, v=of.u)
    return case(
        f"a convolution: {of.name}",
        [source(neurons=int(np.prod(pre))), li(neurons=int(np.prod(post)), decay_v=FORGET)],
        [Projection("x", "y", of.convolution)],
        of.input,
        [expected],
    )


CONVOLVED: list[GraphCase] = [_graph_case(each) for each in CONVOLUTIONS]
