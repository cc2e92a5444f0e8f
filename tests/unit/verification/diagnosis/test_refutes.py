"""Causes that fit one sample and are false: further samples refute them, and none is called probable."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from diagnosis_cases import NETS, net
from golden import artifact_of
from more_cases import of
from mutant_runs import contract, observed, place_of, runner, verified
from scalar_mutants import Record, Scalar, mutant
from trace_files import write

from snnc.hwsim.oracle import OracleExecutor
from snnc.io.traces.file import TraceFile
from snnc.report.diagnosis import likely
from snnc.stages import Artifact, Divergence, LayerTrace, QuantizedGraph, Trace
from snnc.verification.compare_files import compare_files
from snnc.verification.comparison import InputGroup, compare_executors
from snnc.verification.diagnosis import diagnose
from snnc.verification.diagnosis import made as made_inputs
from snnc.verification.diagnosis.explain import UNREPEATABLE, explained

pytestmark = pytest.mark.slow


def _input(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Scalar]:
    return lambda: mutant(arriving=lambda self, x: x if self.index else change(x))


def _every_second(signal: np.ndarray) -> np.ndarray:
    kept = signal.copy()
    for t, j in np.argwhere(signal)[1::2]:
        kept[t, j] = 0
    return kept


def _bias_in_even_steps(self: Any, i: int, t: int) -> int:
    return Scalar.bias(self, i, t) * (t % 2 == 0)


def _alternating_reset(self: Any, u: int, v: int) -> tuple[int, int]:
    self.spikes = getattr(self, "spikes", 0) + 1
    return u, 0 if self.spikes % 2 else v


UNKNOWN = {
    "every second event is lost": (_input(_every_second), "plain"),
    "events of step 3 are lost": (_input(lambda x: x * (np.arange(len(x)) != 3)[:, None]), "dense"),
    "time runs backwards": (_input(lambda x: x[::-1]), "plain"),
    "the first step is repeated": (_input(lambda x: np.vstack([x[:1], x[:-1]])), "dense"),
    "two input lines are exchanged": (_input(lambda x: x[:, [1, 0, *range(2, 9)]]), "plain"),
    "a line is always on": (_input(lambda x: np.where(np.arange(9) == 3, 1, x)), "plain"),
    "odd lines are late": (
        _input(lambda x: np.where(np.arange(9) % 2 == 0, x, np.vstack([0 * x[:1], x[:-1]]))),
        "plain",
    ),
    "the largest weight of a step counts": (
        of(total=lambda self, slot: max((w for _, w in slot), default=0)),
        "dense",
    ),
    "only what excites": (of(total=lambda self, slot: sum(max(w, 0) for _, w in slot)), "dense"),
    "what inhibits is half": (of(current=lambda self, a: 64 * a if a > 0 else 32 * a), "plain"),
    "u has no lower half": (of(wrap=lambda self, x: max(0, x)), "plain"),
    "v has no low bits": (of(clip=lambda self, x: x // 64 * 64), "plain"),
    "fires at either sign": (of(fires=lambda self, v, th: abs(v) > th), "plain"),
    "a reset to half": (of(reset=lambda self, u, v: (u, v // 2)), "plain"),
    "every second spike resets": (of(reset=_alternating_reset), "plain"),
    "a bias in even steps": (of(bias=_bias_in_even_steps), "plain"),
    "delays are even": (of(delay=lambda self, i, j: int(self.layer.delay[i, j]) // 2 * 2), "plain"),
    "weights are tens": (
        of(weight=lambda self, i, j: round(int(self.layer.weight[i, j]) / 10) * 10),
        "plain",
    ),
    "v starts at the threshold": (
        of(start=lambda self, i: (0, 0 if self.layer.threshold is None else self.threshold())),
        "plain",
    ),
    "payloads in a Gray code": (
        of(payload=lambda self, x: x if self.index else x ^ (x >> 1)),
        "payloads",
    ),
    "no reset and no bias": (
        of(reset=lambda self, u, v: (u, v), bias=lambda self, i, t: 0),
        "plain",
    ),
    "du and dv are 1 more, and >=": (
        of(
            decay_u=lambda self, x, k: self.decay(x, k + 1),
            decay_v=lambda self, x, k: self.decay(x, k + 1),
            fires=lambda self, v, th: v >= th - 64,
        ),
        "plain",
    ),
}
"""Faults of no kind in the catalogue, and two at once."""


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_fault_of_no_known_kind_has_no_probable_cause(name):
    fault, shown = UNKNOWN[name]
    made = verified(*NETS[shown](), runner(fault()))
    assert made.unknown is None
    assert not made.causes or likely(made) == "possible"


def test_chance_has_no_cause():
    graph, inputs = net()
    rng = np.random.default_rng(3)
    made = verified(graph, inputs, runner(mutant(current=lambda self, a: 64 * a + int(rng.integers(-1, 2)))))
    assert made.causes == ()


def test_a_sample_alone_leaves_it_possible():
    """The same fault, with and without further samples."""
    graph, inputs = net()
    run = runner(mutant(bias=lambda self, i, t: int(np.sort(self.layer.bias_mant)[i]) << self.layer.bias_exp))
    alone = observed(inputs[:1], contract(graph, inputs[:1]), run(graph, inputs[:1]))[0]
    made = diagnose(graph, *place_of(alone.expected, alone.found), alone)
    assert made.causes[0].name == "biases-permuted"
    assert likely(made) == "possible"
    assert likely(verified(graph, inputs, run)) == "probable"


def test_neurons_are_not_permuted_where_their_biases_are():
    """On silence both give the same."""
    graph, inputs = net()
    silence = np.zeros_like(inputs[:1])
    fault = mutant(bias=lambda self, i, t: int(self.layer.bias_mant[::-1][i]) << self.layer.bias_exp)
    made = verified(graph, silence, runner(fault))
    assert [cause.name for cause in made.causes] == ["biases-permuted"]


def test_a_weight_that_the_format_does_not_hold_is_no_candidate():
    """A sum that wraps differs as another weight would, first; that would be beyond 8 bits."""
    graph, inputs = NETS["dense"]()
    fault = mutant(current=lambda self, a: 64 * ((a + 128) % 256 - 128))
    samples = observed(inputs[:1], contract(graph, inputs[:1]), runner(fault)(graph, inputs[:1]))
    place = place_of(samples[0].expected, samples[0].found)
    made = diagnose(graph, *place, samples[0])
    assert "weight-changed" not in [cause.name for cause in made.causes]


KEYS = ("u", "v", "spikes")


class _Executor:
    """The oracle on another graph; from run `stops` on it breaks down, from run `other` on it is right.

    On more than `most` samples, and where `refuses` says so of one, it breaks down, too.
    """

    name = "oracle"

    def __init__(
        self,
        graph: QuantizedGraph,
        stops: int = 99,
        other: int = 99,
        most: int = 99,
        refuses: Callable[[np.ndarray], bool] = lambda spikes: False,
    ) -> None:
        self.graph, self.stops, self.other, self.runs = graph, stops, other, 0
        self.most, self.refuses = most, refuses

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        self.runs += 1
        if self.runs > self.stops:
            raise RuntimeError("the board does not answer")
        if len(spikes) > self.most or any(map(self.refuses, spikes)):
            sys.exit("the queue\nis full")
        if self.runs <= self.other:
            artifact = replace(artifact, graph=self.graph)
        return OracleExecutor().run(artifact, spikes)


def _explained(monkeypatch: pytest.MonkeyPatch, **when: Any) -> Divergence:
    graph, inputs = net()
    layers = (replace(graph.layers[0], threshold=140), *graph.layers[1:])
    executor = _Executor(graph.with_layers(layers), **when)
    sides = {"torch": OracleExecutor(), "oracle": executor}
    monkeypatch.setattr("snnc.verification.comparison.load_executor", sides.__getitem__)
    artifact = artifact_of(graph)
    found = compare_executors(artifact, [InputGroup("inputs", inputs)], ["oracle"])
    divergence = found.results[1].divergence
    assert divergence is not None
    return explained(artifact, divergence, found.cases["oracle"])


def test_what_does_not_repeat_is_said(monkeypatch):
    made = _explained(monkeypatch, other=1).diagnosis
    assert (made.causes, made.unknown) == ((), UNREPEATABLE)


def test_a_cause_is_only_possible_where_the_executor_does_not_repeat(monkeypatch):
    """It gives the tests as the cause would, and the sample that differed otherwise."""
    run = _Executor.run

    def forgets(self: _Executor, artifact: Artifact, spikes: np.ndarray) -> Trace:
        given = run(self, artifact, spikes)
        if self.runs == 1:
            return given
        right = OracleExecutor().run(artifact, spikes[:1]).layers
        return Trace(
            "oracle",
            tuple(
                LayerTrace(*(np.concatenate([getattr(a, key), getattr(b, key)[1:]]) for key in KEYS))
                for a, b in zip(right, given.layers, strict=True)
            ),
        )

    monkeypatch.setattr(_Executor, "run", forgets)
    made = _explained(monkeypatch).diagnosis
    assert made.causes == () or likely(made) == "possible"


def test_an_executor_that_breaks_down_in_the_tests_leaves_it_possible(monkeypatch):
    made = _explained(monkeypatch, stops=1).diagnosis
    assert made.causes[0].name == "threshold-changed"
    assert likely(made) == "possible"
    assert made.broke.raised == "RuntimeError: the board does not answer"
    whole = _explained(monkeypatch).diagnosis
    assert (likely(whole), whole.broke) == ("probable", None)


def test_the_input_that_breaks_an_executor_down_in_the_tests_is_named(monkeypatch):
    """`SystemExit` of an executor does not end the command."""
    seen: list[np.ndarray] = []

    def refuses(spikes: np.ndarray) -> bool:
        seen.append(spikes)
        return spikes.sum() > 100

    made = _explained(monkeypatch, refuses=refuses).diagnosis
    broke, (graph, inputs) = made.broke, net()
    assert (broke.executor, broke.raised) == ("oracle", "SystemExit: the queue is full")
    full = [spikes for spikes in seen if spikes.sum() > 100]
    assert broke.events == full[0].sum()
    assert broke.inputs > 2
    # Its number finds it again.
    divergence = _explained(monkeypatch)
    again = made_inputs(graph, inputs[divergence.sample], divergence.step)[broke.made]
    assert np.array_equal(again, full[0])
    assert made.causes[0].tests == 0


def test_what_breaks_down_on_many_inputs_alone_is_not_blamed_on_one(monkeypatch):
    broke = _explained(monkeypatch, most=2).diagnosis.broke
    assert (broke.made, broke.events) == (None, None)
    assert broke.inputs > 2


def _trace(name: str, runs: list[list[Record]]) -> Trace:
    layers = (
        LayerTrace(*(np.stack([run[index][key] for run in runs]) for key in ("u", "v", "spikes")))
        for index in range(len(runs[0]))
    )
    return Trace(name, tuple(layers))


@pytest.mark.parametrize(("samples", "words"), [(1, "possible"), (2, "possible"), (5, "probable")])
def test_files_are_tested_on_the_other_samples_they_hold(tmp_path, samples, words):
    graph, inputs = net()
    inputs = np.concatenate([inputs, np.roll(inputs, 3, 1), inputs[:, ::-1]])[:samples]
    fault = mutant(bias=lambda self, i, t: int(self.layer.bias_mant[i]))
    a = write(tmp_path / "a.h5", graph, inputs, _trace("a", contract(graph, inputs)))
    b = write(tmp_path / "b.h5", graph, inputs, _trace("b", runner(fault)(graph, inputs)))
    with TraceFile(a) as left, TraceFile(b) as right:
        made = compare_files(left, right, graph).divergence.diagnosis
    assert [cause.name for cause in made.causes] == ["bias-exponent-ignored"]
    assert made.causes[0].tests == samples - 1
    assert likely(made) == words
