"""Folders of sound as events: equal for any number of processes, and nothing dropped in silence."""

import hashlib
import json
import os
import signal
import struct
from collections.abc import Callable
from pathlib import Path

import left_processes
import numpy as np
import pytest
from places import ROOT
from wav_files import FLOAT, packed, tone, wav, write

from snnc.errors import InputError
from snnc.trainer.data import encoding, readable
from snnc.trainer.data.cochlea import Cochlea, encode
from snnc.trainer.data.encoding import encode_file, encode_folder
from snnc.trainer.data.event_files import load_events_npz, save_events_npz
from snnc.trainer.data.outline import Outline
from snnc.trainer.data.wav import Sound


def test_classes_speakers_and_takes(recordings: Path) -> None:
    found = encode_folder(recordings, workers=1)
    ds = found.events
    assert (ds.class_names, ds.speaker_names, ds.name) == (("high", "low"), ("ann", "bob", "cy"), "data")
    assert ds.labels.tolist() == [0] * 6 + [1] * 6
    assert ds.speaker.tolist() == [0, 0, 1, 1, 2, 2] * 2
    assert ds.trial.tolist() == [0, 1] * 6
    assert (ds.tick_s, ds.unit_count, found.notes) == (0.0005, 140, [])
    np.testing.assert_allclose(ds.duration, 0.1, rtol=1e-4)


def test_a_tone_is_loudest_on_its_own_lines(recordings: Path) -> None:
    ds = encode_folder(recordings, workers=1).events
    centres = Cochlea().centres()
    for label, hertz in ((0, 3000), (1, 300)):
        for each in np.flatnonzero(ds.labels == label):
            units = ds.units[ds.offsets[each] : ds.offsets[each + 1]]
            lines = np.bincount(units, minlength=140)
            assert abs(np.log2(centres[lines.argmax()] / hertz)) < 0.5


def test_events_are_those_of_the_cochlea(recordings: Path) -> None:
    path = recordings / "low/ann/0.wav"
    found = encode_file(path, mix=False)
    assert not isinstance(found, str)
    sound = np.rint(tone(16_000, 300) * 32767)
    hashed = struct.pack("<Q", 16_000) + struct.pack("<1600d", *(sound / 32768 + 0.0))  # no -0
    steps, units = encode(sound, 16_000, int.from_bytes(hashlib.sha256(hashed).digest()[:8], "big"))
    assert found.times.tolist() == steps.tolist()
    assert found.units.tolist() == units.tolist()


_WHOLE = np.rint(tone() * 32767)


@pytest.mark.parametrize(
    "content",
    [
        wav(packed(_WHOLE / 2**15, 64, FLOAT), bits=64, kind=FLOAT),
        wav(packed(_WHOLE / 2**15, 32, FLOAT), bits=32, kind=FLOAT),
        wav(packed(_WHOLE / 2**20, 32, FLOAT), bits=32, kind=FLOAT),
        wav(packed(np.where(_WHOLE, _WHOLE, -0.0), 64, FLOAT), bits=64, kind=FLOAT),
        wav((_WHOLE * 2**8).astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), bits=24),
        wav(_WHOLE.astype("<i2").tobytes(), before=b"LIST" + struct.pack("<I", 4) + b"tags"),
        wav(np.stack([_WHOLE, _WHOLE], 1).astype("<i2").tobytes(), channels=2),
    ],
    ids=["float64", "float32", "quieter", "minus 0", "24 bits", "tags", "two channels"],
)
def test_equal_samples_of_any_file_have_equal_events(tmp_path: Path, content: bytes) -> None:
    for name, each in (("a", wav(_WHOLE.astype("<i2").tobytes())), ("b", content)):
        (tmp_path / f"{name}.wav").write_bytes(each)
    one, other = (encode_file(tmp_path / f"{name}.wav", mix=True) for name in "ab")
    assert not isinstance(one, str)
    assert not isinstance(other, str)
    assert len(one.times) > 100
    assert (one.times.tolist(), one.units.tolist()) == (other.times.tolist(), other.units.tolist())


def test_other_samples_have_other_noise(tmp_path: Path) -> None:
    """A sample that is 1 larger changes the drive by next to nothing, and the noise altogether."""
    changed = _WHOLE + (np.arange(1600) == 800)
    for name, each in (("a", _WHOLE), ("b", changed)):
        (tmp_path / f"{name}.wav").write_bytes(wav(each.astype("<i2").tobytes()))
    one, other = (encode_file(tmp_path / f"{name}.wav", mix=False) for name in "ab")
    assert not isinstance(one, str)
    assert not isinstance(other, str)
    assert one.times.tolist() != other.times.tolist()


def test_equal_sound_in_other_files_is_told_as_equal(recordings: Path) -> None:
    sound = np.rint(tone(16_000, 300) * 32767) / 2**15
    content = wav(packed(sound, 64, FLOAT), bits=64, kind=FLOAT)
    (recordings / "low/bob/9.wav").write_bytes(content)
    assert encode_folder(recordings, workers=1).notes == [
        "equal recordings, of which one may train and another test: 1 (low/ann/0.wav = low/bob/9.wav)",
    ]


def test_any_number_of_processes_writes_the_same_bytes(recordings: Path, tmp_path: Path) -> None:
    written = []
    for workers in (1, 2, 3):
        save_events_npz(encode_folder(recordings, workers=workers).events, tmp_path / "events.npz")
        written.append((tmp_path / "events.npz").read_bytes())
    assert written[0] == written[1] == written[2]
    assert load_events_npz(tmp_path / "events.npz").speaker_names == ("ann", "bob", "cy")
    assert not left_processes.running()


def test_a_recording_does_not_depend_on_the_others(recordings: Path) -> None:
    before = encode_folder(recordings, workers=1).events.select([0])
    write(recordings / "high" / "ann" / "+.wav", 1000)
    after = encode_folder(recordings, workers=1).events.select([1])
    assert before.times.tolist() == after.times.tolist()


@pytest.mark.parametrize("rate", [1000, 8000, 7919, 16_000, 22_050, 44_101, 192_000])
@pytest.mark.parametrize("bits", [8, 24])
def test_any_rate_and_depth(tmp_path: Path, rate: int, bits: int) -> None:
    found = encode_file(write(tmp_path / "a.wav", 300, rate, bits), mix=False)
    assert not isinstance(found, str)
    lines = np.bincount(found.units, minlength=140)
    assert abs(np.log2(Cochlea().centres()[lines.argmax()] / 300)) < 0.5


def test_low_rates_are_told(recordings: Path) -> None:
    write(recordings / "low/ann/3.wav", 400, rate=8000)
    (note,) = encode_folder(recordings, workers=1).notes
    assert note == (
        "1 recording has less than 16000 samples a second (from 8000 on), and so nothing above 4000 Hz"
    )


@pytest.mark.parametrize("rate", [16_000, 8_000])
def test_the_longest_recording_loses_no_event(tmp_path: Path, rate: int) -> None:
    """One step less than times of 16 bits can count, as resampling may add one; a step more is refused.

    It lasts 32.77 s, so that of 32.7 s, which is told, is taken.
    """
    for name, steps in (("most", 65_535), ("more", 65_536)):
        sound = np.sin(2 * np.pi * 300 * np.arange(steps * rate // 2000) / rate)  # loud to its end
        (tmp_path / f"{name}.wav").write_bytes(wav(packed(sound, 16), rate))
    found = encode_file(tmp_path / "most.wav", mix=False)
    assert not isinstance(found, str)
    assert 65_400 < found.times.max() <= 65_535
    refusal = str(encode_file(tmp_path / "more.wav", mix=False))
    for text in (refusal, (ROOT / "docs/data.md").read_text(), (ROOT / "docs/cli.md").read_text()):
        assert "at most 32.7 s" in text


def test_files_the_encoder_and_the_layout_go_with_the_events(recordings: Path, tmp_path: Path) -> None:
    save_events_npz(encode_folder(recordings, workers=1).events, tmp_path / "events.npz")
    events = load_events_npz(tmp_path / "events.npz")
    assert events.files is not None
    assert events.files[:3] == ("high/ann/0.wav", "high/ann/1.wav", "high/bob/0.wav")
    assert events.select([11, 0]).files == ("low/cy/1.wav", "high/ann/0.wav")
    assert (events.layout, events.select([0]).layout) == ("{class}/{speaker}/{}",) * 2
    assert events.encoder is not None
    told = json.loads(events.encoder)
    assert (told["bands"], told["rate"], told["f_max"]) == (140, 2000, 8000.0)


def test_names_are_told_before_a_recording_is_read(recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Outline] = []

    def unread(path: Path) -> Sound:
        assert told, "read before anything was told"
        raise InputError(f"{path}: is not read here")

    monkeypatch.setattr(readable, "read_sound", unread)
    with pytest.raises(InputError, match="is not read here"):
        encode_folder(recordings, workers=1, outlined=told.append)
    events = told[0].events
    assert (events.class_names, events.speaker_names) == (("high", "low"), ("ann", "bob", "cy"))
    assert events.labels.tolist() == [0] * 6 + [1] * 6
    assert (told[0].layout, len(events.times)) == ("{class}/{speaker}/{}", 0)


def test_equal_recordings_are_told(recordings: Path) -> None:
    content = (recordings / "low/ann/0.wav").read_bytes()
    (recordings / "low/bob/9.wav").write_bytes(content)
    content = (recordings / "low/cy/1.wav").read_bytes()
    (recordings / "high/cy/9.wav").write_bytes(content)
    assert encode_folder(recordings, workers=1).notes == [
        "equal recordings in different classes, which nothing can tell apart: 1 "
        "(high/cy/9.wav = low/cy/1.wav)",
        "equal recordings, of which one may train and another test: 1 (low/ann/0.wav = low/bob/9.wav)",
    ]


def test_one_class_and_a_lost_class_are_told(recordings: Path) -> None:
    for path in (recordings / "low").rglob("*.wav"):
        path.write_text("no sound")
    notes = encode_folder(recordings, skip=True, workers=1).notes
    assert "classes of which no recording is left: low" in notes
    assert "one class only, 'high': that trains no network, which tells classes apart" in notes


def test_classes_that_files_of_one_folder_tell(tmp_path: Path) -> None:
    for name in ("cough_1", "cough_2", "sneeze_1", "sneeze_2"):
        write(tmp_path / "monday" / f"{name}.wav")
    layout = "{speaker}/{class}_{}"
    (note,) = (each for each in encode_folder(tmp_path, workers=1).notes if each.startswith("one class only"))
    assert note.endswith(f'; if names of files tell classes (cough, sneeze): --layout "{layout}"')
    assert encode_folder(tmp_path, layout=layout, workers=1).events.class_names == ("cough", "sneeze")


def test_a_lost_process_ends_it(recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "encode_file", _end)
    with pytest.raises(InputError, match="a process that encodes was ended from outside"):
        encode_folder(recordings, workers=2)
    assert not left_processes.running()


def _end(path: Path, mix: bool) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def test_progress_counts_recordings(recordings: Path) -> None:
    told: list[object] = []

    def begin(text: str, total: int) -> Callable[[int], None]:
        told.append((text, total))
        return told.append

    encode_folder(recordings, workers=1, progress=begin)
    assert told == [("reading", 12), *range(1, 13), ("encoding", 12), *range(1, 13)]
