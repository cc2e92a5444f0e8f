"""Speech Commands: the mel spectrogram, its events, the official lists and the cache."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from published_files import gsc, tone, wav
from real_data import real_data

from snnc.errors import InputError
from snnc.trainer.data.gsc import MelEncoder, events_of, load_gsc, mel_power, read_wav

ENCODER = MelEncoder()
FILTERS = ENCODER.filters()


def mel(hertz: float) -> float:
    return 2595 * np.log10(1 + hertz / 700)


def band_of(hertz: float) -> int:
    """The band with the nearest centre: 140 of them between 50 Hz and 8 kHz, the highest is 0."""
    spacing = (mel(8000) - mel(50)) / 141
    return 139 - (round((mel(hertz) - mel(50)) / spacing) - 1)


def test_every_band_lies_below_nyquist_and_is_filled() -> None:
    assert FILTERS.shape == (140, 1025)
    assert (FILTERS > 0).sum(axis=1).min() >= 2
    peaks = FILTERS.argmax(axis=1) * 8000 / 1024
    assert (np.diff(peaks) < 0).all()  # the highest band first
    assert peaks[0] < 8000
    # Neighbouring triangles add up to 1 between the centres of the outermost two.
    inside = slice(int(FILTERS[-1].argmax()) + 1, int(FILTERS[0].argmax()))
    np.testing.assert_allclose(FILTERS.sum(axis=0)[inside], 1.0, atol=1e-12)


@pytest.mark.parametrize("hertz", [200.0, 1000.0, 3500.0, 7000.0])
def test_a_tone_excites_its_band(hertz: float) -> None:
    power = mel_power(tone(hertz), ENCODER, FILTERS)
    assert power.shape == (20, 140)  # 0.2 s
    assert abs(int(power[10].argmax()) - band_of(hertz)) <= 1


def test_steps_are_where_the_sound_is() -> None:
    click = np.zeros(16000)
    click[8080] = 1.0  # the middle of step 50: 0.505 s
    power = mel_power(click, replace(ENCODER, pre_emphasis=0.0), FILTERS).sum(axis=1)
    assert int(power.argmax()) == 50
    np.testing.assert_allclose(power[49], power[51], rtol=1e-9)  # windows are symmetric
    assert np.flatnonzero(power > 1e-12).tolist() == [49, 50, 51]  # 32 ms around 10 ms steps


def test_events_follow_the_level() -> None:
    """Levels of about 1, 1/2, 1/5 and 0 of 50 dB: an event every, every second, every fifth and no step."""
    decibels = np.array([0.0, -24.9, -39.9, -50.0, -70.0, -np.inf])
    spikes = events_of(np.tile(10 ** (decibels / 10), (20, 1)), ENCODER)
    steps = [np.flatnonzero(band).tolist() for band in spikes.T]
    assert steps == [list(range(20)), list(range(1, 20, 2)), [4, 9, 14, 19], [], [], []]


def test_silence_has_no_events() -> None:
    assert not events_of(mel_power(np.zeros(1600), ENCODER, FILTERS), ENCODER).any()


def test_loudness_does_not_matter() -> None:
    sound = tone(700) + 0.1 * tone(2000)
    loud, quiet = (events_of(mel_power(sound * 2.0**k, ENCODER, FILTERS), ENCODER) for k in (0, -6))
    np.testing.assert_array_equal(loud, quiet)


def test_the_lists_split(tmp_path: Path) -> None:
    gsc(tmp_path)
    parts = {part: load_gsc(tmp_path, part) for part in ("train", "validation", "test")}
    assert {part: ds.speaker.tolist() for part, ds in parts.items()} == {
        "train": [10, 11, 10, 11],
        "validation": [12, 12],
        "test": [13, 13],
    }
    train = parts["train"]
    assert all(ds.class_names == ("bed", "yes") for ds in parts.values())
    assert (train.labels.tolist(), train.trial.tolist()) == ([0, 0, 1, 1], [0, 0, 1, 1])
    assert (train.unit_count, train.tick_s, train.needed_steps(0.01)) == (140, 0.01, 20)
    np.testing.assert_allclose(train.duration, 0.2)
    frames = train.frames([0], 0.01, 20)[0]
    assert frames.sum(axis=0).argmax() in range(band_of(500) - 1, band_of(500) + 2)


def test_the_cache_is_asked_for_and_noticed(tmp_path: Path) -> None:
    root, cache, said = gsc(tmp_path / "gsc"), tmp_path / "cache", []
    before = {path for path in root.rglob("*")}
    plain = load_gsc(root, "train", notify=said.append)
    assert {path for path in root.rglob("*")} == before
    assert "cache_dir would keep them" in said.pop()
    first = load_gsc(root, "train", cache, said.append)
    (file,) = cache.iterdir()
    assert str(file) in said.pop()
    again = load_gsc(root, "train", cache, said.append)
    assert said == []
    assert plain.sha256() == first.sha256() == again.sha256()
    assert plain.name == again.name == "gsc train"
    changed = root / "bed" / "0000000a_nohash_0.wav"
    wav(changed, tone(900))
    os.utime(changed, ns=(1, 1))
    assert load_gsc(root, "train", cache, said.append).sha256() != plain.sha256()
    assert len(list(cache.iterdir())) == 2


def test_missing_recordings_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    (gsc(tmp_path) / "yes" / "0000000c_nohash_1.wav").unlink()
    assert len(load_gsc(tmp_path, "validation", notify=said.append)) == 1
    assert said[0] == f"gsc: only 1 of the 2 recordings to validation are in {tmp_path}"


def test_bad_recordings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    for problem, samples, changes in (
        ("at 8000 Hz.*mono, 16 bits, 16000 Hz", tone(100), {"rate": 8000}),
        ("has 2 channels", tone(100), {"channels": 2}),
        ("holds 0 bytes", np.zeros(0), {}),
    ):
        with pytest.raises(InputError, match=problem) as caught:
            read_wav(wav(path, samples, **changes), 16000)
        assert str(path) in str(caught.value)
    whole = wav(path, tone(100)).read_bytes()
    chunk_without_end = whole[:16] + b"\xff\xff\xff\xff" + whole[20:]
    for damaged in (b"", whole[:30], whole[:-100], chunk_without_end):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"a\.wav"):
            read_wav(path, 16000)


def test_lists_must_agree(tmp_path: Path) -> None:
    root = gsc(tmp_path)
    (root / "testing_list.txt").write_text((root / "validation_list.txt").read_text())
    with pytest.raises(InputError, match=r"'bed/0000000c_nohash_0\.wav' is in validation_list\.txt and in"):
        load_gsc(root, "train")
    (root / "testing_list.txt").unlink()
    with pytest.raises(InputError, match=r"testing_list\.txt: cannot be read"):
        load_gsc(root, "train")


def test_real_recordings() -> None:
    root = real_data("speech_commands_sample")
    said: list[str] = []
    parts = [load_gsc(root, part, notify=said.append) for part in ("validation", "test")]
    assert len(parts[0].class_names) == 30
    assert not set(parts[0].speaker.tolist()) & set(parts[1].speaker.tolist())
    for ds in parts:
        assert ds.needed_steps(0.01) <= 100
        frames = ds.frames(np.arange(len(ds)), 0.01, 100)
        assert 0.05 < frames.mean() < 0.25
        assert (frames.sum(axis=(1, 2)) > 200).all()
