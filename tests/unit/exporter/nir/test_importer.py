"""A NIR graph that snnc did not write: by hand, and against an interpreter of NIR's own equations."""

from __future__ import annotations

import io

import nir
import numpy as np
import pytest
from golden import artifact_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nir_interpreter import interpret

from snnc.decoding import softmax
from snnc.errors import InputError
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.passes.quantise import quantise
from snnc.hwsim.oracle import OracleExecutor
from snnc.io import hdf5_guard
from snnc.provenance import graph_hash
from snnc.stages import DiscreteModel, FloatGraph

DT = 0.001


def array(*values):
    return np.array(values, float)


def lif(n=1, tau=0.004, r=1.0, v_leak=0.0, v_threshold=1.0, v_reset=0.0):
    values = {"tau": tau, "r": r, "v_leak": v_leak, "v_threshold": v_threshold, "v_reset": v_reset}
    return nir.LIF(**{key: np.broadcast_to(value, n).astype(float) for key, value in values.items()})


def li(n=1, tau=0.004, r=1.0, v_leak=0.0):
    return nir.LI(*(np.broadcast_to(value, n).astype(float) for value in (tau, r, v_leak)))


def linear(*rows):
    return nir.Linear(weight=np.array(rows, float))


def content(graph: nir.NIRGraph) -> bytes:
    buffer = io.BytesIO()
    nir.write(buffer, graph)
    return buffer.getvalue()


def chain(*nodes) -> bytes:
    return content(nir.NIRGraph.from_list(*nodes))


def imported(*nodes, steps=10, dt=DT, round_delays=False, reset="zero"):
    return import_nir(chain(*nodes), "net.nir", ImportOptions(dt, steps, round_delays, reset))


def layers(*nodes, **options):
    return imported(*nodes, **options).model.layers


def test_lif_by_hand():
    """tau is 4 steps: an Euler step adds a quarter of R I and of what v_leak is above the reset."""
    affine = nir.Affine(weight=np.array([[2.0, -1.0]]), bias=array(0.4))
    neuron = lif(tau=0.004, r=2, v_leak=0.2, v_threshold=0.8, v_reset=-0.2)
    first, last = layers(affine, neuron, linear([3.0]), li(tau=0.01, r=5, v_leak=2))
    assert (first.name, first.tau, first.tau_syn, first.threshold) == ("lif", pytest.approx(4), 1, 1)
    np.testing.assert_allclose(first.weight, [[1.0, -0.5]])  # 2/4 of the weight; threshold 0.8 + 0.2
    np.testing.assert_allclose(first.bias, [2 / 4 * 0.4 + 0.4 / 4])
    assert (last.name, last.tau, last.threshold) == ("li", pytest.approx(10), None)
    np.testing.assert_allclose(last.weight, [[1.5]])
    np.testing.assert_allclose(last.bias, [0.2])


def test_a_threshold_of_each_neuron_is_folded_into_its_weights():
    first, _ = layers(linear([1.0], [1.0]), lif(2, v_threshold=[1, 0.5]), linear([1.0, 1.0]), li())
    np.testing.assert_allclose(first.weight, [[0.25], [0.5]])
    assert first.threshold == 1


def test_cuba_by_hand():
    """tau_syn 2 steps, w_in 6: a spike adds 6/2; tau_mem 4 steps, r 2: v takes 2/4 of the current."""
    neuron = nir.CubaLI(
        tau_syn=array(0.002), tau_mem=array(0.004), r=array(2), v_leak=array(1), w_in=array(6)
    )
    (layer,) = layers(linear([0.5]), neuron)
    np.testing.assert_allclose(layer.weight, [[0.5 * 3 * 0.5]])
    np.testing.assert_allclose(layer.bias, [0.25])
    assert (layer.tau, layer.tau_syn) == (pytest.approx(4), pytest.approx(2))
    assert quantise(DiscreteModel((layer,), 5, DT, ("a",))).layers[0].decay_u == 2048


def test_integrators_do_not_leak():
    neuron = nir.IF(r=array(500), v_threshold=array(2), v_reset=array(0))
    model = imported(linear([3.0]), neuron, linear([1.0]), nir.I(r=array(1000))).model
    first, last = model.layers
    np.testing.assert_allclose(first.weight, [[3 * 500 * DT / 2]])
    assert first.tau == last.tau == np.inf
    graph = quantise(model)
    assert [layer.decay_v for layer in graph.layers] == [0, 0]
    assert graph_hash(read_nir(write_nir(graph), "graph.nir")) == graph_hash(graph)


def test_a_linear_readout_has_no_memory():
    last = layers(linear([1.0]), lif(), linear([2.0], [3.0]))[-1]
    assert (last.name, last.tau, last.threshold, last.weight.tolist()) == ("linear_1", 1, None, [[2], [3]])


def test_delays_before_and_behind_the_weights_add_up():
    before, behind = nir.Delay(delay=array(0.002, 0)), nir.Delay(delay=array(0.001, 0.005))
    (layer,) = layers(before, linear([1.0, 2.0], [3.0, 0.0]), behind, li(2))
    assert layer.delay[layer.weight != 0].tolist() == [3, 1, 7]


def test_one_line_for_each_source_and_delay():
    fan_out, lines = linear([1, 0], [1, 0], [0, 2]), nir.Delay(delay=array(0, 0.003, 0.001))
    (layer,) = layers(fan_out, lines, linear([5, 0, 1], [0, 7, 0]), li(2, r=4))
    np.testing.assert_allclose(layer.weight, [[5, 2], [7, 0]])
    assert layer.delay[layer.weight != 0].tolist() == [0, 1, 3]


def test_lines_of_one_source_and_delay_are_one_synapse():
    (layer,) = layers(linear([1.0], [2.0]), nir.Delay(delay=array(0.003, 0.003)), linear([5.0, 1.0]), li(r=4))
    assert (layer.weight.tolist(), layer.delay.tolist()) == ([[7]], [[3]])


def test_linear_after_linear_is_a_product():
    scale = nir.Scale(scale=array(1, 10))
    first = nir.Affine(weight=np.array([[1.0, 2.0], [3.0, 4.0]]), bias=array(1, 1))
    (layer,) = layers(nir.Delay(delay=array(0, 0.002)), first, scale, linear([1.0, 1.0]), li(r=4))
    np.testing.assert_allclose(layer.weight, [[31, 42]])
    assert layer.delay.tolist() == [[0, 2]]
    np.testing.assert_allclose(layer.bias, [11])


def test_neurons_directly_on_the_input():
    (layer,) = layers(li(3, r=4))
    assert layer.weight.tolist() == np.eye(3).tolist()


def test_delays_between_steps_are_rounded_only_when_told():
    nodes = (nir.Delay(delay=array(0.0024, 0.001)), linear([1.0, 1.0]), li())
    with pytest.raises(
        InputError, match=r"'delay', line 0: a delay of 0\.0024 s is 2\.4000 steps of 0\.001 s"
    ):
        layers(*nodes)
    found = imported(*nodes, round_delays=True)
    assert found.model.layers[0].delay.tolist() == [[2, 1]]
    assert (found.notes["delays_rounded"], found.notes["largest_delay_change_steps"]) == (1, 0.4)


def test_delays_in_float32_are_whole():
    steps = np.arange(1000)
    node = nir.Delay(delay=steps.astype(np.float32) * np.float32(1e-3))
    (layer,) = layers(node, nir.Linear(weight=np.ones((1, 1000))), li())
    assert layer.delay.tolist() == [steps.tolist()]


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_the_readout_of_a_spiking_layer_counts_its_spikes(steps):
    found = imported(linear([1.0], [2.0]), lif(2), steps=steps)
    first, last = found.model.layers
    assert found.notes["readout_added"].startswith("readout: the class is the neuron of lif")
    assert (first.threshold, last.threshold, last.name, last.tau) == (1, None, "readout", 1)
    np.testing.assert_allclose(last.weight, np.eye(2) / steps)
    assert not last.delay.any()
    graph = quantise(found.model)
    v = np.array([[[127 * 64, 0]]])
    np.testing.assert_allclose(v * graph.readout_scale, [[[1 / steps, 0]]])


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.integers(2, 6), st.floats(0, 1), st.integers(0, 2**32 - 1), st.booleans())
def test_most_spikes_win(steps, classes, rate, seed, adversarial):
    """The claim in `importer`: by clause 7, v = spike / T decodes to the neuron with the most spikes."""
    rng = np.random.default_rng(seed)
    spikes = (rng.random((1, steps, classes)) < rate).astype(np.int32)
    if adversarial:  # the winner spikes in company, where a spike counts least; the second alone
        spikes[:] = 0
        spikes[0, : steps // 2 + 1, :] = 1
        spikes[0, : steps // 2 + 1, 1] = 0
        spikes[0, steps // 2 + 1 :, 1] = 1
    counts = spikes[0].sum(axis=0)
    assume((counts == counts.max()).sum() == 1)
    assert softmax.classes(spikes, 1 / steps)[0] == counts.argmax()


def graph_of(nodes: dict[str, nir.NIRNode], *edges: str) -> bytes:
    """Edges as "a>b"; one input and one output line."""
    ends = {"in": nir.Input(input_type=np.array([1])), "out": nir.Output(output_type=np.array([1]))}
    pairs = [tuple(edge.split(">")) for edge in edges]
    return content(nir.NIRGraph(nodes=ends | nodes, edges=pairs, type_check=False))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (graph_of({"a": li()}, "in>a"), "node 'out' is fed by nothing"),
        (graph_of({"a": li()}, "in>a", "a>out", "a>x"), "edge 'a' -> 'x' names a node that does not exist"),
        (
            graph_of({"a": nir.Input(input_type=np.array([1]))}, "in>out"),
            "node 'a' feeds nothing; connect it, or leave it out",
        ),
        (graph_of({"a\nb": li()}, "in>a\nb", "a\nb>out"), "control characters"),
        (graph_of({}, "in>out"), "has neither weights nor neurons"),
        (content(li()), "not a NIR file that can be read"),
        (b"no", r"not a NIR file that can be read \(OSError"),
        (chain(linear([1.0]), li())[:2000], "not a NIR file that can be read"),
    ],
)
def test_a_file_that_is_no_network_is_refused(data, message):
    with pytest.raises(InputError, match=rf"^net\.nir: .*{message}"):
        import_nir(data, "net.nir", ImportOptions(DT, 10))


def test_a_batch_of_one_in_the_shape_of_the_input_is_no_dimension():
    def net(*shape):
        nodes = {"in": nir.Input(input_type=np.array(shape)), "a": li(3), "out": nir.Output(np.array([3]))}
        return content(nir.NIRGraph(nodes=nodes, edges=[("in", "a"), ("a", "out")], type_check=False))

    assert import_nir(net(1, 1, 3), "net.nir", ImportOptions(DT, 5)).model.layers[0].weight.shape == (3, 3)
    with pytest.raises(InputError, match=r"node 'a': 6 lines of the shape \[2, 3\] arrive from 'in', exp"):
        import_nir(net(2, 3), "net.nir", ImportOptions(DT, 5))


LATE = nir.Delay(delay=array(0.002))
CUBA = nir.CubaLI(tau_syn=array(0.002), tau_mem=array(0.004), r=array(1), v_leak=array(0), w_in=array(1))
BEYOND_CHAINS = {
    "a time constant for each neuron": (
        linear([1.0], [1.0]),
        lif(2, tau=[0.004, 0.005]),
        linear([1.0, 1.0]),
        li(),
    ),
    "a bias through a current with a memory": (nir.Affine(np.ones((1, 1)), array(0.5)), CUBA),
    "two delays of a pair": (
        linear([1.0], [1.0]),
        nir.Delay(delay=array(0, 0.003)),
        linear([1.0, 2.0]),
        li(),
    ),
    "delays between weights": (
        linear([1.0, 1.0], [1.0, 1.0]),
        nir.Delay(delay=array(0, 0.003)),
        linear([1.0, 2.0]),
        li(),
    ),
}


@pytest.mark.parametrize("what", BEYOND_CHAINS)
def test_what_a_chain_cannot_express_is_read_as_a_graph(what):
    data = chain(*BEYOND_CHAINS[what])
    found = import_nir(data, "net.nir", ImportOptions(DT, 10, reset="zero", fires="above")).model
    assert isinstance(found, FloatGraph)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ((linear([1.0]), li(), linear([1.0]), lif()), "'li' does not spike, but 'linear_1' follows"),
        ((linear([1.0]), lif(tau=0.0005)), r"tau is 0\.0005 s, shorter than the step of 0\.001 s"),
        (
            (linear([1.0]), lif(v_threshold=0.1, v_reset=0.1)),
            "'lif', neuron 0: its threshold minus its reset is 0",
        ),
        ((linear([1.0]), lif(v_leak=np.nan)), "v_leak holds NaN"),
        ((linear([np.inf]), lif()), "'linear': weight holds NaN or infinity"),
        ((nir.Affine(np.ones((1, 1)), array(0.5)), LATE, li()), "'delay', line 0: delays a bias by 2 steps"),
        ((nir.Delay(delay=array(-0.002)), li()), r"'delay': a delay is negative \(-0\.002 s\)"),
    ],
)
def test_a_value_without_a_place_in_the_contract_is_refused(nodes, message):
    with pytest.raises(InputError, match=rf"^net\.nir: node .*{message}|^net\.nir: node {message}"):
        imported(*nodes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ImportOptions(), r"pass --dt SECONDS \(snnTorch writes 1e-4\) and --time-steps N"),
        (ImportOptions(dt=1e-3), "pass --dt"),
        (ImportOptions(time_steps=5), "pass --dt"),
        (ImportOptions(dt=-1.0, time_steps=5), r"--dt is -1\.0"),
        (ImportOptions(dt=1.0, time_steps=0), "--time-steps is 0, expected a whole number"),
    ],
)
def test_what_the_file_does_not_say_must_be_told(options, message):
    with pytest.raises(InputError, match=message):
        import_nir(chain(linear([1.0]), li()), "net.nir", options)


def test_our_own_file_is_not_imported():
    graph = quantise(imported(linear([1.0]), li()).model)
    with pytest.raises(InputError, match=r"net\.nir: was written by snnc and holds integers already"):
        import_nir(write_nir(graph), "net.nir", ImportOptions(DT, 10))


@st.composite
def nets(draw: st.DrawFn) -> tuple[list[nir.NIRNode], int]:
    """A chain of one to three layers of 1-5 neurons with delays in any place, and the number of inputs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = lines = draw(st.integers(1, 5))
    nodes: list[nir.NIRNode] = []

    def delay(n):
        return nir.Delay(delay=rng.integers(0, 6, n) * DT)

    for last in [False] * draw(st.integers(0, 2)) + [True]:
        n = draw(st.integers(1, 5))
        place = draw(st.sampled_from(["none", "before", "behind", "lines"]))
        bias = place != "behind" and draw(st.booleans())
        if place == "before":
            nodes.append(delay(lines))
        if place == "lines":  # two lines a source, of which each neuron hears one
            nodes += [nir.Linear(np.repeat(np.eye(lines), 2, axis=0)), delay(2 * lines)]
        weight = rng.normal(0.3, 1, (n, lines))
        if place == "lines":
            chosen = rng.random((n, lines)) < 0.5
            weight = np.stack([weight * chosen, weight * ~chosen], axis=2).reshape(n, 2 * lines)
        kind = draw(st.sampled_from(["leaky", "integrator", "current"]))
        bias &= kind != "current"
        nodes.append(nir.Affine(weight, rng.normal(0, 0.2, n)) if bias else nir.Linear(weight))
        if place == "behind":
            nodes.append(delay(n))
        ones = np.ones(n)
        tau = ones * DT * draw(st.sampled_from([1, 1.5, 4, 20]))
        membrane = {"r": rng.uniform(0.5, 4, n)}
        if kind != "integrator":
            membrane |= {"v_leak": rng.normal(0, 0.3, n)}
        if not last:
            reset = rng.normal(0, 0.2, n)
            membrane |= {"v_reset": reset, "v_threshold": reset + rng.uniform(0.5, 1.5, n)}
        if kind == "integrator":
            membrane["r"] /= DT
            nodes.append((nir.I if last else nir.IF)(**membrane))
        elif kind == "leaky":
            nodes.append((nir.LI if last else nir.LIF)(tau=tau, **membrane))
        else:
            current = {"tau_syn": ones * DT * 2.5, "w_in": rng.uniform(0.5, 4, n)}
            nodes.append((nir.CubaLI if last else nir.CubaLIF)(tau_mem=tau, **current, **membrane))
        lines = n
    return nodes, inputs


def simulate(model: DiscreteModel, spikes: np.ndarray) -> list[np.ndarray]:
    """v of every layer in float64, [T, neurons] each: the contract's clauses without rounding."""
    found, signal = [], spikes.astype(float)
    for layer in model.layers:
        arriving = np.zeros((len(signal), len(layer.weight)))
        for (i, j), d in np.ndenumerate(layer.delay):
            arriving[d:, i] += layer.weight[i, j] * signal[: max(len(signal) - d, 0), j]
        u, v = np.zeros(len(layer.weight)), np.zeros(len(layer.weight))
        trace, fired = np.zeros_like(arriving), np.zeros_like(arriving)
        for t, a in enumerate(arriving):
            u = u * (1 - 1 / layer.tau_syn) + a
            v = v * (1 - 1 / layer.tau) + u + layer.bias
            if layer.threshold is not None:
                fired[t] = np.round(v, 9) > layer.threshold
                v = np.where(fired[t] > 0, 0, v)
            trace[t] = v
        found.append(trace)
        signal = fired
    return found


@settings(max_examples=150, deadline=None)
@given(nets(), st.integers(0, 2**32 - 1))
def test_an_imported_net_computes_nirs_equations(net, seed):
    nodes, inputs = net
    data = hdf5_guard.trust(chain(*nodes))  # or a process would look at each of them first
    model = import_nir(data, "net.nir", ImportOptions(DT, 15)).model
    spikes = np.random.default_rng(seed).random((15, inputs)) < 0.3
    graph = nir.read(io.BytesIO(data))
    expected = interpret(graph, spikes, DT)
    for layer, v in zip(model.layers, simulate(model, spikes), strict=True):
        node = graph.nodes[layer.name]
        reset = getattr(node, "v_reset", 0)
        unit = node.v_threshold - reset if layer.threshold else 1
        np.testing.assert_allclose(v * unit + reset, expected[layer.name], rtol=1e-7, atol=1e-7)


def test_an_imported_net_runs_in_integers():
    """Integer weights and a power of two as threshold survive quantisation, so spikes are equal."""
    weight = np.array([[127.0, -64.0], [5.0, 32.0]]) / 64
    nodes = (nir.Delay(delay=array(0.001, 0.003)), nir.Linear(weight), lif(2, tau=0.002, r=2))
    model = imported(*nodes, steps=12).model
    graph = quantise(model)
    spikes = (np.random.default_rng(3).random((1, 12, 2)) < 0.6).astype(np.uint8)
    first, last = OracleExecutor().run(artifact_of(graph), spikes)
    expected = interpret(nir.read(io.BytesIO(chain(*nodes))), spikes[0], DT)["lif spikes"]
    assert expected.sum() > 3
    np.testing.assert_array_equal(first.spikes[0], expected > 0)
    np.testing.assert_array_equal(last.v[0], 127 * 64 * first.spikes[0])


def test_what_an_exponential_leak_would_change():
    """Exact integration leaves exp(-dt / tau) of v: an Euler step of another tau, so both run alike here.

    The figure stands in docs/interop.md.
    """
    rng = np.random.default_rng(0)
    spikes, weight = rng.random((200, 50)) < 0.05, rng.normal(0.2, 0.5, (100, 50))
    found = []
    for tau in (20 * DT, DT / (1 - np.exp(-1 / 20))):
        data = chain(nir.Linear(weight), lif(100, tau=tau, r=20), nir.Linear(np.eye(100)))
        found.append(interpret(nir.read(io.BytesIO(data)), spikes, DT)["lif spikes"])
    euler, exact = found
    assert euler.sum() > 2000
    differing = (euler != exact).sum() / euler.sum()
    assert 0.001 < differing < 0.1
