"""The mutation score of verify: it catches every seeded fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from golden import artifact_of
from planting import Recorded, nets, plant
from seeded import FAULTS, Fault

from snnc.executors import REFERENCE, load_executor
from snnc.hwsim.compare import first_divergence
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import Divergence, Rung, Trace
from snnc.verify import InputGroup, compare_executors

IN_LAVA = {"lava-stock", "lava-event", "netx"}


def cases() -> list[Any]:
    return [
        pytest.param(fault, id=key(fault), marks=[pytest.mark.lava] if fault.where in IN_LAVA else [])
        for fault in FAULTS
    ]


def key(fault: Fault) -> str:
    return f"{fault.where}: {fault.text}"


def caught(fault: Fault, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Divergence, Trace, Trace]:
    """What verify finds on `fault`, and the two traces that it compared; it must find that they differ."""
    planted, artifact = plant(fault, folder, monkeypatch)
    against = "oracle" if planted.name == REFERENCE else planted.name
    sides = {name: Recorded(name, load_executor(name).run) for name in (REFERENCE, against)}
    sides[planted.name] = planted
    monkeypatch.setattr("snnc.verify.load_executor", sides.__getitem__)
    groups = [InputGroup("seeded", nets()[fault.net].spikes)]
    result = compare_executors(artifact, groups, [against], lambda message: None).results[1]
    expected, found = sides[REFERENCE].trace, sides[against].trace
    assert result.failed is None
    assert result.rung < Rung.BIT_EXACT
    assert result.divergence is not None
    assert expected is not None
    assert found is not None
    return result.divergence, expected, found


@pytest.mark.parametrize("fault", cases())
def test_verify_catches_it(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caught(fault, tmp_path, monkeypatch)


def controls() -> list[Fault]:
    """Each kind of planting, of each network, with edits that change nothing."""
    paths: dict[tuple[str, str], set[str]] = {}
    for fault in FAULTS:
        if fault.where not in IN_LAVA:
            paths.setdefault((fault.where, fault.net), set()).update(path for path, _, _ in fault.edits)
    return [
        Fault("nothing", where, None, tuple((path, "return", "return") for path in sorted(files)), net=net)
        for (where, net), files in paths.items()
    ]


@pytest.mark.parametrize("fault", controls(), ids=lambda fault: f"{fault.where}: {fault.net}")
def test_without_a_fault_it_is_equal(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it could be the planting that verify catches."""
    planted, artifact = plant(fault, tmp_path, monkeypatch)
    net = nets()[fault.net]
    reference = OracleExecutor().run(artifact, net.spikes)
    trace = planted.run(artifact, net.spikes)
    assert first_divergence(net.graph, reference, trace, net.spikes, net.name) is None


def test_the_networks_show_every_clause() -> None:
    """By the oracle's states: each of these would hide a fault if it did not happen."""
    for name, net in nets().items():
        trace = OracleExecutor().run(artifact_of(net.graph), net.spikes)
        hidden, first = net.graph.layers[0], trace.layers[0]
        assert len(net.spikes) >= 2
        assert (first.v == hidden.threshold << 6).any(), "meets the threshold"
        assert first.spikes.any(axis=(0, 1)).sum() > 4, "most neurons fire"
        assert (first.u < 0).any()
        assert (first.v < 0).any()
        assert set(range(10)) <= set(hidden.delay.flat)
        assert hidden.bias.min() < 0 < hidden.bias.max()
        assert net.spikes.max() == net.graph.payload_max, name
    trace = OracleExecutor().run(artifact_of(nets()["clauses"].graph), nets()["clauses"].spikes)
    saturating, readout = trace.layers[1:]
    assert 2**23 in saturating.u[:, :, 0]
    assert 2**23 in saturating.u[:, :, 1], "-2^23 wraps"
    assert saturating.u_wraps > 0
    assert saturating.spikes.any()
    assert {-(2**23) + 1, 2**23 - 1} <= set(readout.v.flat)
