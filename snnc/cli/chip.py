"""`snnc chip`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.counted_on import Given, counted_on, print_golden
from snnc.cli.lines import print_table
from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.stages.chip import ChipEstimate
    from snnc.target import Target

CORES_SHOWN = 16
LINKS_SHOWN = 5


def chip(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export`.")],
    inputs: Given = None,
    costs: Annotated[
        str | None,
        typer.Option(help="Set of cost constants, for example loihi1; default: the first of the target."),
    ] = None,
    per_step: Annotated[
        int | None,
        typer.Option(min=0, help="Show one sample time step by time step: its number, from 0."),
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Estimate time and energy on the chip, and list the busiest cores and links.

    Without --input, the estimate uses the 20 test recordings that `snnc verify` takes, or golden inputs if
    those recordings cannot be read.

    The estimate multiplies counted operations by constants, published or assumed; no chip is used. Of a core
    for an FPGA it counts cycles.

    Example: snnc chip model.loihi --input spikes.npz --costs sanafe-loihi1
    """
    from dataclasses import asdict

    from snnc.cli import console, results
    from snnc.cli.following import hint, others
    from snnc.errors import InputError
    from snnc.exporter.artifact import inspect_artifact
    from snnc.report import chip as words
    from snnc.targets.registry import load_target
    from snnc.verification.chip import estimate_artifact, steps_of_artifact

    loaded = inspect_artifact(artifact)
    target = load_target(loaded.target)
    of_core = costs is None and target.routed is not None
    if not of_core:  # before notes on numbers that nothing could tell
        _check_costs(artifact, target, costs)
    with console.status("reading data"):
        chosen = counted_on(loaded, inputs)
    spikes, out = chosen.spikes, console.out()
    if per_step is not None and per_step >= len(spikes):
        raise InputError(f"--per-step {per_step}: there are {len(spikes)} samples, counted from 0")
    if of_core:
        from snnc.cli.chip_core import report_core

        report_core(loaded, target, chosen, per_step, as_json)
        return
    print_golden(chosen, "time and energy are")  # first: the numbers mean something else then
    if per_step is not None:
        rows = steps_of_artifact(loaded, spikes[per_step], costs)
        results.write(as_json, "chip", {"inputs": chosen.name, "sample": per_step, "steps": rows})
        print_table(words.step_rows(rows), 1, f"steps of sample {per_step} of {chosen.name}", out)
        return
    with console.status(f"running {len(spikes)} samples on the model of the chip"):
        found = estimate_artifact(loaded, spikes, costs)
    fields = asdict(found)
    if not found.notes:  # as in `report.json`
        del fields["notes"]
    results.write(as_json, "chip", {"inputs": chosen.name, **fields})
    print_chip(found, out)
    out.print(f"inputs: {chosen.name}, {len(spikes)} samples")
    hint(others(artifact))


def _check_costs(artifact: Path, target: Target, costs: str | None) -> None:
    """Raises `InputError` if `target` has no costs, or none of that name."""
    from snnc.errors import InputError
    from snnc.text import shell

    if target.costs:
        target.operation_costs(costs)
    elif target.routed is not None:
        raise InputError(
            f"--costs {costs}: target {target.name} has no costs, its cycles are counted; leave --costs out"
        )
    else:
        others = shell("snnc", "targets", "--for", artifact)
        how = f" ({artifact / 'README.md'} says how)" if target.follows_events else ""
        raise InputError(
            f"{artifact}: target {target.name} has no published costs, so time and energy are not known; "
            f"measure them where it runs{how}; those on other targets: {others}"
        )


def print_chip(found: ChipEstimate, out: Console) -> None:
    """Tables first, the answer in the last lines."""
    from snnc.report import chip as words

    cores = words.core_rows(found)
    busiest = f", the {CORES_SHOWN} busiest of {len(cores)}" if len(cores) > CORES_SHOWN else ""
    print_table(cores[:CORES_SHOWN], 3, f"cores, in % of the time{busiest}", out)
    links = words.link_rows(found)
    if links:
        busiest = f", the {LINKS_SHOWN} busiest of {len(links)}" if len(links) > LINKS_SHOWN else ""
        print_table(links[:LINKS_SHOWN], 1, f"links between tiles, a sample{busiest}", out)
    print_table(words.operation_rows(found), 1, "energy by operation, a sample", out)
    print_table(words.workload_rows(found), 1, "NeuroBench's measures", out)
    for line in words.lines(found):
        out.print(line)
