"""`snnc targets`: limits, and which chips hold a model."""

from __future__ import annotations

from chip_graphs import CHIPS
from models import saved, tiny_model

from snnc.cli import main
from snnc.targets.registry import load_target


def test_targets_for_a_model(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    model = saved(tiny_model(), tmp_path)
    assert main(["targets", "--for", str(model)]) == 0
    printed = capsys.readouterr().out
    rows = [line.split("│") for line in printed.splitlines() if line.count("│") > 3]
    found = {row[1].strip(): [cell.strip() for cell in row[2:5]] for row in rows if row[1].strip()}
    assert set(found) >= {"c", "loihi", *CHIPS}
    assert found["loihi"] == ["yes", "yes", "1 of 128"]
    assert found["c"] == ["yes", "yes", ""]
    assert found["truenorth"] == ["no", "no", ""]
    # What nobody can export to is never plainly said to fit.
    fits = {name: row[1] for name, row in found.items() if row[0] == "no" and row[1] != "no"}
    assert "spinnaker1" in fits
    assert set(fits.values()) == {"limits only"}
    assert printed.splitlines()[-1].startswith("limits only: ")
    below = printed[printed.rindex("┘") :].splitlines()
    assert all(line.startswith(("  + ", "  - ")) for line in below[below.index("truenorth") + 1 : -1])
    assert all(len(line) <= 200 for line in below)
    assert main(["targets", "--weight-bits", "4"]) == 2


def test_targets_lists_the_limits_of_all(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["targets"]) == 0
    said = capsys.readouterr().out
    for chip in (*CHIPS, "c"):
        assert f"{chip}: {load_target(chip).description}" in said
    assert "Merolla 2014: delays of 1 .. 15 ticks" in said
