"""What drives a network farthest: faults that are right below some magnitude and wrong above show."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from golden import artifact_of
from inputs_of_verify import inputs_of_verify, layer, like_the_demo, random_inputs
from mutants import Rules, cut, run, shown

from snnc import batches
from snnc.exporter.golden import golden_input
from snnc.exporter.ranges.prove import graph_bounds
from snnc.hwsim.event_driven import simulate
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.verification import comparison
from snnc.verification.comparison import EXTREMES, InputGroup, compare_executors
from snnc.verification.inputs import ascent
from snnc.verification.inputs.ascent import driven
from snnc.verification.inputs.coverage import nothing
from snnc.verification.inputs.extremes import farthest, heights, rest
from snnc.verification.inputs.stimuli import generate

pytestmark = pytest.mark.slow


def two_layers() -> QuantizedGraph:
    """Neuron 0 fires on one event; neuron 1 on line 1 alone, in the next step."""
    hidden = layer("hidden1", [[5, 4], [-9, 6]], [[0, 0], [1, 1]], 3)
    readout = layer("readout", [[2, 3], [0, -7]], [[0, 0], [0, 1]], None, decay_u=2048, decay_v=0)
    return QuantizedGraph.chain((hidden, readout), 4, 0.001, 1.0, ("a", "b"))


def test_heights_by_hand():
    graph = two_layers()
    inputs = np.zeros((2, 4, 2), np.uint8)
    inputs[1, 0] = 1  # both lines in step 0
    inputs[1, 1, 1] = 1  # and line 1 in step 1
    found = heights(graph, inputs, simulate(graph, inputs))
    assert not found[0].any()
    # hidden1: neuron 0 gets 9, 4 and fires twice (v is 0 then); neuron 1 gets -3 in step 1 and 6 in step 2,
    # where it fires. v is 64 * -3 at the lowest, and above 0 never, for what does not fire is above 0 never.
    # Two events arrive at neuron 0 in step 0; in step 1 one at neuron 0 and two at neuron 1.
    hidden = [64 * 9, 64 * 3, 0, 64 * 3, 2, 3, 1]
    # readout: 2, 2, 3 arrive at neuron 0 in steps 0, 1, 2, and -7 at neuron 1 in step 3. u of neuron 0 is
    # 128, 192, 288, 144; v is their sum, 752; u and v of neuron 1 are -448.
    readout = [288, 448, 752, 448, 3, 7, 1, 1]
    assert found[1].tolist() == [2, *hidden, *readout]
    assert rest(graph).shape == found[1].shape


def test_the_farthest_by_hand():
    found = np.array([[5, 0, 0, 1], [0, 9, 0, 1], [5, 9, 1, 1], [0, 0, 7, 1]], float)
    reached = np.array([3.0, 0, 0, 2])
    # Sample 2 meets the first two goals; of the third, 7, sample 3 has all. The fourth is reached already.
    assert farthest(found, reached, 9) == [2, 3]
    assert farthest(found, reached, 1) == [2]
    assert farthest(found, np.array([5.0, 9, 7, 1]), 9) == []
    assert farthest(found, np.array([3.0, 0, 6.5, 2]), 9, enough=0.5) == [2, 3]
    # Where 0.6 of the way is enough, 3.6 of 6, the last is; else it takes the other two.
    near = np.array([[6, 0], [0, 6], [4, 4]], float)
    assert farthest(near, np.zeros(2), 9, enough=0.6) == [2]
    assert sorted(farthest(near, np.zeros(2), 9)) == [0, 1]
    assert farthest(np.zeros((0, 4)), reached, 9) == []


@cache
def by_default() -> tuple[QuantizedGraph, np.ndarray]:
    graph = like_the_demo()
    return graph, inputs_of_verify(graph)


@pytest.mark.parametrize("share", [0.6, 0.9])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("variable", ["a", "u", "v"])
@pytest.mark.parametrize("index", [0, 1])
def test_made_inputs_come_near_to_what_is_proved(index, variable, sign, share):
    """Limits between what random inputs reach and the proved bound. (v that a spike ends is left out.)"""
    graph, ours = by_default()
    bounds, name = graph_bounds(graph)[index], graph.layers[index].name
    kind = "v" if variable == "v" else "u"
    bound = int(getattr(bounds, f"{kind}_hi").max() if sign > 0 else getattr(bounds, f"{kind}_lo").min())
    if variable == "v" and sign > 0 and index == 0:
        bound = graph.layers[0].threshold * 64
    fault = cut(variable, int(share * bound) // (64 if variable == "a" else 1), name)
    assert shown(graph, ours, fault)


@pytest.mark.parametrize("limit", [24, 40, 45])
def test_a_queue_of_spikes(limit):
    graph, ours = by_default()
    assert shown(graph, ours, cut("queue", limit, "readout"))
    assert not shown(graph, ours, cut("queue", 48, "readout"))


class Faulty:
    name = "oracle"

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact, spikes) -> Trace:
        layers = (LayerTrace(u, v, s) for u, v, s in run(artifact.graph, spikes, self.rules))
        return Trace("oracle", tuple(layers))


FAULTS = [(variable, sign, "readout") for variable in "uv" for sign in (1, -1)]
FAULTS += [("u", 1, "hidden1"), ("u", -1, "hidden1"), ("v", -1, "hidden1")]  # a spike ends v above 0


@pytest.mark.parametrize("fault", [*FAULTS, ("queue", 1, "hidden1"), ("queue", 1, "readout")])
def test_recordings_at_the_extremes_come_along(fault, monkeypatch):
    """A limit that but one recording of 300 exceeds, and none of those that are taken anyway."""
    variable, sign, name = fault
    graph = like_the_demo()
    every = random_inputs(graph, 300, seed=2)
    golden = golden_input(graph)[[0]]
    index = [each.name for each in graph.layers].index(name)
    states = run(graph, every)
    spikes = every if name == "hidden1" else states[0][2]
    arrays = {"u": states[index][0], "v": states[index][1], "queue": (spikes != 0).sum(axis=-1)}
    peaks = (sign * arrays[variable].reshape(300, -1)).max(axis=1)
    order = np.argsort(peaks, kind="stable")
    rules = cut(variable, sign * int(peaks[order[-1]] - 1), name)
    taken = every[order[:20]]
    real = comparison.load_executor
    monkeypatch.setattr(comparison, "load_executor", lambda n: Faulty(rules) if n == "oracle" else real(n))

    def compared(whole: np.ndarray | None) -> comparison.Comparison:
        groups = [InputGroup("golden", golden), InputGroup("test", taken, None, whole)]
        return compare_executors(artifact_of(graph), groups, ["oracle"])

    assert compared(None).results[1].divergence is None
    found = compared(every)
    assert found.results[1].divergence.split == EXTREMES
    assert found.inputs["test"] == 20
    assert 1 <= found.inputs[EXTREMES] <= 12


def test_one_layer_is_driven_to_what_its_weights_allow():
    """Each line at the step that its delay asks for: by hand, 7 + 3 over two delays, and -5."""
    graph = QuantizedGraph.chain(
        (layer("readout", [[7, -5, 3]], [[0, 1, 2]], None, decay_v=0),), 5, 0.001, 1.0, ("a",), payload_max=3
    )
    each = heights(graph, np.stack(driven(graph)), simulate(graph, np.stack(driven(graph))))
    # With payloads of 3, and v that keeps all: line 0 in 5 steps, line 1 in 4, line 2 in 3.
    assert each.max(axis=0)[1:5].tolist() == [64 * 30, 64 * 15, 64 * 3 * (5 * 7 + 3 * 3), 64 * 3 * 4 * 5]


def test_they_are_the_same_every_time_and_no_more_than_asked_for():
    graph = two_layers()
    for count in (1, 2, 3, 7):
        made = [generate(graph, nothing(graph), seed=4, samples=count, runs=64) for _ in range(2)]
        assert made[0].shape == (count, 4, 2)
        assert np.array_equal(*made)


def test_a_goal_that_rounding_moves_is_met_once():
    """-100 + (-0.1 - -100) is not -0.1: nothing would ever reach it, and the last would be taken for ever."""
    assert farthest(np.array([[-0.1], [-5], [-7.0]]), np.array([-100.0]), 12) == [0]
    for seed in range(200):
        drawn = np.random.default_rng(seed).normal(size=(9, 4))
        chosen = farthest(drawn, np.full(4, -100.0), 12, 0.95 if seed % 2 else 1.0)
        assert len(set(chosen)) == len(chosen)


def test_many_layers_of_many_neurons_leave_no_aim_without_a_gradient():
    """Gradients grow by the number of neurons in each layer, beyond float32 in 8 of 64."""
    rng = np.random.default_rng(0)
    hidden = [layer(f"h{k}", rng.integers(-30, 91, (64, 64)), np.zeros((64, 64), int), 1) for k in range(12)]
    readout = layer("readout", rng.integers(-30, 91, (4, 64)), np.zeros((4, 64), int), None)
    graph = QuantizedGraph.chain((*hidden, readout), 3, 0.001, 1.0, tuple("abcd"))
    with np.errstate(over="raise", invalid="raise"):
        assert ascent._scaled(ascent._gradient(graph, list(ascent._aims(graph)), None)).any(axis=(1, 2)).all()
        driven(graph)


def test_aims_are_climbed_in_batches_of_bounded_memory(monkeypatch):
    graph = like_the_demo()
    expected = driven(graph)
    monkeypatch.setattr(batches, "TRACE_BYTES", 1)
    monkeypatch.setattr(batches, "LARGE_BYTES", 1)
    run, sizes = ascent.simulate, []

    def counted(graph, trains):
        sizes.append(len(trains))
        return run(graph, trains)

    monkeypatch.setattr(ascent, "simulate", counted)
    assert np.array_equal(driven(graph), expected)
    assert max(sizes) == 2
