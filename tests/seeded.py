"""Faults seeded into executors and emitters, one a row of `docs/faults.md`.

A fault replaces exact text in the sources of what computes (or in the program that is emitted), or has the
emitter write another network. `tests/planting.py` plants them, `tests/test_verify_faults.py` runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from faults import LAVA_GREATER_OR_EQUAL, bumped, with_layer

from snnc.stages import QuantizedGraph

Edit = tuple[str, str, str]
Change = Callable[[QuantizedGraph], QuantizedGraph]

TORCH, ORACLE = "trainer/integer_model.py", "hwsim/oracle.py"
KERNELS, PROGRAM, LISTS = "hwsim/kernels.py", "hwsim/layer_program.py", "hwsim/bit_lists.py"
BITS = "hwsim/bit_kernel.py"
NETWORK, SYNAPSES, RUNNER = "targets/onnx/network.py", "targets/onnx/synapses.py", "targets/onnx/executor.py"
C, LAVA, EVENT = "snn.c", "lava_network.py", "lava_processes/event.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """`cause` is the name that a diagnosis should give it, None if it is no fault of the catalogue.

    `edits` (file, old text, new text) or `change`, of the graph that is run or emitted. `net` is a key of
    `planting.NETS`.
    """

    text: str
    where: str
    cause: str | None
    edits: tuple[Edit, ...] = ()
    change: Change | None = None
    net: str = "clauses"


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


TORCH_FAULTS = [
    Fault(
        "fires when v meets the threshold",
        "torch",
        "threshold-greater-or-equal",
        ((TORCH, "fired = v > (layer", "fired = v >= (layer"),),
    ),
    Fault(
        "decay by an arithmetic shift",
        "torch",
        "decay-rounds-down",
        (
            (
                TORCH,
                "torch.sign(x) * ((x.abs() * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)",
                "(x * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS",
            ),
        ),
    ),
    Fault(
        "the bias is its mantissa",
        "torch",
        "bias-exponent-ignored",
        ((TORCH, "layer.bias.astype", "layer.bias_mant.astype"),),
    ),
    Fault(
        "delays counted from 1",
        "torch",
        "delays-one-longer",
        ((TORCH, "layer.delay.astype(np.int64)", "(layer.delay + 1).astype(np.int64)"),),
    ),
    Fault(
        "v is clipped to -2^23 .. 2^23",
        "torch",
        "clip-boundary",
        ((TORCH, "clamp(-formats.V_LIMIT, formats.V_LIMIT)", "clamp(-formats.U_MAX, formats.U_MAX)"),),
    ),
]

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

ORACLE_FAULTS = [
    Fault(
        "fires when v meets the threshold",
        "oracle",
        "threshold-greater-or-equal",
        ((ORACLE, "v[i] > layer.threshold", "v[i] >= layer.threshold"),),
    ),
    Fault(
        "decay rounds a magnitude up",
        "oracle",
        "decay-rounds-away",
        ((ORACLE, "(abs(x) * (4096 - k)) >> 12", "-((-abs(x) * (4096 - k)) >> 12)"),),
    ),
    Fault(
        "decay rounds to the nearest",
        "oracle",
        "decay-rounds-to-nearest",
        ((ORACLE, "(abs(x) * (4096 - k)) >> 12", "(abs(x) * (4096 - k) + 2048) >> 12"),),
    ),
    Fault(
        "a spike takes the threshold from v",
        "oracle",
        "reset-by-subtraction",
        ((ORACLE, "v[i] = 0\n", "v[i] -= layer.threshold\n"),),
    ),
    Fault(
        "a spike resets u, too",
        "oracle",
        "reset-clears-current",
        ((ORACLE, "v[i] = 0\n", "u[i] = v[i] = 0\n"),),
    ),
    Fault(
        "v is recorded before the reset",
        "oracle",
        "v-before-reset",
        (
            (ORACLE, "fired = []", "fired, before = [], [0] * layer.neurons"),
            (ORACLE, "v[i] = clip(x)", "v[i] = before[i] = clip(x)"),
            (ORACLE, "run_v.append(v.copy())", "run_v.append(before)"),
        ),
    ),
    Fault(
        "v is reset in the step after a spike",
        "oracle",
        "reset-one-step-late",
        ((ORACLE, FIRE, FIRE_LATE), (ORACLE, REST, f"last: list[int] = []\n    {REST}")),
    ),
    Fault(
        "the bias acts from step 1 on",
        "oracle",
        "bias-one-step-late",
        ((ORACLE, "+ layer.bias[i]", "+ (layer.bias[i] if run_u else 0)"),),
    ),
    Fault(
        "v starts from the bias",
        "oracle",
        "bias-one-step-early",
        ((ORACLE, REST, REST.replace("u, v", "u, _") + "\n    v = list(layer.bias)"),),
    ),
    Fault(
        "v wraps as u does",
        "oracle",
        "v-wraps",
        ((ORACLE, "v[i] = clip(x)", "v[i] = wrap24(x)"),),
    ),
    Fault(
        "v is clipped one lower",
        "oracle",
        "clip-boundary",
        ((ORACLE, "limit = 2**23 - 1", "limit = 2**23 - 2"),),
    ),
    Fault(
        "u wraps at 2^23, not beyond",
        "oracle",
        "wrap-boundary",
        ((ORACLE, "if x > 2**23:", "if x >= 2**23:"),),
    ),
    Fault(
        "the input of the last step is lost",
        "oracle",
        "last-step-missing",
        ((ORACLE, EVENTS, "for row in [*sample[:-1], [0] * graph.inputs]]"),),
    ),
    Fault(
        "the input comes a step late",
        "oracle",
        "input-one-step-late",
        ((ORACLE, EVENTS, "for row in [[0] * graph.inputs, *sample[:-1]]]"),),
    ),
    Fault(
        "the input comes a step early",
        "oracle",
        "input-one-step-early",
        ((ORACLE, EVENTS, "for row in [*sample[1:], [0] * graph.inputs]]"),),
    ),
    Fault(
        "a sample starts from the state of the one before",
        "oracle",
        "state-survives-sample",
        (
            (ORACLE, REST, f"u, v = STATE.setdefault(id(layer), ({REST.removeprefix('u, v = ')}))"),
            (
                ORACLE,
                "SpikeTrain = list",
                "STATE: dict[int, tuple[list[int], list[int]]] = {}\nSpikeTrain = list",
            ),
        ),
    ),
    Fault(
        "a payload counts as one spike",
        "oracle",
        "payload-ignored",
        ((ORACLE, "for _ in range(x)]", "if x]"),),
        net="payloads",
    ),
    Fault(
        "one weight is 1 more",
        "oracle",
        "weight-changed",
        change=first_layer(weight=lambda weight: bumped(weight, SYNAPSE)),
    ),
]

HWSIM_FAULTS = [
    Fault(
        "decay by an arithmetic shift",
        "hwsim, events",
        "decay-rounds-down",
        (
            (
                KERNELS,
                "return np.int32(-kept) if x < 0 else kept",
                "return np.int32((np.int64(x) * np.int64(keep)) >> 12)",
            ),
        ),
    ),
    Fault(
        "decay gives a magnitude",
        "hwsim, events",
        "decay-loses-sign",
        ((KERNELS, "return np.int32(-kept) if x < 0 else kept", "return kept"),),
    ),
    Fault(
        "u never wraps",
        "hwsim, events",
        "no-wrap",
        ((KERNELS, "np.int32((below - above) * U_WRAP)", "np.int32(0)"),),
    ),
    Fault(
        "-2^23 does not wrap",
        "hwsim, events",
        "wrap-boundary",
        ((KERNELS, "np.int32(-(1 << 23) + 1)", "np.int32(-(1 << 23))"),),
    ),
    Fault(
        "v is never clipped",
        "hwsim, events",
        "no-clip",
        ((KERNELS, "np.int32(min(max(v, -V_LIMIT), V_LIMIT))", "v"),),
    ),
    Fault(
        "no delay above 4",
        "hwsim, events",
        "delays-clipped",
        ((KERNELS, "d * neurons + i", "min(d, 4) * neurons + i"),),
    ),
    Fault(
        "of the spikes that arrive in one step the last remains",
        "hwsim, events",
        "spikes-merged",
        ((KERNELS, "rest[offsets[k]] += weights[k]\n", "rest[offsets[k]] = weights[k]\n"),),
    ),
    Fault(
        "the spikes of the last source are lost",
        "hwsim, events",
        None,
        ((KERNELS, "for j in range(len(sources)):", "for j in range(len(sources) - 1):"),),
    ),
    Fault(
        "decays of u and v exchanged",
        "hwsim, events",
        "decays-swapped",
        (
            (PROGRAM, "formats.DECAY_ONE - layer.decay_u)", "formats.DECAY_ONE - layer.decay_w)"),
            (PROGRAM, "formats.DECAY_ONE - layer.decay_v)", "formats.DECAY_ONE - layer.decay_u)"),
            (PROGRAM, "formats.DECAY_ONE - layer.decay_w)", "formats.DECAY_ONE - layer.decay_v)"),
        ),
    ),
    Fault(
        "takes the loop that keeps no u and has no limits",
        "hwsim, events",
        None,
        ((PROGRAM, "self._plain = _never_saturates(layer, payload_max)", "self._plain = True"),),
    ),
    Fault(
        "payloads above 1 are delivered as bits",
        "hwsim, bits",
        None,
        ((PROGRAM, "self._graded or ", ""),),
        net="payloads",
    ),
    Fault(
        "what arrives is written out a step late",
        "hwsim, bits",
        "delays-one-longer",
        ((BITS, "= tile[n, 8 * t + b]", "= tile[n, 8 * (t - 1) + b] if t else 0"),),
    ),
    Fault(
        "trains are read a step too late",
        "hwsim, bits",
        "delays-one-shorter",
        ((LISTS, "+ before - delay[i, j]", "+ before - max(delay[i, j] - 1, 0)"),),
    ),
    Fault(
        "powers of two are added and subtracted the wrong way",
        "hwsim, bits",
        "weights-negated",
        ((LISTS, "if weight > 0 else", "if weight < 0 else"),),
    ),
    Fault(
        "the correction of inverted trains is twice what it should be",
        "hwsim, bits",
        None,
        ((LISTS, "sign * (k - first) << p", "sign * (k - first) << (p + 1)"),),
    ),
]

FIRED = 'step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")'
RESET = 'step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")'
WRAPPED = 'step("Where", above, lowered, otherwise, name=f"{u}.after")'
CLIPPED_U = 'step("Min", step("Max", f"{u}.sum", "v_min", name=f"{u}.most"), "u_max", name=f"{u}.after")'
DELAY = "delay = np.take_along_axis(layer.delay, source, axis=1)"
WEIGHT = "weight = np.take_along_axis(layer.weight, source, axis=1)"
STEPS = "(int(layer.delay.max(initial=0, where=live)) + 1)"

ONNX_FAULTS = [
    Fault(
        "compares v of the step before",
        "onnxruntime",
        None,
        ((NETWORK, FIRED, FIRED.replace(".clipped", ".before")),),
    ),
    Fault(
        "the threshold lacks its shift",
        "onnxruntime",
        "threshold-scale",
        ((NETWORK, "layer.threshold << formats.STATE_FRACTION_BITS", "layer.threshold"),),
    ),
    Fault(
        "no reset",
        "onnxruntime",
        "no-reset",
        ((NETWORK, RESET, 'step("Identity", f"{v}.clipped", name=f"{v}.after")'),),
    ),
    Fault(
        "u is clipped, too",
        "onnxruntime",
        "wrap-saturates",
        ((NETWORK, WRAPPED, CLIPPED_U),),
    ),
    Fault(
        "the bias of the neuron before",
        "onnxruntime",
        "bias-of-neighbour",
        ((NETWORK, "layer.bias[:, None]", "np.roll(layer.bias, 1)[:, None]"),),
    ),
    Fault(
        "the bias lacks its exponent",
        "onnxruntime",
        "bias-exponent-ignored",
        ((NETWORK, "layer.bias[:, None]", "layer.bias_mant[:, None]"),),
    ),
    Fault(
        "history of one step more",
        "onnxruntime",
        "delays-one-longer",
        (
            (SYNAPSES, DELAY, DELAY.replace("= np", "= 1 + np")),
            (SYNAPSES, STEPS, STEPS.replace("1)", "2)")),
        ),
    ),
    Fault(
        "delays of the neurons in reversed order",
        "onnxruntime",
        "delays-transposed",
        ((SYNAPSES, DELAY, DELAY.replace("layer.delay", "layer.delay[::-1]")),),
    ),
    Fault(
        "weights of seven bits",
        "onnxruntime",
        "weights-clipped",
        ((SYNAPSES, WEIGHT, WEIGHT.replace("layer.weight", "np.clip(layer.weight, -64, 63)")),),
    ),
    Fault(
        "neurons in reversed order",
        "onnx-reference",
        "neurons-permuted",
        ((RUNNER, "name, shape) for batch in batches])", "name, shape)[..., ::-1] for batch in batches])"),),
    ),
    Fault(
        "current without its shift",
        "onnx-reference",
        "current-scale",
        ((NETWORK, '"state_one": 1 << formats.STATE_FRACTION_BITS', '"state_one": 1'),),
    ),
]

C_FAULTS = [
    Fault("no reset", "c", "no-reset", ((C, "s->v[n] = 0;", ";"),)),
    Fault(
        "a spike resets u, too", "c", "reset-clears-current", ((C, "s->v[n] = 0;", "s->v[n] = s->u[n] = 0;"),)
    ),
    Fault("delays read as 0", "c", "delays-ignored", ((C, "now + delay", "now + 0 * delay"),)),
    Fault(
        "delays modulo 4",
        "c",
        "ring-too-short",
        tuple((C, f"delay{index}[k];", f"delay{index}[k] % 4u;") for index in range(3)),
    ),
    Fault("no bias", "c", "bias-missing", ((C, " + u + bias;", " + u + 0 * bias;"),)),
    Fault("the current is shifted by 5", "c", "current-scale", ((C, "a * 64", "a * 32"),)),
    Fault(
        "decays of u and v exchanged",
        "c",
        "decays-swapped",
        ((C, "uint32_t keep_u, uint32_t keep_v", "uint32_t keep_v, uint32_t keep_u"),),
    ),
    Fault("u wraps below only", "c", "no-wrap", ((C, "u -= U_WRAP;", ";"),)),
    Fault("v is clipped below only", "c", "no-clip", ((C, "v = V_MAX;", ";"),)),
    Fault(
        "what has arrived is left in its row",
        "c",
        None,
        tuple((C, f"s->sum{index}[now][i] = 0;", ";") for index in range(3)),
    ),
    Fault(
        "nothing is set to zero before a sample",
        "c",
        "state-survives-sample",
        ((C, "*byte++ = 0;", "byte++;"),),
    ),
    Fault(
        "payloads count as one",
        "c",
        "payload-ignored",
        ((C, " * (int32_t)events[j]", ""),),
        net="payloads",
    ),
    Fault("one synapse is not written", "c", "synapse-missing", change=first_layer(weight=without)),
    Fault(
        "one delay is 1 more",
        "c",
        "delay-changed",
        change=first_layer(delay=lambda delay: bumped(delay, SYNAPSE)),
    ),
]

DECLARED = "Builder = Callable"

LAVA_FAULTS = [
    Fault(
        "LIFReset fires when v meets the threshold",
        "lava-event",
        "threshold-greater-or-equal",
        ((LAVA, DECLARED, f"{LAVA_GREATER_OR_EQUAL}\n{DECLARED}"),),
        net="chip",
    ),
    Fault(
        "weights in mixed sign mode are not doubled",
        "lava-stock",
        "weights-lose-low-bit",
        (
            (LAVA, 'weights=2 * layer["weight"]', 'weights=layer["weight"]'),
            (LAVA, "weight_exp=-1", "weight_exp=0"),
        ),
        net="chip",
    ),
    Fault(
        "delays read as 0",
        "lava-event",
        "delays-ignored",
        ((EVENT, "(self.delays.T * neurons", "(0 * self.delays.T"),),
        net="chip",
    ),
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
]

FAULTS = (*TORCH_FAULTS, *ORACLE_FAULTS, *HWSIM_FAULTS, *ONNX_FAULTS, *C_FAULTS, *LAVA_FAULTS)
