"""Which command exports a network for the commands that take artifacts of some targets alone."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.cli.after_model import unless_exported
from snnc.cli.export_command import SUITED, default_output, export_command, same_options, suited
from snnc.exporter.artifact import read_artifact
from snnc.exporter.options import ExportOptions
from snnc.targets.fpga.place import board_of
from snnc.targets.registry import load_target, targets


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return saved(tiny_model(), tmp_path).name


def test_chip_is_told_the_targets_that_it_knows_time_of() -> None:
    first, *others = SUITED["chip"].split()
    known = {name for name in targets() if (found := load_target(name)).costs or found.routed}
    assert known == {first, others[2].rstrip(",")} == {"loihi", "fpga"}


@pytest.mark.parametrize(
    "line",
    ["snnc export m.pt", "snnc export m.pt --target c  # or loihi, fpga", "snnc export m.pt --target onnx"],
)
def test_the_target_alone_is_replaced(line: str) -> None:
    model = Path("m.pt")
    assert suited(line, "chip", model) == f"snnc export m.pt --target {SUITED['chip']}"
    assert suited(line, "verify", model) == line
    named = "snnc export m.pt --target fpga --board ulx3s --lanes 16 -o m-ulx3s.fpga  # more lanes"
    assert suited(line, "place", model).startswith(named)


def test_the_options_of_a_fine_tuned_network_stay() -> None:
    line = "snnc export m.pt --target c --weight-bits 4 --whole-bias"
    found = suited(line, "chip", Path("m.pt"))
    assert found == f"snnc export m.pt --weight-bits 4 --whole-bias --target {SUITED['chip']}"


@pytest.mark.parametrize(("target", "folder"), [("loihi", "a.loihi"), ("fpga:lanes=4", "a.fpga")])
def test_what_an_artifact_holds_is_exported_beside_it(
    target: str, folder: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In it, it would be code that the manifest does not list, and the artifact would be refused."""
    assert main(["export", model, "--target", "c", "-o", "a.c"]) == 0
    source = Path("a.c", "source.pt")
    assert default_output(source, target) == Path(folder)
    assert default_output(Path(model), target) == Path(model).with_suffix(Path(folder).suffix)
    (Path("a.c") / "own.pt").write_bytes(b"")  # not the exporter's
    assert default_output(Path("a.c", "own.pt"), target).parent == Path("a.c")
    monkeypatch.chdir("a.c")
    assert default_output(Path("source.pt"), target) == Path.cwd().parent / folder


def test_no_export_is_written_in_an_artifact(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", model, "--target", "c", "-o", "a.c"]) == 0
    assert main(["verify", "a.c", "--dataset", "none"]) == 0
    before = sorted(Path("a.c").rglob("*"))
    capsys.readouterr()
    for inside in ("a.c/b.onnx", "a.c/sub/b.onnx"):
        assert main(["export", model, "--target", "onnx", "-o", inside]) == 2
        assert f"{inside}: lies in the artifact {Path('a.c').resolve()}, which" in capsys.readouterr().err
    assert sorted(Path("a.c").rglob("*")) == before
    assert main(["export", "a.c/source.pt", "--target", "onnx"]) == 0
    assert main(["verify", "a.c", "--dataset", "none"]) == 0
    Path("b").mkdir()
    Path("b", "manifest.json").write_text("{}")  # of another program
    assert main(["export", model, "--target", "onnx", "-o", "b/c.onnx"]) == 0


def _named(said: str) -> list[str]:
    """The words of the command that an error names."""
    return ["export", *said.partition("snnc export ")[2].split("  #")[0].split()]


@pytest.mark.parametrize("command", ["chip", "place"])
@pytest.mark.parametrize("other", [None, "c", "fpga"])
def test_the_command_of_a_model_leads_there(
    command: str, other: str | None, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever was exported before, and verified."""
    if other is not None:
        folder = str(Path(model).with_suffix(f".{other}"))
        assert main(["export", model, "--target", other]) == 0
        assert main(["verify", folder, "--dataset", "none", "--executors", "oracle", "--allow-missing"]) == 0
    capsys.readouterr()
    assert main([command, model]) == 2
    said = capsys.readouterr().err
    if (command, other) == ("chip", "fpga"):
        assert f"For this file: snnc chip {folder}" in said
        return
    assert main(_named(said)) == 0
    exported = f"{Path(model).stem}-ulx3s.fpga" if command == "place" else f"{Path(model).stem}.loihi"
    if command == "place":
        assert board_of(read_artifact(Path(exported)).program) == "ulx3s"
    else:
        assert main(["chip", exported]) == 0
    capsys.readouterr()
    assert main([command, model]) == 2
    assert f"For this file: snnc {command} {exported}" in capsys.readouterr().err


def test_what_takes_exports_is_named_with_the_one_beside_the_model(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", model, "--target", "fpga"]) == 0
    folder = Path(model).with_suffix(".fpga")
    capsys.readouterr()
    for words, following in (
        (["verify", model], f"snnc verify {folder}"),
        (["run", model, "-i", f"{folder}/golden.npz"], f"snnc run {folder} --input {folder}/golden.npz"),
    ):
        assert main(words) == 2
        assert f"For this file: {following}\n" in capsys.readouterr().err


def test_what_has_no_costs_leads_to_what_has(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", model, "--target", "c", "-o", "a b.c"]) == 0
    capsys.readouterr()
    assert main(["chip", "a b.c"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("snnc: a b.c: target c has no published costs")
    assert "snnc targets --for 'a b.c'" in said
    assert main(["targets", "--for", "a b.c"]) == 0
    (row,) = (line.split() for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["loihi"])
    assert row[-3] == "nJ"
    assert main(["place", "a b.c"]) == 2
    said = capsys.readouterr().err
    assert "a b.c: is for no FPGA board" in said
    assert f"snnc export 'a b.c/source.pt' --target {SUITED['place'].partition('  #')[0]}" in said


def test_another_export_for_a_board_has_the_same_options(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--weight-bits", "3,4", "--scale", "mse", "--whole-bias", "--no-budget", "--prune", "0.25"]
    assert main(["export", model, "--target", "c", "-o", "few.c", *options]) == 0
    capsys.readouterr()
    assert main(["place", "few.c"]) == 2
    named = _named(capsys.readouterr().err)
    assert main(named) == 0
    made, first = read_artifact(Path("few-ulx3s.fpga")), read_artifact(Path("few.c"))
    assert made.manifest["provenance"]["options"] == first.manifest["provenance"]["options"]
    assert made.graph == first.graph
    capsys.readouterr()
    assert main(["place", "few.c"]) == 2
    assert "its network has an export for one: snnc place few-ulx3s.fpga" in capsys.readouterr().err
    # One of other integers is not led to it, and its own goes elsewhere.
    assert main(["export", model, "--target", "loihi", "-o", "few.loihi"]) == 0
    capsys.readouterr()
    assert main(["place", "few.loihi"]) == 2
    said = capsys.readouterr().err
    assert "-o few-loihi-ulx3s.fpga" in said
    assert main(_named(said)) == 0
    assert read_artifact(Path("few-loihi-ulx3s.fpga")).graph == read_artifact(Path("few.loihi")).graph
    # Made again from the model itself, whose file has another name, it is what is there.
    before = (made.path / "manifest.json").read_bytes()
    assert main(["verify", "few-ulx3s.fpga", "--dataset", "none", "--executors", "oracle"]) in (0, 2)
    again = [model if word == str(Path("few.c", "source.pt")) else word for word in named]
    assert main(again) == 0
    assert (made.path / "manifest.json").read_bytes() == before
    assert (made.path / "report.json").exists()


def test_an_export_in_the_place_of_a_model_keeps_its_options(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--weight-bits", "4", "--no-budget", "--prune", "0.25"]
    assert main(["export", model, "--target", "c", "-o", "few.c", *given]) == 0
    for words, bits in (
        (["--target", "onnx"], "4"),
        (["--target", "onnx", "--weight-bits", "5"], "5"),
        (["--target", "onnx", "--weight-bits", "8"], "8"),
    ):
        capsys.readouterr()
        assert main(["export", "few.c", *words, "-o", f"{bits}.onnx"]) == 2
        assert main(_named(capsys.readouterr().err)) == 0
        options = read_artifact(Path(f"{bits}.onnx")).manifest["provenance"]["options"]
        assert (options["weight_bits"], options["budget"], options["prune"]) == (int(bits), False, 0.25)
    # Settings of the target, those typed and, of the same target, those that the export has.
    for words, there in (
        (["few.c", "--target", "fpga", "--board", "icebreaker", "--lanes", "4"], ("icebreaker", 4)),
        (["a b.fpga", "--target", "fpga"], ("icebreaker", 4)),
        (["a b.fpga", "--target", "fpga", "--lanes", "2", "--overwrite"], ("icebreaker", 2)),
        (["a b.fpga", "--target", "fpga", "--board", "ulx3s", "--overwrite"], ("ulx3s", "fit")),
        (["a b.fpga", "--target", "fpga", "--scale", "mse", "--overwrite"], ("ulx3s", "fit")),
    ):
        capsys.readouterr()
        assert main(["export", *words, "-o", "a b.fpga"]) == 2
        line = capsys.readouterr().err.partition("target: snnc export ")[2]
        assert main(["export", *shlex.split(line)]) == 0
        settings = read_artifact(Path("a b.fpga")).manifest["settings"]
        assert (settings["board"], settings["lanes"]) == there


def test_a_core_for_a_board_has_the_lanes_of_that_without(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", model, "--target", "fpga", "--lanes", "4", "-o", "few.fpga"]) == 0
    capsys.readouterr()
    assert main(["place", "few.fpga"]) == 2
    assert "--board ulx3s --lanes 4 -o few-ulx3s.fpga" in capsys.readouterr().err


def test_options_are_those_that_were_given() -> None:
    recorded = {"weight_bits": [4, 8], "prune": None, "max_drop": 1.0, "budget": True, "relays": True}
    told = same_options({"provenance": {"options": recorded | {"delays_in_metadata": True}}})
    assert " ".join(told) == (
        "--weight-bits 4,8 --max-drop 1.0 --budget --prune auto --relays --nir-delays metadata"
    )
    for nothing in ({}, {"options": asdict(ExportOptions())}, {"options": "damaged"}):
        assert same_options({"provenance": nothing}) == []


def test_costs_of_a_core_are_refused_by_their_option(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", model, "--target", "fpga", "-o", "a.fpga"]) == 0
    capsys.readouterr()
    assert main(["chip", "a.fpga", "--costs", "loihi1"]) == 2
    said = capsys.readouterr().err
    assert "--costs loihi1: target fpga has no costs, its cycles are counted; leave --costs out" in said
    assert main(["chip", "a.fpga"]) == 0


def test_what_follows_a_model_is_about_its_export_and_its_file(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(Path(model).with_suffix(".onnx"))
    data = f"{folder}/golden.npz"  # any file

    def following(*words: str) -> str:
        capsys.readouterr()
        assert main(list(words)) == 0
        found = capsys.readouterr()
        return (found.out + found.err).splitlines()[-1]

    assert following("inspect", model).startswith(f"next: snnc export {model} --target c")
    assert main(["export", model, "--target", "onnx"]) == 0
    assert following("inspect", model) == f"next: snnc verify {folder}"
    assert unless_exported(Path(model), export_command(Path(model)), data) == (
        f"snnc verify {folder} --dataset {data}"
    )
    assert unless_exported(Path(model), f"snnc export {model} --target c --weight-bits 4", data).startswith(
        "snnc export"
    )
    assert following("verify", folder, "--dataset", "none") == f"next: snnc run {folder} --input FILE"
    assert unless_exported(Path(model), export_command(Path(model)), data) == (
        f"snnc run {folder} --input {data}"
    )
