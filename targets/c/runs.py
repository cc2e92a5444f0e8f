"""Compiled programs, each run on many samples in one process, as no trace of a few samples shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.targets.c import compiler

SAMPLES = {"snn": 257, "caller": 65}
"""Of one process, at least: more than a byte counts, and of what takes longer more than 64."""
LARGEST = 1 << 28
"""Bytes of their file, and of what is written of them; large samples are fewer."""
REFUSED = 2
"""Exit status of main.c for an input that it does not take."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The programs `snn`, main.c, and `caller` in `folder`; `scratch` is for files.

    `limit` gives the seconds that are allowed for so many samples.
    """

    folder: Path
    scratch: Path
    limit: Callable[[int], float]

    def call(
        self,
        program: str,
        *options: str,
        samples: int = 1,
        given: Path | None = None,
        out: Path | None = None,
    ) -> str:
        """Run `program`; what it wrote to stdout, if not to `out`. Raises as `compiler.run`."""
        words = [str(self.folder / program), *options]
        # The caller runs two networks.
        return compiler.run(words, self.scratch, self.limit(2 * samples), given=given, out=out)

    def takes(self, sample: bytes) -> bool:
        """Whether main.c runs `sample`, or refuses it. Raises `ExecutorError` if it fails."""
        given, out = self.scratch / "event", self.scratch / "ignored"
        given.write_bytes(sample)
        try:
            self.call("snn", given=given, out=out)
        except compiler.ExitError as error:
            if error.status != REFUSED:
                raise
            return False
        return True

    def rounds(
        self,
        by: str,
        program: str,
        given: bytes,
        shape: tuple[int, int],
        step: np.dtype[Any],
        most: int | None = None,
    ) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """What `program` writes of the samples `given`, over and over in one process; and the first other.

        `shape` is samples, at least one, and steps; `step` is what it writes of one. There are at most `most`
        rounds. Yields who answers, from `by`, and an array of `shape`.

        Raises
        ------
        ExecutorError
            If it fails, takes too long or writes more or less.
        """
        samples, steps = shape
        once = samples * steps * step.itemsize
        count = min(-(-SAMPLES[program] // samples), LARGEST // max(once, len(given)))
        count = max(1, count if most is None else min(count, most))
        path, out = self.scratch / "samples", self.scratch / "answers"
        with path.open("wb") as file:
            for _ in range(count):
                file.write(given)
        if program == "snn":
            self.call(program, given=path, out=out, samples=count * samples)
        else:
            self.call(program, str(path), str(out), samples=count * samples)
        if out.stat().st_size != count * once:
            raise ExecutorError(
                f"c: {by} wrote {out.stat().st_size} bytes of {count * once} ({count * samples} samples)"
            )
        found = np.memmap(out, step, "r", shape=(count, samples, steps))
        first = found[0].tobytes()
        other = next((each for each in range(1, count) if found[each].tobytes() != first), None)
        yield f"{by}, {count * samples} samples", found[0]
        if other is not None:
            begin = other * samples
            yield f"{by}, samples {begin} to {begin + samples - 1} of a run", found[other]


def largest_event(allowed: int, takes: Callable[[int, bool], bool]) -> int:
    """The largest event that main.c takes, of the few that are tried, where `allowed` is the largest it must.

    `takes` is asked with an event, and whether it stands in the last place or the first.
    """
    if not takes(allowed, True):
        return allowed - 1  # or less: what the network may be given is refused
    least = allowed + 1
    for value, last in ((255, True), (255, False), (least, True), (least, False)):
        if least <= value <= 255 and takes(value, last):
            return value
    return allowed
