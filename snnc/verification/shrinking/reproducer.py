"""The minimal reproducer of a divergence; `shrink.py` finds it, `exporter/reproducer.py` saves it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.errors import SnncError
from snnc.executor import Executor
from snnc.plugins.executors import REFERENCE, load_executor
from snnc.stages import Artifact, Divergence, QuantizedGraph, Reproducer, Trace
from snnc.stages.population import INPUT
from snnc.verification.breakdown import Raised, attempt
from snnc.verification.compare import VARIABLES, Place
from snnc.verification.one_executor import Deviation
from snnc.verification.shrinking import shrink
from snnc.verification.shrinking.shrink import differing_steps

if TYPE_CHECKING:
    from snnc.verification.shrinking.search import FirstSteps
    from snnc.verification.shrinking.shrink import Shrunk

Spikes = npt.NDArray[np.uint8]


def reproducer_folder(artifact: Artifact, output: Path | None = None) -> Path | None:
    """Where a reproducer goes: beside the artifact, or in `output`, the folder of the report.

    Not in the artifact, which holds its own alone. None for what is a reproducer itself.
    """
    path = artifact.path
    if "reproducer_of" in artifact.manifest["provenance"]:
        return None
    named = path if path.name else path.resolve()
    if output is None or output.resolve().is_relative_to(path.resolve()):
        output = named.parent
    return output / f"{named.stem}-reproducer{named.suffix}"


def reproduce(
    artifact: Artifact,
    executor: Executor,
    reference: Executor,
    divergence: Divergence,
    inputs: Spikes,
    expected: Trace,
    folder: Path,
    *,
    runs: int | None = None,
    seconds: float | None = None,
) -> Reproducer:
    """Look for the smallest network and input on which `executor` differs from `reference`, and save it.

    Parameters
    ----------
    divergence : its sample counts in `inputs`.
    inputs : uint8 [samples, T, inputs] that both ran on in a row.
    expected : what the reference gave for them.
    folder : the artifact to write; replaced if an old reproducer is there.
    runs, seconds : whichever is used up first ends the search (`shrink` says after how many if
        they are None); saving comes on top of that.

    The result says why there is none, also where `folder` cannot be written.
    """
    from snnc.exporter.golden import one_thread
    from snnc.exporter.reproducer import refuse_to_replace_other

    began = time.monotonic()
    try:
        refuse_to_replace_other(folder)
    except SnncError as error:
        return Reproducer(absent=str(error))
    names = [each for each in artifact.graph.order if artifact.graph.population(each).model != INPUT]
    rows = slice(max(0, divergence.sample - 1), divergence.sample + 1)
    given, trace = inputs[rows], expected.part(rows)
    variable = VARIABLES.index("spikes" if divergence.variable == "spike" else divergence.variable)
    place = Place(len(given) - 1, divergence.step, names.index(divergence.layer), divergence.neuron, variable)
    most = shrink.RUNS if runs is None else runs
    longest = shrink.SECONDS if seconds is None else seconds
    with one_thread():
        emits = _needs_files(executor, artifact)
        broken: list[Raised] = []
        first_steps = _first_steps(executor, reference, artifact, emits, broken)
        found = shrink.shrink(artifact.graph, given, place, trace, first_steps, runs=most, seconds=longest)
        if found.case is not None:
            return _saved(found, executor.name, reference, artifact, divergence, folder, began)
        shipped = (
            emits
            and (first_steps(artifact.graph, given) == artifact.graph.time_steps).all()
            and _differs(executor, artifact, given, trace)
        )
    absent = _absence(executor.name, found, shipped, broken)
    return Reproducer(absent=absent, runs=found.runs, seconds=time.monotonic() - began)


def smallest(artifact: Artifact, divergence: Divergence, case: Deviation, folder: Path) -> Reproducer:
    """As `reproduce`, of the divergence in the last sample of `case`; says so if the search breaks down."""
    here = replace(divergence, sample=len(case.inputs) - 1)
    sides = case.executor, case.reference or load_executor(REFERENCE)
    found = attempt(partial(reproduce, artifact, *sides, here, case.inputs, case.expected, folder))
    return Reproducer(absent=f"the search broke down: {found.text}") if isinstance(found, Raised) else found


def _saved(
    found: Shrunk,
    name: str,
    reference: Executor,
    original: Artifact,
    divergence: Divergence,
    folder: Path,
    began: float,
) -> Reproducer:
    from snnc.exporter.golden import readouts_of
    from snnc.exporter.reproducer import in_memory, write_reproducer

    assert found.case is not None
    graph, inputs = found.case.graph, found.case.inputs
    readouts = readouts_of(graph, reference.run(in_memory(graph, original.target, {}), inputs).layers)
    origin = {
        "executor": name,
        "divergence": f"{divergence.split} sample {divergence.sample}, step {divergence.step}, layer "
        f"{divergence.layer}, neuron {divergence.neuron}, {divergence.variable}",
        "search": f"{found.runs} runs; "
        + ("nothing more could be left out" if found.stopped is None else f"stopped when {found.stopped}"),
    }
    try:
        write_reproducer(folder, graph, inputs, readouts, original, origin)
        where, absent = str(folder), None
    except SnncError as error:
        where, absent = None, f"it could not be saved: {error}"
    return Reproducer(
        folder=where,
        absent=absent,
        inputs=graph.inputs,
        layers=tuple(each.neurons for each in graph.stateful),
        synapses=sum(each.synapses.count for each in graph.projections),
        steps=graph.time_steps,
        events=int(np.count_nonzero(inputs)),
        runs=found.runs,
        seconds=time.monotonic() - began,
        stopped=found.stopped,
    )


def _absence(name: str, found: Shrunk, shipped: bool, broken: Sequence[Raised]) -> str:
    """Why there is no reproducer. `shipped`: only the artifact's own files differ on the same input.

    `broken`: what the runs raised that gave no trace.
    """
    if broken and not shipped:
        last = broken[-1].text
        return f"{len(broken)} of {found.runs} runs on smaller networks broke down, the last by {last}"
    if shipped:
        return (
            f"{name} agrees once the network is emitted anew: the fault is in the files of the artifact, "
            "not in the executor"
        )
    if found.stopped is not None:
        return f"{name} differed on none of the networks that were tried before {found.stopped}"
    return (
        f"{name} agrees on this sample alone, and after the one before it; what else ran with it matters, or "
        "its results change from run to run"
    )


def _needs_files(executor: Executor, artifact: Artifact) -> bool:
    """Whether `executor` runs an artifact's files, and not its graph alone. Without files it is faster."""
    from snnc.exporter.reproducer import in_memory

    bare = in_memory(artifact.graph, artifact.target, {})
    nothing = np.zeros((0, artifact.graph.time_steps, artifact.graph.inputs), np.uint8)
    return isinstance(attempt(partial(executor.run, bare, nothing)), Raised)


def _first_steps(
    executor: Executor, reference: Executor, artifact: Artifact, emits: bool, broken: list[Raised]
) -> FirstSteps:
    """What `shrink` runs; what runs raise that give no trace is put into `broken`.

    A part of a graph that is no chain may have what its target cannot hold; that is not run.
    """
    from snnc.exporter.reproducer import emit_program, fits, in_memory

    target, any_part_fits = artifact.target, artifact.graph.is_chain

    def both(graph: QuantizedGraph, inputs: Spikes) -> npt.NDArray[np.intp]:
        made = emit_program(graph, artifact) if emits else in_memory(graph, target, {})
        return differing_steps(reference.run(made, inputs), executor.run(made, inputs))

    def run(graph: QuantizedGraph, inputs: Spikes) -> npt.NDArray[np.intp]:
        if not (any_part_fits or fits(graph, target)):
            return np.full(len(inputs), graph.time_steps)
        steps = attempt(partial(both, graph, inputs))
        if isinstance(steps, Raised):  # an executor with a fault may break on a smaller network in any way
            broken.append(steps)
            return np.full(len(inputs), graph.time_steps)
        return steps

    return run


def _differs(executor: Executor, artifact: Artifact, inputs: Spikes, expected: Trace) -> bool:
    """Whether the artifact itself, as it ships, differs on these samples."""
    steps = attempt(lambda: differing_steps(expected, executor.run(artifact, inputs)))
    # It gave a trace before; if it breaks down now, it changes from run to run.
    return not isinstance(steps, Raised) and bool((steps < artifact.graph.time_steps).any())
