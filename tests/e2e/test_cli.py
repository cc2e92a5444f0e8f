"""The command line beyond `snnc export` and `snnc verify`: versions, usage, targets, help."""

from __future__ import annotations

import pytest

from snnc import __version__
from snnc.cli import main


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"snnc {__version__}"


@pytest.mark.parametrize("arguments", [["nonsense"], ["export"], ["verify", "x", "--samples", "-1"]])
def test_wrong_usage_is_2(arguments):
    assert main(arguments) == 2


def test_test_measures_every_stage(digits_artifact, capsys):
    assert main(["test", str(digits_artifact), "--split", "validation"]) == 0
    *lines, note = capsys.readouterr().out.splitlines()
    assert [line[:14].strip() for line in lines] == ["float", "delays rounded", "finished", "quantised"]
    assert all("of 240, validation" in line for line in lines)
    assert note.startswith("note: 240 recordings of 4 sources (field `speaker`: ")


def test_targets_shows_sources(capsys):
    assert main(["targets", "loihi"]) == 0
    printed = capsys.readouterr().out
    assert "Intel 2021" in printed
    assert "costs sanafe-loihi1: " in printed
    assert "energy.synapse_dense" in printed


@pytest.mark.parametrize(("command", "extra"), [("sweep", "snnc[sweep]"), ("train", "snnc[tensorboard]")])
def test_help_names_the_extra_to_install(
    command: str, extra: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Square brackets are markup to the one that prints it."""
    assert main([command, "--help"]) == 0
    assert extra in capsys.readouterr().out
