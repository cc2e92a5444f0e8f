"""Vectors worked out by hand where a C program of a graph may go wrong: types, tables, kernels, sums.

The comments carry the arithmetic; L = 2**23 = 8388608. Weights are what 20 bits hold. Where u forgets all,
u = 64 a.
"""

from __future__ import annotations

import numpy as np
from golden import FORGET, HOLD, L
from graph_cases import GraphCase, adlif, case, decoded, dense, li, lif, listed, readout, source, state

from snnc.stages import Convolution, Projection
from snnc.stages.population import NEW, NONE, OLD, SUBTRACT


def products() -> GraphCase:
    """Clauses 3 to 5 at the ends of their ranges.

    Neuron 0: a = 2**17, u = 2**23, which does not wrap; v is clipped to L - 1. dv = 1 keeps 4095 of 4096:
      (L - 1) - (L - 1) / 4096 = 8388607 - 2047.9997 = 8386559.0002: 8386559.
    Neuron 1: du = 1: 2**23 * 4095 / 4096 = 2048 * 4095 = 8386560; dv forgets, so v = u, clipped once.
    Neuron 2: a = -131071, u = -8388544; 8388544 / 4096 = 2047.98, so 8386496.02 is left: -8386496.
    Neuron 3: a = -131072, u = -2**23 wraps to 2**23, v is clipped to L - 1; both forget all.
    """
    return case(
        "products of 37 bits",
        [source(), li(neurons=4, decay_u=[FORGET, 1, 1, FORGET], decay_v=[1, FORGET, FORGET, FORGET])],
        [dense("x", "y", [[131072], [131072], [-131071], [-131072]])],
        [[1, 0]],
        [
            state(
                u=[[L, 0], [L, 8386560], [-8388544, -8386496], [L, 0]],
                v=[[L - 1, 8386559], [L - 1, 8386560], [-8388544, -8386496], [L - 1, 0]],
                u_wraps=1,
                v_clips=3,
            )
        ],
    )


def scaling() -> GraphCase:
    """Clause 5a: w = scale(v, ka) of the step before (dw = 4096), v = bias - w, without spikes or reset.

    ka = 1, bias -4096: new: v = -4096; w = -1, v = -4095; w = -(4095 / 4096 = 0) = 0, v = -4096.
      old: w of the step before: v = -4096, -4096 - 0, -4096 + 1.
    ka = -1, bias -4096: new: w = 0, 1, 1 (4097 / 4096): v = -4096, -4097, -4097. old: -4096, -4096, -4097.
    ka = 4096, bias 5: new: w = 0, 5, 0, v = 5, 0, 5. old: w = 0, 5, 5, v = 5, 5, 0.
    ka = -4096, bias 5: new: w = 0, -5, -10, v = 5, 10, 15. old: w = 0, -5, -5, v = 5, 5, 10.
    """
    fields = {
        "neurons": 4,
        "ka": [1, -1, 4096, -4096],
        "bias_mant": [-4096, -4096, 5, 5],
        "decay_w": FORGET,
        "threshold": 131071,
        "reset": NONE,
    }
    nothing = [[0, 0, 0]] * 4
    return case(
        "scale rounds toward zero for either sign",
        [source(), adlif("new", order=NEW, **fields), adlif("old", order=OLD, **fields)],
        [],
        [[0, 0, 0]],
        [
            state(
                u=nothing,
                w=[[0, -1, 0], [0, 1, 1], [0, 5, 0], [0, -5, -10]],
                v=[[-4096, -4095, -4096], [-4096, -4097, -4097], [5, 0, 5], [5, 10, 15]],
            ),
            state(
                u=nothing,
                w=[[0, -1, -1], [0, 1, 1], [0, 5, 5], [0, -5, -5]],
                v=[[-4096, -4096, -4095], [-4096, -4096, -4097], [5, 5, 0], [5, 5, 10]],
            ),
        ],
    )


def adaptation() -> GraphCase:
    """Clause 5a: kb at both ends, one for each neuron; v = 1 - w; dw = 4096; a spike above 0 resets to 0.

    kb = 2**20 - 1: spike; w = 1048575, v = -1048574; w = 0, v = 1: spike, v = 0.
    kb = -2**20: spike; w = -1048576, v = 1048577: spike; the same again.
    """
    return case(
        "kb at both ends",
        [source(), adlif(neurons=2, kb=[2**20 - 1, -(2**20)], bias_mant=1, decay_w=FORGET)],
        [],
        [[0, 0, 0]],
        [
            state(
                u=[[0] * 3] * 2,
                w=[[0, 1048575, 0], [0, -1048576, -1048576]],
                v=[[0, -1048574, 0], [0, 0, 0]],
                spikes=[[1, 0, 1], [1, 1, 1]],
            )
        ],
    )


def kernel() -> GraphCase:
    """A convolution: two groups, stride 2, one row of padding, a delay for each element, payloads.

    Source 2 x 3 x 3: channel 0 is 1 .. 9 row by row, channel 1 is 0 but for 10 at row 2, column 1. Kernels
    [[1, 2], [3, 4]] with delays [[0, 1], [0, 1]], and [[5, 6], [7, 8]] with 2. So H' = 2, Wd' = 1.
    Channel 0, row 0: the lower row of the kernel is at row 0: 3 * 1 = 3 in step 0, 4 * 2 = 8 in step 1.
    Row 1, at rows 1 and 2: 1 * 4 + 3 * 7 = 25 in step 0, 2 * 5 + 4 * 8 = 42 in step 1.
    Channel 1: row 0 nothing; row 1: 8 * 10 = 80 in step 2. v adds up: 64 * 3 = 192, 704; 1600, 4288; 5120.
    """
    convolution = Convolution(
        np.array([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]),
        np.array([[[[0, 1], [0, 1]]], [[[2, 2], [2, 2]]]]),
        (2, 3, 3),
        (2, 2),
        (1, 0),
        2,
    )
    lines = [[n, 0, 0] for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 10, 0)]
    return case(
        "a kernel in two groups, with stride, padding, delays and payloads",
        [source(neurons=18, payload_max=10), li(neurons=4)],
        [Projection("x", "y", convolution)],
        lines,
        [
            state(
                u=[[192, 512, 0], [1600, 2688, 0], [0] * 3, [0, 0, 5120]],
                v=[[192, 704, 704], [1600, 4288, 4288], [0] * 3, [0, 0, 5120]],
            )
        ],
    )


def channels() -> GraphCase:
    """A convolution from two channels of 1 x 3 to two of 1 x 2, all by delay 1.

    Kernels [1, 2], [3, 4] and [-1, 0], [5, -6]; lines 1, 1, 0 and 0, 1, 1 in step 0.
    Channel 0: 1 + 2 + 0 + 4 = 7; 1 + 0 + 3 + 4 = 8. Channel 1: -1 + 0 + 0 - 6 = -7; -1 + 0 + 5 - 6 = -2.
    """
    kernel = np.array([[[[1, 2]], [[3, 4]]], [[[-1, 0]], [[5, -6]]]])
    a = [7, 8, -7, -2]
    return case(
        "a kernel between several channels",
        [source(neurons=6), li(neurons=4)],
        [Projection("x", "y", Convolution(kernel, 1, (2, 1, 3)))],
        [[1, 0], [1, 0], [0, 0], [0, 0], [1, 0], [1, 0]],
        [state(u=[[0, 64 * each] for each in a], v=[[0, 64 * each] for each in a])],
    )


def arriving() -> GraphCase:
    """Clause 2: a sparse list with two synapses between one pair, exponent 10, and a matrix; T = 3.

    From the list: 3 << 10 = 3072 at once, -2 << 10 = -2048 a step later; of delay 3 = T nothing. From the
    matrix 5 in each step, by delay 0. x = 1, 1, 0: a = 3077; 3072 - 2048 + 5 = 1029; -2048. The input
    bias is 7 << 1: a = 3091, 1043, -2034; u = 197824, 66752, -130176. Only neuron 19 of 20.
    """
    others = [[14 * 64] * 3] * 19
    held = [[896, 1792, 2688]] * 19
    matrix = [[0]] * 19 + [[5]]
    return case(
        "a list with two delays between one pair, and a matrix",
        [source(), li(neurons=20, input_bias_mant=7, input_bias_exp=1)],
        [
            Projection("x", "y", listed(1, 20, (0, 19, 3, 0), (0, 19, -2, 1), (0, 18, 1, 3)), 10),
            dense("x", "y", matrix),
        ],
        [[1, 1, 0]],
        [
            state(
                u=[*others, [197824, 66752, -130176]],
                v=[*held, [197824, 264576, 134400]],
            )
        ],
    )


def sums() -> GraphCase:
    """What arrives in one step takes 16 bits up to 32767, and 32 beyond.

    32767 << 6 = 2097088, 32768 << 6 = 2**21 = 2097152, both a step later.
    """
    return case(
        "sums of 16 and of 32 bits",
        [source(), li("short"), li("wide")],
        [dense("x", "short", [[-32767]], 1), dense("x", "wide", [[-32768]], 1)],
        [[1, 0, 0]],
        [
            state(u=[[0, -2097088, 0]], v=[[0, -2097088, -2097088]]),
            state(u=[[0, -2097152, 0]], v=[[0, -2097152, -2097152]]),
        ],
    )


def resets() -> GraphCase:
    """Clause 6: u = 64 x, v keeps all. vth = 1, 2 (64, 128); r = 1, 3 (64, 192); end 3 of 4.

    Neuron 0: 128 > 64: 64; 64 + 128 = 192 > 64: 128; 128 + 128 = 256: 192; from the end on: 320.
    Neuron 1: 128, not above 128; 256: 64; 64 + 128 = 192: 0; 128, not above, and the end.
    """
    return case(
        "each neuron has its own threshold and subtraction",
        [
            source(),
            lif(neurons=2, decay_v=HOLD, threshold=[1, 2], reset=SUBTRACT, reset_by=[1, 3], end=3),
        ],
        [dense("x", "h", [[2], [2]])],
        [[1, 1, 1, 1]],
        [
            state(
                u=[[128] * 4] * 2,
                v=[[64, 128, 192, 320], [128, 64, 0, 128]],
                spikes=[[1, 1, 1, 0], [0, 1, 1, 0]],
            )
        ],
    )


def without_inputs() -> GraphCase:
    """No inputs: a = 1 << 1 = 2, u = 128, v = 128, 256 and, with -1, -128, -256; two samples."""
    return case(
        "a network without inputs",
        [li(neurons=2, input_bias_mant=[1, -1], input_bias_exp=1)],
        [],
        np.zeros((2, 0, 2), int),
        [state(u=[[[128, 128], [-128, -128]]] * 2, v=[[[128, 256], [-128, -256]]] * 2)],
        [readout("y", "last", 2, [0.5, 0.25])],
        [decoded([[[64, 128], [-32, -64]]] * 2, [[0, 0]] * 2)],
    )


def long_sum() -> GraphCase:
    """Clause 7: v = L - 1 from step 0 on, for 300 steps: n * 8388607, which 32 bits do not hold from 257 on.

    The other class has v = 64: n * 64. Both are whole in binary64, whatever the scale of 1.
    """
    steps = range(1, 301)
    return case(
        "a sum of 64 bits",
        [source(), li(neurons=2)],
        [dense("x", "y", [[1], [131072]])],
        [[1] + [0] * 299],
        [
            state(
                u=[[64] + [0] * 299, [L] + [0] * 299],
                v=[[64] * 300, [L - 1] * 300],
                v_clips=1,
            )
        ],
        [readout("y", "sum", 2, 1.0)],
        [decoded([[64 * n for n in steps], [8388607 * n for n in steps]], [1] * 300)],
    )


C_CASES = [
    products(),
    scaling(),
    adaptation(),
    kernel(),
    channels(),
    arriving(),
    sums(),
    resets(),
    without_inputs(),
    long_sum(),
]
