"""Sound of WAV files of any kind that SciPy reads: its own checks, and those that SciPy leaves out."""

import hashlib
import io
import math
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io.regular import read_regular
from snnc.text import quoted

WAV_BYTES = 1 << 28
"""Most bytes of a file: half a minute of two channels in float64 at 384 kHz has less."""
LEAST_RATE, MOST_RATE = 1_000, 768_000
"""Samples a second: below, nothing of speech is left; above, no converter works."""
_STREAMED = 0x7FFF0000
"""A chunk said to be as long as this was written to a pipe, and its length was not known."""
_FORM = 1 << 16
"""Most bytes of the chunk that says how samples are written; a larger one is no size."""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError, struct.error)
"""What SciPy runs into in files that are damaged, or of a kind that it does not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """[samples, channels] of `rate` hertz, at most 1 and around 0."""

    samples: NDArray[np.float64]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def read_sound(path: Path) -> Sound:
    """The sound in a WAV file of integers of 8 to 64 bits, or of float32 or float64.

    Raises
    ------
    InputError
        It cannot be read, is cut off, holds no sample, or its sampling rate is out of range.
    """
    try:
        content = read_regular(path, WAV_BYTES)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the file") from error
    if not content:
        raise InputError(f"{path}: is empty; copy or record it again, or remove it")
    if content[:4] not in (b"RIFF", b"RIFX", b"RF64") or content[8:12] != b"WAVE":
        raise InputError(f"{path}: is no WAV file, whatever its name says; convert it, or remove it")
    try:
        rate, samples = _scipy(content)
    except _UNREADABLE as error:
        _check_whole(path, content)
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: not a WAV file of integers or floats that SciPy reads ({quoted(why, 160)[1:-1]}); "
            "convert it: ffmpeg -i IN.wav -c:a pcm_s16le OUT.wav"
        ) from error
    _check_whole(path, content)
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise InputError(
            f"{path}: says that it has {rate} samples a second, {LEAST_RATE} to {MOST_RATE} are read; "
            "convert it again"
        )
    if not samples.size:
        raise InputError(f"{path}: holds no sample; record it again, or remove it")
    sound = samples.astype(np.float64)
    if samples.dtype == np.uint8:
        sound -= 128.0  # alone of all kinds, 8 bits have no sign
    if not np.isfinite(sound).all():
        raise InputError(f"{path}: holds a sample that is no finite number; convert it again, or remove it")
    sound = np.ldexp(sound, -int(np.frexp(np.abs(sound).max())[1]))  # exact, and no sum of it overflows
    return Sound(sound.reshape(len(sound), -1), rate)


def mono(sound: Sound, path: Path, mix: bool) -> NDArray[np.float64]:
    """The only channel, or if `mix` the mean of all. Raises `InputError` for several otherwise."""
    channels = sound.samples.shape[1]
    if channels > 1 and not mix:
        raise InputError(f"{path}: has {channels} channels; --mix takes their mean, or convert it to mono")
    return np.asarray(sound.samples.mean(axis=1))


def digest(samples: NDArray[np.float64], rate: int) -> bytes:
    """SHA-256 of [samples] of one channel and `rate` hertz, whatever file they were read from.

    Samples that a power of two scales, as from 16 bits to 24 or to floats of at most 1, have the same.
    """
    scaled = np.ldexp(samples, -int(np.frexp(np.abs(samples).max(initial=0.0))[1]))
    whole = (scaled + 0.0).astype("<f8")  # -0, which floats have alone, becomes 0
    return hashlib.sha256(struct.pack("<Q", rate) + whole.tobytes()).digest()


def resampled(samples: NDArray[np.float64], rate: int, wanted: int) -> NDArray[np.float64]:
    """`samples` of `rate` hertz as of `wanted` hertz."""
    from scipy.signal import resample_poly  # here: scipy is heavy, and most commands do without

    common = math.gcd(rate, wanted)
    return np.asarray(resample_poly(samples, wanted // common, rate // common))


def _scipy(content: bytes) -> tuple[int, NDArray[np.generic]]:
    from scipy.io import wavfile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of chunks with names, tags and the like
        rate, samples = wavfile.read(io.BytesIO(content))
    return int(rate), np.asarray(samples)


def _check_whole(path: Path, content: bytes) -> None:
    """Raise `InputError` if there are no samples, or fewer than announced: SciPy takes what there is."""
    order = ">" if content[:4] == b"RIFX" else "<"
    at, formed = 12, False
    while at + 8 <= len(content):
        name, size = content[at : at + 4], struct.unpack_from(f"{order}I", content, at + 4)[0]
        present = len(content) - at - 8
        if name == b"fmt ":
            if present < size <= _FORM:
                raise InputError(f"{path}: is cut off before its sound begins; copy it again, or remove it")
            formed = True
        if name == b"data":
            if not formed:
                raise InputError(
                    f"{path}: is damaged, it does not say how its samples are written; copy it again, or "
                    "remove it"
                )
            if present < size < _STREAMED:
                raise InputError(
                    f"{path}: is cut off: {present} bytes of sound of the {size} announced; copy it again, "
                    "or remove it"
                )
            return
        at += 8 + size + size % 2
    raise InputError(
        f"{path}: is damaged or incomplete: no sound begins in its {len(content)} bytes; copy it again, or "
        "remove it"
    )
