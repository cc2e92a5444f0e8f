"""`snnc sweep`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.completion import target_names
from snnc.cli.results import Quiet

if TYPE_CHECKING:
    from rich.table import Table

    from snnc.cli.sweep_points import Integers
    from snnc.trainer.sweep import SweepRun
    from snnc.trainer.sweep_runner import Record
    from snnc.trainer.sweep_table import Tested

TOO_HIGH = "validation chose the epochs, so it is too high for new recordings; --test measures on some"
REASONS = 3
"""Runs that failed of which the error says why."""
MEASURED = 1 << 16
"""Columns of a screen on which any table has its own width."""


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
        bool,
        typer.Option(
            "--test", help="At the end, evaluate every model once on the test split, in integers, too."
        ),
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="Preset or TOML file to vary, instead of the sweep file's base.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Set a field in every variant; repeatable."),
    ] = None,
    target: Annotated[
        str,
        typer.Option(
            "--target",
            "-t",
            autocompletion=target_names,
            help="Target for which the runs are measured in integers.",
        ),
    ] = "loihi",
    costs: Annotated[
        str | None,
        typer.Option(help="Set of constants for energy and time, as for `snnc chip`; default: the first."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="COST=NUMBER,...",
            help="Choose the most accurate run within limits of operations, bytes and, of a target with "
            "published costs, energy_uj and latency_ms.",
        ),
    ] = None,
    integers: Annotated[
        bool,
        typer.Option("--integers/--no-integers", help="Measure the runs in integers, or leave it out."),
    ] = True,
    quiet: Quiet = False,
    ray: Annotated[bool, typer.Option("--ray", help="Run on Ray (pip install 'snnc\\[sweep]').")] = False,
    address: Annotated[
        str | None,
        typer.Option(
            help="With --ray: address of the cluster; it must have access to the folder and the data."
        ),
    ] = None,
) -> None:
    """Train every variant with every seed; print means and 95 % intervals, and what the networks cost.

    Each network is quantised for --target and measured on the recordings that validate: accuracy, synaptic
    operations, bytes and, by estimate, energy and time. Those that no other beats are the front. With
    --budget, the most accurate one within the limits is chosen; exit code 2: none is.

    Writes table.json, table.md, of integers front.html (of folds, which have no front, costs.html), and with
    the extra report table.html. To resume an interrupted sweep, or to choose with another --budget, run the
    same command again: finished runs are kept.

    Example: snnc sweep examples/ablation.toml -o ablation --budget operations=30000,bytes=20000
    """
    from snnc.cli import console
    from snnc.cli.settings import with_settings
    from snnc.cli.sweep_points import Integers
    from snnc.cli.sweep_test_parts import tested_by
    from snnc.errors import InputError, TrainingError
    from snnc.processors import processors
    from snnc.text import many
    from snnc.trainer import sweep_runner
    from snnc.trainer.sweep import load_sweep
    from snnc.trainer.sweep_data import check_splits, check_tests
    from snnc.trainer.sweep_table import check_data

    if address is not None and not ray:
        raise InputError(f"--address {address}: needs --ray; give both or neither")
    if budget is not None and not integers:
        raise InputError("--budget: the costs are of networks in integers; leave --no-integers out")
    runs = load_sweep(file, output, base=base, common=with_settings({}, settings or []))
    if test:
        check_tests(runs)
    measured = Integers.asked(target, costs, budget, runs) if integers else None
    out = console.out()
    with sweep_runner.locked(output):
        records = {run: sweep_runner.read_record(run) for run in runs}
        left = [run for run, record in records.items() if record is None or "error" in record]
        for note in check_splits(left):
            out.print(f"note: {note}", soft_wrap=True)
        at_once = min(workers or processors(), max(1, len(left)))
        out.print(f"{many(len(runs), 'run')}, {len(runs) - len(left)} done before, {at_once} at a time")

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
            out.print(f"note: {many(len(failed), 'run')} failed, so the test split is left alone")
        tested = tested_by([run for run, _ in done]) if test and not failed else None
        check_data(done)
        if measured is not None:
            with console.status("measuring in integers") as progress:
                for number, (run, _) in enumerate(done, start=1):
                    progress(f"measuring in integers: {number} of {len(done)}")
                    measured.measure(run)
                    if tested is not None:
                        tested[run.name] |= measured.tested(run)
        within = _write(done, tested, failed, measured, file, output)
    if failed:
        reasons = "; ".join(f"{name}: {why}" for name, why in list(failed.items())[:REASONS])
        if len(failed) > REASONS:
            reasons += f"; the others stand in {output / 'table.json'}"
        raise TrainingError(
            f"{len(failed)} of {many(len(runs), 'run')} failed, run the sweep again after: {reasons}"
        )
    if not within:
        raise typer.Exit(2)


def _line(run: SweepRun, record: Record) -> str:
    if "error" in record:
        return f"{run.name}: failed: {record['error']}"
    from snnc.percent import percent

    accuracy = record["validation"]["final"]["accuracy"]
    return f"{run.name}: {percent(accuracy, 1, 1)} of validation ({record['seconds']:.0f} s)"


def _write(
    done: Sequence[tuple[SweepRun, Record]],
    tested: Tested | None,
    failed: Mapping[str, str],
    measured: Integers | None,
    file: Path,
    output: Path,
) -> bool:
    """Print and write what came out; whether a run is within the budget, if there is one."""
    from snnc.cli import console
    from snnc.cli.sweep_points import SHOWN
    from snnc.cli.sweep_test_parts import totals
    from snnc.extras import lacking
    from snnc.io import files
    from snnc.report.front import page
    from snnc.text import many
    from snnc.trainer.sweep_points import NO_FRONT, front
    from snnc.trainer.sweep_table import (
        point_cells,
        rows,
        run_cells,
        to_cells,
        to_html,
        to_json,
        to_markdown,
    )

    out, points = console.out(), measured.points if measured else []
    table, notes = rows(done, tested, points), list[str]()
    tables = [to_cells(table)]
    _print(f"{file.stem}: validation unless marked", *tables[0])
    if tested is None:
        out.print(f"note: {TOO_HIGH}")
    else:
        tables.append(run_cells(done, tested))
        headings, cells = tables[-1]
        _print("each run on its test split", headings, cells[:SHOWN])
        if len(cells) > SHOWN:
            out.print(f"{many(len(cells) - SHOWN, 'run')} more, not listed; {output / 'table.md'} has all")
        notes += totals([run for run, _ in done], tested)
        for line in notes:
            out.print(line, soft_wrap=True)
    with_front = measured is None or not measured.in_folds
    tables += [point_cells(points, with_front)] if points else []
    record, chosen, drawn = None, None, dict[str, bytes]()
    if measured is not None:
        chosen = measured.budget.best(points) if measured.budget and points else None
        record, limits = measured.record(chosen), measured.budget.limits if measured.budget else {}
        shown = points if len(points) <= SHOWN else front(points) if with_front else points[:SHOWN]
        if shown:
            _print(f"in integers, for {measured.about}", *point_cells(shown, with_front))
        if len(shown) < len(points):
            which = "on the front" if with_front else "the first"
            out.print(f"{len(shown)} of {many(len(points), 'row')}, {which}; {output / 'table.md'} has all")
        notes += [f"in integers, for {measured.about}"] if shown else []
        if shown and not with_front:
            notes.append(f"note: {NO_FRONT}; compare variants by their means above")
            out.print(notes[-1])
        for name, why in measured.left_out.items():
            out.print(f"note: {name}: not measured: {why}")
        drawn["front.html" if with_front else "costs.html"] = page(
            file.stem, measured.about, points, limits, chosen, measured.left_out, with_front
        )
    written = dict[str, bytes]()
    for suffix, text in (
        ("json", to_json(table, failed, record, tested)),
        ("md", to_markdown(*tables, notes=notes)),
        *(() if (lacks := lacking("report")) else (("html", to_html(table, file.stem)),)),
    ):
        written[f"table.{suffix}"] = text.encode("utf-8", "backslashreplace")
    for name, content in (written | drawn).items():
        files.write_file(output / name, content)
    names = "table.md and .json" if lacks else "table.html, .md and .json"
    out.print(", ".join([f"wrote {output / names}", *(str(output / name) for name in drawn)]))
    if lacks:
        out.print(f"note: table.html, a plot of the table, {lacks}")
    if measured is None or measured.budget is None:
        return True
    for line in measured.choice(output) if points else ["no run has integers, so none is within the budget"]:
        out.print(line, soft_wrap=True)
    return chosen is not None


def _print(title: str, headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """The first column names the row; columns that the screen has no room for follow in tables below."""
    from rich.measure import Measurement

    from snnc.cli import console

    out, left = console.out(), list(range(1, len(headings)))
    out.print(title)
    while left:
        for count in range(len(left), 0, -1):
            table = _table([0, *left[:count]], headings, cells, out.width // 3)
            if Measurement.get(out, out.options.update(max_width=MEASURED), table).maximum <= out.width:
                break
        out.print(table)
        left = left[count:]


def _table(
    columns: Sequence[int],
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    widest_name: int,
) -> Table:
    """Those of the `columns`; names that are wider go on below."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0)
    for column in columns:
        # A word a line, so that as many columns as possible fit a terminal of 80.
        told = Text(headings[column].replace(" ", "\n"))
        if column:
            table.add_column(told, justify="right", no_wrap=True)
        else:
            table.add_column(told, overflow="fold", max_width=widest_name)
    for row in cells:
        table.add_row(*(row[column] for column in columns))
    return table
