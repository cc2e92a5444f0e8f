"""A prover that breaks any clause of its proof is caught: by the bounds worked out by hand, and if its bounds
are too narrow by the independent checker as well."""

from __future__ import annotations

import importlib
import re

import pytest
from faults import mutate_sources
from places import ROOT
from range_cases import RANGE_CASES, found_rows

from snnc.errors import ArtifactError
from snnc.exporter.ranges.check import check_ranges

FILES = {
    f"exporter/ranges/{name}.py": f"mutant_{name}"
    for name in ("prove", "walk", "arrivals", "steps", "adaptation")
}
"""The adaptation is not in these chains; it uses the steps that are changed, so it has to be copied, too."""
V = "decay(self.v, self.of.decay_v)"
STEP = "np.minimum(begin + delay, steps)"
MAY = '(row["v"][1] > top(self.of)) & (self.source.first > t)'
DECAY = "np.sign(x) * ((np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)"
LAST = "last + projection.synapses.max_delay + 1"
LIMIT = "of.threshold.astype(np.int64)"
PAYLOAD = "population.payload_max or 1"

TOO_NARROW = {
    "no bias": (f"{V} + self.u + self._bias", f"{V} + self.u"),
    "nothing kept of u": ("decay(u, of.decay_u)", "0"),
    "nothing kept of v": (V, "0"),
    "all is kept of v": (V, "self.v"),
    "decay rounds away from zero": (DECAY, f"-({DECAY.replace('np.abs(x)', '-np.abs(x)')})"),
    "no fraction bits": ("(a << formats.STATE_FRACTION_BITS)", "a"),
    "a delay of one step more": ("begin + delay", "begin + delay + 1"),
    "the last delay is missing": (LAST, "max(1, last + projection.synapses.max_delay)"),
    "signs cancel": ("np.maximum(weight, 0)", "weight"),
    "only excitation": ("np.minimum(weight, 0)", "0 * weight"),
    "rows end while delays are pending": ("t + 1 >= until", "True"),
    "u never wraps": ("self.u = after_wrap(u)", "self.u = u"),
    "no reset": ("self.of.spikes and not ended", "False"),
    "what fires does not start from zero": ("np.minimum(stays[0], fired[0])", "stays[0]"),
    "meeting the threshold fires": ("must, may = v > limit", "must, may = v >= limit"),
    "a source fires one step later": ("self.source.first[new] = t", "self.source.first[new] = t + 1"),
    "a source with a large v fires never": (MAY, MAY.replace("[1]", "[0]")),
    "payloads are spikes": (PAYLOAD, "1"),
}
TOO_WIDE = {
    "what must fire may stay": ("np.where(must, fired, np.where(may, hull, v))", "np.where(may, hull, v)"),
    "all is kept of u": ("decay(u, of.decay_u)", "u"),
    "a delay of one step less": ("begin + delay", "np.maximum(begin + delay - 1, 0)"),
    "delays are ignored": ("begin + delay", "begin"),
    "what arrives too late counts": (STEP, STEP.replace("steps", "steps - 1")),
    "every source fires": ("np.full(of.neurons, steps, np.int64)", "np.zeros(of.neurons, np.int64)"),
    "meeting the threshold is firing": (MAY, MAY.replace(">", ">=", 1)),
    "spikes have payloads": (PAYLOAD, "population.payload_max or 10"),
    "no clip": ("return np.minimum(np.maximum(x, -formats.V_LIMIT), formats.V_LIMIT)", "return x"),
}


def mutant(tmp_path, monkeypatch, edit):
    """The prover with `edit` in the first file that has its text."""
    places = [path for path in FILES if edit[0] in (ROOT / path).read_text()]
    mutate_sources(tmp_path, FILES, [(places[0], *edit)])
    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module("mutant_prove")


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
    prover = mutant(tmp_path, monkeypatch, ("find_overflow(ranges) is None", "find_overflow(ranges) is None"))
    assert not wrong_by_hand(prover)
    assert not refused(prover)
