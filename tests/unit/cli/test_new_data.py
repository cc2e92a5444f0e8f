"""What is odd about new recordings is told where they are given to a trained network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

SECONDS = [[0.1, 0.4], [0.2, 0.9]]
LINES = [[0, 4], [1, 3]]
UNIT = "set tick_s, the seconds of a unit of times (1e-3 for milliseconds, 1e-6 for microseconds)"
SHORT = (
    "event data 'new': the last event of all recordings is at 0.036 s (tick_s = 0.04), and the network is "
    f"for up to 0.24 s: if that is too short, {UNIT}"
)
"""0.9 units of 0.04 s."""
AT_ONCE = (
    "all its events fall into the network's first step, of 0.02 s, as the last is at 9e-07 s, so "
    f"nothing of their order is left (tick_s = 1e-06); {UNIT}, take a network in finer steps, or give"
)
"""0.9 s, taken for microseconds."""
EMPTY = (
    "empty, so subtract each recording's start from its times if it tells nothing; otherwise raise time_steps"
)


@pytest.fixture
def new(tmp_path):
    """Recordings in other units than their file says."""
    return timed(tmp_path / "new.npz", 0.04)


def timed(place, tick_s, times=SECONDS):
    np.savez(
        place,
        times=np.concatenate(times),
        tick_s=tick_s,
        units=np.concatenate(LINES),
        offsets=[0, 2, 4],
        labels=["a", "b"],
        unit_count=5,
    )
    return place


def test_times_in_another_unit_are_told_on_stderr(tiny_artifact, new, capsys):
    assert main(["run", str(tiny_artifact), "-i", str(new)]) == 0
    found = capsys.readouterr()
    assert f"note: {SHORT}\n" in found.err
    assert [line[:30] for line in found.out.splitlines() if "note" in line] == [
        "note: no sources are named (fi"
    ]
    assert main(["run", str(tiny_artifact), "-i", str(new), "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_verify_tells_them_among_its_notes(tiny_artifact, new, capsys):
    command = ["verify", str(tiny_artifact), "-i", str(new), "--executors", "hwsim", "--generated", "0"]
    assert main([*command, "--dataset", "none"]) == 0
    assert f"note: input: {SHORT}" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["run"], ["verify", "--dataset", "none"], ["chip"]], ids=" ".join)
def test_times_that_are_all_in_the_first_step_are_refused(command, tiny_artifact, tmp_path, refused):
    """Each recording would give the answer to the same few lines, whatever the order of its events."""
    place = timed(tmp_path / "new.npz", 1e-6)
    assert AT_ONCE in refused(*command, tiny_artifact, "-i", place)


def test_events_that_are_at_once_by_the_file_are_taken(tiny_artifact, tmp_path):
    place = timed(tmp_path / "new.npz", 1e-6, [[3.0, 3.0], [5.0, 5.0]])
    assert main(["run", str(tiny_artifact), "-i", str(place)]) == 0


def test_events_of_other_lines_are_refused_with_the_remedy(tiny_artifact, new, refused):
    """The network reads 5."""
    np.savez(new, **{**np.load(new), "unit_count": 9})
    assert "has 9 units, the network reads 5 lines; no event is on the others: say `lines=5`" in refused(
        "run", tiny_artifact, "-i", new
    )


def test_test_tells_them_of_other_data(tmp_path, capsys):
    save_events_npz(order_task(40), tmp_path / "train.npz")
    told = config(dataset=str(tmp_path / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "m.pt")
    task = order_task(20)
    seconds = task.times.astype(np.float64) * task.tick_s
    names = {"classes": np.array(task.class_names), "unit_count": task.unit_count}
    new = tmp_path / "new.npz"
    np.savez(
        new,
        **{"times": seconds, "tick_s": 0.2, "units": task.units, "offsets": task.offsets},
        **{"labels": task.labels, **names},
    )
    capsys.readouterr()
    assert main(["test", str(tmp_path / "m.pt"), "--dataset", str(tmp_path / "new.npz")]) == 0
    found = capsys.readouterr()
    assert "note: event data 'new': the last event of all recordings is at " in found.err
    assert "if that is too short, set tick_s" in found.err
    with pytest.warns(UnlikelyWarning, match="event data 'new': the last event .* too short, set tick_s"):
        snnc.test(tmp_path / "m.pt", new)
    np.savez(new, **{**np.load(new), "tick_s": 1e-6})
    at_once = "event data '.*new.npz': all its events fall into the network's first step, of 0.01 s"
    with pytest.raises(InputError, match=at_once):
        snnc.test(tmp_path / "m.pt", new)
    model = snnc.load(tmp_path / "m.pt")
    with pytest.raises(InputError, match=at_once):
        model.export("c", tmp_path / "m.c", data=new)


def test_test_tells_recordings_without_an_event_and_short_ones(tmp_path, capsys):
    """Of 20 recordings of 6 events the sixth has none, and the events of the first are at once."""
    save_events_npz(order_task(40), tmp_path / "train.npz")
    told = config(dataset=str(tmp_path / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "m.pt")
    task = order_task(20)
    times, events = task.times.copy(), np.full(20, 6)
    times[:6], events[5] = 1, 0
    kept = np.repeat(np.arange(20) != 5, 6)
    np.savez(
        tmp_path / "new.npz",
        **{"times": times[kept], "tick_s": 1e-3, "units": task.units[kept], "labels": task.labels},
        **{"offsets": np.cumsum([0, *events]), "classes": np.array(task.class_names), "unit_count": 6},
    )
    capsys.readouterr()
    assert main(["test", str(tmp_path / "m.pt"), "--dataset", str(tmp_path / "new.npz")]) == 0
    found = capsys.readouterr().err
    assert "note: event data 'new': 1 of 20 recordings has no event (first: recording 5): look at" in found
    assert "note: event data 'new': 1 of 20 recordings lasts less than a tenth of the median, " in found


def test_test_tells_recordings_without_an_event_of_its_own_data(tmp_path, capsys):
    """Of 40 the last four, of speaker 9, have none; speakers 8 and 9 test, four recordings each."""
    task = order_task(40)
    kept = replace(
        task,
        times=task.times[: 36 * 6],
        units=task.units[: 36 * 6],
        offsets=np.minimum(task.offsets, 36 * 6),
    )
    save_events_npz(kept, tmp_path / "train.npz")
    told = config(dataset=str(tmp_path / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), tmp_path / "m.pt")
    capsys.readouterr()
    assert main(["test", str(tmp_path / "m.pt")]) == 0
    rest = "look at them, or leave them out (recordings.select, docs/data.md)"
    note = f"note: test: 4 of 8 recordings have no event (first: recording 4): {rest}\n"
    assert note in capsys.readouterr().err


def test_times_of_a_tenth_are_told(tiny_artifact, tmp_path, capsys):
    """The network takes 12 steps of 0.02 s; a fifth of that is 0.048 s."""
    place = tmp_path / "new.npz"
    one = {"tick_s": 1e-4, "units": np.array([0, 3]), "offsets": [0, 2], "labels": [1], "unit_count": 5}
    for last, told in ((479, True), (480, False)):
        np.savez(place, times=np.array([0, last]), **one)
        assert main(["run", str(tiny_artifact), "-i", str(place)]) == 0
        note = (
            "note: event data 'new': the last event of all recordings is at 0.0479 s (tick_s = 0.0001), and "
            "the network is for up to 0.24 s: if that is too short, set tick_s, the seconds of a unit of"
        )
        assert (note in capsys.readouterr().err) is told


def test_recordings_that_are_too_long_are_counted_and_named(tiny_artifact, tmp_path, refused):
    """12 steps of 0.02 s: the second and third are longer, the second more than five times."""
    place = tmp_path / "new.npz"
    one = {"tick_s": 1e-3, "units": np.zeros(3, int), "offsets": np.arange(4), "labels": [0, 1, 2]}
    files = {"files": np.array(["a.csv", "b.csv", "c.csv"]), "unit_count": 5}
    np.savez(place, times=np.array([100, 1300, 250]), **one, **files)
    assert (
        "recording 1 (b.csv) needs 66 steps of 0.02 s, time_steps is 12, and 1 more does not fit either: if "
        "its times are of another unit, set tick_s, the seconds of a unit of times; otherwise raise "
    ) in refused("run", tiny_artifact, "-i", place)
    np.savez(place, times=np.array([100, 230, 250]), **one, **files)
    assert "recording 2 (c.csv) needs 13 steps of 0.02 s, time_steps is 12: raise time_steps, or " in refused(
        "run", tiny_artifact, "-i", place
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (
            [1250, 1350, 9500, 9600],
            "recording 0 needs 68 steps of 0.02 s, time_steps is 12, and 1 more does not fit either: their "
            f"first 1.25 to 9.5 s are {EMPTY}",
        ),
        ([20, 120, 1250, 1350], f"needs 68 steps of 0.02 s, time_steps is 12: its first 1.25 s are {EMPTY}"),
        ([1250, 1350, 0, 9600], "1 more does not fit either: if its times are of another unit"),
        ([1250, 1550, 9500, 9600], "1 more does not fit either: if its times are of another unit"),
    ],
    ids=["clock", "one late", "one from the start", "one lasts longer"],
)
def test_recordings_that_are_too_long_but_for_their_start_say_so(
    tiny_artifact, tmp_path, capsys, times, said
):
    """They last 0.1 s, and the network is for 0.24 s; the last two hold one that is too long in any case."""
    place = tmp_path / "new.npz"
    one = {"tick_s": 1e-3, "units": np.zeros(4, int), "offsets": [0, 2, 4], "labels": [0, 1], "unit_count": 5}
    np.savez(place, times=np.array(times), **one)
    assert main(["run", str(tiny_artifact), "-i", str(place)]) == 2
    assert said in capsys.readouterr().err


def test_few_recordings_leave_lines_silent_and_classes_empty(tiny_artifact, tmp_path, capsys):
    """Nothing is odd about that for a network that is trained."""
    place = tmp_path / "new.npz"
    one = {"times": np.array([0.0, 0.06]), "tick_s": 1.0, "units": np.array([0, 0])}
    np.savez(place, **one, offsets=[0, 2], labels=[1], unit_count=5, classes=np.array(["a", "b"]))
    assert main(["run", str(tiny_artifact), "-i", str(place)]) == 0
    assert "note" not in capsys.readouterr().err


def test_lists_of_events_warn():
    with pytest.warns(UnlikelyWarning, match=r"'new': the last event of all .* is at 9e-07 s .* set tick_s"):
        found = snnc.from_events(SECONDS, LINES, [0, 1], tick_s=1e-6, name="new")
    told = "the last event of all recordings is at 9e-07 s (tick_s = 1e-06): if that is too short"
    assert found.notes == (f"{told}, {UNIT}",)
    clock = [[50.1, 50.4], [60.2, 60.9]]
    with pytest.warns(UnlikelyWarning, match="first event at 50.1 s or later, .* by a running clock"):
        snnc.from_events(clock, LINES, [0, 1], tick_s=1)
    with pytest.raises(InputError, match=r"first event at 1e\+09 s or later.*; subtract each"):
        snnc.from_events([[1e9, 1e9 + 1], [1e9 + 5, 1e9 + 6]], LINES, [0, 1], tick_s=1)


def test_lists_of_events_that_are_not_odd_do_not_warn(recwarn):
    snnc.from_events(SECONDS, LINES, [0, 1], tick_s=1)
    assert not recwarn.list


def test_recordings_without_an_event_are_told(tiny_artifact, tmp_path, capsys):
    """Of events by their files; of samples in steps by their numbers. Their class is still printed."""
    files = ["a.bin", "b.bin", "c.bin"]
    events = snnc.from_events([[0.02], [], []], [[4], [], []], None, tick_s=1.0, lines=5, files=files)
    save_events_npz(events, tmp_path / "events.npz")
    spikes = np.ones((4, 12, 5), np.uint8)
    spikes[2] = 0
    np.savez(tmp_path / "dense.npz", spikes=spikes)
    rest = "what the network makes of silence"
    for name, told in (
        ("events.npz", f"note: 2 of 3 recordings hold no event (first: b.bin): their classes are {rest}\n"),
        ("dense.npz", f"note: 1 of 4 recordings holds no event (first: sample 2): its class is {rest}\n"),
    ):
        assert main(["run", str(tiny_artifact), "-i", str(tmp_path / name)]) == 0
        found = capsys.readouterr()
        assert told in found.err
        assert found.err.count("no event") == 1
        assert "sample 2" in found.out
    np.savez(tmp_path / "dense.npz", spikes=spikes[:2])
    assert main(["run", str(tiny_artifact), "-i", str(tmp_path / "dense.npz")]) == 0
    assert "note: " not in capsys.readouterr().err
