"""Write a graph that is no chain as a C99 program: `snn.h`, `snn.c`, and `main.c` to run it on a computer.

The files of `program/` are templates of `string.Template`. Numbers of the graph reach them, and the names of
classes, in strings with octal escapes: a graph read from a file cannot bring code.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import accumulate
from string import Template

import numpy as np

from snnc.errors import LimitError
from snnc.stages import QuantizedGraph
from snnc.stages.population import ADLIF, INPUT
from snnc.stages.readout import SOFTMAX
from snnc.targets.c.graph.populations import PopulationProgram, population_program
from snnc.targets.c.graph.projections import ProjectionProgram, projection_program
from snnc.targets.c.graph.readouts import ReadoutProgram
from snnc.targets.c.tables import Table, size_of, struct_bytes

LARGEST = 2**31 - 1
"""Bytes of all tables, or of the state, beyond which a 32-bit processor cannot address them."""


@dataclass(frozen=True)
class GraphProgram:
    """The parts of the program of `graph`."""

    graph: QuantizedGraph

    @cached_property
    def projections(self) -> tuple[ProjectionProgram, ...]:
        """Those that deliver something."""
        graph = self.graph
        found = (
            projection_program(each, number, graph.time_steps, _largest_event(graph, each.source))
            for number, each in enumerate(graph.projections)
        )
        return tuple(each for each in found if each is not None)

    def stored_whole(self) -> dict[str, bool]:
        """Names of the projections that are matrices -> whether synapses are absent in them."""
        matrices = (each.projection for each in self.projections if each.storage.kind == "matrix")
        return {
            each.name: each.synapses.count < each.synapses.pre_neurons * each.synapses.post_neurons
            for each in matrices
        }

    @cached_property
    def populations(self) -> tuple[PopulationProgram, ...]:
        """All that are no inputs, in the order of the list."""
        of = [each for each in self.graph.populations if each.model != INPUT]
        into: dict[str, list[tuple[ProjectionProgram, int]]] = {each.name: [] for each in of}
        for each in self.projections:
            largest = _largest_event(self.graph, each.projection.source)
            into[each.projection.destination].append((each, largest))
        first = accumulate((each.neurons for each in of), initial=0)
        first_w = accumulate((each.neurons * (each.model == ADLIF) for each in of), initial=0)
        return tuple(
            population_program(each, number, at, at_w, into[each.name])
            for number, (each, at, at_w) in enumerate(zip(of, first, first_w, strict=False))
        )

    @cached_property
    def readouts(self) -> tuple[ReadoutProgram, ...]:
        """In the order of the list."""
        named = {each.population.name: each for each in self.populations}
        return tuple(
            ReadoutProgram(number, each, named[each.population], self.graph.end(each.population))
            for number, each in enumerate(self.graph.readouts)
        )

    @property
    def table_bytes(self) -> int:
        """Bytes of the constant tables of the network; decoders and names not included."""
        parts = sum(each.bytes for each in self.projections)
        parts += sum(table.bytes for each in self.populations for table in each.tables)
        parts += sum(size_of(head.split()[0]) * len(numbers) for head, numbers in self._interface())
        return parts + self._slots.bytes

    @property
    def state_bytes(self) -> int:
        """Bytes of `snn_state` of `snn.h` without any macro: u, v, w, step, now, the rings and spikes."""
        words = 2 * self.neurons + self.adapted + 1 + len(self.populations)
        rings = [
            (size_of(each.sum_type), each.slots * each.population.neurons)
            for each in self.populations
            if each.slots
        ]
        return struct_bytes([(4, words), *rings, (1, self.neurons)])

    @property
    def neurons(self) -> int:
        return sum(each.population.neurons for each in self.populations)

    @property
    def adapted(self) -> int:
        """Neurons with a w."""
        return sum(each.population.neurons for each in self.populations if each.population.model == ADLIF)

    def check(self) -> None:
        """Raise `LimitError` if a 32-bit processor could not address tables or state."""
        for what, size, parts, remedy in (
            (
                "tables",
                self.table_bytes,
                [(each.projection.name, each.bytes) for each in self.projections],
                "use fewer synapses",
            ),
            (
                "state",
                self.state_bytes,
                [(each.population.name, each.ring_bytes) for each in self.populations],
                "use fewer neurons or shorter delays",
            ),
        ):
            if size > LARGEST:
                name, most = max(parts, key=lambda part: part[1], default=("", 0))
                raise LimitError(
                    f"graph: the {what} of the C program take {size} bytes, {most} of them for {name}; the "
                    f"limit is {LARGEST}; {remedy}"
                )

    def files(self) -> dict[str, bytes]:
        """`snn.h`, `snn.c` and `main.c`; equal graphs give equal bytes."""
        return {"snn.h": self._header(), "snn.c": self._source(), "main.c": _read("main.c")}

    def _header(self) -> bytes:
        graph, seconds = self.graph, float(self.graph.bin_s)
        inputs = [each for each in graph.populations if each.model == INPUT]
        text = Template(_read("snn.h").decode()).substitute(
            needs=", in double; it needs the C library's exp (-lm)" if self._softmax else "",
            listed="".join(f" *     {line}\n" for line in self._listed()),
            populations=len(self.populations),
            neurons=self.neurons,
            adapted=self.adapted,
            input_populations=len(inputs),
            inputs=graph.inputs,
            readouts=len(graph.readouts),
            steps=graph.time_steps,
            seconds=seconds.hex(),
            seconds_decimal=repr(seconds),
            first_w=FIRST_W if self.adapted else "",
            first_line=FIRST_LINE if inputs else "",
            kept="".join(each.kept for each in self.readouts),
            w="    int32_t w[SNN_ADAPTED];\n" if self.adapted else "",
            sums="".join(each.ring for each in self.populations if each.slots),
        )
        return text.encode()

    def _source(self) -> bytes:
        readouts = self.readouts
        clips = {"v": "5", "w": "5a"} if self.adapted else {"v": "5"}
        kernels = any(each.storage.kind == "kernel" for each in self.projections)
        decoding = "".join(each.text for each in readouts)
        text = Template(_read("snn.c").decode()).substitute(
            math="\n#ifdef SNN_SCORES\n#include <math.h>\n#endif\n" if self._softmax else "",
            interface="".join(_array(head, numbers) for head, numbers in self._interface()),
            slots=self._slots.text,
            clips="".join(
                Template(_read("clip.c").decode()).substitute(state=state, clause=clause)
                for state, clause in clips.items()
            ),
            place=_read("place.c").decode() if kernels else "",
            parts="".join((*self._parts(), f"#ifdef SNN_SCORES\n{decoding}#endif\n\n")),
            calls="".join(self._calls()),
            decodes="".join(f"    decode{each.number}(s);\n" for each in readouts),
            scores=_cases(f"score{each.number}(s, number)" for each in readouts),
            classes=_cases(f"class{each.number}(s)" for each in readouts),
            names="".join(each.names for each in readouts),
            named=_cases(
                f'(number < {each.classes}u) ? names{each.number}[number] : ""' for each in readouts
            ),
        )
        return text.encode()

    @property
    def _softmax(self) -> bool:
        return any(each.decoder == SOFTMAX for each in self.graph.readouts)

    @property
    def _slots(self) -> Table:
        return Table("slots", np.array([each.slots for each in self.populations]))

    def _interface(self) -> Iterator[tuple[str, list[int]]]:
        """What `snn.h` declares: head and numbers."""
        populations = self.populations
        yield "uint32_t snn_first[SNN_POPULATIONS + 1]", [*(each.first for each in populations), self.neurons]
        if self.adapted:
            numbers = [*(each.first_w for each in populations), self.adapted]
            yield "uint32_t snn_first_w[SNN_POPULATIONS + 1]", numbers
        inputs = [each for each in self.graph.populations if each.model == INPUT]
        if inputs:
            lines = [*(self.graph.lines(each.name).start for each in inputs), self.graph.inputs]
            yield "uint32_t snn_first_line[SNN_INPUT_POPULATIONS + 1]", lines
            yield "uint8_t snn_payload_max[SNN_INPUT_POPULATIONS]", [each.payload_max or 1 for each in inputs]
        yield "uint32_t snn_readout[SNN_READOUTS]", [each.population.number for each in self.readouts]
        yield "uint8_t snn_readout_spikes[SNN_READOUTS]", [int(each.of_spikes) for each in self.readouts]

    def _listed(self) -> Iterator[str]:
        """A line for each input, population and readout."""
        for number, each in enumerate(each for each in self.graph.populations if each.model == INPUT):
            lines = self.graph.lines(each.name)
            yield f"input {number}: lines {lines.start} to {lines.stop - 1}, events up to {each.payload_max}"
        for part in self.populations:
            yield f"population {part.number}: {part.population.neurons} neurons, {part.population.model}"
        for read in self.readouts:
            yield f"readout {read.number}: {read.readout.decoder} of population {read.population.number}"

    def _parts(self) -> Iterator[str]:
        """Functions of populations and projections, in the order in which a step calls them."""
        yield from (each.arrive for each in self.populations)
        numbers = {each.population.name: each.number for each in self.populations}
        for name in self.graph.order:
            if name in numbers:
                yield f"{self.populations[numbers[name]].text}\n"
            for each in self._out_of(name):
                yield f"{each.text(numbers[each.projection.destination])}\n"

    def _calls(self) -> Iterator[str]:
        """What a step does, in the contract order."""
        programs = {each.population.name: each for each in self.populations}
        for name in self.graph.order:
            program, source = programs.get(name), self.graph.population(name)
            calls = [f"projection{each.number}(s, $events);" for each in self._out_of(name)]
            if program is not None:
                events = f"s->spikes + {program.first}"
                calls = [f"population{program.number}(s);", *calls]
            else:
                events = f"events + {self.graph.lines(name).start}"
            indent = "    "
            ends = program is None and source.end and calls
            if ends:
                yield f"    if (s->step < {source.end}u) {{ /* [6] the end of an input */\n"
                indent *= 2
            yield from (f"{indent}{call.replace('$events', events)}\n" for call in calls)
            if ends:
                yield "    }\n"

    def _out_of(self, name: str) -> list[ProjectionProgram]:
        return [each for each in self.projections if each.projection.source == name]


FIRST_W = """\
/* The same in w, which only some populations have. */
extern const uint32_t snn_first_w[SNN_POPULATIONS + 1];
"""
FIRST_LINE = """\
/* The first line of each input, and the number of all; the most that an event of it may be. */
extern const uint32_t snn_first_line[SNN_INPUT_POPULATIONS + 1];
extern const uint8_t snn_payload_max[SNN_INPUT_POPULATIONS];
"""


def _largest_event(graph: QuantizedGraph, name: str) -> int:
    """Of what the population `name` sends."""
    return graph.population(name).payload_max or 1


def _array(head: str, values: list[int]) -> str:
    body = textwrap.fill(", ".join(map(str, values)), 110, initial_indent="    ", subsequent_indent="    ")
    return f"const {head} = {{\n{body}\n}};\n"


def _cases(values: Iterable[str]) -> str:
    """The cases of a switch over the readouts."""
    return "".join(f"    case {number}u:\n        return {value};\n" for number, value in enumerate(values))


def _read(name: str) -> bytes:
    return files("snnc.targets.c.graph").joinpath("program", name).read_bytes()
