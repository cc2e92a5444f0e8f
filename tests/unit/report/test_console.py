"""A report in a terminal or a pipe."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from report_examples import (
    different,
    equal,
    failed,
    nothing_run,
    only_reference,
    skipped,
    weak_shift,
)
from report_page import Page
from rich.console import Console

from snnc.report.console import print_report
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.verdict import verdict
from snnc.stages import Report, Rung, StepCycles


def _printed(report: Report, *, terminal: bool = False, path: str | None = None, width: int = 80) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, force_terminal=terminal, highlight=False)
    print_report(report, console, path)
    return buffer.getvalue()


def test_console_in_a_pipe_is_plain_and_keeps_sentences_whole() -> None:
    lines = _printed(different(), path="out/report.html").splitlines()
    assert lines[0] == str(verdict(different()))
    assert not any("\x1b" in line for line in lines)
    assert "first divergence: test sample 3, step 17, layer hidden2, neuron 41, variable v" in lines
    assert "  torch 812, hwsim 811" in lines
    assert (
        "  9 synapses delivered a spike: source 7 weight -23 delay 4 spike in step 13; "
        "source 12 weight 90 delay 0 spike in step 17; "
        "source 30 weight 5 delay 16 spike in step 1; 6 more"
    ) in lines
    assert "lava-event did not run: needs Python 3.10; run `uv sync`" in lines
    assert lines[-1] == "report: out/report.html"


def test_cycles_that_were_compared_are_told_and_kept() -> None:
    """890 steps of ten samples: 15,520 a sample; the report's text is read back with them."""
    report = equal()
    counted = replace(report.executors[0], samples=10, cycles=StepCycles(890, 155_200, 910, 1843))
    report = replace(report, executors=(counted, *report.executors[1:]))
    assert (
        f"cycles: {counted.name} took as many as the machine model says in each of 890 steps: 15,520 a "
        "sample (mean), 910 in the longest step (at most 1,843, whatever the input)\n"
    ) in _printed(report)
    assert from_json(to_json(report)) == report
    assert "cycles: " not in _printed(equal())


def test_console_table_and_accuracy() -> None:
    text = _printed(equal())
    row = next(line for line in text.splitlines() if line.strip().startswith("hwsim"))
    assert row.split() == ["hwsim", "bit-exact", "28", "3.60", "0"]
    row = next(line for line in text.splitlines() if line.strip().startswith("torch"))
    assert row.split() == ["torch", "reference", "28", "0.40", "0"]
    assert (
        "accuracy: float 93.50 % (187 of 200 test), delays rounded 93.00 % (186 of 200 test), "
        "finished 94.00 % (188 of 200 test), quantised only 91.50 % (183 of 200 test), "
        "quantised 92.00 % (184 of 200 test)"
    ) in text.splitlines()
    assert "first divergence" not in text


@pytest.mark.parametrize("change", [only_reference, nothing_run])
def test_nothing_compared_has_no_rung(change: Callable[[Report], Report]) -> None:
    report = change(equal())
    assert report.rung is Rung.NOTHING
    assert json.loads(to_json(report))["rung"] == {"label": "nothing", "level": 0}
    lines = _printed(report).splitlines()
    assert lines[0].startswith("NOT VERIFIED: ")
    assert lines[1].startswith("rung: none, since nothing was compared; inputs run: golden 8, test 20; ")
    page = Page(to_html(report)).text
    assert "Inputs compared none torch alone ran golden: 8 samples; test: 20 samples" in page
    assert "The accuracy is over the 200 recordings of test; no samples were compared." in page


def test_what_another_program_said_stands_once_and_not_in_the_verdict() -> None:
    report = equal()
    broken = replace(report.executors[1], failed="no environment; install one\nerror: no network", samples=0)
    lines = _printed(replace(report, executors=(report.executors[0], broken))).splitlines()
    assert lines[0] == f"NOT VERIFIED: {broken.name} broke down: no environment; install one"
    assert lines.count("error: no network") == 1


def test_a_rung_beside_a_breakdown_names_who_holds_it() -> None:
    line = _printed(failed(equal())).splitlines()[1]
    assert line.startswith("rung: bit-exact, of oracle, hwsim, lava-stock only; inputs compared: ")


@pytest.mark.parametrize("width", [20, 40, 50, 60])
def test_console_in_a_narrow_terminal_breaks_between_words(width: int) -> None:
    report = failed(skipped(weak_shift(equal())))
    lines = _printed(report, width=width).splitlines()
    assert "…" not in "".join(lines)
    flat = " ".join(" ".join(lines).split())
    for words in (
        "torch: reference, 28 samples, 0.40 s, 0 saturations",
        "oracle: spikes after a shift, 28 samples, 1.20 s, 0 saturations",
        "hwsim: bit-exact, 28 samples, 3.60 s, saturations not counted",
        "lava-stock: not run",
        "lava-event: broke down",
    ):
        assert words in flat
    start = lines.index(next(line for line in lines if line.startswith("torch: ")))
    end = lines.index(next(line for line in lines if line.startswith("lava-event: ")))
    assert max(map(len, lines[start:end])) <= width


def test_console_in_a_terminal_colours_the_verdict() -> None:
    assert "\x1b[1;32mBit-exact:" in _printed(equal(), terminal=True)
    assert "\x1b[1;31mNOT EQUAL:" in _printed(different(), terminal=True)
    assert "broke down" in _printed(failed(equal()))


def test_console_takes_no_markup_from_the_report() -> None:
    assert "layer [bold]x[/bold]," in _printed(different(layer="[bold]x[/bold]"))
