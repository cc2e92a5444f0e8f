"""`snnc compare`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from snnc.cli.results import Json, QuietButVerdict
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.io.traces.base import TraceReader
    from snnc.stages import Divergence
    from snnc.verification.compare_files import Common, Compared

NOT_EQUAL = 1
AROUND = 2
"""Steps that are printed before the divergence, and after it."""


def compare(
    expected: Annotated[
        Path, typer.Argument(metavar="A", help="Trace file, as of `snnc run` (--trace or -o), or NIRData.")
    ],
    found: Annotated[
        Path, typer.Argument(metavar="B", help="Second trace file, of the same artifact and input.")
    ],
    artifact: Annotated[
        Path | None,
        typer.Option(
            help="Folder of `snnc export`, used to explain the first divergence (synapses, nearby steps, "
            "cause); required for npz and NIRData."
        ),
    ] = None,
    as_json: Json = None,
    quiet: QuietButVerdict = False,
) -> None:
    """Compare two traces over the part that both hold, and print the first divergence.

    Exit code 0: equal; 1: not equal; 2: not comparable, or bad input.

    Example: snnc compare hwsim.h5 lava.h5 --artifact model.loihi
    """
    from snnc.cli import console, results
    from snnc.exporter.artifact import inspect_artifact
    from snnc.io.traces.reader import look_at, open_trace
    from snnc.verification.compare_files import compare_files

    graph = None if artifact is None else inspect_artifact(artifact).graph
    look_at(expected, found)
    with open_trace(expected, graph) as left, open_trace(found, graph) as right:
        with console.bar("comparing", min(len(left), len(right))) as progress:
            result = compare_files(left, right, graph, progress)
        first, *more = lines(result, left, right)
        results.write(as_json, "compare", {**fields(result, left, right), "verdict": first})
        console.out(always=True).print(first)
        for line in more:
            console.out().print(line)
        if result.divergence is not None and artifact is None:
            following = shell("snnc", "compare", expected, found, "--artifact")
            console.out().print(f"next: {following} ARTIFACT tells the cause", soft_wrap=True)
    if result.divergence is not None:
        raise typer.Exit(NOT_EQUAL)


def fields(result: Compared, expected: TraceReader, found: TraceReader) -> dict[str, Any]:
    """The result for a script."""
    common = result.common
    return {
        "equal": result.divergence is None,
        "rung": result.rung.label,
        "own_arithmetic": result.own_arithmetic,
        "expected": {"path": expected.path, "executor": expected.executor},
        "found": {"path": found.path, "executor": found.executor},
        "samples": common.numbers,
        "steps": {"first": common.first, "stop": common.stop},
        "variables": dict(zip(expected.layers, common.variables, strict=True)),
        "inputs_compared": common.inputs,
        "whole": _whole(common, expected, found),
        "divergence": result.divergence,
    }


def lines(result: Compared, expected: TraceReader, found: TraceReader) -> list[str]:
    """The result in words."""
    from snnc.report import diagnosis
    from snnc.report import verdict as words
    from snnc.report.console import synapses

    names = f"{expected.path} ({expected.executor}), {found.path} ({found.executor})"
    over = f"compared: {_over(result.common, expected)}"
    d = result.divergence
    if d is None:
        equal = "Bit-exact" if result.own_arithmetic is None else "Equal on these inputs"
        where = "" if _whole(result.common, expected, found) else " in what both hold"
        why = () if result.own_arithmetic is None else (f"not bit-exact: {result.own_arithmetic}",)
        return [f"{equal}{where}: {names}", over, *why]
    return [
        f"NOT EQUAL: {names}",
        f"rung: {result.rung.label}",
        over,
        f"first divergence: {words.place(d)}",
        f"  {expected.path} {d.expected}, {found.path} {d.found}",
        f"  {synapses(d) if result.unnamed is None else f'synapses are not named: {result.unnamed}'}",
        *_around(d, result.common, found),
        *([] if d.diagnosis is None else [f"  {diagnosis.in_short(d.diagnosis)}"]),
    ]


def _around(divergence: Divergence, common: Common, file: TraceReader) -> Iterator[str]:
    """What both hold of the neuron in the steps around the divergence, A before B: "step 7: v 812 / 811"."""
    near = divergence.vicinity
    if near is None:
        return
    held = common.variables[file.layers.index(divergence.layer)]
    states = {
        "u": (near.expected_u, near.found_u),
        "w": (near.expected_w, near.found_w),
        "v": (near.expected_v, near.found_v),
    }
    for step in range(
        max(near.first, divergence.step - AROUND), min(common.stop, divergence.step + AROUND + 1)
    ):
        words = [
            f"{name} {left[step - near.first]} / {right[step - near.first]}"
            for name, (left, right) in states.items()
            if name in held
        ]
        if "spikes" in held:
            sides = (near.expected_spikes, near.found_spikes)
            words.append(f"spike {' / '.join('yes' if step in side else 'no' for side in sides)}")
        yield f"  step {step}: {', '.join(words)}"


def _whole(common: Common, *files: TraceReader) -> bool:
    """Whether what was compared is all that a run has: every state of every sample of both files."""
    return (
        all(len(common.numbers) == len(file) for file in files)
        and (common.first, common.stop) == (0, files[0].time_steps)
        and all({*files[0].computed(layer)} <= {*held} for layer, held in enumerate(common.variables))
    )


def _over(common: Common, file: TraceReader) -> str:
    """What both files hold: "20 samples, steps 0 to 59; hidden1 u v spikes; readout u v"."""
    from snnc.report import verdict as words

    held = (
        f"; {name} {' '.join(variables)}"
        for name, variables in zip(file.layers, common.variables, strict=True)
        if variables
    )
    inputs = "same inputs" if common.inputs else "inputs not recorded in both, so not compared"
    count = words.samples(len(common.numbers))
    return f"{count}, steps {common.first} to {common.stop - 1}{''.join(held)}; {inputs}"
