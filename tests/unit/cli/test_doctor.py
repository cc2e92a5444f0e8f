"""`snnc doctor`: what is missing is found, named with its remedy, and decides the exit code."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections import namedtuple

import pytest
from faults import OnChangedGraph, bumped, with_layer

from snnc.cli import main
from snnc.errors import ExecutorUnavailableError
from snnc.plugins.executors import EXECUTORS
from snnc.stages import Trace
from snnc.targets import locked
from snnc.targets.loihi import interpreter
from snnc.targets.spinnaker import environment
from snnc.targets.spinnaker.fixed.executor import SpinnakerFixedExecutor
from snnc.verification import doctor
from snnc.verification.doctor import GIB, Check, State

FETCHES = "nothing is missing; `snnc doctor --deep` fetches these environments and tries every executor"


@pytest.fixture
def machine(monkeypatch):
    """A machine on which every executor can run, whatever this one has."""
    monkeypatch.setattr(
        "snnc.plugins.executors.unavailable_reasons",
        lambda artifact=None: iter(dict.fromkeys(EXECUTORS).items()),
    )
    monkeypatch.setattr(interpreter, "unavailable_reason", lambda: None)
    monkeypatch.setattr(interpreter, "ready", lambda: "/usr/bin/python3.10")
    monkeypatch.setattr(environment, "unavailable_reason", lambda: None)
    monkeypatch.setattr(environment, "ready", lambda: "/usr/bin/python3.11")
    monkeypatch.setattr(doctor, "disk", lambda folder: Check("disk", State.OK, "much"))


def lines(capsys) -> dict[str, str]:
    rows = capsys.readouterr().out.splitlines()
    return {row[8:].partition(":")[0]: row for row in rows[:-1]} | {"last": rows[-1]}


def test_all_is_well(machine, capsys):
    assert main(["doctor"]) == 0
    found = lines(capsys)
    assert found["last"] == "all is well: every executor can run"
    assert {row.split()[0] for name, row in found.items() if name != "last"} <= {"ok", "note"}
    for name in (*(f"executor {name}" for name in EXECUTORS), "python", "snnc", "torch", "lava", "pynn"):
        assert name in found
    assert "threads" in found["torch"]


def test_what_is_missing_is_1_and_named(machine, monkeypatch, capsys):
    why = "there is no C compiler; install one\nor name yours"
    rows = dict.fromkeys(EXECUTORS) | {"c": why}
    monkeypatch.setattr(
        "snnc.plugins.executors.unavailable_reasons", lambda artifact=None: iter(rows.items())
    )
    assert main(["doctor"]) == 1
    found = lines(capsys)
    assert found["executor c"] == (
        "missing executor c: cannot run: there is no C compiler; install one or name yours"
    )
    assert found["last"] == "missing: executor c"
    assert main(["doctor", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["well"] is False
    states = {check["name"]: check["state"] for check in document["checks"]}
    assert [name for name, state in states.items() if state == "missing"] == ["executor c"]


def test_lava_that_is_not_downloaded_yet_is_a_note(machine, monkeypatch, capsys):
    monkeypatch.setattr(interpreter, "ready", lambda: None)
    assert main(["doctor"]) == 0
    found = lines(capsys)
    assert found["lava"].endswith("which takes minutes; snnc doctor --deep")
    assert found["last"] == FETCHES


def test_pynn_that_is_not_there_is_named(machine, monkeypatch, capsys):
    monkeypatch.setattr(environment, "ready", lambda: None)
    assert main(["doctor"]) == 0
    found = lines(capsys)
    assert found["pynn"].endswith("which takes minutes; snnc doctor --deep")
    assert found["last"] == FETCHES
    monkeypatch.setattr(environment, "unavailable_reason", lambda: "uv is not installed")
    assert main(["doctor"]) == 1
    assert lines(capsys)["last"] == "missing: pynn"


def test_a_python_that_is_named_for_pynn_is_taken(monkeypatch):
    monkeypatch.setenv(environment.PYTHON_VARIABLE, "python3.11")
    assert doctor.pynn() == Check("pynn", State.OK, "python3.11")


def test_what_computes_otherwise_is_asked_for_a_trace_and_not_called_bit_exact(monkeypatch):
    assert doctor._run("spinnaker-fixed") is None
    monkeypatch.setattr(
        "snnc.plugins.executors.unavailable_reasons", lambda artifact=None: iter([("spinnaker-fixed", None)])
    )
    found = list(doctor.executor_checks(doctor._run))
    assert [(each.state, each.found) for each in found] == [
        (State.OK, "ran a tiny network, in an arithmetic of its own")
    ]
    monkeypatch.setattr(SpinnakerFixedExecutor, "run", lambda self, artifact, spikes: Trace("none", ()))
    assert "cannot run: trace of none: has no layers" in str(doctor._run("spinnaker-fixed"))


def test_lava_without_uv_is_missing(machine, monkeypatch, capsys):
    monkeypatch.setattr(
        interpreter, "unavailable_reason", lambda: "uv is not installed; run `pip install uv`"
    )
    monkeypatch.setattr(locked, "find_uv", lambda: None)
    assert main(["doctor"]) == 1
    found = lines(capsys)
    assert found["last"] == "missing: lava"
    assert found["uv"].endswith("install it: pip install 'snnc[lava]'")


@pytest.mark.parametrize(
    ("needed", "state", "words"),
    [
        (["pytest>=1.0", 'ray>=2.40; extra == "sweep"'], State.OK, "1 needed"),
        (
            ["pytest>=99.1", "no-such-package-here>=2"],
            State.MISSING,
            "pip install 'pytest>=99.1' 'no-such-pa",
        ),
        (["pytest<100,>=1.0"], State.OK, "1 needed"),
        (["pytest<200,>=100.0.0"], State.MISSING, "pip install 'pytest<200,>=100.0.0'"),
        (["pytest<1.5"], State.MISSING, ", <1.5 is needed; pip install 'pytest<1.5'"),
        (['no-such-package-here>=2; python_version < "3"'], State.OK, "0 needed"),
    ],
)
def test_packages(needed, state, words, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: needed)
    found = doctor.packages()
    assert found.state is state
    assert words in f"{found.found}; {found.remedy}"


@pytest.mark.parametrize(("free", "state"), [(10 * GIB, State.OK), (GIB, State.MISSING)])
def test_disk(free, state, monkeypatch, tmp_path):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(0, 0, free))
    assert doctor.disk(tmp_path).state is state


def test_this_machine_has_the_packages_of_its_own_tests():
    assert doctor.packages().state is State.OK
    assert doctor.torch_check().state is State.OK
    assert doctor.numba_check().state in (State.OK, State.NOTE)


def test_deep_runs_every_executor(machine, monkeypatch, capsys):
    monkeypatch.setattr(
        "snnc.plugins.executors.unavailable_reasons",
        lambda artifact=None: iter((("torch", None), ("oracle", None), ("hwsim", None))),
    )
    assert main(["doctor", "--deep"]) == 0
    found = lines(capsys)
    for name in ("torch", "oracle", "hwsim"):
        assert found[f"executor {name}"].endswith("ran a tiny network, bit-exact")


def test_deep_notices_an_executor_that_is_wrong(machine, monkeypatch, capsys):
    wrong = OnChangedGraph("hwsim", lambda g: with_layer(g, 0, weight=bumped(g.layers[0].weight, (0, 0))))
    real = {name: OnChangedGraph(name, lambda graph: graph) for name in ("torch", "oracle")}
    monkeypatch.setattr(
        "snnc.plugins.executors.load_executor", lambda name: wrong if name == "hwsim" else real[name]
    )
    monkeypatch.setattr(
        "snnc.plugins.executors.unavailable_reasons",
        lambda artifact=None: iter((("oracle", None), ("hwsim", None))),
    )
    assert main(["doctor", "--deep"]) == 1
    assert "executor hwsim: does not do what it should" in capsys.readouterr().out


def test_deep_tells_a_machine_that_cannot_from_an_executor_that_is_wrong(machine, monkeypatch, capsys):
    def unavailable(artifact, spikes):
        raise ExecutorUnavailableError("Lava's environment cannot be built", "no network")

    offline = OnChangedGraph("lava-stock", lambda graph: graph)
    monkeypatch.setattr(offline, "run", unavailable)
    real = OnChangedGraph("oracle", lambda graph: graph)
    monkeypatch.setattr(
        "snnc.plugins.executors.load_executor", lambda name: offline if name == "lava-stock" else real
    )
    monkeypatch.setattr(
        "snnc.plugins.executors.unavailable_reasons", lambda artifact=None: iter((("lava-stock", None),))
    )
    assert main(["doctor", "--deep"]) == 1
    found = lines(capsys)["executor lava-stock"]
    assert found.endswith("lava-stock: cannot run: Lava's environment cannot be built no network")
