"""The conformance suite: all of our targets and executors pass it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from c_programs import FAST, Programs
from places import ROOT

from snnc.hwsim.oracle import run_graph
from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.targets.c import compiler
from snnc.targets.c.emitter import sources
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.shape import Shape, shape
from snnc.targets.registry import BUILT_IN, load_target
from snnc.verification.conformance import (
    TARGET_LIMITS,
    Conformance,
    Unsupported,
    conformance,
    why_unsupported,
)
from snnc.verification.conformance_nets import Net, extremes, nets

KEPT_CURRENT = Unsupported(
    "decay_u 0: Lava adds 1 to the register, which puts 0 out of reach",
    lambda graph: any(layer.decay_u == 0 for layer in graph.layers),
)
NETX = (
    KEPT_CURRENT,
    Unsupported(
        "a bias that is no multiple of 64: netx shifts all by 6",
        lambda graph: any((layer.bias % 64).any() for layer in graph.layers),
    ),
    Unsupported(
        "a bias beyond 13 bits << 6: netx has no other exponent",
        lambda graph: any(abs(layer.bias / 64 + 0.5).max() > 4095.5 for layer in graph.layers),
    ),
    Unsupported(
        "a layer without a synapse: netx fails on a matrix of zeros",
        lambda graph: any(not layer.weight.any() for layer in graph.layers),
    ),
    Unsupported(
        "no weight above 0, the least a power of two: netx would change the matrix",
        lambda graph: any(
            layer.weight.max() <= 0 and -layer.weight.min() in (1, 2, 4, 8, 16, 32, 64, 128)
            for layer in graph.layers
        ),
    ),
)
IN_PYNN = (
    Unsupported(
        "decay_u below 4096: IF_curr_delta has no current that lasts",
        lambda graph: any(layer.decay_u != 4096 for layer in graph.layers),
    ),
    Unsupported(
        "decay_v 0: tau_m would be infinite",
        lambda graph: any(layer.decay_v == 0 for layer in graph.layers),
    ),
)
BY_TARGET: Mapping[str, tuple[Unsupported, ...]] = {
    "loihi": (KEPT_CURRENT,),
    "loihi2": (KEPT_CURRENT,),
    "spinnaker": IN_PYNN,
}
PLACES = {"lava-stock": "loihi", "lava-event": "loihi", "netx": "loihi"}
PLACES |= {"onnxruntime": "onnx", "onnx-reference": "onnx", "c": "c", "rtl": "fpga"}
"""Executor -> target whose artifact it runs; the others take any."""
FLOATING = ("pynn-brian2", "pynn-nest", "spinnaker-fixed")
"""They are never bit-exact; tests/unit/targets/spinnaker compares them."""
IN_LAVA = {"lava-stock": (KEPT_CURRENT,), "lava-event": (KEPT_CURRENT,), "netx": NETX}


def run(name: str, unsupported: Sequence[Unsupported] = (), over: Sequence[Net] | None = None) -> Conformance:
    target = load_target(PLACES[name]) if name in PLACES else None
    reference = load_executor("torch" if name == "oracle" else "oracle")
    return conformance(
        target=target,
        executor=load_executor(name),
        unsupported=unsupported,
        over=over,
        reference=reference,
    )


def compile_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the executor `c` run its programs of all networks out of three executables; it compiles nothing."""
    graphs = [net.graph for net in nets()]
    emitted = [sources(graph) for graph in graphs]
    caller = {"main.c": (ROOT / "targets/c/caller.c").read_bytes()}
    called = [each | caller for each in emitted]
    made = {
        "snn": Programs(graphs, folder / "snn", FAST),
        "device0": Programs(graphs, folder / "device0", FAST, macros=()),
        "caller": Programs(graphs, folder / "caller", FAST, called, ("-DSNN_SCORES", "-DSNN_NAMES")),
    }
    real = compiler.call

    def build(program: Mapping[str, bytes], folder: Path, *, shipped: bool) -> None:
        assert shipped
        compiled = {name: data for name, data in program.items() if name != "README.md"}
        (folder / "number").write_text(str(emitted.index(compiled)))

    def call(words: Sequence[str], *rest: Any, **more: Any) -> str:
        path = Path(words[0])
        number = (path.parent / "number").read_text()
        return real([str(made[path.name].folder / "all"), number, *words[1:]], *rest, **more)

    monkeypatch.setattr("snnc.targets.c.executor.DEVICE_MACROS", ((),))
    monkeypatch.setattr("snnc.targets.c.executor.build", build)
    monkeypatch.setattr(compiler, "call", call)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in EXECUTORS if name not in (*IN_LAVA, *FLOATING)])
def test_executors_are_bit_exact_on_100_networks(name: str, tmp_path, monkeypatch) -> None:
    if name == "c":
        compile_at_once(tmp_path, monkeypatch)
    if name == "rtl":
        if (reason := load_executor(name).unavailable_reason()) is not None:
            pytest.skip(reason)
        size = Shape.covering(shape(layout(net.graph, 16)) for net in nets())
        monkeypatch.setattr("snnc.targets.fpga.emitter.shape", lambda of: size)  # one core runs them all
    assert run(name) == Conformance(100, {}, ())


@pytest.mark.lava
@pytest.mark.parametrize("name", IN_LAVA)
def test_lava_is_bit_exact_on_six_networks_and_refuses_the_rest(name: str) -> None:
    target, unsupported = load_target("loihi"), IN_LAVA[name]
    taken = [net for net in nets() if why_unsupported(net.graph, target, unsupported) is None]
    refused = [net for net in nets() if why_unsupported(net.graph, target, unsupported) is not None]
    found = run(name, unsupported, (*taken[:: len(taken) // 5][:6], *refused))
    assert (found.passed, found.problems) == (6, ())
    assert set(found.refused) == {TARGET_LIMITS, *(pattern.reason for pattern in unsupported)}
    assert sum(found.refused.values()) == len(refused)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_IN)
def test_targets_refuse_what_they_say_and_nothing_else(name: str) -> None:
    unsupported = BY_TARGET.get(name, ())
    found = conformance(target=load_target(name), unsupported=unsupported)
    assert found.problems == ()
    assert found.passed + sum(found.refused.values()) == 100
    assert all(found.refused[pattern.reason] for pattern in unsupported)
    assert (TARGET_LIMITS in found.refused) == (name not in ("c", "fpga", "onnx"))


def test_the_networks_are_always_the_same_and_all_different() -> None:
    first, again = nets(), nets()
    assert len(first) == len({net.name for net in first}) == 100
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.spikes, other.spikes)
        for ours, theirs in zip(one.graph.layers, other.graph.layers, strict=True):
            np.testing.assert_array_equal(ours.weight, theirs.weight)
            np.testing.assert_array_equal(ours.delay, theirs.delay)
    assert [net.name for net in nets(5)] == [net.name for net in extremes()[:5]]


def test_the_networks_reach_what_is_extreme() -> None:
    reached: dict[str, int] = {}

    def count(what: str, *found: Any) -> None:
        reached[what] = reached.get(what, 0) + any(map(bool, found))

    for net in nets():
        graph, trace = net.graph, run_graph(net.graph, net.spikes)
        hidden = trace.layers[:-1]
        count("wraps", *(layer.u_wraps for layer in trace))
        count("least v", *((layer.v == -(2**23) + 1).any() for layer in trace))
        count("most v", *((layer.v == 2**23 - 1).any() for layer in trace))
        count("silent", *(not layer.spikes.any() for layer in hidden))
        count("always", *(layer.spikes.all() for layer in hidden))
        thresholds = [layer.threshold for layer in graph.layers[:-1]]
        pairs = zip(thresholds, hidden, strict=True)
        count("meets", *((layer.v == vth * 64).any() for vth, layer in pairs if vth))
        count("one step", graph.time_steps == 1)
        count("late", *(layer.max_delay >= graph.time_steps for layer in graph.layers))
        count("payloads", graph.payload_max > 1)
        count("no synapse", *(not layer.weight.any() for layer in graph.layers))
        count("one neuron", *(layer.neurons == 1 for layer in graph.layers))
        count("fires", hidden and all(layer.spikes.any() for layer in hidden))
    assert min(reached.values()) >= 2, reached
    assert reached["fires"] >= 40
