"""`--expect` of `snnc export` and `snnc check`."""

from __future__ import annotations

import numpy as np
import pytest
from framework_loop import Habits, file_of, random_layer, run

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

DT, STEPS = 0.25, 30
TOLD = ("--dt", DT, "--time-steps", STEPS, "--fires", "above")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A net that resets to zero, and spikes of its one population."""
    folder, rng = tmp_path_factory.mktemp("expect"), np.random.default_rng(1)
    layer = random_layer(rng, 4, 6, 0, DT)
    (folder / "net.nir").write_bytes(file_of([layer], DT))
    events = rng.random((3, STEPS, 4)) < 0.4
    spikes = np.stack([run(layer, Habits(reset="zero"), one, DT) for one in events])
    np.savez(folder / "spikes.npz", input=events, lif0=spikes)
    return folder


def command(name, *arguments):
    return main([name, *map(str, arguments)])


def test_what_is_as_recorded(files, capsys):
    told = (files / "net.nir", "--target", "c", *TOLD, "--expect", files / "spikes.npz")
    output = files / "net.c"
    assert command("export", *told, "-o", output, "--reset", "zero") == 0
    shown = capsys.readouterr().out
    assert "as recorded: lif0: 100.00 % of 540 places with " in shown
    expected = read_artifact(output).manifest["provenance"]["expected"]
    assert (expected["file"], expected["recordings"]) == ("spikes.npz", 3)
    row = expected["populations"]["lif0"]
    assert (row["places"], row["different"], row["through"]) == (540, 0, 0)
    assert row["spikes"] == int(np.load(files / "spikes.npz")["lif0"].sum())
    assert command("check", *told, "--reset", "zero") == 0
    assert "as recorded: lif0: 100.00 % of 540 places with " in capsys.readouterr().out


def test_what_is_not(files, refused, capsys):
    told = (files / "net.nir", "--target", "c", *TOLD, "--reset", "subtract")
    told = (*told, "--expect", files / "spikes.npz")
    for name in ("export", "check"):
        said = refused(name, *told)
        assert "lif0: agrees with spikes.npz in " in said
        assert "a spike resets v to zero (--reset zero)" in said
    assert not (files / "net.c2").exists()
    assert command("export", *told, "-o", files / "net.c2", "--expect-at-least", "0.1") == 0
    shown = capsys.readouterr().out
    assert "the first other one in recording" in shown
    row = read_artifact(files / "net.c2").manifest["provenance"]["expected"]["populations"]["lif0"]
    assert row["different"] == row["through"] > 0
    assert row["causes"] == ["a spike resets v to zero (--reset zero)"]


def test_options_that_do_nothing(files, refused):
    assert "has no effect without --expect" in refused(
        "export", files / "net.nir", *TOLD, "--reset", "zero", "--expect-at-least", "0.9"
    )


def test_networks_that_hold_integers(files, refused):
    told = ("--dt", DT, "--time-steps", STEPS, "--reset", "zero", "--fires", "above")
    assert command("export", files / "net.nir", "--target", "c", *told, "-o", files / "net.c3") == 0
    expect = ("--expect", files / "spikes.npz")
    ours = files / "net.c3" / "graph.nir"
    assert "is for a NIR file of another framework" in refused("export", ours, *expect)
    assert "is already exported" in refused("check", files / "net.c3", "--target", "c", *expect)
