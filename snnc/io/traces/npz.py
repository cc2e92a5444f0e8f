"""Traces as npz: what `snnc run -o` writes, and what anybody with numpy can.

`docs/traces.md` lists the arrays. All of them are read at once.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.io import files
from snnc.io.traces.base import OfGraph, variables_of
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import QuantizedGraph, Trace, check_input
from snnc.stages.population import LIF

LETTERS = {"u": "u", "w": "w", "v": "v", "spikes": "s"}
IGNORED = ("classes", "scores", "class_names")
"""What is decoded: of a chain, or with a number behind it of each readout of another graph."""
HEAD = (
    *("graph_hash", "semantics_version", "names", "executor", "first_step", "samples", "input"),
    *(*IGNORED, "seconds"),
)


def write_npz(
    path: Path,
    graph: QuantizedGraph,
    inputs: npt.NDArray[np.uint8],
    classes: Sequence[npt.NDArray[np.int64]],
    traces: Sequence[Trace],
) -> None:
    """The `traces` of consecutive samples, their `inputs` uint8 [samples, T, inputs] and decoded `classes`.

    `classes` are int64 [samples] of each readout. Of a chain they are called `classes`, and its readout has
    spikes, all of them 0; of another graph `classes_0`, `classes_1`, ..., and what a model lacks is left out.

    Raises
    ------
    InputError
        If `path` cannot be written.
    """
    names = ["classes"] if graph.is_chain else [f"classes_{number}" for number in range(len(classes))]
    arrays: dict[str, Any] = {
        "graph_hash": graph_hash(graph),
        "semantics_version": semantics_version(graph),
        "executor": traces[0].executor,
        "input": inputs,
        **dict(zip(names, classes, strict=True)),
    }
    for index, population in enumerate(graph.stateful):
        has = variables_of(LIF if graph.is_chain else population.model)
        for name in has:
            whole = np.concatenate([getattr(trace.layers[index], name) for trace in traces])
            arrays[f"{LETTERS[name]}_{index}"] = whole.view(np.uint8) if name == "spikes" else whole
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    files.write_file(path, buffer.getvalue())


class NpzTrace(OfGraph):
    """A trace of `graph` in memory.

    Raises
    ------
    TraceFileError
        If it is of another network or version, holds an array that is unknown, of another shape or with
        values that no such variable has, or none at all.
    InputError
        If the file cannot be read.
    """

    def __init__(self, path: Path, graph: QuantizedGraph) -> None:
        from snnc.io.npz import read_npz

        super().__init__(path, graph)
        self._arrays = read_npz(path)
        self._check_head()
        known = {
            f"{letter}_{index}": (letter, index)
            for index in range(len(self.layers))
            for variable, letter in LETTERS.items()
            if variable != "w" or "w" in self.computed(index)
        }
        found = [name for name in self._arrays if name in known]
        numbered = {f"{name}_{number}" for name in IGNORED for number in range(len(graph.readouts))}
        if strange := sorted(set(self._arrays) - set(known) - set(HEAD) - numbered):
            self._refuse(f"array '{strange[0]}' is unknown; there are {', '.join((*HEAD, *known))}")
        if not found:
            self._refuse("holds neither u, v nor spikes of any layer (u_0, v_0, s_0, ...)")
        self.samples = self._sample_numbers(found[0])
        for name in found:
            letter, index = known[name]
            self._arrays[name] = self._checked(name, letter, self.neurons[index])
        if "input" in self._arrays:
            try:
                self._arrays["input"] = check_input(graph, self._arrays["input"])
            except StageError as error:
                self._refuse(str(error))
            if len(self._arrays["input"]) != len(self.samples):
                self._refuse(f"input has {len(self._arrays['input'])} samples, '{found[0]}' has {len(self)}")

    def close(self) -> None:
        """All was read at once; nothing is open."""

    def holds(self, layer: int, variable: str) -> bool:
        return f"{LETTERS[variable]}_{layer}" in self._arrays

    def read(
        self, layer: int, variable: str, rows: slice, steps: slice = slice(None)
    ) -> npt.NDArray[np.int32 | np.bool_]:
        return self._arrays[f"{LETTERS[variable]}_{layer}"][rows, steps]

    @property
    def has_input(self) -> bool:
        return "input" in self._arrays

    def read_input(self, rows: slice) -> npt.NDArray[np.uint8]:
        return self._arrays["input"][rows]

    def _check_head(self) -> None:
        found = self._scalar("graph_hash", "U")
        if found != self.graph_hash:
            self._refuse(f"is of another network (graph_hash {str(found)[:12]!a}...) than the artifact")
        version = self._scalar("semantics_version", "iu")
        if version != (expected := semantics_version(self.graph)):
            self._refuse(f"semantics_version is {version}, that of the network is {expected}")
        names = [str(each) for each in self._arrays.get("names", np.array(self.layers)).flat]
        if names != [*self.layers]:
            told = ascii(", ".join(names)[:80])[1:-1]
            self._refuse(f"names are {told}; those of the network are {', '.join(self.layers)}")
        self.executor = str(self._scalar("executor", "U")) if "executor" in self._arrays else "npz"
        if not self.executor.isprintable():
            self._refuse(f"executor is {self.executor!a}, which cannot be printed")
        self.first = int(self._scalar("first_step", "iu")) if "first_step" in self._arrays else 0

    def _scalar(self, name: str, kinds: str) -> Any:
        value = self._arrays.get(name)
        if value is None or value.ndim or value.dtype.kind not in kinds:
            what = "a string" if kinds == "U" else "a whole number"
            self._refuse(f"'{name}' is missing or not {what}; the artifact's manifest.json says it")
        return value[()]

    def _sample_numbers(self, name: str) -> npt.NDArray[np.int64]:
        """The numbers of the samples, 0 .. N - 1 unless they are given; N and the steps are as in `name`."""
        shape = self._arrays[name].shape
        if len(shape) != 3 or not shape[0]:
            self._refuse(f"array '{name}' has shape {shape}; [samples, steps, neurons] is expected")
        self.stop = self.first + shape[1]
        if not 0 <= self.first < self.stop <= self.time_steps:
            self._refuse(
                f"array '{name}' holds steps {self.first}:{self.stop}, no window of 0:{self.time_steps}; "
                "say from where with first_step"
            )
        if "samples" not in self._arrays:
            return np.arange(shape[0])
        numbers = self._arrays["samples"]
        if numbers.shape != shape[:1] or numbers.dtype.kind not in "iu":
            self._refuse(
                f"'samples' is {numbers.dtype} {numbers.shape}; whole numbers {shape[:1]} are expected"
            )
        numbers = numbers.astype(np.int64)
        if numbers[0] < 0 or (np.diff(numbers) <= 0).any():
            self._refuse("'samples' must be in rising order and not negative")
        return numbers

    def _checked(self, name: str, letter: str, neurons: int) -> npt.NDArray[np.int32 | np.bool_]:
        array, shape = self._arrays[name], (len(self.samples), self.stop - self.first, neurons)
        if array.shape != shape or array.dtype.kind not in "biu":
            self._refuse(f"array '{name}' is {array.dtype} {array.shape}; whole numbers {shape} are expected")
        lowest, highest = int(array.min()), int(array.max())
        limits = np.iinfo(np.int32)
        least, most = (0, 1) if letter == "s" else (limits.min, limits.max)
        if lowest < least or highest > most:
            self._refuse(f"array '{name}' holds {lowest} .. {highest}, the limits are {least} .. {most}")
        return array.astype(np.bool_ if letter == "s" else np.int32)
