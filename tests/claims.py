"""Whether what a diagnosis claims of a fault holds on inputs that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import Phase, given, seed, settings
from networks import networks_with_input
from wrong_executors import in_memory

from snnc.errors import StageError
from snnc.hwsim.oracle import OracleExecutor
from snnc.report.diagnosis import likely
from snnc.stages import Diagnosis, QuantizedGraph
from snnc.verification.compare import first_divergence
from snnc.verification.diagnosis import run_observed
from snnc.verification.diagnosis.explain import explained
from snnc.verification.diagnosis.graphs import diagnose
from snnc.verification.diagnosis.graphs.diagnose import unrefuted
from snnc.verification.diagnosis.graphs.trial import seen, surviving
from snnc.verification.one_executor import Deviation

REFERENCE = OracleExecutor()


@dataclass(frozen=True)
class Claimed:
    """What is said of an executor that differs, `names` of causes, and what a sample not seen `refuted`."""

    diagnosis: Diagnosis
    names: tuple[str, ...] = ()
    sure: str = ""
    refuted: str = ""


def claimed(
    graph: QuantizedGraph, inputs: np.ndarray, wrong: Any, unseen: int, number: int
) -> Claimed | None:
    """What is said of `wrong`, None if it does not differ; a claim is tried on `unseen` more inputs."""
    artifact = in_memory(graph, inputs)
    try:
        expected, found = (each.run(artifact, inputs) for each in (REFERENCE, wrong))
    except StageError:  # a state that no trace holds
        return None
    first = first_divergence(graph, expected, found, inputs, "own")
    if first is None:
        return None
    rows = slice(max(0, first.sample - 1), first.sample + 1)
    case = Deviation(wrong, inputs[rows], expected.part(rows), found.part(rows), REFERENCE)
    told: list[Any] = []

    def listen(*given: Any) -> Any:
        left = unrefuted(*given)
        told.extend(each.hypothesis for alike in left for each in alike)
        return left

    with mock.patch.object(diagnose, "unrefuted", listen):
        said = explained(artifact, first, case).diagnosis
    assert said is not None
    if not said.causes:
        return Claimed(said)
    names, sure = tuple(cause.name for cause in said.causes), likely(said)
    more = drawn(graph, inputs, unseen, number)
    traces = [each.run(artifact, more) for each in (REFERENCE, wrong)]
    observed = run_observed(more, *traces)
    left = [each for each in told if _holds(graph, first.layer, each, observed)]
    refuted = "" if left else f"{said.causes[0].name}: {said.causes[0].where}"
    return Claimed(said, names, sure, refuted)


def _holds(graph: QuantizedGraph, name: str, claim: Any, observed: Any) -> bool:
    if not surviving([claim], seen(graph, name, observed)):
        return False
    others = [seen(graph, each.name, observed) for each in graph.stateful if each.name != name]
    return all(diagnose._same_fault(claim, other) for other in others if other.differing)


def drawn(graph: QuantizedGraph, like: np.ndarray, samples: int, number: int) -> np.ndarray:
    """Inputs uint8 [samples, T, inputs] of many densities, some of them like one of `like`."""
    rng = np.random.default_rng(number)
    largest = np.concatenate(
        [np.full(each.neurons, each.payload_max) for each in graph.populations if each.payload_max]
    )
    shape = (samples, graph.time_steps, graph.inputs)
    events = rng.integers(1, largest + 1, shape)
    events = np.where(rng.random(shape) < rng.random((samples, 1, 1)), events, 0)
    near = like[rng.integers(len(like), size=samples)]
    kept = rng.random(shape) < 0.9
    return np.where((rng.random((samples, 1, 1)) < 0.4) & kept, near, events).astype(np.uint8)


def cases(seed: int, most: int) -> Iterator[tuple[QuantizedGraph, np.ndarray]]:
    """Random graphs of 1 .. `most` populations and inputs, with inputs for them; always the same."""
    for number in count():
        yield from (case for case in _drawn_cases(1000 * seed + number, most) if not case[0].is_chain)


def _drawn_cases(number: int, most: int) -> list[tuple[QuantizedGraph, np.ndarray]]:
    made: list[tuple[QuantizedGraph, np.ndarray]] = []

    @seed(number)
    @settings(max_examples=40, database=None, deadline=None, phases=[Phase.generate])
    @given(networks_with_input(most=most))
    def take(case: tuple[QuantizedGraph, np.ndarray]) -> None:
        made.append(case)

    take()
    return made
