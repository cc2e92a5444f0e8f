"""Graphs that are no chains, with the states that the simulator must give, computed by hand.

L = 2**23 = 8388608. Where u forgets all, u = a << 6; where v forgets all, v = u + bias.
"""

from __future__ import annotations

import numpy as np
from golden import FORGET, HOLD, L
from graph_cases import adlif, case, dense, li, lif, listed, source, state

from snnc.stages import Convolution, Projection
from snnc.stages.population import NONE, OLD, SUBTRACT

SMALL = {"decay_w": 2048, "ka": 2048, "kb": 100, "threshold": 1, "reset": SUBTRACT, "reset_by": 1}
HALF = {"decay_v": HOLD, **SMALL}

CASES = [
    # From one source: 3 << 1 and 2 without delay, -1 << 2 a step later. a = 8, -4, 8.
    case(
        "projections from one source add up",
        [source(), li(decay_v=FORGET)],
        [
            dense("x", "y", [[3]], exp=1),
            dense("x", "y", [[2]]),
            Projection("x", "y", listed(1, 1, (0, 0, -1, 1)), 2),
        ],
        [[1, 0, 1]],
        [state(u=[[512, -256, 512]], v=[[512, -256, 512]])],
    ),
    # Payloads 3 and 0 times 2, spikes 0 and 1 times -5, input bias 3 << 1: a = 6 + 6 = 12 and -5 + 6 = 1.
    case(
        "two inputs, one with payloads, and an input bias",
        [source("x", payload_max=3), source("z"), li(decay_v=FORGET, input_bias_mant=3, input_bias_exp=1)],
        [dense("x", "y", [[2]]), dense("z", "y", [[-5]])],
        [[3, 0], [0, 1]],
        [state(u=[[768, 64]], v=[[768, 64]])],
    ),
    # A population that nothing leads to, of either sign of the bias, each neuron with its own decay.
    # dv = 2048: -5; -(5 / 2 toward 0) - 5 = -7; -3 - 5 = -8. dv = 0: 5, 10, 15.
    case(
        "neurons without sources and with their own decays",
        [source(), li(neurons=2, bias_mant=[-5, 5], decay_v=[2048, HOLD])],
        [],
        [[1, 1, 1]],
        [state(u=[[0] * 3, [0] * 3], v=[[-5, -7, -8], [5, 10, 15]])],
    ),
    # 128 << 10 = 2**17. Neuron 0, du = 0: L, which does not wrap; 2L -> 0, wraps. Neuron 1: -L -> L, twice.
    # v: L is clipped to L - 1, three times.
    case(
        "u wraps and v clips by neuron",
        [source(), li(neurons=2, decay_u=[HOLD, FORGET], decay_v=FORGET)],
        [dense("x", "y", [[128], [-128]], exp=10)],
        [[1, 1]],
        [state(u=[[L, 0], [L, L]], v=[[L - 1, 0], [L - 1, L - 1]], u_wraps=3, v_clips=3)],
    ),
    # The spike of step 0 comes back after 2 steps, again and again; not at T = 5 or later.
    case(
        "a neuron that excites itself",
        [source(), lif(), li(decay_v=FORGET)],
        [dense("x", "h", [[1]]), dense("h", "h", [[1]], 2), dense("h", "y", [[4]], 1)],
        [[1, 0, 0, 0, 0]],
        [
            state(u=[[64, 0, 64, 0, 64]], v=[[0] * 5], spikes=[[1, 0, 1, 0, 1]]),
            state(u=[[0, 256, 0, 256, 0]], v=[[0, 256, 0, 256, 0]]),
        ],
    ),
    # x -> a; a -> b at once, though b is first in the list; b -> a after 1 step by -1 and after 2 by 3.
    # a: 1; x 1 - 1 = 0; 3; -1; 3 by the spikes of step 2. b = a's spikes times 2.
    case(
        "a cycle of two populations, one step of which has no delay",
        [source(), lif("b"), lif("a")],
        [
            dense("x", "a", [[1]]),
            dense("b", "a", [[-1]], 1),
            dense("a", "b", [[2]]),
            dense("b", "a", [[3]], 2),
        ],
        [[1, 1, 0, 0, 0]],
        [
            state(u=[[128, 0, 128, 0, 128]], v=[[0] * 5], spikes=[[1, 0, 1, 0, 1]]),
            state(u=[[64, 0, 192, -64, 192]], v=[[0, 0, 0, -64, 0]], spikes=[[1, 0, 1, 0, 1]]),
        ],
    ),
    # Two samples: the spike under way in the first does not reach the second.
    case(
        "nothing of a sample reaches the next",
        [source(), lif()],
        [dense("x", "h", [[1]]), dense("h", "h", [[1]], 1)],
        [[[0, 1, 0]], [[0, 0, 0]]],
        [
            state(
                u=[[[0, 64, 64]], [[0, 0, 0]]], v=[[[0] * 3], [[0] * 3]], spikes=[[[0, 1, 1]], [[0, 0, 0]]]
            )
        ],
    ),
    # u = 128 in step 0; vth << 6 = 64. v stays 128, above the threshold, but no spike at t >= 2.
    # subtract 64: 64, which is not above 64. subtract 320: -192. zero: 0. v = 128 is not above 128.
    case(
        "resets, ends and a threshold by neuron",
        [
            source(),
            lif("none", decay_v=HOLD, threshold=1, reset=NONE, end=2),
            lif("soft", 2, decay_v=HOLD, threshold=1, reset=SUBTRACT, reset_by=[1, 5]),
            lif("zero", 2, decay_v=HOLD, threshold=[1, 2], end=2),
        ],
        [dense("x", name, [[2]] * neurons) for name, neurons in (("none", 1), ("soft", 2), ("zero", 2))],
        [[1, 0, 0]],
        [
            state(u=[[128, 0, 0]], v=[[128, 128, 128]], spikes=[[1, 1, 0]]),
            state(u=[[128, 0, 0]] * 2, v=[[64, 64, 64], [-192, -192, -192]], spikes=[[1, 0, 0]] * 2),
            state(u=[[128, 0, 0]] * 2, v=[[0, 0, 0], [128, 128, 128]], spikes=[[1, 0, 0], [0, 0, 0]]),
        ],
    ),
    # Input events of steps 1 and 2 are not sent. The spike of h in step 1, before its end, arrives after it.
    case(
        "ends of an input and of a population that excites itself",
        [source(end=1), lif(end=2)],
        [dense("x", "h", [[1]]), dense("h", "h", [[1]], 1)],
        [[1, 1, 1]],
        [state(u=[[64, 64, 64]], v=[[0, 0, 64]], spikes=[[1, 1, 0]])],
    ),
    # w: 0; 0 / 2 + 64 / 2 + 100 = 132; 66 + 60 / 2 = 96; 48 - 36 / 2 = 30.
    # v: 128, spike, 64; 64 + 128 - 132 = 60, below 64; 60 - 96 = -36; -36 - 30 = -66.
    case(
        "adaptation in the new order",
        [source(), adlif(**HALF)],
        [dense("x", "h", [[2]])],
        [[1, 1, 0, 0]],
        [
            state(
                u=[[128, 128, 0, 0]], v=[[64, 60, -36, -66]], spikes=[[1, 0, 0, 0]], w=[[0, 132, 96, 30]]
            )
        ],
    ),
    # w: 0; 132; 66 + 128 / 2 + 100 = 230; 115 - 4 / 2 = 113. v takes the w before:
    # 128, spike, 64; 64 + 128 - 0 = 192, spike, 128; 128 - 132 = -4; -4 - 230 = -234.
    case(
        "adaptation in the old order",
        [source(), adlif(**HALF | {"order": OLD})],
        [dense("x", "h", [[2]])],
        [[1, 1, 0, 0]],
        [
            state(
                u=[[128, 128, 0, 0]], v=[[64, 128, -4, -234]], spikes=[[1, 1, 0, 0]], w=[[0, 132, 230, 113]]
            )
        ],
    ),
    # ka = -1/2, w and v forget all: w = 0; 37 / 2 = 18; 55 / 2 = 27. v = -37 - w.
    case(
        "adaptation by a negative factor rounds toward zero",
        [source(), adlif(decay_w=FORGET, ka=-2048, bias_mant=-37)],
        [],
        [[0, 0, 0]],
        [state(u=[[0] * 3], v=[[-37, -55, -64]], w=[[0, 18, 27]])],
    ),
    # u = L. w grows by 2**20 - 1 with each spike: 8388600 in step 8; then it is clipped to L - 1, twice.
    # v = L - w is 1 at least, always a spike; in step 0 L is clipped.
    case(
        "w clips",
        [source(), adlif(kb=(1 << 20) - 1)],
        [dense("x", "h", [[128]], exp=10)],
        [[1] * 11],
        [
            state(
                u=[[L] * 11],
                v=[[0] * 11],
                spikes=[[1] * 11],
                w=[[1048575 * t for t in range(9)] + [L - 1] * 2],
                v_clips=1,
                w_clips=2,
            )
        ],
    ),
    # Kernel (1, 2) on a row of 3 pixels, padded by 1: places -1 .. 2. Pixel 0 and, a step later, pixel 2.
    # Step 0: 2, 1, 0, 0. Step 1: 0, 0, 2, 1.
    case(
        "a convolution",
        [source(neurons=3), li(neurons=4, decay_v=FORGET)],
        [Projection("x", "y", Convolution(np.array([[[[1, 2]]]]), 0, (1, 1, 3), padding=(0, 1)))],
        [[1, 0], [0, 0], [0, 1]],
        [
            state(
                u=[[128, 0], [64, 0], [0, 128], [0, 64]], v=[[128, 0], [64, 0], [0, 128], [0, 64]]
            )
        ],
    ),
]  # fmt: skip
