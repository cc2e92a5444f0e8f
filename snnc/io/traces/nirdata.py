"""Traces as NIRData: observables of the nodes of an artifact's `graph.nir`, as `nir.write_data` writes them.

u and v are in units of one weight step, as in `graph.nir`: the contract's integers divided by 64.
"""

from __future__ import annotations

import math
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.io import hdf5_checks
from snnc.io.traces.base import OfGraph, variables_of
from snnc.io.traces.file import CHUNK_LIMIT, COUNT_LIMIT, SAMPLE_LIMIT, open_hdf5
from snnc.stages import Convolution, QuantizedGraph
from snnc.stages.population import INPUT

STATE_ONE = 1 << formats.STATE_FRACTION_BITS
EVENTS = tuple(map(np.dtype, ("bool", "uint8")))
STATES = tuple(map(np.dtype, ("float64", "float32", "int64", "int32")))
DT_TOLERANCE = 1e-9
"""Relative; a time step that went through other units is the same."""


def is_nirdata(path: Path) -> bool:
    """Whether the HDF5 file at `path` is what `nir.write_data` writes."""
    try:
        with h5py.File(path, "r") as file:
            kind = file.attrs.get("__type__")
    except (OSError, KeyError, RuntimeError, ValueError, TypeError):  # damaged: whoever reads it will say so
        return False
    return isinstance(kind, str) and kind == "NIRGraphData"


class NirDataTrace(OfGraph):
    """An open NIRData file of `graph`.

    NIRData does not say of which network it is: names, shapes and dt must be those of `graph`.

    Raises
    ------
    TraceFileError
        If they are not, or the file is damaged; when an array is read, if its bytes are, or a value is no
        whole number of 1/64.
    """

    def __init__(self, path: Path, graph: QuantizedGraph) -> None:
        super().__init__(path, graph)
        self.executor = "NIRData"
        self._node = node_names(graph)
        found = (each for each in graph.populations if each.model == INPUT)
        self._inputs = {self._node[each.name]: (each.neurons, each.payload_max or 1) for each in found}
        self._file = open_hdf5(path)
        try:
            with self._damage():
                self._held = self._check_arrays()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        self._file.close()

    def holds(self, layer: int, variable: str) -> bool:
        return (self._node[self.layers[layer]], variable) in self._held

    def read(
        self, layer: int, variable: str, rows: slice, steps: slice = slice(None)
    ) -> npt.NDArray[np.int32 | np.bool_]:
        node = self._node[self.layers[layer]]
        values = self._values(node, variable, rows)[:, steps]
        if variable == "spikes":
            return self._events(node, values, 1).astype(np.bool_)
        scaled = values * np.float64(STATE_ONE)
        whole = np.rint(scaled)
        wrong = ~((whole == scaled) & (np.abs(whole) < 2.0**31))  # nan is wrong, too
        if wrong.any():
            sample, step, neuron = np.argwhere(wrong)[0].tolist()
            value = float(values[sample, step, neuron])
            where = f"sample {sample + (rows.start or 0)}, step {step + (steps.start or 0)}, neuron {neuron}"
            self._refuse(
                f"{variable} of {node}, {where} is {value!r}, no whole number of 1/{STATE_ONE} within 32 "
                "bits; give it in units of one weight step, as graph.nir has it"
            )
        return whole.astype(np.int32)

    @property
    def has_input(self) -> bool:
        return bool(self._inputs) and all((node, "spikes") in self._held for node in self._inputs)

    def read_input(self, rows: slice) -> npt.NDArray[np.uint8]:
        parts = [
            self._events(node, self._values(node, "spikes", rows), most).astype(np.uint8)
            for node, (_, most) in self._inputs.items()
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)

    def _events(self, node: str, values: npt.NDArray[Any], most: int) -> npt.NDArray[Any]:
        if (highest := int(values.max(initial=0))) > most:
            self._refuse(f"spikes of {node} are up to {highest}, the limit is {most}")
        return values

    def _values(self, node: str, observable: str, rows: slice) -> npt.NDArray[Any]:
        with self._damage():
            return np.asarray(self._file[_place(node, observable)][rows])

    def _check_arrays(self) -> set[tuple[str, str]]:
        """The (node, observable) that are there, each looked at."""
        nodes = [self._node[name] for name in self.layers]
        sizes = dict(zip(nodes, self.neurons, strict=True))
        possible: dict[str, tuple[str, ...]] = dict.fromkeys(self._inputs, ("spikes",))
        possible |= {
            node: tuple(dict.fromkeys((*variables_of(model), "spikes")))
            for node, model in zip(nodes, self.models, strict=True)
        }
        sizes |= {node: size for node, (size, _) in self._inputs.items()}
        held: set[tuple[str, str]] = set()
        for node in self._names("nodes"):
            if node not in possible:
                self._refuse(f"node {node!a} is not compared; there are {', '.join(possible)}")
            for observable in self._names(f"nodes/{node}/observables"):
                if observable not in possible[node]:
                    names = ", ".join(possible[node])
                    self._refuse(f"observable {observable!a} of {node} is unknown; there are {names}")
                self._check_array(node, observable, sizes[node])
                held.add((node, observable))
        if all(node in self._inputs for node, _ in held):
            self._refuse("holds neither u, v nor spikes of any layer")
        return held

    def _names(self, group: str) -> list[str]:
        return list(self._group(group))

    def _group(self, name: str) -> h5py.Group:
        """Group `name`, which must lie in this very file."""
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            place = "/".join(parts[:depth])
            if not isinstance(self._file.get(place, getlink=True), h5py.HardLink):
                self._refuse(f"group '{place}' is missing, or a link to elsewhere")
        found = self._file[name]
        if not isinstance(found, h5py.Group):
            self._refuse(f"'{name}' is not a group")
        return found

    def _check_array(self, node: str, observable: str, neurons: int) -> None:
        name = _place(node, observable)
        attributes = self._group(name.removesuffix("/data")).attrs
        kind = attributes.get("__type__")
        if kind != "TimeGriddedData":
            self._refuse(f"{observable} of {node} is {kind!a}, expected TimeGriddedData")
        types = EVENTS if observable == "spikes" else STATES
        data = hdf5_checks.dataset(self._file, name, types, self._refuse)
        samples = len(self.samples) or (data.shape[0] if data.ndim == 3 else 0)
        shape = (samples, self.time_steps, neurons)
        if data.shape != shape or not 0 < samples < COUNT_LIMIT:
            self._refuse(
                f"{observable} of {node} has shape {data.shape}; [samples, {self.time_steps}, {neurons}] is "
                "expected, with the same samples in each"
            )
        if (size := 8 * math.prod(shape[1:])) > SAMPLE_LIMIT:
            self._refuse(f"{observable} of {node}: a sample takes {size} bytes, the limit is {SAMPLE_LIMIT}")
        hdf5_checks.check_stored(data, name, CHUNK_LIMIT, self._refuse)
        dt = attributes.get("dt")
        seconds = float(dt) if isinstance(dt, float | np.floating) else math.nan
        if not math.isclose(seconds, self.graph.bin_s, rel_tol=DT_TOLERANCE):
            self._refuse(f"dt of {observable} of {node} is {seconds}; the steps are of {self.graph.bin_s} s")
        self.samples = np.arange(samples)

    def _damage(self) -> AbstractContextManager[None]:
        return hdf5_checks.damage(self._refuse)


def node_names(graph: QuantizedGraph) -> dict[str, str]:
    """The node of each population in `graph.nir`, by name.

    The input of a chain is called "input", a layer NAME_neuron. In another graph a population is called
    populationK_NAME, with K its number in the list, and "_" for what is neither a letter nor a digit.
    """
    if graph.is_chain and not any(isinstance(each.synapses, Convolution) for each in graph.projections):
        return {
            each.name: "input" if each.model == INPUT else f"{each.name}_neuron" for each in graph.populations
        }
    return {
        each.name: re.sub(r"\W", "_", f"population{number}_{each.name}")
        for number, each in enumerate(graph.populations)
    }


def _place(node: str, observable: str) -> str:
    return f"nodes/{node}/observables/{observable}/data"
