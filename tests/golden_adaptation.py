"""Golden vectors of clause 5a: w, its parts, its rounding and its clipping, in both orders.

The comments carry the arithmetic; L = 2**23 = 8388608. u forgets all, so u = a << 6.
"""

from __future__ import annotations

from typing import Any

from golden import FORGET, HOLD, L
from graph_cases import GraphCase, adlif, case, dense, li, lif, source, state

HALVES: dict[str, Any] = {"decay_v": 2048, "decay_w": 2048, "ka": 1024, "kb": 100, "threshold": 2}
"""Half of v and of w remains, a quarter of v is added to w, and 100 for a spike; vth << 6 = 128."""

ADAPTATION: list[GraphCase] = [
    # u = 192, 192, 0, 192, 0.
    # 0: w = 0; v = 192, a spike, 0.
    # 1: w = 0 + 0 + 100; v = 0 + 192 - 100 = 92.
    # 2: w = 50 + 92 / 4 = 73; v = 46 - 73 = -27.
    # 3: w = 36 (of 36.5) - 6 (of 6.75) = 30; v = -13 (of -13.5) + 192 - 30 = 149, a spike, 0.
    # 4: w = 15 + 0 + 100 = 115; v = 0 - 115.
    case(
        "adaptation in the new order takes w of the same step from v",
        [source(), adlif(**HALVES, order="new")],
        [dense("x", "h", [[3]])],
        [[1, 1, 0, 1, 0]],
        [
            state(
                u=[[192, 192, 0, 192, 0]],
                w=[[0, 100, 73, 30, 115]],
                v=[[0, 92, -27, 0, -115]],
                spikes=[[1, 0, 0, 1, 0]],
            )
        ],
    ),
    # 0: w = 0; v = 192 - 0, a spike, 0.
    # 1: w = 100; v = 0 + 192 - 0, a spike, 0.
    # 2: w = 50 + 0 + 100 = 150; v = 0 - 100.
    # 3: w = 75 - 25 = 50; v = -50 + 192 - 150 = -8.
    # 4: w = 25 - 2 = 23; v = -4 - 50 = -54.
    case(
        "adaptation in the old order takes w of the step before from v",
        [source(), adlif(**HALVES, order="old")],
        [dense("x", "h", [[3]])],
        [[1, 1, 0, 1, 0]],
        [
            state(
                u=[[192, 192, 0, 192, 0]],
                w=[[0, 100, 150, 50, 23]],
                v=[[0, 0, -100, -8, -54]],
                spikes=[[1, 1, 0, 0, 0]],
            )
        ],
    ),
    # Only what scale leaves is in w (dw = dv = 4096, kb = 0); bias = 5, -5, 5, -5; ka = 1000 or -1000.
    # 0: w = 0, v = bias.   1: 5 * 1000 = 5000 = 4096 + 904: w = 1, -1, -1, 1, toward zero for each pair of
    # signs (down would be 1, -2, -2, 1); v = 4, -4, 6, -6.
    # 2: 4000 < 4096: 0, 0; 6000 = 4096 + 1904: -1, 1. v = 5, -5, 6, -6.
    case(
        "scale rounds toward zero for each pair of signs",
        [
            source(),
            adlif(
                neurons=4,
                decay_w=FORGET,
                ka=[1000, 1000, -1000, -1000],
                bias_mant=[5, -5, 5, -5],
                threshold=131071,
            ),
        ],
        [],
        [[0, 0, 0]],
        [
            state(
                u=[[0, 0, 0]] * 4,
                w=[[0, 1, 0], [0, -1, 0], [0, -1, -1], [0, 1, 1]],
                v=[[5, 4, 5], [-5, -4, -5], [5, 6, 6], [-5, -6, -6]],
            )
        ],
    ),
    # vth << 6 = 64. Step 0: 128, a spike, 0. Step 1: w = kb. dw = 1: of 1 and of -1 nothing remains; dw = 0:
    # all; dw = 2048: half of -3 is -1.5, so -1; dw = 4096: nothing of 7. v = -w, as dv = 4096.
    case(
        "each neuron has its own decay of w, and kb is added once for a spike",
        [source(), adlif(neurons=5, decay_w=[1, 1, HOLD, 2048, FORGET], kb=[-1, 1, -1, -3, 7], threshold=1)],
        [dense("x", "h", [[2]] * 5)],
        [[1, 0, 0]],
        [
            state(
                u=[[128, 0, 0]] * 5,
                w=[[0, -1, 0], [0, 1, 0], [0, -1, -1], [0, -3, -1], [0, 7, 0]],
                v=[[0, 1, 0], [0, -1, 0], [0, 1, 1], [0, 3, 1], [0, -7, 0]],
                spikes=[[1, 0, 0]] * 5,
            )
        ],
    ),
    # No reset, vth = 0, dv = 4096, so v = u - w; kb = -100, w keeps all.
    # New: 64, a spike; w = -100, v = 100, a spike; w = -200, v = 200; w = -300, v = 300.
    # Old: 64, a spike; w = -100, v = 0 - 0, not above 0; w = -100 + 0, v = 100, a spike; w = -200, v = 100, a
    # spike.
    case(
        "a negative kb excites; the two orders part in the step after a spike",
        [
            source(),
            adlif("new", kb=-100, reset="none", order="new"),
            adlif("old", kb=-100, reset="none", order="old"),
        ],
        [dense("x", "new", [[1]]), dense("x", "old", [[1]])],
        [[1, 0, 0, 0]],
        [
            state(
                u=[[64, 0, 0, 0]], w=[[0, -100, -200, -300]], v=[[64, 100, 200, 300]], spikes=[[1, 1, 1, 1]]
            ),
            state(u=[[64, 0, 0, 0]], w=[[0, -100, -100, -200]], v=[[64, 0, 100, 100]], spikes=[[1, 0, 1, 1]]),
        ],
    ),
    # kb = -2**20. 0: 64, a spike. t = 1 .. 7: w = -t * 2**20, v = t * 2**20, a spike. 8: -8 * 2**20 = -L,
    # clipped to -L + 1; v = L - 1. 9: clipped again. Two clips of w, none of v.
    case(
        "w is clipped at its least by spikes",
        [source(), adlif(kb=-1048576)],
        [dense("x", "h", [[1]])],
        [[1] + [0] * 9],
        [
            state(
                u=[[64] + [0] * 9],
                w=[[-1048576 * t for t in range(8)] + [-L + 1, -L + 1]],
                v=[[0] * 10],
                spikes=[[1] * 10],
                w_clips=2,
            )
        ],
    ),
    # -127 << 10 << 6 = -8323072 in step 0; dv = dw = 0.
    # Neuron 0, ka = -4096, so -v is added. 1: w = 8323072; v = -8323072 - 8323072, clipped to -L + 1.
    #   2: w = 8323072 + 8388607, clipped to L - 1; v = -(L - 1) - (L - 1), clipped.
    # Neuron 1, ka = 4096, v itself. 1: w = -8323072; v = -8323072 + 8323072 = 0. 2: w + 0; v = 8323072, below
    #   vth << 6 = 8388544.
    case(
        "w and v are clipped, and counted apart",
        [source(), adlif(neurons=2, decay_v=HOLD, ka=[-4096, 4096], threshold=131071)],
        [dense("x", "h", [[-127], [-127]], exp=10)],
        [[1, 0, 0]],
        [
            state(
                u=[[-8323072, 0, 0]] * 2,
                w=[[0, 8323072, L - 1], [0, -8323072, -8323072]],
                v=[[-8323072, -L + 1, -L + 1], [-8323072, 0, 8323072]],
                w_clips=1,
                v_clips=2,
            )
        ],
    ),
    # ka = -4096, kb = 2**20 - 1, dw = 0, dv = 4096, no reset, vth << 6 = 66000 << 6 = 4224000.
    # 0: 64 << 16 = 4194304, no spike.
    # 1: w = -4194304; v = 65536 + 4194304 = 4259840, a spike.
    # 2: w = -4194304 - 4259840 + 1048575 = -7405569 (clipped before kb it would be -7340032); v = 7405569, a
    # spike.
    case(
        "the sum of w is clipped once, after kb",
        [source(neurons=2), adlif(ka=-4096, kb=1048575, reset="none", threshold=66000)],
        [dense("x", "h", [[64, 1]], exp=10)],
        [[1, 0, 0], [0, 1, 0]],
        [
            state(
                u=[[4194304, 65536, 0]],
                w=[[0, -4194304, -7405569]],
                v=[[4194304, 4259840, 7405569]],
                spikes=[[0, 1, 1]],
            )
        ],
    ),
    # ka = 4096, dv = 0. 0: v = 4194304. 1: w = 4194304; v = 4194304 + (65 << 16) - 4194304 = 4259840; clipped
    # before w it would be 8388607 - 4194304 = 4194303.
    case(
        "the sum of v is clipped once, after w",
        [source(neurons=2), adlif(decay_v=HOLD, ka=4096, threshold=131071)],
        [dense("x", "h", [[64, 65]], exp=10)],
        [[1, 0], [0, 1]],
        [state(u=[[4194304, 4259840]], w=[[0, 4194304]], v=[[4194304, 4259840]])],
    ),
    # vth << 6 = r << 6 = 64, ka = 2048, dw = 4096, kb = 10, dv = 0.
    # 0: v = 320, a spike, 256.
    # 1: w = 128 + 10 (v after the reset, and the spike of step 0); v = 256 - 138 = 118, a spike, 54.
    # 2: w = 27 + 10; v = 54 - 37 = 17.   3: w = 8 (of 8.5) + 0; v = 17 - 8.
    case(
        "w sees v after a subtraction, and the spike of that step",
        [
            source(),
            adlif(decay_v=HOLD, decay_w=FORGET, ka=2048, kb=10, threshold=1, reset="subtract", reset_by=1),
        ],
        [dense("x", "h", [[5]])],
        [[1, 0, 0, 0]],
        [
            state(
                u=[[320, 0, 0, 0]],
                w=[[0, 138, 37, 8]],
                v=[[256, 54, 17, 9]],
                spikes=[[1, 1, 0, 0]],
            )
        ],
    ),
    # As before, over T = 2. Sample 0 ends with a spike, v = 54 and w = 138; sample 1 starts from rest.
    case(
        "neither w nor the last spike of a sample reaches the next",
        [
            source(),
            adlif(decay_v=HOLD, decay_w=FORGET, ka=2048, kb=10, threshold=1, reset="subtract", reset_by=1),
        ],
        [dense("x", "h", [[5]])],
        [[[1, 0]], [[0, 0]], [[1, 0]]],
        [
            state(
                u=[[[320, 0]], [[0, 0]], [[320, 0]]],
                w=[[[0, 138]], [[0, 0]], [[0, 138]]],
                v=[[[256, 54]], [[0, 0]], [[256, 54]]],
                spikes=[[[1, 1]], [[0, 0]], [[1, 1]]],
            )
        ],
    ),
    # end = 1, dv = 4096, ka = 1024. 0: 64, a spike, 0. 1: w = 100 (S[0] = 1 counts after the end); v = 192 -
    # 100 = 92, above 0, but no spike. 2: w = 100 + 92 / 4 + 0 = 123; v = 64 - 123.
    case(
        "after its end a population adapts by v, but no more by spikes",
        [source(payload_max=3), adlif(ka=1024, kb=100, end=1)],
        [dense("x", "h", [[1]])],
        [[1, 3, 1]],
        [state(u=[[64, 192, 64]], w=[[0, 100, 123]], v=[[0, 92, -59]], spikes=[[1, 0, 0]])],
    ),
    # end = 1; 127 << 10 << 6 = 8323072 in steps 0 and 1; du = dv = dw = 0, ka = -4096; vth << 6 = 8388544.
    # 0: u = v = 8323072. 1: u = 16646144 - 2L = -131072, wraps; w = -8323072; v = 8323072 - 131072 + 8323072,
    # clipped to L - 1, above, but no spike. 2: u stays; w = -8323072 - 8388607, clipped;
    # v = 8388607 - 131072 + 8388607, clipped.
    case(
        "what saturates after the end counts",
        [source(), adlif(decay_u=HOLD, decay_v=HOLD, ka=-4096, threshold=131071, end=1)],
        [dense("x", "h", [[127]], exp=10)],
        [[1, 1, 0]],
        [
            state(
                u=[[8323072, -131072, -131072]],
                w=[[0, -8323072, -L + 1]],
                v=[[8323072, L - 1, L - 1]],
                u_wraps=1,
                w_clips=1,
                v_clips=2,
            )
        ],
    ),
    # Itself by a synapse of weight -1 and delay 1; vth = 0, dv = 4096, dw = 0, kb = 1. x = 1 in each step.
    # 0: 64, a spike. 1: a = 1 - 1 = 0; w = 1; v = -1. 2: a = 1; w = 1; v = 63, a spike, 0. 3: a = 0; w = 2; v
    # = -2.
    case(
        "adaptation and direct recurrence",
        [source(), adlif(kb=1)],
        [dense("x", "h", [[1]]), dense("h", "h", [[-1]], 1)],
        [[1, 1, 1, 1]],
        [
            state(
                u=[[64, 0, 64, 0]],
                w=[[0, 1, 1, 2]],
                v=[[0, -1, 0, -2]],
                spikes=[[1, 0, 1, 0]],
            )
        ],
    ),
    # u = 192, 192, 0, 192 in all three. l, dv = 2048: 192, a spike; 192, a spike; 0; 192, a spike.
    # n 0 is that of the first vector. n 1, ka = 0, kb = -64. 0: 192, a spike. 1: w = -64; v = 0 + 192 + 64, a
    # spike. 2: w = -32 - 64; v = 0 + 96. 3: w = -48; v = 48 + 192 + 48, a spike.
    # o is the second vector. y: a = 2 n 0 + n 1 - l - o, of the spikes 1001, 1101, 1101, 1100.
    case(
        "lif, both orders of adlif and li in one network, and neurons with and without ka",
        [
            source(),
            lif("l", decay_v=2048, threshold=2),
            adlif("n", 2, **HALVES | {"ka": [1024, 0], "kb": [100, -64]}),
            adlif("o", **HALVES, order="old"),
            li("y"),
        ],
        [
            dense("x", "l", [[3]]),
            dense("x", "n", [[3], [3]]),
            dense("x", "o", [[3]]),
            dense("n", "y", [[2, 1]]),
            dense("l", "y", [[-1]]),
            dense("o", "y", [[-1]]),
        ],
        [[1, 1, 0, 1]],
        [
            state(u=[[192, 192, 0, 192]], v=[[0, 0, 0, 0]], spikes=[[1, 1, 0, 1]]),
            state(
                u=[[192, 192, 0, 192]] * 2,
                w=[[0, 100, 73, 30], [0, -64, -96, -48]],
                v=[[0, 92, -27, 0], [0, 0, 96, 0]],
                spikes=[[1, 0, 0, 1], [1, 1, 0, 1]],
            ),
            state(
                u=[[192, 192, 0, 192]],
                w=[[0, 100, 150, 50]],
                v=[[0, 0, -100, -8]],
                spikes=[[1, 1, 0, 0]],
            ),
            state(u=[[64, -64, 0, 128]], v=[[64, 0, 0, 128]]),
        ],
    ),
]
