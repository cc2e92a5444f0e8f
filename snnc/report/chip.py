"""What the machine model found, in words and rows: for the page and the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from snnc import percent as percents
from snnc.intervals import read_ranges
from snnc.operation_costs import OPERATIONS
from snnc.stages import Report
from snnc.stages.board_clock import GOLDEN_INPUT
from snnc.stages.chip import ChipEstimate, ChipStep, CoreLoad
from snnc.text import joined

LABEL = (
    "Estimates: operations counted in the simulator, times constants for each. "
    "Nothing was measured, and no chip ran this network."
)

GOLDEN = (
    "golden inputs are made for tests, from silence to an event on every line in every step: their mean can "
    "be far more than that of recordings, or less"
)

GOLDEN_GROUP = "golden"
"""What a report calls the group of these inputs."""

LEFT_OUT = "These numbers leave out leakage, the host computer and loading the program onto the chip."

KINDS: Mapping[str, tuple[str, ...]] = {
    "neuron updates": ("update_inactive", "update_active"),
    "making and sending spikes": ("spike", "message", "injection"),
    "the mesh": ("delivery", "hop_x", "hop_y"),
    "finding and reading synapses": ("axon_lookup", "memory_read"),
    "synaptic operations": ("synapse_dense", "synapse_sparse"),
}
"""Kind -> its operations, in words for somebody who sees the chip for the first time."""

_PREFIXES = ((10**15, ""), (10**12, "m"), (10**9, "µ"), (10**6, "n"), (10**3, "p"), (1, "f"))


def seconds(picoseconds: float) -> str:
    """ "12.3 µs"; of three digits."""
    return _amount(picoseconds * 1000, "s")


def joules(femtojoules: float) -> str:
    """ "12.3 nJ"; of three digits."""
    return _amount(femtojoules, "J")


def _amount(value: float, unit: str) -> str:
    if value == 0:
        return f"0 {unit}"
    scale, prefix = next((pair for pair in _PREFIXES if round(value / pair[0], 9) >= 1), _PREFIXES[-1])
    part = value / scale
    digits = 2 if part < 9.995 else 1 if part < 99.95 else 0
    return f"{part:,.{digits}f} {prefix}{unit}"


def number(value: float) -> str:
    """A mean; of a large one no decimals."""
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:,.1f}"


def percent(part: float, whole: float) -> str:
    """Two digits: "12 %", "1.2 %"."""
    return percents.percent(part, whole, 0 if 100 * part >= 9.95 * whole or not part else 1)


def held(holds: Mapping[str, str]) -> str:
    """{"hidden": "0:64,70"} as "neurons 0–63 and 70 of hidden"; more than three ranges as a count."""
    return " and ".join(f"{_numbers(text)} of {layer}" for layer, text in holds.items())


def _numbers(text: str) -> str:
    parts = read_ranges(text)
    count = sum(stop - start for start, stop in parts)
    if len(parts) > 3:
        return f"{count} neurons"
    names = [f"{start}" if stop == start + 1 else f"{start}–{stop - 1}" for start, stop in parts]
    return f"{'neurons' if count > 1 else 'neuron'} {joined(names)}"


def lines(found: ChipEstimate) -> list[str]:
    """The answer in a few lines."""
    return [
        f"on the chip: {headline(found)}",
        f"busiest: {critical(found)}",
        *([f"busiest link: {busiest_link(found)}"] if found.links else []),
        *(f"with {row['constants']}: {row['time']}, {row['energy']}" for row in other_rows(found)[1:]),
        f"constants: {found.costs}, {found.about}",
        *(f"estimate: {note}" for note in found.notes),
        LABEL,
    ]


def headline(found: ChipEstimate) -> str:
    """`short`, and of a step."""
    step = found.latency / (found.samples * found.steps)
    return (
        f"{short(found)}, {seconds(step)} a step of the chip ({found.steps}: those of the input, and the way "
        f"through the layers; the longest {seconds(found.longest_step)})"
    )


def short(found: ChipEstimate) -> str:
    """As "0.41 ms and 12 µJ a sample"."""
    latency, energy = found.latency / found.samples, found.energy / found.samples
    return f"{seconds(latency)} and {joules(energy)} a sample"


def counted_on(samples: int, group: str) -> str:
    """What the operations of `samples` inputs of a `group` were counted on, as "20 samples of test"."""
    plural = "" if samples == 1 else "s"
    if group == GOLDEN_GROUP:
        return f"{samples} {GOLDEN_INPUT}{plural}"
    return f"{samples} sample{plural}{f' of {group}' if group else ''}"


def estimated(report: Report) -> Iterator[str]:
    """Time and energy of a sample with their constants and what they are counted on; then what these are."""
    if (found := report.chip) is not None:
        on = counted_on(found.samples, report.chip_inputs)
        yield f"{short(found)} (estimate, {found.costs}; counted on {on})"
        if report.chip_inputs == GOLDEN_GROUP:
            yield f"note: {GOLDEN}"


def by_others(found: ChipEstimate) -> str:
    """What the other sets of constants give, as a range; empty if there are none."""
    if not found.others:
        return ""
    latency = sorted(each.latency / found.samples for each in found.others)
    energy = sorted(each.energy / found.samples for each in found.others)
    times, joule = (
        " to ".join(dict.fromkeys((unit(values[0]), unit(values[-1]))))
        for unit, values in ((seconds, latency), (joules, energy))
    )
    return f"with other constants {times} and {joule}"


def against_time(found: ChipEstimate) -> str:
    """How the chip's time compares with that of its input."""
    ratio = found.sample_seconds / (found.latency / found.samples * 1e-12)
    times = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"
    return f"its steps last {found.sample_seconds:.3g} s, {times} times as long"


def critical(found: ChipEstimate) -> str:
    """The busiest core in a sentence."""
    core = found.busiest
    unit, most = units(found)
    busy = f"{percent(core.busy, found.latency)} of the time"
    return f"core {core.name} holds {held(core.holds)}; its {unit} works for {busy}, {most}"


def units(found: ChipEstimate) -> tuple[str, str]:
    """The busier unit of the busiest core; and what most of its time is for, with the time of the other."""
    core = found.busiest
    neurons, synapses = sum(core.neuron_time.values()), sum(core.synapse_time.values())
    names = "synapse unit", "neuron unit"
    busier, other = names if synapses >= neurons else reversed(names)
    unit = core.synapse_time if synapses >= neurons else core.neuron_time
    kinds = {name: sum(unit.get(each, 0) for each in members) for name, members in KINDS.items()}
    most = max(kinds, key=lambda name: kinds[name])
    share = "all" if kinds[most] == core.busy else percent(kinds[most], core.busy)
    least = min(neurons, synapses)
    beside = f"; its {other} meanwhile for {percent(least, found.latency)}" if least else ""
    return busier, f"{share} of that for {most}{beside}"


def busiest_link(found: ChipEstimate) -> str:
    """The link with most messages in a sentence."""
    link = found.links[0]
    return (
        f"from tile {link.column}, {link.row} to {link.to_column}, {link.to_row}: "
        f"{number(link.messages / found.samples)} messages a sample, in use for "
        f"{percent(link.busy, found.latency)} of the time"
    )


def core_rows(found: ChipEstimate) -> list[dict[str, str]]:
    """One row a core, the busiest first."""
    return [_core_row(found, core) for core in sorted(found.cores, key=lambda core: -core.busy)]


def _core_row(found: ChipEstimate, core: CoreLoad) -> dict[str, str]:
    return {
        "core": core.name,
        "tile": f"{core.column}, {core.row}",
        "holds": held(core.holds),
        "neurons": percent(sum(core.neuron_time.values()), found.latency),
        "synapses": percent(sum(core.synapse_time.values()), found.latency),
        "busiest in": f"{percent(core.critical, found.samples * found.steps)} of steps",
        "energy": joules(core.energy / found.samples),
    }


def link_rows(found: ChipEstimate) -> list[dict[str, str]]:
    """One row a link that was used, the busiest first."""
    return [
        {
            "link": f"{link.column}, {link.row} → {link.to_column}, {link.to_row}",
            "messages": number(link.messages / found.samples),
            "in use": percent(link.busy, found.latency),
            "messages waited": seconds(link.waited / found.samples),
        }
        for link in found.links
    ]


def operation_rows(found: ChipEstimate) -> list[dict[str, str]]:
    """One row an operation that happened."""
    return [
        {
            "operation": OPERATIONS[each.name],
            "count": number(each.count / found.samples),
            "energy": joules(each.energy / found.samples) if each.energy else "none published",
            "share": percent(each.energy, found.energy) if each.energy else "–",
        }
        for each in found.operations
        if each.count
    ]


def kind_shares(found: ChipEstimate) -> list[tuple[str, str, float]]:
    """Each kind of work that takes energy: name, energy a sample, share in percent; the largest first."""
    energy = {each.name: each.energy for each in found.operations}
    totals = [(name, sum(energy[each] for each in members)) for name, members in KINDS.items()]
    return [
        (name, joules(total / found.samples), 100 * total / found.energy)
        for name, total in sorted(totals, key=lambda pair: -pair[1])
        if total
    ]


def step_rows(steps: Sequence[ChipStep]) -> list[dict[str, str]]:
    """One row a step."""
    return [
        {
            "step": str(each.step),
            "time": seconds(each.time),
            "energy": joules(each.energy),
            "messages": str(each.messages),
            "waited": seconds(each.waited),
            "busy longest": each.critical,
            "for": seconds(each.busy),
        }
        for each in steps
    ]


def workload_rows(found: ChipEstimate) -> list[dict[str, str]]:
    """What NeuroBench reports of every network."""
    work = found.workload
    rows = {
        "synaptic operations per sample, if every source fired": number(work.dense / found.samples),
        "synaptic operations per sample, effective": number(work.effective / found.samples),
        "activation sparsity": f"{work.activation_sparsity:.4f}",
        "connection sparsity": f"{work.connection_sparsity:.4f}",
        "footprint in bytes": number(work.footprint),
    }
    return [{"measure": name, "value": value} for name, value in rows.items()]


def other_rows(found: ChipEstimate) -> list[dict[str, str]]:
    """The same samples by each set of constants."""
    sets = [(found.costs, found.about, found.latency, found.energy)]
    sets += [(each.name, each.about, each.latency, each.energy) for each in found.others]
    return [
        {
            "constants": name,
            "time": seconds(latency / found.samples),
            "energy": joules(energy / found.samples),
            "source": about,
        }
        for name, about, latency, energy in sets
    ]
