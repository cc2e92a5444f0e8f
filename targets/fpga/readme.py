"""The README of a core, for one who sees its folder for the first time: numbers of the network, no names."""

from __future__ import annotations

from string import Template

from snnc.targets.fpga.cycles import most_cycles
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.shape import Shape

TEXT = Template("""\
# A spiking network as a core in Verilog

$populations populations on $inputs input lines, $steps time steps a sample; $lanes lanes, $groups groups of
neurons, $words synapse words of $width bits. A step takes at most $most cycles, whatever the input.

    make simulate   # Verilator: events.hex -> results.bin, cycles.bin
    make iverilog   # the same in Icarus Verilog
    make wave       # wave.vcd, for GTKWave or Surfer
    make lint       # verilator --lint-only -Wall

Give `VERILATOR=...` if it is not on PATH.

| folder | contents |
|---|---|
| `rtl/` | the core, a module a file, headed by its clauses and a diagram; `params.vh`: the network's sizes |
| `mem/` | the network: synapse words, rows, parameters of neurons, sizes |
| `sim/` | runs the core on `events.hex`, the steps in `run.hex` |

The clauses are those of the integer contract (docs/semantics.md of snnc). The top is `snnc_core`. Neuron n of
a population lies in lane n mod $lanes of its group n / $lanes, rounded down. The groups:

| population | model | neurons | groups |
|---|---|---|---|
$table

| memory | words | bits |
|---|---|---|
| synapse words | $words | $width |
| rows | $rows | $row_width |
| accumulators, in each lane | $ring_words | $sum_bits |
| v, in each lane | $groups | $v_bits |
$current
Another number of lanes: `snnc export MODEL --target fpga --lanes N`. All states against the contract:
`snnc verify FOLDER --executors rtl`.
""")


def readme(of: Layout, shape: Shape) -> str:
    """The text for a network in `of`, on a core of `shape`."""
    numbers = {each.name: number for number, each in enumerate(of.graph.populations)}
    table = [
        f"| {numbers[each.population.name]} | {each.population.model} | {each.population.neurons} "
        f"| {each.first} to {each.first + each.groups - 1} |"
        for each in of.places
    ]
    ends = shape.time_bits if shape.input_ends else 0
    return TEXT.substitute(
        populations=len(of.places),
        inputs=of.graph.inputs,
        steps=of.graph.time_steps,
        lanes=of.lanes,
        groups=of.groups,
        words=len(of.words.group),
        width=of.lanes * (shape.weight_bits + shape.delay_bits) + shape.ring_bits,
        rows=of.rows,
        row_width=shape.word_bits + shape.count_bits + ends,
        most=most_cycles(of),
        table="\n".join(table),
        ring_words=shape.ring_words,
        sum_bits=shape.sum_bits,
        v_bits=shape.v_bits,
        current=f"| u, in each lane | {of.groups} | {shape.u_bits} |\n" if shape.u_state else "",
    )
