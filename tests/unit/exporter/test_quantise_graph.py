"""The pass that quantises a graph: scales by hand, exact cases, limits, and its own check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from float_nets import any_nets, dense, graph, lif
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.errors import InputError, LimitError, PassError, StageError
from snnc.exporter.float_reference import run_float
from snnc.exporter.options import ExportOptions, check_graph_options
from snnc.exporter.passes.quantise_graph import QuantiseGraph, quantise_graph
from snnc.hwsim.oracle import run_graph
from snnc.stages import (
    FloatConvolution,
    FloatMatrix,
    FloatPopulation,
    FloatProjection,
    SynapseMatrix,
)


def test_each_neuron_has_the_finest_grid_with_a_whole_threshold():
    """127 / 0.3 = 423.3 steps to 1: threshold 1 is 423; and 127 / 2 = 63.5: threshold 1.5 is 95 of 95.25."""
    net = graph(lif(2, threshold=[1.0, 1.5]), dense([0.3, -0.1003], [1.001, 2.0]))
    found = quantise_graph(net).population("a")
    assert found.threshold.tolist() == [423, 95]
    weight = quantise_graph(net).projections[0].synapses.weight
    assert weight.tolist() == [[127, -42], [63, 127]]  # 126.9, -42.4; 63.4, 126.7


def test_a_chip_has_one_threshold_and_grids_that_make_it():
    """The least of 423 and 95 for both: scales of 95 / 1 and 95 / 1.5."""
    net = graph(lif(2, threshold=[1.0, 1.5]), dense([0.3, -0.1003], [1.001, 2.0]))
    found = quantise_graph(net, per_neuron=False)
    assert found.population("a").threshold.tolist() == [95, 95]
    assert found.projections[0].synapses.weight.tolist() == [[28, -10], [63, 127]]  # 28.5, -9.5: to even


def test_neurons_of_a_kernel_share_a_grid():
    kernel = np.array([[[[0.5, 0.2501]]], [[[0.1001, -0.2]]]])
    synapses = FloatConvolution(kernel, 0, (1, 1, 4))
    threshold = [1.0, 1.0, 1.0, 1.0, 2.0, 1.0]  # of the second channel they differ
    found = quantise_graph(graph(lif(6, threshold=threshold), synapses))
    kernel = found.projections[0].synapses.kernel
    assert kernel.tolist() == [[[[127, 64]]], [[[64, -127]]]]  # 254 to 1: 63.53; 635 to 1: 63.56
    assert found.population("a").threshold.tolist() == [254, 254, 254, 1270 // 2, 1270, 635]


def test_readouts_have_a_scale_for_each_class_or_one():
    net = graph(FloatPopulation("a", "li", 2, keep_u=0, keep_v=0.5), dense([0.5], [0.2501]))
    found = quantise_graph(net)
    assert found.projections[0].synapses.weight.tolist() == [[127], [127]]
    np.testing.assert_allclose(found.readouts[0].scale, [2 / 64 / 254, 2 / 64 / (127 / 0.2501)])
    found = quantise_graph(net, per_neuron=False)
    assert found.projections[0].synapses.weight.tolist() == [[127], [64]]
    assert found.readouts[0].scale == pytest.approx(2 / 64 / 254)


def test_what_goes_with_a_neuron_has_its_grid():
    """127 steps to 1, 64 of v to a step; decays in 4096ths."""
    values = {"keep_u": 0.25, "keep_v": 0.9, "reset": "subtract", "reset_by": 0.7001, "threshold": 2.0}
    net = graph(lif(1, bias=0.01, input_bias=-0.3, **values), dense([1.0]))
    found = quantise_graph(net).population("a")
    assert (found.threshold[0], found.reset_by[0]) == (254, 89)
    assert (found.bias[0], found.input_bias[0]) == (81, -38)
    assert (found.decay_u[0], found.decay_v[0]) == (3072, 410)


def test_adaptation_in_integers():
    values = {"keep_u": 0, "keep_v": 0.5, "keep_w": 0.75, "ka": -0.1, "kb": 0.3001, "order": "old"}
    net = graph(FloatPopulation("a", "adlif", 1, **values, threshold=1.0, reset="zero"), dense([1.0]))
    found = quantise_graph(net).population("a")
    assert (found.decay_w[0], found.ka[0], found.kb[0]) == (1024, -410, round(0.3001 * 127 * 64))
    strong = graph(replace(net.population("a"), ka=np.array([1.5])), dense([1.0]))
    with pytest.raises(LimitError, match=r"a, neuron 0: ka is 1.5, the contract \(clause 5a\) holds -1 .. 1"):
        quantise_graph(strong)


def test_large_biases_and_resets_make_a_coarser_grid():
    bias = 4095 * 128 / 64  # what the format holds in weight steps
    found = quantise_graph(graph(lif(1, bias=2 * bias, threshold=10.0), dense([1.0]))).population("a")
    assert found.threshold[0] == 5
    assert found.bias[0] == 4095 * 128
    values = {"reset": "subtract", "reset_by": 10 * 131071.0, "threshold": 20.0}
    assert quantise_graph(graph(lif(1, **values), dense([1.0]))).population("a").threshold[0] == 2


def test_a_neuron_without_weights():
    found = quantise_graph(graph(lif(2, bias=[0.5, 0.0]), dense([0.0], [1.0])))
    assert found.population("a").threshold.tolist() == [127, 127]
    assert found.population("a").bias.tolist() == [round(0.5 * 127 * 64), 0]


def test_limits_are_errors_by_name():
    with pytest.raises(LimitError, match=r"a, neuron 1: its threshold 1 is 0.635 steps .* 8 bits, and would"):
        quantise_graph(graph(lif(2), dense([1.0], [200.0])))
    many = dense([1.0] * 3000)
    with pytest.raises(StageError, match=r"a, neuron 0: the sum of \|weight .* use fewer weight bits"):
        quantise_graph(graph(lif(1), many))
    for value, said in (({"scale": "task"}, "scale task"), ({"power_of_two": True}, "power-of-two")):
        with pytest.raises(InputError, match=f"--{said}: is for chains of layers"):
            check_graph_options(replace(ExportOptions(), **value), 2)
    check_graph_options(ExportOptions(scale="percentile", percentile=99.0), 2)
    with pytest.raises(InputError, match="names 2 populations with a state, the model has 3; give one"):
        check_graph_options(ExportOptions(weight_bits=(4, 8)), 3)
    check_graph_options(ExportOptions(budget=False, payload_max=3, weight_bits=(4, 8), prune=0.5), 2)


def test_what_rounding_takes_is_counted():
    population = lif(2, keep_v=[1 - 1e-5, 0.5], keep_u=[0.0, 1 - 1e-6])
    net = graph(population, dense([1.0, 0.001], [1.0, 0.0101]))
    changes = (done := QuantiseGraph(8, True)).summary(net, done.run(net))
    assert (changes["decays_lost"], changes["synapses_lost"]) == (2, 1)
    assert changes["largest_error a"].startswith("weights 0.0022, biases 0 of the threshold, decays ")


def test_the_error_of_a_reset_is_told():
    """127 steps to 1: a reset by 1.1 is 139.7 steps, so 140, by 0.3 / 127 more, and one by 1 is whole.

    The second weight lies on no grid with the first; 127 pi / 10 is 39.898, so 40, by 0.102 / 127 more.
    """
    resets = {"reset": "subtract", "reset_by": [1.1, 1.0], "keep_v": [0.9, 0.8]}
    net = graph(lif(2, **resets), dense([1.0, np.pi / 10], [1.0, np.pi / 10]))
    changes = (done := QuantiseGraph(8, True)).summary(net, done.run(net))
    said = "weights 0.0008, biases 0, reset_by 0.0024 of the threshold, decays "
    assert changes["largest_error a"].startswith(said)


@pytest.mark.parametrize("reset", ["zero", "subtract", "none"])
def test_firing_at_the_threshold_is_one_step_less(reset):
    """127 steps to 1, and v a whole number of them: 2 is 254, and nothing lies between 253 and it."""
    by = {"reset_by": 1.0} if reset == "subtract" else {}
    net = graph(lif(1, threshold=2.0, fires="at", reset=reset, **by), dense([1.0]))
    found = quantise_graph(net)
    assert found.population("a").threshold.tolist() == [253]
    spikes = run_graph(found, np.ones((1, 6, 1), np.uint8)).layers[0].spikes[0, :, 0]
    np.testing.assert_array_equal(spikes, run_float(net, np.ones((6, 1)))["a"].spikes[:, 0])
    assert spikes[1]


@pytest.mark.parametrize("values", [{"keep_v": 0.9}, {"keep_u": 0.5}, {"bias": 1 / 127 / 64}])
def test_firing_at_a_threshold_that_v_meets_by_chance_stays(values):
    net = graph(lif(1, threshold=2.0, fires="at", **values), dense([1.0]))
    quantise = QuantiseGraph(8, True)
    assert quantise.run(net).population("a").threshold.tolist() == [254]
    changes = quantise.summary(net, quantise.run(net))
    assert (changes["fires_at_exact"], changes["fires_at_only_above"]) == (0, 1)


@st.composite
def whole_nets(draw):
    """Nets whose numbers are whole on their grids: 127 is the largest weight of each, and nothing leaks."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    neurons, inputs = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    reset, fires = draw(st.sampled_from(["zero", "subtract", "none"])), draw(st.sampled_from(["above", "at"]))

    def weights(post, pre):
        weight = rng.integers(-127, 128, (post, pre)).astype(float)
        weight[np.arange(post), rng.integers(0, pre, post)] = 127
        return weight

    values = {
        "keep_u": rng.integers(0, 2, neurons) * (rng.random() < 0.5),
        "keep_v": rng.integers(0, 2, neurons),
        "threshold": rng.integers(1, 300, neurons).astype(float),
        "bias": rng.integers(-3, 4, neurons).astype(float),
        "input_bias": rng.integers(-3, 4, neurons).astype(float),
    }
    if reset == "subtract":
        values["reset_by"] = rng.integers(1, 300, neurons).astype(float)
    population = FloatPopulation("a", "lif", neurons, reset=reset, fires=fires, **values)
    around = FloatMatrix(weights(neurons, neurons), rng.integers(1, 4, (neurons, neurons)))
    into = FloatMatrix(weights(neurons, inputs), rng.integers(0, 3, (neurons, inputs)))
    net = graph(population, into, (FloatProjection("a", "a", around),), steps=12)
    return net, rng.random((12, inputs)) < 0.5


@given(whole_nets())
@settings(max_examples=60)
def test_integers_fire_exactly_as_real_numbers_where_nothing_is_rounded(case):
    net, events = case
    quantise = QuantiseGraph(8, True)
    integers = quantise.run(net)
    quantise.check(net, integers)
    found = run_graph(integers, events[None].astype(np.uint8)).layers[0]
    want = run_float(net, events)["a"]
    np.testing.assert_array_equal(found.spikes[0], want.spikes)
    np.testing.assert_array_equal(found.v[0], want.v * 64)


@given(any_nets(), st.integers(2, 8), st.booleans(), st.integers(1, 3))
@settings(max_examples=60)
def test_the_check_agrees_with_the_pass(net, bits, per_neuron, payload_max):
    quantise = QuantiseGraph(bits, per_neuron, payload_max)
    try:
        after = quantise.run(net)
    except LimitError:
        return
    quantise.check(net, after)
    assert quantise.summary(net, after)


def changed_population(graph, name, **values):
    return tuple(replace(each, **values) if each.name == name else each for each in graph.populations)


def faulty(after):
    """(what is wrong, a graph)"""
    hidden = after.population("a")
    for field in ("threshold", "reset_by", "decay_u", "decay_v", "bias_mant", "input_bias_mant"):
        value = np.array(getattr(hidden, field))
        value[0] += 1
        yield field, replace(after, populations=changed_population(after, "a", **{field: value}))
    yield "reset", replace(after, populations=changed_population(after, "a", reset="none", reset_by=None))
    yield "payload", replace(after, populations=changed_population(after, "in", payload_max=2))
    into = after.projections[0]
    for what in ("weight", "delay"):
        weight, delay = (np.array(each) for each in (into.synapses.weight, into.synapses.delay))
        {"weight": weight, "delay": delay}[what][0, 0] += 1
        changed = replace(into, synapses=SynapseMatrix(weight, delay))
        yield what, replace(after, projections=(changed, *after.projections[1:]))
    yield "exponent", replace(after, projections=(replace(into, weight_exp=1), *after.projections[1:]))
    (readout,) = after.readouts
    yield "names", replace(after, readouts=(replace(readout, class_names=("x", "y")),))
    yield "steps", replace(after, time_steps=7)


def test_the_check_finds_what_is_wrong():
    population = lif(2, keep_u=0.5, keep_v=0.9, bias=0.1, input_bias=0.1, reset="subtract", reset_by=0.5)
    net = graph(population, dense([0.3, -0.1003], [1.001, 2.0]))
    quantise = QuantiseGraph(8, True)
    after = quantise.run(net)
    quantise.check(net, after)
    seen = []
    for what, wrong in faulty(after):
        with pytest.raises(PassError):
            quantise.check(net, wrong)
        seen.append(what)
    assert len(seen) == 13
    for other in (QuantiseGraph(7, True), QuantiseGraph(8, False)):
        with pytest.raises(PassError):
            other.check(net, after)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {},
            "neuron 1: its threshold 1 is 0.127 steps .* its weights in 8 bits, .* use more weight bits",
        ),
        ({"bias": [0.0, 1e9]}, "neuron 1: .* holds its bias, and would become 0; use a smaller bias"),
        ({"input_bias": [1e9, 0.0]}, "neuron 0: .* holds its input_bias, .*; use a smaller input_bias"),
    ],
)
def test_a_threshold_that_would_vanish_is_told_by_its_neuron_and_the_number_that_is_too_large(given, words):
    """On a chip all thresholds become 0 with one of them."""
    net = graph(lif(2, threshold=1.0, **given), dense([0.5], [1000.0]))
    with pytest.raises(LimitError, match=f"^a, {words}"):
        quantise_graph(net, per_neuron=False)


@pytest.mark.filterwarnings("error")
def test_numbers_too_small_for_a_scale_are_refused_and_not_rounded_to_0():
    net = graph(FloatPopulation("a", "li", 2, keep_u=0, keep_v=0.5), dense([0.5], [1e-310]))
    with pytest.raises(LimitError, match=r"^a, neuron 1: its numbers are so small, 1e-310 at most"):
        quantise_graph(net)
