"""What the samples reached of each layer, in the page and the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import equal
from report_page import Page, printed_lines

from snnc.report.coverage import part_percent
from snnc.report.html_report import to_html


def test_coverage_by_layer(page: Page) -> None:
    """44200 + 700 + 100 of 44800 + 4096 + 640 synapses are 90.84 %; the readout never spikes."""
    assert (
        "hidden1 61 / 64 44200 / 44800 29 / 31 2 / 64 3 5 / 64 6 / 64 60 / 64 7 / 700 8 / 700 90 70 0 0 0"
        in page.text
    )
    assert "readout – 100 / 640 20 / 20 – 0 – – 10 / 10 3 / 64 4 / 64 0 0 0 0 0" in page.text
    assert "Not reached: 2 hidden1: neuron 7 <never> spikes hidden1: delay 30" in page.text
    assert (
        "coverage: 90.8 % of synapses carried a spike; 3 of 128 neurons never fired "
        "(recordings and generated inputs)"
    ) in printed_lines(equal())
    assert "No coverage in this report." in Page(to_html(replace(equal(), coverage=()))).text


def test_a_long_list_of_what_was_not_reached_ends() -> None:
    found = replace(equal().coverage[0], unreached=tuple(f"synapse {k}" for k in range(103)))
    text = Page(to_html(replace(equal(), coverage=(found,)))).text
    assert "synapse 99 and 3 more, in report.json" in text


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (1, 2000, "under 0.1 %"),
        (1999, 2000, "over 99.9 %"),
        (16, 24, "66.7 %"),
        (9, 9, "100 %"),
        (1, 2, "50 %"),
    ],
)
def test_what_is_not_all_is_not_called_so(part: int, whole: int, words: str) -> None:
    assert part_percent(part, whole) == words
