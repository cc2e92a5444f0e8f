"""A report of a network with many classes, layers or cores says less in its page; JSON holds all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN
from report_examples import equal
from report_page import Page

from snnc.cli import main
from snnc.report import confusion as confusion_words
from snnc.report.html_report import SIZE_LIMIT, html_bytes
from snnc.report.json_report import from_json, to_json
from snnc.report.less import CURVES, LESS
from snnc.stages import Confusion, Report
from snnc.verification.accuracy import MOST_CLASSES, confusion

pytestmark = pytest.mark.slow

CLASSES, STEPS = 3000, 140
OPTIONS = (*ON_GOLDEN, "--executors", "oracle")


def many_classes() -> Report:
    """The example with a readout of 3,000 classes, the last of which are the largest."""
    names = [f"word {index}" for index in range(CLASSES)]
    v = [[round(index + step / 7, 5) for step in range(STEPS)] for index in range(CLASSES)]
    readout = {"classes": names, "v": v, "label": "word 5", "predicted": f"word {CLASSES - 1}"}
    report = equal()
    return replace(report, figures={**report.figures, "readout": readout})


def test_a_page_of_many_classes_leaves_curves_out_and_says_so() -> None:
    report = many_classes()
    data = html_bytes(report)
    assert len(data) <= SIZE_LIMIT
    page = Page(data.decode())
    said = f"This page would be too large with readout curves of all classes but {CURVES}. They are left out"
    assert said in " ".join(page.text.split())
    drawn = json.loads(next(text for text in page.scripts if text.startswith("{")))
    assert len(json.dumps(drawn["plot-readout"])) < 100_000
    assert len(from_json(to_json(report)).figures["readout"]["classes"]) == CLASSES


def test_what_the_page_answers_does_not_change_with_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = Page(html_bytes(equal()).decode())
    sizes = [len(html_bytes(equal()))]
    report = equal()
    for _, without in LESS:
        report = without(report)
    monkeypatch.setattr("snnc.report.html_report.SIZE_LIMIT", len(html_bytes(report)) + 1000)
    page = Page((data := html_bytes(equal())).decode())
    assert len(data) < sizes[0]
    for question in ("Can I deploy?", "What did quantisation cost?", "Where is the bottleneck on the chip?"):
        answers = [" ".join(each.text.split()).partition(question)[2][:60] for each in (whole, page)]
        assert answers[0] == answers[1]


def test_a_matrix_of_many_classes_is_not_drawn() -> None:
    names = tuple(f"word {index}" for index in range(confusion_words.SHOWN + 1))
    row = tuple(int(index == 0) for index in range(len(names)))
    report = replace(equal(), confusion=Confusion("test", names, dict.fromkeys(names, row)))
    page = Page(html_bytes(report).decode())
    assert f"The matrix of {len(names)} classes is not shown; report.json holds it." in page.text
    assert "word 1 is taken for word 0: 1 of 1 recordings" in " ".join(page.text.split())


def test_no_matrix_beyond_what_a_report_holds() -> None:
    class First:
        class_names = tuple(map(str, range(MOST_CLASSES + 1)))

    class Graph:
        readouts = (First,)

    class Data:
        name = "test"

        class events:
            labels = np.zeros(3, np.int64)

    assert confusion(Graph(), np.zeros(3, np.int64), Data()) is None


@pytest.mark.parametrize("limit", [10, 2_050_000])
def test_json_is_written_whatever_becomes_of_the_page(
    limit: int, tiny_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("snnc.report.html_report.SIZE_LIMIT", limit)
    files = ("--json", tmp_path / "r.json", "--junit", tmp_path / "j.xml")
    code = main(["verify", str(tiny_artifact), *OPTIONS, *map(str, files)])
    assert code == (2 if limit == 10 else 0)
    for path in (tiny_artifact / "report.json", tmp_path / "r.json"):
        assert from_json(path.read_text()).trusted
    assert (tmp_path / "j.xml").is_file()
    assert (tiny_artifact / "report.html").is_file() == (limit > 10)
    if limit == 10:
        assert "report.json holds the report" in capsys.readouterr().err
