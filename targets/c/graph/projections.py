"""A projection in C: its synapses as tables, and the function that delivers the events of its source.

Synapses are stored by source: as a list, as a matrix, or as the kernel of a convolution, whose synapses are
never written out. Of a list and a matrix the smaller one is taken. A synapse whose delay is T or longer is
left out: what it delivers would arrive after the last step (contract, clause 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

import numpy as np

from snnc.stages import Convolution, Projection, SynapseList, SynapseMatrix
from snnc.targets.c.tables import (
    Numbers,
    Table,
    Whole,
    numbers,
    size_of,
    smallest_signed,
    smallest_unsigned,
)

EVENTS = """\
    for (uint32_t j = 0u; j < $pre; j++) {
        if (events[j] != 0u) {
$each        }
    }
"""
LIST = """\
            for (uint32_t k = start$number[j]; k < start$number[j + 1u]; k++) {
                arrive$post(s, $target, $delay, $amount);
            }
"""
MATRIX = """\
            for (uint32_t i = 0u; i < $post_neurons; i++) {
${index}                arrive$post(s, i, $delay, $amount);
            }
"""
GRID = """\
    for (uint32_t j = 0u; j < $pre; j++) {
        if (events[j] != 0u) {
            spread$number(s, j / $plane, j / $columns % $rows, j % $columns$given);
        }
    }
"""
INDEX = {
    "list": ("", ""),
    "matrix": ("                const uint32_t k = j * $post_neurons + i;\n\n", ""),
    "kernel": (
        "                    uint32_t k = ((c * $kernel_rows + p) * $kernel_columns + q) * $each;\n",
        "                        k++;\n",
    ),
}
"""How k is found, which is needed where weight or delay is a table, and the next one."""
FUNCTION = """\
static void projection$number(snn_state *s, const uint8_t *events)
{
$body}
"""
SPREAD = """\
/* One event at row y, column x of channel c; the kernel is [channel][row][column][channel of the group]. */
static void spread$number(snn_state *s, uint32_t c, uint32_t y, uint32_t x$event)
{
    for (uint32_t p = 0u; p < $kernel_rows; p++) {
        const uint32_t row = place(y, p, $padding_rows, $stride_rows, $post_rows);

        if (row < $post_rows) {
            for (uint32_t q = 0u; q < $kernel_columns; q++) {
                const uint32_t column = place(x, q, $padding_columns, $stride_columns, $post_columns);

                if (column < $post_columns) {
${index}                    uint32_t i = (c / $channels * $each * $post_rows + row) * $post_columns + column;

                    for (uint32_t o = 0u; o < $each; o++) {
                        arrive$post(s, i, $delay, $amount);
${next}                        i += $post_plane;
                    }
                }
            }
        }
    }
}

"""


@dataclass(frozen=True, slots=True)
class Storage:
    """How synapses are stored.

    `kind`: "list", "matrix" or "kernel". `longest`: the longest delay. `weight`, `delay` and, of a list,
    `target` are read at index k; `tables`: all that this needs.
    """

    kind: str
    longest: int
    weight: Numbers
    delay: Numbers
    target: Numbers
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class ProjectionProgram:
    """A projection that delivers something: `number` in the list of the graph, `source` and `destination`."""

    number: int
    projection: Projection
    storage: Storage
    payload: bool
    """Whether an event may be more than 1."""

    @property
    def bytes(self) -> int:
        """Of its tables."""
        return sum(table.bytes for table in self.storage.tables)

    def text(self, destination: int) -> str:
        """Its tables and functions in C; `destination` is the number of the population."""
        of, synapses, stored = self.projection, self.projection.synapses, self.storage
        amount = stored.weight.text
        if of.weight_exp:
            amount += f" * INT32_C({1 << of.weight_exp})"
        if self.payload:
            amount += " * (int32_t)event" + ("" if stored.kind == "kernel" else "s[j]")
        values = {
            "number": str(self.number),
            "post": str(destination),
            "pre": f"{synapses.pre_neurons}u",
            "post_neurons": f"{synapses.post_neurons}u",
            "amount": amount,
            "event": ", uint8_t event" if self.payload else "",
            "given": ", events[j]" if self.payload else "",
            "delay": stored.delay.text,
            "target": stored.target.text,
        }
        spread = ""
        values |= _geometry(synapses) if isinstance(synapses, Convolution) else {}
        index = INDEX[stored.kind] if stored.tables else ("", "")
        values |= {"index": Template(index[0]).substitute(values), "next": index[1]}
        if isinstance(synapses, Convolution):
            spread, body = Template(SPREAD).substitute(values), Template(GRID).substitute(values)
        else:
            each = Template(LIST if stored.kind == "list" else MATRIX).substitute(values)
            body = Template(EVENTS).substitute(values, each=each)
        head = (
            f"/* Projection {self.number}: {synapses.pre_neurons} to {synapses.post_neurons} neurons, "
            f"{synapses.count} synapses, stored as a {stored.kind}. */\n"
        )
        tables = "".join(f"{table.text}\n" for table in stored.tables)
        return head + tables + spread + Template(FUNCTION).substitute(values, body=body)


def projection_program(
    projection: Projection, number: int, time_steps: int, payload_max: int
) -> ProjectionProgram | None:
    """`projection` in samples of `time_steps`; None if it delivers nothing."""
    synapses = projection.synapses
    if isinstance(synapses, Convolution):
        stored = _kernel(synapses, number, time_steps)
    elif isinstance(synapses, SynapseMatrix):
        stored = _matrix_or_list(synapses, number, time_steps)
    else:
        stored = _list_or_matrix(synapses.as_list(), number, time_steps)
    return None if stored is None else ProjectionProgram(number, projection, stored, payload_max > 1)


def _geometry(of: Convolution) -> dict[str, str]:
    """The numbers of a convolution by their names in `GRID` and `SPREAD`."""
    (_, rows, columns), (out, post_rows, post_columns) = of.grid, of.grid_out
    sizes = {
        "rows": rows,
        "columns": columns,
        "plane": rows * columns,
        "channels": of.kernel.shape[1],
        "each": out // of.groups,
        "kernel_rows": of.kernel.shape[2],
        "kernel_columns": of.kernel.shape[3],
        "padding_rows": of.padding[0],
        "padding_columns": of.padding[1],
        "stride_rows": of.stride[0],
        "stride_columns": of.stride[1],
        "post_rows": post_rows,
        "post_columns": post_columns,
        "post_plane": post_rows * post_columns,
    }
    return {name: f"{size}u" for name, size in sizes.items()}


def _kernel(of: Convolution, number: int, time_steps: int) -> Storage | None:
    down, across = (_reaches(of, axis) for axis in (0, 1))
    weight = np.where((of.delay < time_steps) & down[:, None] & across, of.kernel, 0)
    if not weight.any():
        return None
    delay = np.where(weight, of.delay, 0)
    grouped = (of.groups, -1, *weight.shape[1:])
    weight, delay = (array.reshape(grouped).transpose(0, 2, 3, 4, 1).ravel() for array in (weight, delay))
    return _stored("kernel", number, weight, delay)


def _reaches(of: Convolution, axis: int) -> np.ndarray:
    """bool [kh or kw]: whether an element of the kernel ever lies in a row (`axis` 0) or column of s."""
    extent, stride, padding = of.kernel.shape[2 + axis], of.stride[axis], of.padding[axis]
    at = np.arange(extent, dtype=np.int64) - padding
    first = np.maximum(-(at // stride), 0)  # the first place of the destination that is not before the grid
    found: np.ndarray = (first < of.grid_out[1 + axis]) & (first * stride + at < of.grid[1 + axis])
    return found


def _matrix_or_list(of: SynapseMatrix, number: int, time_steps: int) -> Storage | None:
    weight = np.where(of.delay < time_steps, of.weight, 0).T
    present = weight != 0
    count = int(np.count_nonzero(present))
    if count == 0:
        return None
    delay = np.where(present, of.delay.T, 0)
    values = weight[present], delay[present]
    if _matrix_bytes(weight.size, *values) <= _list_bytes(of.pre_neurons, of.post_neurons, *values):
        return _stored("matrix", number, weight.ravel(), delay.ravel(), only=values[1])
    pre, post = (each.astype(np.int32) for each in np.nonzero(present))
    return _list(number, pre, post, *values, of.pre_neurons)


def _list_or_matrix(of: SynapseList, number: int, time_steps: int) -> Storage | None:
    kept = of.delay < time_steps
    pre, post, weight, delay = (each[kept] for each in (of.pre, of.post, of.weight, of.delay))
    if len(pre) == 0:
        return None
    twice = ((pre[1:] == pre[:-1]) & (post[1:] == post[:-1])).any()
    size = _matrix_bytes(of.pre_neurons * of.post_neurons, weight, delay)
    if twice or size > _list_bytes(of.pre_neurons, of.post_neurons, weight, delay):
        return _list(number, pre, post, weight, delay, of.pre_neurons)
    filled = np.zeros((2, of.pre_neurons, of.post_neurons), np.int32)
    filled[:, pre, post] = weight, delay
    return _stored("matrix", number, filled[0].ravel(), filled[1].ravel(), only=delay)


def _list(number: int, pre: Whole, post: Whole, weight: Whole, delay: Whole, pre_neurons: int) -> Storage:
    start = np.searchsorted(pre, np.arange(pre_neurons + 1))
    target = numbers(f"target{number}", post, "k")
    return _stored("list", number, weight, delay, target, (Table(f"start{number}", start), *target.tables))


def _stored(
    kind: str,
    number: int,
    weight: Whole,
    delay: Whole,
    target: Numbers | None = None,
    tables: tuple[Table, ...] = (),
    *,
    only: Whole | None = None,
) -> Storage:
    """`only`: the delays of the synapses that are there; where they are equal, all may have theirs."""
    if only is None:
        only = delay[weight != 0]
    weights = numbers(f"weight{number}", weight, "k")
    delays = numbers(f"delay{number}", delay if (only != only[0]).any() else only[:1], "k")
    tables = (*tables, *delays.tables, *weights.tables)
    return Storage(kind, int(only.max()), weights, delays, target or Numbers("0", ()), tables)


def _bytes_each(weight: Whole, delay: Whole, *, constant: bool) -> int:
    """Of weight and delay in tables; `constant`: equal weights need none."""
    one = 0 if constant and (weight == weight[0]).all() else size_of(smallest_signed(*_ends(weight)))
    return one + (0 if (delay == delay[0]).all() else size_of(smallest_unsigned(int(delay.max()))))


def _ends(values: Whole) -> tuple[int, int]:
    return int(values.min()), int(values.max())


def _matrix_bytes(elements: int, weight: Whole, delay: Whole) -> int:
    constant = elements == len(weight)
    return elements * _bytes_each(weight, delay, constant=constant)


def _list_bytes(pre_neurons: int, post_neurons: int, weight: Whole, delay: Whole) -> int:
    count = len(weight)
    each = _bytes_each(weight, delay, constant=True) + size_of(smallest_unsigned(post_neurons - 1))
    return (pre_neurons + 1) * size_of(smallest_unsigned(count)) + count * each
