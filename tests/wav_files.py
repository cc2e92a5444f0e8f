"""WAV files as bytes, written by hand: the code under test reads them with SciPy."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PCM, FLOAT, MU_LAW = 1, 3, 7


def tone(rate: int = 16_000, hertz: float = 440.0, seconds: float = 0.1) -> NDArray[np.float64]:
    """-1 .. 1, faded in and out."""
    count = round(rate * seconds)
    return np.sin(2 * np.pi * hertz * np.arange(count) / rate) * np.hanning(count)


def packed(samples: NDArray[np.float64], bits: int, kind: int = PCM) -> bytes:
    """`samples`, -1 .. 1, of any channels side by side, as in the data chunk."""
    if kind == FLOAT:
        return samples.astype(f"<f{bits // 8}").tobytes()
    whole = np.rint(samples * (2.0 ** (bits - 1) - 1)).astype(np.int64).ravel()
    if bits == 8:
        return (whole + 128).astype(np.uint8).tobytes()
    return b"".join(int(each).to_bytes(bits // 8, "little", signed=True) for each in whole)


def wav(
    data: bytes,
    rate: int = 16_000,
    bits: int = 16,
    channels: int = 1,
    kind: int = PCM,
    announced: int | None = None,
    before: bytes = b"",
) -> bytes:
    """A file whose data chunk claims `announced` bytes, with the chunks `before` ahead of it."""
    align = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * align & 0xFFFFFFFF, align, bits)
    size = len(data) if announced is None else announced
    body = (
        b"WAVEfmt " + struct.pack("<I", len(form)) + form + before + b"data" + struct.pack("<I", size) + data
    )
    return b"RIFF" + struct.pack("<I", min(len(body), 0xFFFFFFFF)) + body


def write(path: Path, hertz: float = 440.0, rate: int = 16_000, bits: int = 16, seconds: float = 0.1) -> Path:
    """A tone as mono integers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav(packed(tone(rate, hertz, seconds), bits), rate, bits))
    return path
