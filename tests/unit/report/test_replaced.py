"""A report that has what the one in its place has not is kept, and no other is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN, tiny_model
from report_examples import equal, only_reference

import snnc
from snnc.cli import main
from snnc.exporter.artifact import REPORTS, read_artifact
from snnc.io.folder_lock import lock_at_once
from snnc.report.json_report import to_json
from snnc.report.replaced import former_report, lost
from snnc.stages import Report
from snnc.trainer.model_file import save_model

FULL = equal()
FEWER = replace(FULL, executors=FULL.executors[:3])


def test_executors_and_samples_that_are_gone_are_named() -> None:
    assert lost(FULL, FEWER) == "compared lava-stock, lava-event"
    both = lost(FULL, replace(only_reference(FULL), inputs={"golden": 8}))
    assert both == "compared oracle, hwsim, lava-stock, lava-event, and had 20 samples of test, this one none"
    generated = replace(FULL, inputs={"golden": 8, "test": 20, "generated": 4})
    assert lost(generated, FULL) == "had 32 samples, this one 28"


def test_inputs_of_a_user_are_not_made_up_for_by_others() -> None:
    """More samples of all, and none of the file; or as many of another file."""
    inputs = {"golden": 8, "input": 5}
    given = replace(FULL, inputs=inputs, command="snnc verify m.c --dataset none --input 'my spikes.npz'")
    assert lost(given, FULL) == "had 5 samples of input, this one none"
    other = replace(given, command="snnc verify m.c --dataset none --input other.npz")
    assert lost(given, other) == "was of --input my spikes.npz"
    assert lost(given, replace(given, inputs={**inputs, "test": 20})) == ""
    told = replace(FULL, command="snnc verify m.c --dataset d.npz")
    assert lost(told, replace(FULL, command="snnc verify m.c")) == "was of --dataset d.npz"
    assert lost(replace(FULL, command="snnc verify m.c"), told) == "was of the model's own recordings"
    assert lost(replace(FULL, command="exported.verify(x='"), told) == "was of the model's own recordings"


def test_layers_and_samples_of_an_executor_that_are_gone_are_named() -> None:
    part, other = (replace(FULL, layers_compared=(name,)) for name in ("hidden1", "hidden2"))
    assert lost(FULL, part) == "compared all layers"
    assert lost(part, other) == "compared hidden1"
    assert lost(part, FULL) == ""
    stopped = (*FULL.executors[:2], replace(FULL.executors[2], samples=3), *FULL.executors[3:])
    assert lost(FULL, replace(FULL, executors=stopped)) == "compared hwsim"


def test_accuracies_that_are_gone_are_named() -> None:
    """Samples without labels replace those that had some; one stage of five is still there."""
    told = "had the accuracy of float, delays rounded, finished, quantised only"
    assert lost(FULL, replace(FULL, accuracy=())) == f"{told}, quantised"
    alone = replace(FULL, accuracy=FULL.accuracy[-1:])
    assert lost(FULL, alone) == told
    assert lost(alone, FULL) == ""


@pytest.mark.parametrize(
    "former",
    [FULL, FEWER, replace(FULL, inputs={"golden": 8}), replace(FULL, provenance={"graph_hash": "0" * 64})],
    ids=["the same", "fewer executors", "fewer samples", "another network"],
)
def test_nothing_is_told_of_a_report_that_had_no_more(former: object) -> None:
    assert lost(former, FULL) == ""  # type: ignore[arg-type]
    assert lost(replace(FULL, provenance={"graph_hash": "0" * 64}), only_reference(FULL)) == ""


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"{}", b"[" * 100_000])
def test_what_is_no_report_is_replaced(tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "report.json"
    if content is not None:
        place.write_bytes(content)
    assert former_report(place) is None
    place.write_text(to_json(FULL))
    assert former_report(place) is not None


def test_verify_keeps_a_report_that_has_more(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them, also where two are of one second; an export of another model says that they are gone."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    monkeypatch.chdir(tmp_path)
    wide = ["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle,hwsim"]
    narrow = ["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]
    assert main(wide) == 0
    assert main([*narrow, "--output", "elsewhere"]) == 0
    assert "former report" not in capsys.readouterr().out
    kept = [tiny_artifact / f"report-2001-09-09T01-46-40Z{more}.html" for more in ("", "-2")]
    for each in kept:
        full = [(tiny_artifact / name).read_bytes() for name in REPORTS]
        assert main(narrow) == 0
        said = f"note: the former report compared hwsim; it is kept as {each}"
        assert "".join(said.split()) in "".join(capsys.readouterr().out.split())
        assert [each.with_suffix(".json").read_bytes(), each.read_bytes()] == full
        assert read_artifact(tiny_artifact)
        assert main(wide) == 0
        assert "former report" not in capsys.readouterr().out
    assert len([*tiny_artifact.glob("report*")]) == 6
    save_model(tiny_model(position=-1), "other.pt")
    assert main(["export", "other.pt", "-o", str(tiny_artifact), "--overwrite"]) == 0
    assert f"{kept[0].name}" in "".join(capsys.readouterr().out.split())
    assert not [*tiny_artifact.glob("report*")]


@pytest.mark.parametrize("of_python", [True, False])
def test_no_other_verification_writes_between_the_json_and_the_page(
    tiny_artifact: Path, monkeypatch: pytest.MonkeyPatch, of_python: bool
) -> None:
    """Two of one artifact left the JSON of one beside the page of the other, in reports that are kept too."""
    alone: list[bool] = []

    def page(report: Report) -> bytes:
        assert former_report(tiny_artifact / REPORTS[0]) is not None
        with pytest.raises(BlockingIOError):
            os.close(lock_at_once(tiny_artifact.parent))
        alone.append(True)
        return b"page"

    where = "snnc.api.exported" if of_python else "snnc.report.html_report"
    monkeypatch.setattr(f"{where}.html_bytes", page)
    if of_python:
        snnc.load(tiny_artifact).verify(np.ones((1, 12, 5), np.uint8), executors=["oracle"], generated=0)
    else:
        assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]) == 0
    assert alone == [True]
    assert (tiny_artifact / REPORTS[1]).read_bytes() == b"page"
