"""`snnc export --checkpoint`: settings, and what is refused."""

from __future__ import annotations

import pytest
import torch
from checkpoints import delays

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

GIVEN = {"kernel_size": 25, "tau": 1.005, "v_threshold": 1.0, "loss": "sum", "payload_max": 5}
TIME = ("--dt", "0.01", "--time-steps", "100")


def export(path, *options, **settings):
    told = [f"--set={name}={value}" for name, value in (GIVEN | settings).items() if value is not None]
    kind = ("--checkpoint", "snn-delays")
    return main(
        ["export", str(path), "-t", "c", "-o", str(path.with_suffix(".c")), *kind, *TIME, *told, *options]
    )


def test_a_checkpoint_becomes_an_artifact(tmp_path, capsys):
    torch.save(delays(), tmp_path / "net.pt")
    names = '["yes", "no", "up"]'
    assert export(tmp_path / "net.pt", class_names=names) == 0
    said = capsys.readouterr().out
    assert "the tensors were read as those of snn-delays" in said
    assert "Euler" not in said
    found = read_artifact(tmp_path / "net.c")
    assert found.graph.populations[0].payload_max == 5
    assert found.graph.readouts[0].class_names == ("yes", "no", "up")
    told = found.manifest["provenance"]["imported"]
    assert (told["checkpoint"], told["tau"], told["loss"], told["dt"]) == ("snn-delays", 1.005, "sum", 0.01)
    assert export(tmp_path / "net.pt", class_names=names) == 0
    assert export(tmp_path / "net.pt", tau=1.5, class_names=names) == 2
    assert "--overwrite" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "settings", "said"),
    [
        (("--reset", "zero"), {}, "the settings of the work come with --set; leave out --dataset, --reset"),
        (("--payload-max", "2"), {}, "--payload-max 2: the inputs of the network carry 1 .. 5; leave it out"),
        (("--set", "dt=0.1"), {}, "dt is 0.01 already; give it once"),
        (("--set", "K=3"), {}, "snn-delays has no parameter 'K'; there are dt, time_steps, kernel_size"),
        ((), {"tau": None}, "tau is missing: the file has no model.2.w"),
        ((), {"kernel_size": 9}, "net.pt: model.0.P holds 12, positions of a kernel of 9 steps are -4 .. 4"),
        (("--checkpoint", "slayer"), {}, "checkpoints of the kind 'slayer' are not known"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, capsys, options, settings, said):
    torch.save(delays(), tmp_path / "net.pt")
    assert export(tmp_path / "net.pt", *options, **settings) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "net.c").exists()


def test_settings_are_for_checkpoints(tmp_path, capsys):
    torch.save(delays(), tmp_path / "net.pt")
    assert main(["export", str(tmp_path / "net.pt"), "--set", "tau=2"]) == 2
    assert "--set tau=2: is for a --checkpoint; leave it out" in capsys.readouterr().err
