"""A prover that breaks any clause of its proof is caught: by the bounds worked out by hand, and if its bounds
are too narrow by the independent checker as well."""

from __future__ import annotations

import importlib
import re

import pytest
from faults import mutate_sources
from range_cases import RANGE_CASES, found_rows

from snnc.errors import ArtifactError
from snnc.exporter.check_ranges import check_ranges

PROVER = "exporter/prove_ranges.py"
V = "_decay(v, layer.decay_v)"
STEP = "np.minimum(first + delay, steps)"
FIRST = "first, payload_max = _first_spikes(layer, ranges[-1], graph.time_steps), 1"
SHIFT = "layer.threshold << formats.STATE_FRACTION_BITS"
DECAY = "np.sign(x) * ((np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)"

TOO_NARROW = {
    "no bias": (f"{V} + u + layer.bias", f"{V} + u"),
    "nothing kept of u": ("_decay(u, layer.decay_u)", "0"),
    "nothing kept of v": ("_decay(v, layer.decay_v)", "0"),
    "all is kept of v": ("_decay(v, layer.decay_v)", "v"),
    "decay rounds away from zero": (DECAY, f"-({DECAY.replace('np.abs(x)', '-np.abs(x)')})"),
    "no fraction bits": ("(a << formats.STATE_FRACTION_BITS)", "a"),
    "a delay of one step more": ("first + delay", "first + delay + 1"),
    "the last delay is missing": ("last + 1", "max(1, last)"),
    "signs cancel": ("np.maximum(weight, 0)", "weight"),
    "only excitation": ("np.minimum(weight, 0)", "0 * weight"),
    "rows end while delays are pending": ("t + 1 >= len(arriving)", "True"),
    "u never wraps": ("u = _after_wrap(u_row)", "u = u_row"),
    "no reset": ("if threshold is None:\n        return v", "if True:\n        return v"),
    "what fires does not start from zero": ("np.where(may, np.minimum(low, 0), low)", "low"),
    "meeting the threshold fires": (
        "may, must = high > top, low > top",
        "may, must = high >= top, low >= top",
    ),
    "a source fires one step later": ("may.argmax(axis=0)", "may.argmax(axis=0) + 1"),
    "a source with a large v fires never": (f"ranges.v_hi > {SHIFT}", f"ranges.v_lo > {SHIFT}"),
    "payloads are spikes": (
        "payload_max * _arriving(layer, time_steps, first)",
        "_arriving(layer, time_steps, first)",
    ),
}
TOO_WIDE = {
    "what must fire may stay": ("np.where(must, 0, np.where(may, top, high))", "np.where(may, top, high)"),
    "all is kept of u": ("_decay(u, layer.decay_u)", "u"),
    "a delay of one step less": ("first + delay", "np.maximum(first + delay - 1, 0)"),
    "delays are ignored": ("first + delay", "first"),
    "what arrives too late counts": (
        "np.minimum(first + delay, steps)",
        "np.minimum(first + delay, steps - 1)",
    ),
    "every source fires": ("np.where(may.any(axis=0), may.argmax(axis=0), time_steps)", "0 * may[0]"),
    "meeting the threshold is firing": (f"ranges.v_hi > {SHIFT}", f"ranges.v_hi >= {SHIFT}"),
    "spikes have payloads": (FIRST, FIRST.replace(", 1", ", payload_max")),
    "no clip": ("np.clip(v_row, -formats.V_LIMIT, formats.V_LIMIT)", "v_row"),
}


def mutant(tmp_path, monkeypatch, edit):
    mutate_sources(tmp_path, {PROVER: "mutant_prover"}, [(PROVER, *edit)])
    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module("mutant_prover")


def wrong_by_hand(prover) -> bool:
    return any(found_rows(case, prover.graph_bounds(case.graph)) != (case.u, case.v) for case in RANGE_CASES)


def refused(prover) -> list[str]:
    """What the checker says of the mutant's certificates."""
    found = []
    for case in RANGE_CASES:
        try:
            check_ranges(case.graph, prover.graph_bounds(case.graph))
        except ArtifactError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("name", TOO_NARROW)
def test_bounds_that_are_too_narrow(name, tmp_path, monkeypatch):
    prover = mutant(tmp_path, monkeypatch, TOO_NARROW[name])
    assert wrong_by_hand(prover)
    messages = refused(prover)
    assert messages
    assert all(re.search(r", neuron \d+, step \d+: [auv] may lie in ", message) for message in messages)


@pytest.mark.parametrize("name", TOO_WIDE)
def test_bounds_that_are_too_wide(name, tmp_path, monkeypatch):
    """They are true, so the checker takes them; they are not what was worked out by hand."""
    prover = mutant(tmp_path, monkeypatch, TOO_WIDE[name])
    assert wrong_by_hand(prover)
    assert not refused(prover)


def test_without_an_edit_nothing_is_wrong(tmp_path, monkeypatch):
    prover = mutant(tmp_path, monkeypatch, ("_decay", "_decay"))
    assert not wrong_by_hand(prover)
    assert not refused(prover)
