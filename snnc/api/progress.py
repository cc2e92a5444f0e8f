"""What a long call is at, in lines."""

from __future__ import annotations

import re

OF_ALL = re.compile(r"\d+\.\.\d+ of (?=\d)")
"""Before a number of samples: which of them a batch has."""


class Lines:
    """Prints a message if it is new: so a line for each executor and each other step.

    Executors run batch by batch, which would be a line each: a group of inputs is told when the first of it
    run, with how many it has. So "c: golden 8, input 400", whatever the batches, and then "c: generated 16".
    """

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._seen = set[tuple[str, str]]()

    def __call__(self, message: str) -> None:
        start, colon, rest = message.partition(": ")
        parts = [((start, part.partition(" ")[0]), part) for part in OF_ALL.sub("", rest).split(", ")]
        new = [part for key, part in parts if key not in self._seen]
        self._seen |= {key for key, _ in parts}
        if self._verbose and new:
            print(f"{start}{colon}{', '.join(new)}", flush=True)
