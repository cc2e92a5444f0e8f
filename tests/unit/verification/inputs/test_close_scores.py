"""Inputs with equal and close scores: decoders that are wrong on these alone are found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from golden import artifact_of
from inputs_of_verify import layer, like_the_demo, random_inputs
from models import saved, tamper, tiny_model
from mutants import run

from snnc.cli import main
from snnc.exporter.golden import golden_input
from snnc.hwsim.oracle import OracleExecutor
from snnc.report.json_report import from_json
from snnc.stages import Answer, Artifact, QuantizedGraph, Trace
from snnc.verification import comparison
from snnc.verification.comparison import EXTREMES, GENERATED, InputGroup, compare_executors
from snnc.verification.inputs.close_scores import close, closeness, ties

pytestmark = pytest.mark.slow

SCALE = 1e-4


@cache
def demo() -> QuantizedGraph:
    return like_the_demo().changed(readout_scale=SCALE)


def scores(v: np.ndarray) -> np.ndarray:
    """Clause 7 in plain floats, v [T, classes]."""
    total = [0.0] * v.shape[1]
    for step in v.tolist():
        powers = [exp((x - max(step)) * SCALE) for x in step]
        total = [y + p / sum(powers) for y, p in zip(total, powers, strict=True)]
    return np.array(total)


def test_closeness_by_hand():
    """Scores of one step are 1/7, 2/7, 4/7 of v = 0, 1, 2 if the scale is log 2; of two steps, twice that."""
    graph = QuantizedGraph.chain(
        (layer("readout", [[1], [1], [1]], [[0]] * 3, None),), 2, 0.001, log(2), ("a", "b", "c")
    )
    v = np.array([[[0, 1, 2]] * 2, [[2, 1, 0]] * 2, [[2, 0, 1]] * 2, [[1, 1, 0]] * 2, [[0, 1, 0], [1, 0, 0]]])
    v = v.astype(np.int32)
    near = closeness(graph, v)
    # The fourth has a tie, and the fifth one of scores whose v differ: there rounding may decide.
    expected = [[-2, -4 / 7], [-4 / 7, -2], [-4 / 7, -2], [-2, -2], [-2, -2]]
    np.testing.assert_allclose(near, expected, rtol=1e-12)
    assert ties(graph, v).tolist() == [False, False, False, True, False]
    alone = graph.changed(layers=[layer("readout", [[1]], [[0]], None)], class_names=("a",))
    assert closeness(alone, v[..., :1]).tolist() == [[-2, -2]] * 5
    assert not ties(alone, v[..., :1]).any()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_search_comes_near_in_both_orders(seed):
    graph = demo()
    found = {}
    for train in close(graph, np.random.default_rng(seed), 1024):
        y = scores(run(graph, train[None])[-1][1][0])
        best, after = np.argsort(-y, kind="stable")[:2]
        found[best < after] = y[best] - y[after]
    assert found.keys() == {True, False}
    assert 0 < max(found.values()) < 0.005


_ran: dict[tuple[int, bytes], tuple[QuantizedGraph, Trace, np.ndarray]] = {}
"""What the oracle and `scores` made of a graph and inputs: decoders differ only behind them."""


def traced(artifact: Artifact, spikes: np.ndarray) -> tuple[Trace, np.ndarray]:
    """The oracle's trace of uint8 [samples, T, inputs], and the scores [samples, classes]."""
    key = id(artifact.graph), spikes.tobytes()
    if key not in _ran:
        trace = OracleExecutor().run(artifact, spikes)
        _ran[key] = artifact.graph, trace, np.array([scores(v) for v in trace.readout])
    return _ran[key][1:]


class Decoding:
    """The oracle with a decoder of its own, that tells its scores or does not."""

    name = "oracle"

    def __init__(self, rule, tells: bool) -> None:
        self.rule, self.tells = rule, tells

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact, spikes) -> Trace:
        trace, y = traced(artifact, spikes)
        classes = np.array([self.rule(row) for row in y])
        return replace(trace, answers=(Answer("it", scores=y if self.tells else None, classes=classes),))


def over(margin: float):
    """Another class is taken if its score is larger by more than `margin`."""

    def rule(y: np.ndarray) -> int:
        best = 0
        for i, score in enumerate(y):
            best = i if score > y[best] + margin else best
        return best

    return rule


def last(y: np.ndarray) -> int:
    return len(y) - 1 - int(y[::-1].argmax())


def verified(monkeypatch, graph, rule, *, tells=True, whole=None, generated=0, golden=None):
    real, made = comparison.load_executor, Decoding(rule, tells)
    monkeypatch.setattr(comparison, "load_executor", lambda n: made if n == "oracle" else real(n))
    groups = [InputGroup("golden", golden_input(graph) if golden is None else golden)]
    groups += [] if whole is None else [InputGroup("test", whole[:1], None, whole)]
    return compare_executors(artifact_of(graph), groups, ["oracle"], generated=generated)


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_margin(sign, tells, monkeypatch):
    """One that exceeds the smallest of 200 recordings, in either order; and a smaller one, by made inputs."""
    graph = demo()
    whole = random_inputs(graph, 200, seed=8)
    y = [scores(v) for v in run(graph, whole)[-1][1]]
    best, after = np.argsort(-np.array(y), axis=1, kind="stable")[:, :2].T
    margins = np.array([row[i] - row[k] for row, i, k in zip(y, best, after, strict=True)])
    least = margins[(best > after) == (sign > 0)].min()
    rule = over(sign * least * 1.001)
    assert not verified(monkeypatch, graph, rule, tells=tells).results[1].differs
    answer = verified(monkeypatch, graph, rule, tells=tells, whole=whole).results[1].answer
    assert (answer.split, answer.kind) == (EXTREMES, "class")
    answer = verified(monkeypatch, graph, over(sign * 0.005), tells=tells, generated=16).results[1].answer
    assert (answer.split, answer.kind) == (GENERATED, "class")


@cache
def biased() -> QuantizedGraph:
    """Silence takes class 0; its lines drive classes 1 and 2 above it, equally if both lines do."""
    weight, bias = [[0, 0], [9, 0], [0, 9]], np.array([100, 50, 50])
    readout = layer("readout", weight, [[0, 0]] * 3, None, bias_mant=bias, decay_v=0)
    return QuantizedGraph.chain((readout,), 6, 0.001, SCALE, ("a", "b", "c"))


@pytest.mark.parametrize("tells", [True, False])
def test_ties_are_sought_and_those_never_met_are_named(tells, monkeypatch):
    graph = biased()
    line = "readout: no two classes tied for the best score, with equal v in every step"
    golden = np.zeros((1, 6, 2), np.uint8) + np.uint8([1, 0])
    given = verified(monkeypatch, graph, last, tells=tells, golden=golden)
    assert not given.results[1].differs
    assert line in given.coverage[-1].unreached
    found = verified(monkeypatch, graph, last, tells=tells, generated=16, golden=golden)
    assert (found.results[1].answer.split, found.results[1].answer.kind) == (GENERATED, "class")
    assert line not in found.coverage[-1].unreached
    assert not verified(monkeypatch, graph, over(0), tells=tells, generated=16).results[1].differs
    # Of classes with unequal biases none ties; of one class there is nothing to say.
    assert line in verified(monkeypatch, demo(), last, generated=16).coverage[-1].unreached
    alone = QuantizedGraph.chain((layer("readout", [[1]], [[0]], None),), 6, 0.001, SCALE, ("a",))
    assert line not in verified(monkeypatch, alone, last).coverage[-1].unreached


def test_a_margin_in_the_c_program(tmp_path: Path):
    """By the command, without recordings."""
    model = str(saved(tiny_model(), tmp_path))
    assert main(["export", model, "--target", "c", "--no-budget"]) == 0
    artifact = Path(shutil.copytree(tmp_path / "model.c", tmp_path / "wrong" / "model.c"))
    old, new = b"score[i] > s->score[best]", b"score[i] > s->score[best] + 0.02"

    def changed(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new)

    tamper(artifact, "snn.c", changed)
    command = ["verify", str(artifact), "--dataset", "none", "--executors", "c", "--trust-program"]
    assert main(command) == 1
    (result,) = from_json((artifact / "report.json").read_text()).compared
    assert result.answer is not None
    assert (result.answer.kind, result.answer.split) == ("class", GENERATED)
