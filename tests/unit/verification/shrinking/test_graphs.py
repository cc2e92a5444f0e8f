"""Small cases of graphs that are no chain: they differ, are valid and small, and are saved and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, source
from graph_faults import (
    NETWORK,
    SPIKES,
    Change,
    OnChanged,
    flipped,
    later,
    marked,
    on_a_cycle,
    populations,
    recurrent,
    synapses,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from networks import networks_with_input
from wrong_executors import Edited, executors, in_memory

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.hwsim import oracle
from snnc.plugins.executors import load_executor
from snnc.stages import Convolution, Projection, QuantizedGraph, Reproducer, Trace
from snnc.verification.compare import first_divergence
from snnc.verification.shrinking.cases import Case
from snnc.verification.shrinking.reproducer import reproduce
from snnc.verification.verify import verify

pytestmark = pytest.mark.slow

NO_END = 1e9
"""Seconds: these tests are bounded by runs."""


def reproduced(
    graph: QuantizedGraph, spikes: np.ndarray, wrong: Any, folder: Path, target: str = "c", runs: int = 4000
) -> Reproducer | None:
    """What is saved of the first divergence of `wrong` from the integer model, None if there is none."""
    artifact = in_memory(graph, spikes, target)
    reference = load_executor("torch")
    expected = reference.run(artifact, spikes)
    found = first_divergence(graph, expected, wrong.run(artifact, spikes), spikes, "own")
    if found is None:
        return None
    return reproduce(artifact, wrong, reference, found, spikes, expected, folder, runs=runs, seconds=NO_END)


def small_case(folder: Path) -> Case:
    """What was saved, read back; the states of its readouts are those of the oracle."""
    saved = read_artifact(folder)
    trace = oracle.run_graph(saved.graph, saved.golden_input)
    goldens = (saved.golden_readout, *saved.golden_others)
    for each, golden in zip(saved.graph.readouts, goldens, strict=True):
        layer = trace.layers[saved.graph.trace_index(each.population)]
        of_spikes = each.decoder in ("count", "first")
        np.testing.assert_array_equal(golden, layer.spikes if of_spikes else layer.v)
    return Case(saved.graph, np.asarray(saved.golden_input))


def differs(case: Case, wrong: Any) -> bool:
    expected = oracle.run_graph(case.graph, case.inputs)
    found = wrong.run(in_memory(case.graph, case.inputs), case.inputs)
    return any(
        not np.array_equal(getattr(one, name), getattr(other, name))
        for one, other in zip(expected, found, strict=True)
        for name in ("u", "v", "spikes", "w")
        if getattr(one, name) is not None
    )


@pytest.mark.parametrize("target", ["c", "onnx", "loihi"])
def test_a_wrong_synapse_leaves_that_synapse_and_one_event(target: str, tmp_path: Path) -> None:
    wrong = OnChanged(synapses(marked))
    found = reproduced(NETWORK, SPIKES, wrong, tmp_path / "small", target)
    assert found is not None
    assert (found.absent, found.stopped) == (None, None)
    case = small_case(tmp_path / "small")
    assert differs(case, wrong)
    # Samples, neurons, lines, synapses, steps, events, delays.
    assert case.size == (1, 1, 1, 1, 1, 1, 0)
    assert [each.name for each in case.graph.populations] == ["x", "h"]
    assert case.graph.projections[0].synapses.as_list().weight.tolist() == [77]
    population = case.graph.population("h")
    assert (population.model, population.reset, population.end) == ("lif", "zero", None)
    assert (found.inputs, found.layers, found.synapses, found.steps, found.events) == (1, (1,), 1, 1, 1)


FAULTS: dict[str, tuple[Change, tuple[int, int, int, int, int]]] = {
    # Neurons, lines, synapses, steps, events: no more.
    # A spike is needed that arrives in the step of the divergence, by one synapse to a neuron that spikes.
    "recurrent delays one longer": (synapses(later, recurrent), (1, 1, 2, 3, 2)),
    # Two populations, of which one must spike and reach the other; the way back must exist.
    # Its synapses may be of other neurons than the way there.
    "delays on a cycle one longer": (synapses(later, on_a_cycle), (4, 1, 3, 4, 3)),
    "adaptation by a spike has the wrong sign": (populations(kb=lambda kb: -(kb >> 1)), (1, 1, 1, 2, 2)),
    "the end is ignored": (populations(end=lambda _: None), (1, 1, 1, 2, 2)),
    "subtraction is a reset to zero": (populations(reset=lambda _: "zero"), (1, 1, 1, 2, 2)),
    "the decay of v is one too large": (
        populations(decay_v=lambda k: np.minimum(k + 1, 4096)),
        (1, 1, 1, 3, 2),
    ),
    "no bias": (populations(bias_mant=np.zeros_like), (1, 1, 0, 1, 0)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_what_it_needs(name: str, tmp_path: Path) -> None:
    change, most = FAULTS[name]
    wrong = OnChanged(change)
    found = reproduced(NETWORK, SPIKES, wrong, tmp_path / "small")
    assert found is not None
    assert (found.absent, found.stopped) == (None, None)
    case = small_case(tmp_path / "small")
    assert differs(case, wrong)
    assert not any(differs(smaller, wrong) for smaller in one_less(case))
    print(f"\n{name}: {case.size[1:-1]}, {found.runs} runs, {found.seconds:.1f} s")
    assert all(have <= limit for have, limit in zip(case.size[1:-1], most, strict=True)), case.size


def test_the_search_gives_the_same_bytes_again(tmp_path: Path) -> None:
    wrong = OnChanged(FAULTS["the end is ignored"][0])
    for name in ("one", "two"):
        reproduced(NETWORK, SPIKES, wrong, tmp_path / name)
    one, two = (sorted((tmp_path / name).rglob("*")) for name in ("one", "two"))
    assert [each.name for each in one] == [each.name for each in two]
    for first, second in zip(one, two, strict=True):
        assert first.is_dir() or first.read_bytes() == second.read_bytes(), first.name


def one_less(case: Case) -> Any:
    """`case` without each event, and without each synapse."""
    for at in np.argwhere(case.inputs):
        inputs = np.array(case.inputs)
        inputs[tuple(at)] = 0
        yield Case(case.graph, inputs)
    for number, each in enumerate(case.graph.projections):
        if not isinstance(each.synapses, Convolution):
            found = each.synapses.as_list()
            for k in range(found.count):
                weight = np.array(found.weight)
                weight[k] = 0
                projections = list(case.graph.projections)
                projections[number] = replace(each, synapses=replace(found, weight=weight))
                yield Case(replace(case.graph, projections=tuple(projections)), case.inputs)


def convolved() -> QuantizedGraph:
    rng = np.random.default_rng(3)
    kernel, second = rng.integers(1, 60, (3, 2, 3, 3)), rng.integers(-20, 60, (2, 3, 2, 2))
    return graph_of(
        [source("x", 2 * 6 * 6), lif("h", 3 * 6 * 6, threshold=90), lif("z", 2 * 3 * 3, threshold=50)],
        [
            Projection("x", "h", Convolution(kernel, 1, (2, 6, 6), (1, 1), (1, 1))),
            Projection("h", "z", Convolution(second, 0, (3, 6, 6), (2, 2))),
        ],
        6,
    )


def test_a_flipped_kernel_stays_a_small_convolution(tmp_path: Path) -> None:
    """It needs two elements in a row or column at least, of which one is not 0."""
    graph = convolved()
    spikes = (np.random.default_rng(4).random((1, 6, 72)) < 0.2).astype(np.uint8)
    found = reproduced(graph, spikes, OnChanged(flipped), tmp_path / "small")
    assert found is not None
    assert found.absent is None
    case = small_case(tmp_path / "small")
    assert differs(case, OnChanged(flipped))
    (projection,) = case.graph.projections
    assert isinstance(projection.synapses, Convolution)
    assert np.count_nonzero(projection.synapses.kernel) == 1
    assert projection.synapses.kernel.shape[:2] == (1, 1)
    assert (case.size[4], case.size[5]) == (1, 1)
    assert case.size[1] <= 4
    assert case.size[2] <= 9


def test_what_is_no_fault_of_convolutions_leaves_a_list(tmp_path: Path) -> None:
    wrong = OnChanged(synapses(lambda _, of: replace(of, weight=of.weight & ~1)))
    spikes = (np.random.default_rng(4).random((1, 6, 72)) < 0.2).astype(np.uint8)
    reproduced(convolved(), spikes, wrong, tmp_path / "small")
    case = small_case(tmp_path / "small")
    assert case.size[:6] == (1, 1, 1, 1, 1, 1)
    assert not isinstance(case.graph.projections[0].synapses, Convolution)


def test_several_readouts_stay_where_the_fault_needs_them(tmp_path: Path) -> None:
    def edit(graph: QuantizedGraph, trace: Trace) -> Trace:
        if len(graph.readouts) < 2:
            return trace
        last = trace.layers[-1]
        return replace(trace, layers=(*trace.layers[:-1], replace(last, v=last.v + last.spikes)))

    wrong = Edited(edit)
    found = reproduced(NETWORK, SPIKES, wrong, tmp_path / "small")
    assert found is not None
    assert found.absent is None
    case = small_case(tmp_path / "small")
    assert differs(case, wrong)
    assert len(read_artifact(tmp_path / "small").golden_others) == 1
    assert case.size[1] <= 3


def test_what_one_sample_leaves_to_the_next_needs_two(tmp_path: Path) -> None:
    """The first spike of the sample before comes again in step 0, as a wrong v."""

    def edit(graph: QuantizedGraph, trace: Trace) -> Trace:
        first = trace.layers[0]
        v = np.array(first.v)
        v[1:, 0] += first.spikes[:-1].any(axis=1)
        return replace(trace, layers=(replace(first, v=v), *trace.layers[1:]))

    found = reproduced(NETWORK, SPIKES, Edited(edit), tmp_path / "small")
    assert found is not None
    assert found.absent is None
    case = small_case(tmp_path / "small")
    assert differs(case, Edited(edit))
    assert case.size[:2] == (2, 1)
    assert case.size[3] <= 2


@settings(max_examples=20)
@given(networks_with_input(most=4), st.sampled_from(sorted(FAULTS)))
def test_any_network_is_shrunk_to_a_valid_one(
    tmp_path_factory: pytest.TempPathFactory, given: tuple[QuantizedGraph, np.ndarray], name: str
) -> None:
    """The fault is the first, from `name` on, that shows on the network: most networks show one of them."""
    graph, spikes = given
    assume(not graph.is_chain)
    folder = tmp_path_factory.mktemp("any") / "small"
    order = sorted(FAULTS)
    for fault in order[order.index(name) :] + order[: order.index(name)]:
        wrong = OnChanged(FAULTS[fault][0])
        if (found := reproduced(graph, spikes, wrong, folder, runs=100)) is not None:
            break
    assume(found is not None)
    assert found is not None
    assert found.absent is None
    case = small_case(folder)
    assert differs(case, wrong)
    # A population may be copied as an input, which takes lines in place of neurons.
    assert case.size[1] <= sum(each.neurons for each in graph.stateful)
    assert case.size[4] <= graph.time_steps


def test_a_graph_without_inputs(tmp_path: Path) -> None:
    """A neuron is driven by its bias, and drives another."""
    graph = graph_of(
        [lif("h", 3, bias_mant=[1, 2, 3]), li("y", 2)], [dense("h", "y", [[1, 2, 4], [8, 16, 32]], 1)], 5
    )
    wrong = OnChanged(synapses(lambda _, of: replace(of, weight=np.where(of.weight == 16, 17, of.weight))))
    found = reproduced(graph, np.zeros((1, 5, 0), np.uint8), wrong, tmp_path / "small")
    assert found is not None
    assert found.absent is None
    case = small_case(tmp_path / "small")
    assert differs(case, wrong)
    # The spikes of h come from an input then, one of which is enough.
    assert case.size == (1, 1, 1, 1, 1, 1, 0)


def test_verify_saves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = executors(OnChanged(synapses(marked)))
    monkeypatch.setattr("snnc.verification.comparison.load_executor", known.__getitem__)
    monkeypatch.setattr("snnc.verification.comparison.all_executors", lambda: dict.fromkeys(known, ""))
    folder = tmp_path / "small"
    report = verify(in_memory(NETWORK, SPIKES), [], allow_missing=True, reproducer=folder)
    assert report.first_divergence is not None
    _, divergence = report.first_divergence
    assert divergence.reproducer is not None
    assert (divergence.reproducer.folder, divergence.reproducer.synapses) == (str(folder), 1)
    assert small_case(folder).size[1:] == (1, 1, 1, 1, 1, 0)


def test_verify_of_the_reproducer_shows_the_difference_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = OnChanged(populations(kb=lambda kb: -(kb >> 1)))
    reproduced(NETWORK, SPIKES, wrong, tmp_path / "small")
    monkeypatch.setattr(oracle.OracleExecutor, "run", lambda _, *given: wrong.run(*given))
    arguments = ["--dataset", "none", "--generated", "0", "--executors", "oracle,hwsim"]
    assert main(["verify", str(tmp_path / "small"), *arguments]) == 1
    capsys.readouterr()
