"""The conformance suite finds what is wrong: arithmetic, manners, targets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from planting import copy_of
from seeded_executors import ADD, DRIVEN, FIRES, ROW

from snnc.errors import ExecutorUnavailableError, InputError, LimitError
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.target import processor_limits
from snnc.targets.registry import load_target
from snnc.verification.conformance import (
    TARGET_LIMITS,
    Unsupported,
    conformance,
)
from snnc.verification.conformance_nets import Net, extremes

MUTANTS = {
    "fires at the threshold": (FIRES, FIRES.replace(">", ">=")),
    "rounds down": ("return -magnitude if x < 0 else magnitude", "return (x * (4096 - k)) >> 12"),
    "no wrap above": ("return x - 2**24", "return x"),
    "no wrap below": ("return x + 2**24", "return x"),
    "wraps at the end": ("x > 2**23", "x >= 2**23"),
    "clips one lower": ("LIMIT = 2**23 - 1", "LIMIT = 2**23 - 2"),
    "keeps v after a spike": ("v[i] = 0", "pass"),
    "a delay less": (ADD, ADD.replace("t + delay", "max(t, t + delay - 1)")),
    "no bias": (DRIVEN, "decay(v[i], p.dv[i]) + u[i] - adapted"),
    "a payload is a spike": (ROW, ROW.replace("for _ in range(x)", "if x")),
    "counts wraps twice": ("run.u_wraps += u[i] != x", "run.u_wraps += 2 * (u[i] != x)"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_wrong_arithmetic_is_found(name: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = ("hwsim/oracle.py", *MUTANTS[name])
    monkeypatch.setitem(EXECUTORS, "oracle", copy_of("oracle", [edit], tmp_path, monkeypatch))
    executor = load_executor("oracle")
    found = conformance(executor=executor, reference=load_executor("hwsim"), over=extremes())
    assert found.problems
    assert all("expected" in problem for problem in found.problems)
    assert found.passed + len(found.problems) == len(extremes())


class Wrong(OracleExecutor):
    """The oracle with `change` [run of the oracle, artifact, spikes]."""

    name = "wrong"

    def __init__(self, change: Any) -> None:
        self.change = change

    def run(self, artifact: Any, spikes: Any) -> Trace:
        return self.change(super().run, artifact, spikes)


def leaky(real: Any, artifact: Any, spikes: Any) -> Trace:
    """v of a sample goes on into the next."""
    trace = real(artifact, spikes)
    last = trace.layers[-1]
    v = last.v + np.where(np.arange(len(spikes))[:, None, None] > 0, last.v[:1, -1:], 0)
    return Trace("wrong", (*trace.layers[:-1], LayerTrace(last.u, v, last.spikes)))


def careless(real: Any, artifact: Any, spikes: Any) -> Trace:
    """Takes input of any shape, and fills up what is not there."""
    whole = np.zeros((len(spikes), artifact.graph.time_steps, artifact.graph.inputs), np.uint8)
    whole[:, : spikes.shape[1], : spikes.shape[2]] = spikes
    return real(artifact, whole)


def crash(real: Any, artifact: Any, spikes: Any) -> Trace:
    raise IndexError("list index out of range")


def short(real: Any, artifact: Any, spikes: Any) -> Trace:
    return real(artifact, spikes[:1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (leaky, "sample 1, step 0"),
        (careless, "takes input that lacks a step; it must raise StageError"),
        (crash, "fails with IndexError, which is not an error of snnc.errors: list index out of range"),
        (short, "expected"),
    ],
)
def test_wrong_manners_are_found(change: Any, said: str) -> None:
    found = conformance(executor=Wrong(change), over=extremes()[:1])
    assert found.passed == 0
    assert said in found.problems[0]
    assert found.problems[0].startswith("one neuron, one input, one step: ")


EIGHT_BITS = processor_limits(8)


def target(**changes: Any) -> Any:
    return replace(load_target("c"), name="mine", limits=EIGHT_BITS, **changes)


def no_check(graph: QuantizedGraph) -> None:
    pass


def timid(graph: QuantizedGraph) -> None:
    raise LimitError("not today")


def counting() -> Any:
    calls = iter(range(10**6))
    return lambda program: {"x": str(next(calls)).encode()}


NINE_BITS = tuple(net for net in extremes() if net.name == "weights of nine bits")


@pytest.mark.parametrize(
    ("made", "over", "said"),
    [
        (target(check=no_check), NINE_BITS, f"announced as unsupported ({TARGET_LIMITS}), but accepted"),
        (target(check=timid), extremes()[:1], "refused, although no reason was announced: not today"),
        (target(emit=counting()), extremes()[:1], "emits other bytes the second time"),
        (target(emit=lambda program: {"../x": b""}), extremes()[:1], "emits '../x', which leaves"),
        (target(emit=lambda program: {"/x": b""}), extremes()[:1], "emits '/x', which leaves"),
        (target(emit=lambda program: 1 / 0), extremes()[:1], "fails with ZeroDivisionError"),
    ],
)
def test_wrong_targets_are_found(made: Any, over: tuple[Net, ...], said: str) -> None:
    found = conformance(target=made, over=over)
    assert found.passed == 0
    assert len(found.problems) == 1
    assert said in found.problems[0]


def test_a_pattern_that_is_not_refused_is_a_problem() -> None:
    silent = Unsupported("one step", lambda graph: graph.time_steps == 1)
    found = conformance(executor=load_executor("hwsim"), unsupported=[silent], over=extremes()[:2])
    assert found.passed == 1
    assert "announced as unsupported (one step), but accepted" in found.problems[0]
    wrong = Wrong(lambda real, artifact, spikes: real(artifact, 1 - spikes))
    found = conformance(executor=wrong, unsupported=[silent], over=extremes()[:1])
    assert "announced as unsupported (one step), but computed wrongly: sample 0" in found.problems[0]


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InputError, match="give a target, an executor or both"):
        conformance()
    with pytest.raises(InputError, match="oracle is compared with itself"):
        conformance(executor=load_executor("oracle"))

    class Absent(OracleExecutor):
        name = "absent"

        def unavailable_reason(self) -> str:
            return "no chip is connected"

    with pytest.raises(ExecutorUnavailableError, match="absent cannot run here: no chip is connected"):
        conformance(executor=Absent())
