"""Recordings that cannot be encoded: refused or left out by name, all kinds of problems at once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from wav_files import packed, tone, wav, write

from snnc.errors import InputError
from snnc.trainer.data import encoding
from snnc.trainer.data.encoding import encode_folder


def _silent(folder: Path) -> str:
    (folder / "low/ann/2.wav").write_bytes(wav(bytes(3200)))
    return "is silent, all its samples are equal"


def _constant(folder: Path) -> str:
    (folder / "low/ann/2.wav").write_bytes(wav(b"\x7f\x00" * 1600))
    return "is silent, all its samples are equal"


def _stereo(folder: Path) -> str:
    (folder / "low/ann/2.wav").write_bytes(wav(packed(np.stack([tone(), tone()], 1), 16), channels=2))
    return "has 2 channels; --mix takes their mean"


def _long(folder: Path) -> str:
    (folder / "low/ann/2.wav").write_bytes(wav(bytes([127, 129]) * 16_500, rate=1000, bits=8))
    return "lasts 33.0 s, at most 32.7 s are encoded; cut it into pieces"


def _text(folder: Path) -> str:
    (folder / "low/ann/2.wav").write_text("no sound")
    return "is no WAV file"


def _dangling(folder: Path) -> str:
    (folder / "low/ann/2.wav").symlink_to(folder / "gone.wav")
    return "cannot be read"


@pytest.mark.parametrize("spoil", [_silent, _constant, _stereo, _long, _text, _dangling])
def test_what_cannot_be_encoded_is_refused_or_left_out_by_name(
    recordings: Path, spoil: Callable[[Path], str]
) -> None:
    why = spoil(recordings)
    with pytest.raises(InputError, match=rf"2\.wav:? .*{why}.*1 recording of 13 cannot be encoded; --skip"):
        encode_folder(recordings, workers=1)
    found = encode_folder(recordings, skip=True, workers=1)
    assert len(found.events) == 12
    (note,) = found.notes
    assert note.startswith("left out, --skip: ")
    assert "low/ann/2.wav" in note
    assert why in note


def test_a_reason_of_many_recordings_is_told_once(recordings: Path) -> None:
    for path in recordings.rglob("*.wav"):
        path.write_bytes(wav(packed(np.stack([tone(), tone()], 1), 16), channels=2))
    with pytest.raises(InputError, match="each: has 2 channels; --mix") as caught:
        encode_folder(recordings, workers=1)
    assert str(caught.value).count("channels") == 1
    assert "12 recordings (" in str(caught.value)
    assert str(caught.value).count(".wav") == 3


def test_channels_that_cancel_out_are_not_called_silent(recordings: Path) -> None:
    sound = tone()
    path = recordings / "low/ann/2.wav"
    path.write_bytes(wav(packed(np.stack([sound, -sound], 1), 16), channels=2))
    with pytest.raises(InputError, match="the mean of its channels is silent, they cancel out"):
        encode_folder(recordings, mix=True, workers=1)


def test_all_kinds_of_problems_are_told_at_once(recordings: Path) -> None:
    """A broken file, the last of all, beside the first 24 with two channels, and 3 that are cut off."""
    stereo = wav(packed(np.stack([tone(), tone()], 1), 16), channels=2)
    for take in range(24):
        (recordings / f"high/ann/stereo{take:02}.wav").write_bytes(stereo)
    for take in range(3):
        (recordings / f"low/cy/{take + 7}.wav").write_bytes(wav(bytes(80 + take), announced=3200))
    (recordings / "low/cy/broken.wav").write_bytes(stereo[:16])
    _silent(recordings)
    with pytest.raises(InputError) as caught:
        encode_folder(recordings, workers=1)
    kinds = str(caught.value).replace(f"{recordings}/", "").split("; ")
    assert kinds == [
        "24 recordings (high/ann/stereo00.wav, high/ann/stereo01.wav, high/ann/stereo02.wav, ...), each: "
        "has 2 channels",
        "--mix takes their mean, or convert it to mono",
        "3 recordings (low/cy/7.wav, low/cy/8.wav, low/cy/9.wav), the first: is cut off: 80 bytes of sound "
        "of the 3200 announced",
        "copy it again, or remove it",
        "low/ann/2.wav: is silent, all its samples are equal",
        "record it again, or remove it",
        "low/cy/broken.wav: is damaged or incomplete: no sound begins in its 16 bytes",
        "copy it again, or remove it: 29 recordings of 41 cannot be encoded",
        "--skip leaves such recordings out and names them",
    ]


def test_problems_are_told_before_a_recording_is_encoded(
    recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encoded(path: Path, mix: bool) -> str:
        raise AssertionError(f"{path} is encoded")

    _text(recordings)
    monkeypatch.setattr(encoding, "encode_file", encoded)
    with pytest.raises(InputError, match="1 recording of 13 cannot be encoded"):
        encode_folder(recordings, workers=1)


def test_no_recording_that_can_be_encoded_is_left(tmp_path: Path) -> None:
    for number in range(60):
        path = tmp_path / "a" / f"{number:02}.wav"
        path.parent.mkdir(exist_ok=True)
        path.write_text("no sound")
    named = r"60 recordings \(\S*/00.wav, \S*/01.wav, \S*/02.wav, \.\.\.\), each: is no WAV file"
    with pytest.raises(InputError, match=named + ".*: 60 recordings of 60 cannot"):
        encode_folder(tmp_path, workers=1)
    with pytest.raises(InputError, match="none of its recordings can be encoded"):
        encode_folder(tmp_path, skip=True, workers=2)


def test_names_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "up\n/1.wav")
    write(tmp_path / "down/1.wav")
    with pytest.raises(InputError, match=r"its class has the name 'up\\n'; choose one"):
        encode_folder(tmp_path)


def test_channels_are_mixed_when_told(recordings: Path) -> None:
    _stereo(recordings)
    found = encode_folder(recordings, mix=True, workers=1)
    assert len(found.events) == 13
    assert "1 recording of several channels was mixed to one (--mix)" in found.notes
