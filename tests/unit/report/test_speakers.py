"""Accuracy by speaker on the page, among what is answered first, and in `snnc test`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import config, order_task
from report_examples import equal
from report_page import Page, figures_of
from rich.console import Console

import snnc
from snnc.cli import main
from snnc.cli.verdict import print_short
from snnc.errors import InputError
from snnc.report.console import print_report
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.questions import questions
from snnc.report.speakers import caveats, of_report, spread
from snnc.stages import AccuracyStage, Report
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model


def spoken(strangers: bool | None = True) -> Report:
    """31 of 84 recordings of nora are right, and 81 of 84 of joe: 36.9 and 96.4 %."""
    report = equal()
    assert report.confusion is not None
    speakers = {"joe": (81, 84), "nora": (31, 84)}
    return replace(report, confusion=replace(report.confusion, speakers=speakers, strangers=strangers))


SAID = (
    "168 recordings of 2 sources (field `speaker`: joe, nora); accuracy on other sources may differ",
    "accuracy by source from 36.90 % (nora) to 96.43 % (joe)",
)


def test_verify_says_what_test_says_beside_the_same_accuracy(tmp_path: Path) -> None:
    """In its lines, in those of -v, and on the page."""
    for print_it in (print_short, print_report):
        for report, told in ((spoken(), True), (equal(), False)):
            console = Console(width=1000, record=True)
            print_it(report, console, tmp_path / "report.html")
            text = console.export_text()
            assert [f"note: {each}\n" in " ".join(text.split(" ")) for each in SAID] == [told] * 2
            if told:
                assert text.index("accuracy") < text.index(SAID[0]) < text.index(SAID[1])
    page = " ".join(to_html(spoken()).split())
    said = [each.replace("`speaker`", "<code>speaker</code>") for each in SAID]
    assert all(f"{each[0].upper()}{each[1:]}." in page for each in said)


def test_what_a_file_adds_hides_nothing_of_the_test_part() -> None:
    """Its confusions are told, those of the file in a note of its own; the split stands in front."""
    report = spoken()
    both = replace(report, accuracy=(*report.accuracy, AccuracyStage("quantised", "input", 29, 30)))
    assert of_report(both) == [f"test: {each}" for each in SAID]
    assert of_report(replace(both, accuracy=both.accuracy[-1:])) == []


def test_names_are_code_on_the_page_and_plain_in_labels() -> None:
    """Of the loss budget, the search for bits and the table of sources; a figure has no markup."""
    report = spoken()
    loss, bits = report.costs.loss, report.costs.bits
    assert loss is not None
    assert bits is not None
    used = replace(loss.recordings, speakers=("6",))
    costs = replace(report.costs, loss=replace(loss, recordings=used), bits=replace(bits, recordings=used))
    html = to_html(replace(report, costs=costs))
    page = Page(html)
    one = "200 of 240 validation recordings of 1 source (field {}: 6)"
    code = one.format("<code>speaker</code>")
    assert f"after a step of the export, run on {code}." in html
    assert f"On {code}: at most" in html
    assert "are of 2 sources (field <code>speaker</code>);" in html
    assert "`" not in page.text
    assert not [each for _, each in page.tags if "`" in "".join(each.values())]
    series = [each["name"] for each in figures_of(page)["plot-accuracy"]["data"]]
    assert series[-1] == f"loss budget, {one.format('speaker')}"


def test_speakers_of_one_recording_each_are_told() -> None:
    """As of names that are dates; of nine recordings, and of speakers with more than one each, it is not."""
    told = (
        "is of a source of its own (field `speaker`): if a date or a number of the recording stands there, "
        "the parts are in truth drawn at random, and one person or machine may train and test"
    )
    single = {f"day {number}": (number % 2, 1) for number in range(64)}
    assert caveats(single) == [f"each of 64 recordings {told}"]
    assert caveats(single | {"unknown": (3, 40)}) == [f"each of 64 recordings {told}"]
    assert caveats(single | {"day 0": (2, 3)}) == [f"nearly each recording (63 of 66) {told}"]
    assert caveats({name: (1, 2) for name in single}) == []
    assert not any(told in each for each in caveats(dict([*single.items()][:9])))


def test_a_spread_between_speakers_is_told_first() -> None:
    assert questions(spoken())[0].limits == SAID
    assert not questions(equal())[0].limits


def test_a_difference_that_may_be_chance_is_no_spread() -> None:
    """Wilson's intervals of 20 and 24 of 30 are 49 to 81 % and 63 to 90 %."""
    assert spread({"a": (20, 30), "b": (24, 30)}) == ""
    assert spread({"a": (20, 30), "b": (24, 30)}, chance_too=True) == (
        "66.67 % (a) to 80.00 % (b), which may be chance: their 95 % intervals overlap"
    )
    assert spread({"a": (2, 30), "b": (24, 30)}, chance_too=True) == (
        "6.67 % (a) to 80.00 % (b); their 95 % intervals do not overlap"
    )
    assert spread({"a": (2, 30), "b": (24, 30)}) == "6.67 % (a) to 80.00 % (b)"
    assert spread({"a": (10, 30), "b": (5, 15)}, chance_too=True) == ""
    assert spread({"a": (0, 30)}, chance_too=True) == ""
    assert spread({"a": (0, 30)}) == ""
    assert spread({}) == ""


@pytest.mark.parametrize(
    ("strangers", "said"),
    [
        (True, "none of them trained or validated the network."),
        (False, "they may have trained or validated the network, too."),
        (None, "it is not known whether they trained the network, too."),
    ],
)
def test_the_page_has_a_table_of_speakers(strangers: bool | None, said: str) -> None:
    report = spoken(strangers)
    page = Page(to_html(report))
    text = " ".join(page.text.split())
    assert f"The recordings of test are of 2 sources (field speaker ); {said}" in text
    assert text.index("nora 31 of 84 36.90 %") < text.index("joe 81 of 84 96.43 %")
    assert from_json(to_json(report)) == report
    assert "Accuracy by source" not in Page(to_html(equal())).text


def test_more_right_than_there_are_is_refused() -> None:
    report = spoken()
    assert report.confusion is not None
    wrong = replace(report, confusion=replace(report.confusion, speakers={"joe": (85, 84)}))
    with pytest.raises(InputError, match=r"confusion\.speakers\.joe"):
        to_html(wrong)


def test_speakers_of_the_recordings_are_those_of_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Speakers 8 and 9 of ten test, with names; all labels of the last are turned, so that they differ."""
    monkeypatch.chdir(tmp_path)
    task = order_task(200)
    labels = np.where(task.speaker == 9, 1 - task.labels, task.labels)
    data = replace(task, labels=labels, speaker_names=tuple("abcdefghij"))
    save_events_npz(data, tmp_path / "order.npz")
    save_model(train(config(epochs=12)), "m.pt")
    exported = snnc.load("m.pt").export("c", tmp_path / "m.c")
    found = exported.verify(executors=["oracle"], generated=0, allow_missing=True, verbose=False).report
    assert found.confusion is not None
    by_speaker = dict(found.confusion.speakers)
    assert (found.confusion.strangers, set(by_speaker)) == (True, {"i", "j"})
    assert [total for _, total in by_speaker.values()] == [20, 20]
    assert sum(right for right, _ in by_speaker.values()) == found.accuracy[-1].correct
    of_test = data.select(np.flatnonzero(data.speaker >= 8)[::-1])
    save_events_npz(replace(of_test, speaker_names=None, speaker=of_test.speaker * 0), tmp_path / "other.npz")
    again = exported.verify(
        data="other.npz", executors=["oracle"], generated=0, allow_missing=True, verbose=False
    ).report
    assert again.confusion is not None
    assert again.confusion.recordings == found.confusion.recordings != ""
    assert main(["test", "m.c"]) == 0
    told = capsys.readouterr().out
    notes = [line for line in told.splitlines() if "source" in line]
    assert [line.partition(" from ")[0] for line in notes] == [
        "note: 40 recordings of 2 sources (field `speaker`: i, j); accuracy on other sources may differ",
        "note: accuracy by source",
        "note: folds test each source in turn: `snnc folds MODEL` writes a sweep of them",
    ]
    assert "(j) to " in notes[1]
    assert main(["verify", "m.c", "--executors", "oracle", "--allow-missing", "--generated", "0"]) == 0
    verified = " ".join(capsys.readouterr().out.split())
    assert notes[1].endswith("; -v tells that of each")
    assert all(line.removesuffix("; -v tells that of each") in verified for line in notes[:2])
