"""`report.html`: one file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence

from snnc.errors import InputError
from snnc.report import (
    chip,
    confusion,
    diagnosis,
    figure_data,
    glossary,
    learning,
    losses,
    network,
    plots,
    sample_data,
    speakers,
    summary,
    training_plots,
    utilisation,
)
from snnc.report import verdict as words
from snnc.report.accuracy import accuracy_rows
from snnc.report.checks import check_findings
from snnc.report.chip_picture import picture
from snnc.report.coverage import coverage_rows
from snnc.report.less import LESS
from snnc.report.lost_by import lost_by
from snnc.report.off_chip import clock_of, cycles_words, on_board, speed_words, untimed
from snnc.report.questions import questions
from snnc.report.report_plots import differing_spikes, page_plots
from snnc.report.tables import flat
from snnc.report.templates import SECTIONS, environment, resource
from snnc.stages import Report

SIZE_LIMIT = 3_000_000
"""Largest page in bytes: a larger one would be slow to open."""

SCRIPTS = ("figures.js", "traces.js", "samples.js", "report.js")
STYLES = ("report.css", "pictures.css", "figures.css", "samples.css")

SYNAPSES_SHOWN = 50
UNREACHED_SHOWN = 100


def to_html(report: Report) -> str:
    """The page of `html_bytes` as a string."""
    return html_bytes(report).decode()


def html_bytes(report: Report) -> bytes:
    """`report` as a single HTML page, in UTF-8: scripts, styles and pictures are in it.

    Where it would exceed `SIZE_LIMIT` it says less, in the order of `LESS`, and what it leaves out.

    Raises
    ------
    InputError
        If `report.figures` is malformed, a number in it is not finite, counts contradict each other, or even
        the least that a page says exceeds `SIZE_LIMIT`.
    """
    check_findings(report)
    data, shown, left_out = _page(report, report, ()), report, []
    for what, without in LESS:
        if len(data) <= SIZE_LIMIT:
            return data
        shown = without(shown)
        left_out.append(what)
        data = _page(report, shown, left_out)
    if len(data) > SIZE_LIMIT:
        raise InputError(f"report.html: {len(data)} bytes exceed {SIZE_LIMIT}; report.json holds the report")
    return data


def _page(whole: Report, report: Report, left_out: Sequence[str]) -> bytes:
    """The page of `report`, which is what is shown of `whole`, and names what was `left_out`.

    What it answers in words is of `whole`.
    """
    from markupsafe import Markup

    figures, histogram_rows = page_plots(report)
    script = "".join(resource(name) for name in SCRIPTS)
    first = report.first_divergence
    sample_json, fans = sample_data.script_data(report.figures), sample_data.synapses(report.figures)
    template = environment().get_template("template.html")
    page = template.generate(
        report=report,
        left_out=left_out,
        verdict=words.verdict(report),
        words=words,
        first=first,
        wrong=words.first_answer(report),
        noted=any(words.note(result) for result in report.executors),
        synapses_shown=SYNAPSES_SHOWN,
        glossary=glossary,
        sections=_sections(differs=any(result.differs for result in report.executors)),
        questions=questions(whole),
        facts=summary.facts(whole),
        counts=summary.counts(report),
        accuracy=accuracy_rows(report.accuracy),
        paired=any(stage.lost is not None for stage in report.accuracy),
        losses=losses,
        lost_by=lost_by,
        network=network,
        chip=chip,
        picture=picture,
        diagnosis=diagnosis,
        coverage_rows=coverage_rows,
        unreached_shown=UNREACHED_SHOWN,
        confusion=confusion,
        speakers=speakers,
        differing=differing_spikes(report),
        steps=figure_data.time_steps(report.figures),
        silent_end=figure_data.silent_end(report.figures),
        splits=list(dict.fromkeys(stage.split for stage in report.accuracy)),
        sample=figure_data.sample(report.figures),
        plots=figures,
        histograms=histogram_rows,
        rounded=figure_data.rounded(report.figures),
        learned=any(layer.delay_initial for layer, _ in histogram_rows),
        numbered={layer.layer: index for index, (layer, _) in enumerate(histogram_rows)},
        delay_rows=learning.delay_rows([layer for layer, _ in histogram_rows]),
        training=training_plots.training(report.figures),
        picked=sample_data.samples(report.figures) if sample_json else [],
        sample_name=sample_data.name,
        samples_left_out=sample_data.left_out(report.figures),
        strongest=max((len(n) for each in fans for n in each.post), default=0),
        chain=None if report.network else network.of_layers(report.layers, _delays(report)),
        board=clock_of(report),
        speed_words=speed_words,
        untimed=untimed(report),
        cycles=cycles_words(report),
        on_board=on_board(report),
        utilised=utilisation.lines(report),
        unlimited=utilisation.without_limit(report),
        utilisation_basis=utilisation.basis(report),
        flat=flat,
        script_hashes=[_csp_hash(script)],
        # Not escaped: scripts and styles of our own, and JSON that is escaped already.
        script=Markup(script),
        style=Markup("".join(resource(name) for name in STYLES)),
        figures=Markup(_figure_json(figures)),
        sample_json=Markup(sample_json),
    )
    # A file name that is not UTF-8 reaches us with lone surrogates, which no file could hold.
    return b"".join(piece.encode("utf-8", "backslashreplace") for piece in page)


def _sections(*, differs: bool) -> list[tuple[str, str]]:
    """In the order of the page: where executors differ, that and the sample it is in come first."""
    urgent = ("summary", "divergence", "activity") if differs else ()
    return [(name, SECTIONS[name]) for name in dict.fromkeys((*urgent, *SECTIONS))]


def _delays(report: Report) -> dict[str, list[int]]:
    """Of each layer the least and the longest delay of its synapses, as exported."""
    found: dict[str, list[int]] = {}
    for layer in figure_data.histograms(report.figures):
        if layer.delay_after is not None:
            used = [int(x) for x, y in zip(layer.delay_after.centres, layer.delay_after.y, strict=True) if y]
            found |= {layer.layer: [min(used), max(used)]} if used else {}
    return found


def _csp_hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _figure_json(figures: Mapping[str, plots.Plot]) -> str:
    """The figures by id, and the template of them all."""
    document = {name: plot.figure for name, plot in figures.items()} | {"template": plots.TEMPLATE}
    try:
        text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise InputError(
            "report: figures hold NaN or infinity; a report holds finite numbers only"
        ) from error
    # Inside <script> only "<" could end the element or open a comment; JSON has it in strings alone.
    return text.replace("<", "\\u003c")
