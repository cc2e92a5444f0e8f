"""Render, encode and pack the shipped spoken digits (`trainer/data/digits.npz`).

Needs espeak-ng (Debian and Ubuntu: `apt-get install espeak-ng`) and this package; the data were made with
version 1.52.0. Every draw comes from `SEED`, so two runs with the same espeak-ng, numpy and kind of CPU give
the same bytes.

    python scripts/make_digits.py [--output FILE] [--jobs N] [--voices N]
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError, SnncError
from snnc.trainer.data.cochlea import Cochlea, encode
from snnc.trainer.data.digits import load_digits, pack_digits
from snnc.trainer.data.events import EventDataset

SEED = 20240517
SAMPLE_RATE = 22050  # of espeak-ng
WAV_HEADER = 44  # bytes; `--stdout` cannot seek back, so the sizes in it are dummies
TRIALS = 3  # renderings of each word by each speaker
COCHLEA = Cochlea()
MAX_BYTES = 3_000_000

ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GERMAN = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
ACCENTS = (
    "en-gb",
    "en-us",
    "en-gb-scotland",
    "en-gb-x-rp",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
    "en-us-nyc",
)
VOICES = (
    "adam", "Alex", "Andrea", "Andy", "anika", "Annie", "antonio", "aunty", "belinda", "benjamin",
    "boris", "Denis", "Diogo", "ed", "edward", "f1", "f4", "Gene", "grandma", "grandpa",
    "gustave", "ian", "iven", "m1", "m2", "m3", "m4", "m5", "m7", "Marco",
    "Mario", "Michael", "Nguyen", "norbert", "paul", "pedro", "quincy", "Reed", "steph", "Storm",
)  # fmt: skip
"""Voice variants of espeak-ng; a speaker is a position in this list.

Left out are voices with `breath`, whose noise espeak-ng seeds with the clock, whispers, robots with a long
echo, voices that differ from a listed one in pitch only, and voices whose first or second formant is moved by
more than 35 %.
"""
TEST = tuple(range(4, 40, 5))  # every fifth voice, chosen before anything was trained
VALIDATION = (2, 12, 22, 32)


@dataclass(frozen=True, slots=True)
class Recording:
    """What to say, and how."""

    label: int
    speaker: int
    trial: int
    pitch: int
    speed: int
    seed: int

    def render(self) -> NDArray[np.float64]:
        """[samples] the spoken word without the silence around it."""
        english = self.label < 10
        language = ACCENTS[self.speaker % len(ACCENTS)] if english else "de"
        word = (ENGLISH + GERMAN)[self.label]
        voice = f"{language}+{VOICES[self.speaker]}"
        options = ["-v", voice, "-p", str(self.pitch), "-s", str(self.speed), "--stdout", "--", word]
        wav = subprocess.run(["espeak-ng", *options], check=True, capture_output=True).stdout
        sound = np.frombuffer(wav[WAV_HEADER:], "<i2").astype(np.float64)
        loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max(initial=0.0))
        if not loud.size:
            raise InputError(
                f"espeak-ng rendered {word!r} in voice {voice!r} as silence; install it with its voices"
            )
        margin = SAMPLE_RATE // 50  # 20 ms
        return sound[max(0, loud[0] - margin) : loud[-1] + margin]

    def events(self) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
        """Milliseconds and units of the events, each pair once, and the duration in seconds."""
        sound = self.render()
        steps, units = encode(sound, SAMPLE_RATE, self.seed, COCHLEA)
        milliseconds = steps * 1000 // COCHLEA.rate
        pairs = np.unique(milliseconds * COCHLEA.bands + units)
        return pairs // COCHLEA.bands, pairs % COCHLEA.bands, len(sound) / SAMPLE_RATE


def recordings(voices: int = len(VOICES)) -> list[Recording]:
    """Every rendering, speaker by speaker; a speaker's do not depend on how many speakers there are."""
    plan = []
    for speaker in range(voices):
        rng = np.random.default_rng([SEED, speaker])
        for label in range(len(ENGLISH + GERMAN)):
            for trial in range(TRIALS):
                pitch, speed = rng.integers(30, 76), rng.integers(125, 201)
                plan.append(
                    Recording(label, speaker, trial, int(pitch), int(speed), int(rng.integers(2**32)))
                )
    return plan


def make(plan: list[Recording], jobs: int) -> EventDataset:
    """Render and encode `plan` in `jobs` processes."""
    with ProcessPoolExecutor(jobs) as pool:
        events = list(pool.map(Recording.events, plan, chunksize=20))
    return EventDataset(
        times=np.concatenate([times for times, _, _ in events]).astype(np.uint16),
        units=np.concatenate([units for _, units, _ in events]),
        offsets=np.cumsum([0, *(len(times) for times, _, _ in events)]),
        labels=np.array([r.label for r in plan]),
        speaker=np.array([r.speaker for r in plan]),
        trial=np.array([r.trial for r in plan]),
        duration=np.array([duration for _, _, duration in events]),
        tick_s=1e-3,
        unit_count=COCHLEA.bands,
        class_names=tuple(f"en-{word}" for word in ENGLISH) + tuple(f"de-{word}" for word in GERMAN),
        name="digits",
    )


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="Make the shipped spoken digits with espeak-ng.")
    parser.add_argument("--output", type=Path, default=root / "trainer" / "data" / "digits.npz")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--voices", type=int, default=len(VOICES), help="make the first N speakers only")
    options = parser.parse_args()
    if shutil.which("espeak-ng") is None:
        print("espeak-ng is not installed; on Debian and Ubuntu: apt-get install espeak-ng", file=sys.stderr)
        return 2
    ds = make(recordings(options.voices), options.jobs)
    pack_digits(ds, options.output, VOICES, VALIDATION, TEST)
    check(ds, options.output)
    return 0


def check(ds: EventDataset, path: Path) -> None:
    """Read the file back, compare it event by event, and print what it holds."""
    again = load_digits(path)
    for field in ("times", "units", "offsets", "labels", "speaker", "trial"):
        if not np.array_equal(getattr(again, field), getattr(ds, field)):
            raise InputError(f"{path}: {field} changed in packing")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"{path}: {size} bytes, above the limit of {MAX_BYTES}; raise the cochlea's bias")
    counts = np.diff(ds.offsets)
    print(f"{path}: {size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
    print(f"recordings {len(ds)}; by class {sorted(Counter(ds.labels.tolist()).items())}")
    print(f"by speaker {sorted(Counter(ds.speaker.tolist()).items())}")
    print(f"events a recording: mean {counts.mean():.0f}, least {counts.min()}, most {counts.max()}")
    print(f"seconds: mean {ds.duration.mean():.3f}, most {ds.duration.max():.3f}")
    print(f"steps of 10 ms: {ds.needed_steps(0.01)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (SnncError, subprocess.CalledProcessError) as error:
        print(f"make_digits: {error}", file=sys.stderr)
        sys.exit(2)
