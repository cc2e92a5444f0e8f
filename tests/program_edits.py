"""Faults of programs as edits: of what writes the ONNX graph, and of the C that is emitted.

`tests/faults/test_onnx_faults.py` and `test_c_faults.py` have golden vectors catch each; `seeded_programs.py`
says what a diagnosis should name some of them.
"""

from __future__ import annotations

from edits import Edit

NETWORK, NEURONS = "targets/onnx/network.py", "targets/onnx/neurons.py"
ARRIVALS, SYNAPSES = "targets/onnx/arrivals.py", "targets/onnx/synapses.py"

SIGNED = 'step("Mul", step("Sign", f"{state}.before", name=f"{state}.sign"), quotient, name=f"{state}.kept")'
KEPT = f"return {SIGNED}"
FLOOR = """product = step("Mul", f"{state}.before", factor, name=f"{state}.signed")
rest = step("Mod", product, "decay_one", name=f"{state}.rest")
return step("Div", step("Sub", product, rest, name=f"{state}.even"), "decay_one", name=f"{state}.kept")"""
EVENTS = 'main.cast("spikes", "INT32", "events")'
COUNTED_U = '(f"u_wraps_{index}", f"u_{index}.sum", f"u_{index}.after")'
COUNTED_V = '(f"v_clips_{index}", f"v_{index}.sum", f"v_{index}.clipped")'
RECORDED = 'step.cast(f"{state}.after", "INT32", f"{state}.now")'
FIRED = 'step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")'
RESET = 'step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")'
BELOW = 'step("Less", f"{u}.sum", "u_min", name=f"{u}.below")'
ABOVE = 'step("Greater", f"{u}.sum", "u_max", name=f"{u}.above")'
WRAPPED = 'step("Where", above, lowered, otherwise, name=f"{u}.after")'
CLIPPED = '_clip(step, v, f"{v}.clipped")'
THRESHOLD = "population.threshold << formats.STATE_FRACTION_BITS"
DELAY = "live.delay.astype(np.int64)"
DELAYS = "synapses.delay[post, pre]"

ONNX: dict[str, list[Edit]] = {
    "fires at the threshold": [(NEURONS, FIRED, FIRED.replace("Greater", "GreaterOrEqual"))],
    "compares v of the step before": [(NEURONS, FIRED, FIRED.replace(".clipped", ".before"))],
    "does not reset": [(NEURONS, RESET, 'step("Identity", f"{v}.clipped", name=f"{v}.after")')],
    "records v before the reset": [
        (
            NEURONS,
            RECORDED,
            RECORDED.replace('.after"', '.after".replace("v_0.after", "v_0.clipped")'),
        )
    ],
    "resets by subtraction": [
        (
            NEURONS,
            RESET,
            'step("Where", f"{s}.now", step("Sub", f"{v}.clipped", threshold, name=f"{v}.less"), '
            'f"{v}.clipped", name=f"{v}.after")',
        )
    ],
    "decay rounds down": [(NEURONS, KEPT, FLOOR)],
    "decay loses the sign": [(NEURONS, KEPT, 'return step("Identity", quotient, name=f"{state}.kept")')],
    "decay constants swapped": [
        (NEURONS, "_decay(step, u, population.decay_u)", "_decay(step, u, population.decay_v)"),
        (NEURONS, "_decay(step, v, population.decay_v)", "_decay(step, v, population.decay_u)"),
    ],
    "one step later": [
        (SYNAPSES, DELAY, f"({DELAY} + 1)"),
        (ARRIVALS, "reach + 1", "reach + 2"),
    ],
    "delays of zero": [(SYNAPSES, DELAY, "np.zeros_like(live.pre)")],
    "delays of the wrong synapse": [(SYNAPSES, DELAYS, DELAYS.replace("delay[", "delay[::-1][", 1))],
    "never wraps": [(NEURONS, WRAPPED, 'step("Identity", f"{u}.sum", name=f"{u}.after")')],
    "wraps only above": [(NEURONS, BELOW, BELOW.replace('f"{u}.sum", "u_min"', '"u_min", "u_min"'))],
    "wraps 2**23": [(NEURONS, ABOVE, ABOVE.replace("Greater", "GreaterOrEqual"))],
    "does not wrap -2**23": [
        (NETWORK, "formats.U_MIN", "formats.U_MIN - 1"),
    ],
    "never clips": [(NEURONS, CLIPPED, 'step("Identity", f"{v}.sum", name=f"{v}.clipped")')],
    "clips at 2**23": [
        (NETWORK, "formats.V_LIMIT", "formats.V_LIMIT + 1"),
        (NETWORK, "-(formats.V_LIMIT + 1)", "-formats.V_LIMIT"),
    ],
    "clips at -2**23": [(NETWORK, "-formats.V_LIMIT", "-formats.V_LIMIT - 1")],
    "clips u, too": [
        (
            NEURONS,
            WRAPPED,
            'step("Min", step("Max", f"{u}.sum", "v_min", name=f"{u}.most"), "v_max", name=f"{u}.after")',
        )
    ],
    "no bias": [(NEURONS, "population.bias[:, None]", "0 * population.bias[:, None]")],
    "bias without its exponent": [(NEURONS, "population.bias[:, None]", "population.bias_mant[:, None]")],
    "threshold without its shift": [(NEURONS, THRESHOLD, "population.threshold")],
    "current without its shift": [(NETWORK, "1 << formats.STATE_FRACTION_BITS", "1")],
    "payloads taken for spikes": [
        (NETWORK, EVENTS, EVENTS.replace('"spikes"', 'main.cast("spikes", "BOOL", "any")'))
    ],
    "counts no wraps": [(NEURONS, COUNTED_U, COUNTED_U.replace(".after", ".sum"))],
    "counts clips after the reset": [(NEURONS, COUNTED_V, COUNTED_V.replace(".clipped", ".after"))],
}

C: dict[str, tuple[str, str]] = {
    ">= for > at the threshold": ("> $T;", ">= $T;"),
    "arithmetic shift of a negative state": (
        "return x < 0 ? -(int32_t)left : (int32_t)left;",
        "return left * 0 + (int32_t)((int64_t)x * keep >> 12);",
    ),
    "decay loses the low half": (" + (((size & 4095u) * keep) >> 12)", ""),
    "decay overflows": ("(size >> 12) * keep + (((size & 4095u) * keep) >> 12)", "(size * keep) >> 12"),
    "no reset": ("s->v[n] = 0;", ";"),
    "reset by subtraction": ("s->v[n] = 0;", "s->v[n] -= $T;"),
    "the reset takes the current too": ("s->v[n] = 0;", "s->v[n] = s->u[n] = 0;"),
    "reset before the comparison": ("s->v[neuron] = v;", "s->v[neuron] = v; s->v[neuron] = 0;"),
    "delays are one too long": ("slot = now + delay", "slot = now + 1 + delay"),
    "delays are lost": ("slot = now + delay", "slot = now + 0 * delay"),
    "ring: the last row is never used": ("s->now[$L] = now + 1 == $S ?", "s->now[$L] = now + 2 >= $S ?"),
    "ring: it does not advance": ("? 0 : now + 1;", "? 0 : now;"),
    "a row is not emptied": ("[now][i] = 0;", "[now][i] += 0;"),
    "no wrap above": ("u -= U_WRAP;", ";"),
    "no wrap below": ("u += U_WRAP;", ";"),
    "u wraps at 2**23": ("if (u > U_MAX)", "if (u >= U_MAX)"),
    "u does not wrap at -2**23": ("(u <= -U_MAX)", "(u < -U_MAX)"),
    "no clip above": ("v = V_MAX;", ";"),
    "no clip below": ("v = -V_MAX;", ";"),
    "clip a step too low": ("v < -V_MAX", "v < -V_MAX - 1"),
    "wraps are not counted": ("COUNT(s->u_wraps[layer]);", ";"),
    "clips are not counted": ("COUNT(s->v_clips[layer]);", ";"),
    "weights are shifted by 5": ("a * 64", "a * 32"),
    "no bias": (" + u + bias;", " + u + 0 * bias;"),
    "bias without its exponent": ("INT32_C(16)", "INT32_C(1)"),
    "payloads count as one": (" * (int32_t)events[j]", ""),
    "decays of u and v are exchanged": (
        "uint32_t keep_u, uint32_t keep_v",
        "uint32_t keep_v, uint32_t keep_u",
    ),
    "state survives a sample": ("*byte++ = 0;", "byte++;"),
    "layers act in the wrong order": (
        "layer0(s, events);\n    layer1(s, s->spikes + 0);",
        "layer1(s, s->spikes + 0);\n    layer0(s, events);",
    ),
    "sparse: the wrong target": ("[target", "[0 * target"),
    "sparse: a source loses its last synapse": ("k < start0[j + 1]", "k + 1 < start0[j + 1]"),
}
"""$T is a layer's threshold, $L its number, $S its slots."""
