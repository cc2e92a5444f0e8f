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
events_delivery = partial(rewritten, "hwsim, events", "hwsim/delivery.py")
bits_delivery = partial(rewritten, "hwsim, bits", "hwsim/delivery.py")

TORCH_FIRES = "v > self.threshold"
TORCH_DECAY = 'torch.div(x * (formats.DECAY_ONE - k), formats.DECAY_ONE, rounding_mode="trunc")'
TORCH_FLOOR = "(x * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS"
KERNEL_DECAY = "return np.int32(-kept) if x < 0 else kept"
KERNEL_FLOOR = "return np.int32((np.int64(x) * np.int64(keep)) >> 12)"
FIRE = """if p.threshold is not None and v[i] > p.threshold[i] and t < p.end:
    fired.append(i)
    if p.reset == "zero":
        v[i] = 0
    elif p.reset == "subtract":
        assert p.r is not None
        v[i] -= p.r[i]
"""
FIRE_LATE = """if p.threshold is not None and v[i] > p.threshold[i] and t < p.end:
    fired.append(i)
if i in spiked:
    v[i] = 0
"""
SPIKED = "spiked = set(run.spikes[-1]) if run.spikes else set()"
START = """runs = {
    name: Run([p.input_bias.copy() for _ in range(net.steps)])
    for name, p in net.order.items()
    if p is not None
}"""
EMPTY = "[p.input_bias.copy() for _ in range(net.steps)]"
ADD = "a[t + delay][i] += weight"
ARRIVES = f"""if t + delay < net.steps:
    {ADD}
"""
ROUND = """EARLY: dict[str, State] = {}
LATE: dict[str, State] = {}

def come_round(net, events):
    for _ in range(len(net.order) + 1):  # what came round changes one population after the other
        LATE.update({name: [[0] * p.count for _ in range(net.steps)] for name, p in net.order.items() if p})
        runs = run_sample(net, events)
        EARLY.update(LATE)
    EARLY.clear()
    return runs
"""
U = "x = decay(u[i], p.du[i]) + (a << 6)"
THRESHOLD = "None if p.threshold is None else _shifted(p.threshold, 6)"
ROWS = "row = np.zeros(sources + 1, np.int64)"
GRADED = (
    'self._graded or (kernel or self.choose(spikes)) == "events"',
    'kernel != "bits" or self._graded or self._bits_memory < 1 << 31',
)
SIGNED = "(add, subtract) if weight > 0 else (subtract, add)"
NEURON = "self._bias, self._keep_u, self._keep_v, self._threshold, self._plain"
ALIAS = "SpikeTrain = list[list[int]]"
SENT = "run.spikes.append(fired)"
EVENTS = "trains(graph, sample)"
LINES = "row[graph.lines(p.name)]"
ROW = "[j for j, x in enumerate(row[graph.lines(p.name)]) for _ in range(x)]"
DRIVEN = "decay(v[i], p.dv[i]) + u[i] + p.bias[i] - adapted"
FIRES = "v[i] > p.threshold[i]"

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
        (FIRES, FIRES.replace(">", ">=")),
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
        ("v[i] = 0\n", "v[i] -= p.threshold[i]\n"),
    ),
    oracle("a spike resets u, too", "reset-clears-current", ("v[i] = 0\n", "u[i] = v[i] = 0\n")),
    oracle(
        "v is recorded before the reset",
        "v-before-reset",
        ("fired = []", "fired, before = [], [0] * p.count"),
        ("v[i] = clip(x)", "v[i] = before[i] = clip(x)"),
        (SENT, f"BEFORE.setdefault(id(run), []).append(before)\n{SENT}"),
        ("[run.v for run in runs]", "[BEFORE.pop(id(run)) for run in runs]"),
        (ALIAS, f"BEFORE: dict[int, State] = {{}}\n{ALIAS}"),
    ),
    oracle(
        "v is reset in the step after a spike",
        "reset-one-step-late",
        (FIRE, FIRE_LATE),
    ),
    oracle(
        "the bias acts from step 1 on",
        "bias-one-step-late",
        (DRIVEN, DRIVEN.replace("p.bias[i]", "(p.bias[i] if t else 0)")),
    ),
    oracle(
        "v starts from the bias",
        "bias-one-step-early",
        (SPIKED, f"{SPIKED}\nif t == 0:\n    v = list(p.bias)"),
    ),
    oracle("v wraps as u does", "v-wraps", ("v[i] = clip(x)", "v[i] = wrap24(x)")),
    oracle("v is clipped one lower", "clip-boundary", ("LIMIT = 2**23 - 1", "LIMIT = 2**23 - 2")),
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
        (SPIKED, f"{SPIKED}\nif t == 0 and id(p) in STATE:\n    _, u, v = STATE[id(p)]"),
        (SENT, f"STATE[id(p)] = p, u.copy(), v.copy()\n{SENT}"),
        (ALIAS, f"STATE: dict[int, tuple[Neurons, list[int], list[int]]] = {{}}\n{ALIAS}"),
    ),
    oracle(
        "what would arrive after the last step arrives in the first ones",
        "late-spikes-come-round",
        (
            ARRIVES,
            f"{ARRIVES}else:\n    LATE[projection.destination][(t + delay) % net.steps][i] += weight",
        ),
        (EMPTY, f"[row.copy() for row in EARLY[name]] if name in EARLY else {EMPTY}"),
        ("run_sample(net, trains(graph, sample))", "come_round(net, trains(graph, sample))"),
        (ALIAS, f"{ROUND}\n{ALIAS}"),
    ),
    oracle("input lines in reversed order", "inputs-permuted", (LINES, f"{LINES}[::-1]")),
    oracle(
        "a neuron at which nothing arrives is skipped",
        "silent-steps-skipped",
        (U, f"if a == 0:\n    continue\n{U}"),
    ),
    oracle(
        "u decays after what arrives is added",
        "order-of-the-sums",
        ("decay(u[i], p.du[i]) + (a << 6)", "decay(u[i] + (a << 6), p.du[i])"),
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
        (SENT, f"fired, LAST[id(run)] = LAST[id(run)] if t else [], fired\n{SENT}"),
        (ALIAS, f"LAST: dict[int, list[int]] = {{}}\n{ALIAS}"),
    ),
    oracle(
        "the readout spikes above 0 and is reset",
        "readout-fires",
        (THRESHOLD, THRESHOLD.replace("None if", "[0] * p.neurons if")),
        ("reset=p.reset", "reset=p.reset or 'zero'"),
    ),
    oracle(
        "a payload counts as one spike",
        "payload-ignored",
        (ROW, ROW.replace("for _ in range(x)", "if x")),
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
        ("self._plain = _never_saturates(population, delivery.largest)", "self._plain = True"),
    ),
    events_delivery(
        "weights of more than 8 bits keep the lowest",
        "weights-cast",
        ("_narrowest(weight, types[1])", "weight.astype(np.int8)"),
    ),
    bits_delivery(
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
    "oracle": (("hwsim/oracle.py", FIRES, FIRES.replace(">", ">=")),),
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
