"""What a long call is at, in lines."""

from __future__ import annotations


class Lines:
    """Prints a message if its start, up to a colon, is new: so a line for each executor and each other step.

    Executors run batch by batch, which would be a line each: the first says of how many samples it is.
    """

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._seen = set[str]()

    def __call__(self, message: str) -> None:
        start = message.partition(":")[0]
        if self._verbose and start not in self._seen:
            print(message, flush=True)
        self._seen.add(start)
