"""What is fuzzed: a reader, sound files, and what alters them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzzing import raw

Mutator = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader.

    `read` is given the file, which has `suffix`, and raises nothing but `SnncError`. `mutator` knows the
    format; None if nothing but bytes is altered.
    """

    name: str
    suffix: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], object]
    mutator: Mutator | None = None

    def case(self, number: int) -> bytes:
        """The content of case `number`, always the same."""
        rng = random.Random(f"{self.name}:{number}")
        data = rng.choice(self.seeds)
        how = rng.random()
        if self.mutator is not None and how < 0.75:
            data = self.mutator(data, rng)
        return raw.mutate(data, rng) if self.mutator is None or how > 0.6 else data
