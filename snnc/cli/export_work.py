"""What `snnc export` tells of the work of a sample, for a program whose time follows its events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.text import shell

if TYPE_CHECKING:
    from snnc.stages import Artifact
    from snnc.verification.chip import ChipInputs

LONG_TO_READ = "--no-budget leaves out its recordings, which take long to read"


def work_lines(artifact: Artifact, dataset: str | None, said: Sequence[str] = ()) -> Iterator[str]:
    """Its operations on recordings, of `dataset` or its own; else on golden inputs, and what these are.

    Nothing of a program whose time does not follow its events. What was `said` of the recordings is not said
    again.
    """
    from snnc.batches import batches
    from snnc.cli.run_work import work_of
    from snnc.exporter.golden import one_thread
    from snnc.report.chip import GOLDEN
    from snnc.trainer.integer_model import run_graph

    if (work := work_of(artifact)) is None:
        return
    inputs, graph = _inputs(artifact, dataset), artifact.graph
    with one_thread():
        for part in batches(graph, len(inputs.spikes)):
            work.add(inputs.spikes[part], run_graph(graph, inputs.spikes[part]))
    updates, events = graph.time_steps * work.work.updates, work.events / max(1, work.samples)
    yield (
        f"work of a sample: {updates} neuron updates and {events:.0f} synaptic events "
        f"(counted; mean of {inputs.counted})"
    )
    if inputs.why_golden:
        known = any(inputs.why_golden in each for each in said)
        why = ", which cannot be read" if known else f": {inputs.why_golden}"
        yield f"counted on golden inputs, not on recordings{why}"
        yield f"{GOLDEN}; {shell('snnc', 'run', artifact.path, '--input', 'FILE')} counts yours"


def data_beside(model: Path, artifact: Artifact) -> str | None:
    """The path of the data of the network in `artifact` where they lie beside its `model`, and not here."""
    from snnc.trainer.near import found_near

    name = str(artifact.manifest.get("provenance", {}).get("dataset", ""))
    found = found_near(name, model.parent)
    return None if found == name else found


def _inputs(artifact: Artifact, dataset: str | None) -> ChipInputs:
    """Recordings that can be read, else golden inputs."""
    from snnc.errors import SnncError
    from snnc.exporter.artifact import carries_model
    from snnc.trainer.data.published import PUBLISHED
    from snnc.verification.chip import CHIP_SAMPLES, ChipInputs, chip_inputs
    from snnc.verification.spike_input import open_spikes

    record = artifact.manifest.get("provenance", {})
    if dataset is None:
        if record.get("options", {}).get("budget") is False and record.get("dataset") in PUBLISHED:
            return ChipInputs(artifact.golden_input, "golden", LONG_TO_READ)
        return chip_inputs(artifact)
    try:
        if carries_model(artifact):
            return chip_inputs(artifact, dataset)
        found = open_spikes(Path(dataset), artifact)
        return ChipInputs(found.frames(slice(CHIP_SAMPLES)), Path(dataset).name)
    except SnncError as error:  # such that the export itself could use, as of another split
        return ChipInputs(artifact.golden_input, "golden", str(error).splitlines()[0].partition("; ")[0])
