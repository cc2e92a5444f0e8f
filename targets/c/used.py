"""What users do with an exported C program beside tracing a few samples from a file, run and put in words.

main.c reads standard input, over many samples in one process; it refuses events above SNN_PAYLOAD_MAX; snn.h
tells of the network; and `caller.c` calls the network as a program for a device does, and asks it for its
class after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Answer, QuantizedGraph
from snnc.stages.trace import Fact
from snnc.targets.c import compiler

PROGRAM = "the C program"
CALLER = "caller.c"
SAMPLES = {"snn": 257, "caller": 65}
"""Of one process, at least: more than a byte counts, and of what takes longer more than 64."""
LARGEST = 1 << 28
"""Bytes of their file, and of what is written of them; large samples are fewer."""
TOLD = {"layers", "neurons", "inputs", "classes", "time_steps", "payload_max", "bin_s", "readout_scale"}
"""What `caller.c` prints of snn.h."""
REFUSED = 2
"""Exit status of main.c for an input that it does not take."""


def caller(flags: list[str], folder: Path) -> list[str]:
    """Write `caller.c` into `folder`, and how to compile it there."""
    text = files("snnc.targets.c").joinpath(CALLER).read_bytes()
    (folder / CALLER).write_bytes(text)
    return [*flags, "snn.c", CALLER, "-o", "caller", "-lm"]


def time_limit(graph: QuantizedGraph, samples: int) -> float:
    """Seconds allowed: some hundred times what a run takes if every source spikes in every step."""
    work = sum(layer.weight.size + 9 * layer.neurons for layer in graph.layers)
    return 60.0 + 2e-7 * work * samples * graph.time_steps


@dataclass(frozen=True, slots=True)
class Used:
    """The compiled programs `snn` and `caller` in `folder`; `scratch` is for files."""

    folder: Path
    scratch: Path
    seconds: float | None

    def answers(
        self, graph: QuantizedGraph, spikes: npt.NDArray[np.uint8], readout: npt.NDArray[np.int32]
    ) -> Iterator[Answer]:
        """What all of that answers on `spikes` [samples, T, inputs], at least one, whose trace has `readout`.

        Raises
        ------
        ExecutorError
            If a program fails, takes too long or writes other than it must.
        """
        yield Answer("snn.h", facts=read_facts(self._call(graph, "caller")))
        largest = self._largest_event(graph)
        yield Answer("main.c, the largest event that it takes", facts={"payload_max": largest})
        classes = readout.shape[2]
        plain = np.dtype([("v", "<i4", (classes,))])
        called = np.dtype([("v", "=i4", (classes,)), ("scores", "=f8", (classes,)), ("class", "=i4")])
        for by, program, dtype in (
            ("main.c from standard input", "snn", plain),
            ("snn_step, snn_readout and snn_class", "caller", called),
        ):
            yield from self._rounds(graph, spikes, by, program, dtype)

    def _rounds(
        self,
        graph: QuantizedGraph,
        spikes: npt.NDArray[np.uint8],
        by: str,
        program: str,
        dtype: np.dtype[Any],
    ) -> Iterator[Answer]:
        """The answer of `program` to `spikes`, given over and over in one process; and the first other."""
        samples = len(spikes)
        once = samples * graph.time_steps * dtype.itemsize
        rounds = max(1, min(-(-SAMPLES[program] // samples), LARGEST // max(once, spikes.size)))
        given, out = self.scratch / "samples", self.scratch / "answers"
        with given.open("wb") as file:
            for _ in range(rounds):
                file.write(np.ascontiguousarray(spikes).tobytes())
        if program == "snn":
            self._call(graph, program, given=given, out=out, samples=rounds * samples)
        else:
            self._call(graph, program, str(given), str(out), samples=rounds * samples)
        if out.stat().st_size != rounds * once:
            raise ExecutorError(
                f"c: {by} wrote {out.stat().st_size} bytes of {rounds * once} ({rounds * samples} samples)"
            )
        found = np.memmap(out, dtype, "r", shape=(rounds, samples, graph.time_steps))
        first = found[0].tobytes()
        other = next((each for each in range(1, rounds) if found[each].tobytes() != first), None)
        yield _answer(f"{by}, {rounds * samples} samples", found[0])
        if other is not None:
            begin = other * samples
            yield _answer(f"{by}, samples {begin} to {begin + samples - 1} of a run", found[other])

    def _largest_event(self, graph: QuantizedGraph) -> int:
        """The largest event that main.c takes, of the few that are tried."""
        least = graph.payload_max + 1
        last = graph.time_steps * graph.inputs - 1
        if not self._takes(graph, graph.payload_max, last):
            return graph.payload_max - 1  # or less: what the network may be given is refused
        for value, place in ((255, last), (255, 0), (least, last), (least, 0)):
            if least <= value <= 255 and self._takes(graph, value, place):
                return value
        return graph.payload_max

    def _takes(self, graph: QuantizedGraph, value: int, place: int) -> bool:
        """Whether main.c runs a sample whose only event is `value`."""
        sample = np.zeros(graph.time_steps * graph.inputs, np.uint8)
        sample[place] = value
        given, out = self.scratch / "event", self.scratch / "ignored"
        given.write_bytes(sample.tobytes())
        try:
            self._call(graph, "snn", given=given, out=out)
        except compiler.ExitError as error:
            if error.status != REFUSED:
                raise
            return False
        return True

    def _call(
        self,
        graph: QuantizedGraph,
        program: str,
        *options: str,
        samples: int = 1,
        given: Path | None = None,
        out: Path | None = None,
    ) -> str:
        limit = self.seconds or time_limit(graph, 2 * samples)  # the caller runs two networks
        words = [str(self.folder / program), *options]
        return compiler.call(words, self.scratch, limit, PROGRAM, given=given, out=out)


def _answer(by: str, found: npt.NDArray[Any]) -> Answer:
    if found.dtype.names == ("v",):
        return Answer(by, found["v"])
    return Answer(by, found["v"], scores_so_far=found["scores"], classes_so_far=found["class"])


def read_facts(text: str) -> dict[str, Fact]:
    """What `caller.c` says of snn.h. Raises `ExecutorError` unless it is all of `TOLD`, each a number."""
    real: dict[str, Callable[[str], Fact]] = {"bin_s": float.fromhex, "readout_scale": float.fromhex}
    try:
        told = dict(line.split() for line in text.splitlines())
        found = {name: real.get(name, int)(value) for name, value in told.items()}
    except ValueError as error:
        raise ExecutorError(
            f"c: {CALLER} prints a line that is not a name and a number from snn.h ({error})"
        ) from error
    if found.keys() != TOLD:
        raise ExecutorError(
            f"c: {CALLER} prints {', '.join(found)} from snn.h, expected {', '.join(sorted(TOLD))}"
        )
    return found
