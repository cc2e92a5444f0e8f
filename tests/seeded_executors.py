"""Faults seeded into the integer PyTorch model, the oracle and both kernels of the simulator."""

from __future__ import annotations

from functools import partial

from edits import Edit
from faults import bumped
from seeded import SYNAPSE, Fault, first_layer, rewritten

torch_neurons = partial(rewritten, "torch", "trainer/integer_population.py")
torch_synapses = partial(rewritten, "torch", "trainer/integer_projection.py")
oracle = partial(rewritten, "oracle", "hwsim/oracle.py")
events = partial(rewritten, "hwsim, events", "hwsim/kernels.py")
events_layer = partial(rewritten, "hwsim, events", "hwsim/layer_program.py")
bits = partial(rewritten, "hwsim, bits", "hwsim/bit_kernel.py")
bits_lists = partial(rewritten, "hwsim, bits", "hwsim/bit_lists.py")
bits_layer = partial(rewritten, "hwsim, bits", "hwsim/layer_program.py")

TORCH_FIRES = "v > self.threshold"
TORCH_DECAY = "torch.sign(x) * ((x.abs() * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)"
TORCH_FLOOR = "(x * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS"
KERNEL_DECAY = "return np.int32(-kept) if x < 0 else kept"
KERNEL_FLOOR = "return np.int32((np.int64(x) * np.int64(keep)) >> 12)"
FIRE = """if layer.threshold is not None and v[i] > layer.threshold:
    fired.append(i)
    v[i] = 0
"""
FIRE_LATE = """if layer.threshold is not None and v[i] > layer.threshold:
    fired.append(i)
if i in last[-1]:
    v[i] = 0
"""
REST = "u, v = [0] * layer.neurons, [0] * layer.neurons"
U = "x = decay(u[i], layer.du) + (a[i] << 6)"
THRESHOLD = "None if layer.threshold is None else int(layer.threshold) << 6"
ROWS = "row = np.zeros(sources + 1, np.int64)"
GRADED = (
    'self._graded or (kernel or self.choose(spikes)) == "events"',
    'kernel != "bits" or self._graded or self._bits_memory < 1 << 31',
)
SIGNED = "(add, subtract) if weight > 0 else (subtract, add)"
NEURON = "self._bias, self._keep_u, self._keep_v, self._threshold, self._plain"
ALIAS = "SpikeTrain = list[list[int]]"
SENT = "run_spikes.append(fired)"
EVENTS = "[[j for j, x in enumerate(row) for _ in range(x)] for row in sample]"
DRIVEN = "decay(v[i], layer.dv) + u[i] + layer.bias[i]"

FAULTS = (
    torch_neurons(
        "fires when v meets the threshold",
        "threshold-greater-or-equal",
        (TORCH_FIRES, TORCH_FIRES.replace(">", ">=", 1)),
    ),
    torch_neurons(
        "decay by an arithmetic shift",
        "decay-rounds-down",
        (TORCH_DECAY, TORCH_FLOOR),
    ),
    torch_neurons("the bias is its mantissa", "bias-exponent-ignored", ("layer.bias", "layer.bias_mant")),
    torch_synapses(
        "delays counted from 1",
        "delays-one-longer",
        ("synapses.delay[tuple(pair)]", "synapses.delay[tuple(pair)] + 1"),
    ),
    torch_synapses(
        "synapses without a delay are lost",
        "delayed-spikes-lost",
        ("delay < steps", "(0 < delay) & (delay < steps)"),
    ),
    torch_neurons(
        "v is clipped to -2^23 .. 2^23",
        "clip-boundary",
        ("free.clamp(-formats.V_LIMIT, formats.V_LIMIT)", "free.clamp(-formats.U_MAX, formats.U_MAX)"),
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
        (REST, f"last: list[list[int]] = [[]]\n{REST}"),
        (SENT, f"{SENT}\nlast.append(fired)"),
    ),
    oracle(
        "the bias acts from step 1 on",
        "bias-one-step-late",
        (DRIVEN, DRIVEN.replace("layer.bias[i]", "(layer.bias[i] if run_u else 0)")),
    ),
    oracle(
        "v starts from the bias",
        "bias-one-step-early",
        (REST, REST.replace("u, v", "u, _") + "\nv = list(layer.bias)"),
    ),
    oracle("v wraps as u does", "v-wraps", ("v[i] = clip(x)", "v[i] = wrap24(x)")),
    oracle("v is clipped one lower", "clip-boundary", ("limit = 2**23 - 1", "limit = 2**23 - 2")),
    oracle("u wraps at 2^23, not beyond", "wrap-boundary", ("x > 2**23", "x >= 2**23")),
    oracle(
        "the input of the last step is lost",
        "last-step-missing",
        (EVENTS, EVENTS.replace("sample", "[*sample[:-1], [0] * graph.inputs]")),
    ),
    oracle(
        "the input comes a step late",
        "input-one-step-late",
        (EVENTS, EVENTS.replace("sample", "[[0] * graph.inputs, *sample[:-1]]")),
    ),
    oracle(
        "the input comes a step early",
        "input-one-step-early",
        (EVENTS, EVENTS.replace("sample", "[*sample[1:], [0] * graph.inputs]")),
    ),
    oracle(
        "a sample starts from the state of the one before",
        "state-survives-sample",
        (REST, f"u, v = STATE.setdefault(id(layer), ({REST.removeprefix('u, v = ')}))"),
        (ALIAS, f"STATE: dict[int, tuple[list[int], list[int]]] = {{}}\n{ALIAS}"),
    ),
    oracle(
        "what would arrive after the last step arrives in the first ones",
        "late-spikes-come-round",
        ("t + d < steps", "True"),
        ("a[t + d][i] += w", "a[(t + d) % steps][i] += w"),
    ),
    oracle("input lines in reversed order", "inputs-permuted", ("enumerate(row)", "enumerate(row[::-1])")),
    oracle(
        "a neuron at which nothing arrives is skipped",
        "silent-steps-skipped",
        (U, f"if a[i] == 0:\n    continue\n{U}"),
    ),
    oracle(
        "u decays after what arrives is added",
        "order-of-the-sums",
        ("decay(u[i], layer.du) + (a[i] << 6)", "decay(u[i] + (a[i] << 6), layer.du)"),
    ),
    oracle(
        "v takes u of the step before",
        "order-of-the-sums",
        (U, f"old = u[i]\n{U}"),
        (DRIVEN, DRIVEN.replace("u[i]", "old")),
    ),
    oracle(
        "spikes are recorded and sent a step late",
        "record-one-step-late",
        (REST, f"sent: list[int] = []\n{REST}"),
        ("run_spikes.append(fired)", "run_spikes.append(sent)\nsent = fired"),
    ),
    oracle(
        "the readout spikes above 0 and is reset",
        "readout-fires",
        (THRESHOLD, THRESHOLD.replace("None if", "0 if")),
    ),
    oracle(
        "a payload counts as one spike",
        "payload-ignored",
        (EVENTS, EVENTS.replace("for _ in range(x)", "if x")),
        net="payloads",
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
        (KERNEL_DECAY, KERNEL_FLOOR),
    ),
    events(
        "decay gives a magnitude",
        "decay-loses-sign",
        (KERNEL_DECAY, "return kept"),
    ),
    events("u never wraps", "no-wrap", ("np.int32((below - above) * U_WRAP)", "np.int32(0)")),
    events("-2^23 does not wrap", "wrap-boundary", ("np.int32(-(1 << 23) + 1)", "np.int32(-(1 << 23))")),
    events("v is never clipped", "no-clip", ("np.int32(min(max(v, -V_LIMIT), V_LIMIT))", "v")),
    events(
        "weights of the neurons in reversed order",
        "weights-transposed",
        (ROWS, f"weight = weight[::-1]\n{ROWS}"),
    ),
    events("no delay above 4", "delays-clipped", ("d * neurons + i", "min(d, 4) * neurons + i")),
    events(
        "of the spikes that arrive in one step the last remains",
        "spikes-merged",
        ("rest[offsets[k]] += weights[k]\n", "rest[offsets[k]] = weights[k]\n"),
    ),
    events(
        "the spikes of the last source are lost",
        "source-missing",
        ("range(len(sources))", "range(len(sources) - 1)"),
    ),
    events_layer(
        "decays of u and v exchanged",
        "decays-swapped",
        (NEURON, NEURON.replace("_keep_u, self._keep_v", "_keep_v, self._keep_u")),
    ),
    events_layer(
        "takes the loop that keeps no u and has no limits",
        "decay-changed",
        ("self._plain = _never_saturates(layer, payload_max)", "self._plain = True"),
    ),
    events_layer(
        "weights of more than 8 bits keep the lowest",
        "weights-cast",
        ("_narrowest(weight, types[1])", "weight.astype(np.int8)"),
    ),
    bits_layer(
        "payloads above 1 are delivered as bits",
        None,
        *((either, either.replace("self._graded or ", "")) for either in GRADED),
        net="payloads",
    ),
    bits(
        "what arrives is written out a step late",
        "delays-one-longer",
        ("tile[n, place]", "tile[n, place - 8 * share] if t else 0"),
    ),
    bits_lists(
        "trains are read a step too late",
        "delays-one-shorter",
        ("LINE + j * stride + before - delay[i, j]", "LINE + j * stride + before - max(delay[i, j] - 1, 0)"),
    ),
    bits_lists(
        "powers of two are added and subtracted the wrong way",
        "weights-negated",
        (
            "return (add, subtract) if weight > 0 else (subtract, add)",
            "return (add, subtract) if weight < 0 else (subtract, add)",
        ),
    ),
    bits_lists(
        "the correction of inverted trains is twice what it should be",
        None,
        ("sign * (k - first) << p", "sign * (k - first) << (p + 1)"),
    ),
)

GREATER_OR_EQUAL: dict[str, tuple[Edit, ...]] = {
    "torch": (("trainer/integer_population.py", TORCH_FIRES, TORCH_FIRES.replace(">", ">=", 1)),),
    "oracle": (("hwsim/oracle.py", "v[i] > layer.threshold", "v[i] >= layer.threshold"),),
    "hwsim": (
        ("hwsim/kernels.py", "v > threshold", "v >= threshold"),
        ("hwsim/kernels.py", "clipped > threshold", "clipped >= threshold"),
    ),
}
"""One fault in each executor: it fires when v meets the threshold."""
FLOOR: dict[str, tuple[Edit, ...]] = {
    "torch": (("trainer/integer_population.py", TORCH_DECAY, TORCH_FLOOR),),
    "oracle": (
        ("hwsim/oracle.py", "return -magnitude if x < 0 else magnitude", "return (x * (4096 - k)) >> 12"),
    ),
    "hwsim": (("hwsim/kernels.py", KERNEL_DECAY, KERNEL_FLOOR),),
}
"""Another: its decay rounds down."""
