"""Which command exports a network for the commands that take artifacts of some targets alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.cli.export_command import SUITED, suited
from snnc.exporter.artifact import read_artifact
from snnc.targets.fpga.boards import BOARDS
from snnc.targets.fpga.place import board_of
from snnc.targets.registry import load_target, targets


def test_chip_is_told_the_targets_that_it_knows_time_of() -> None:
    first, *others = SUITED["chip"].split()
    known = {name for name in targets() if (found := load_target(name)).costs or found.routed}
    assert known == {first, others[2].rstrip(",")} == {"loihi", "fpga"}


def test_place_is_told_every_board() -> None:
    words = SUITED["place"].replace(",", "").split()
    assert words[:2] == ["fpga", "--board"]
    assert {words[2], *words[5:]} == {name for name in BOARDS if name != "sim"}


@pytest.mark.parametrize(
    "line",
    ["snnc export m.pt", "snnc export m.pt --target c  # or loihi, fpga", "snnc export m.pt --target onnx"],
)
def test_the_target_alone_is_replaced(line: str) -> None:
    assert suited(line, "chip") == f"snnc export m.pt --target {SUITED['chip']}"
    assert suited(line, "verify") == line


def test_the_options_of_a_fine_tuned_network_stay() -> None:
    line = "snnc export m.pt --target c --weight-bits 4 --whole-bias"
    assert suited(line, "chip") == f"snnc export m.pt --weight-bits 4 --whole-bias --target {SUITED['chip']}"


def _named(said: str) -> list[str]:
    """The words of the command that an error names."""
    return ["export", *said.partition("snnc export ")[2].split("  #")[0].split()]


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return saved(tiny_model(), tmp_path).name


@pytest.mark.parametrize("command", ["chip", "place"])
def test_the_command_of_a_model_leads_there(
    command: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, model]) == 2
    assert main([*_named(capsys.readouterr().err), "-o", "a"]) == 0
    capsys.readouterr()
    if command == "chip":
        assert main(["chip", "a"]) == 0
    else:
        assert board_of(read_artifact(Path("a")).program) == "ulx3s"


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
    assert "a b.c: is for no board" in said
    assert f"snnc export 'a b.c/source.pt' --target {SUITED['place']}" in said


def test_costs_of_a_core_are_refused_by_their_option(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", model, "--target", "fpga", "-o", "a.fpga"]) == 0
    capsys.readouterr()
    assert main(["chip", "a.fpga", "--costs", "loihi1"]) == 2
    said = capsys.readouterr().err
    assert "--costs loihi1: target fpga has no costs, its cycles are counted; leave --costs out" in said
    assert main(["chip", "a.fpga"]) == 0
