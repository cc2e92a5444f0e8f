"""Several models and exports in one table: a row a figure, a column a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.errors import InputError
from snnc.percent import percent
from snnc.report.chip import GOLDEN, joules, number, seconds
from snnc.stages.board_clock import GOLDEN_INPUT
from snnc.text import shell

if TYPE_CHECKING:
    from rich.table import Table

    from snnc.cli.inspect.description import Description
    from snnc.cli.inspect.figures import Figures

NONE = "–"
CHOSEN = " *"
"""Marks an accuracy on recordings that chose the integers."""
BESIDE = 3
"""Most columns of a table, so that 80 characters hold it; further files follow in tables below."""


def compared(paths: Sequence[Path], describe: Callable[[Path], Description]) -> dict[Path, Figures]:
    """The figures of each, in the order given. Raises `InputError` if one has none, or is given twice."""
    found: dict[Path, Figures] = {}
    for path in paths:
        told = describe(path)
        if told.figures is None:
            raise InputError(
                f"{path}: {told.what}; several files are compared if they are model files of `snnc train` or "
                "folders of `snnc export`; inspect this one alone"
            )
        if path in found:
            raise InputError(f"{path}: is given twice; give each file once")
        found[path] = told.figures()
    return found


def tables(found: Mapping[Path, Figures]) -> Iterator[Table]:
    """At most `BESIDE` files beside each other; rows of which no file knows anything are left out."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    files = list(found.items())
    for first in range(0, len(files), BESIDE):
        part = files[first : first + BESIDE]
        table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("")
        for path, _ in part:
            table.add_column(str(path), justify="right", overflow="fold")
        rows = [_rows(figures) for _, figures in part]
        for label in rows[0]:
            if any(row[label] for row in rows):
                table.add_row(label, *(row[label] or NONE for row in rows))
        yield table


def notes(found: Mapping[Path, Figures]) -> Iterator[str]:
    """What keeps figures from being compared."""
    measured = [each for each in found.values() if each.total is not None]
    of: set[object] = {each.recordings for each in measured}
    if "" in of:  # a report of an earlier release: by what is said of them
        of = {(each.data, each.split, each.total) for each in measured}
    if len(of) > 1:
        yield "accuracies of the last reports are of different recordings: snnc test FILE --dataset SAME"
    if len(counted := {each.counted_on for each in found.values() if each.counted_on}) > 1:
        yield (
            "operations, energy and time are counted on different inputs: snnc verify ARTIFACT --dataset SAME"
            + (f"; {GOLDEN}" if any(GOLDEN_INPUT in each for each in counted) else "")
        )
    for path, each in found.items():
        if each.chosen_by:
            yield (
                f"* {path}: these recordings chose its integers ({' and '.join(each.chosen_by)}), so this "
                f"accuracy is optimistic: {shell('snnc', 'test', path)}"
            )
        if each.target is not None and each.verdict is None:
            yield f"{path} has no report of its network yet; `snnc verify` writes one, with its accuracy"


def _rows(of: Figures) -> dict[str, str]:
    """Each label with its text, "" where it is not known."""
    named = zip(("operations", "energy_j", "latency_s"), (number, _joules, _seconds), strict=True)
    operations, energy, latency = (
        "" if getattr(of, name) is None else text(getattr(of, name)) for name, text in named
    )
    return {
        "target": of.target or "",
        "data": of.data,
        "accuracy, integers": "" if of.correct is None else percent(of.correct, of.total or 0),
        "  of recordings": "" if of.total is None else f"{of.total}, {of.split}",
        "validation, whole delays": _share(of.validation_trained),
        "validation, integers": _share(of.validation_integers) + _bits(of) + CHOSEN * bool(of.chosen_by),
        "last report": of.verdict or "",
        "weight bits": ", ".join(map(str, of.weight_bits or ())),
        "neurons": f"{of.neurons:,}",
        "synapses": f"{of.synapses:,}",
        "synapse bytes, chip estimate": _count(of.synapse_bytes),
        "table and state bytes, no code": _count(of.program_bytes),
        "cores": _count(of.cores),
        "steps": f"{of.time_steps} of {1000 * of.step_s:g} ms",
        "longest delay": f"{of.max_delay} steps, {1000 * of.step_s * of.max_delay:g} ms",
        "synaptic operations": operations,
        "energy, estimate": energy,
        "time, estimate": latency,
        "  counted on": of.counted_on,
    }


def _bits(of: Figures) -> str:
    """Of which integers the accuracy is, where a model file has several."""
    several = of.validation_integers is not None and len(of.weight_bits or ()) > 1
    return f" ({of.validation_bits} bits)" if several and of.validation_bits is not None else ""


def _share(value: float | None) -> str:
    return "" if value is None else percent(value)


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _joules(value: float) -> str:
    return joules(value * 1e15)


def _seconds(value: float) -> str:
    return seconds(value * 1e12)
