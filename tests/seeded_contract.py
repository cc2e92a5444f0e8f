"""Faults seeded into the oracle that are easily taken for others: permutations, edges in time, widths."""

from __future__ import annotations

from functools import partial

import numpy as np
from seeded import Fault, first_layer, rewritten
from seeded_executors import DRIVEN, EVENTS, SENT

oracle = partial(rewritten, "oracle", "hwsim/oracle.py")

BIASES = "layer.bias_mant.tolist()"
SUM = "(a[i] << 6)"
ADD = "a[t + d][i] += w"
COUNT = "a = [[0] * layer.neurons for _ in range(steps)]"
FIRES = "v[i] > layer.threshold"
ARRIVES = """if t + d < steps:
    a[t + d][i] += w
"""
FULL = """busy[i] = [due for due in busy[i] if due >= t]
if len(busy[i]) == 6:
    continue
busy[i].append(t + d)
"""
HISTORY = """if j in [k for later in arriving[t + 1 : t + d] for k in later]:
    continue
"""


def exchanged(values: np.ndarray) -> np.ndarray:
    changed = np.array(values)
    changed[[2, 5]] = changed[[5, 2]]
    return changed


def biases(text: str, new: str, cause: str = "biases-permuted") -> Fault:
    return oracle(text, cause, (BIASES, new))


def sums(text: str, new: str, cause: str | None = "register-too-narrow") -> Fault:
    return oracle(text, cause, (SUM, new))


def payloads(text: str, new: str, cause: str | None = "payload-function") -> Fault:
    return oracle(text, cause, (EVENTS, EVENTS.replace("range(x)", f"range({new})")), net="payloads")


FAULTS = (
    biases("biases in rising order", "sorted(layer.bias_mant.tolist())"),
    biases("biases in reversed order", "layer.bias_mant.tolist()[::-1]"),
    Fault("two biases exchanged", "oracle", "biases-permuted", change=first_layer(bias_mant=exchanged)),
    biases(
        "mantissas of biases in 8 bits",
        "[(b + 128) % 256 - 128 for b in layer.bias_mant.tolist()]",
        "biases-changed",
    ),
    oracle(
        "the events of step 0 are lost",
        "first-step-missing",
        (EVENTS, EVENTS.replace("sample", "[[0] * graph.inputs, *sample[1:]]")),
    ),
    oracle(
        "the input comes two steps late",
        "input-shifted",
        (EVENTS, EVENTS.replace("sample", "[[0] * graph.inputs] * 2 + sample[:-2]")),
    ),
    oracle(
        "no input is read",
        "input-missing",
        (EVENTS, EVENTS.replace("sample", "[[0] * graph.inputs for _ in sample]")),
    ),
    oracle(
        "every second step of the input is lost",
        None,
        (EVENTS, EVENTS.replace("sample", "[[k * (t % 2) for k in r] for t, r in enumerate(sample)]")),
    ),
    oracle(
        "a sample gets the input of the one before",
        "input-of-the-sample-before",
        ("check_input(graph, spikes).tolist()", "np.roll(check_input(graph, spikes), 1, 0).tolist()"),
    ),
    payloads("a payload counts as its square", "x * x"),
    payloads("a payload counts as the number of its bits", "x.bit_length()"),
    payloads("a payload counts up to 2", "min(x, 2)"),
    payloads("a payload of 3 counts as 4", "x + (x == 3)", None),
    sums("the sum wraps in 8 bits", "(((a[i] + 128) % 256 - 128) << 6)"),
    sums("the sum stops at 8 bits", "(max(-128, min(127, a[i])) << 6)"),
    sums("the current wraps in 16 bits", "(((a[i] << 6) + (1 << 15)) % (1 << 16) - (1 << 15))"),
    sums("what arrives loses its sign", "(abs(a[i]) << 6)", None),
    oracle(
        "u wraps in 16 bits", "register-too-narrow", ("wrap24(x)", "(x + (1 << 15)) % (1 << 16) - (1 << 15)")
    ),
    oracle(
        "v stops at 16 bits", "register-too-narrow", ("clip(x)", "max(-(1 << 15), min((1 << 15) - 1, x))")
    ),
    oracle(
        "only two of the spikes that arrive in one step count",
        "counts-cut",
        (COUNT, COUNT + "\nseen = [[0] * layer.neurons for _ in range(steps)]"),
        (ADD, "seen[t + d][i] += 1\na[t + d][i] += w if seen[t + d][i] <= 2 else 0"),
    ),
    oracle(
        "a neuron's buffer holds six spikes",
        "buffer-too-short",
        (COUNT, f"busy: list[list[int]] = [[] for _ in range(layer.neurons)]\n{COUNT}"),
        (ARRIVES, FULL + ARRIVES),
    ),
    oracle(
        "a source's spike is lost when the next comes before it has arrived",
        "buffer-too-short",
        (ARRIVES, HISTORY + ARRIVES),
    ),
    oracle(
        "spikes of the longest delay are lost",
        "delayed-spikes-lost",
        ("t + d < steps", "d < 9 and t + d < steps"),
    ),
    oracle(
        "delays twice as long",
        "delays-mapped",
        ("delay[i][j]", "2 * delay[i][j]"),
    ),
    oracle(
        "the threshold is 10 less",
        "threshold-changed",
        ("int(layer.threshold) << 6", "int(layer.threshold) - 10 << 6"),
    ),
    oracle(
        "v loses its low bits before it is compared",
        "threshold-low-bits-ignored",
        (FIRES, "v[i] >> 6 > layer.threshold >> 6"),
    ),
    oracle("nothing fires", "never-fires", (FIRES, "v[i] > 1 << 24")),
    oracle(
        "fires below the threshold, too, where v is odd",
        None,
        (FIRES, "v[i] > layer.threshold - 640 * (v[i] % 2)"),
    ),
    oracle("du is 7 less", "decay-changed", ("int(layer.decay_u)", "int(layer.decay_u) - 7")),
    oracle(
        "every third spike is not sent",
        None,
        (SENT, "run_spikes.append([i for k, i in enumerate(fired) if k % 3 < 2])"),
    ),
    oracle("no reset and no bias", None, ("v[i] = 0", "pass"), (DRIVEN, "decay(v[i], layer.dv) + u[i]")),
)
