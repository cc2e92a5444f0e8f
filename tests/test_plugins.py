"""Targets and executors of other distributions: found, refused if two share a name, named if broken."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.cli.completion import executor_names, target_names
from snnc.errors import ConfigError
from snnc.executors import EXECUTORS, executors, load_executor
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins import known
from snnc.targets.registry import BUILT_IN, load_target, targets

Install = Callable[..., None]


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install `value` as the `kind` called `name`; modules called `some_plugin` hold `attributes`."""

    def install(kind: str, name: str, value: str, **attributes: Any) -> None:
        module = ModuleType("some_plugin")
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, "some_plugin", module)
        point = EntryPoint(name, value, f"snnc.{kind}s")
        monkeypatch.setattr(
            "snnc.plugins.entry_points", lambda group: [point] if group == point.group else []
        )

    return install


class Another(OracleExecutor):
    name = "another"


def test_a_target_is_added(plugin: Install) -> None:
    plugin("target", "mine", "some_plugin:T", T=replace(load_target("c"), name="mine"))
    assert set(targets()) == {*BUILT_IN, "mine"}
    assert load_target("mine").name == "mine"
    assert set(executors()) == set(EXECUTORS)


def test_an_executor_is_added_and_verify_compares_it(plugin: Install, tiny_artifact: Path, capsys) -> None:
    plugin("executor", "another", "some_plugin:part.E", part=type("part", (), {"E": Another}))
    assert set(executors()) == {*EXECUTORS, "another"}
    options = ["--dataset", "none", "--generated", "0", "--executors", "oracle,another"]
    assert main(["verify", str(tiny_artifact), *options]) == 0
    assert "Bit-exact: torch = oracle = another over 8 samples" in capsys.readouterr().out
    assert "another" in (tiny_artifact / "report.html").read_text()


def test_what_comes_onto_the_path_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed is looked up once a path."""
    before = known("target", {})
    info = tmp_path / "late-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: late\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[snnc.targets]\nlate = late:TARGET\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert known("target", {}) == before | {"late": "late:TARGET"}


@pytest.mark.parametrize(("kind", "name"), [("target", "c"), ("executor", "torch")])
def test_two_of_one_name_are_an_error(plugin: Install, kind: str, name: str) -> None:
    plugin(kind, name, "other.module:X")
    with pytest.raises(ConfigError, match=rf"{kind} '{name}' is defined twice.*other\.module:X"):
        {"target": load_target, "executor": load_executor}[kind](name)


def fails() -> None:
    raise RuntimeError("no licence\nwas found")


class Lazy:
    def __getattr__(self, name: str) -> Any:
        raise ValueError(f"{name} is not there yet")


BROKEN = {
    "no module": ("no.such.module:X", "No module named 'no'"),
    "no attribute": ("some_plugin:NONE", "NONE"),
    "no reference": ("some_plugin:", ""),
    "a loader that fails": ("some_plugin:lazy.X", "X is not there yet"),
    "a class of another kind": ("some_plugin:Path", ""),
    "what fails when it is made": ("some_plugin:fails", ""),
}
ATTRIBUTES = {"Path": Path, "fails": fails, "lazy": Lazy()}
BY_THE_ORACLE = ("--dataset", "none", "--generated", "0", "--executors", "oracle")


@pytest.mark.parametrize("case", BROKEN)
def test_commands_name_a_broken_target(plugin: Install, refused, tiny_artifact: Path, case: str) -> None:
    value, why = BROKEN[case]
    plugin("target", "broken", value, **ATTRIBUTES)
    model = tiny_artifact.parent / "model.pt"
    model.write_bytes(b"never read")
    for command in (["export", model, "--target", "broken"], ["targets"]):
        said = refused(*command)
        assert f"target 'broken' ({value}) cannot be loaded" in said
        assert why in said
    assert main(["verify", str(tiny_artifact), *BY_THE_ORACLE]) == 0


@pytest.mark.parametrize("case", BROKEN)
def test_commands_name_a_broken_executor(plugin: Install, refused, tiny_artifact: Path, case: str) -> None:
    value, why = BROKEN[case]
    plugin("executor", "broken", value, **ATTRIBUTES)
    for command in (
        ["run", tiny_artifact, "--executor", "broken", "-i", tiny_artifact / "golden.npz"],
        ["verify", tiny_artifact, "--dataset", "none", "--executors", "broken"],
        ["verify", tiny_artifact, "--dataset", "none"],
    ):
        said = refused(*command)
        assert f"executor 'broken' ({value}) cannot be loaded" in said
        assert why in said
    assert main(["verify", str(tiny_artifact), *BY_THE_ORACLE]) == 0


def test_another_name_is_refused(plugin: Install) -> None:
    plugin("target", "mine", "some_plugin:T", T=load_target("c"))
    with pytest.raises(ConfigError, match="the target calls itself 'c'"):
        load_target("mine")
    plugin("executor", "mine", "some_plugin:E", E=Another)
    with pytest.raises(ConfigError, match="the executor calls itself 'another'"):
        load_executor("mine")


def test_an_unknown_name_says_what_there_is_and_what_to_do(refused, tiny_artifact: Path) -> None:
    said = refused("export", tiny_artifact, "--target", "abacus")
    assert "target 'abacus' is unknown; there are" in said
    assert "loihi" in said
    assert "install" in said


def test_an_emitter_that_fails_is_named(plugin: Install, refused, tmp_path: Path) -> None:
    plugin(
        "target",
        "mine",
        "some_plugin:T",
        T=replace(load_target("c"), name="mine", emit=lambda program: fails()),
    )
    model = saved(tiny_model(), tmp_path)
    message = refused("export", model, "--target", "mine", "-o", tmp_path / "out")
    assert "target 'mine': its emitter failed (RuntimeError: no licence was found)" in message
    assert not (tmp_path / "out").exists()


def test_plugins_are_listed_and_completed(plugin: Install, capsys) -> None:
    plugin("executor", "another", "some_plugin:E", E=Another)
    assert main(["verify", "--list"]) == 0
    assert ["another", "can", "run"] in [line.split() for line in capsys.readouterr().out.splitlines()]
    assert executor_names("ano") == ["another"]
    plugin("target", "mine", "some_plugin:T")
    assert target_names("mi") == ["mine"]


def test_a_broken_plugin_hides_no_other(plugin: Install, capsys) -> None:
    plugin("executor", "another", "some_plugin:nothing")
    assert main(["verify", "--list"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["another"].startswith(
        "cannot run: executor 'another' (some_plugin:nothing) cannot be loaded"
    )
    assert lines["oracle"] == "can run"
