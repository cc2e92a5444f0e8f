"""What is said of recordings that had a part in what a network is, or are of sources that had."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import config, later_task, order_task

import snnc
from snnc.cli import main
from snnc.errors import UnlikelyWarning
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import load_samples
from snnc.trainer.seen import FINE_TUNING, TRAINING, Seen

LOST = (
    "whether its recordings trained the network is not known (the data of training are not here, or "
    "fine-tuning kept no record of its own)"
)
NONE = "none of them trained or validated the network, compared event by event and in steps of 10 ms"
TWO = (
    "; but 2 are of sources that did, by name (field `speaker`: ann), so accuracy says little of new sources"
)
BY_NUMBER = (
    "; sources known by number alone (field `speaker`, in .h5 `extra/speaker`) are not compared with those "
    "of training, as each file may count its own: store names in their place, as text, in both"
)


@pytest.mark.parametrize(
    ("seen", "words", "short"),
    [
        (Seen({TRAINING: 0}, 0, (0.01,)), NONE, ""),
        (Seen({TRAINING: 0}, 0, (0.01,), ("ann",), 2), NONE + TWO, "2 of them of sources that trained"),
        (
            Seen({TRAINING: 1}, 1, (0.01,), ("ann", "joe"), 1),
            "1 of them is a recording that trained or validated the network, so accuracy is optimistic; but "
            "1 other is of sources that did, by name (field `speaker`: ann, joe), so accuracy says little of "
            "new sources",
            "1 of them not held out",
        ),
        (
            Seen({TRAINING: 0, FINE_TUNING: 2}, 0, (0.01,)),
            "2 of them are recordings that trained or validated the network in fine-tuning, so accuracy of "
            "its integers is optimistic",
            "2 of them not held out",
        ),
        (Seen({TRAINING: 0}, 0, (0.01,), numbered=True), NONE + BY_NUMBER, ""),
        (
            Seen({TRAINING: 126}, 126, (0.01,), silent=2),
            "126 of them are recordings that trained or validated the network, so accuracy is optimistic; 2 "
            "without an event are not compared, as all such are equal",
            "at least 126 of them not held out",
        ),
        (Seen(None), LOST, "not known to be held out"),
        (
            Seen(None, sources=("ann",), of_sources=2),
            LOST + TWO,
            "not known to be held out, 2 of them of sources that trained",
        ),
    ],
)
def test_words(seen: Seen, words: str, short: str) -> None:
    assert seen.words() == words
    assert seen.short == short


def test_without_an_accuracy_answers_are_told_of() -> None:
    seen = Seen({TRAINING: 0}, 0, (0.01,), ("ann",), 2)
    assert seen.words(judged=False).endswith(", so its answers there say little of new sources")


def test_new_recordings_of_a_source_that_trained_are_told_by_its_name(tmp_path: Path, capsys) -> None:
    """Speakers 0 .. 6 (a .. g) train, 7 (h) validates, 8 and 9 (i, j) test: of six, b and h are known."""
    mine = replace(order_task(40), speaker_names=tuple("abcdefghij"))
    save_events_npz(mine, tmp_path / "named.npz")
    told = config(dataset=str(tmp_path / "named.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "named.pt")
    six = replace(later_task(), speaker_names=("b", "i", "new", "h", "j", "newer"))
    save_events_npz(six, tmp_path / "six.npz")
    model = snnc.load(tmp_path / "named.pt").model
    found = load_samples(model, "test", str(tmp_path / "six.npz")).other
    assert (found.seen, found.sources, found.of_sources) == (0, ("b", "h"), 20)
    said = "20 are of sources that did, by name (field `speaker`: b, h)"
    assert found.text.endswith(f"; but {said}, so accuracy says little of new sources")
    assert (found.doubtful, found.doubt.short) == (True, "20 of them of sources that trained")
    network = snnc.load(tmp_path / "named.pt")
    with pytest.warns(UnlikelyWarning, match=re.escape(said)):
        snnc.test(network, str(tmp_path / "six.npz"))
    assert main(["export", str(tmp_path / "named.pt"), "--no-budget", "-o", str(tmp_path / "named.c")]) == 0
    for command in (["run", "-i"], ["verify", "--executors", "oracle", "--allow-missing", "-i"]):
        capsys.readouterr()
        assert main([command[0], str(tmp_path / "named.c"), *command[1:], str(tmp_path / "six.npz")]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert f"but {said}, so accuracy says little of new sources" in shown, command
    told = json.loads((tmp_path / "named.c" / "report.json").read_text())
    assert f"but {said}" in json.dumps(told)
    # The network keeps the names, for the day on which its data are elsewhere.
    (tmp_path / "named.npz").rename(tmp_path / "elsewhere.npz")
    other = load_samples(model, "test", str(tmp_path / "six.npz")).other
    assert (other.seen, other.sources, other.of_sources) == (None, ("b", "h"), 20)
    assert other.text.endswith(
        f" is not known ({LOST.partition(' (')[2]}; but {said}, so accuracy says little of new sources"
    )
    assert other.doubt.short == "not known to be held out, 20 of them of sources that trained"
    # Nobody is known of recordings without names, though the numbers are those of training.
    save_events_npz(later_task(), tmp_path / "six.npz")
    numbered = load_samples(model, "test", str(tmp_path / "six.npz")).other
    assert (numbered.of_sources, numbered.numbered) == (0, True)
    assert numbered.text.endswith(BY_NUMBER)


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (range(10), [1, 2, 3, 4, 5, 6], True),  # a file numbers its own
        (list("abcdefghij"), [1, 2, 3, 4, 5, 6], True),
        (range(10), list("bcdefg"), True),  # those that trained have no names
        (list("abcdefghij"), list("klmnop"), False),
        (range(10), [-1] * 6, False),  # nobody is known
        ([-1] * 10, [1, 2, 3, 4, 5, 6], False),  # training had no sources
    ],
)
def test_sources_that_have_numbers_alone_are_said_not_to_be_compared(
    tmp_path: Path, ours: list, theirs: list, told: bool
) -> None:
    def of(events, whom):
        named = isinstance(whom[0], str)
        number = np.arange(len(whom)) if named else np.array(whom)
        return replace(events, speaker=number[events.speaker], speaker_names=tuple(whom) if named else None)

    save_events_npz(of(order_task(40), ours), tmp_path / "ours.npz")
    quick = config(dataset=str(tmp_path / "ours.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    model = train(quick)
    save_events_npz(of(later_task(), theirs), tmp_path / "theirs.npz")
    found = load_samples(model, "test", str(tmp_path / "theirs.npz")).other
    assert (found.numbered, found.text.endswith(BY_NUMBER)) == (told, told)
    assert not found.doubtful  # it is a gap in what is known, not a reason to doubt


def test_recordings_in_memory_leave_the_names_of_their_sources(tmp_path: Path) -> None:
    mine = replace(order_task(40), speaker_names=tuple("abcdefghij"))
    trained = snnc.train(mine, hidden=[4], epochs=1, verbose=False)
    trained.save(tmp_path / "m.pt")
    six = replace(later_task(), speaker_names=("b", "i", "new", "h", "j", "newer"))
    save_events_npz(six, tmp_path / "six.npz")
    network = snnc.load(tmp_path / "m.pt")
    with pytest.warns(
        UnlikelyWarning, match=r"20 are of sources that did, by name \(field `speaker`: b, h\)"
    ):
        snnc.test(network, str(tmp_path / "six.npz"))
    kept = network.model.metrics["data"]["sources"]
    assert kept == list("abcdefgh")


def test_recordings_without_an_event_are_counted_where_some_trained(tmp_path: Path, capsys) -> None:
    """Two of the 32 that train or validate have none; those of another file are named beside the others."""
    task = order_task(40)
    silent = np.isin(np.arange(40), [0, 3])
    assert task.speaker[silent].max() < 8
    count = np.where(silent, 0, np.diff(task.offsets))
    kept = np.repeat(~silent, np.diff(task.offsets))
    offsets = np.concatenate([[0], np.cumsum(count)])
    data = replace(task, offsets=offsets, times=task.times[kept], units=task.units[kept])
    save_events_npz(data, tmp_path / "ours.npz")
    told = config(dataset=str(tmp_path / "ours.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "m.pt")
    assert main(["export", str(tmp_path / "m.pt"), "--no-budget", "-o", str(tmp_path / "m.c")]) == 0
    save_events_npz(data.select(np.flatnonzero(data.speaker < 8)[::-1]), tmp_path / "theirs.npz")
    said = (
        "30 of them are recordings that trained or validated the network, so accuracy is optimistic; 2 "
        "without an event are not compared, as all such are equal"
    )
    for command in (["run", "-i"], ["verify", "--executors", "oracle", "--allow-missing", "-i"]):
        capsys.readouterr()
        assert main([command[0], str(tmp_path / "m.c"), *command[1:], str(tmp_path / "theirs.npz")]) == 0
        assert said in " ".join(capsys.readouterr().out.split()), command
