"""Golden vectors of what arrives at a population: several projections, recurrence, input bias, exponents.

The comments carry the arithmetic; L = 2**23 = 8388608. Where u forgets all, u = a << 6.
"""

from __future__ import annotations

import numpy as np
from golden import FORGET, HOLD, L
from graph_cases import GraphCase, case, dense, li, lif, listed, source, state

from snnc.stages import Convolution, Projection

PROJECTIONS: list[GraphCase] = [
    # input_bias = 3 << 1 = 6 and -5 << 1 = -10, in every step; bias = 1; x adds 1 in step 1.
    # Neuron 0: a = 6, 7, 6, 6. du = 2048 (half): u = 384; 192 + 448 = 640; 320 + 384 = 704; 352 + 384 = 736.
    # Neuron 1: a = -10, -9, -10, -10: u = -640; -320 - 576 = -896; -448 - 640 = -1088; -544 - 640 = -1184.
    # dv = 4096: v = u + 1, so nothing of the bias of clause 5 comes through u.
    case(
        "the input bias passes through the current, the bias does not",
        [
            source(),
            li(
                neurons=2,
                decay_u=2048,
                decay_v=FORGET,
                bias_mant=1,
                input_bias_mant=[3, -5],
                input_bias_exp=1,
            ),
        ],
        [dense("x", "y", [[1], [1]])],
        [[0, 1, 0, 0]],
        [
            state(
                u=[[384, 640, 704, 736], [-640, -896, -1088, -1184]],
                v=[[385, 641, 705, 737], [-639, -895, -1087, -1183]],
            )
        ],
    ),
    # Neurons 0 and 1: +-2048 << 7 = +-262144 = +-2**18, the most that clause 2 allows. a << 6 = +-2L.
    # du = 0: 0 + 2L -> 0 and 0 - 2L -> 0, again and again; 6 wraps.
    # Neuron 2: 2047 << 7 = 262016, and 127 + 1 in step 0 make 262144, too: 2L -> 0.
    # Then 262016 << 6 = 16769024 = 2L - 8192 -> -8192; -8192 + 2L - 8192 = 2L - 16384 -> -16384. 3 wraps.
    case(
        "an input bias alone, or with weights, reaches the bound",
        [
            source(neurons=2),
            li(
                neurons=3,
                decay_u=HOLD,
                decay_v=FORGET,
                input_bias_mant=[2048, -2048, 2047],
                input_bias_exp=7,
            ),
        ],
        [dense("x", "y", [[0, 0], [0, 0], [127, 1]])],
        [[1, 0, 0], [1, 0, 0]],
        [
            state(
                u=[[0, 0, 0], [0, 0, 0], [0, -8192, -16384]],
                v=[[0, 0, 0], [0, 0, 0], [0, -8192, -16384]],
                u_wraps=9,
            )
        ],
    ),
    # e = 10: -128 << 10 = -131072 and 1 << 10 = 1024; times payload 2 the first is -2**18, the most allowed.
    # e = 3, delay 1: -3 << 3 = -24 into neuron 1.
    # Neuron 0: a = -262144, -131072, 0: -2L -> 0, wraps; -L -> L, wraps; 0. v = u, L clipped to L - 1.
    # Neuron 1: a = 2048; 1024 - 2 * 24 = 976; -24. u = 131072; 62464; -1536.
    case(
        "the exponent of a projection shifts its weights",
        [source(payload_max=2), li(neurons=2, decay_v=FORGET)],
        [dense("x", "y", [[-128], [1]], exp=10), dense("x", "y", [[0], [-3]], 1, exp=3)],
        [[2, 1, 0]],
        [
            state(
                u=[[0, L, 0], [131072, 62464, -1536]],
                v=[[0, L - 1, 0], [131072, 62464, -1536]],
                u_wraps=2,
                v_clips=1,
            )
        ],
    ),
    # The list has y before its sources; lines are b0, b1, a. a reaches y twice, 5 + 5, with delay 0; b0
    # weighs -2 and b1 7, with delay 1. a = 10; -2; 10 - 2 = 8; 7.
    # u = 640, -128, 512, 448; v = 640; 512; 1024; 1472.
    case(
        "what several projections deliver adds up, also two of one source and one delay",
        [li(), source("b", 2), source("a")],
        [dense("a", "y", [[5]]), dense("b", "y", [[-2, 7]], 1), dense("a", "y", [[5]])],
        [[1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0]],
        [state(u=[[640, -128, 512, 448]], v=[[640, 512, 1024, 1472]])],
    ),
    # a takes spikes alone, b payloads up to 255. Weights 2 and -3: a = 2; -3 * 255 = -765; 2 - 3 * 7 = -19.
    # u = 128; -48960; -1216. v = u.
    case(
        "each input has its own largest event",
        [source("a"), source("b", payload_max=255), li(decay_v=FORGET)],
        [dense("a", "y", [[2]]), dense("b", "y", [[-3]])],
        [[1, 0, 1], [0, 255, 7]],
        [state(u=[[128, -48960, -1216]], v=[[128, -48960, -1216]])],
    ),
    # Spikes in steps 0, 2 and 3 of T = 5; weight 3 without delay, -2 after 2 steps, 5 after 5 = T: nowhere.
    # a = 3; 0; 3 - 2 = 1; 3; -2 (of step 2). u = 192, 0, 64, 192, -128; v = 192; 192; 256; 448; 320.
    case(
        "two synapses of one pair act after their own delays",
        [source(), li()],
        [Projection("x", "y", listed(1, 1, (0, 0, -2, 2), (0, 0, 3, 0), (0, 0, 5, 5)))],
        [[1, 0, 1, 1, 0]],
        [state(u=[[192, 0, 64, 192, -128]], v=[[192, 192, 256, 448, 320]])],
    ),
    # Within h, delay 1: 0 -> 0 weighs 2, 1 -> 0 weighs -2, 0 -> 1 weighs 1. x excites neuron 0 in step 0.
    # 0: a = 1, 0: neuron 0 spikes.       1: a = 2 - 0 = 2 and 1: both spike.
    # 2: a = 2 - 2 = 0 and 1: neuron 1.   3: a = 0 - 2 = -2 and 0: none, v = -128 and 0.   4: a = 0, 0.
    case(
        "a population that leads to itself after one step",
        [source(), lif(neurons=2)],
        [dense("x", "h", [[1], [0]]), dense("h", "h", [[2, -2], [1, 0]], 1)],
        [[1, 0, 0, 0, 0]],
        [
            state(
                u=[[64, 128, 0, -128, 0], [0, 64, 64, 0, 0]],
                v=[[0, 0, 0, -128, 0], [0, 0, 0, 0, 0]],
                spikes=[[1, 1, 0, 0, 0], [0, 1, 1, 0, 0]],
            )
        ],
    ),
    # To itself: -1 after 1 step and 1 after 3, so a[t] = x[t] - S[t - 1] + S[t - 3]; x in steps 0 and 1.
    # 0: 1, spike. 1: 1 - 1 = 0. 2: 0. 3: S[0], 1, spike. 4: -S[3] = -1. 5: 0. 6: S[3], 1, spike. 7: -1.
    # What step 6 sends after 3 steps would arrive at 9 > T.
    case(
        "a neuron that leads to itself by two delays",
        [source(), lif()],
        [dense("x", "h", [[1]]), Projection("h", "h", listed(1, 1, (0, 0, -1, 1), (0, 0, 1, 3)))],
        [[1, 1, 0, 0, 0, 0, 0, 0]],
        [
            state(
                u=[[64, 0, 0, 64, -64, 0, 64, -64]],
                v=[[0, 0, 0, 0, -64, 0, 0, -64]],
                spikes=[[1, 0, 0, 1, 0, 0, 1, 0]],
            )
        ],
    ),
    # g -> f without delay (2), f -> g after 2 steps (1); f stands before g in the list, but after it in the
    # contract order. x lets g spike in step 0, f in the same step, g again in 2, f in 2, both in 4; what f
    # sends then would arrive at 6 > T. Sample 1 is silent: nothing of sample 0 comes round.
    case(
        "a cycle of two populations, one half of it without delay",
        [source(), lif("f"), lif("g")],
        [dense("x", "g", [[1]]), dense("g", "f", [[2]]), dense("f", "g", [[1]], 2)],
        [[[1, 0, 0, 0, 0]], [[0, 0, 0, 0, 0]]],
        [
            state(
                u=[[[128, 0, 128, 0, 128]], [[0] * 5]],
                v=[[[0] * 5]] * 2,
                spikes=[[[1, 0, 1, 0, 1]], [[0] * 5]],
            ),
            state(
                u=[[[64, 0, 64, 0, 64]], [[0] * 5]], v=[[[0] * 5]] * 2, spikes=[[[1, 0, 1, 0, 1]], [[0] * 5]]
            ),
        ],
    ),
    # g in step 0, f in step 0 + 1; back at g it would be 1 + 2 = 3 = T: nowhere, nor in the next sample.
    case(
        "a spike due at T does not come round",
        [source(), lif("f"), lif("g")],
        [dense("x", "g", [[1]]), dense("g", "f", [[2]], 1), dense("f", "g", [[1]], 2)],
        [[[1, 0, 0]], [[0, 0, 0]], [[1, 0, 0]]],
        [
            state(
                u=[[[0, 128, 0]], [[0, 0, 0]], [[0, 128, 0]]],
                v=[[[0, 0, 0]]] * 3,
                spikes=[[[0, 1, 0]], [[0, 0, 0]], [[0, 1, 0]]],
            ),
            state(
                u=[[[64, 0, 0]], [[0, 0, 0]], [[64, 0, 0]]],
                v=[[[0, 0, 0]]] * 3,
                spikes=[[[1, 0, 0]], [[0, 0, 0]], [[1, 0, 0]]],
            ),
        ],
    ),
    # The list is the wrong way round, so the contract order is x, f, g, y. All in step 0.
    case(
        "delay 0 passes through populations in the contract order",
        [li(), lif("g"), lif("f"), source()],
        [dense("g", "y", [[1]]), dense("f", "g", [[1]]), dense("x", "f", [[1]])],
        [[1, 0]],
        [
            state(u=[[64, 0]], v=[[64, 64]]),
            state(u=[[64, 0]], v=[[0, 0]], spikes=[[1, 0]]),
            state(u=[[64, 0]], v=[[0, 0]], spikes=[[1, 0]]),
        ],
    ),
    # T = 1: x reaches h, and h reaches y, in step 0. What h sends to itself after 1 step is due at T.
    case(
        "a single step",
        [source(), lif(), li()],
        [dense("x", "h", [[1]]), dense("h", "h", [[1]], 1), dense("h", "y", [[-1]])],
        [[1]],
        [state(u=[[64]], v=[[0]], spikes=[[1]]), state(u=[[-64]], v=[[-64]])],
    ),
    # T = 130. h leads to itself by the longest delay, and spikes in 0, 62 and 124; y gets those of 0 and 62
    # in 62 and 124, as 124 + 62 > T.
    case(
        "a spike comes round by the longest delay",
        [source(), lif(), li()],
        [dense("x", "h", [[1]]), dense("h", "h", [[1]], 62), dense("h", "y", [[1]], 62)],
        [[1] + [0] * 129],
        [
            state(
                u=[([64] + [0] * 61) * 2 + [64] + [0] * 5],
                v=[[0] * 130],
                spikes=[([1] + [0] * 61) * 2 + [1] + [0] * 5],
            ),
            state(u=[[0] * 62 + [64] + [0] * 61 + [64] + [0] * 5], v=[[0] * 62 + [64] * 62 + [128] * 6]),
        ],
    ),
    # Neurons 0 and 1 lead to each other after 1 step; the weights of 0, with delay 0, are no synapses, so
    # there is no cycle without delay. x lets neuron 0 spike in step 0, then they alternate.
    case(
        "a weight of zero without delay makes no cycle",
        [source(), lif(neurons=2)],
        [dense("x", "h", [[1], [0]]), dense("h", "h", [[0, 1], [1, 0]], [[0, 1], [1, 0]])],
        [[1, 0, 0, 0]],
        [state(u=[[64, 0, 64, 0], [0, 64, 0, 64]], v=[[0] * 4] * 2, spikes=[[1, 0, 1, 0], [0, 1, 0, 1]])],
    ),
    # A convolution of h with itself: a grid of one neuron, padding 1. The outer elements, with delay 0, lie
    # outside for every neuron, so they are no synapses; the inner one weighs 1, after 1 step.
    case(
        "elements of a kernel that lie outside make no cycle",
        [source(), lif()],
        [
            dense("x", "h", [[1]]),
            Projection(
                "h",
                "h",
                Convolution(np.array([[[[5, 1, 7]]]]), np.array([[[[0, 1, 0]]]]), (1, 1, 1), padding=(0, 1)),
            ),
        ],
        [[1, 0, 0]],
        [state(u=[[64, 64, 64]], v=[[0, 0, 0]], spikes=[[1, 1, 1]])],
    ),
]
