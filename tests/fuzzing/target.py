"""What is fuzzed: a reader, sound files, and what alters them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzzing import raw
from fuzzing.special import remove, special

Mutator = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader.

    `read` is given the file, which has `suffix`, and raises nothing but `SnncError`. `mutator` knows the
    format; None if nothing but bytes is altered. `opens`: it opens the file itself, so that a FIFO may lie
    there, a link, or what else is no file; else it is for the content of one.
    """

    name: str
    suffix: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], object]
    mutator: Mutator | None = None
    opens: bool = True

    def case(self, number: int) -> bytes:
        """The content of case `number`, always the same."""
        rng = random.Random(f"{self.name}:{number}")
        data = rng.choice(self.seeds)
        how = rng.random()
        if self.mutator is not None and how < 0.75:
            data = self.mutator(data, rng)
        return raw.mutate(data, rng) if self.mutator is None or how > 0.6 else data

    def put(self, number: int, path: Path) -> None:
        """Case `number` lies at `path`; one of ten is no plain file."""
        rng = random.Random(f"{self.name}:{number}:place")
        if self.opens and rng.random() < 0.1:
            special(path, self.case(number), rng)
        else:
            remove(path)
            path.write_bytes(self.case(number))
