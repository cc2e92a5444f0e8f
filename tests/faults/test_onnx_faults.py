"""Seeded faults in what writes the ONNX graph: the golden vectors catch each, in both executors."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
from faults import mutate_sources
from golden import GOLDEN, artifact_of

from snnc.plugins.executors import load_executor
from snnc.stages import LayerTrace, Trace

pytestmark = pytest.mark.no_cover

NETWORK, SYNAPSES = "targets/onnx/network.py", "targets/onnx/synapses.py"
COPIES = {
    NETWORK: "mutant_onnx_network",
    SYNAPSES: "mutant_onnx_synapses",
    "targets/onnx/emitter.py": "mutant_onnx_emitter",
    "targets/onnx/executor.py": "mutant_onnx_executor",
}
CLASSES = {"onnxruntime": "OnnxRuntimeExecutor", "onnx-reference": "OnnxReferenceExecutor"}

SIGNED = 'step("Mul", step("Sign", f"{state}.before", name=f"{state}.sign"), quotient, name=f"{state}.kept")'
KEPT = f"return {SIGNED}"
FLOOR = """product = step("Mul", f"{state}.before", factor, name=f"{state}.signed")
    rest = step("Mod", product, "decay_one", name=f"{state}.rest")
    return step("Div", step("Sub", product, rest, name=f"{state}.even"), "decay_one", name=f"{state}.kept")"""
FIRED = 'step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")'
RESET = 'step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")'
BELOW = 'step("Less", f"{u}.sum", "u_min", name=f"{u}.below")'
ABOVE = 'step("Greater", f"{u}.sum", "u_max", name=f"{u}.above")'
WRAPPED = 'step("Where", above, lowered, otherwise, name=f"{u}.after")'
CLIPPED = 'step("Min", step("Max", f"{v}.sum", "v_min", name=f"{v}.raised"), "v_max", name=f"{v}.clipped")'
THRESHOLD = "layer.threshold << formats.STATE_FRACTION_BITS"
DELAY = "delay = np.take_along_axis(layer.delay, source, axis=1)"
STEPS = "(int(layer.delay.max(initial=0, where=live)) + 1)"

FAULTS: dict[str, list[tuple[str, str, str]]] = {
    "fires at the threshold": [(NETWORK, FIRED, FIRED.replace("Greater", "GreaterOrEqual"))],
    "compares v of the step before": [(NETWORK, FIRED, FIRED.replace(".clipped", ".before"))],
    "does not reset": [(NETWORK, RESET, 'step("Identity", f"{v}.clipped", name=f"{v}.after")')],
    "records v before the reset": [
        (
            NETWORK,
            'step.cast(f"{state}.after"',
            'step.cast(f"{state}.after".replace("v_0.after", "v_0.clipped")',
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
        (NETWORK, '"u_min": formats.U_MIN,', '"u_min": formats.U_MIN - 1,'),
    ],
    "never clips": [(NETWORK, CLIPPED, 'step("Identity", f"{v}.sum", name=f"{v}.clipped")')],
    "clips at 2**23": [(NETWORK, '"v_max": formats.V_LIMIT,', '"v_max": formats.V_LIMIT + 1,')],
    "clips at -2**23": [(NETWORK, '"v_min": -formats.V_LIMIT,', '"v_min": -formats.V_LIMIT - 1,')],
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
    "current without its shift": [
        (NETWORK, '"state_one": 1 << formats.STATE_FRACTION_BITS', '"state_one": 1')
    ],
    "payloads taken for spikes": [
        (NETWORK, 'main.cast("spikes", ', 'main.cast(main.cast("spikes", "BOOL", "any"), ')
    ],
    "counts no wraps": [
        (NETWORK, 'f"u_{index}.sum", f"u_{index}.after"', 'f"u_{index}.sum", f"u_{index}.sum"')
    ],
    "counts clips after the reset": [(NETWORK, 'f"v_{index}.clipped")', 'f"v_{index}.after")')],
}


def caught(name: str) -> list[str]:
    """Golden vectors that the mutant of the executor `name` does not reproduce; it must run on all."""
    executor = getattr(importlib.import_module(COPIES["targets/onnx/executor.py"]), CLASSES[name])()
    return [
        case.name
        for case in GOLDEN
        if differs(executor.run(artifact_of(case.graph), case.input), case.layers)
    ]


def differs(trace: Trace, expected: tuple[LayerTrace, ...]) -> bool:
    fields = ("u", "v", "spikes", "u_wraps", "v_clips")
    return any(
        not np.array_equal(getattr(ours, field), getattr(theirs, field))
        for ours, theirs in zip(trace, expected, strict=True)
        for field in fields
    )


@pytest.mark.parametrize("name", CLASSES)
def test_a_copy_without_a_fault_passes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate_sources(tmp_path, COPIES, [])
    monkeypatch.syspath_prepend(tmp_path)
    assert caught(name) == []
    assert load_executor(name).name == name


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate_sources(tmp_path, COPIES, FAULTS[fault])
    monkeypatch.syspath_prepend(tmp_path)
    for name in CLASSES:
        assert caught(name)
