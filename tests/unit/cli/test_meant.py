"""A name that nobody knows is told with the one that was meant, for every class of names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train digits --set hiden=[8]", "unknown field 'hiden' (did you mean 'hidden'?)"),
        ("train digts", "'digts' does not exist (did you mean 'digits'?)"),
        ("export MODEL -t loih", "target 'loih' is unknown (did you mean 'loihi'?)"),
        ("export MODEL -t fpga --board ulx3", "--board 'ulx3': unknown (did you mean 'ulx3s'?)"),
        ("export MODEL --scale percentilee", "--scale percentilee: unknown (did you mean 'percentile'?)"),
        ("export MODEL --prune-by magnitud", "no such rule (did you mean 'magnitude'?)"),
        ("export MODEL --dump-after quantize", "no such pass (did you mean 'quantise'?)"),
        ("export MODEL --checkpoint snn-delay", "are not known (did you mean 'snn-delays'?)"),
        ("test MODEL --split tets", "split 'tets' is unknown (did you mean 'test'?)"),
        ("verify ARTIFACT --dataset none --executors oracl", "(did you mean 'oracle'?)"),
        ("verify ARTIFACT --dataset none --layers hiden1", "(did you mean 'hidden1'?)"),
        ("run ARTIFACT -i ARTIFACT/golden.npz -e hwsmi", "(did you mean 'hwsim'?)"),
        ("run ARTIFACT -i ARTIFACT/golden.npz -e fpga", "executor 'fpga' is unknown (did you mean 'rtl'?)"),
        (
            "verify ARTIFACT --dataset none --executors c,loihi",
            "executor 'loihi' is unknown (did you mean 'lava'?)",
        ),
        ("chip ARTIFACT -i ARTIFACT/golden.npz --costs loihi11", "(did you mean 'loihi1'?)"),
        ("targets truenort", "target 'truenort' is unknown (did you mean 'truenorth'?)"),
    ],
)
def test_what_was_meant(arguments: str, said: str, refused, tmp_path, tiny_artifact) -> None:
    model = str(saved(tiny_model(), tmp_path))
    words = arguments.replace("MODEL", model).replace("ARTIFACT", str(tiny_artifact)).split()
    assert said in refused(*words)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["--hiden", "24"], "--hiden; did you mean --set 'hidden=[24]'?"),
        (["--hiden=[24, 8]"], "--hiden; did you mean --set 'hidden=[24, 8]'?"),
        (["--batch-sise", "8"], "--batch-sise; did you mean --set batch_size=8?"),
        (["--kernel-size"], "--kernel-size; did you mean --set kernel_size=VALUE?"),
        (["--epoch", "8"], "--epochs"),
        (["--learning-rate", "0.1"], "--learning-rate; did you mean --set lr_weights=0.1?"),
        (["--lr-delays=0.1"], "--lr-delays; did you mean --set lr_positions=0.1?"),
        (["--nothing"], "--nothing"),
    ],
)
def test_a_field_that_is_given_as_an_option_is_told(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["train", "digits", *words]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert meant in said
    assert ("did you mean --set" in said) == ("--set" in meant)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("train digits --layout {class}/{speaker}", "--layout; it is one of snnc encode "),
        ("encode folder --executors=c", "--executors; it is one of snnc verify "),
        (
            "check model.pt --target fpga --board icebreaker",
            "--board; it is one of snnc export; here it follows the name of the target: --target ",
        ),
        (
            "check model.pt --target c --board icebreaker",
            "--board; target c: has no setting 'board'; leave it out, or name with --target one that has it",
        ),
        (
            "check model.pt -t spinnaker:scales=0 --lanes=4",
            "--lanes; target spinnaker: has no setting 'lanes', only scales; leave it out",
        ),
        (
            "sweep a.toml --clock 50 --target=fpga:lanes=4",
            "--clock; it is one of snnc export; here it follows the name of the target: --target fpga:clock=",
        ),
        ("check model.pt -t nothing --board ulx3s", "--board; it is one of snnc export "),
        ("run net.c --weight-bits 3", "--weight-bits; it is one of snnc export and snnc "),
        ("export model.pt --device cuda", "--device; it is one of snnc train "),
        ("export model.pt --num-steps 3", "--num-steps; did you mean --time-steps? "),
        ("export model.pt --time_steps 3", "--time_steps; did you mean --time-steps? "),
        ("export model.pt --bits 3", "--bits; did you mean --weight-bits? "),
        ("verify net.c --out 3", "--out; did you mean --output? "),
        ("verify net.c --name a", "--name "),
        ("export model.pt --name a", "--name "),
        ("train digits --weight-bits 3", "--weight-bits; did you mean --set weight_bits=3?"),
    ],
)
def test_an_option_of_another_command_is_told(
    words: str, meant: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(words.split()) == 2
    said = " ".join(capsys.readouterr().err.replace("│", " ").split()) + " "
    assert f"No such option: {meant}" in said
    assert "ossible" not in said
    assert "Possible options" not in said


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        (
            "run net.c --input {} --layout {{class}}_{{}} --rows 3",
            "encode {} -o new.npz --layout '{{class}}_{{}}' && snnc run net.c --input new.npz --rows 3",
        ),
        ("run net.c --layout={{class}}/{{}} -i {}", "encode {} -o new.npz --layout '{{class}}/{{}}' && "),
        ("train {} --skip --epochs 2", "encode {} -o new.npz --skip && snnc train new.npz --epochs 2"),
        ("verify net.c --mix -i {}", "encode {} -o new.npz --mix && snnc verify net.c -i new.npz"),
        ("run net.c -i {}/a.npz --layout x", ""),
        ("run net.c -i {} --layout", ""),
        ("run net.c --layout x", ""),
        ("run net.c -i {} --workers 3", ""),
    ],
)
def test_an_option_of_encode_is_told_with_the_commands(
    words: str,
    commands: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new").mkdir()
    assert main(words.format("new").split()) == 2
    said = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert ": snnc " + commands.format("new") in said if commands else "&&" not in said
    if commands:  # no file that is there
        (tmp_path / "new.npz").touch()
        assert main(words.format("new").split()) == 2
        said = " ".join(capsys.readouterr().err.replace("│", " ").split())
        assert ": snnc " + commands.format("new").replace("new.npz", "new-2.npz") in said


def test_a_setting_that_is_no_toml_is_told_before_torch_is_loaded() -> None:
    """Loading it takes seconds, of which a slip needs none."""
    code = (
        "import sys; from snnc.cli import main; "
        "code = main(['train', 'digits', '--set', 'test_speakers=[ann]']); "
        "sys.exit('torch' in sys.modules or code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "is no list of TOML" in done.stderr


def test_every_option_of_a_training_is_known_as_one() -> None:
    from snnc.cli.app import command_line
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.other_names import OPTIONS

    names = {each.name for each in command_line().commands["train"].params}
    helpers = {"config", "settings", "help", "as_json", "quiet", "dt"}
    assert names - helpers - TrainConfig.model_fields.keys() == set(OPTIONS)
