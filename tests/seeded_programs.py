"""Faults seeded into what is emitted: ONNX graphs (in what writes them), the C program, the Lava program."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from faults import LAVA_GREATER_OR_EQUAL, bumped
from seeded import SYNAPSE, Fault, first_layer, rewritten, without

onnx = partial(rewritten, "onnxruntime", "targets/onnx/network.py")
onnx_synapses = partial(rewritten, "onnxruntime", "targets/onnx/synapses.py")
onnx_reference = partial(rewritten, "onnx-reference", "targets/onnx/network.py")
onnx_runner = partial(rewritten, "onnx-reference", "targets/onnx/executor.py")
c = partial(rewritten, "c", "snn.c")
lava_event = partial(rewritten, "lava-event", "lava_network.py", net="chip")
lava_synapses = partial(rewritten, "lava-event", "lava_processes/event.py", net="chip")
lava_stock = partial(rewritten, "lava-stock", "lava_network.py", net="chip")

FIRED = 'step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")'
RESET = 'step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")'
WRAPPED = 'step("Where", above, lowered, otherwise, name=f"{u}.after")'
CLIPPED_U = 'step("Min", step("Max", f"{u}.sum", "v_min", name=f"{u}.most"), "u_max", name=f"{u}.after")'
DELAY = "delay = np.take_along_axis(layer.delay, source, axis=1)"
WEIGHT = "weight = np.take_along_axis(layer.weight, source, axis=1)"
STEPS = "(int(layer.delay.max(initial=0, where=live)) + 1)"

JOINED = "np.concatenate([_output(batch, name, shape) for batch in batches])"

LOW_HALF = "(((size & 4095u) * keep) >> 12)"

DECLARED = "Builder = Callable[[list, np.ndarray, list, int, dict, str], Built]"
"""A line of `lava_network.py` after its imports."""

FAULTS = (
    onnx("compares v of the step before", "order-of-the-sums", (FIRED, FIRED.replace(".clipped", ".before"))),
    onnx(
        "the threshold lacks its shift",
        "threshold-scale",
        ("layer.threshold << formats.STATE_FRACTION_BITS", "layer.threshold"),
    ),
    onnx("no reset", "no-reset", (RESET, 'step("Identity", f"{v}.clipped", name=f"{v}.after")')),
    onnx("u is clipped, too", "wrap-saturates", (WRAPPED, CLIPPED_U)),
    onnx(
        "the bias of the neuron before",
        "biases-permuted",
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
        ("_output(batch, name, shape)", "_output(batch, name, shape)[..., ::-1]"),
    ),
    onnx_runner(
        "what is read is what the step before has left",
        "record-one-step-late",
        (JOINED, f"np.pad({JOINED}, ((0, 0), (1, 0), (0, 0)))[:, :-1]"),
    ),
    onnx_reference(
        "current without its shift",
        "current-scale",
        ("1 << formats.STATE_FRACTION_BITS", "1"),
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
    Fault("du is 1 more", "c", "decay-off-by-one", change=first_layer(decay_u=lambda du: du + 1)),
    c("the decay drops the lower half of its product", "decay-loses-low-bits", (f" + {LOW_HALF}", "")),
    c(
        "the decay's product in 32 bits",
        "decay-overflows",
        (f"(size >> 12) * keep + {LOW_HALF}", "(size * keep) >> 12"),
    ),
    c("u wraps below only", "no-wrap", ("u -= U_WRAP;", ";")),
    c("v is clipped below only", "no-clip", ("v = V_MAX;", ";")),
    c(
        "what has arrived is left in its row",
        "ring-not-cleared",
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
    lava_event(
        "samples follow each other before all spikes have arrived",
        None,
        ("gap = longest_delay(layers)", "gap = 1"),
    ),
    lava_stock(
        "weights in mixed sign mode are not doubled",
        "weights-lose-low-bit",
        ('2 * layer["weight"].astype(np.int32)', 'layer["weight"].astype(np.int32)'),
        ("weight_exp=-1", "weight_exp=0"),
    ),
    lava_synapses("delays read as 0", "delays-ignored", ("self.delays.T * neurons", "0 * self.delays.T")),
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
