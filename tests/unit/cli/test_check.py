"""`snnc check`: whether a network fits a chip."""

from __future__ import annotations

import re

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.cli.target_settings import in_target


def test_a_chip_without_an_emitter_is_refused_by_export(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "--target", "truenorth"]) == 2
    said = capsys.readouterr().err
    assert f"nothing can be exported for it yet; `snnc check {model} --target truenorth`" in said
    assert f"`snnc targets --for {model}`" in said
    assert not (tmp_path / "model.truenorth").exists()


def test_check_on_the_command_line(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    assert main(["check", str(model), "--target", "loihi"]) == 0
    assert "model.pt and loihi: fits, on 1 of 128 cores, 9 neurons" in capsys.readouterr().out
    assert main(["check", str(model), "--target", "spinnaker1"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("change: 1 step more for every delay")
    assert "acts as much later" in said
    assert main(["check", str(model), "--target", "spinnaker2"]) == 1
    said = capsys.readouterr().out
    assert "does not fit: hidden1, synapse " in said
    assert "does not fit (2 problems)" in said
    assert main(["check", str(model), "--target", "spinnaker2", "--weight-bits", "5"]) == 0
    assert main(["check", str(model), "--target", "abacus"]) == 2
    assert main(["check", str(tmp_path / "none.pt"), "--target", "loihi"]) == 2
    assert main(["check", str(model), "--target", "loihi", "--weight-bits", "9"]) == 2


def test_a_board_is_a_setting_of_its_target(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    for command in ("check", "export"):
        for name in ("icebreaker", "iCEBreaker"):
            assert main([command, str(model), "--target", name]) == 2
            said = capsys.readouterr().err
            assert said == f"snnc: target '{name}' is unknown: it is a board; give fpga:board=icebreaker\n"
    for name in ("cortex-m4", "stm32", "Arduino", "esp32"):
        assert main(["export", str(model), "--target", name]) == 2
        assert f"target '{name}' is unknown: give c, which writes C99 for" in capsys.readouterr().err
    for name in ("ice40", "ECP5", "xilinx"):
        assert main(["export", str(model), "--target", name]) == 2
        said = capsys.readouterr().err
        assert f"target '{name}' is unknown: give fpga, a core in Verilog, or fpga:board=NAME with" in said
        assert "icebreaker" in said
    assert main(["export", str(model), "--target", "abacus"]) == 2
    said = capsys.readouterr().err
    exported, _, chips = said.partition("; and, with limits alone, for `snnc check`: ")
    assert "there are loihi, onnx, c, fpga, spinnaker" in exported
    assert {"loihi2", "truenorth"} <= set(chips.partition(".")[0].split(", "))
    assert main(["check", str(model), "--target", "fpga:board=icebreaker"]) == 0
    said = capsys.readouterr().out
    assert "model.pt and fpga:board=icebreaker: fits" in said
    assert f"next: snnc export {model} --target fpga:board=icebreaker" in " ".join(said.split())
    assert main(["check", str(model), "--target", "fpga:board=icebraker"]) == 2
    assert "unknown (did you mean 'icebreaker'?)" in capsys.readouterr().err


def test_what_a_board_is_proposed_as_is_taken(tmp_path, capsys) -> None:
    """An iCEBreaker has 8 multipliers, of which a lane takes two: 4 lanes at most."""
    model = saved(tiny_model(), tmp_path)
    assert main(["check", str(model), "--target", "fpga:board=icebreaker"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^takes: .*iCEBreaker.*, 4 lanes: \d+ of 30 block RAMs, .* LUTs", said, re.MULTILINE)
    assert main(["check", str(model), "--target", "fpga"]) == 0
    assert "takes: " not in capsys.readouterr().out
    for spec, change in (("fpga:board=icebreaker:lanes=64", "fpga:board=icebreaker:lanes=4"),):
        assert main(["check", str(model), "--target", spec]) == 1
        assert f"; use --target {change}" in " ".join(capsys.readouterr().out.split())
        assert main(["check", str(model), "--target", change]) == 0


def test_another_board_stands_alone() -> None:
    text = "needs 128 multipliers (estimate); use --board ulx3s, on which 64 lanes fit, or --weight-bits 3"
    told = "needs 128 multipliers (estimate); use --target fpga:board=ulx3s, on which 64 lanes fit, or "
    assert in_target(text, "fpga:board=icebreaker:lanes=64") == f"{told}--weight-bits 3"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("fpga:board=icebreaker:lanes=64", "; use --target fpga:board=icebreaker:lanes=4"),
        ("fpga:board=icebreaker --lanes 64", "; use --lanes 4"),
        ("fpga --board icebreaker --lanes 64", "; use --lanes 4"),
        ("fpga:lanes=64 --board icebreaker", "; use --target fpga:lanes=4"),
        ("fpga:board=icebraker", "snnc: --target fpga:board=icebraker: unknown (did you mean 'icebreaker'?)"),
        ("fpga --board icebraker", "snnc: --board 'icebraker': unknown (did you mean 'icebreaker'?)"),
        ("fpga:board=icebreaker:clock=99", "snnc: --target fpga:board=icebreaker:clock=99: icebreaker runs"),
    ],
)
def test_an_export_proposes_settings_in_the_form_that_was_given(tmp_path, capsys, given, told) -> None:
    model = saved(tiny_model(), tmp_path)
    export = ["export", str(model), "--no-budget", "-o", str(tmp_path / "core")]
    assert main([*export, "--target", *given.split()]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_check_of_an_exported_folder(tmp_path, capsys) -> None:
    model = saved(tiny_model(), tmp_path)
    assert main(["export", str(model), "--no-budget"]) == 0
    capsys.readouterr()
    folder = str(tmp_path / "model.loihi")
    assert main(["check", folder, "--target", "seneca"]) == 0
    assert "relays for one delay a source" in capsys.readouterr().out
    assert main(["check", folder, "--target", "seneca", "--weight-bits", "4"]) == 2
    assert "its integers are fixed" in capsys.readouterr().err
