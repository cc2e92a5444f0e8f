"""What a former `snnc verify` left in the files of --junit and --json, where the next has no verdict."""

from pathlib import Path

import pytest
from models import ON_GOLDEN

from snnc.cli import main

NAMES = ("r.xml", "r.json")


@pytest.fixture
def written(tiny_artifact, tmp_path: Path) -> list[str]:
    """Options that name two files, which a run that passed wrote."""
    options = ["--junit", str(tmp_path / "r.xml"), "--json", str(tmp_path / "r.json")]
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle", *options]) == 0
    assert left(tmp_path) == [*NAMES]
    return options


def left(folder: Path) -> list[str]:
    return [name for name in NAMES if (folder / name).exists()]


def test_no_old_pass_stays_where_the_artifact_is_damaged(tiny_artifact, tmp_path, written, refused) -> None:
    (tiny_artifact / "manifest.json").write_text("{")
    refused("verify", tiny_artifact, *ON_GOLDEN, *written)
    assert left(tmp_path) == []


def test_nor_where_it_is_missing(tmp_path, written, refused) -> None:
    refused("verify", tmp_path / "none.c", *written)
    assert left(tmp_path) == []


def test_nor_where_the_input_is_bad(tiny_artifact, tmp_path, written, refused) -> None:
    refused("verify", tiny_artifact, "--input", tmp_path / "none.npz", *written)
    assert left(tmp_path) == []


def test_what_verify_did_not_write_stays(tmp_path, refused) -> None:
    """Where nothing is verified, nobody's file is lost, as of a name that was mistyped."""
    others = {"r.xml": '<?xml version="1.0"?>\n<testsuites name="pytest"/>', "r.json": '{"schema": 1}'}
    for name, text in others.items():
        (tmp_path / name).write_text(text)
    options = ["--junit", tmp_path / "r.xml", "--json", tmp_path / "r.json"]
    refused("verify", tmp_path / "none.c", *options)
    assert {name: (tmp_path / name).read_text() for name in NAMES} == others


def test_what_is_needed_stays(tiny_artifact, tmp_path, refused) -> None:
    """A page of the report, an input and a file of the artifact are refused, and no other text is lost."""
    page = tmp_path / "out" / "report.html"
    page.parent.mkdir()
    page.write_text("<html>")
    of_artifact = tiny_artifact / "report.html"
    of_artifact.write_text("<html>")
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    link = tmp_path / "link.json"
    link.symlink_to(tiny_artifact / "manifest.json")
    given = tmp_path / "given.json"
    given.write_text("{}")
    for option, path, more in (
        ("--junit", page, ["--output", page.parent]),
        ("--junit", of_artifact, []),
        ("--junit", notes, []),
        ("--json", link, []),
        ("--json", given, ["--input", given]),
    ):
        assert str(path) in refused("verify", tiny_artifact, *ON_GOLDEN, option, path, *more)
        assert path.exists()
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]) == 0
