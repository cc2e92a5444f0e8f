"""Killed or ended at any moment, and others at the same place; docs/when_things_break.md."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import breakage
import numpy as np
import pytest
from order_task import own_run
from outside import VERIFY, content, linux

from snnc.cli import main
from snnc.exporter import network_files
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io import files
from snnc.io.claims import claim
from snnc.provenance import sha256


@pytest.fixture(scope="module")
def teller() -> Iterator[breakage.Teller]:
    with breakage.Teller() as process:
        yield process


@linux
@pytest.mark.parametrize(
    ("story", "codes"),
    [
        ("export_killed", {0, -signal.SIGKILL}),
        ("verify_killed", {0, -signal.SIGKILL}),
    ],
)
def test_ended_at_any_moment(teller: breakage.Teller, models: Path, story: str, codes: set[int]) -> None:
    for found in teller.tell(story, models):
        assert found["code"] in codes
        assert all(re.fullmatch(r"\.(out\.loihi|report\.(json|html))\..{8}\.part", n) for n in found["left"])
        assert found["whole"] == found["again"] == [0, ""]  # what stands there verifies, and can be replaced
        assert found["at_last"] == []


@linux
def test_killed_between_the_two_renames(models: Path) -> None:
    """The one moment without an artifact at its place: the next who looks for it puts it back."""
    assert main(["export", str(models / "model.pt"), "-o", str(models / "out.loihi")]) == 0
    before = content(models / "out.loihi")
    child = (
        "import os, signal, sys; from pathlib import Path; from snnc.io import files; rename = os.rename\n"
    )
    child += "def die(a, b):\n    if Path(a).name == 'new': os.kill(os.getpid(), signal.SIGKILL)\n"
    child += "    rename(a, b)\nos.rename = die\nfiles.write_folder(Path(sys.argv[1]), {'a': b'1'})"
    done = subprocess.run([sys.executable, "-c", child, str(models / "out.loihi")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (models / "out.loihi").exists()
    assert main(["verify", str(models / "out.loihi"), *VERIFY, "-o", str(models)]) == 0
    assert content(models / "out.loihi") == before
    assert not list(models.rglob("*.part"))


def test_parts_of_a_living_writer_stay(tmp_path: Path) -> None:
    with files.atomic_path(tmp_path / "file") as part:
        files.remove_parts(tmp_path / "file")
        files.write_file(tmp_path / "file", b"other")
        part.write_bytes(b"mine")
    assert content(tmp_path) == {"file": b"mine"}
    assert os.listdir(tmp_path) == ["file"]


@linux
def test_a_signal_at_any_moment(teller: breakage.Teller, models: Path) -> None:
    mine = own_run(models, epochs=50)
    mine.rename(models / "order.toml")
    np.savez(models / "spikes.npz", spikes=np.ones((400, 12, 5), np.uint8))
    found = teller.tell("signals", models)
    assert {end["command"] for end in found} == {"export", "verify", "train", "run", "demo"}
    for end in found:
        number = signal.Signals(end["number"])
        assert end["code"] in (0, 128 + number, -number), end  # done before; told; not yet begun
        assert end["left"] == [], end
        if end["code"] == 128 + number:
            words = "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
            assert end["said"][-1] == f"snnc: {words}", end
        assert not any("Traceback" in line for line in end["said"]), end


@linux
@pytest.mark.parametrize("story", ["exports_and_verifies", "verifies"])
def test_several_at_one_artifact(teller: breakage.Teller, models: Path, story: str) -> None:
    found = teller.tell(story, models)
    for code, said in found["ends"]:
        assert (code == 2) == ("out.loihi: was replaced by another export while it was in use" in said), said
        assert code in (0, 2), said
    assert 0 in [code for code, _ in found["ends"]]
    assert found["whole"] == [0, ""]
    assert found["left"] == []


@linux
def test_two_trainings_of_one_model(refused, models: Path) -> None:
    before = content(models)
    with claim(models / "model.pt", "another"):
        said = refused("train", "digits", "-o", models / "model.pt")
    assert "model.pt: another `snnc train` is writing it; wait until it ends, or choose another name" in said
    assert content(models) == before
    assert sorted(os.listdir(models)) == ["model.pt", "other.pt"]
    (models / ".model.pt.claim").mkdir()  # of one that was killed
    with claim(models / "model.pt", "another"):
        pass
    assert sorted(os.listdir(models)) == ["model.pt", "other.pt"]


def test_a_model_that_is_trained_anew_while_it_is_exported(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The artifact names and holds the model that its network was made from: it is read once."""

    def meanwhile(*arguments: object):
        data = read(*arguments)
        files.write_file(models / "model.pt", (models / "other.pt").read_bytes())
        return data

    read, before = network_files.read_file, (models / "model.pt").read_bytes()
    monkeypatch.setattr(network_files, "read_file", meanwhile)
    assert main(["export", str(models / "model.pt"), "-o", str(models / "out.loihi")]) == 0
    artifact = read_artifact(models / "out.loihi")
    assert artifact.carried["source.pt"] == before != (models / "model.pt").read_bytes()
    assert artifact.manifest["provenance"]["model_sha256"] == sha256(before)
    (models / "model.pt").write_bytes(before)
    monkeypatch.undo()
    assert main(["export", str(models / "model.pt"), "-o", str(models / "again.loihi")]) == 0
    assert content(models / "again.loihi") == content(models / "out.loihi")


@pytest.mark.parametrize("how", ["replaced", "removed"])
def test_an_artifact_that_changes_while_it_is_verified(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """No report is written: it would lie beside another network."""
    run = OracleExecutor.run

    def meanwhile(self, artifact, spikes):
        shutil.rmtree(tiny_artifact)
        if how == "replaced":
            assert main(["export", str(models / "other.pt"), "-o", str(tiny_artifact), "--overwrite"]) == 0
        monkeypatch.setattr(OracleExecutor, "run", run)
        return run(self, artifact, spikes)

    monkeypatch.setattr(OracleExecutor, "run", meanwhile)
    said = refused("verify", tiny_artifact, *VERIFY)
    assert ("was replaced by another export" if how == "replaced" else "no such artifact") in said
    assert not (tiny_artifact / "report.json").exists()


@linux
def test_an_end_that_a_library_makes_an_error_of_is_an_end(tmp_path: Path) -> None:
    """As callbacks of C libraries do: SystemExit is lost, and an error of the library's comes out."""
    child = "import os, signal, sys\nfrom snnc.cli import main\nfrom snnc.exporter import artifact\n"
    child += "def read(path):\n    try:\n        os.kill(os.getpid(), signal.SIGTERM)\n"
    child += "    except SystemExit:\n        raise artifact.ArtifactError('damaged') from None\n"
    child += "artifact.inspect_artifact = read\nsys.exit(main(['inspect', sys.argv[1]]))"
    (tmp_path / "manifest.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-c", child, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "ended by SIGTERM" in done.stderr) == (143, True)
