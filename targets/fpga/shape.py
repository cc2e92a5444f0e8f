"""The parameters of the core: sizes of its memories, widths of its numbers, and what it can leave out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from snnc import formats
from snnc.stages.population import ADLIF, INPUT, OLD, Population
from snnc.targets.fpga.intervals import signed_bits
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.widths import NARROWEST, Bounds, bounds


@dataclass(frozen=True, slots=True)
class Shape:
    """What `rtl/params.vh` says; a core of a larger shape runs a network of a smaller one, with its memories.

    The names are those of the parameters of `snnc_core.v`, in lower case.
    """

    lanes: int
    lane_bits: int
    groups: int
    group_bits: int
    levels: int
    level_bits: int
    per_neuron: int
    lane_delays: int
    rows: int
    source_bits: int
    line_bits: int
    event_bits: int
    words: int
    word_bits: int
    bank_bits: int
    spram: int
    count_bits: int
    delay_bits: int
    weight_bits: int
    payload_bits: int
    ring_words: int
    ring_bits: int
    sum_bits: int
    u_bits: int
    v_bits: int
    u_state: int
    wrap: int
    clip: int
    bias_bits: int
    input_bias_bits: int
    adapt: int
    old: int
    w_bits: int
    clip_w: int
    kb_bits: int
    time_bits: int
    input_ends: int

    @property
    def word_width(self) -> int:
        """Bits of a synapse word."""
        return width(self.lanes, self.weight_bits, self.delay_bits, self.lane_delays) + self.ring_bits

    @property
    def text(self) -> str:
        """The file `params.vh`."""
        lines = [f"localparam {each.name.upper()} = {getattr(self, each.name)};" for each in fields(self)]
        lines.append(f"localparam WORD_WIDTH = {self.word_width};")
        return "\n".join(["// Sizes and widths of this network's core.", *lines, ""])

    @staticmethod
    def covering(shapes: Iterable[Shape]) -> Shape:
        """The smallest that is as large as each of `shapes`, which have equally many lanes."""
        each = list(shapes)
        return Shape(*(max(getattr(one, field.name) for one in each) for field in fields(Shape)))


BANK_BITS = 11
"""A bank of synapse words holds 2 ** this, as a block RAM of the ECP5; more where more than 8 were needed."""
WIDE = 288
"""Words of more bits lie in banks half as deep, whose block RAMs are twice as wide: half as many a bank."""
TABLE = ("decay_u", "decay_v", "decay_w", "ka", "threshold", "reset_by")
"""Parameters that a table holds for each lane only where neurons of a population differ in one of them."""
EVENT_BITS = 6
"""The queue of events holds 2 ** this."""


def shape(of: Layout, spram: bool = False, event_bits: int = EVENT_BITS) -> Shape:
    """The smallest shape for a network.

    `spram`: whether its synapse words lie in memories that no file fills. `event_bits`: 2 ** this are
    the events that the queue holds.
    """
    graph = of.graph
    found = [bounds(graph, each.population) for each in of.places]
    u = [each.u.bits if each.u else 25 for each in found]
    v = [_v_bits(each, place.population.model) for each, place in zip(found, of.places, strict=True)]
    w = [each.w.bits if each.w else 24 for each in found]
    adapting = [each.population for each in of.places if each.population.model == ADLIF]
    inputs = [each for each in graph.populations if each.model == INPUT]
    per_neuron = any(varies(each.population) for each in of.places)
    group_bits, lane_bits, line_bits = bits(of.groups - 1), bits(of.lanes - 1), bits(graph.inputs - 1)
    delay_bits = bits(of.slots - 2)
    words = len(of.words.group)
    ring_words = of.groups * of.slots
    ring_bits, weight_bits = max(bits(ring_words - 1), delay_bits), _signed(of.words.weight)
    lane_delays = int(not of.words.shares_delays)
    wide = width(of.lanes, weight_bits, delay_bits, lane_delays) + ring_bits > WIDE
    biases = [each.population.bias for each in of.places]
    input_biases = [each.population.input_bias for each in of.places]
    return Shape(
        lanes=of.lanes,
        lane_bits=lane_bits,
        groups=max(2, of.groups),
        group_bits=group_bits,
        levels=max(2, len(of.levels)),
        level_bits=bits(len(of.levels) - 1),
        per_neuron=int(per_neuron),
        lane_delays=lane_delays,
        rows=of.rows,
        source_bits=max(bits(of.rows - 1), group_bits + lane_bits + 1, line_bits + 1),
        line_bits=line_bits,
        event_bits=event_bits,
        words=max(2, words),
        word_bits=bits(words - 1),
        bank_bits=max(BANK_BITS - wide, bits(words - 1) - 3),
        spram=int(spram),
        count_bits=bits(int(of.words.count.max(initial=0))),
        delay_bits=delay_bits,
        weight_bits=weight_bits,
        payload_bits=bits(max((each.payload_max or 1 for each in inputs), default=1)),
        ring_words=max(2, ring_words),
        ring_bits=ring_bits,
        sum_bits=max(each.sums.bits for each in found),
        u_bits=max(NARROWEST, *u),
        v_bits=max(NARROWEST, *v),
        u_state=int(any(bool(np.any(each.population.decay_u != formats.DECAY_ONE)) for each in of.places)),
        wrap=int(any(each.u is None for each in found)),
        clip=int(any(each.v is None for each in found)),
        bias_bits=max(map(_signed, biases)),
        input_bias_bits=max(map(_signed, input_biases)),
        adapt=int(of.adapts),
        old=int(any(each.order == OLD for each in adapting)),
        w_bits=max(NARROWEST, *w) if adapting else 1,
        clip_w=int(any(each.w is None for each in found)),
        kb_bits=max((_signed(each.kb) for each in adapting), default=1),
        time_bits=bits(graph.time_steps),
        input_ends=int(any((each.end or graph.time_steps) < graph.time_steps for each in inputs)),
    )


def width(lanes: int, weight_bits: int, delay_bits: int, lane_delays: int) -> int:
    """Bits of the synapses of a word, with a delay for each lane or one for all."""
    return lanes * weight_bits + (lanes if lane_delays else 1) * delay_bits


def varies(population: Population) -> bool:
    """Whether two neurons of a population differ in one of `TABLE`."""
    values = (getattr(population, name) for name in TABLE)
    return any(value is not None and bool(np.any(value != value[0])) for value in values)


def _v_bits(of: Bounds, model: str) -> int:
    """Of v; and of -v where `scale` may give it, so that w needs no bit more in there."""
    if of.v is None:
        return 24
    return of.v.with_value(-of.v.low).bits if model == ADLIF else of.v.bits


def bits(largest: int) -> int:
    """Bits of an unsigned number up to `largest`: at least one."""
    return max(1, largest.bit_length()) if largest > 0 else 1


def _signed(values: object) -> int:
    array = np.asarray(values)
    return max(signed_bits(int(array.min(initial=0))), signed_bits(int(array.max(initial=0))))
