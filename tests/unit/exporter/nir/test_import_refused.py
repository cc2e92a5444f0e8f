"""NIR graphs that are no network, or hold what the contract lacks: refused, or read as a graph."""

from __future__ import annotations

import nir
import numpy as np
import pytest
from nir_chains import array, chain, content, graph_of, imported, li, lif
from nir_graphs import DT, linear

from snnc.errors import InputError
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.exporter.nir.writer import write_nir
from snnc.exporter.passes.quantise import quantise
from snnc.stages import FloatGraph


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
    ("tau", "dt", "meant"),
    [
        (0.02, 20.0, " (did you mean --dt 0.02?)"),
        (0.02, 5.0, " (did you mean --dt 0.005?)"),
        (0.01, 20.0, ""),
    ],
)
def test_a_step_of_milliseconds_is_told_in_seconds(tau, dt, meant):
    """Of 20 ms a tau of 10 ms would be shorter, too."""
    data = chain(linear([1.0]), lif(tau=tau), linear([1.0]), li())
    with pytest.raises(InputError) as caught:
        import_nir(data, "net.nir", ImportOptions(dt, 5, reset="zero", fires="above"))
    told = f"tau is {tau:g} s, shorter than the step of {dt:g} s{meant}, so an Euler step would overshoot"
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ImportOptions(), r"pass --dt SECONDS \(snnTorch writes 1e-4\) and --time-steps N"),
        (ImportOptions(dt=1e-3), "pass --dt"),
        (ImportOptions(time_steps=5), "pass --dt"),
        (ImportOptions(dt=-1.0, time_steps=5), r"--dt is -1\.0"),
        (ImportOptions(dt="1e-3", time_steps=5), "--dt is '1e-3', expected seconds above 0"),  # type: ignore[arg-type]
        (ImportOptions(dt=True, time_steps=5), "--dt is True, expected seconds above 0"),
        (ImportOptions(dt=1.0, time_steps=0), "--time-steps is 0, expected a whole number"),
        (ImportOptions(dt=1.0, time_steps=True), "--time-steps is True, expected a whole number"),
    ],
)
def test_what_the_file_does_not_say_must_be_told(options, message):
    with pytest.raises(InputError, match=message):
        import_nir(chain(linear([1.0]), li()), "net.nir", options)


def test_our_own_file_is_not_imported():
    graph = quantise(imported(linear([1.0]), li()).model)
    with pytest.raises(InputError, match=r"net\.nir: was written by snnc and holds integers already"):
        import_nir(write_nir(graph), "net.nir", ImportOptions(DT, 10))
