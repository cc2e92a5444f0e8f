"""Seeded faults in what writes the ONNX graph: the golden vectors catch each, in both executors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from edits import Edit
from golden import GOLDEN, artifact_of
from planting import copy_of

from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.stages import LayerTrace, Trace

pytestmark = pytest.mark.no_cover

NETWORK, SYNAPSES = "targets/onnx/network.py", "targets/onnx/synapses.py"
BOTH = ("onnxruntime", "onnx-reference")

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
CLIPPED = 'step("Min", step("Max", f"{v}.sum", "v_min", name=f"{v}.raised"), "v_max", name=f"{v}.clipped")'
THRESHOLD = "layer.threshold << formats.STATE_FRACTION_BITS"
DELAY = "delay = np.take_along_axis(layer.delay, source, axis=1)"
STEPS = "(int(layer.delay.max(initial=0, where=live)) + 1)"

FAULTS: dict[str, list[Edit]] = {
    "fires at the threshold": [(NETWORK, FIRED, FIRED.replace("Greater", "GreaterOrEqual"))],
    "compares v of the step before": [(NETWORK, FIRED, FIRED.replace(".clipped", ".before"))],
    "does not reset": [(NETWORK, RESET, 'step("Identity", f"{v}.clipped", name=f"{v}.after")')],
    "records v before the reset": [
        (
            NETWORK,
            RECORDED,
            RECORDED.replace('.after"', '.after".replace("v_0.after", "v_0.clipped")'),
        )
    ],
    "resets by subtraction": [
        (
            NETWORK,
            RESET,
            'step("Where", f"{s}.now", step("Sub", f"{v}.clipped", threshold, name=f"{v}.less"), '
            'f"{v}.clipped", name=f"{v}.after")',
        )
    ],
    "decay rounds down": [(NETWORK, KEPT, FLOOR)],
    "decay loses the sign": [(NETWORK, KEPT, 'return step("Identity", quotient, name=f"{state}.kept")')],
    "decay constants swapped": [
        (NETWORK, "_decay(step, u, layer.decay_u)", "_decay(step, u, layer.decay_v)"),
        (NETWORK, "_decay(step, v, layer.decay_v)", "_decay(step, v, layer.decay_u)"),
    ],
    "one step later": [
        (SYNAPSES, DELAY, DELAY.replace("= np", "= 1 + np")),
        (SYNAPSES, STEPS, STEPS.replace("1)", "2)")),
    ],
    "delays of zero": [(SYNAPSES, DELAY, "delay = np.zeros_like(source)")],
    "delays of the wrong synapse": [(SYNAPSES, DELAY, DELAY.replace("layer.delay", "layer.delay[::-1]"))],
    "never wraps": [(NETWORK, WRAPPED, 'step("Identity", f"{u}.sum", name=f"{u}.after")')],
    "wraps only above": [(NETWORK, BELOW, BELOW.replace('f"{u}.sum", "u_min"', '"u_min", "u_min"'))],
    "wraps 2**23": [(NETWORK, ABOVE, ABOVE.replace("Greater", "GreaterOrEqual"))],
    "does not wrap -2**23": [
        (NETWORK, "formats.U_MIN", "formats.U_MIN - 1"),
    ],
    "never clips": [(NETWORK, CLIPPED, 'step("Identity", f"{v}.sum", name=f"{v}.clipped")')],
    "clips at 2**23": [
        (NETWORK, "formats.V_LIMIT", "formats.V_LIMIT + 1"),
        (NETWORK, "-(formats.V_LIMIT + 1)", "-formats.V_LIMIT"),
    ],
    "clips at -2**23": [(NETWORK, "-formats.V_LIMIT", "-formats.V_LIMIT - 1")],
    "clips u, too": [
        (
            NETWORK,
            WRAPPED,
            'step("Min", step("Max", f"{u}.sum", "v_min", name=f"{u}.most"), "v_max", name=f"{u}.after")',
        )
    ],
    "no bias": [(NETWORK, "layer.bias[:, None]", "0 * layer.bias[:, None]")],
    "bias without its exponent": [(NETWORK, "layer.bias[:, None]", "layer.bias_mant[:, None]")],
    "threshold without its shift": [(NETWORK, THRESHOLD, "layer.threshold")],
    "current without its shift": [(NETWORK, "1 << formats.STATE_FRACTION_BITS", "1")],
    "payloads taken for spikes": [
        (NETWORK, EVENTS, EVENTS.replace('"spikes"', 'main.cast("spikes", "BOOL", "any")'))
    ],
    "counts no wraps": [(NETWORK, COUNTED_U, COUNTED_U.replace(".after", ".sum"))],
    "counts clips after the reset": [(NETWORK, COUNTED_V, COUNTED_V.replace(".clipped", ".after"))],
}


def caught(name: str, edits: Iterable[Edit], folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the executor `name` with `edits` fails a golden vector; it must run until then."""
    monkeypatch.setitem(EXECUTORS, name, copy_of(name, edits, folder, monkeypatch))
    executor = load_executor(name)
    return any(differs(executor.run(artifact_of(case.graph), case.input), case.layers) for case in GOLDEN)


def differs(trace: Trace, expected: tuple[LayerTrace, ...]) -> bool:
    fields = ("u", "v", "spikes", "u_wraps", "v_clips")
    return any(
        not np.array_equal(getattr(ours, field), getattr(theirs, field))
        for ours, theirs in zip(trace, expected, strict=True)
        for field in fields
    )


@pytest.mark.parametrize("name", BOTH)
def test_a_copy_without_a_fault_passes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not caught(name, [], tmp_path, monkeypatch)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BOTH:
        assert caught(name, FAULTS[fault], tmp_path, monkeypatch)
