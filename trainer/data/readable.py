"""Which recordings can be encoded, and why others cannot: all are read, none is encoded."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.refusals import Problem, problem_of
from snnc.trainer.data.wav import Sound, mono, read_sound

COCHLEA = Cochlea()
STEPS = 1 << 16
"""Most steps of a recording: an event's time is kept in 16 bits."""
Progress = Callable[[str, int], Callable[[int], Any]]
"""Called with a text and a number of recordings; what it returns, with how many of them are done."""


def read(path: Path, mix: bool) -> tuple[Sound, NDArray[np.float64]]:
    """The sound of a file, and its only channel or the mean of all.

    Raises `InputError` if it cannot be encoded.
    """
    sound = read_sound(path)
    samples = mono(sound, path, mix)
    # Resampling may add a sample, so a step.
    if math.ceil(len(samples) * COCHLEA.rate / sound.rate) >= STEPS:
        most = math.floor(10 * (STEPS - 1) * COCHLEA.step_s) / 10  # rounded to the nearest, it is refused
        raise InputError(
            f"{path}: lasts {sound.seconds:.1f} s, at most {most:.1f} s are encoded; cut it into pieces"
        )
    if np.ptp(samples) == 0.0:
        if np.ptp(sound.samples, axis=0).any():
            raise InputError(
                f"{path}: the mean of its channels is silent, they cancel out; convert one to mono"
            )
        raise InputError(f"{path}: is silent, all its samples are equal; record it again, or remove it")
    return sound, samples


def why(path: Path, error: InputError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return f"{path}: takes more memory than is free; cut it into pieces, or free memory"
    return str(error)


def not_encoded(paths: Sequence[Path], mix: bool, progress: Progress | None = None) -> list[Problem]:
    """Why some of the recordings `paths` cannot be encoded: all are read, which is quick, none is encoded."""
    done = progress("reading", len(paths)) if progress else lambda number: None
    problems = []
    for number, path in enumerate(paths, 1):
        try:
            read(path, mix)
        except (InputError, MemoryError) as error:
            problems.append(problem_of(path, why(path, error)))
        done(number)
    return problems
