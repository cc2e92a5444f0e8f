"""`snnc sweep`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from snnc.trainer.sweep import SweepRun
    from snnc.trainer.sweep_runner import Record
    from snnc.trainer.sweep_table import Row

REASONS = 3
"""Runs that failed of which the error says why."""


def sweep(
    file: Annotated[
        Path, typer.Argument(help="Sweep file (TOML): a base configuration, seeds and variants.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the models, the records and the table.")
    ],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Number of parallel runs, one core each; default: all cores.")
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="At the end, evaluate every model once on the test split.")
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="Preset or TOML file to vary, instead of the sweep file's base.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Set a field in every variant; repeatable."),
    ] = None,
    ray: Annotated[bool, typer.Option("--ray", help="Run on Ray (pip install 'snnc\\[sweep]').")] = False,
    address: Annotated[
        str | None,
        typer.Option(
            help="With --ray: address of the cluster; it must have access to the folder and the data."
        ),
    ] = None,
) -> None:
    """Train every variant with every seed; print means and 95 % intervals.

    Writes table.json, table.md and table.html. To resume an interrupted sweep, run the same command again.

    Example: snnc sweep examples/ablation.toml -o ablation
    """
    from snnc.cli import console
    from snnc.cli.settings import with_settings
    from snnc.errors import InputError, TrainingError
    from snnc.trainer import sweep_runner
    from snnc.trainer.sweep import load_sweep
    from snnc.trainer.sweep_table import rows

    if address is not None and not ray:
        raise InputError(f"--address {address}: needs --ray; give both or neither")
    runs = load_sweep(file, output, base=base, common=with_settings({}, settings or []))
    out = console.out()
    with sweep_runner.locked(output):
        records = {run: sweep_runner.read_record(run) for run in runs}
        left = [run for run, record in records.items() if record is None or "error" in record]
        at_once = min(workers or _cores(), max(1, len(left)))
        out.print(f"{len(runs)} runs, {len(runs) - len(left)} done before, {at_once} at a time")

        def finished(run: SweepRun, record: Record) -> None:
            records[run] = record
            out.print(_line(run, record))

        if ray and left:
            sweep_runner.run_on_ray(left, at_once, finished, address)
        else:
            sweep_runner.run_local(left, at_once, finished)
        ended = [(run, record) for run, record in records.items() if record is not None]
        done = [(run, record) for run, record in ended if "error" not in record]
        failed = {run.name: record["error"] for run, record in ended if "error" in record}
        if test and failed:
            out.print("note: runs failed, so the test split is left alone")
        tested = _tested([run for run, _ in done]) if test and not failed else None
        _write(rows(done, tested), failed, file, output)
    if failed:
        reasons = "; ".join(f"{name}: {why}" for name, why in list(failed.items())[:REASONS])
        if len(failed) > REASONS:
            reasons += f"; the others stand in {output / 'table.json'}"
        raise TrainingError(f"{len(failed)} of {len(runs)} runs failed, run the sweep again after: {reasons}")


def _line(run: SweepRun, record: Record) -> str:
    if "error" in record:
        return f"{run.name}: failed: {record['error']}"
    from snnc.percent import percent

    accuracy = record["validation"]["final"]["accuracy"]
    return f"{run.name}: {percent(accuracy, 1, 1)} ({record['seconds']:.0f} s)"


def _tested(runs: Sequence[SweepRun]) -> dict[str, float]:
    """Accuracy of each run's final network on the test split."""
    from snnc.trainer.model_file import load_model
    from snnc.trainer.samples import load_samples
    from snnc.verification import accuracy

    found = {}
    for run in runs:
        model = load_model(run.model)
        found[run.name] = accuracy.trained_stages(model, load_samples(model, "test"))[-1].accuracy
    return found


def _write(table: Sequence[Row], failed: Mapping[str, str], file: Path, output: Path) -> None:
    from rich.table import Table

    from snnc.cli import console
    from snnc.io import files
    from snnc.trainer.sweep_table import to_cells, to_html, to_json, to_markdown

    headings, cells = to_cells(table)
    printed = Table(title=f"{file.stem}: validation unless marked", title_justify="left")
    for number, heading in enumerate(headings):
        printed.add_column(heading, justify="right" if number else "left")
    for row in cells:
        printed.add_row(*row)
    out = console.out()
    out.print(printed)
    for suffix, text in (
        ("json", to_json(table, failed)),
        ("md", to_markdown(table)),
        ("html", to_html(table, file.stem)),
    ):
        files.write_file(output / f"table.{suffix}", text.encode("utf-8", "backslashreplace"))
    out.print(f"wrote {output / 'table.html'}, .md and .json")


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
