"""What `snnc export` prints of the artifact that it wrote: tables first, the answer in the last lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snnc.cli.delay_notes import delay_notes
from snnc.cli.losses import print_losses
from snnc.formats import DECAY_ONE
from snnc.io import budget_file
from snnc.report import summary
from snnc.report.losses import loss_sentence
from snnc.verification.figures import core_rows

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.stages import Artifact, QuantizedGraph

PLACED = "place"
"""What this pass changed, the lines about cores and spikes say."""
IN_OTHER_WORDS = ("discretise", "quantise", "prune", "legalise")
"""What these changed in a chain, the lines about weights and `delay_notes` say."""
CORES_SHOWN = 8
"""Rows of the table that is printed; the manifest has all."""


def print_export(artifact: Artifact, out: Console, notes: Sequence[str] = ()) -> None:
    """Print use by core, losses, what was changed and `notes`; then what was written, and if it is sound."""
    from snnc.exporter.expectation.held import sentences
    from snnc.targets.registry import load_target

    manifest, graph = artifact.manifest, artifact.graph
    losses = budget_file.read(artifact)
    target = load_target(artifact.target)
    if target.chip:
        _print_cores(artifact, out)
    print_losses(losses, out)

    def line(text: str) -> None:
        out.print(text, soft_wrap=True)

    record = manifest["provenance"]
    given = "given" in record
    if "finished_in_training" in record:  # the passes of a chain; a graph that becomes one had its own
        line(f"weights: {_weights(artifact)}")
        for text in delay_notes(manifest, target.chip):
            line(text)
        for text in _changes(record, IN_OTHER_WORDS):
            line(text)
    else:
        for text in _changes(record) if given else _rounded(record):
            line(text)
    for text in _imported(record.get("imported", {}), artifact.graph):
        line(f"imported: {text}")
    for text in sentences(record["expected"]) if "expected" in record else ():
        line(text)
    if target.chip:
        for text in _traffic(artifact):
            line(text)
    if record["options"].get("delays_in_metadata"):
        line("warning: graph.nir has its delays in the metadata; other readers take every delay for 0")
    for text in notes:
        line(f"note: {text}")
    line(
        f"wrote {artifact.path} for {artifact.target}: {_parts(graph)}, "
        f"{graph.inputs} input lines, {graph.time_steps} steps of {1000 * graph.bin_s:g} ms"
    )
    for text in target.describe(artifact) if target.describe else ():
        line(text)
    if target.chip:
        limits = target.limits
        line(f"fits: {summary.cores_line(manifest['placement'], limits.chips * limits.cores)}")
    line(_proof(manifest["range_proof"]))
    if given and not any(_changes(record)):
        line("cost: none, the integers are exported as they were given")
        return
    line(f"cost: {'not measured' if losses.loss is None else loss_sentence(losses.loss)}")


def _rounded(provenance: Mapping[str, Any]) -> Iterator[str]:
    """What became of the numbers of a network that was read as a graph."""
    many = _bits(provenance["weight_bits"])
    how = "as training finished them" if "finished_in_integers" in provenance else "rounded after training"
    yield f"weights: {many} bits, {how}{_scale(provenance['options'])}"
    yield from _changes(provenance)


def _changes(provenance: Mapping[str, Any], besides: Sequence[str] = ()) -> Iterator[str]:
    """What each pass changed, `besides` those of these names."""
    for each in provenance.get("passes", ()):
        if each["name"] in (PLACED, *besides) or each["sha256"] == each["input_sha256"]:
            continue
        for name, change in each["changes"].items():
            if change:
                yield f"{each['name']}: {name.replace('_', ' ')}: {change}"


def _parts(graph: QuantizedGraph) -> str:
    if graph.is_chain:
        return f"{len(graph.layers)} layers"
    synapses = sum(each.synapses.count for each in graph.projections)
    return f"{len(graph.populations)} populations, {len(graph.projections)} projections, {synapses} synapses"


def _proof(rows: Sequence[Mapping[str, Any]]) -> str:
    from snnc.exporter.ranges.certificate import headroom_bits

    headroom = min(headroom_bits(row) for row in rows)
    if headroom < 0:
        return "not proved: MAY SATURATE; runs count how often"
    return f"proved: free of overflow for every input, with {headroom:.2f} bits of headroom"


def _weights(artifact: Artifact) -> str:
    """Their bits, and where their integers come from."""
    record = artifact.manifest["provenance"]
    finished, options = record["finished_in_training"], record["options"]
    bits = {name: record["weight_bits"][name] for name in _names(artifact, record["weight_bits"])}
    many = _bits(bits)
    if len(finished) == len(bits):
        return f"{many} bits, as training finished them"
    if finished:
        return f"{many} bits, {', '.join(finished)} as training finished them, the others rounded after it"
    power = ", a power of two" if options["power_of_two"] else ""
    return f"{many} bits, rounded after training{_scale(options)}{power}"


def _bits(bits: Mapping[str, int]) -> str:
    """One number, or one for each name."""
    if len(set(bits.values())) == 1:
        return str(next(iter(bits.values())))
    return ", ".join(f"{name} {number}" for name, number in bits.items())


def _scale(options: Mapping[str, Any]) -> str:
    return f" with the scale of {options['scale']}" if options["scale"] else ""


def _names(artifact: Artifact, recorded: Mapping[str, Any]) -> list[str]:
    """Layers in their order; the manifest sorts them by name. Relays are not recorded."""
    return [layer.name for layer in artifact.graph.layers if layer.name in recorded]


def _imported(notes: Mapping[str, Any], graph: QuantizedGraph) -> Iterator[str]:
    for name, note in notes.items():
        if name in ("readout_added", "input_values", "step_assumed") or name.startswith("read_as_readout"):
            yield note
    if "reset_to_zero_as_told" in notes:
        yield f"neurons of {notes['reset_to_zero_as_told']} reset to zero, as --reset zero says"
    for how in ("subtract", "subtract-late", "none"):
        if told := notes.get(f"reset_{how}_as_told"):
            yield f"neurons of {told} have the reset {how}, as --reset {how} says"
    for when in ("above", "at"):
        if told := notes.get(f"fires_{when}_as_told"):
            yield f"neurons of {told} fire {when} the threshold, as --fires {when} says"
    if "integration_as_told" in notes:
        yield f"steps are solved as --integration {notes['integration_as_told']} says"
    elif notes and "checkpoint" not in notes and _leaks(graph):
        yield "Euler steps (1 - dt/tau); --integration exact or impulse if the framework has exp(-dt/tau)"
    if "checkpoint" in notes:
        yield f"the tensors were read as those of {notes['checkpoint']}"
    if "recurrent_step" in notes:
        yield f"spikes take a step back along {notes['recurrent_step']}"
    if notes.get("delays_rounded"):
        change = notes["largest_delay_change_steps"]
        yield f"{notes['delays_rounded']} delays rounded, by at most {change:g} steps"


def _leaks(graph: QuantizedGraph) -> bool:
    """Whether neurons forget in steps; those that hold all, or are read out and hold nothing, do not."""
    decays = ((each.spikes, each.decay_v) for each in graph.populations if each.decay_v is not None)
    return any(decay.any() and (spikes or decay.min() < DECAY_ONE) for spikes, decay in decays)


def _traffic(artifact: Artifact) -> Iterator[str]:
    from snnc.stages import Traffic

    if record := artifact.manifest["traffic"]:
        traffic = Traffic(**record)
        spikes = summary.traffic_counts(traffic)["spikes between cores"]
        yield f"spikes between cores, a recording: {spikes}; {summary.traffic_basis(traffic)}"


def _print_cores(artifact: Artifact, out: Console) -> None:
    """The fullest cores: what they hold, and used / max of each resource."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    placement = artifact.manifest["placement"]
    shown = core_rows(summary.fullest(placement, CORES_SHOWN))
    if len(placement) <= CORES_SHOWN:
        out.print("cores, used / max:")
    else:
        out.print(f"the {CORES_SHOWN} fullest of {len(placement)} cores, used / max (the manifest has all):")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    resources = [name for name in shown[0] if name not in ("chip", "core", "tile", "holds")]
    for name in ("core", "tile", "holds"):
        table.add_column(name)
    for name in resources:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for row in shown:
        where = f"{row['chip']}.{row['core']}"
        table.add_row(where, row["tile"], row["holds"], *(row[name] for name in resources))
    out.print(table)
