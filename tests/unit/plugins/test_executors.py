"""Targets and executors of other distributions: found, refused if two share a name, named if broken."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from doc_pages import COMMANDS
from graph_golden import GRAPH_GOLDEN
from models import ON_GOLDEN, saved, tiny_model
from places import ROOT

from snnc.cli import main
from snnc.cli.completion import executor_names, target_names
from snnc.errors import ConfigError, PluginError
from snnc.hwsim.oracle import OracleExecutor
from snnc.plugins.entry_points import known
from snnc.plugins.executors import EXECUTORS, GROUPS, executors, instead, load_executor
from snnc.plugins.guard import guarded_target
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
            "snnc.plugins.entry_points.entry_points", lambda group: [point] if group == point.group else []
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
    options = [*ON_GOLDEN, "--executors", "oracle,another"]
    assert main(["verify", str(tiny_artifact), *options]) == 0
    assert "Bit-exact: torch = oracle = another over 8 samples" in capsys.readouterr().out
    assert "another" in (tiny_artifact / "report.html").read_text()


def test_our_executors_are_named_where_users_look() -> None:
    """The table of the front page, and the help of `snnc run`; the report's words have a test of theirs."""
    table = (ROOT / "README.md").read_text().partition("| executor | what it is |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == list(EXECUTORS)
    (option,) = [each for each in COMMANDS["run"].params if each.name == "executor"]
    words = re.findall(r"[\w-]+", option.help)
    assert {*EXECUTORS, *GROUPS} <= {*words}


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


def exits() -> None:
    sys.exit(0)


class Ends:
    def __getattr__(self, name: str) -> Any:
        exits()


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
    "what ends Python when it is made": ("some_plugin:exits", ""),
    "what ends Python when it is loaded": ("some_plugin:ends.X", "SystemExit: 0"),
}
BY_THE_ORACLE = (*ON_GOLDEN, "--executors", "oracle")
ATTRIBUTES = {"Path": Path, "fails": fails, "lazy": Lazy(), "exits": exits, "ends": Ends()}


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
@pytest.mark.slow
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


FAULTS = {
    "check": {"check": lambda graph: fails()},
    "emitter": {"emit": lambda program: fails()},
    "description": {"describe": lambda artifact: (fails() for _ in range(1))},
}
FAILS = "(some_plugin:T): fails with RuntimeError: no licence was found (test_executors.py, line "
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
    assert "NOT VERIFIED: another broke down" in said.out
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


@pytest.mark.parametrize(
    ("able", "said"),
    [
        (("lava-event",), "; lava-event can run it: name lava-event instead"),
        (("netx", "c"), ""),
    ],
)
def test_another_executor_of_the_group_is_named(
    monkeypatch: pytest.MonkeyPatch, able: tuple[str, ...], said: str
) -> None:
    class Stand(OracleExecutor):
        def __init__(self, name: str) -> None:
            self.name = name

        def unavailable_reason(self) -> str | None:
            return None if self.name in able else "no"

    monkeypatch.setattr("snnc.plugins.executors.load_executor", Stand)
    artifact: Any = None  # not looked at
    assert instead("lava-stock", artifact) == said
    assert instead("oracle", artifact) == ""
