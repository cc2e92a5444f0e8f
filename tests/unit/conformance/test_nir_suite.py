"""The cases of conformance/nir: their numbers, their files, and that readings differ."""

from __future__ import annotations

import sys

import h5py
import nir
import numpy as np
import pytest
from nir_readings import Reading, spikes
from places import ROOT

sys.path.insert(0, str(ROOT))  # the suite is no package that is installed
from conformance.nir import suite

CASES = suite.load()
SUBTRACT, LATE = Reading(reset="subtract"), Reading(reset="late")
IMPULSE = Reading(leak="impulse")
READINGS: dict[str, dict[str, list[Reading]]] = {
    "bias": {
        "every step": [Reading(), SUBTRACT, Reading(reset="subtract", leak="impulse")],
        "every step (resets in the next step)": [LATE],
        "only where spikes arrive": [Reading(bias="arrivals")],
        "dropped": [Reading(bias="never")],
    },
    "current": {
        "Euler": [Reading(), SUBTRACT],
        "exponential": [IMPULSE],
        "exponential (resets by subtraction)": [Reading(leak="impulse", reset="subtract")],
    },
    "delay-between-steps": {
        "rounded to nearest": [Reading(delay="nearest")],
        "rounded down": [Reading(delay="down")],
        "rounded up": [Reading(delay="up")],
        "dropped": [Reading(delay="dropped")],
    },
    "delay-of-line": {
        "honoured": [Reading(), SUBTRACT, IMPULSE],
        "dropped": [Reading(delay="dropped"), Reading(delay="dropped", reset="late")],
    },
    "delay-of-synapse": {
        "honoured": [Reading(), SUBTRACT, IMPULSE, Reading(reset="subtract", leak="impulse")],
        "dropped": [Reading(delay="dropped"), Reading(delay="dropped", leak="impulse")],
    },
    "input-gain": {
        "honoured": [Reading(), SUBTRACT],
        "ignored, as if r = tau / dt": [Reading(gain="steps"), Reading(gain="steps", reset="subtract")],
        "ignored, as if r = tau / dt, several spikes a step": [
            Reading(gain="steps", several=True, reset="subtract")
        ],
        "ignored, as if r = 1": [Reading(gain="one"), Reading(gain="one", reset="subtract")],
    },
    "latency-one-layer": {"same step": [Reading(), SUBTRACT]},
    "latency-two-layers": {"same step": [Reading(), SUBTRACT], "one step": [Reading(layer=1)]},
    "leak": {
        "Euler": [Reading(), SUBTRACT, LATE],
        "exponential, input as an impulse": [IMPULSE, Reading(leak="impulse", reset="subtract")],
        "exponential, input held in the step": [Reading(leak="held")],
    },
    "leak-target": {
        "honoured, from 0": [Reading(), SUBTRACT],
        "honoured, from v_leak": [
            Reading(leak_target="from v_leak"),
            Reading(leak_target="from v_leak", reset="subtract"),
        ],
        "honoured, from 0 (resets in the next step)": [LATE],
        "honoured, from 0, exponential": [IMPULSE],
        "ignored": [Reading(leak_target="ignored")],
    },
    "linear-node": {"honoured": [Reading(), SUBTRACT], "dropped": [Reading(crosses=False)]},
    "recurrence": {
        "one step": [Reading(turn=1), Reading(turn=1, reset="subtract")],
        "two steps": [Reading(turn=2), Reading(turn=2, reset="subtract")],
        "dropped": [Reading(dropped_loop=True)],
    },
    "recurrence-delay": {
        "two steps": [Reading(turn=2, delay="dropped"), Reading(turn=2, delay="dropped", reset="subtract")],
        "three steps, one more than the delay": [Reading(turn=1), Reading(turn=3, delay="dropped")],
        "four steps, two more": [Reading(turn=2)],
        "one step, the delay dropped": [Reading(turn=1, delay="dropped")],
        "loop dropped": [Reading(dropped_loop=True)],
    },
    "reset": {
        "to zero": [Reading(), IMPULSE],
        "by subtraction": [SUBTRACT],
        "by subtraction, exponential leak": [Reading(reset="subtract", leak="impulse")],
        "by subtraction in the next step": [LATE],
        "to zero in the next step, whose input is lost": [Reading(reset="late zero")],
        "none": [Reading(reset="none")],
    },
    "reset-value": {
        "honoured": [Reading()],
        "ignored": [Reading(ignores_value=True), LATE],
        "ignored, by subtraction": [SUBTRACT, Reading(reset="subtract", leak="impulse")],
        "ignored, no reset": [Reading(reset="none")],
    },
    "threshold": {"above only": [Reading(), IMPULSE, SUBTRACT], "at it": [Reading(at=True)]},
    "time-step": {
        "as told": [Reading(), SUBTRACT],
        "fixed at 1e-4 s": [Reading(dt=1e-4)],
        "tau taken in steps": [Reading(leak="impulse", dt=1.0)],
    },
    "two-edges": {
        "added": [Reading()],
        "only one of them": [Reading(edges="first")],
        "only the other": [Reading(edges="second")],
    },
}


@pytest.mark.parametrize("name", CASES)
def test_the_hand_was_right(name: str) -> None:
    case = CASES[name]
    for reading, ways in READINGS[name].items():
        for how in ways:
            found, margin = spikes(case.data, how)
            assert found == case.readings[reading], (reading, how)
            assert margin > (2**-11 if name == "threshold" else 0.008), (reading, how, margin)


def test_each_reading_is_computed_again() -> None:
    by_name_alone = {("latency-one-layer", "next step"), ("latency-two-layers", "two steps")}  # a step later
    told = {(name, reading) for name, case in CASES.items() for reading in case.data["readings"]}
    assert told - {(name, reading) for name, ways in READINGS.items() for reading in ways} == by_name_alone


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_is_whole(case: suite.Case) -> None:
    data = case.data
    assert data["decides"] is None or data["decides"] in data["readings"]
    assert data["of"] in ("node", "graph")
    assert data["text"]
    assert data["working"]
    assert case.steps <= 16
    found = list(case.readings.values())
    assert all(found.count(spikes) == 1 for spikes in found)
    assert all(step < case.steps for spikes in found for line in spikes for step in line)
    assert all(case.reading(spikes) == name for name, spikes in case.readings.items())
    assert sum(len(node.get("v_threshold", ())) for node in data["nodes"].values()) <= 3


@pytest.mark.parametrize("gain", suite.GAINS)
@pytest.mark.parametrize("dt", [2**-10, 1e-4, 1.0])
def test_files_are_single_precision_and_the_same_each_time(tmp_path, gain: str, dt: float) -> None:
    for name, case in CASES.items():
        for copy in ("a", "b"):
            nir.write(tmp_path / copy, case.graph(dt, gain, "Affine"))
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
        kinds = []
        with h5py.File(tmp_path / "a") as file:
            file.visititems(lambda key, each, kinds=kinds: kinds.append((key, getattr(each, "dtype", None))))
        assert all(kind != np.float64 for _, kind in kinds), name
        assert nir.read(tmp_path / "a").nodes.keys() == case.data["nodes"].keys()


def test_both_forms_mean_the_same() -> None:
    """r dt/tau times the weight: what an Euler step adds."""
    for name in ("reset", "recurrence", "current"):
        graphs = [CASES[name].graph(2**-10, gain).nodes for gain in suite.GAINS]
        for key, node in graphs[0].items():
            if isinstance(node, nir.Linear):
                neurons = next(each for each in graphs[0].values() if hasattr(each, "v_threshold"))
                other = next(each for each in graphs[1].values() if hasattr(each, "v_threshold"))
                into = [n.r[0] * getattr(n, "w_in", np.ones(1))[0] for n in (neurons, other)]
                np.testing.assert_array_equal(node.weight * into[0], graphs[1][key].weight * into[1])
