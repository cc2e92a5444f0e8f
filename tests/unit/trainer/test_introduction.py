"""What a run says before its first epoch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from order_task import config, order_task

from snnc.trainer.introduction import introduction, shared_events
from snnc.trainer.loop import train
from snnc.trainer.splitting import recordings_of
from snnc.trainer.variants import build

HOW = "--dt SECONDS"


def without_copies(lines: list[str]) -> list[str]:
    """In steps of 10 ms the recordings of this task are but eight: `test_held_out.py` is about that."""
    return [line for line in lines if ", in the network's steps of 10 ms, among" not in line]


def told(**changes: object) -> list[str]:
    settings = config(**changes)
    data = recordings_of(settings, order_task(40))
    torch.manual_seed(0)
    lines = introduction(build(settings, 6 // settings.unit_pool, 2), settings, data, 12, HOW)
    return without_copies(lines)


def test_events_of_one_bin_are_counted_by_hand() -> None:
    """Recording 0: lines 0, 0 and 1 in step 0, 0 in step 1. Recording 1: lines 2, 2, 2 in step 3."""
    data = replace(
        order_task(2),
        times=np.array([0, 9, 4, 10, 30, 33, 39], np.uint16),
        units=np.array([0, 0, 1, 0, 2, 2, 2]),
        offsets=np.array([0, 4, 7]),
    )
    assert shared_events(data, 0.01, 4, 1) == (3, 7)
    assert shared_events(data, 0.01, 4, 2) == (4, 7)
    assert shared_events(data, 0.001, 40, 1) == (0, 7)


@pytest.mark.parametrize(("speakers", "of"), [([7], "1 source"), ([7, 8], "2 sources"), ([6, 7, 8], "")])
def test_few_speakers_who_choose_the_network_are_told(speakers: list[int], of: str) -> None:
    data = replace(order_task(40), speaker=np.arange(40) % 10)
    settings = config(validation_speakers=speakers, test_speakers=[9])
    lines = introduction(build(settings, 6, 2), settings, recordings_of(settings, data), 12, HOW)
    held = {"1 source": "[8, 7]", "2 sources": "[6, 7, 8]"}.get(of, "")
    note = (
        f"note: val is of {of} (field `speaker`) and chooses the network; the accuracy on others is what "
        f"`snnc test` tells; one more validates with --set 'validation_speakers={held}' "
        "--set 'test_speakers=[9]'"
    )
    assert without_copies(lines)[2:] == ([note] if of else [])


def test_that_nobody_tests_is_told() -> None:
    """`validation_speakers` alone takes the place of a default with a test part."""
    data = replace(order_task(40), speaker=np.arange(40) % 10)
    settings = config(validation_speakers=[7], test_speakers=[])
    lines = introduction(build(settings, 6, 2), settings, recordings_of(settings, data), 12, HOW)
    assert lines[1].endswith(
        "36 train, 4 validate, none is kept for testing, as validation_speakers are named and "
        "test_speakers are not"
    )
    assert without_copies(lines)[2:] == [
        "note: val is of 1 source (field `speaker`) and chooses the network; none is kept for testing, "
        "which would tell the accuracy on others"
    ]


@pytest.mark.parametrize(
    ("speaker", "each"),
    [
        (np.arange(40), "each of 40 recordings is"),
        (np.maximum(np.arange(40), 3), "nearly each recording (36 of 40) is"),
        (np.maximum(np.arange(40), 4), ""),
        (np.full(40, -1), ""),
    ],
)
@pytest.mark.parametrize("validation", ["", "training"])
def test_speakers_of_one_recording_each_are_told(speaker: object, each: str, validation: str) -> None:
    """From nine of ten on; with 0 to 3 as one speaker 36 of 40 are alone, with 0 to 4 but 35."""
    settings = config(**({"validation": validation} if validation else {}))
    data = replace(order_task(40), speaker=speaker)
    lines = introduction(build(settings, 6, 2), settings, recordings_of(settings, data), 12, HOW)
    told = (
        f"note: {each} of a source of its own (field `speaker`): if a date or a number of the recording "
        "stands there, the parts are in truth drawn at random, and one person or machine may train and test"
    )
    assert [line for line in lines if "of a source of its own" in line] == ([told] if each else [])


def test_lines_that_nothing_trains_are_told() -> None:
    """Unit 5 has events in the recordings of the speaker who tests alone, 6 and 7 in none."""
    data = replace(order_task(40), unit_count=8, speaker=np.arange(40) % 10)
    moved = np.where((data.units == 5) & (np.repeat(data.speaker, 6) != 9), 4, data.units)
    settings = config(validation_speakers=[6, 7, 8], test_speakers=[9])
    recordings = recordings_of(settings, replace(data, units=moved))
    lines = introduction(build(settings, 8, 2), settings, recordings, 12, HOW)
    assert without_copies(lines)[2:] == ["note: input lines without an event in what trains: 3 of 8 (5 to 7)"]


def test_network_step_and_parts_are_told() -> None:
    """Six lines of one event each share nothing; pooled by three, the three of a burst may."""
    first, second, note = told()
    assert first == (
        "network 6-10-2, delays up to 60 ms; step 10 ms, 12 steps; no two events share a step and line; "
        f"another step: {HOW}"
    )
    assert second == "recordings: 28 train, 4 validate, 8 are kept for testing"
    assert note.startswith("note: val is of 1 source (field `speaker`) ")
    pooled = told(unit_pool=3)[0]
    assert pooled.startswith("network 2-10-2, delays up to 60 ms; ")
    assert "% of events of the training recordings fall into a step and line that has one already" in pooled
    assert pooled.endswith(f"(they count as one); a shorter step, in which fewer do: {HOW}")


def test_how_samples_in_steps_were_read_is_told() -> None:
    """Twelve steps of 10 ms, of six lines."""
    settings = config()
    data = replace(order_task(40), step_s=0.01, duration=np.full(40, 0.12, np.float32), tick_s=0.01)
    data = replace(data, times=np.minimum(data.times // 10, 11))
    lines = introduction(build(settings, 6, 2), settings, recordings_of(settings, data), 12, HOW)
    assert lines[1] == "recordings of 12 steps of 6 lines: 28 train, 4 validate, 8 are kept for testing"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"delays": "none"}, "network 6-10-2, no delays; step 10 ms"),
        ({"recurrence": "synapse", "recurrent_kernel_size": 9}, "network 6-10-2, delays up to 90 ms; "),
        ({"convolutions": ["3x2"]}, "network 6-15-10-2, delays up to 60 ms; "),
        ({"bin_s": 0.0025}, "step 2.5 ms, "),
    ],
)
def test_other_networks(changes: dict[str, object], words: str) -> None:
    if "bin_s" in changes:
        settings = config(**changes)
        data = recordings_of(settings, order_task(40))
        assert words in introduction(build(settings, 6, 2), settings, data, 60, HOW)[0]
    else:
        assert words in told(**changes)[0]


def test_who_validates_where_nobody_is_held_out() -> None:
    assert (
        told(validation="training")[1] == "recordings: 40 train, 40 of these validate, 0 are kept for testing"
    )
    nobody = "no recording was kept for testing (test_speakers = [])"
    assert told(testing="none")[1] == f"recordings: 36 train, 4 validate; {nobody}"


def test_it_is_said_once_before_the_first_epoch() -> None:
    said: list[str] = []
    short = config(epochs=1, finetune_epochs=0, quantise_epochs=0)
    data = order_task(40)
    train(short, data=data, notify=said.append, progress=lambda _: said.append("epoch"), introduce=HOW)
    assert without_copies(said).index("epoch") == 3
    assert said[0].startswith("network 6-10-2")
