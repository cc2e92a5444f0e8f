"""`snnc compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from snnc.hwsim.compare_files import Common, Compared
    from snnc.traces.reader import TraceReader

NOT_EQUAL = 1


def compare(
    expected: Annotated[
        Path, typer.Argument(metavar="A", help="Trace: of `snnc run` (--trace or -o), or NIRData.")
    ],
    found: Annotated[Path, typer.Argument(metavar="B", help="Another, of the same artifact and input.")],
    artifact: Annotated[
        Path | None,
        typer.Option(
            help="Folder of `snnc export`: names the synapses that led to the first divergence. "
            "npz and NIRData need it."
        ),
    ] = None,
) -> None:
    """Compare two traces over what both hold, and name the first divergence.

    Exit code 0: equal; 1: not equal; 2: not comparable, or bad input.

    Example: snnc compare hwsim.h5 lava.h5 --artifact model.loihi
    """
    from snnc.cli import console
    from snnc.errors import InputError
    from snnc.exporter.artifact import read_artifact
    from snnc.hwsim.compare_files import compare_files
    from snnc.provenance import graph_hash
    from snnc.traces.reader import open_trace

    graph = None if artifact is None else read_artifact(artifact).graph
    with open_trace(expected, graph) as left, open_trace(found, graph) as right:
        if graph is not None and graph_hash(graph) != left.graph_hash:
            raise InputError(f"{expected}: is of another network than {artifact}; give the artifact that ran")
        with console.bar("comparing", min(len(left), len(right))) as progress:
            result = compare_files(left, right, graph, progress)
        for line in lines(result, left, right):
            console.out().print(line)
    if result.divergence is not None:
        raise typer.Exit(NOT_EQUAL)


def lines(result: Compared, expected: TraceReader, found: TraceReader) -> list[str]:
    """The result in words."""
    from snnc.report import verdict as words
    from snnc.report.console import synapses

    names = f"{expected.path} ({expected.executor}), {found.path} ({found.executor})"
    over = f"compared: {_over(result.common, expected)}"
    d = result.divergence
    if d is None:
        return [f"Bit-exact: {names}", over]
    return [
        f"NOT EQUAL: {names}",
        f"rung: {result.rung.label}",
        over,
        f"first divergence: {words.place(d)}",
        f"  {expected.path} {d.expected}, {found.path} {d.found}",
        f"  {synapses(d) if result.unnamed is None else f'synapses are not named: {result.unnamed}'}",
    ]


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
