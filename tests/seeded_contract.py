"""Faults seeded into the oracle that are easily taken for others: permutations, edges in time, widths."""

from __future__ import annotations

from functools import partial

import numpy as np
from seeded import Fault, first_layer, rewritten
from seeded_executors import ADD, ARRIVES, DRIVEN, EVENTS, FIRES, ROW, SENT, START

oracle = partial(rewritten, "oracle", "hwsim/oracle.py")

BIASES = "_shifted(p.bias_mant, p.bias_exp)"
SUM = "(a << 6)"
CUT = """here = projection.destination, t + delay, i
seen[here] = seen.get(here, 0) + 1
a[t + delay][i] += weight if seen[here] <= 2 else 0
"""
FULL = """here = projection.destination, i
busy[here] = [due for due in busy.get(here, []) if due >= t]
if len(busy[here]) == 6:
    continue
busy[here].append(t + delay)
"""
HISTORY = """here = projection.destination, j, i
if t < due.get(here, 0) < net.steps:
    a[due[here]][i] -= weight
due[here] = t + delay
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
    return oracle(text, cause, (ROW, ROW.replace("range(x)", f"range({new})")), net="payloads")


FAULTS = (
    biases("biases in rising order", f"sorted({BIASES})"),
    biases("biases in reversed order", f"{BIASES}[::-1]"),
    Fault("two biases exchanged", "oracle", "biases-permuted", change=first_layer(bias_mant=exchanged)),
    biases(
        "mantissas of biases in 8 bits",
        f"[((b >> p.bias_exp) + 128) % 256 - 128 << p.bias_exp for b in {BIASES}]",
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
    sums("the sum wraps in 8 bits", "(((a + 128) % 256 - 128) << 6)"),
    sums("the sum stops at 8 bits", "(max(-128, min(127, a)) << 6)"),
    sums("the current wraps in 16 bits", "(((a << 6) + (1 << 15)) % (1 << 16) - (1 << 15))"),
    sums("what arrives loses its sign", "(abs(a) << 6)", None),
    oracle(
        "u wraps in 16 bits", "register-too-narrow", ("wrap24(x)", "(x + (1 << 15)) % (1 << 16) - (1 << 15)")
    ),
    oracle(
        "v stops at 16 bits", "register-too-narrow", ("clip(x)", "max(-(1 << 15), min((1 << 15) - 1, x))")
    ),
    oracle(
        "only two of the spikes that arrive in one step count",
        "counts-cut",
        (START, f"{START}\nseen: dict[tuple[str, int, int], int] = {{}}"),
        (ADD, CUT),
    ),
    oracle(
        "a neuron's buffer holds six spikes",
        "buffer-too-short",
        (START, f"{START}\nbusy: dict[tuple[str, int], list[int]] = {{}}"),
        (ARRIVES, FULL + ARRIVES),
    ),
    oracle(
        "a source's spike is lost when the next comes before it has arrived",
        "buffer-too-short",
        (START, f"{START}\ndue: dict[tuple[str, int, int], int] = {{}}"),
        (ARRIVES, HISTORY + ARRIVES),
    ),
    oracle(
        "spikes of the longest delay are lost",
        "delayed-spikes-lost",
        ("t + delay < net.steps", "delay < 9 and t + delay < net.steps"),
    ),
    oracle(
        "delays twice as long",
        "delays-mapped",
        ("(i, weight << projection.weight_exp, delay)", "(i, weight << projection.weight_exp, 2 * delay)"),
    ),
    oracle(
        "the threshold is 10 less",
        "threshold-changed",
        ("_shifted(p.threshold, 6)", "_shifted(p.threshold - 10, 6)"),
    ),
    oracle(
        "v loses its low bits before it is compared",
        "threshold-low-bits-ignored",
        (FIRES, "v[i] >> 6 > p.threshold[i] >> 6"),
    ),
    oracle("nothing fires", "never-fires", (FIRES, "v[i] > 1 << 24")),
    oracle(
        "fires below the threshold, too, where v is odd",
        None,
        (FIRES, "v[i] > p.threshold[i] - 640 * (v[i] % 2)"),
    ),
    oracle("du is 7 less", "decay-changed", ("p.decay_u.tolist()", "(p.decay_u - 7).tolist()")),
    oracle(
        "every third spike is not sent",
        None,
        (SENT, f"fired = [i for k, i in enumerate(fired) if k % 3 < 2]\n{SENT}"),
    ),
    oracle(
        "no reset and no bias", None, ("v[i] = 0", "pass"), (DRIVEN, "decay(v[i], p.dv[i]) + u[i] - adapted")
    ),
)
