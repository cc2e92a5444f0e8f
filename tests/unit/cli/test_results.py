"""`--json` and `-q`: what a command gives a script, and what it leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN, saved, tiny_model

from snnc.cli import main
from snnc.cli.commands import WHAT, function
from snnc.cli.results import SCHEMA, with_stdout

HAVE = ("export", "check", "verify", "run", "chip", "compare", "place", "inspect", "doctor", "test")
HAVE += ("targets", "train", "encode", "folds")


@pytest.fixture
def made(tiny_artifact: Path, tmp_path: Path) -> dict[str, list[str]]:
    """Command -> arguments that it ends well with, quickly."""
    model = saved(tiny_model(), tmp_path)
    spikes = (np.random.default_rng(3).random((4, 12, 5)) < 0.3).astype(np.uint8)
    np.savez(tmp_path / "in.npz", spikes=spikes, labels=np.array([0, 1, 2, 0]))
    given, folder = str(tmp_path / "in.npz"), str(tiny_artifact)
    return {
        "export": [str(model), "-t", "c", "-o", str(tmp_path / "out.c"), "--no-budget"],
        "check": [str(model), "-t", "loihi"],
        "verify": [folder, *ON_GOLDEN, "--executors", "oracle"],
        "run": [folder, "-i", given, "-e", "oracle"],
        "chip": [folder, "-i", given],
        "inspect": [str(model)],
        "targets": [],
    }


def result(command: str, made: dict[str, list[str]], capsys, *more: str) -> dict:
    assert main([command, *made[command], *more, "--json", "-"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    if command != "verify":
        assert (document.pop("schema"), document.pop("command")) == (SCHEMA, command)
    return document


def test_these_commands_have_it() -> None:
    for name in WHAT:
        assert ("as_json" in function(name).__annotations__) == (name in HAVE), name
    assert set(HAVE) <= set(WHAT)


@pytest.mark.parametrize("command", ["export", "check", "run", "inspect", "targets"])
def test_a_file_gets_what_stdout_gets_and_quiet_leaves_the_text_out(command, made, capsys, tmp_path) -> None:
    options = ["--overwrite"] if command == "export" else []
    printed = result(command, made, capsys, *options)
    path = tmp_path / "result.json"
    assert main([command, *made[command], *options, "--json", str(path)]) == 0
    assert capsys.readouterr().out
    assert main([command, *made[command], *options, "--json", str(path), "-q"]) == 0
    path_alone = f"{tmp_path / 'out.c'}\n" if command == "export" else ""
    assert capsys.readouterr() == (path_alone, "")
    written = json.loads(path.read_text())
    assert {name: written[name] for name in printed} == printed


def test_the_text_goes_to_stderr(made, capsys) -> None:
    assert main(["check", *made["check"], "--json", "-"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines()[0].endswith("fits, on 1 of 128 cores, 9 neurons")
    json.loads(said.out)


def test_what_export_tells(made, capsys, tmp_path) -> None:
    found = result("export", made, capsys)
    assert found["artifact"] == str(tmp_path / "out.c")
    assert found["target"] == "c"
    assert found["overflow_excluded"] is True
    assert found["headroom_bits"] > 0
    assert found["weight_bits"] == {"hidden1": 8, "readout": 8}
    assert (found["network"]["inputs"], found["network"]["time_steps"]) == (5, 12)
    assert found["network"]["neurons"] == result("check", made, capsys)["neurons"]
    assert "snn.c" in found["files"]
    assert found["cores"] is None
    assert found["next"] == f"snnc verify {tmp_path / 'out.c'}"


def test_what_check_tells(made, capsys) -> None:
    found = result("check", made, capsys)
    assert (found["fits"], found["exportable"]) == (True, True)
    assert (found["cores"], found["cores_available"]) == (1, 128)
    assert (found["changes"], found["problems"]) == ([], [])
    made["check"] = [made["check"][0], "-t", "spinnaker2"]
    assert main(["check", *made["check"], "--json", "-"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["fits"], len(found["problems"])) == (False, 2)


def test_what_run_tells(made, capsys) -> None:
    found = result("run", made, capsys)
    assert main(["run", *made["run"]]) == 0
    lines = capsys.readouterr().out.splitlines()
    (readout,) = found["readouts"]
    assert [line.split()[2] for line in lines[:4]] == readout["names"]
    told = f"{found['correct']} of 4 as labelled: {25 * found['correct']}.00 %, 95 % interval "
    assert any(line.startswith(told) for line in lines[4:])
    assert found["labels"] == [0, 1, 2, 0]


def test_what_compare_tells_and_that_quiet_leaves_the_verdict(made, capsys, tmp_path) -> None:
    paths = [str(tmp_path / name) for name in ("a.h5", "b.h5")]
    for path, executor in zip(paths, ("oracle", "hwsim"), strict=True):
        assert main([*made["run"][:0], "run", *made["run"][:3], "-e", executor, "--trace", path]) == 0
    capsys.readouterr()
    assert main(["compare", *paths, "-q"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["compare", *paths, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["equal"], found["rung"], found["divergence"]) == (True, "bit-exact", None)
    assert found["samples"] == [0, 1, 2, 3]
    assert found["steps"] == {"first": 0, "stop": 12}


def test_quiet_leaves_the_verdict_of_verify(made, capsys) -> None:
    assert main(["verify", *made["verify"], "-q"]) == 0
    said = capsys.readouterr()
    but = "the program for loihi did not run"
    assert said == (f"+ BIT-EXACT   2 executors, 8 samples (all golden), every u, v and spike; {but}\n", "")


def test_errors_are_told_though_quiet(capsys, tmp_path) -> None:
    assert main(["check", str(tmp_path / "gone.pt"), "-t", "c", "-q"]) == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (["--json"], ["--json", "-"]),
        (["--json", "-q"], ["--json", "-", "-q"]),
        (["--json", "-"], ["--json", "-"]),
        (["--json", "x.json"], ["--json", "x.json"]),
        (["--json", "."], ["--json", "-", "."]),
        (["a", "--json=x"], ["a", "--json=x"]),
    ],
)
def test_without_a_file_it_is_stdout(given: list[str], taken: list[str]) -> None:
    assert with_stdout(given) == taken


def test_nothing_else_is_replaced(made, refused, tmp_path, tiny_artifact) -> None:
    model = Path(made["check"][0])
    other = tmp_path / "other.pt"
    other.write_bytes(model.read_bytes())
    assert "read or written by this command" in refused("check", *made["check"], "--json", model)
    assert "is there and no JSON" in refused("check", *made["check"], "--json", other)
    manifest = tiny_artifact / "manifest.json"
    assert "is a file of an artifact" in refused("chip", *made["chip"], "--json", manifest)
    given = tmp_path / "in.npz"
    assert "is there and no XML" in refused("verify", *made["verify"], "--junit", other)
    assert "is there and no JSON" in refused("verify", *made["verify"], "--json", other)
    for option, path in (("-o", other), ("--trace", model), ("--trace", tiny_artifact.parent / "in.npz")):
        before = path.read_bytes()
        said = refused("run", tiny_artifact, "-i", tiny_artifact / "golden.npz", "-e", "oracle", option, path)
        assert f"{option} {path}: is there and no trace of `snnc run`" in said
        assert path.read_bytes() == before
    assert main(["run", *made["run"], "-o", str(tmp_path / "t.npz")]) == 0
    assert main(["run", *made["run"], "-o", str(tmp_path / "t.npz")]) == 0  # its own
    assert given.exists()
    assert "cannot be written" in refused("check", *made["check"], "--json", tmp_path / "no" / "r.json")
