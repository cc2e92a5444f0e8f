"""Faults seeded into what is emitted: ONNX graphs (in what writes them), the C program, the Lava program."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from faults import LAVA_GREATER_OR_EQUAL, bumped
from program_edits import NEURONS, ONNX, SYNAPSES, WRAPPED, C
from seeded import SYNAPSE, Fault, first_layer, rewritten, without

onnx_neurons = partial(rewritten, "onnxruntime", NEURONS)
onnx_synapses = partial(rewritten, "onnxruntime", SYNAPSES)
onnx_runner = partial(rewritten, "onnx-reference", "targets/onnx/executor.py")
c = partial(rewritten, "c", "snn.c")
lava_event = partial(rewritten, "lava-event", "lava_network.py", net="chip")
lava_synapses = partial(rewritten, "lava-event", "lava_processes/event.py", net="chip")
lava_stock = partial(rewritten, "lava-stock", "lava_network.py", net="chip")

CLIPPED_U = 'step("Min", step("Max", f"{u}.sum", "v_min", name=f"{u}.most"), "u_max", name=f"{u}.after")'
WEIGHT = "synapses.weight[post, pre]"

JOINED = "np.concatenate([_output(batch, name, shape) for batch in batches])"


DECLARED = "Builder = Callable[[list, np.ndarray, list, int, dict, str], Built]"
"""A line of `lava_network.py` after its imports."""


def onnx(text: str, cause: str, edits: str, where: str = "onnxruntime") -> Fault:
    return Fault(text, where, cause, tuple(ONNX[edits]))


FAULTS = (
    onnx("compares v of the step before", "order-of-the-sums", "compares v of the step before"),
    onnx("the threshold lacks its shift", "threshold-scale", "threshold without its shift"),
    onnx("no reset", "no-reset", "does not reset"),
    onnx_neurons("u is clipped, too", "wrap-saturates", (WRAPPED, CLIPPED_U)),
    onnx_neurons(
        "the bias of the neuron before",
        "biases-permuted",
        ("population.bias[:, None]", "np.roll(population.bias, 1)[:, None]"),
    ),
    onnx("the bias lacks its exponent", "bias-exponent-ignored", "bias without its exponent"),
    onnx("history of one step more", "delays-one-longer", "one step later"),
    onnx("delays of the neurons in reversed order", "delays-transposed", "delays of the wrong synapse"),
    onnx_synapses(
        "weights of seven bits",
        "weights-clipped",
        (WEIGHT, WEIGHT.replace("synapses.weight", "np.clip(synapses.weight, -64, 63)")),
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
    onnx("current without its shift", "current-scale", "current without its shift", "onnx-reference"),
    c("no reset", "no-reset", C["no reset"]),
    c("a spike resets u, too", "reset-clears-current", C["the reset takes the current too"]),
    c("delays read as 0", "delays-ignored", C["delays are lost"]),
    c(
        "delays modulo 4",
        "ring-too-short",
        *((f"delay{index}[k];", f"delay{index}[k] % 4u;") for index in range(3)),
    ),
    c("no bias", "bias-missing", C["no bias"]),
    c("the current is shifted by 5", "current-scale", C["weights are shifted by 5"]),
    c("decays of u and v exchanged", "decays-swapped", C["decays of u and v are exchanged"]),
    Fault("du is 1 more", "c", "decay-off-by-one", change=first_layer(decay_u=lambda du: du + 1)),
    c("the decay drops the lower half of its product", "decay-loses-low-bits", C["decay loses the low half"]),
    c("the decay's product in 32 bits", "decay-overflows", C["decay overflows"]),
    c("u wraps below only", "no-wrap", C["no wrap above"]),
    c("v is clipped below only", "no-clip", C["no clip above"]),
    c(
        "what has arrived is left in its row",
        "ring-not-cleared",
        *((f"s->sum{index}[now][i] = 0;", ";") for index in range(3)),
    ),
    c("nothing is set to zero before a sample", "state-survives-sample", C["state survives a sample"]),
    c("payloads count as one", "payload-ignored", C["payloads count as one"], net="payloads"),
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
        change=lambda graph: graph.with_layers(
            replace(layer, decay_u=layer.decay_v, decay_v=layer.decay_u) for layer in graph.layers
        ),
        net="chip",
    ),
)
