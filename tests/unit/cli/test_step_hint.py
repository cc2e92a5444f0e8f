"""What the first lines of `snnc train` tell who wants another time step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import snnc
from snnc.cli import main
from snnc.cli.step_hint import OF_DT, OF_SET, another_step
from snnc.trainer.data import save_events_npz
from snnc.trainer.model_file import load_model

QUICK = ["--epochs", "1", "--set", "hidden=[4]"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`said.npz` holds the seconds of its steps, `dense.npz` does not."""
    monkeypatch.chdir(tmp_path)
    labels = np.arange(30) % 2
    spikes = np.zeros((30, 20, 6), np.uint8)
    spikes[labels == 0, 2, :3] = spikes[labels == 1, 15, :3] = 1
    np.savez("dense.npz", spikes=spikes, labels=labels)
    np.savez("said.npz", spikes=spikes, labels=labels, dt=0.005)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The hint."""
    capsys.readouterr()
    assert main(["train", *words, *QUICK]) == 0
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("network "))
    return line.partition("; another step: ")[2]


def test_steps_that_say_nothing_are_stored_first(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hint = told(capsys, "dense.npz", "--dt", "5e-3")
    assert hint == (
        "dense.npz does not say how long its steps are, and they are taken as 5 ms; store that in it "
        "(np.savez(..., dt=0.005)), then --dt SECONDS is of the network alone"
    )


@pytest.mark.parametrize(
    ("given", "hint"), [(["--set", "bin_s=0.01"], OF_SET), (["--dt", "0.01"], OF_DT), ([], OF_DT)]
)
def test_the_step_of_a_file_that_says_its_own(
    here: Path, capsys: pytest.CaptureFixture[str], given: list[str], hint: str
) -> None:
    assert told(capsys, "said.npz", *given) == hint
    model = load_model(here / "model.pt")
    if given:  # 16 steps of 5 ms with an event, 8 of 10 ms, and the 13 silent ones of the preset
        assert (model.bin_s, model.time_steps) == (0.01, 8 + 13)


def test_a_toml_file_has_the_step(here: Path) -> None:
    assert another_step("a.toml", "digits", 0.02) == "--dt SECONDS, or bin_s in the TOML file"
    assert another_step("shd", "gone.npz", 0.02) == "--dt SECONDS"


@pytest.mark.parametrize(
    ("dt", "said"),
    [
        (
            "5",
            "is 5 seconds a step, and steps are mostly 1 to 50 ms; if you mean milliseconds, give 0.005; at "
            "most 1 is taken",
        ),
        ("-1", "is -1; give a positive number of seconds"),
        ("5ms", "'5ms': give seconds, as 0.005"),
        ("2.5 ms", "'2.5 ms': give seconds, as 0.0025"),
        ("fast", "'fast': give seconds, as 0.005"),
        ("nan", "is nan; give a positive number of seconds"),
        ("inf", "is inf; give a positive number of seconds"),
    ],
)
@pytest.mark.parametrize("data", ["digits", "dense.npz"])
def test_the_option_is_named_and_no_preset(
    here: Path, capsys: pytest.CaptureFixture[str], data: str, dt: str, said: str
) -> None:
    assert main(["train", data, "--dt", dt]) == 2
    assert capsys.readouterr().err == f"snnc: --dt {said}\n"


def test_a_step_of_half_a_second_is_noted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "dense.npz", "--dt", "0.5", *QUICK]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "note: --dt is 0.5 seconds a step, and steps are mostly 1 to 50 ms; if" in told


@pytest.mark.parametrize(("dt", "slip"), [("0.1", False), ("0.3", False), ("0.31", True)])
@pytest.mark.parametrize("config", ["long.npz", "long.toml"])
def test_a_step_that_long_recordings_need_is_no_slip(
    here: Path, capsys: pytest.CaptureFixture[str], config: str, dt: str, slip: bool
) -> None:
    """Of 3 s, which are 10 steps of 0.3 s, on a clock that runs on: their ends tell no length."""
    times = [[number + 0.001, number + 3.001] for number in range(30)]
    events = snnc.from_events(times, [[0, 1], [1, 0]] * 15, ["a", "b"] * 15, tick_s=1.0, lines=2)
    save_events_npz(events, "long.npz")
    Path("long.toml").write_text(
        'dataset = "long.npz"\nbin_s = 0.01\nhidden = [4]\nkernel_size = 5\ntau = 2.0\nepochs = 1\n'
        "batch_size = 8\nlr_weights = 0.01\n"
    )
    assert main(["train", config, "--dt", dt, *QUICK]) == 0
    assert ("if you mean milliseconds" in capsys.readouterr().err) == slip


def test_a_step_given_twice_names_both_options(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "dense.npz", "--dt", "0.005", "--set", "bin_s=0.02"]) == 2
    assert capsys.readouterr().err == "snnc: --set bin_s=0.02: bin_s (--dt) is 0.005 already; give it once\n"


@pytest.mark.parametrize("command", [["export"], ["check", "--target", "loihi"], ["targets", "--for"]])
def test_a_step_that_is_no_number_is_told_in_seconds(
    here: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (here / "net.nir").touch()
    assert main([*command, "net.nir", "--dt", "1ms"]) == 2
    assert capsys.readouterr().err == "snnc: --dt '1ms': give seconds, as 0.001\n"
