"""A population in C: the sums that arrive at it, and the function that computes one step of its neurons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import Template

import numpy as np

from snnc import formats
from snnc.stages import Population
from snnc.stages.population import ADLIF, NEW, SUBTRACT, ZERO
from snnc.targets.c.graph.projections import ProjectionProgram
from snnc.targets.c.tables import Numbers, Table, numbers, size_of, smallest_signed

ARRIVE = """\
/* [2] What arrives at a neuron of population $number after `delay` steps. */
static void arrive$number(snn_state *s, uint32_t neuron, uint32_t delay, int32_t amount)
{
    uint32_t row = s->now[$number] + delay;

    if (row >= $slots) {
        row -= $slots;
    }
    s->sum$number[row][neuron] = ($sum_type)(s->sum$number[row][neuron] + amount);
}

"""
FUNCTION = """\
/* Population $number: $neurons neurons, $model. */
${tables}static void population$number(snn_state *s)
{
${pointers}
    for (uint32_t i = 0u; i < $count; i++) {
$take        u[i] = wrap(s, $number, scaled(u[i], $keep_u) + a * 64); /* [3] */
$adapt        v[i] = clip_v(s, $number, scaled(v[i], $keep_v) + u[i]$bias$minus_w); /* [5] */
$spike    }
}
"""
ADAPT = """\
        w[i] = clip_w(s, $number, scaled(w[i], $keep_w) + scaled(v[i], $ka)
            + ((spikes[i] != 0u) ? $kb : 0)); /* [5a] */
"""
BEFORE = "        const int32_t before = w[i];\n\n"
SPIKE = """\
        spikes[i] = ($fires) ? 1u : 0u; /* [6] */
"""
RESET = """\
        if (spikes[i] != 0u) {
            v[i] $reset;
        }
"""


@dataclass(frozen=True, slots=True)
class PopulationProgram:
    """A population that is no input.

    `number`: in the list of those; `first`, `first_w`: its first neuron in the arrays of the state. `into`:
    the projections that lead to it. `sum_type`: of what arrives in one step.
    """

    number: int
    population: Population
    first: int
    first_w: int
    into: tuple[ProjectionProgram, ...]
    sum_type: str

    @property
    def slots(self) -> int:
        """Rows of the ring of sums, one more than the longest delay; 0 if nothing arrives."""
        return max((1 + each.storage.longest for each in self.into), default=0)

    @property
    def ring_bytes(self) -> int:
        return self.slots * self.population.neurons * size_of(self.sum_type)

    @property
    def ring(self) -> str:
        """Its place in `snn_state`."""
        return f"    {self.sum_type} sum{self.number}[{self.slots}][{self.population.neurons}];\n"

    @property
    def arrive(self) -> str:
        """The function by which projections reach it."""
        if not self.slots:
            return ""
        return Template(ARRIVE).substitute(number=self.number, slots=f"{self.slots}u", sum_type=self.sum_type)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Parameters that differ between its neurons."""
        return tuple(table for each in self._parameters.values() for table in each.tables)

    @property
    def text(self) -> str:
        """Its tables and its function."""
        of = self.population
        named = self._parameters
        values = {name: each.text for name, each in named.items()}
        values |= {
            "number": str(self.number),
            "neurons": str(of.neurons),
            "count": f"{of.neurons}u",
            "model": of.model,
            "bias": _plus(named["bias"], of.bias_exp),
            "minus_w": "",
        }
        fills = {"take": self._take(), "adapt": "", "spike": ""}
        if of.model == ADLIF:
            fills["adapt"] = (BEFORE if of.order != NEW else "") + ADAPT
            values["minus_w"] = " - w[i]" if of.order == NEW else " - before"
        if of.spikes:
            fills["spike"] = SPIKE + (RESET if of.reset in (ZERO, SUBTRACT) else "")
            above = f"v[i] > {_shifted(named['threshold'])}"
            values["fires"] = f"(s->step < {of.end}u) && ({above})" if of.end else above
            values["reset"] = "= 0" if of.reset == ZERO else f"-= {_shifted(named.get('reset_by'))}"
        fills = {name: Template(text).substitute(values) for name, text in fills.items()}
        tables = "".join(f"{table.text}\n" for table in self.tables)
        return Template(FUNCTION).substitute(values | fills, tables=tables, pointers=self._pointers())

    def _pointers(self) -> str:
        of = self.population
        arrays = [("int32_t", "u", self.first), ("int32_t", "v", self.first)]
        arrays += [("int32_t", "w", self.first_w)] if of.model == ADLIF else []
        arrays += [("uint8_t", "spikes", self.first)] if of.spikes else []
        lines = [f"    {kind} *const {name} = s->{name} + {first};\n" for kind, name, first in arrays]
        if self.slots:
            lines.append(f"    {self.sum_type} *const sum = s->sum{self.number}[s->now[{self.number}]];\n")
        return "".join(lines)

    def _take(self) -> str:
        """The lines that take a, and empty the sum."""
        bias = _plus(self._parameters["input_bias"], self.population.input_bias_exp)
        if not self.slots:
            return f"        const int32_t a = {bias.removeprefix(' + ').strip() or '0'}; /* [2] */\n\n"
        return f"        const int32_t a = sum[i]{bias}; /* [2] */\n\n        sum[i] = 0;\n"

    @property
    def _parameters(self) -> dict[str, Numbers]:
        of, one = self.population, formats.DECAY_ONE
        arrays = {
            "input_bias": of.input_bias_mant,
            "keep_u": None if of.decay_u is None else one - of.decay_u,
            "keep_w": None if of.decay_w is None else one - of.decay_w,
            "ka": of.ka,
            "kb": of.kb,
            "keep_v": None if of.decay_v is None else one - of.decay_v,
            "bias": of.bias_mant,
            "threshold": of.threshold,
            "reset_by": of.reset_by,
        }
        return {
            name: numbers(f"{name}{self.number}", values, "i")
            for name, values in arrays.items()
            if values is not None
        }


def population_program(
    population: Population,
    number: int,
    first: int,
    first_w: int,
    into: Iterable[tuple[ProjectionProgram, int]],
) -> PopulationProgram:
    """`into`: the projections that lead to it, each with the largest event of its source."""
    pairs = tuple(into)
    sums = sum(
        (
            each.projection.synapses.sums() * (largest << each.projection.weight_exp)
            for each, largest in pairs
        ),
        np.zeros(population.neurons, np.int64),
    )
    most = int(sums.max())
    sum_type = "int32_t" if smallest_signed(-most, most) == "int32_t" else "int16_t"
    programs = tuple(each for each, _ in pairs)
    return PopulationProgram(number, population, first, first_w, programs, sum_type)


def _plus(mantissa: Numbers, exponent: int | None) -> str:
    """` + mantissa << exponent` in C, nothing if it is 0."""
    times = 1 << (exponent or 0)
    if not mantissa.tables:
        value = int(mantissa.text) * times
        return f" + {value}" if value > 0 else f" - {-value}" if value else ""
    return f" + {mantissa.text}" + (f" * INT32_C({times})" if times > 1 else "")


def _shifted(mantissa: Numbers | None) -> str:
    """A mantissa as it is compared with v, or taken from it."""
    if mantissa is None:
        return ""
    if not mantissa.tables:
        return str(int(mantissa.text) << formats.STATE_FRACTION_BITS)
    return f"{mantissa.text} * INT32_C({1 << formats.STATE_FRACTION_BITS})"
