"""What a program does on the chip over many samples, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.hwsim.event_driven import simulate
from snnc.hwsim.machine.activity import activity_in
from snnc.hwsim.machine.counts import NAMES, NEURON_UNIT, SYNAPSE_UNIT, columns_of, count, weigh
from snnc.hwsim.machine.layout import Layout, layout_of
from snnc.hwsim.machine.run import ChipRun, Critical, Link, link, run
from snnc.hwsim.machine.timing import time
from snnc.intervals import ranges
from snnc.operation_costs import OperationCosts
from snnc.stages import PlacedProgram, QuantizedGraph, check_input
from snnc.stages.chip import ChipEstimate, ChipStep, CoreLoad, LinkLoad, Operation, OtherCosts, Workload
from snnc.stages.population import ADLIF

IntArray = npt.NDArray[np.int64]

_BLOCK = 16
"""Samples whose states are held at a time."""

ADAPTATION = (
    "updates of neurons with an adaptation current (adlif): no time and no energy of them is published; each "
    "counts as the update of a neuron without one"
)


class _Sums:
    """Over samples, for one set of constants."""

    def __init__(self, layout: Layout, costs: OperationCosts) -> None:
        columns, rows = (layout.tile.max(axis=0) + 1).tolist()
        self.costs = costs
        self.step_times = np.zeros(layout.steps, np.int64)
        self.longest = self.barrier = 0
        self.counts = np.zeros((layout.cores + 1, len(NAMES)), np.int64)
        self.crossed = np.zeros((4, columns, rows), np.int64)
        self.waited = np.zeros_like(self.crossed)
        self.critical = np.zeros(2 * layout.cores + self.crossed.size, np.int64)

    def add(self, one: ChipRun) -> None:
        steps = one.timing.steps
        self.step_times += steps
        self.longest = max(self.longest, int(steps.max()))
        self.barrier += one.timing.barrier * len(steps)
        self.counts += one.counts.sum(axis=0)
        self.crossed += one.timing.crossed.sum(axis=0)
        self.waited += one.timing.waited.sum(axis=0)
        self.critical += np.bincount(one.busy.argmax(axis=1), minlength=len(self.critical))

    @property
    def energy(self) -> IntArray:
        return weigh(self.counts, self.costs.energy)


def estimate(
    program: PlacedProgram,
    inputs: npt.ArrayLike,
    costs: OperationCosts,
    *,
    others: Sequence[OperationCosts] = (),
    mesh: tuple[int, int, int] | None = None,
    levels: Mapping[str, int] | None = None,
) -> ChipEstimate:
    """Time and energy of `program` on uint8 [samples, T, inputs], which the event-driven simulator runs.

    `others` are sets of constants to set beside `costs`; `mesh` is the target's columns, rows and cores a
    tile, else what the program uses; `levels` are for `layout_of`.

    Raises
    ------
    StageError
        If the input does not fit the graph, or holds no sample; as `layout_of`.
    """
    graph = program.graph
    spikes = check_input(graph, inputs)
    if not len(spikes):
        raise StageError("input: holds no sample, so no time per sample can be given")
    layouts = {
        bits: layout_of(program, bits, levels) for bits in {each.word_bits for each in (costs, *others)}
    }
    layout = layouts[costs.word_bits]
    sums = _Sums(layout, costs)
    more = [(each, layouts[each.word_bits], [0, 0]) for each in others]
    for start in range(0, len(spikes), _BLOCK):
        block = spikes[start : start + _BLOCK]
        trace = simulate(graph, block)
        for sample, one in enumerate(block):
            activity = activity_in(layout, one, trace, sample)
            found = run(layout, activity, costs)
            sums.add(found)
            for each, there, total in more:
                total[0] += int(time(there, activity, each).steps.sum())
                counts = found.counts if there is layout else count(there, activity)
                total[1] += int(weigh(counts, each.energy).sum())
    columns, rows, cores_per_tile = mesh or (*(layout.tile.max(axis=0) + 1).tolist(), 1)
    return ChipEstimate(
        costs=costs.name,
        about=costs.about,
        assumed=tuple(costs.assumed()),
        samples=len(spikes),
        steps=layout.steps,
        sample_seconds=graph.time_steps * graph.bin_s,
        latency=int(sums.step_times.sum()),
        longest_step=sums.longest,
        step_times=tuple(sums.step_times.tolist()),
        barrier=sums.barrier,
        energy=int(sums.energy.sum()),
        operations=_operations(sums),
        cores=_cores(layout, sums),
        links=_links(layout, sums),
        others=tuple(OtherCosts(each.name, each.about, *total) for each, _, total in more),
        workload=_workload(layout, sums, len(spikes)),
        chip_columns=columns,
        chip_rows=rows,
        cores_per_tile=cores_per_tile,
        notes=_notes(graph),
    )


def steps_of(
    program: PlacedProgram,
    inputs: npt.ArrayLike,
    costs: OperationCosts,
    levels: Mapping[str, int] | None = None,
) -> list[ChipStep]:
    """Each step of one sample, uint8 [T, inputs], by itself; `levels` are for `layout_of`.

    Raises
    ------
    StageError
        If the input does not fit the graph; as `layout_of`.
    """
    spikes = check_input(program.graph, np.asarray(inputs)[None])
    layout = layout_of(program, costs.word_bits, levels)
    found = run(layout, activity_in(layout, spikes[0], simulate(program.graph, spikes), 0), costs)
    energy, times = found.energy.sum(axis=(1, 2)), found.timing.steps
    messages = found.counts[..., NAMES.index("delivery")].sum(axis=1)
    waited = found.timing.waited.sum(axis=(1, 2, 3))
    return [
        ChipStep(
            step,
            int(times[step]),
            int(energy[step]),
            int(messages[step]),
            int(waited[step]),
            _in_words(program, critical),
            critical.busy,
        )
        for step, critical in enumerate(found.critical)
    ]


def _in_words(program: PlacedProgram, critical: Critical) -> str:
    """As "neurons of core 0.3", or "link 0, 0 → 1, 0"."""
    if isinstance(critical.place, Link):
        (column, row), (to_column, to_row) = critical.place
        return f"link {column}, {row} → {to_column}, {to_row}"
    return f"{critical.unit} of core {program.cores[critical.place].name}"


def _operations(sums: _Sums) -> tuple[Operation, ...]:
    counts = sums.counts.sum(axis=0)
    energy, spent = weigh(counts, sums.costs.energy), weigh(counts, sums.costs.time)
    rows = zip(NAMES, counts.tolist(), energy.tolist(), spent.tolist(), strict=True)
    return tuple(Operation(*row) for row in rows)


def _notes(graph: QuantizedGraph) -> tuple[str, ...]:
    """What `graph` does that no constant is published of, and how it is counted."""
    return (ADAPTATION,) if any(each.model == ADLIF for each in graph.stateful) else ()


def _workload(layout: Layout, sums: _Sums, samples: int) -> Workload:
    graph = layout.program.graph
    total = dict(zip(NAMES, sums.counts.sum(axis=0).tolist(), strict=True))
    # A projection is a full matrix, and one weight more for each further synapse between one pair.
    zeros = weights = 0
    for projection, fan_out in zip(graph.projections, layout.fan_out, strict=True):
        absent = projection.synapses.pre_neurons * projection.synapses.post_neurons - fan_out.pairs
        zeros += absent
        weights += absent + len(fan_out.neuron)
    biases = sum(each.neurons * (2 if each.input_bias.any() else 1) for each in graph.stateful)
    return Workload(
        dense=samples * graph.time_steps * weights,
        effective=total["synapse_dense"] + total["synapse_sparse"],
        spikes=total["spike"],
        activations=samples * graph.time_steps * sum(each.neurons for each in graph.stateful if each.spikes),
        zeros=zeros,
        weights=weights,
        footprint=2 * weights + 2 * biases,
    )


def _cores(layout: Layout, sums: _Sums) -> tuple[CoreLoad, ...]:
    spent, energy = weigh(sums.counts, sums.costs.time), sums.energy.sum(axis=1)

    def unit(number: int, names: tuple[str, ...]) -> Mapping[str, int]:
        return dict(zip(names, spent[number, columns_of(names)].tolist(), strict=True))

    return tuple(
        CoreLoad(
            chip=core.chip,
            core=core.core,
            column=core.column,
            row=core.row,
            holds={each.layer: ranges(each.neurons) for each in core.populations},
            neuron_time=unit(number, NEURON_UNIT),
            synapse_time=unit(number, SYNAPSE_UNIT),
            energy=int(energy[number]),
            critical=int(sums.critical[number] + sums.critical[layout.cores + number]),
        )
        for number, core in enumerate(layout.program.cores)
    )


def _links(layout: Layout, sums: _Sums) -> tuple[LinkLoad, ...]:
    critical = sums.critical[2 * layout.cores :].reshape(sums.crossed.shape)
    found = []
    for way, column, row in np.argwhere(sums.crossed).tolist():
        at = way, column, row
        (start, end), messages = link(*at), int(sums.crossed[at])
        busy = messages * sums.costs.link_time
        found.append(LinkLoad(*start, *end, messages, busy, int(sums.waited[at]), int(critical[at])))
    return tuple(sorted(found, key=lambda each: -each.messages))
