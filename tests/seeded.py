"""Faults seeded into executors and emitters, one a row of `docs/faults.md`.

A fault replaces exact text in the sources of what computes (or in the program that is emitted), or has the
emitter write another network. `tests/planting.py` plants them, `tests/test_verify_faults.py` runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from faults import LAVA_GREATER_OR_EQUAL, bumped, with_layer

from snnc.stages import QuantizedGraph

Change = Callable[[QuantizedGraph], QuantizedGraph]


@dataclass(frozen=True, slots=True)
class Fault:
    """`cause` is the name that a diagnosis should give it, None if it is no fault of the catalogue.

    `edits` (file, old text, new text) or `change`, of the graph that is run or emitted. `net` is a key of
    `planting.nets()`.
    """

    text: str
    where: str
    cause: str | None
    edits: tuple[tuple[str, str, str], ...] = ()
    change: Change | None = None
    net: str = "clauses"


def edited(
    where: str, file: str, text: str, cause: str | None, *pairs: tuple[str, str], net: str = "clauses"
) -> Fault:
    """A fault of `where` that replaces text of `file`, (old, new)."""
    return Fault(text, where, cause, tuple((file, *pair) for pair in pairs), net=net)


torch = partial(edited, "torch", "trainer/integer_model.py")
oracle = partial(edited, "oracle", "hwsim/oracle.py")
events = partial(edited, "hwsim, events", "hwsim/kernels.py")
events_layer = partial(edited, "hwsim, events", "hwsim/layer_program.py")
bits = partial(edited, "hwsim, bits", "hwsim/bit_kernel.py")
bits_lists = partial(edited, "hwsim, bits", "hwsim/bit_lists.py")
bits_layer = partial(edited, "hwsim, bits", "hwsim/layer_program.py")
onnx = partial(edited, "onnxruntime", "targets/onnx/network.py")
onnx_synapses = partial(edited, "onnxruntime", "targets/onnx/synapses.py")
onnx_reference = partial(edited, "onnx-reference", "targets/onnx/network.py")
onnx_runner = partial(edited, "onnx-reference", "targets/onnx/executor.py")
c = partial(edited, "c", "snn.c")
lava_event = partial(edited, "lava-event", "lava_network.py", net="chip")
lava_synapses = partial(edited, "lava-event", "lava_processes/event.py", net="chip")
lava_stock = partial(edited, "lava-stock", "lava_network.py", net="chip")
"""Those that are emitted, `snn.c` and Lava's, are edited in the artifact."""


def first_layer(**fields: Callable[[Any], Any]) -> Change:
    """Change fields of the first layer: name of a field -> what becomes of its value."""
    return lambda graph: with_layer(
        graph, 0, **{name: made(getattr(graph.layers[0], name)) for name, made in fields.items()}
    )


SYNAPSE = (4, 2)
"""Neuron and input of the synapse of the first layer that is changed."""


def without(array: np.ndarray) -> np.ndarray:
    changed = np.array(array)
    changed[SYNAPSE] = 0
    return changed


FIRE = """            if layer.threshold is not None and v[i] > layer.threshold:
                fired.append(i)
                v[i] = 0
"""
FIRE_LATE = """            if layer.threshold is not None and v[i] > layer.threshold:
                fired.append(i)
            if i in last:
                v[i] = 0
        last = fired
"""
REST = "u, v = [0] * layer.neurons, [0] * layer.neurons"
EVENTS = "for row in sample]"

FIRED = 'step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")'
RESET = 'step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")'
WRAPPED = 'step("Where", above, lowered, otherwise, name=f"{u}.after")'
CLIPPED_U = 'step("Min", step("Max", f"{u}.sum", "v_min", name=f"{u}.most"), "u_max", name=f"{u}.after")'
DELAY = "delay = np.take_along_axis(layer.delay, source, axis=1)"
WEIGHT = "weight = np.take_along_axis(layer.weight, source, axis=1)"
STEPS = "(int(layer.delay.max(initial=0, where=live)) + 1)"

DECLARED = "Builder = Callable"
"""A line of `lava_network.py` after its imports."""

FAULTS = (
    torch(
        "fires when v meets the threshold",
        "threshold-greater-or-equal",
        ("fired = v > (layer", "fired = v >= (layer"),
    ),
    torch(
        "decay by an arithmetic shift",
        "decay-rounds-down",
        (
            "torch.sign(x) * ((x.abs() * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)",
            "(x * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS",
        ),
    ),
    torch(
        "the bias is its mantissa", "bias-exponent-ignored", ("layer.bias.astype", "layer.bias_mant.astype")
    ),
    torch(
        "delays counted from 1",
        "delays-one-longer",
        ("layer.delay.astype(np.int64)", "(layer.delay + 1).astype(np.int64)"),
    ),
    torch(
        "v is clipped to -2^23 .. 2^23",
        "clip-boundary",
        ("clamp(-formats.V_LIMIT, formats.V_LIMIT)", "clamp(-formats.U_MAX, formats.U_MAX)"),
    ),
    oracle(
        "fires when v meets the threshold",
        "threshold-greater-or-equal",
        ("v[i] > layer.threshold", "v[i] >= layer.threshold"),
    ),
    oracle(
        "decay rounds a magnitude up",
        "decay-rounds-away",
        ("(abs(x) * (4096 - k)) >> 12", "-((-abs(x) * (4096 - k)) >> 12)"),
    ),
    oracle(
        "decay rounds to the nearest",
        "decay-rounds-to-nearest",
        ("(abs(x) * (4096 - k)) >> 12", "(abs(x) * (4096 - k) + 2048) >> 12"),
    ),
    oracle(
        "a spike takes the threshold from v",
        "reset-by-subtraction",
        ("v[i] = 0\n", "v[i] -= layer.threshold\n"),
    ),
    oracle("a spike resets u, too", "reset-clears-current", ("v[i] = 0\n", "u[i] = v[i] = 0\n")),
    oracle(
        "v is recorded before the reset",
        "v-before-reset",
        ("fired = []", "fired, before = [], [0] * layer.neurons"),
        ("v[i] = clip(x)", "v[i] = before[i] = clip(x)"),
        ("run_v.append(v.copy())", "run_v.append(before)"),
    ),
    oracle(
        "v is reset in the step after a spike",
        "reset-one-step-late",
        (FIRE, FIRE_LATE),
        (REST, f"last: list[int] = []\n    {REST}"),
    ),
    oracle(
        "the bias acts from step 1 on",
        "bias-one-step-late",
        ("+ layer.bias[i]", "+ (layer.bias[i] if run_u else 0)"),
    ),
    oracle(
        "v starts from the bias",
        "bias-one-step-early",
        (REST, REST.replace("u, v", "u, _") + "\n    v = list(layer.bias)"),
    ),
    oracle("v wraps as u does", "v-wraps", ("v[i] = clip(x)", "v[i] = wrap24(x)")),
    oracle("v is clipped one lower", "clip-boundary", ("limit = 2**23 - 1", "limit = 2**23 - 2")),
    oracle("u wraps at 2^23, not beyond", "wrap-boundary", ("if x > 2**23:", "if x >= 2**23:")),
    oracle(
        "the input of the last step is lost",
        "last-step-missing",
        (EVENTS, "for row in [*sample[:-1], [0] * graph.inputs]]"),
    ),
    oracle(
        "the input comes a step late",
        "input-one-step-late",
        (EVENTS, "for row in [[0] * graph.inputs, *sample[:-1]]]"),
    ),
    oracle(
        "the input comes a step early",
        "input-one-step-early",
        (EVENTS, "for row in [*sample[1:], [0] * graph.inputs]]"),
    ),
    oracle(
        "a sample starts from the state of the one before",
        "state-survives-sample",
        (REST, f"u, v = STATE.setdefault(id(layer), ({REST.removeprefix('u, v = ')}))"),
        ("SpikeTrain = list", "STATE: dict[int, tuple[list[int], list[int]]] = {}\nSpikeTrain = list"),
    ),
    oracle(
        "a payload counts as one spike", "payload-ignored", ("for _ in range(x)]", "if x]"), net="payloads"
    ),
    Fault(
        "one weight is 1 more",
        "oracle",
        "weight-changed",
        change=first_layer(weight=lambda weight: bumped(weight, SYNAPSE)),
    ),
    events(
        "decay by an arithmetic shift",
        "decay-rounds-down",
        (
            "return np.int32(-kept) if x < 0 else kept",
            "return np.int32((np.int64(x) * np.int64(keep)) >> 12)",
        ),
    ),
    events(
        "decay gives a magnitude",
        "decay-loses-sign",
        ("return np.int32(-kept) if x < 0 else kept", "return kept"),
    ),
    events("u never wraps", "no-wrap", ("np.int32((below - above) * U_WRAP)", "np.int32(0)")),
    events("-2^23 does not wrap", "wrap-boundary", ("np.int32(-(1 << 23) + 1)", "np.int32(-(1 << 23))")),
    events("v is never clipped", "no-clip", ("np.int32(min(max(v, -V_LIMIT), V_LIMIT))", "v")),
    events("no delay above 4", "delays-clipped", ("d * neurons + i", "min(d, 4) * neurons + i")),
    events(
        "of the spikes that arrive in one step the last remains",
        "spikes-merged",
        ("rest[offsets[k]] += weights[k]\n", "rest[offsets[k]] = weights[k]\n"),
    ),
    events(
        "the spikes of the last source are lost",
        None,
        ("for j in range(len(sources)):", "for j in range(len(sources) - 1):"),
    ),
    events_layer(
        "decays of u and v exchanged",
        "decays-swapped",
        ("self._bias, self._keep_u, self._keep_v", "self._bias, self._keep_v, self._keep_u"),
    ),
    events_layer(
        "takes the loop that keeps no u and has no limits",
        None,
        ("self._plain = _never_saturates(layer, payload_max)", "self._plain = True"),
    ),
    bits_layer("payloads above 1 are delivered as bits", None, ("self._graded or ", ""), net="payloads"),
    bits(
        "what arrives is written out a step late",
        "delays-one-longer",
        ("= tile[n, 8 * t + b]", "= tile[n, 8 * (t - 1) + b] if t else 0"),
    ),
    bits_lists(
        "trains are read a step too late",
        "delays-one-shorter",
        ("+ before - delay[i, j]", "+ before - max(delay[i, j] - 1, 0)"),
    ),
    bits_lists(
        "powers of two are added and subtracted the wrong way",
        "weights-negated",
        ("if weight > 0 else", "if weight < 0 else"),
    ),
    bits_lists(
        "the correction of inverted trains is twice what it should be",
        None,
        ("sign * (k - first) << p", "sign * (k - first) << (p + 1)"),
    ),
    onnx("compares v of the step before", None, (FIRED, FIRED.replace(".clipped", ".before"))),
    onnx(
        "the threshold lacks its shift",
        "threshold-scale",
        ("layer.threshold << formats.STATE_FRACTION_BITS", "layer.threshold"),
    ),
    onnx("no reset", "no-reset", (RESET, 'step("Identity", f"{v}.clipped", name=f"{v}.after")')),
    onnx("u is clipped, too", "wrap-saturates", (WRAPPED, CLIPPED_U)),
    onnx(
        "the bias of the neuron before",
        "bias-of-neighbour",
        ("layer.bias[:, None]", "np.roll(layer.bias, 1)[:, None]"),
    ),
    onnx(
        "the bias lacks its exponent",
        "bias-exponent-ignored",
        ("layer.bias[:, None]", "layer.bias_mant[:, None]"),
    ),
    onnx_synapses(
        "history of one step more",
        "delays-one-longer",
        (DELAY, DELAY.replace("= np", "= 1 + np")),
        (STEPS, STEPS.replace("1)", "2)")),
    ),
    onnx_synapses(
        "delays of the neurons in reversed order",
        "delays-transposed",
        (DELAY, DELAY.replace("layer.delay", "layer.delay[::-1]")),
    ),
    onnx_synapses(
        "weights of seven bits",
        "weights-clipped",
        (WEIGHT, WEIGHT.replace("layer.weight", "np.clip(layer.weight, -64, 63)")),
    ),
    onnx_runner(
        "neurons in reversed order",
        "neurons-permuted",
        ("name, shape) for batch in batches])", "name, shape)[..., ::-1] for batch in batches])"),
    ),
    onnx_reference(
        "current without its shift",
        "current-scale",
        ('"state_one": 1 << formats.STATE_FRACTION_BITS', '"state_one": 1'),
    ),
    c("no reset", "no-reset", ("s->v[n] = 0;", ";")),
    c("a spike resets u, too", "reset-clears-current", ("s->v[n] = 0;", "s->v[n] = s->u[n] = 0;")),
    c("delays read as 0", "delays-ignored", ("now + delay", "now + 0 * delay")),
    c(
        "delays modulo 4",
        "ring-too-short",
        *((f"delay{index}[k];", f"delay{index}[k] % 4u;") for index in range(3)),
    ),
    c("no bias", "bias-missing", (" + u + bias;", " + u + 0 * bias;")),
    c("the current is shifted by 5", "current-scale", ("a * 64", "a * 32")),
    c(
        "decays of u and v exchanged",
        "decays-swapped",
        ("uint32_t keep_u, uint32_t keep_v", "uint32_t keep_v, uint32_t keep_u"),
    ),
    c("u wraps below only", "no-wrap", ("u -= U_WRAP;", ";")),
    c("v is clipped below only", "no-clip", ("v = V_MAX;", ";")),
    c(
        "what has arrived is left in its row",
        None,
        *((f"s->sum{index}[now][i] = 0;", ";") for index in range(3)),
    ),
    c("nothing is set to zero before a sample", "state-survives-sample", ("*byte++ = 0;", "byte++;")),
    c("payloads count as one", "payload-ignored", (" * (int32_t)events[j]", ""), net="payloads"),
    Fault("one synapse is not written", "c", "synapse-missing", change=first_layer(weight=without)),
    Fault(
        "one delay is 1 more",
        "c",
        "delay-changed",
        change=first_layer(delay=lambda delay: bumped(delay, SYNAPSE)),
    ),
    lava_event(
        "LIFReset fires when v meets the threshold",
        "threshold-greater-or-equal",
        (DECLARED, f"{LAVA_GREATER_OR_EQUAL}\n{DECLARED}"),
    ),
    lava_stock(
        "weights in mixed sign mode are not doubled",
        "weights-lose-low-bit",
        ('weights=2 * layer["weight"]', 'weights=layer["weight"]'),
        ("weight_exp=-1", "weight_exp=0"),
    ),
    lava_synapses("delays read as 0", "delays-ignored", ("(self.delays.T * neurons", "(0 * self.delays.T")),
    Fault(
        "the threshold's register is 1 more",
        "lava-stock",
        "threshold-off-by-one",
        change=first_layer(threshold=lambda threshold: threshold + 1),
        net="chip",
    ),
    Fault(
        "decay constants in each other's field",
        "netx",
        "decays-swapped",
        change=lambda graph: replace(
            graph,
            layers=tuple(
                replace(layer, decay_u=layer.decay_v, decay_v=layer.decay_u) for layer in graph.layers
            ),
        ),
        net="chip",
    ),
)
