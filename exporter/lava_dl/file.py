"""The content of a network file of lava-dl -> the fields of its layers, each checked before it is read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import h5py
import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.io import hdf5_checks, hdf5_guard
from snnc.io.hdf5_checks import Refuse
from snnc.io.regular import most_unpacked
from snnc.stages.chain import LAYER_LIMIT
from snnc.text import quoted

LAYERS, NEURON = "layer", "neuron"
UNUSED = "simulation"
"""The one other member of such a file; by the description of the format it is no part of the network."""
NUMBER_LIMIT = 1 << 26
"""Most numbers in a file: each takes some 20 bytes while the network is made."""

Value = str | npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """The data sets of one layer, and those of its `neuron` group: texts, and arrays of numbers."""

    number: int
    values: Mapping[str, Value]
    neuron: Mapping[str, Value] | None


def read_layers(data: bytes) -> tuple[Layer, ...]:
    """The layers of a file, in order.

    Raises
    ------
    InputError
        If the file is damaged or too large, or holds anything that is no layer. It does not name the file.
    """
    hdf5_guard.check(data, lambda problem: _refuse(f"{problem}; write it again"))
    with hdf5_checks.damage(_refuse), h5py.File(io.BytesIO(data), "r") as file:
        hdf5_checks.check_own(file, _refuse)
        _check_size(file, most_unpacked(len(data)))
        for name in file:
            if name not in (LAYERS, UNUSED):
                _refuse(f"holds {quoted(name)} beside {LAYERS!r}, whose meaning is unknown; remove it")
        return _layers(file[LAYERS])


def _layers(group: h5py.Group) -> tuple[Layer, ...]:
    names = list(group) if isinstance(group, h5py.Group) else []
    if not names:
        _refuse("has no layers, which stand as groups 0, 1, 2, ... in the group 'layer'")
    if len(names) > LAYER_LIMIT:
        _refuse(f"has {len(names)} layers, the limit is {LAYER_LIMIT}; use fewer")
    expected = [str(number) for number in range(len(names))]
    if set(names) != set(expected):
        strange = min(set(names) - set(expected))
        _refuse(f"has {len(names)} layers, one of which is called {quoted(strange)}; number them from 0")
    return tuple(_layer(int(name), group[name]) for name in expected)


def _layer(number: int, group: object) -> Layer:
    where = f"layer {number}"
    if not isinstance(group, h5py.Group):
        _refuse(f"{where}: is a data set, expected a group of the layer's fields")
    neuron = group.get(NEURON)
    if neuron is not None and not isinstance(neuron, h5py.Group):
        _refuse(f"{where}: {NEURON!r} is a data set, expected a group of the neuron's parameters")
    fields = {name: item for name, item in group.items() if name != NEURON}
    return Layer(
        number,
        {name: _value(where, name, item) for name, item in fields.items()},
        None
        if neuron is None
        else {name: _value(f"{where}, {NEURON}", name, item) for name, item in neuron.items()},
    )


def _value(where: str, name: str, item: object) -> Value:
    """A text, or an array of numbers."""

    def refuse(problem: str) -> NoReturn:
        _refuse(f"{where}: {quoted(name)} {problem}")

    if isinstance(item, h5py.Group):
        if name == "weight" and {"real", "imag"} & set(item):
            refuse("is complex, the contract has real synapses only; use neurons without a phase (CUBA)")
        refuse("is a group, whose meaning is unknown; remove it")
    if not isinstance(item, h5py.Dataset) or item.shape is None:
        refuse("holds no value; write the file again")
    if item.dtype.kind in "fiub":
        return np.asarray(item[()])
    if item.dtype.kind in "SO" and item.size == 1:
        return _text(item, refuse)
    return refuse(f"is {item.dtype} of shape {item.shape}, expected numbers or one text")


def _text(item: h5py.Dataset, refuse: Refuse) -> str:
    found = np.asarray(item[()]).reshape(-1)[0]
    if not isinstance(found, bytes):
        refuse("is neither a text nor a number; write the file again")
    return found.decode(errors="replace")


def _check_size(file: h5py.File, most: int) -> None:
    """Raise unless all arrays together are within the limits: a small file may declare huge ones."""
    size = count = 0

    def add(_: str, item: h5py.Group | h5py.Dataset) -> None:
        nonlocal size, count
        if isinstance(item, h5py.Dataset) and item.shape is not None:
            size += item.size * item.dtype.itemsize
            count += item.size

    file.visititems(add)
    if size > most:
        _refuse(f"its arrays unpack to {size} bytes, more than the {most} allowed")
    if count > NUMBER_LIMIT:
        _refuse(f"holds {count} numbers, the limit is {NUMBER_LIMIT}; use a smaller network")


def _refuse(problem: str) -> NoReturn:
    raise InputError(problem)
