"""What `compare_executors` compares: the layers that are named, and nothing after the first difference."""

from __future__ import annotations

import numpy as np
import pytest
from golden import artifact_of
from hypothesis import given
from hypothesis import strategies as st
from trace_files import changed, two_layers

from snnc.errors import InputError
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import Rung
from snnc.trainer.integer_model import run_graph
from snnc.verification import comparison
from snnc.verification.compare import first_divergence
from snnc.verification.comparison import InputGroup, compare_executors
from snnc.verification.one_executor import STOPPED

GRAPH = two_layers()
SPIKES = np.random.default_rng(0).integers(0, 2, (4, 5, 2), np.uint8)
NEURONS = {"hidden1": 2, "readout": 2}


class Changed:
    """The oracle's trace with changes, by the number of the batch."""

    def __init__(self, name: str, by_batch: dict[int, list]) -> None:
        self.name, self.by_batch, self.batches = name, by_batch, 0

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact, spikes):
        trace = OracleExecutor().run(artifact, spikes)
        self.batches += 1
        return changed(trace, *self.by_batch.get(self.batches - 1, ()))


@pytest.fixture
def faulty(monkeypatch):
    """Make executors wrong: name -> number of a batch -> changes of its trace."""

    def install(**by_name: dict[int, list]) -> dict[str, Changed]:
        made = {name: Changed(name, changes) for name, changes in by_name.items()}
        real = comparison.load_executor
        monkeypatch.setattr(comparison, "load_executor", lambda name: made.get(name) or real(name))
        return made

    return install


@pytest.mark.parametrize(
    ("layers", "rung", "where"),
    [
        (None, Rung.SHIFTED_SPIKES, "hidden1"),
        (["hidden1"], Rung.SHIFTED_SPIKES, "hidden1"),
        (["readout"], Rung.BIT_EXACT, None),
        (["readout", "hidden1"], Rung.SHIFTED_SPIKES, "hidden1"),
    ],
)
def test_only_the_layers_that_are_named_are_compared(faulty, layers, rung, where):
    faulty(oracle={0: [(0, "u", (3, 2, 0))]})
    groups = [InputGroup("test", SPIKES)]
    found = compare_executors(artifact_of(GRAPH), groups, ["oracle"], layers=layers)
    divergence = found.results[1].divergence
    assert found.results[1].rung is rung
    assert (divergence and divergence.layer) == where


PLACES = st.sets(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 4),
        st.integers(0, 1),
        st.integers(0, 1),
        st.sampled_from(["u", "v", "spikes"]),
    ),
    max_size=5,
)


@given(PLACES, st.sets(st.sampled_from(list(NEURONS))))
def test_first_means_first_of_the_layers_named(places, layers):
    trace = run_graph(GRAPH, SPIKES)
    other = changed(trace, *((layer, name, (n, t, i)) for n, t, layer, i, name in places))
    found = first_divergence(GRAPH, trace, other, SPIKES, "test", layers)
    names = list(NEURONS)
    wanted = [(n, t, k, i, ("u", "v", "spikes").index(v)) for n, t, k, i, v in places if names[k] in layers]
    if not wanted:
        assert found is None
        return
    sample, step, layer, neuron, variable = min(wanted)
    assert (found.sample, found.step, found.layer, found.neuron) == (sample, step, names[layer], neuron)
    assert found.variable == ("u", "v", "spike")[variable]


@pytest.mark.parametrize("names", [["hiden1"], []])
def test_layers_that_are_none(names):
    groups = [InputGroup("test", SPIKES)]
    with pytest.raises(InputError, match="did you mean 'hidden1'" if names else "names no layer"):
        compare_executors(artifact_of(GRAPH), groups, ["oracle"], layers=names)


@pytest.mark.parametrize(("batch", "samples"), [(0, (1, 1, 1, 0)), (2, (3, 3, 3, 2))])
def test_fail_fast_runs_nothing_after_the_first_divergence(faulty, monkeypatch, batch, samples):
    """A batch a sample; the second of three executors differs in one. `samples`: torch's and theirs."""
    monkeypatch.setattr("snnc.batches.MOST", 1)
    made = faulty(oracle={}, hwsim={batch: [(1, "v", (0, 3, 1))]}, c={})
    groups = [InputGroup("test", SPIKES), InputGroup("more", SPIKES)]
    names = ["oracle", "hwsim", "c"]
    found = compare_executors(artifact_of(GRAPH), groups, names, fail_fast=True)
    assert tuple(result.samples for result in found.results) == samples
    assert found.inputs == {"test": batch + 1, "more": 0}
    assert found.results[2].divergence.sample == batch
    assert found.results[3].skipped == (STOPPED if batch == 0 else None)
    assert made["c"].batches == samples[3]


def test_without_fail_fast_everything_runs(faulty, monkeypatch):
    monkeypatch.setattr("snnc.batches.MOST", 1)
    faulty(oracle={0: [(1, "v", (0, 3, 1))]}, hwsim={})
    found = compare_executors(artifact_of(GRAPH), [InputGroup("test", SPIKES)], ["oracle", "hwsim"])
    assert [result.samples for result in found.results] == [4, 4, 4]
    assert found.inputs == {"test": 4}


def test_populations_that_fire_on_no_recording_are_named() -> None:
    """Golden and generated inputs are no recordings."""

    def silent(*groups: InputGroup, generated: int = 0) -> tuple[str, ...]:
        found = compare_executors(artifact_of(GRAPH), groups, ["oracle"], generated=generated)
        return found.coverage[0].silent

    none, golden = InputGroup("test", np.zeros_like(SPIKES)), InputGroup("golden", SPIKES)
    assert silent(golden, none, generated=2) == ("hidden1",)  # the readout has no threshold
    assert silent(golden, none, InputGroup("more", SPIKES)) == ()
    assert silent(golden) == ()
