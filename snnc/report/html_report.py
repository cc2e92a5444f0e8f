"""`report.html`: one file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from snnc.errors import InputError
from snnc.report import chip, costs, figure_data, glossary, plots, summary
from snnc.report import verdict as words
from snnc.report.chip_picture import picture
from snnc.report.chip_plot import step_bars
from snnc.report.cost_plots import cost_plots
from snnc.stages import AccuracyStage, Report
from snnc.stages.budget import Costs
from snnc.stages.chip import ChipEstimate

SIZE_LIMIT = 6_000_000
"""Largest page in bytes; Plotly takes 4.8 million of them."""

SYNAPSES_SHOWN = 50

TEXT_COLUMNS = ("note", "tile", "holds", "whose")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `numeric` aligns right, `fill` is the share in percent of a "used / max", else None."""

    text: str
    numeric: bool = False
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns in order of first appearance; a row lacking a column has an empty cell there."""

    columns: list[Cell]
    rows: list[list[Cell]]


def to_html(report: Report) -> str:
    """`report` as a single HTML page: scripts, styles and pictures are in it.

    Raises
    ------
    InputError
        If `report.figures` is malformed, a number in it is not finite, or the page would exceed
        `SIZE_LIMIT`.
    """
    from jinja2 import DictLoader, Environment, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    rasters = figure_data.rasters(report.figures)
    readout = figure_data.readout(report.figures)
    layers = figure_data.histograms(report.figures)
    figures: dict[str, plots.Plot] = {}
    if any(stage.total for stage in report.accuracy):
        figures["plot-accuracy"] = plots.accuracy_bars(report.accuracy)
    if rasters:
        figures["plot-raster"] = plots.raster(rasters)
    if readout is not None:
        figures["plot-readout"] = plots.readout_curves(readout)
    histogram_rows: list[tuple[str, list[str]]] = []
    for index, layer in enumerate(layers):
        drawn = {
            f"plot-{kind}-{index}": plot
            for kind, plot in (("delays", plots.delays(layer)), ("weights", plots.weights(layer)))
            if plot is not None
        }
        figures |= drawn
        histogram_rows.append((layer.layer, list(drawn)))

    figures |= cost_plots(report.costs)
    if report.chip is not None:
        figures["plot-steps"] = step_bars(report.chip)
    plotly, script = get_plotlyjs(), _resource("report.js")
    first = words.first_divergence(report)
    environment = Environment(
        loader=DictLoader({name: _resource(name) for name in ("template.html", "costs.html", "chip.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("template.html").render(
        report=report,
        verdict=words.verdict(report),
        words=words,
        first=first,
        noted=any(words.note(result) for result in report.executors),
        synapses_shown=SYNAPSES_SHOWN,
        glossary=glossary,
        facts=summary.facts(report),
        counts=summary.counts(report),
        accuracy=_accuracy_rows(report.accuracy),
        costs=_costs(report.costs),
        chip=_chip(report.chip),
        splits=list(dict.fromkeys(stage.split for stage in report.accuracy)),
        sample=figure_data.sample(report.figures),
        plots=figures,
        histograms=histogram_rows,
        readout=readout,
        layers=_table(report.layers),
        resources=_table(report.resources),
        provenance=list(_flat(report.provenance)),
        script_hashes=[_csp_hash(plotly), _csp_hash(script)],
        # Markup is not escaped: our own scripts and styles, and JSON that is escaped already.
        plotly=Markup(plotly),
        script=Markup(script),
        style=Markup(_resource("report.css")),
        figures=Markup(_figure_json(figures)),
        seconds=_seconds,
    )
    # A file name that is not UTF-8 reaches us with lone surrogates, which no file could hold.
    data = page.encode("utf-8", "backslashreplace")
    if len(data) > SIZE_LIMIT:
        raise InputError(
            f"report.html: {len(data)} bytes exceed {SIZE_LIMIT}; give fewer figures, layers or cores"
        )
    return data.decode("utf-8")


def _resource(name: str) -> str:
    return files("snnc.report").joinpath(name).read_text(encoding="utf-8")


def _csp_hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _figure_json(figures: Mapping[str, plots.Plot]) -> str:
    document = {name: {"data": plot.data, "layout": plot.layout} for name, plot in figures.items()}
    try:
        text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise InputError(
            "report: figures hold NaN or infinity; a report holds finite numbers only"
        ) from error
    # Inside <script> only "<" could end the element or open a comment; JSON has it in strings alone.
    return text.replace("<", "\\u003c")


def _accuracy_rows(stages: Iterable[AccuracyStage]) -> list[dict[str, str]]:
    """Rows of the accuracy table; `change` is against the first stage on the same split."""
    rows = []
    base: dict[str, AccuracyStage] = {}
    for stage in stages:
        row = {"stage": stage.stage, "split": stage.split, "correct": f"{stage.correct} of {stage.total}"}
        if not stage.total:
            rows.append(row | {"accuracy": "no samples", "interval": "", "change": "–"})
            continue
        change = summary.points(base[stage.split], stage) if stage.split in base else "–"
        base.setdefault(stage.split, stage)
        accuracy = {"accuracy": f"{100 * stage.accuracy:.2f} %", "interval": plots.interval(stage)}
        rows.append(row | accuracy | {"change": change})
    return rows


def _costs(found: Costs) -> dict[str, Any]:
    """What the section of the costs shows; a table is None where nothing was measured."""
    loss, bits = found.loss, found.bits
    return {
        "loss": loss and _numbers(costs.loss_rows(loss)),
        "loss_on": loss and costs.recordings_phrase(loss.recordings),
        "drift": loss and _numbers(costs.drift_rows(loss)),
        "steps": [stage.stage for stage in loss.stages] if loss else [],
        "bytes": bits and _numbers(costs.byte_rows(bits)),
        "bits_on": bits and costs.recordings_phrase(bits.recordings),
        "search": bits and costs.search_sentence(bits),
        "candidates": bits and _numbers(costs.candidate_rows(bits)),
    }


def _chip(found: ChipEstimate | None) -> dict[str, Any] | None:
    """What the section of the chip shows."""
    if found is None:
        return None
    return {
        "found": found,
        "words": chip,
        "picture": picture(found),
        "cores": _numbers(chip.core_rows(found)),
        "links": _numbers(chip.link_rows(found)),
        "operations": _numbers(chip.operation_rows(found)),
        "kinds": chip.kind_shares(found),
        "workload": _numbers(chip.workload_rows(found)),
        "others": _numbers(chip.other_rows(found)),
    }


def _numbers(rows: Iterable[Mapping[str, Any]]) -> Table:
    """A table of numbers in words, but for the first column and `TEXT_COLUMNS`."""
    table = _table(rows)
    right = [index > 0 and head.text not in TEXT_COLUMNS for index, head in enumerate(table.columns)]
    heads, *body = (
        [replace(cell, numeric=numeric) for cell, numeric in zip(row, right, strict=True)]
        for row in (table.columns, *table.rows)
    )
    return Table(heads, body)


def _table(rows: Iterable[Mapping[str, Any]]) -> Table:
    rows = list(rows)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row[key]) if key in row else Cell("") for key in columns] for row in rows]
    numeric = [any(row[index].numeric for row in cells) for index in range(len(columns))]
    heads = [Cell(key.replace("_", " "), right) for key, right in zip(columns, numeric, strict=True)]
    aligned = [[replace(c, numeric=h.numeric) for c, h in zip(row, heads, strict=True)] for row in cells]
    return Table(heads, aligned)


def _cell(value: Any) -> Cell:
    if (fill := summary.share(value)) is not None:
        return Cell(value.strip(), numeric=True, fill=fill)
    return Cell(_text(value), numeric=isinstance(value, int | float) and not isinstance(value, bool))


def _text(value: Any) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case list() | tuple():
            return ", ".join(_text(item) for item in value)
    return str(value)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Nested mappings as rows with dotted names, sorted."""
    for key, value in sorted(values.items()):
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _text(value)


def _seconds(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"
