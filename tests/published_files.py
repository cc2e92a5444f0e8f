"""Tiny files in the true layouts of SHD, SSC and Speech Commands."""

import wave
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

WORDS = ("bed", "yes")


def heidelberg(path: Path, speakers: Sequence[int] | None, seed: int, recordings: int = 12) -> Path:
    """Two classes that differ in which half of the 700 units fires first; `speakers` are dealt round."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        times = file.create_dataset("spikes/times", (recordings,), h5py.vlen_dtype(np.float16))
        units = file.create_dataset("spikes/units", (recordings,), h5py.vlen_dtype(np.uint16))
        for i in range(recordings):
            unit = rng.integers(0, 700, 60)
            late = (unit < 350) == bool(i % 2)
            times[i] = (0.05 * late + rng.uniform(0, 0.05, 60)).astype(np.float16)
            units[i] = unit.astype(np.uint16)
        file["labels"] = (np.arange(recordings) % 2).astype(np.uint16)
        file["extra/keys"] = np.array([b"zero", b"one"])
        if speakers is not None:
            dealt = [speakers[i // 2 % len(speakers)] for i in range(recordings)]
            file["extra/speaker"] = np.array(dealt, np.uint16)
            file["extra/meta_info/gender"] = np.array([b"female", b"male"])
    return path


def shd(folder: Path) -> Path:
    """Training speakers 0, 1, 3 and 9; test speakers 4 and 5."""
    heidelberg(folder / "shd_train.h5", (0, 1, 3, 9), seed=1, recordings=16)
    heidelberg(folder / "shd_test.h5", (4, 5), seed=2, recordings=8)
    return folder


def ssc(folder: Path) -> Path:
    for seed, part in enumerate(("train", "valid", "test")):
        heidelberg(folder / f"ssc_{part}.h5", None, seed, recordings=12 - 4 * (part != "train"))
    return folder


def wav(path: Path, samples: np.ndarray, rate: int = 16000, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 2**14).astype("<i2").tobytes())
    return path


def tone(hertz: float, seconds: float = 0.2, rate: int = 16000) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def gsc(root: Path) -> Path:
    """Four recordings a word: two train, one validates, one tests; and one of noise, which is no word."""
    for number, word in enumerate(WORDS):
        for who in range(4):
            wav(root / word / f"{who + 10:08x}_nohash_{number}.wav", tone(500 * (number + 1) + 20 * who))
    wav(root / "_background_noise_" / "tap.wav", tone(300))
    for name, who in (("validation_list.txt", 2), ("testing_list.txt", 3)):
        lines = [f"{word}/{who + 10:08x}_nohash_{n}.wav" for n, word in enumerate(WORDS)]
        (root / name).write_text("".join(f"{line}\n" for line in lines))
    return root
