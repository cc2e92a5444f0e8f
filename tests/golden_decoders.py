"""Golden vectors of clause 7: scores and classes of every decoder, after each step.

The comments carry the arithmetic. u forgets all and v of an `li` nothing, so v is 64 times the sum of all
that arrived. Scores of softmax are in closed form: with scale ln(2) / 64, exp(64 n * scale) = 2**n.
"""

from __future__ import annotations

from math import log

from golden import HOLD
from graph_cases import GraphCase, adlif, case, decoded, dense, li, lif, readout, source, state

LN2 = log(2) / 64
IDENTITY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]

DECODERS: list[GraphCase] = [
    # Lines 1, 0, 1, 1 and 0, 1, 1, 0; weights 1, 1 and -1 (of line 0 again). T = 4, E = 3; v goes on after E.
    # v = 64, 64, 128, 192;  0, 64, 128, 128;  -64, -64, -128, -192. Scales 1/4, 1/2, 1.
    # sum: 16; 32; 64.  0; 32; 96.  -64; -128; -256. After 2 steps 32 = 32, so class 0; after 3 class 1.
    # last: 16; 16; 32.  0; 32; 64.  -64; -64; -128. Class 0, then 1.
    # max, scale 1: 64; 64; 128.  0; 64; 128.  -64 from the first step on. 64 = 64 and 128 = 128: class 0.
    # After step 3 = E nothing changes: column 4 is column 3.
    case(
        "sum, last and max of three readouts, over their own steps",
        [source(neurons=2), *(li(name, 3, end=3) for name in ("sum", "last", "max"))],
        [dense("x", name, [[1, 0], [0, 1], [-1, 0]]) for name in ("sum", "last", "max")],
        [[1, 0, 1, 1], [0, 1, 1, 0]],
        [
            state(
                u=[[64, 0, 64, 64], [0, 64, 64, 0], [-64, 0, -64, -64]],
                v=[[64, 64, 128, 192], [0, 64, 128, 128], [-64, -64, -128, -192]],
            )
        ]
        * 3,
        [
            readout("sum", "sum", 3, [0.25, 0.5, 1]),
            readout("last", "last", 3, [0.25, 0.5, 1]),
            readout("max", "max", 3, 1.0),
        ],
        [
            decoded([[16, 32, 64, 64], [0, 32, 96, 96], [-64, -128, -256, -256]], [0, 0, 1, 1]),
            decoded([[16, 16, 32, 32], [0, 32, 64, 64], [-64, -64, -128, -128]], [0, 1, 1, 1]),
            decoded([[64, 64, 128, 128], [0, 64, 128, 128], [-64, -64, -64, -64]], [0, 0, 0, 0]),
        ],
    ),
    # Weights -2 and -1, x = 1, 1: v = -128, -256 and -64, -128. The largest of each is that of step 0, not 0.
    # Sample 1, x = 0, 1: the largest is the 0 of step 0 in both, so class 0 from the first step on.
    case(
        "max of values that are all negative",
        [source(), li(neurons=2)],
        [dense("x", "y", [[-2], [-1]])],
        [[[1, 1]], [[0, 1]]],
        [
            state(
                u=[[[-128, -128], [-64, -64]], [[0, -128], [0, -64]]],
                v=[[[-128, -256], [-64, -128]], [[0, -128], [0, -64]]],
            )
        ],
        [readout("y", "max", 2, 1.0)],
        [decoded([[[-128, -128], [-64, -64]], [[0, 0], [0, 0]]], [[1, 1], [0, 0]])],
    ),
    # Lines 0, 1, 1, 0 and 1, 0, 1, 1: v / 64 = 0, 1, 2, 2 and 1, 1, 2, 3; E = 3.
    # Shares: 1/3, 2/3; 1/2, 1/2; 1/2, 1/2. Sums: 1/3, 5/6, 4/3 and 2/3, 7/6, 5/3. Class 1.
    # The second readout has the scales 2 ln(2) / 64 and ln(2) / 64, so 4**n against 2**n, and T = 4 steps:
    # 1 : 2, 4 : 2, 16 : 4, 16 : 8. Shares of class 0: 1/3, 2/3, 4/5, 2/3. Sums: 1/3, 1, 9/5, 37/15.
    # Of class 1: 2/3, 1/3, 1/5, 1/3. Sums: 2/3, 1, 6/5, 23/15. Class 1, then (a tie but for rounding), 0, 0.
    # With that tie either class may be taken, which -1 stands for.
    case(
        "softmax with one scale, and with one for each class",
        [source(neurons=2), li("one", 2, end=3), li("each", 2)],
        [dense("x", "one", [[1, 0], [0, 1]]), dense("x", "each", [[1, 0], [0, 1]])],
        [[0, 1, 1, 0], [1, 0, 1, 1]],
        [state(u=[[0, 64, 64, 0], [64, 0, 64, 64]], v=[[0, 64, 128, 128], [64, 64, 128, 192]])] * 2,
        [readout("one", "softmax", 2, LN2), readout("each", "softmax", 2, [2 * LN2, LN2])],
        [
            decoded([[1 / 3, 5 / 6, 4 / 3, 4 / 3], [2 / 3, 7 / 6, 5 / 3, 5 / 3]], [1, 1, 1, 1]),
            decoded([[1 / 3, 1, 9 / 5, 37 / 15], [2 / 3, 1, 6 / 5, 23 / 15]], [1, -1, 0, 0]),
        ],
    ),
    # Weights 0, 1, 1: v / 64 = 0, 1, 1: shares 1/5, 2/5, 2/5 in both steps. Classes 1 and 2 are equal in
    # scale and v, so it is class 1, whatever the rounding.
    case(
        "softmax of equal v takes the first class",
        [source(), li(neurons=3)],
        [dense("x", "y", [[0], [1], [1]])],
        [[1, 0]],
        [state(u=[[0, 0], [64, 0], [64, 0]], v=[[0, 0], [64, 64], [64, 64]])],
        [readout("y", "softmax", 3, LN2)],
        [decoded([[1 / 5, 2 / 5], [2 / 5, 4 / 5], [2 / 5, 4 / 5]], [1, 1])],
    ),
    # A neuron spikes where its line does; E = T = 4 for count, E = 3 for first, whose v stays after E.
    # Sample 0: lines 0101, 0111, 0011. count: 0, 1, 1, 2; 0, 1, 2, 3; 0, 0, 1, 2. Classes 0, 0 (a tie), 1, 1.
    #   first: f = 1, 1, 2; scores 3 - f = 2, 2, 1, each from step f on. Class 0 in a tie.
    # Sample 1: lines 0011, 0100, 1000. count: 0, 0, 1, 2; 0, 1, 1, 1; 1, 1, 1, 1. Classes 2, 1, 0, 0.
    #   first: f = 2, 1, 0; scores 1, 2, 3. Class 2.
    # Sample 2: lines 0001. count: 0, 0, 0, 1. first: no spike before E: all 0, class 0.
    # Sample 3: no line: all 0, class 0.
    case(
        "count and first",
        [source(neurons=3), lif("count", 3), lif("first", 3, end=3)],
        [dense("x", "count", IDENTITY), dense("x", "first", IDENTITY)],
        [
            [[0, 1, 0, 1], [0, 1, 1, 1], [0, 0, 1, 1]],
            [[0, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 0]],
            [[0, 0, 0, 1]] * 3,
            [[0, 0, 0, 0]] * 3,
        ],
        [
            state(
                u=[
                    [[0, 64, 0, 64], [0, 64, 64, 64], [0, 0, 64, 64]],
                    [[0, 0, 64, 64], [0, 64, 0, 0], [64, 0, 0, 0]],
                    [[0, 0, 0, 64]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
                v=[[[0, 0, 0, 0]] * 3] * 4,
                spikes=[
                    [[0, 1, 0, 1], [0, 1, 1, 1], [0, 0, 1, 1]],
                    [[0, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 0]],
                    [[0, 0, 0, 1]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
            ),
            state(
                u=[
                    [[0, 64, 0, 64], [0, 64, 64, 64], [0, 0, 64, 64]],
                    [[0, 0, 64, 64], [0, 64, 0, 0], [64, 0, 0, 0]],
                    [[0, 0, 0, 64]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
                v=[
                    [[0, 0, 0, 64], [0, 0, 0, 64], [0, 0, 0, 64]],
                    [[0, 0, 0, 64], [0, 0, 0, 0], [0, 0, 0, 0]],
                    [[0, 0, 0, 64]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
                spikes=[
                    [[0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]],
                    [[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]],
                    [[0, 0, 0, 0]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
            ),
        ],
        [readout("count", "count", 3), readout("first", "first", 3)],
        [
            decoded(
                [
                    [[0, 1, 1, 2], [0, 1, 2, 3], [0, 0, 1, 2]],
                    [[0, 0, 1, 2], [0, 1, 1, 1], [1, 1, 1, 1]],
                    [[0, 0, 0, 1]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
                [[0, 0, 1, 1], [2, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
            ),
            decoded(
                [
                    [[0, 2, 2, 2], [0, 2, 2, 2], [0, 0, 1, 1]],
                    [[0, 0, 1, 1], [0, 2, 2, 2], [3, 3, 3, 3]],
                    [[0, 0, 0, 0]] * 3,
                    [[0, 0, 0, 0]] * 3,
                ],
                [[0, 0, 0, 0], [2, 2, 2, 2], [0, 0, 0, 0], [0, 0, 0, 0]],
            ),
        ],
    ),
    # A readout of adlif (count) that leads on to one of li (last): kb = 128, w keeps all, v = u - w.
    # x = 2 << 6 = 128: a spike; w = 128, 128 - 128 = 0, none; none. y gets 64 in step 0 by delay 0.
    case(
        "a spiking readout also leads on",
        [source(), adlif(kb=128, decay_w=HOLD), li(neurons=1)],
        [dense("x", "h", [[2]]), dense("h", "y", [[1]])],
        [[1, 1, 1]],
        [
            state(u=[[128, 128, 128]], w=[[0, 128, 128]], v=[[0, 0, 0]], spikes=[[1, 0, 0]]),
            state(u=[[64, 0, 0]], v=[[64, 64, 64]]),
        ],
        [readout("y", "last", 1, 0.5), readout("h", "count", 1)],
        [decoded([[32, 32, 32]], [0, 0, 0]), decoded([[1, 1, 1]], [0, 0, 0])],
    ),
]
