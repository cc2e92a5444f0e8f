"""Sound of no known class, as `snnc run --input` encodes it: what is told of it, and when."""

from __future__ import annotations

import numpy as np
import pytest
from wav_files import packed, tone, wav, write

from snnc.errors import InputError
from snnc.trainer.data import encoding, unlabelled
from snnc.trainer.data.unlabelled import encode_sound


def two_channels(path):
    path.write_bytes(wav(packed(np.stack([tone(), tone()], 1), 16), channels=2))


def test_what_cannot_be_encoded_is_told_before_anything_is(tmp_path, monkeypatch):
    write(tmp_path / "a.wav", 300, seconds=0.02)
    two_channels(tmp_path / "b.wav")
    (tmp_path / "c.wav").write_bytes(wav(packed(np.zeros(800), 16)))
    encoded = []
    real = encoding.encode_file
    monkeypatch.setattr(unlabelled, "encode_file", lambda path, mix: encoded.append(path) or real(path, mix))
    with pytest.raises(InputError, match=r"has 2 channels; .*is silent, .*: 2 recordings of 3 cannot be"):
        encode_sound(tmp_path)
    assert encoded == []
    events, notes, _ = encode_sound(tmp_path, skip=True)
    assert encoded == [tmp_path / "a.wav"]
    assert events.files == ("a.wav",)
    assert len(notes) == 2


def test_a_low_sampling_rate_is_told(tmp_path):
    """The cochlea needs 16 kHz; of 8 kHz there is nothing above half of that."""
    write(tmp_path / "full.wav", 300, 16_000)
    assert encode_sound(tmp_path / "full.wav")[1] == ()
    write(tmp_path / "low.wav", 300, 8_000)
    low = "1 recording has less than 16000 samples a second (from 8000 on), and so nothing above 4000 Hz"
    assert encode_sound(tmp_path / "low.wav")[1] == (low,)
    assert encode_sound(tmp_path)[1] == (low,)
