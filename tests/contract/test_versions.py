"""What a release wrote is read by the next, or refused by name, as docs/versions.md says."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import h5py
import pytest
from old_release import RELEASES, VERIFY
from places import DOCS

from snnc import SEMANTICS_READ, __version__
from snnc.cli import main
from snnc.exporter.manifest import FORMAT_VERSION, MANIFEST
from snnc.exporter.nir.writer import GRAPH_VERSION, METADATA_VERSION
from snnc.io.traces.file import VERSIONS as TRACES_READ
from snnc.report.json_report import SCHEMA
from snnc.trainer import checkpoint, graph_file, model_file, sweep_runner

PAGE = DOCS / "versions.md"
FILES = sorted(RELEASES.glob("*.zip"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder to which the file of a release was unpacked, as the working folder."""
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def test_this_release_left_its_file() -> None:
    assert f"{__version__}.zip" in [path.name for path in FILES]


def test_an_old_artifact_is_verified_or_refused(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By executors that need no program: that of an artifact is started by its own release only."""
    manifest = json.loads((old / "model.loihi" / MANIFEST).read_text())
    code = main([*VERIFY, "--trust-program", "-v"])  # it is not ours, and these executors do not run it
    said = capsys.readouterr()
    if manifest["format_version"] == FORMAT_VERSION and manifest["semantics_version"] in SEMANTICS_READ:
        assert code == 0, said.err
        assert "Bit-exact: torch = oracle = hwsim over 8 samples" in said.out
        assert main(["export", "model.loihi/source.pt", "-o", "again.loihi", "--no-budget"]) == 0
    else:
        assert code == 2
        assert f"use the release that wrote it ('{manifest['snnc_version']}')" in said.err


def test_an_old_trace_is_compared_or_refused(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what the old network computes today, if its artifact is read, and else with itself."""
    with h5py.File("trace.h5") as file:
        found = int(file.attrs["version"]), int(file.attrs["semantics_version"])
    run = ("run", "model.loihi", "-i", "spikes.npz", "--executor", "hwsim", "--trace", "now.h5")
    other = "trace.h5" if main(list(run)) else "now.h5"
    read = found[0] in TRACES_READ and found[1] in SEMANTICS_READ
    assert main(["compare", "trace.h5", other]) == (0 if read else 2)
    assert read or "record" in capsys.readouterr().err


def test_an_old_report_is_read_or_refused(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = old / "model.loihi/report.json"
    read = json.loads(report.read_text())["schema"] == SCHEMA
    assert main(["inspect", str(report)]) == (0 if read else 2)
    said = capsys.readouterr()
    assert ("executor hwsim: bit-exact, 8 samples" in said.out) == read
    assert read or "snnc verify" in said.err


@pytest.mark.parametrize("number", [FORMAT_VERSION - 1, FORMAT_VERSION + 1])
@pytest.mark.parametrize("fields", ["the same", "others"])
def test_another_format_is_told_before_its_fields_are_looked_at(
    number: int, fields: str, tiny_artifact: Path, refused
) -> None:
    manifest = json.loads((tiny_artifact / MANIFEST).read_text()) | {"format_version": number}
    if fields == "others":
        kept = ("format", "format_version", "semantics_version")
        manifest = {key: manifest[key] for key in kept} | {"snnc_version": "9.9.9", "contents": []}
    (tiny_artifact / MANIFEST).write_text(json.dumps(manifest))
    said = refused("verify", tiny_artifact)
    assert (
        f"is ('snnc-artifact', {number}, 1), this release reads ('snnc-artifact', {FORMAT_VERSION}, 1) and "
        f"('snnc-artifact', {FORMAT_VERSION}, 2)" in said
    )
    assert f"export the model again, or use the release that wrote it ('{manifest['snnc_version']}')" in said


def test_the_page_names_the_versions_that_are_read() -> None:
    rows = re.findall(r"^\| (.+?) \| .+? \| (\d+(?:, \d+)*) \| .+ \|$", PAGE.read_text(), re.MULTILINE)
    found = {re.sub(r"\[(.+?)\]\(.+?\)", r"\1", what): numbers.split(", ") for what, numbers in rows}
    read = {what: tuple(map(int, numbers)) for what, numbers in found.items()}
    several = "`graph.nir`", "the integer contract", "model, `model.pt`", "trace, HDF5"
    assert {what: read.pop(what) for what in several} == {
        "`graph.nir`": (METADATA_VERSION, GRAPH_VERSION),
        "the integer contract": SEMANTICS_READ,
        "model, `model.pt`": (model_file.VERSION, graph_file.VERSION),
        "trace, HDF5": TRACES_READ,
    }
    assert {what: number for what, (number,) in read.items()} == {
        "artifact": FORMAT_VERSION,
        "checkpoint of a training": checkpoint.VERSION,
        "report, `report.json`": SCHEMA,
        "run of `snnc sweep`": sweep_runner.VERSION,
    }
