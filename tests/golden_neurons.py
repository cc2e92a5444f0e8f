"""Golden vectors of what a neuron does: its own decays and threshold, every reset, and the end.

The comments carry the arithmetic; L = 2**23 = 8388608. Where u forgets all, u = a << 6.
"""

from __future__ import annotations

from golden import FORGET, HOLD, L
from graph_cases import GraphCase, case, dense, li, lif, source, state

NEURONS: list[GraphCase] = [
    # Weight 4, so 256 in steps 0 and 3. vth << 6 = 256, 512, 192.
    # Neuron 0, du 0, dv 4096: u = 256, 256, 256, 512 and v = u: above 256 in step 3 alone, then 0.
    # Neuron 1, du 4096, dv 0: u = 256, 0, 0, 256; v = 256, 256, 256, 512: never above 512.
    # Neuron 2, du 2048, dv 2048: u = 256, 128, 64, 32 + 256 = 288. v = 256, a spike, 0; 0 + 128;
    #   64 + 64 = 128; 64 + 288 = 352, a spike, 0.
    # Readout, 1, 2, 4: step 0: 4; step 3: 1 + 4 = 5. v = 256, 256, 256, 256 + 320 = 576.
    case(
        "every neuron has its own decays and threshold",
        [
            source(),
            lif(
                neurons=3,
                decay_u=[HOLD, FORGET, 2048],
                decay_v=[FORGET, HOLD, 2048],
                threshold=[4, 8, 3],
            ),
            li(),
        ],
        [dense("x", "h", [[4], [4], [4]]), dense("h", "y", [[1, 2, 4]])],
        [[1, 0, 0, 1]],
        [
            state(
                u=[[256, 256, 256, 512], [256, 0, 0, 256], [256, 128, 64, 288]],
                v=[[256, 256, 256, 0], [256, 256, 256, 512], [0, 128, 128, 0]],
                spikes=[[0, 0, 0, 1], [0, 0, 0, 0], [1, 0, 0, 1]],
            ),
            state(u=[[256, 0, 0, 320]], v=[[256, 256, 256, 576]]),
        ],
    ),
    # vth << 6 = 128; v = 5 << 6 = 320 in step 0, dv = 0. r << 6 is taken off where there is a spike.
    # r = 2, as vth: 320 - 128 = 192, above: 192 - 128 = 64.
    # r = 3, above vth: 320 - 192 = 128, not above 128.
    # r = 1, below vth: 256, 192, 128: three spikes in a row.
    # r = 10: 320 - 640 = -320, and stays.
    # r = 0: 320, a spike in every step.
    # r = 131071, the largest: 320 - 8388544 = -8388224.
    case(
        "a subtraction takes r from v, in each step with a spike",
        [
            source(),
            lif(neurons=6, decay_v=HOLD, threshold=2, reset="subtract", reset_by=[2, 3, 1, 10, 0, 131071]),
        ],
        [dense("x", "h", [[5]] * 6)],
        [[1, 0, 0, 0]],
        [
            state(
                u=[[320, 0, 0, 0]] * 6,
                v=[
                    [192, 64, 64, 64],
                    [128, 128, 128, 128],
                    [256, 192, 128, 128],
                    [-320, -320, -320, -320],
                    [320, 320, 320, 320],
                    [-8388224, -8388224, -8388224, -8388224],
                ],
                spikes=[[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]],
            )
        ],
    ),
    # vth << 6 = 64, 320 in steps 0 and 3. The decay sees v after the subtraction.
    # Neuron 0, dv 2048, r << 6 = 64: 320, a spike, 256; 128, a spike, 64; 32; 16 + 320 = 336, a spike, 272.
    # Neuron 1, dv 2048, r << 6 = 576: 320 - 576 = -256; -128; -64; -32 + 320 = 288, a spike, -288.
    # Neuron 2, dv 1, r << 6 = 384: 320 - 384 = -64. Toward zero: 64 * 4095 >> 12 = 63, so -63; then -62;
    #   -61 + 320 = 259, a spike, 259 - 384 = -125.
    case(
        "the decay sees v after the subtraction, of either sign",
        [
            source(),
            lif(neurons=3, decay_v=[2048, 2048, 1], threshold=1, reset="subtract", reset_by=[1, 9, 6]),
        ],
        [dense("x", "h", [[5]] * 3)],
        [[1, 0, 0, 1]],
        [
            state(
                u=[[320, 0, 0, 320]] * 3,
                v=[[256, 64, 32, 272], [-256, -128, -64, -288], [-64, -63, -62, -125]],
                spikes=[[1, 1, 0, 1], [1, 0, 0, 1], [1, 0, 0, 1]],
            )
        ],
    ),
    # bias = 4095 << 7 = 524160, dv = 0; vth << 6 = r << 6 = 131071 << 6 = 8388544. Step 15: 16 * 524160 =
    # 8386560, below. Step 16: 8910720, clipped to 8388607, a spike: 8388607 - 8388544 = 63. Step 17: 524223.
    case(
        "a subtraction is from the clipped v",
        [
            source(),
            lif(
                decay_v=HOLD,
                bias_mant=4095,
                bias_exp=7,
                threshold=131071,
                reset="subtract",
                reset_by=131071,
            ),
        ],
        [],
        [[0] * 18],
        [
            state(
                u=[[0] * 18],
                v=[[524160 * n for n in range(1, 17)] + [63, 524223]],
                spikes=[[0] * 16 + [1, 0]],
                v_clips=1,
            )
        ],
    ),
    # Step 0: 64 > 0, a spike, 64 - 8388544 = -8388480, dv = 0. Step 1: -8388480 - 2 * 64 = -L: clipped.
    case(
        "v after a subtraction is clipped as any other, in the next step",
        [source(neurons=2), lif(decay_v=HOLD, reset="subtract", reset_by=131071)],
        [dense("x", "h", [[1, -2]])],
        [[1, 0], [0, 1]],
        [state(u=[[64, -128]], v=[[-8388480, -L + 1]], spikes=[[1, 0]], v_clips=1)],
    ),
    # vth << 6 = 64; 128 in step 0. dv = 0: 128 in each step, and a spike. dv = 2048: 128, 64, 32: one spike.
    # Readout: 2; 1; 1. v = 128, 192, 256.
    case(
        "without a reset v stays, and spikes as long as it is above",
        [source(), lif(neurons=2, decay_v=[HOLD, 2048], threshold=1, reset="none"), li()],
        [dense("x", "h", [[2], [2]]), dense("h", "y", [[1, 1]])],
        [[1, 0, 0]],
        [
            state(
                u=[[128, 0, 0], [128, 0, 0]],
                v=[[128, 128, 128], [128, 64, 32]],
                spikes=[[1, 1, 1], [1, 0, 0]],
            ),
            state(u=[[128, 64, 64]], v=[[128, 192, 256]]),
        ],
    ),
    # vth << 6 = 64, end = 2, dv = 0. 128 in steps 0 and 1: a spike, 0. Step 2: 128 is above, but no spike and
    # no reset; step 3: 128 + 128 = 256. The spikes of 0 and 1 reach the readout after the end, in 2 and 3.
    case(
        "after its end a population neither spikes nor resets, and what it sent arrives",
        [source(), lif(decay_v=HOLD, threshold=1, end=2), li()],
        [dense("x", "h", [[2]]), dense("h", "y", [[1]], 2)],
        [[1, 1, 1, 1]],
        [
            state(u=[[128, 128, 128, 128]], v=[[0, 0, 128, 256]], spikes=[[1, 1, 0, 0]]),
            state(u=[[0, 0, 64, 64]], v=[[0, 0, 64, 128]]),
        ],
    ),
    # end = 1. a = 1 in each step, du = 2048: u = 64; 32 + 64 = 96; 48 + 64 = 112. v = u + 3 = 67, a spike, 0;
    # then 99 and 115.
    case(
        "both biases act after the end",
        [source(), lif(decay_u=2048, bias_mant=3, input_bias_mant=1, end=1)],
        [],
        [[0, 0, 0]],
        [state(u=[[64, 96, 112]], v=[[0, 99, 115]], spikes=[[1, 0, 0]])],
    ),
    # vth << 6 = r << 6 = 128, end = 1, dv = 0. 320, a spike, 192, above the threshold at the end, and so it
    # stays. The spike of step 0 comes back to h itself in step 2: 192 + 64 = 256.
    case(
        "v stays above the threshold after the end, and a recurrent spike arrives",
        [source(), lif(decay_v=HOLD, threshold=2, reset="subtract", reset_by=2, end=1)],
        [dense("x", "h", [[5]]), dense("h", "h", [[1]], 2)],
        [[1, 0, 0, 0]],
        [state(u=[[320, 0, 64, 0]], v=[[192, 192, 256, 256]], spikes=[[1, 0, 0, 0]])],
    ),
    # end = 2 of an input with payloads, delay 1: a = 0, 3, 1, 0; steps 2 and 3 of the input do not exist.
    case(
        "an input sends nothing from its end on, whatever it holds",
        [source(payload_max=3, end=2), li()],
        [dense("x", "y", [[1]], 1)],
        [[3, 1, 2, 3]],
        [state(u=[[0, 192, 64, 0]], v=[[0, 192, 256, 256]])],
    ),
    # An end that is T changes nothing: 64 > 0 in each step.
    case(
        "an end of T is no end",
        [source(end=2), lif(end=2)],
        [dense("x", "h", [[1]])],
        [[1, 1]],
        [state(u=[[64, 64]], v=[[0, 0]], spikes=[[1, 1]])],
    ),
]
