"""The scales of a board from an export to its artifact, and back from one that was changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from models import digits_model, saved, tiny_model

from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.exporter.artifact import check_program, read_artifact
from snnc.exporter.manifest import MANIFEST
from snnc.targets.spinnaker.fixed.emit import BOARD, board_file
from snnc.targets.spinnaker.fixed.stored import settings_of

pytestmark = pytest.mark.slow


def export(model: Path, folder: Path, *more: str, target: str = "spinnaker") -> int:
    return main(["export", str(model), "--target", target, "-o", str(folder), *more])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the shipped digits, on their recordings."""
    folder = tmp_path_factory.mktemp("scales")
    assert export(saved(digits_model(), folder), folder / "net") == 0
    return folder


def test_an_export_with_recordings_finds_its_scales_and_says_what_is_lost(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = read_artifact(exported / "net")
    check_program(artifact)
    scales, record = artifact.manifest["settings"]["scales"], artifact.manifest["tuned"]["record"]
    assert scales.count("/") == 4
    assert (record["chosen_on"], record["measured_on"], record["apart"]) == (10, 30, True)
    assert artifact.program[BOARD] == board_file(
        artifact.graph, settings_of(artifact.graph, {"scales": scales})
    )
    # The same export again needs no --overwrite, and gives the same bytes.
    before = (exported / "net" / MANIFEST).read_bytes()
    assert export(exported / "model.pt", exported / "net") == 0
    assert (exported / "net" / MANIFEST).read_bytes() == before
    out = capsys.readouterr().out
    assert f"board: scales {scales} (chosen on 10 recordings)" in out
    assert "on 30 other recordings, in its arithmetic" in out
    assert "board: none was run; it is never bit-exact" in out
    # Other scales are another export.
    assert export(exported / "model.pt", exported / "net", target="spinnaker:scales=0/2/0,0/2/0") == 2
    assert "was exported with scales" in capsys.readouterr().err


HOSTILE = {
    "give usual, or quantum/gain/correction": "0/1e9/0,0/0/0",
    "are those of 1 populations, the network has 2": "0/0/0",
    "V may need more than 32 bits": "0/90/0,0/0/0",
    "give usual": ["0/0/0"],
}


@pytest.mark.parametrize("why", HOSTILE)
def test_scales_that_were_changed_are_refused(
    tmp_path: Path, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "net"
    assert export(saved(tiny_model(), tmp_path), folder, "--no-budget") == 0
    assert "chosen on no recordings; what the board will lose was not measured" in capsys.readouterr().out
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["settings"] == {"scales": "usual"}
    manifest["settings"]["scales"] = HOSTILE[why]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="its settings: ") as caught:
        read_artifact(folder)
    assert why in str(caught.value)
    assert main(["verify", str(folder), "--executors", "spinnaker-fixed"]) == 2


def test_other_scales_of_another_program_are_refused(tmp_path: Path) -> None:
    """They fit the network, and board.npz is of others."""
    folder = tmp_path / "net"
    assert export(saved(tiny_model(), tmp_path), folder, "--no-budget") == 0
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["settings"]["scales"] = "0/3/0,0/3/0"
    manifest["tuned"] = {"settings": ["scales"], "record": {}}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    artifact = read_artifact(folder)
    with pytest.raises(ArtifactError, match=f"{BOARD}: is not the program that this release"):
        check_program(artifact)
    for tuned in (7, {}, {"settings": 7}, {"settings": [7]}):
        (folder / MANIFEST).write_text(json.dumps({**manifest, "tuned": tuned}))
        with pytest.raises(ArtifactError, match="damaged"):
            read_artifact(folder)


def test_scales_that_a_user_gives_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    given = "0/2/0,0/3/0.5"
    assert (
        export(saved(tiny_model(), tmp_path), folder, "--no-budget", target=f"spinnaker:scales={given}") == 0
    )
    artifact = read_artifact(folder)
    assert artifact.manifest["settings"] == {"scales": given}
    with np.load(folder / BOARD) as file:
        assert file["summed_1"] < 2**2
