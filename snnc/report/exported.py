"""What is said of an artifact that was just written: what was changed, lost and proved, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snnc.formats import DECAY_ONE
from snnc.io import budget_file
from snnc.report import summary
from snnc.report.delay_notes import DELAYS, delay_notes
from snnc.report.losses import (
    JUDGE,
    begins_tuned,
    chosen_by,
    clipped,
    loss_sentence,
    recordings_phrase,
    search_sentence,
    tuned,
)
from snnc.report.weights_told import GRID, recorded_weights
from snnc.stages.population import INPUT
from snnc.verification.at_threshold import ONLY_ABOVE

if TYPE_CHECKING:
    from snnc.stages import Artifact, QuantizedGraph
    from snnc.target import Target

PLACED = "place"
"""What this pass changed, the details say."""
IN_OTHER_WORDS = ("discretise", "quantise", "prune", "legalise")
"""What these changed in a chain, the lines about weights and `delay_notes` say."""
ROUNDING = "quantise_graph"
LOST_IN_ROUNDING = {
    ONLY_ABOVE: "neurons fire at the threshold (>=) in real numbers, and above it alone (>) in the integers",
    "synapses_lost": "synapses lost: their weights are 0 in integers",
    "decays_lost": "leaks lost: rounding made their decays 0",
    "weights_clipped": "weights clipped to the largest of their grid",
}
"""What is told, after a number, of the pass `ROUNDING`, besides grids; the rest only if verbose."""
BYTES_OF_CHIP = ("chip_synapse_bytes", "chip_synapse_bytes_removed")
"""Changes that say nothing of a program."""


def told(
    artifact: Artifact, target: Target, notes: Sequence[str] = (), verbose: bool = False
) -> Iterator[str]:
    """What was changed, assumed or lost on the way, a line each, and what the target says of itself.

    `verbose`: all that rounding changed, too.
    """
    from snnc.exporter.expectation.held import sentences

    manifest = artifact.manifest
    record = manifest["provenance"]
    if "finished_in_training" in record:  # the passes of a chain; a graph that becomes one had its own
        yield from (text for text in delay_notes(manifest, target.chip) if not text.startswith(DELAYS))
        yield from _changes(record, IN_OTHER_WORDS, verbose=verbose)
    else:
        yield from _changes(record, of_chip=bool(target.chip), verbose=verbose)
    for text in _imported(record.get("imported", {}), artifact.graph):
        yield f"imported: {text}"
    yield from sentences(record["expected"]) if "expected" in record else ()
    if record.get("options", {}).get("delays_in_metadata"):
        yield "warning: graph.nir has its delays in the metadata; other readers take every delay for 0"
    yield from (f"note: {text}" for text in notes)
    yield from target.describe(artifact) if target.describe else ()


def facts(artifact: Artifact, target: Target) -> Iterator[tuple[str, str]]:
    """Label and text: the network, its integers, its place on a chip, and what they cost in accuracy."""
    manifest, graph = artifact.manifest, artifact.graph
    losses, record = budget_file.read(artifact), manifest["provenance"]
    steps = f"{graph.time_steps} steps of {1000 * graph.bin_s:g} ms"
    yield "network", f"{_parts(graph)}, {steps}"
    if losses.bits is not None:
        on = f", on {recordings_phrase(losses.bits.recordings)}"
        on += f", which chose them: {JUDGE}" if losses.loss is None else ""  # else the cost says it
        yield "bits", search_sentence(losses.bits) + on
    if weights := recorded_weights(artifact):
        yield "weights", weights
    if "finished_in_training" in record:
        delays = next(text for text in delay_notes(manifest, target.chip) if text.startswith(DELAYS))
        yield "delays", delays.removeprefix(DELAYS)
    if target.chip:
        limits = target.limits
        yield "fits", summary.cores_line(manifest["placement"], limits.chips * limits.cores)
    if "given" in record and not any(_changes(record)):
        yield "cost", "none, the integers are exported as they were given"
    else:
        cost = "not measured"
        if losses.loss is not None:
            cost = loss_sentence(losses.loss, tuned(record), clipped(record), chosen_by(record))
        named = tuned(record) and losses.loss is not None and not begins_tuned(losses.loss)
        yield ("accuracy", cost.removeprefix("accuracy ")) if named else ("cost", cost)


def _changes(
    provenance: Mapping[str, Any], besides: Sequence[str] = (), of_chip: bool = True, verbose: bool = False
) -> Iterator[str]:
    """What each pass changed, `besides` those of these names; bytes of a chip only `of_chip`."""
    for each in provenance.get("passes", ()):
        if each["name"] in (PLACED, *besides) or each["sha256"] == each["input_sha256"]:
            continue
        for name, change in each["changes"].items():
            if change and (of_chip or name not in BYTES_OF_CHIP):
                told = f"{name.replace('_', ' ')}: {change}"
                if each["name"] != ROUNDING or verbose:
                    yield f"{each['name']}: {told}"
                elif name in LOST_IN_ROUNDING:
                    yield f"{change} {LOST_IN_ROUNDING[name]}"
                elif name.startswith(GRID):
                    yield told


def _parts(graph: QuantizedGraph) -> str:
    if graph.is_chain:
        return f"{len(graph.layers)} layers, {graph.inputs} input lines"
    synapses = sum(each.synapses.count for each in graph.projections)
    populations = sum(each.model != INPUT for each in graph.populations)
    return (
        f"{populations} population{'s' * (populations != 1)} on {graph.inputs} input lines, "
        f"{len(graph.projections)} projections, {synapses} synapses"
    )


def proof(rows: Sequence[Mapping[str, Any]]) -> tuple[bool, str]:
    """Whether no state can overflow, and that in words."""
    from snnc.exporter.ranges.certificate import headroom_bits

    headroom = min(headroom_bits(row) for row in rows)
    if headroom < 0:
        return False, "not proved: MAY SATURATE; runs count how often"
    return True, f"proved free of overflow for every input, with {headroom:.2f} bits of headroom"


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
    # A NIR file's notes alone count rounded delays.
    elif "delays_rounded" in notes and notes.keys().isdisjoint(("checkpoint", "decoder")) and _leaks(graph):
        yield "Euler steps (1 - dt/tau); --integration exact or impulse if the framework has exp(-dt/tau)"
    if "checkpoint" in notes:
        yield f"the tensors were read as those of {notes['checkpoint']}"
    if "recurrent_step" in notes:
        yield f"spikes take a step back along {notes['recurrent_step']}"
    if notes.get("delays_rounded"):
        change = notes["largest_delay_change_steps"]
        yield f"{notes['delays_rounded']} delays rounded to whole steps, by at most {change:g} steps"


def _leaks(graph: QuantizedGraph) -> bool:
    """Whether neurons forget in steps; those that hold all, or are read out and hold nothing, do not."""
    decays = ((each.spikes, each.decay_v) for each in graph.populations if each.decay_v is not None)
    return any(decay.any() and (spikes or decay.min() < DECAY_ONE) for spikes, decay in decays)
