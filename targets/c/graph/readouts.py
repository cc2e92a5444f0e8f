"""A readout in C: what its decoder keeps of the steps so far, the scores, and the class (clause 7).

`sum`, `max`, `last`, `count` and `first` keep whole numbers and are exact but for the scale. A class is found
by comparing these, unless factors differ between classes or the decoder is `softmax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

import numpy as np

from snnc.stages import Readout
from snnc.stages.readout import OF_SPIKES, SOFTMAX
from snnc.targets.c.graph.populations import PopulationProgram
from snnc.targets.c.strings import strings

LARGEST_STATE = 1 << 23
INT32 = (1 << 31) - 1

STEPS = {
    "softmax": """\
        double part[$classes];
        double top = (double)v[0] * $scale_0;
        double total = 0.0;

        for (uint32_t i = 0u; i < $classes; i++) {
            part[i] = (double)v[i] * $scale;
            if (part[i] > top) {
                top = part[i];
            }
        }
        for (uint32_t i = 0u; i < $classes; i++) {
            part[i] = exp(part[i] - top);
            total += part[i];
        }
        for (uint32_t i = 0u; i < $classes; i++) {
            s->decoded$number[i] += part[i] / total;
        }
""",
    "sum": "s->decoded$number[i] += v[i];",
    "max": """\
if ((s->step == 0u) || (v[i] > s->decoded$number[i])) {
                s->decoded$number[i] = v[i];
            }""",
    "last": "s->decoded$number[i] = v[i];",
    "count": "s->decoded$number[i] += (int32_t)spikes[i];",
    "first": """\
if ((s->decoded$number[i] == 0) && (spikes[i] != 0u)) {
                s->decoded$number[i] = (int32_t)($end - s->step);
            }""",
}
"""What a step does; of softmax all of it, of others what it does for class i."""
EACH = """\
        for (uint32_t i = 0u; i < $classes; i++) {
            $each
        }
"""
FUNCTIONS = """\
/* Readout $number: $decoder of population $population. */
${scales}static void decode$number(snn_state *s)
{
    const $kind *const $array = s->$array + $first;

    if (s->step < $end) {
$body    }
}

static double score$number(const snn_state *s, uint32_t i)
{
    return $score;
}

static uint32_t class$number(const snn_state *s)
{
    uint32_t best = 0u;

    for (uint32_t i = 1u; i < $classes; i++) {
        if ($key_i > $key_best) {
            best = i;
        }
    }
    return best;
}

"""
NAMES = """\
static const char *const names$number[$classes] = {
$names
};

"""


@dataclass(frozen=True, slots=True)
class ReadoutProgram:
    """Readout `number` of the graph, of `population`, over the steps before `end`."""

    number: int
    readout: Readout
    population: PopulationProgram
    end: int

    @property
    def classes(self) -> int:
        return len(self.readout.class_names)

    @property
    def type(self) -> str:
        """Of what is kept for each class; a sum of v may need 64 bits."""
        if self.readout.decoder == SOFTMAX:
            return "double"
        return "int64_t" if self.readout.decoder == "sum" and self.end * LARGEST_STATE > INT32 else "int32_t"

    @property
    def kept(self) -> str:
        """Its place in `snn_state`."""
        return f"    {self.type} decoded{self.number}[{self.classes}];\n"

    @property
    def of_spikes(self) -> bool:
        """Whether it decodes spikes."""
        return self.readout.decoder in OF_SPIKES

    @property
    def text(self) -> str:
        """The functions that decode it."""
        scale = self.readout.scale
        each = isinstance(scale, np.ndarray)
        if isinstance(scale, np.ndarray):
            factor = f"scale{self.number}[i]"
        else:
            factor = "" if scale is None else _real(scale)
        kept = f"s->decoded{self.number}[i]"
        if self.readout.decoder == SOFTMAX:
            score = kept
        else:
            score = f"(double){kept}" + (f" * {factor}" if factor else "")
        scored = each and self.readout.decoder != SOFTMAX  # equal integers need not be equal scores
        values = {
            "number": str(self.number),
            "population": str(self.population.number),
            "decoder": self.readout.decoder,
            "classes": f"{self.classes}u",
            "kind": "uint8_t" if self.of_spikes else "int32_t",
            "array": "spikes" if self.of_spikes else "v",
            "first": str(self.population.first),
            "end": f"{self.end}u",
            "scale": factor,
            "scale_0": factor.replace("[i]", "[0]"),
            "score": score,
            "key_i": f"score{self.number}(s, i)" if scored else kept,
            "key_best": f"score{self.number}(s, best)" if scored else kept.replace("[i]", "[best]"),
            "scales": self._scales() if each else "",
        }
        step = Template(STEPS[self.readout.decoder]).substitute(values)
        body = step if self.readout.decoder == SOFTMAX else Template(EACH).substitute(values, each=step)
        return Template(FUNCTIONS).substitute(values, body=body)

    @property
    def names(self) -> str:
        """The names of its classes."""
        lines = strings(self.readout.class_names)
        return Template(NAMES).substitute(number=self.number, classes=self.classes, names=lines)

    def _scales(self) -> str:
        scales = ",\n".join(f"    {_real(each)}" for each in np.asarray(self.readout.scale).tolist())
        return f"static const double scale{self.number}[{self.classes}] = {{\n{scales}\n}};\n"


def _real(number: float) -> str:
    return float(number).hex()
