"""The state of a search for a small case: what may still be spent, and the smallest that differs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import islice

import numpy as np
import numpy.typing as npt

from snnc.batches import batch_size
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph
from snnc.verification.shrinking.cases import Case, Spikes

FirstSteps = Callable[[QuantizedGraph, Spikes], npt.NDArray[np.intp]]
"""Runs both executors on uint8 [samples, T, inputs], in a row; gives for each sample the first step in which
a u, v or spike differs, T if none does. Where one of the two cannot run that graph, that is T for all."""


class SpentError(Exception):
    """The runs or the seconds are used up."""


class Search:
    """The smallest case so far, and what may still be spent.

    `step` is the first step in which `best` differs. `sure` is the last that differed in a run of its own;
    where samples are `batched`, one before it in the batch may be to blame.
    """

    def __init__(self, first_steps: FirstSteps, runs: int, seconds: float) -> None:
        self._first_steps, self._most, self._seconds = first_steps, runs, seconds
        self._end = time.monotonic() + seconds
        self._quickest = 0.0
        self.runs = 0
        self.batched = True
        self.best: Case | None = None
        self.sure: Case | None = None
        self.step = 0
        # What agreed once is not run again, so that the last look whether anything can go is cheap.
        self._agreed: set[tuple[str, bytes]] = set()

    @property
    def at_once(self) -> int:
        """How many inputs of the best case's graph may be tried in one run."""
        assert self.best is not None
        single = self.batched and len(self.best.inputs) == 1
        return batch_size(self.best.graph) if single else 1

    def take(self, case: Case) -> bool:
        """Whether `case` is another than the best, and differs; then it is the best."""
        if self.best is not None and case.same_as(self.best):
            return False
        return self.take_one(case.graph, [case.inputs]) is not None

    def take_one(self, graph: QuantizedGraph, inputs: Iterable[Spikes], at_once: int = 1) -> int | None:
        """Make the best of those `inputs` of `graph` that differ in the first run in which any does.

        Of several in a run, it is one with the fewest events. Returns its number.
        """
        name = graph_hash(graph)
        new = ((number, each) for number, each in enumerate(inputs) if (name, _key(each)) not in self._agreed)
        while batch := list(islice(new, at_once)):
            if len(batch) == 1:
                steps = self._run(graph, batch[0][1]).min(keepdims=True)
            else:
                steps = self._run(graph, np.concatenate([each for _, each in batch]))
            differing = np.flatnonzero(steps < graph.time_steps).tolist()
            if differing:
                at = min(differing, key=lambda at: np.count_nonzero(batch[at][1]))
                self.best, self.step = Case(graph, batch[at][1]), int(steps[at])
                if len(batch) == 1:
                    self.sure = self.best
                return batch[at][0]
            self._agreed.update((name, _key(each)) for _, each in batch)
        return None

    def confirm(self, *, bounded: bool = True) -> bool:
        """Whether the best case, if there is one, differs in a run of its own."""
        if self.best is self.sure:
            return True
        assert self.best is not None
        if not (self._run(self.best.graph, self.best.inputs, bounded) < self.best.graph.time_steps).any():
            return False
        self.sure = self.best
        return True

    def forget(self) -> None:
        """Start again, each sample in a run of its own."""
        self.batched, self.best = False, None
        self._agreed.clear()

    def _run(self, graph: QuantizedGraph, inputs: Spikes, bounded: bool = True) -> npt.NDArray[np.intp]:
        if bounded and self.runs >= self._most:
            raise SpentError(f"{self._most} runs were made")
        began = time.monotonic()
        # One more is needed to confirm what showed in a batch.
        needed = self._quickest * (1 if self.best is self.sure else 2)
        if bounded and began + needed >= self._end:
            raise SpentError(f"{self._seconds:g} s were used up")
        self.runs += 1
        steps = self._first_steps(graph, inputs)
        took = time.monotonic() - began
        self._quickest = took if self.runs == 1 else min(took, self._quickest)
        return steps


def _key(inputs: Spikes) -> bytes:
    return sha256(repr(inputs.shape).encode() + inputs.tobytes()).digest()
