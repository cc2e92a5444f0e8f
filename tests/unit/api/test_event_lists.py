"""Recordings of lists of events."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import snnc
from snnc.errors import InputError, UnlikelyWarning
from snnc.trainer.data import load_events_npz, save_events_npz

TIMES = [[900, 100], [], [250, 250, 0]]
LINES = [[2, 0], [], [1, 0, 1]]
LABELS = ["right", "left", "right"]


def test_lists_become_recordings(tmp_path) -> None:
    found = snnc.from_events(
        TIMES, LINES, LABELS, tick_s=1e-6, speakers=["b", "a", "b"], lines=5, name="mine"
    )
    assert repr(found) == "Recordings('mine': 3 of 2 classes, 5 lines)"
    assert found.class_names == ("left", "right")
    assert found.labels.tolist() == [1, 0, 1]
    assert (found.speaker_names, found.speaker.tolist()) == (("a", "b"), [1, 0, 1])
    assert found.offsets.tolist() == [0, 2, 2, 5]
    assert (found.times.dtype, found.times.tolist(), found.tick_s) == (
        np.uint16,
        [900, 100, 250, 250, 0],
        1e-6,
    )
    assert found.units.tolist() == [2, 0, 1, 0, 1]
    np.testing.assert_allclose(found.duration, [9e-4, 0, 2.5e-4], rtol=1e-6)
    save_events_npz(found, tmp_path / "mine.npz")
    assert load_events_npz(tmp_path / "mine.npz").sha256() == found.sha256()


def test_whole_numbers_that_16_bits_do_not_hold() -> None:
    """They stay exact: an event at 1.2 s is in the step that begins then, one a microsecond before is not."""
    found = snnc.from_events([[1_200_000, 20], [1_199_999]], [[0, 1], [1]], [0, 1], tick_s=1e-6)
    assert (found.times.dtype, found.times.tolist(), found.tick_s) == (
        np.uint32,
        [1_200_000, 20, 1_199_999],
        1e-6,
    )
    frames = found.frames([0, 1], 0.01, 121)
    assert np.argwhere(frames).tolist() == [[0, 0, 1], [0, 120, 0], [1, 119, 1]]
    parts = snnc.from_events([[0.1], [1]], [[0], [0]], [0, 1], tick_s=0.5)
    assert (parts.times.tolist(), parts.seconds.tolist()) == ([0.1, 1.0], [0.05, 0.5])


def test_seconds_and_numbers_of_classes() -> None:
    found = snnc.from_events([np.array([0.5]), np.array([0.25])], [[3], [0]], [1, 0], tick_s=1)
    assert (found.unit_count, found.class_names) == (4, ("0", "1"))
    assert found.seconds.tolist() == [0.5, 0.25]
    assert found.speaker.tolist() == [-1, -1]
    with pytest.warns(UnlikelyWarning, match="class 0 has no sample"):
        snnc.from_events([[1], [2]], [[0], [0]], [1, 1], tick_s=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"times": TIMES[:2]}, "times: are of 2 recordings, addresses of 3"),
        ({"times": [], "addresses": [], "labels": []}, "one recording at least"),
        ({"times": 5}, "times: is 5; give a list with an array for each recording"),
        ({"times": [[900, 100], [], [250, 250]]}, "recording 2: has 2 times and 3 addresses"),
        (
            {"times": [[900, -1], [], [0, 0, 0]]},
            r"times\[0\]\[1\] is -1; give numbers from 0 on, from the recording's start; its times are out "
            r"of order, and its first is not its earliest: subtract the least, t - t\.min\(\)$",
        ),
        ({"times": [[-1, 900], [], [0, 0, 0]]}, r"times\[0\]\[0\] is -1; .* the recording's start$"),
        ({"times": [[900, np.nan], [], [0, 0, 0]]}, r"times\[0\]\[1\] is nan"),
        (
            {"times": [["a", "b"], [], [0, 0, 0]]},
            r"times\[0\]: is <U1 of shape \[2\]; give a list of numbers",
        ),
        (
            {"addresses": [[2.0, 0], [], [1, 0, 1]]},
            r"addresses\[0\]: is float64 of shape \[2\]; give a list of w",
        ),
        ({"addresses": [[2, -1], [], [1, 0, 1]]}, r"addresses\[0\]\[1\] is -1; .* numbered 0 \.\. 65535$"),
        ({"lines": 2}, r"addresses\[0\]\[0\] is 2; input lines are numbered 0 \.\. 1, as lines says"),
        (
            {"lines": 3, "addresses": [[2, 1], [], [3, 1, 1]]},
            r"\[2\]\[0\] is 3; .* 0 \.\. 2, as lines says; addresses start at 1: subtract 1$",
        ),
        (
            {"lines": 4, "addresses": [[2, 3], [], [4, 3, 2]]},
            r"\[2\]\[0\] is 4; .* as lines says; line 0 never fires, and line 4 does: if addresses start "
            r"at 1, subtract 1$",
        ),
        ({"lines": 2, "addresses": [[2, 0], [], [1, 0, 1]]}, r"0 \.\. 1, as lines says$"),
        ({"labels": LABELS[:2]}, "labels: are 2; give a whole number or a name for each of the 3 recordings"),
        ({"labels": [0, 1, 9]}, r"labels\[2\] is 9, and there are 3 recordings"),
        ({"labels": [0, 1]}, "labels are 2 .*, and there are 3 samples; give a whole number for each"),
        ({"labels": [None, 0, 1]}, r"recording 0 of 3 has no label \(None\)"),
        ({"labels": np.array([0, np.nan, 1])}, r"recording 1 of 3 has no label \(nan\); leave it out or"),
        (
            {"labels": [np.nan, 1, float("nan")]},
            r"^labels: recordings 0, 2 .*no label \(nan\); leave them out or name their class \(of names",
        ),
        ({"labels": [0.0, 1.0, np.inf]}, "for each of the 3 samples$"),
        ({"labels": np.array([b"a", b"b", b"a"])}, r"np\.unique\(labels\.astype\(str\), return_inverse=True"),
        ({"classes": ["left"]}, r"labels\[0\]: is 'right', which classes do not name"),
        ({"speakers": ["a"]}, r"speakers: <U1 \[1\]; give a whole number or a name for each of the 3"),
        (
            {"speakers": ["ann", None, "bob"]},
            r"^speakers: recording 1 of 3 names nobody \(None\); leave them out, or number the "
            "speakers from 0 on, with -1 where nobody is known$",
        ),
        (
            {"speakers": [np.nan, "ann", np.nan]},
            r"^speakers: recordings 0, 2 of 3 name nobody \(nan\); leave",
        ),
        ({"speakers": np.array([0, np.nan, 1])}, r"^speakers: recording 1 of 3 names nobody \(nan\); leave"),
        ({"speakers": [None] * 3}, r"^speakers: none is known \(None\); leave speakers out$"),
        ({"tick_s": 0}, "tick_s: is 0; give a positive number of seconds"),
        (
            {"times": [[5, 1 << 53], [], [0.5, 0, 0]]},
            r"times\[0\]\[1\] is 9007199254740992; give whole numbers below 2\*\*53",
        ),
        ({"times": [[[1], [2, 3]], [], [0, 0, 0]]}, r"times\[0\]: are rows of unequal lengths; give"),
        ({"times": [torch.ones(2, dtype=torch.bfloat16), [], [0, 0, 0]]}, r"times\[0\]: is no array"),
        *(
            (
                {"times": flat},
                rf"^times: is one array of 6 events; give one .*\[{array}\[of == n\] for",
            )
            for flat, array in (
                (np.arange(6), "times"),
                (torch.arange(6), "times"),
                (torch.ones(6, requires_grad=True), "times"),
                (torch.ones(6, device="meta"), "times"),
                ([*range(6)], r"numpy\.asarray\(times\)"),
                ([*torch.arange(6)], r"numpy\.asarray\(times\)"),
                (iter(range(6)), r"numpy\.asarray\(times\)"),
            )
        ),
        (
            {"addresses": torch.arange(6)},
            r"^addresses: is one array of 6 events; .*: \[addresses\] if",
        ),
        ({"times": torch.tensor(1)}, r"^times: is tensor\(1\); give a list with an array for each recording"),
        ({"times": {"a": [1]}}, r"^times: is \{'a': \[1\]\}; give a list with an array for each recording"),
        ({"times": [torch.ones(2, device="meta"), [], [0, 0, 0]]}, r"times\[0\]: is no array \(Cannot copy"),
        ({"times": [np.ones(2, np.longdouble), [], [0, 0, 0]]}, r"times\[0\]: is float.*at most 64 bits"),
        ({"times": [[1e39, 5], [], [0, 0, 0]], "tick_s": 1}, "recording 0 has an event at 1e\\+39 s"),
        ({"lines": "3"}, "lines: is '3'; give a whole number"),
        ({"lines": 3.5}, "lines: is 3.5; give a whole number"),
        ({"lines": 0}, "lines: is 0; give 1 to 65536"),
        ({"lines": 1 << 40}, "lines: is 1099511627776; give 1 to 65536"),
        ({"name": None}, "name: is None; give a text"),
        ({"name": "a\nb"}, r"the data set has the name 'a\\nb'; choose one"),
        (
            {"speakers": np.array([1 << 63, 1, 1], np.uint64)},
            r"speaker\[0\] = 9223372036854775808; it",
        ),
    ],
)
def test_what_is_no_list_of_events_is_said(change, said) -> None:
    with pytest.raises(InputError, match=said):
        snnc.from_events(**{"times": TIMES, "addresses": LINES, "labels": LABELS, "tick_s": 1e-6, **change})


def test_labels_are_read_once() -> None:
    found = snnc.from_events(TIMES, LINES, (each for each in [1, 0, 1]), tick_s=1e-6)
    assert found.labels.tolist() == [1, 0, 1]


def test_whole_numbers_of_two_kinds_stay_whole() -> None:
    signed, unsigned = np.array([0, (1 << 53) - 1]), np.array([0, (1 << 53) - 2], np.uint64)
    found = snnc.from_events([signed, unsigned], [[0, 0], [0, 0]], [0, 1], tick_s=1e-15)
    assert (found.times.dtype, found.times.tolist()) == (np.uint64, [0, (1 << 53) - 1, 0, (1 << 53) - 2])


@pytest.mark.parametrize("tick_s", [1e-320, 1e25])
def test_steps_that_nobody_counts_are_refused(tick_s: float) -> None:
    found = replace(snnc.from_events([[3], [4]], [[0], [0]], [0, 1], tick_s=1), tick_s=tick_s)
    with pytest.raises(InputError, match="check tick_s"):
        found.needed_steps(0.01)
    with pytest.raises(InputError, match="check tick_s"):
        found.frames([0], 0.01, 10)


def test_numbers_that_were_cut_are_told() -> None:
    """Microseconds of a second in 16 bits, once with a silence of 40 ms; and addresses of 384 lines in 8."""
    times = [np.delete(1000 * np.arange(1000), gap) for gap in (np.arange(51, 90), [])]
    lines = [np.arange(len(each)) % 384 for each in times]
    assert snnc.from_events(times, lines, [0, 1], tick_s=1e-6).notes == ()
    with pytest.warns(UnlikelyWarning, match="times fall 30 times within recordings, .* cut to 16 bits"):
        snnc.from_events([each.astype("u2") for each in times], lines, [0, 1], tick_s=1e-6)
    with pytest.warns(UnlikelyWarning, match="no line from 256 on ever fires, .* computed in 8 bits"):
        snnc.from_events(times, [each.astype("u1") for each in lines], [0, 1], tick_s=1e-6, lines=384)


def test_speakers_of_whom_some_are_unknown_are_numbers() -> None:
    """As the error says that names one who is missing."""
    known = snnc.from_events([[0.02]] * 3, [[0]] * 3, [0, 1, 0], tick_s=1.0, speakers=[0, -1, 1])
    assert known.speaker.tolist() == [0, -1, 1]
