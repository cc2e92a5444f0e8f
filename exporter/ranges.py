"""The range certificate as data: intervals of a, u and v for all input trains (contract, clause 9).

`prove_ranges.py` makes it, `check_ranges.py` checks it against the graph; neither uses the other.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.arrays import frozen
from snnc.errors import ArtifactError, StageError
from snnc.stages import QuantizedGraph

Bounds = npt.NDArray[np.int32]

ARRAYS = ("a_lo", "a_hi", "u_lo", "u_hi", "v_lo", "v_hi")


@dataclass(frozen=True, slots=True)
class LayerRanges:
    """Intervals that one layer does not leave, whatever the input train.

    Attributes
    ----------
    a_lo, a_hi
        int32 [neurons], a of clause 2 in any step.
    u_lo, u_hi
        int32 [rows, neurons], u before the wrap of clause 3. Row t holds in step t, and the last row in
        every later step.
    v_lo, v_hi
        The same for v before the clip of clause 5 and the reset of clause 6.
    """

    layer: str
    a_lo: Bounds
    a_hi: Bounds
    u_lo: Bounds
    u_hi: Bounds
    v_lo: Bounds
    v_hi: Bounds

    def __post_init__(self) -> None:
        rows = np.shape(self.u_lo)
        if len(rows) != 2 or 0 in rows:
            raise StageError(f"{self.layer}: u_lo has shape {rows}, expected [rows, neurons], none zero")
        for name in ARRAYS:
            shape = rows[1:] if name.startswith("a") else rows
            value = frozen(getattr(self, name), np.int32, name=f"{self.layer}: {name}", shape=shape)
            object.__setattr__(self, name, value)

    def worst(self, variable: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Least and largest value of `a`, `u` or `v` over all steps, int64 [neurons]."""
        low, high = (np.atleast_2d(getattr(self, f"{variable}_{end}")) for end in ("lo", "hi"))
        return low.min(axis=0).astype(np.int64), high.max(axis=0).astype(np.int64)


def certificate(ranges: Sequence[LayerRanges]) -> list[dict[str, int | str]]:
    """The worst values of each layer, for the manifest."""
    rows: list[dict[str, int | str]] = []
    for layer in ranges:
        row: dict[str, int | str] = {"layer": layer.layer}
        for variable in ("a", "u", "v"):
            low, high = layer.worst(variable)
            row |= {f"{variable}_min": int(low.min()), f"{variable}_max": int(high.max())}
        rows.append(row)
    return rows


def headroom_bits(row: Mapping[str, int | str]) -> float:
    """How many times u and v of a row of `certificate` could double, rounded down to two digits.

    Below 0 the proof fails.
    """
    reach = (
        (int(row["u_max"]), formats.U_MAX),
        (-int(row["u_min"]), -formats.U_MIN),
        (int(row["v_max"]), formats.V_LIMIT),
        (-int(row["v_min"]), formats.V_LIMIT),
    )
    return math.floor(100 * min(math.log2(limit / max(1, value)) for value, limit in reach)) / 100


def pack_ranges(ranges: Sequence[LayerRanges]) -> bytes:
    """`ranges.npz`: an array `LAYER.NAME` a field, as differences along its first axis, which pack well."""
    arrays = {
        f"{index}.{name}": np.diff(values := getattr(layer, name), axis=0, prepend=0 * values[:1])
        for index, layer in enumerate(ranges)
        for name in ARRAYS
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_ranges(data: bytes, graph: QuantizedGraph, name: str) -> tuple[LayerRanges, ...]:
    """Read what `pack_ranges` wrote for `graph`; `name` is what errors call it.

    Raises
    ------
    ArtifactError
        If it is damaged, or its shapes are not those of the graph.
    """
    neurons = sum(layer.neurons for layer in graph.layers)
    most = len(ARRAYS) * (4 * graph.time_steps * neurons + 1000 * len(graph.layers))  # with headers of arrays
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            if sum(member.file_size for member in members.infolist()) > most:
                raise StageError(f"unpacks to more than {most} bytes")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return tuple(
                _read_layer(archive, index, layer.name, (graph.time_steps, layer.neurons))
                for index, layer in enumerate(graph.layers)
            )
    except Exception as error:  # whatever zipfile or numpy raise on a damaged file means one thing
        raise ArtifactError(f"{name}: damaged ({error}); export the model again") from error


def _read_layer(archive: np.lib.npyio.NpzFile, index: int, name: str, most: tuple[int, int]) -> LayerRanges:
    arrays: list[Any] = [np.cumsum(archive[f"{index}.{field}"], axis=0, dtype=np.int64) for field in ARRAYS]
    found = LayerRanges(name, *arrays)
    rows, neurons = found.u_lo.shape
    if rows > most[0] or neurons != most[1]:
        raise StageError(f"{name}: {rows} steps of {neurons} neurons, the graph has {most[0]} of {most[1]}")
    return found
