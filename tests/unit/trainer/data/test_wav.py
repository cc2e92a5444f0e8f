"""WAV files of all kinds, and damaged ones."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wav_files import FLOAT, MU_LAW, packed, tone, wav

from snnc.errors import InputError
from snnc.trainer.data.wav import WAV_BYTES, mono, read_sound, resampled

SOUND = packed(tone(), 16)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "a.wav"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("bits", "kind", "error"),
    [(8, 1, 1e-2), (16, 1, 1e-4), (24, 1, 1e-6), (32, 1, 1e-9), (32, FLOAT, 1e-7), (64, FLOAT, 1e-15)],
)
def test_every_depth_is_the_same_sound(tmp_path: Path, bits: int, kind: int, error: float) -> None:
    content = wav(packed(tone() * 0.5, bits, kind), bits=bits, kind=kind)
    found = read_sound(written(tmp_path, content))
    assert (found.rate, found.samples.shape) == (16_000, (1600, 1))
    scale = np.abs(tone()).max() / np.abs(found.samples).max()
    np.testing.assert_allclose(found.samples[:, 0] * scale, tone(), atol=4 * error)


def test_bytes_are_around_128(tmp_path: Path) -> None:
    found = read_sound(written(tmp_path, wav(bytes([128, 0, 255, 64]), bits=8)))
    assert found.samples[:, 0].tolist() == [0.0, -0.5, 127 / 256, -0.25]  # by 256, the power of 2 above 128


def test_the_scale_is_a_power_of_two_that_leaves_room(tmp_path: Path) -> None:
    loud = np.array([1.7e308, -1.7e308, 1e308])
    found = read_sound(written(tmp_path, wav(loud.astype("<f8").tobytes(), bits=64, kind=FLOAT)))
    assert found.samples[:, 0].tolist() == (loud / 2.0**1023 / 2).tolist()
    silent = read_sound(written(tmp_path, wav(bytes(8))))
    assert not silent.samples.any()


def test_several_channels_are_mixed_when_told(tmp_path: Path) -> None:
    path = written(tmp_path, wav(struct.pack("<4h", 8192, -8192, 16384, 0), channels=2))
    sound = read_sound(path)
    with pytest.raises(InputError, match="has 2 channels; --mix takes their mean"):
        mono(sound, path, mix=False)
    assert mono(sound, path, mix=True).tolist() == [0.0, 0.25]


def test_a_piped_file_has_the_sound_that_is_there(tmp_path: Path) -> None:
    content = wav(SOUND, announced=0xFFFFFFFF)
    assert len(read_sound(written(tmp_path, content)).samples) == 1600


def test_chunks_beside_the_sound_are_passed_over(tmp_path: Path) -> None:
    tags = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert len(read_sound(written(tmp_path, wav(SOUND, before=tags) + b"id3 junk")).samples) == 1600


@pytest.mark.parametrize("rate", [8000, 11025, 7919])
def test_resampling_keeps_the_tone(rate: int) -> None:
    found = resampled(tone(rate, 440.0, 0.2), rate, 16_000)
    assert abs(len(found) - 3200) <= 3
    peak = np.abs(np.fft.rfft(found, 16_000)).argmax()  # a bin is 1 Hz
    assert abs(int(peak) - 440) <= 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "a.wav: is empty; copy or record it again"),
        (b"ID3\x04 an mp3 file", "is no WAV file, whatever its name"),
        (b"NIST_1A\n   1024\n", "is no WAV file, whatever its name"),
        (b"RIFF\0\0\0\0AVI LIST", "is no WAV file, whatever its name"),
        (b"RIFF\0\0\0\0WAVE", "is damaged or incomplete: no sound begins in its 12 bytes; copy it again"),
        (wav(SOUND)[:16], "is damaged or incomplete: no sound begins in its 16 bytes; copy it again"),
        (wav(SOUND)[:36], "is damaged or incomplete: no sound begins in its 36 bytes; copy it again"),
        (wav(SOUND)[:40], "is damaged or incomplete: no sound begins in its 40 bytes; copy it again"),
        (b"RIFF\0\0\0\0WAVE" + wav(SOUND)[36:], "is damaged, it does not say how its samples are written"),
        (wav(SOUND)[:30], "is cut off before its sound begins; copy it again"),
        (wav(SOUND)[:-9], "is cut off: 3191 bytes of sound of the 3200 announced; copy it again"),
        (wav(SOUND, kind=MU_LAW, bits=8), "MULAW"),
        (wav(SOUND, kind=2, bits=8), "ADPCM"),
        (wav(SOUND, channels=0), "ffmpeg -i IN.wav"),
        (wav(SOUND, bits=65_535), "65535-bit"),
        (wav(SOUND, before=b"LIST" + struct.pack("<I", 0xFFFFFFF0)), "is damaged or incomplete: no sound"),
        (wav(SOUND[:-10], announced=len(SOUND)), "is cut off: 3190 bytes of sound of the 3200 announced"),
        (wav(b""), "holds no sample"),
        (wav(SOUND, rate=0), "says that it has 0 samples a second, 1000 to 768000"),
        (wav(SOUND, rate=999), "says that it has 999 samples"),
        (wav(SOUND, rate=2**30), "has 1073741824 samples a second, 1000 to 768000"),
        (wav(SOUND, rate=2**32 - 1), "not a WAV file of integers or floats"),
        (wav(np.array([0, np.nan]).astype("<f4").tobytes(), bits=32, kind=FLOAT), "no finite number"),
        (wav(np.array([0, np.inf]).astype("<f4").tobytes(), bits=32, kind=FLOAT), "no finite number"),
    ],
)
def test_what_is_no_sound_is_refused_by_name(tmp_path: Path, content: bytes, text: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=text) as caught:
        read_sound(path)
    assert str(path) in str(caught.value)


def test_no_pipe_is_waited_for_and_no_large_file_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(InputError, match="pipe"):
        read_sound(tmp_path / "pipe.wav")
    with (tmp_path / "holes.wav").open("wb") as file:
        file.truncate(WAV_BYTES + 1)
    with pytest.raises(InputError, match="bytes"):
        read_sound(tmp_path / "holes.wav")
    with pytest.raises(InputError, match="cannot be read"):
        read_sound(tmp_path / "none.wav")


@settings(deadline=None, max_examples=300)
@given(
    edits=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 100),
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(wav(SOUND[:80]))
    for place, byte in edits:
        content[place] = byte
    path = written(tmp_path_factory.mktemp("damaged"), bytes(content[: len(content) - cut]))
    try:
        sound = read_sound(path)
    except InputError:
        return
    assert np.isfinite(sound.samples).all()
    assert np.abs(sound.samples).max() <= 1
