"""The range certificate as data: intervals of a, u, v and w for all input trains (contract, clause 9).

`prove.py` makes it, `check.py` checks it against the graph; neither uses the other. What
follows is all that a checker needs to know, with `docs/semantics.md`.

**File.** An npz archive of an array `INDEX.NAME` for each field below; INDEX counts the populations that are
no input, in the order of the list, from 0. All values are int32. `PopulationRanges` gives shapes. Of `lif`
and `li` an array holds differences along its first axis; the values are their sums from the first on. Of
`adlif`, which has many values, it holds uint8 [4, ...]: the four bytes, lowest first, of 2 d where d >= 0 and
of -2 d - 1 where d < 0. Such d are differences of differences, modulo 2^32.

**Claims.** They hold in every step t of every valid input, with row(t) = min(t, rows - 1):

- a_lo <= a <= a_hi; u before the wrap, v and w before their clips within row(t) of their arrays;
- for each form (p, q): mixed_lo <= p * v + q * w <= mixed_hi in row(t), with v and w after the clips and
  before the reset. The forms of a neuron stand counterclockwise: with (1, 0) before them and (0, 1) between
  their two halves, each is less than half a turn after the one before. |p| + |q| <= 131.

**They hold if** they lead from each step to the next, from u = v = w = 0 and no spike before step 0:

1. A neuron of a spiking population sends in no step before e, the first t with v_hi > vth << 6 in row(t), if
   e is before its population's end E; else never. An input line has e = 0. The sums of clause 2 in step t run
   over the synapses with e + D <= t < E + D: of those below 0 for the lower end, of those above 0 for the
   upper, times the largest payload of an input. `input_bias` is added to both.
2. u, from the ends of a and of the u of the step before, by clauses 3 and 4. Where the claim goes beyond
   -2^23 + 1 .. 2^23, the u of that step is all of this range for what follows.
3. v of `lif` and `li`, from the ends of u and of the v of the step before, after clip and reset. Before E,
   values above vth << 6 are reset and those up to it stay; what follows starts from the interval that holds
   both.
4. `adlif`: take the polygon of the step t - 1, given by the clipped v and w and the forms. Cut it into v <=
   vth << 6, where S = 0, and v >= (vth << 6) + 1, where S = 1; if t - 1 >= E, all of it has S = 0. For each
   part that is not empty apply the reset, then clause 5a with S and any u of the claim of step t. This must
   lie within the claims of step t, where a bound may be taken from either of

   - intervals: the least and largest v and w of the part, and clauses 4 and 5a on these ends; where v' takes
     w' it takes that of the same part, by the narrower of both bounds, clipped;
   - forms: with g = q - p if the order is new and g = q if it is old, A = p (4096 - dv) + g ka, and
     B = g (4096 - dw), less 4096 p if the order is old: p v' + q w' is at most

         floor((M + 4096 (p u + p bias + g S kb) + 4095 (|p| + 2 |g|)) / 4096)

     where M is the largest A v + B w of the part, rounded down: v and w from before the reset, less
     A (r << 6) if S = 1 and the reset subtracts; the largest B w if S = 1 and it is to zero. 4095 / 4096 is
     how much each of the three products of `decay` and `scale` may round. v' and w' are forms, too. This
     holds for v' and the forms only where w' (by the narrower of both bounds) is not clipped, and for the
     forms only where v' is not clipped either. What the claims of v and w, clipped, say of a form is true
     of it.

   The part may be taken as all *real* points that the claims leave: the prover rounds what it concludes from
   them up, so its claims are no narrower than what follows from these points.
5. Rows: a certificate has fewer than T only if the sums of all steps from rows - 1 on are the same, and every
   end before T of the populations in one cycle (or of the one alone) is at most rows - 1, or of an `adlif`,
   in whose w a spike acts a step later, rows - 2. Then the last row has to lead to itself, too.

**They exclude overflow** if u is within -2^23 + 1 .. 2^23 and v and w within -(2^23 - 1) .. 2^23 - 1
everywhere.
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
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import ADLIF, INPUT

Bounds = npt.NDArray[np.int32]

ARRAYS = ("a_lo", "a_hi", "u_lo", "u_hi", "v_lo", "v_hi")
ADAPTATION = ("w_lo", "w_hi", "forms", "mixed_lo", "mixed_hi")
"""Arrays of an `adlif` population beside these."""
FORM_LIMIT = 64
"""Most forms of a certificate: a damaged one must not fill the memory."""
BY_STEP = {name for name in (*ARRAYS, *ADAPTATION) if name[0] in "uvwm"}
"""Of which each step, or row, has its own."""


@dataclass(frozen=True, slots=True)
class PopulationRanges:
    """Intervals that one population does not leave, whatever the input train.

    Attributes
    ----------
    a_lo, a_hi
        int32 [neurons], a of clause 2 in any step.
    u_lo, u_hi
        int32 [rows, neurons], u before the wrap of clause 3. Row t holds in step t, and the last row in
        every later step.
    v_lo, v_hi
        The same for v before the clip of clause 5 and the reset of clause 6.
    w_lo, w_hi
        The same for w before the clip of clause 5a; None unless the model is `adlif`, and so is the rest.
    forms
        int32 [forms, 2, neurons], numbers (p, q) of each form and neuron.
    mixed_lo, mixed_hi
        int32 [rows, forms, neurons], p * v + q * w with v and w after the clip and before the reset.
    """

    population: str
    a_lo: Bounds
    a_hi: Bounds
    u_lo: Bounds
    u_hi: Bounds
    v_lo: Bounds
    v_hi: Bounds
    w_lo: Bounds | None = None
    w_hi: Bounds | None = None
    forms: Bounds | None = None
    mixed_lo: Bounds | None = None
    mixed_hi: Bounds | None = None

    def __post_init__(self) -> None:
        rows = np.shape(self.u_lo)
        if len(rows) != 2 or 0 in rows:
            raise StageError(f"{self.population}: u_lo has shape {rows}, expected [rows, neurons], none zero")
        for name, shape in _shapes(rows, 0 if self.forms is None else len(self.forms)).items():
            value = frozen(getattr(self, name), np.int32, name=f"{self.population}: {name}", shape=shape)
            object.__setattr__(self, name, value)

    @property
    def adapts(self) -> bool:
        """Whether it is of an `adlif` population."""
        return self.forms is not None

    @property
    def variables(self) -> str:
        """The states that it bounds, "uv" or "uvw"."""
        return "uvw" if self.adapts else "uv"

    def worst(self, variable: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Least and largest value of `a`, `u`, `v` or `w` over all steps, int64 [neurons]."""
        low, high = (np.atleast_2d(getattr(self, f"{variable}_{end}")) for end in ("lo", "hi"))
        return low.min(axis=0).astype(np.int64), high.max(axis=0).astype(np.int64)


def _shapes(rows: tuple[int, ...], forms: int) -> dict[str, tuple[int, ...]]:
    """Of each array, where u_lo is of the shape `rows`; without `forms`, of those that every model has."""
    steps, neurons = rows
    shapes = {name: rows if name in BY_STEP else (neurons,) for name in ARRAYS}
    if not forms:
        return shapes
    mixed = (steps, forms, neurons)
    values = (rows, rows, (forms, 2, neurons), mixed, mixed)
    return shapes | dict(zip(ADAPTATION, values, strict=True))


def certificate(ranges: Sequence[PopulationRanges]) -> list[dict[str, int | str]]:
    """The worst values of each population, for the manifest; a population is called "layer" there."""
    rows: list[dict[str, int | str]] = []
    for each in ranges:
        row: dict[str, int | str] = {"layer": each.population}
        for variable in ("a", *each.variables):
            low, high = each.worst(variable)
            row |= {f"{variable}_min": int(low.min()), f"{variable}_max": int(high.max())}
        rows.append(row)
    return rows


def headroom_bits(row: Mapping[str, int | str]) -> float:
    """How many times u, v and w of a row of `certificate` could double, rounded down to two digits.

    Below 0 the proof fails.
    """
    reach = [(int(row["u_max"]), formats.U_MAX), (-int(row["u_min"]), -formats.U_MIN)]
    for variable in "vw" if "w_max" in row else "v":
        reach += [
            (sign * int(row[f"{variable}_{end}"]), formats.V_LIMIT) for sign, end in ((1, "max"), (-1, "min"))
        ]
    return math.floor(100 * min(math.log2(limit / max(1, value)) for value, limit in reach)) / 100


def pack_ranges(ranges: Sequence[PopulationRanges]) -> bytes:
    """`ranges.npz`: an array `INDEX.NAME` a field, as differences, which pack well."""
    arrays = {
        f"{index}.{name}": _in_bytes(getattr(each, name)) if each.adapts else _changes(getattr(each, name))
        for index, each in enumerate(ranges)
        for name in (*ARRAYS, *(ADAPTATION if each.adapts else ()))
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _changes(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.diff(values, axis=0, prepend=0 * values[:1])


def _in_bytes(values: Bounds) -> npt.NDArray[np.uint8]:
    """uint8 [4, ...] of int32 [...]: see the top of this file."""
    change = _changes(_changes(values.view(np.uint32))).view(np.int32)
    folded = ((change << 1) ^ (change >> 31)).astype("<i4")
    return np.moveaxis(folded[..., None].view(np.uint8), -1, 0)


def _of_bytes(data: npt.NDArray[Any], name: str) -> npt.NDArray[np.int32]:
    """Values of what `_in_bytes` made of them. Raises `StageError` if it cannot have."""
    if data.dtype != np.uint8 or data.ndim < 2 or len(data) != 4:
        raise StageError(f"{name} is {data.dtype} {data.shape}, expected uint8, 4 bytes of each number")
    folded = np.ascontiguousarray(np.moveaxis(data, 0, -1)).view("<u4")[..., 0]
    change = (folded >> 1) ^ -(folded & 1)
    return change.cumsum(axis=0, dtype=np.uint32).cumsum(axis=0, dtype=np.uint32).view(np.int32)


def unpack_ranges(data: bytes, graph: QuantizedGraph, name: str) -> tuple[PopulationRanges, ...]:
    """Read what `pack_ranges` wrote for `graph`; `name` is what errors call it.

    Raises
    ------
    ArtifactError
        If it is damaged, or its shapes are not those of the graph.
    """
    populations = [each for each in graph.populations if each.model != INPUT]
    most = sum(_largest(each, graph.time_steps) for each in populations)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            if sum(member.file_size for member in members.infolist()) > most:
                raise StageError(f"unpacks to more than {most} bytes")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return tuple(
                _read(archive, index, each, graph.time_steps) for index, each in enumerate(populations)
            )
    except Exception as error:  # whatever zipfile or numpy raise on a damaged file means one thing
        raise ArtifactError(f"{name}: damaged ({error}); export the model again") from error


def _largest(of: Population, steps: int) -> int:
    """Bytes that its arrays may take, with the headers of the file."""
    arrays = len(ARRAYS)
    if of.model == ADLIF:
        arrays += 2 + 2 * FORM_LIMIT + 2 * FORM_LIMIT
    return arrays * (4 * steps * of.neurons + 1000)


def _read(archive: np.lib.npyio.NpzFile, index: int, of: Population, steps: int) -> PopulationRanges:
    adapts = of.model == ADLIF
    arrays: dict[str, Any] = {}
    for name in (*ARRAYS, *(ADAPTATION if adapts else ())):
        data = archive[f"{index}.{name}"]
        arrays[name] = (
            _of_bytes(data, f"{index}.{name}") if adapts else np.cumsum(data, axis=0, dtype=np.int64)
        )
    found = PopulationRanges(of.name, **arrays)
    rows, neurons = found.u_lo.shape
    if rows > steps or neurons != of.neurons:
        raise StageError(
            f"{of.name}: {rows} steps of {neurons} neurons, the graph has {steps} of {of.neurons}"
        )
    return found
