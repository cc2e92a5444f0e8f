"""Several models and exports in one table: a row a figure, a column a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.cli.inspect.measured_on import doubted, recordings
from snnc.errors import InputError, SnncError
from snnc.percent import percent
from snnc.report.chip import GOLDEN, joules, number, seconds
from snnc.stages.board_clock import GOLDEN_INPUT
from snnc.stages.trained import NO_DATA
from snnc.text import shell

if TYPE_CHECKING:
    from rich.table import Table

    from snnc.cli.inspect.description import Description
    from snnc.cli.inspect.figures import Figures

NONE = "–"
CHOSEN = " *"
"""Marks an accuracy on recordings that chose the integers."""
OF = "  of recordings"
TRAINING = "validation"
"""What training measures on, all of it."""
UNCOUNTED = "number not kept"
"""Of recordings of training, in model files of earlier releases."""
REMEDY = "snnc test FILE --dataset SAME"
OF_SAMPLES = "snnc verify FILE --input SAME"
"""Of exports without data of their own, which `snnc test` does not take."""
BESIDE = 3
"""Most columns of a table, so that 80 characters hold it; further files follow in tables below."""


def compared(
    paths: Sequence[Path], describe: Callable[[Path], Description]
) -> tuple[dict[Path, Figures], list[SnncError]]:
    """The figures of each that has some, in the order given, and why others are left out."""
    found: dict[Path, Figures] = {}
    refused = list[SnncError]()
    for path in paths:
        try:
            if path in found:
                raise InputError(f"{path}: is given twice; give each file once")
            found[path] = _figures(path, describe(path))
        except SnncError as error:
            refused.append(error)
    return found, refused


def _figures(path: Path, told: Description) -> Figures:
    """Raises `InputError` if it is neither a model nor an export."""
    if told.figures is None:
        raise InputError(
            f"{path}: {told.what}; several files are compared if they are model files of `snnc train` or "
            "folders of `snnc export`; inspect this one alone"
        )
    return told.figures()


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
        for row in zip(*(_rows(figures) for _, figures in part), strict=True):
            if any(text for _, text in row):
                table.add_row(row[0][0], *(text or NONE for _, text in row))
        yield table


def _on_others(path: Path, of: Figures) -> str:
    """The command that measures it on recordings which did not choose its integers."""
    if of.target is not None and of.data == NO_DATA:
        return shell("snnc", "verify", path, "--input", "OTHERS")
    return shell("snnc", "test", path)


def notes(found: Mapping[Path, Figures]) -> Iterator[str]:
    """What keeps figures from being compared."""
    measured = [each for each in found.values() if each.total is not None]
    of: set[object] = {each.recordings for each in measured}
    unsure = "" in of and len({each.total for each in measured}) == 1
    if "" in of:  # samples of a user, or a report of an earlier release: by what is said of them
        of = {(each.file, each.split, each.total) for each in measured}
    trained = [each for each in found.values() if each.validation_trained is not None and each.validated]
    kept = all(each.validating for each in found.values() if each.validated)  # else by data and rules

    def validated(of: Figures) -> str:
        return of.validating if kept else of.validated

    measured_on = [each for each in found.values() if each.validation_integers is not None]
    integers = {_key(each, validated(each)) for each in measured_on} - {""}
    others = {"'accuracy, integers'": {_of_report(each) for each in measured}} if len(of) > 1 else {}
    if len({validated(each) for each in trained}) > 1:
        others["'validation, whole delays'"] = {_of_training(each) for each in trained}
    if len(integers) > 1:
        others["'validation, integers'"] = {_of_integers(each) for each in measured_on}
    if others:
        alike = any(len(texts) == 1 for texts in others.values())
        why = " (where called alike: a file changed or was divided otherwise)" if alike else ""
        *first, last = others
        rows = f"rows {', '.join(first)} and {last} compare" if first else f"row {last} compares"
        differ = "recordings that may be different" if unsure and not first else "different recordings"
        foreign = any(each.target is not None and each.data == NO_DATA for each in found.values())
        yield f"the {rows} accuracies of {differ}{why}: {OF_SAMPLES if foreign else REMEDY}"
    elif not kept and len({each.validation_seed for each in trained} - {None}) > 1:
        yield (
            "the seeds of training differ, by which recordings of speakers that are not known are divided: "
            f"validation may be of different ones: {REMEDY}"
        )
    if len(counted := {each.counted_on for each in found.values() if each.counted_on}) > 1:
        yield (
            "operations, energy and time are counted on different inputs: snnc verify ARTIFACT --dataset SAME"
            + (f"; {GOLDEN}" if any(GOLDEN_INPUT in each for each in counted) else "")
        )
    for path, each in found.items():
        doubts = {"accuracy, integers": each.doubt, "validation, integers": each.validation_doubt}
        yield from (f"{path}: {row}: {doubt.text}" for row, doubt in doubts.items() if doubt is not None)
        if each.chosen_by:
            yield (
                f"* {path}: these recordings chose its integers ({' and '.join(each.chosen_by)}), so this "
                f"accuracy is optimistic: {_on_others(path, each)}"
            )
        if each.missed:
            yield f"{path}: {each.missed}"
        if each.target is not None and each.verdict is None:
            yield f"{path} has no report of its network yet; `snnc verify` writes one, with its accuracy"


def _key(of: Figures, validated: str) -> object:
    """Of recordings of `validation_integers`, "" if not known; part of those `validated` in training counts
    as all."""
    if of.validation_file == of.data:
        return validated
    return of.validation_file, of.validation_split, of.validation_total


def _rows(of: Figures) -> list[tuple[str, str]]:
    """Each label with its text, "" where it is not known."""
    named = zip(("operations", "energy_j", "latency_s"), (number, _joules, _seconds), strict=True)
    operations, energy, latency = (
        "" if getattr(of, name) is None else text(getattr(of, name)) for name, text in named
    )
    return [
        ("target", of.target or ""),
        ("data", of.data),
        ("accuracy, integers", "" if of.correct is None else percent(of.correct, of.total or 0)),
        (OF, _of_report(of)),
        ("validation, whole delays", _share(of.validation_trained)),
        (OF, "" if of.validation_trained is None else _of_training(of)),
        (
            "validation, integers",
            _share(of.validation_integers) + _bits(of) + CHOSEN * bool(of.chosen_by),
        ),
        (OF, "" if of.validation_integers is None else _of_integers(of)),
        ("last report", of.verdict or ""),
        ("weight bits", ", ".join(map(str, of.weight_bits or ()))),
        ("neurons", f"{of.neurons:,}"),
        ("synapses", f"{of.synapses:,}"),
        ("synapse bytes, chip estimate", _count(of.synapse_bytes)),
        ("table and state bytes, no code", _count(of.program_bytes)),
        ("cores", _count(of.cores)),
        ("steps", f"{of.time_steps} of {1000 * of.step_s:g} ms"),
        ("longest delay", f"{_steps(of.max_delay)}, {1000 * of.step_s * of.max_delay:g} ms"),
        ("synaptic operations", operations),
        ("energy, estimate", energy),
        ("time, estimate", latency),
        ("  counted on", of.counted_on),
    ]


def _of_report(of: Figures) -> str:
    return doubted(_recordings(of.total, of.split, of.file), of.doubt)


def _of_training(of: Figures) -> str:
    return _recordings(of.validation_count, _split(of), of.data)


def _split(of: Figures) -> str:
    return f"{TRAINING} (which trained it)" if of.validation_trained_it else TRAINING


def _of_integers(of: Figures) -> str:
    """Those that the export measured on, or all that validated in training."""
    if of.validation_split is None:
        return _recordings(of.validation_count, _split(of), of.validation_file)
    measured_on = _recordings(of.validation_total, of.validation_split, of.validation_file)
    return doubted(measured_on, of.validation_doubt)


def _recordings(total: int | None, split: str | None, file: str) -> str:
    """As "20, test of own.npz"; "" where nothing is known of them."""
    if split is None:
        return ""
    return f"{UNCOUNTED if total is None else total}, {recordings(split, '' if file == NO_DATA else file)}"


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


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
