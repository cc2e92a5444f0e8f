"""Golden vectors of the integer contract: small networks whose every state was worked out by hand.

Each executor must reproduce all of `GOLDEN`. Weights are signed 8-bit and delays 0 .. 62, so that
every target can run them. The comments carry the arithmetic; L = 2**23 = 8388608.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.stages import Artifact, LayerTrace, QuantizedGraph, QuantizedLayer, Trace

L = 8388608
FORGET, HOLD = 4096, 0  # decay constants: nothing remains, everything remains


@dataclass(frozen=True)
class GoldenCase:
    """`input` uint8 [samples, T, inputs]; `layers` the expected state of every layer."""

    name: str
    graph: QuantizedGraph
    input: npt.NDArray[np.uint8]
    layers: tuple[LayerTrace, ...]


def artifact_of(graph: QuantizedGraph) -> Artifact:
    """`graph` as an artifact that lies in no folder, to run it through the executor protocol."""
    nothing = np.zeros((0, graph.time_steps, graph.inputs), np.uint8)
    readout = np.zeros((0, graph.time_steps, len(graph.readouts[0].class_names)), np.int32)
    return Artifact(Path("nowhere"), "none", graph, {}, nothing, readout)


def assert_same_trace(found: Trace, expected: tuple[LayerTrace, ...]) -> None:
    """Every u, w, v and spike agrees, and so do the saturation counts where both have them."""
    assert len(found.layers) == len(expected)
    for index, (ours, theirs) in enumerate(zip(found.layers, expected, strict=True)):
        assert (ours.w is None) == (theirs.w is None), f"layer {index}: only one has w"
        for field in ("u", "v", "spikes") if ours.w is None else ("u", "w", "v", "spikes"):
            np.testing.assert_array_equal(
                getattr(ours, field), getattr(theirs, field), err_msg=f"layer {index}: {field}"
            )
        for field in ("u_wraps", "v_clips", "w_clips"):
            counts = getattr(ours, field), getattr(theirs, field)
            assert None in counts or counts[0] == counts[1], f"layer {index}: {field} {counts}"


def layer(
    weight: list[list[int]],
    delay: list[list[int]] | None = None,
    *,
    bias: list[int] | None = None,
    bias_exp: int = 0,
    du: int = FORGET,
    dv: int = HOLD,
    vth: int | None = None,
) -> dict[str, Any]:
    """Fields of a `QuantizedLayer`; weight and delay are [neurons][inputs]."""
    return {
        "weight": np.array(weight),
        "delay": np.zeros_like(weight) if delay is None else np.array(delay),
        "bias_mant": np.zeros(len(weight), int) if bias is None else np.array(bias),
        "bias_exp": bias_exp,
        "decay_u": du,
        "decay_v": dv,
        "threshold": vth,
    }


def state(
    u: list[Any], v: list[Any], spikes: list[Any] | None = None, u_wraps: int = 0, v_clips: int = 0
) -> LayerTrace:
    """Expected state; u, v and spikes are [neurons][T], or [samples][neurons][T]."""
    fired = np.zeros_like(u) if spikes is None else np.array(spikes)
    return LayerTrace(_steps_first(u), _steps_first(v), _steps_first(fired).astype(bool), u_wraps, v_clips)


def _steps_first(values: Any) -> npt.NDArray[Any]:
    array = np.array(values)
    array = array[None] if array.ndim == 2 else array
    return np.ascontiguousarray(array.swapaxes(1, 2))


def case(
    name: str,
    layers: list[dict[str, Any]],
    input: list[Any],
    expected: list[LayerTrace],
    payload_max: int = 1,
) -> GoldenCase:
    """`input` is a train a line, [inputs][T], or [samples][inputs][T]."""
    train = _steps_first(input).astype(np.uint8)
    graph = QuantizedGraph.chain(
        layers=tuple(QuantizedLayer(name=f"layer{i}", **fields) for i, fields in enumerate(layers)),
        time_steps=train.shape[1],
        bin_s=0.001,
        readout_scale=1.0,
        class_names=tuple(f"class{i}" for i in range(len(layers[-1]["weight"]))),
        payload_max=payload_max,
    )
    return GoldenCase(name, graph, train, tuple(expected))


GOLDEN: list[GoldenCase] = [
    # u = 3 << 6 = 192, then 0. 4096 - 1000 = 3096.
    # 192 * 3096 = 594432 = 145 * 4096 + 512;  145 * 3096 = 448920 = 109 * 4096 + 2456;
    # 109 * 3096 = 337464 = 82 * 4096 + 1592. Toward zero for -3 as well: -145, not -146.
    case(
        "decay rounds toward zero for either sign",
        [layer([[3], [-3]], dv=1000)],
        [[1, 0, 0, 0]],
        [
            state(
                u=[[192, 0, 0, 0], [-192, 0, 0, 0]],
                v=[[192, 145, 109, 82], [-192, -145, -109, -82]],
            )
        ],
    ),
    # dv = 1: (1 * 4095) >> 12 = 0, so of v = 1 and of v = -1 nothing remains; the bias comes anew.
    # Rounding down would make the second -1, -2, -3.
    case(
        "decay by the least step takes all of plus or minus one",
        [layer([[0], [0]], bias=[1, -1], dv=1)],
        [[0, 0, 0]],
        [state(u=[[0, 0, 0], [0, 0, 0]], v=[[1, 1, 1], [-1, -1, -1]])],
    ),
    # du = 0: u = 64, 64 + 0, 64 + 64. dv = 4096: v = u.
    case(
        "du 0 keeps all of u and dv 4096 nothing of v",
        [layer([[1]], du=HOLD, dv=FORGET)],
        [[1, 0, 1]],
        [state(u=[[64, 64, 128]], v=[[64, 64, 128]])],
    ),
    # du = 4096: u = a << 6 alone. dv = 0: v = 64, 64 + 0, 64 + 64.
    case(
        "du 4096 keeps nothing of u and dv 0 all of v",
        [layer([[1]], du=FORGET, dv=HOLD)],
        [[1, 0, 1]],
        [state(u=[[64, 0, 64]], v=[[64, 64, 128]])],
    ),
    # du = 1024 leaves 3/4: u = 64; 48; 36 + 64 = 100; 75; 225 / 4 = 56.25 -> 56.
    # dv = 2048 leaves 1/2: v = 64; 32 + 48 = 80; 40 + 100 = 140; 70 + 75 = 145; 72.5 -> 72, + 56 = 128.
    # The negative weight mirrors it.
    case(
        "du below 4096 carries the current over",
        [layer([[1], [-1]], du=1024, dv=2048)],
        [[1, 0, 1, 0, 0]],
        [
            state(
                u=[[64, 48, 100, 75, 56], [-64, -48, -100, -75, -56]],
                v=[[64, 80, 140, 145, 128], [-64, -80, -140, -145, -128]],
            )
        ],
    ),
    # Neuron 0: input 0 of step 0 arrives at 0 + 2 = 2, where input 1 arrives with delay 0:
    # a[2] = 5 - 2 = 3. Neuron 1: input 0 arrives at 0 + 1 = 1, input 1 at 2 + 1 = 3.
    case(
        "each synapse has its own delay and arrivals add up",
        [layer([[5, -2], [7, 1]], [[2, 0], [1, 1]])],
        [[1, 0, 0, 0], [0, 0, 1, 0]],
        [
            state(
                u=[[0, 0, 192, 0], [0, 448, 0, 64]],
                v=[[0, 0, 192, 192], [0, 448, 448, 512]],
            )
        ],
    ),
    # Hidden: 64 > 0 in step 0, a spike in the step of the input, and v is 0 in step 1 without a
    # spike, as 0 > 0 is false. The readout gets it in step 0 too: 3 << 6 = 192.
    case(
        "delay 0 passes both layers within one step",
        [layer([[1]], vth=0), layer([[3]])],
        [[1, 0]],
        [state(u=[[64, 0]], v=[[0, 0]], spikes=[[1, 0]]), state(u=[[192, 0]], v=[[192, 192]])],
    ),
    # Spikes in steps 0 and 1 of T = 3. Weight 1, delay 2: arrives at 2, and at 3 = T nowhere.
    # Weight 2, delay 3 = T: nowhere. Weight 4, delay 62: nowhere. So a[2] = 1.
    case(
        "a spike due at T or later arrives nowhere",
        [layer([[1, 2, 4]], [[2, 3, 62]])],
        [[1, 1, 0], [1, 1, 0], [1, 1, 0]],
        [state(u=[[0, 0, 64]], v=[[0, 0, 64]])],
    ),
    # Input 0 has weight 0 and delay 1: nothing. Input 1, weight -1, delay 1: a[1] = a[2] = -1.
    # The second neuron has no synapse at all.
    case(
        "a weight of zero is no synapse",
        [layer([[0, -1], [0, 0]], [[1, 1], [62, 0]])],
        [[1, 1, 1], [1, 1, 0]],
        [state(u=[[0, -64, -64], [0, 0, 0]], v=[[0, -64, -128], [0, 0, 0]])],
    ),
    # x 0 -> spike at 0 + 1 = 1 -> at 1 + 2 = 3 -> at 3 + 1 = 4 the readout: 2 << 6 = 128.
    case(
        "delays of successive layers add",
        [layer([[1]], [[1]], vth=0), layer([[1]], [[2]], vth=0), layer([[2]], [[1]])],
        [[1, 0, 0, 0, 0, 0]],
        [
            state(u=[[0, 64, 0, 0, 0, 0]], v=[[0] * 6], spikes=[[0, 1, 0, 0, 0, 0]]),
            state(u=[[0, 0, 0, 64, 0, 0]], v=[[0] * 6], spikes=[[0, 0, 0, 1, 0, 0]]),
            state(u=[[0, 0, 0, 0, 128, 0]], v=[[0, 0, 0, 0, 128, 128]]),
        ],
    ),
    # vth << 6 = 128, dv = 4096. Step 0: v = 2 << 6 = 128, not above 128: no spike, v stays.
    # With a bias of 1: 129 > 128, a spike, v = 0. With -1: 127. Step 1: the bias alone.
    # Readout: neuron 1 alone spiked, 2 << 6 = 128.
    case(
        "v must exceed the threshold, not meet it",
        [layer([[2], [2], [2]], bias=[0, 1, -1], dv=FORGET, vth=2), layer([[1, 2, 4]])],
        [[1, 0]],
        [
            state(
                u=[[128, 0], [128, 0], [128, 0]],
                v=[[128, 0], [0, 1], [127, -1]],
                spikes=[[0, 0], [1, 0], [0, 0]],
            ),
            state(u=[[128, 0]], v=[[128, 128]]),
        ],
    ),
    # vth << 6 = 64, dv = 2048 (half). Input 0 weighs 3, input 1 weighs 1.
    # 0: 192 > 64, spike, v = 0 (subtracting would leave 128). 1: 0 + 64 = 64, no spike (had the decay
    # seen 192: 96 + 64 > 64). 2: 32 + 64 = 96 > 64, spike, v = 0. 3: 0.
    # Readout, u = 64 per spike: 64, 64, 128, 128.
    case(
        "the reset is to zero and comes before the next decay",
        [layer([[3, 1]], dv=2048, vth=1), layer([[1]])],
        [[1, 0, 0, 0], [0, 1, 1, 0]],
        [
            state(u=[[192, 64, 64, 0]], v=[[0, 64, 0, 0]], spikes=[[1, 0, 1, 0]]),
            state(u=[[64, 0, 64, 0]], v=[[64, 64, 128, 128]]),
        ],
    ),
    # The reset leaves u alone. du = 2048: u = 64, 32, 16, 8. vth << 6 = 0: v = 64 -> 0, 32 -> 0, ...
    # a spike each. Readout, 1 << 6 each, inhibited: -64, -128, -192, -256.
    case(
        "the reset does not touch the current",
        [layer([[1]], du=2048, vth=0), layer([[-1]])],
        [[1, 0, 0, 0]],
        [
            state(u=[[64, 32, 16, 8]], v=[[0, 0, 0, 0]], spikes=[[1, 1, 1, 1]]),
            state(u=[[-64, -64, -64, -64]], v=[[-64, -128, -192, -256]]),
        ],
    ),
    # bias = 3 << 4 = 48 and -5 << 4 = -80 from step 0 on, dv = 2048 (half).
    # 48; 24 + 48 = 72; 36 + 48 = 84; 42 + 48 = 90. -80; -40 - 80 = -120; -60 - 80 = -140; -70 - 80 = -150.
    case(
        "the bias is mantissa << exponent in every step",
        [layer([[0], [0]], bias=[3, -5], bias_exp=4, dv=2048)],
        [[0, 0, 0, 0]],
        [state(u=[[0] * 4, [0] * 4], v=[[48, 72, 84, 90], [-80, -120, -140, -150]])],
    ),
    # Hidden neuron 0 fires every step (64 > 0), neuron 1 never (-64). Readout: 127 << 6 = 8128 a step;
    # however far v rises, it neither spikes nor resets.
    case(
        "the readout never spikes and never resets",
        [layer([[1], [-1]], vth=0), layer([[127, 127]])],
        [[1, 1, 1]],
        [
            state(
                u=[[64, 64, 64], [-64, -64, -64]],
                v=[[0, 0, 0], [-64, -128, -192]],
                spikes=[[1, 1, 1], [0, 0, 0]],
            ),
            state(u=[[8128, 8128, 8128]], v=[[8128, 16256, 24384]]),
        ],
    ),
    # 1032 * 127 + 8 = 131072 and 1024 * 128 = 131072, so a << 6 = +-L in step 1 from inputs 1 .. 1033.
    # Input 0 spikes in step 0: u = 64 w. du = 4032 leaves 64 of 4096 of it: 64 -> 1, -64 -> -1.
    # Neurons, step 1:   0: 0 + L = L, kept      1: 1 + L = L + 1 -> L + 1 - 2L = -L + 1, wraps
    #   2: 0 - L -> -L + 2L = L, wraps           3: 1 - L = -L + 1, kept
    #   4: -1 + L = L - 1, kept                  5: -1 - L -> -1 - L + 2L = L - 1, wraps
    # Step 2: L * 64 >> 12 = 2**29 >> 12 = 131072. (L - 1) * 64 = 2**29 - 64 -> 131071 (remainder 4032);
    # so -L + 1 -> -131071.
    # dv = 4096: v = u, but for u = L, which is clipped to L - 1 (neurons 0 and 2).
    case(
        "u wraps above 2**23 and at -2**23",
        [
            layer(
                [
                    [0] + [127] * 1032 + [8],
                    [1] + [127] * 1032 + [8],
                    [0] + [-128] * 1024 + [0] * 9,
                    [1] + [-128] * 1024 + [0] * 9,
                    [-1] + [127] * 1032 + [8],
                    [-1] + [-128] * 1024 + [0] * 9,
                ],
                du=4032,
                dv=FORGET,
            )
        ],
        [[1, 0, 0]] + [[0, 1, 0]] * 1033,
        [
            state(
                u=[
                    [0, L, 131072],
                    [64, -L + 1, -131071],
                    [0, L, 131072],
                    [64, -L + 1, -131071],
                    [-64, L - 1, 131071],
                    [-64, L - 1, 131071],
                ],
                v=[
                    [0, L - 1, 131072],
                    [64, -L + 1, -131071],
                    [0, L - 1, 131072],
                    [64, -L + 1, -131071],
                    [-64, L - 1, 131071],
                    [-64, L - 1, 131071],
                ],
                u_wraps=3,
                v_clips=2,
            )
        ],
    ),
    # The largest sum from the extremes of u: 2048 * -128 = -2**18, a << 6 = -2L, in steps 0 and 1, du = 0.
    # 0: 0 - 2L + 2L = 0, wraps. Neuron 1 has half of it: 0: -L -> L, wraps; 1: L - L = 0, no wrap.
    # Neuron 2, 2064 * 127 + 16 = 262144: 0: 2L - 2L = 0, 1: the same, both wrap.
    # Neuron 3, 131072 first and 262144 then: 0: L, kept; 1: L + 2L = 3L -> 3L - 2L = L, wraps.
    # (All inputs spike in both steps; the second half of them reaches neuron 3 with delay 1.)
    # dv = 4096: v = u, clipped at u = L: neuron 1 step 0, neuron 3 steps 0 and 1.
    case(
        "one correction is enough at the largest accumulation",
        [
            layer(
                [
                    [-128] * 2048 + [0] * 18,
                    [-128] * 1024 + [0] * 1042,
                    [127] * 2064 + [16, 0],
                    [127] * 1032 + [8] + [127] * 1032 + [8],
                ],
                [[0] * 2066, [0] * 2066, [0] * 2066, [0] * 1033 + [1] * 1033],
                du=HOLD,
                dv=FORGET,
            )
        ],
        [[1, 1]] * 2066,
        [
            state(
                u=[[0, 0], [L, 0], [0, 0], [L, L]],
                v=[[0, 0], [L - 1, 0], [0, 0], [L - 1, L - 1]],
                u_wraps=2 + 1 + 2 + 1,
                v_clips=1 + 2,
            )
        ],
    ),
    # bias = 4095 << 7 = 524160 and -4096 << 7 = -524288, dv = 0.
    # 16 * 524160 = 8386560 <= L - 1; the 17th step would make 8910720: clipped to L - 1, as is the 18th.
    # 16 * -524288 = -L, one too low: clipped to -(L - 1) in steps 15, 16 and 17.
    case(
        "v is clipped at both ends",
        [layer([[0], [0]], bias=[4095, -4096], bias_exp=7)],
        [[0] * 18],
        [
            state(
                u=[[0] * 18, [0] * 18],
                v=[
                    [524160 * n for n in range(1, 17)] + [L - 1, L - 1],
                    [-524288 * n for n in range(1, 16)] + [-(L - 1)] * 3,
                ],
                v_clips=2 + 3,
            )
        ],
    ),
    # The same bias in a layer with the largest threshold, 131071 << 6 = 8388544: step 15 has
    # 8386560, below; step 16 is clipped to 8388607, above: a spike, v = 0. Step 17: 524160.
    # Readout: one spike in step 16, 1 << 6.
    case(
        "the largest threshold is compared with the clipped v",
        [layer([[0]], bias=[4095], bias_exp=7, vth=131071), layer([[1]])],
        [[0] * 18],
        [
            state(
                u=[[0] * 18],
                v=[[524160 * n for n in range(1, 17)] + [0, 524160]],
                spikes=[[0] * 16 + [1, 0]],
                v_clips=1,
            ),
            state(u=[[0] * 16 + [64, 0]], v=[[0] * 16 + [64, 64]]),
        ],
    ),
    # Sample 0: arrivals at 0 + 1 and 1 + 1; the spike of step 2 is due at 3 = T, nowhere. u (du = 0):
    # 0, 64, 128; v (dv = 0): 0, 64, 192. Sample 1 is silent and starts from rest.
    # Sample 2 repeats sample 0.
    case(
        "nothing of one sample reaches the next",
        [layer([[1]], [[1]], du=HOLD, dv=HOLD)],
        [[[1, 1, 1]], [[0, 0, 0]], [[1, 1, 1]]],
        [
            state(
                u=[[[0, 64, 128]], [[0, 0, 0]], [[0, 64, 128]]],
                v=[[[0, 64, 192]], [[0, 0, 0]], [[0, 64, 192]]],
            )
        ],
    ),
    # Input 0, weight 3, delay 1: a payload of 5 in step 0 is 15 in step 1. Input 1, weight -2: -2 * 2 = -4 in
    # step 1, -2 * 200 = -400 in step 2. So a = 0, 11, -400 and u = 0, 704, -25600: a spike in step 1, which
    # has no payload: the readout gets 4 << 6 = 256 once.
    case(
        "the payload of an input event multiplies the weight",
        [layer([[3, -2]], [[1, 0]], dv=FORGET, vth=0), layer([[4]])],
        [[5, 0, 0], [0, 2, 200]],
        [
            state(u=[[0, 704, -25600]], v=[[0, 0, -25600]], spikes=[[0, 1, 0]]),
            state(u=[[0, 256, 0]], v=[[0, 256, 256]]),
        ],
        payload_max=200,
    ),
]


def named(name: str) -> GoldenCase:
    """The vector `name`, for a test that knows its shape: a new one may stand anywhere in the list."""
    return next(case for case in GOLDEN if case.name == name)
