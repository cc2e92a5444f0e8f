"""Targets and executors of other distributions that fail: the error names them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graph_golden import GRAPH_GOLDEN
from models import ON_GOLDEN, saved, tiny_model
from other_plugins import Another, Install, exits, fails

from snnc.cli import main
from snnc.errors import ConfigError, PluginError
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.executors import load_executor
from snnc.plugins.guard import guarded_target
from snnc.targets.registry import load_target

FAULTS = {
    "check": {"check": lambda graph: fails()},
    "emitter": {"emit": lambda program: fails()},
    "description": {"describe": lambda artifact: (fails() for _ in range(1))},
}

FAILS = "(some_plugin:T): fails with RuntimeError: no licence was found (other_plugins.py, line "

REMEDY = "that is a fault of the distribution that brings it"


@pytest.mark.parametrize("where", FAULTS)
def test_a_target_that_fails_is_named(plugin: Install, refused, tmp_path: Path, where: str) -> None:
    plugin("target", "mine", "some_plugin:T", T=replace(load_target("c"), name="mine", **FAULTS[where]))
    message = refused("export", saved(tiny_model(), tmp_path), "--target", "mine", "-o", tmp_path / "out")
    assert f"target 'mine' {FAILS}" in message
    assert REMEDY in message
    assert (tmp_path / "out").exists() == (where == "description")  # which comes last


@pytest.mark.parametrize(
    ("configure", "said"),
    [
        (lambda chosen: fails(), "fails with RuntimeError: no licence was found"),
        (lambda chosen: None, "configures NoneType, expected values of ['mode']"),
        (lambda chosen: {"mood": 1}, "configures ['mood'], expected values of ['mode']"),
        (lambda chosen: {"mode": 1.5}, "configures settings that are neither whole numbers nor text"),
    ],
)
def test_a_target_that_cannot_be_configured_is_named(
    plugin: Install, refused, tmp_path: Path, configure, said: str
) -> None:
    target = replace(load_target("c"), name="mine", settings={"mode": 0}, configure=configure)
    plugin("target", "mine", "some_plugin:T", T=target)
    message = refused("export", saved(tiny_model(), tmp_path), "--target", "mine:mode=1")
    assert f"target 'mine' (some_plugin:T): {said}" in message
    assert REMEDY in message


@pytest.mark.parametrize(
    ("levels", "said"),
    [(lambda graph: fails(), "fails with RuntimeError"), (lambda graph: {"a": 0}, "gives no whole number")],
)
def test_a_target_without_levels_is_named(levels, said: str) -> None:
    guarded = guarded_target(replace(load_target("c"), levels=levels), "some_plugin:T")
    assert guarded.levels is not None
    with pytest.raises(PluginError, match=said):
        guarded.levels(GRAPH_GOLDEN[0].graph)


@pytest.mark.parametrize("emitted", [None, {"a": "text"}, {1: b"x"}])
def test_a_target_that_emits_no_files_is_named(plugin: Install, refused, tmp_path: Path, emitted) -> None:
    target = replace(load_target("c"), name="mine", emit=lambda program: emitted)
    plugin("target", "mine", "some_plugin:T", T=target)
    message = refused("export", saved(tiny_model(), tmp_path), "--target", "mine", "-o", tmp_path / "out")
    assert f"target 'mine' (some_plugin:T): emits a {type(emitted).__name__}, expected names with" in message
    assert not (tmp_path / "out").exists()


def test_a_fault_of_our_own_target_is_one_of_snnc(monkeypatch, capsys, tmp_path: Path) -> None:
    monkeypatch.setattr(
        "snnc.targets.c.target.TARGET", replace(load_target("c"), emit=lambda program: fails())
    )
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "c"]) == 70
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "this is a fault of snnc itself" in said


def faulty(**methods: Any) -> type[OracleExecutor]:
    return type("Faulty", (Another,), {name: lambda self, *_, do=do: do() for name, do in methods.items()})


@pytest.mark.parametrize("method", ["unavailable_reason", "unsupported_reason", "run"])
def test_an_executor_that_fails_is_named(plugin: Install, refused, tiny_artifact: Path, method: str) -> None:
    plugin("executor", "another", "some_plugin:T", T=faulty(**{method: fails}))
    golden = tiny_artifact / "golden.npz"
    message = refused("run", tiny_artifact, "--executor", "another", "--input", golden)
    assert f"executor 'another' {FAILS}" in message
    assert REMEDY in message
    if method != "run":
        assert f"executor 'another' {FAILS}" in refused("verify", tiny_artifact, "--dataset", "none")


def test_an_executor_that_ends_python_is_named(plugin: Install, refused, tiny_artifact: Path) -> None:
    plugin("executor", "another", "some_plugin:T", T=faulty(run=exits))
    message = refused("run", tiny_artifact, "--executor", "another", "--input", tiny_artifact / "golden.npz")
    assert "executor 'another' (some_plugin:T): fails with SystemExit: 0" in message


def test_verify_goes_on_without_an_executor_that_fails(plugin: Install, tiny_artifact: Path, capsys) -> None:
    plugin("executor", "another", "some_plugin:T", T=faulty(run=fails))
    options = [*ON_GOLDEN, "--executors", "oracle,another"]
    assert main(["verify", str(tiny_artifact), *options]) == 2  # as of any executor that breaks down
    said = capsys.readouterr()
    assert f"executor 'another' {FAILS}" in said.out + said.err
    assert "Traceback" not in said.err
    assert "! NOT VERIFIED   another broke down" in said.out
    results = json.loads((tiny_artifact / "report.json").read_text())["executors"]
    assert [(one["name"], one["samples"]) for one in results][1:] == [("oracle", 8), ("another", 0)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda trace: None, "gives a NoneType, expected a Trace"),
        (
            lambda trace: trace.part(slice(0, 1)),
            "gives a trace of the shapes [(1, 12, 6), (1, 12, 3)], expected [(",
        ),
        (lambda trace: replace(trace, layers=trace.layers[1:]), "gives a trace of the shapes [("),
    ],
)
def test_an_executor_that_gives_no_trace_of_it_is_named(
    plugin: Install, refused, tiny_artifact: Path, change: Callable, why: str
) -> None:
    class Wrong(Another):
        def run(self, artifact, spikes):
            return change(super().run(artifact, spikes))

    plugin("executor", "another", "some_plugin:T", T=Wrong)
    message = refused("run", tiny_artifact, "--executor", "another", "--input", tiny_artifact / "golden.npz")
    assert f"executor 'another' (some_plugin:T): {why}" in message


def test_an_error_of_snnc_and_a_lack_of_memory_stay_what_they_are(
    plugin: Install, tiny_artifact: Path
) -> None:
    def raises(error: BaseException) -> Callable[[], None]:
        def do() -> None:
            raise error

        return do

    for error in (ConfigError("chosen"), MemoryError("all gone"), KeyboardInterrupt()):
        plugin("executor", "another", "some_plugin:T", T=faulty(unavailable_reason=raises(error)))
        with pytest.raises(type(error)) as found:
            load_executor("another").unavailable_reason()
        assert found.value is error


def test_a_plugin_that_cannot_say_whether_it_runs_hides_no_other(plugin: Install, capsys) -> None:
    plugin("executor", "another", "some_plugin:T", T=faulty(unavailable_reason=fails))
    assert main(["verify", "--list"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["another"].startswith(f"cannot run: executor 'another' {FAILS}")
    assert lines["oracle"] == "can run"
