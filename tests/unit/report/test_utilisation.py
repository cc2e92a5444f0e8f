"""Utilisation, against sums by hand."""

from __future__ import annotations

from dataclasses import replace

from report_examples import equal
from report_page import Page

from snnc.report.html_report import to_html
from snnc.report.questions import questions
from snnc.report.summary import Fact, cores
from snnc.report.utilisation import Line, lines

CORES = (
    {"chip": 0, "core": 0, "tile": "0, 0", "holds": "a (8)", "neurons": "8 / 10", "axons": "3 / 4"},
    {"chip": 0, "core": 1, "tile": "0, 0", "holds": "b (2)", "neurons": "2 / 10", "axons": "5 / 4"},
)


def test_a_chip_has_the_sum_of_its_cores_and_the_fullest_of_them() -> None:
    found = lines(replace(equal(), resources=CORES, chip_cores=3))
    assert found[0] == Line("cores", "2", "3", "66.7 %", 200 / 3)
    # 8 + 2 of 3 times 10, and 3 + 5 of 3 times 4.
    assert found[1] == Line("neurons", "10", "30", "33.3 %", 80.0, "core 0.0: 8 of 10, 80.0 %")
    assert found[2] == Line("axons", "8", "12", "66.7 %", 100.0, "core 0.1: 5 of 4, 125.0 %", over=True)


def test_two_chips_have_the_cores_of_both() -> None:
    rows = (CORES[0], {**CORES[1], "chip": 1, "core": 0})
    found = lines(replace(equal(), resources=rows, chip_cores=3))
    assert (found[0].used, found[0].available) == ("2", "6")
    assert (found[1].used, found[1].available) == ("10", "60")


def test_where_the_chip_is_unknown_the_cores_in_use_count() -> None:
    found = lines(replace(equal(), resources=CORES, chip_cores=None))
    assert [line.resource for line in found] == ["neurons", "axons"]
    assert (found[0].used, found[0].available, found[0].share) == ("10", "20", "50.0 %")


def test_a_board_has_a_line_a_resource() -> None:
    rows = ({"resource": "block RAMs", "use": "12 / 56"}, {"resource": "LUTs", "use": "13 / 12"})
    report = replace(equal(), resources=rows, chip_cores=0, coverage=())
    first, second = lines(report)
    assert first == Line("block RAMs", "12", "56", "21.4 %", 100 * 12 / 56)
    assert (second.share, second.over) == ("108.3 %", True)
    text = Page(to_html(report)).text
    assert "resource used available % block RAMs 12 56 21.4 % LUTs 13 12 108.3 %" in text
    assert "Used is an estimate; placement and routing decide." in text


def test_nothing_is_said_of_a_processor() -> None:
    report = replace(equal(), resources=(), chip_cores=0)
    assert lines(report) == []
    assert "is a program for a processor" in Page(to_html(report)).text


def test_a_program_has_flash_and_ram() -> None:
    uses = (
        ("flash", "9000 bytes, of which 8000 tables"),
        ("RAM", "68 bytes of state"),
        ("RAM with X", "96 bytes"),
    )
    rows = tuple({"resource": name, "use": use} for name, use in uses)
    report = replace(equal(), resources=rows, chip=None, chip_cores=0, target="c")
    assert lines(report) == []
    taken = "flash: 9000 bytes, of which 8000 tables; RAM: 68 bytes of state"
    assert cores(report) == Fact("Memory", taken, "c is a program for a processor", "good")
    assert questions(report)[0].answer == "Yes, as far as simulation can tell"
    assert questions(report)[2].remark == f"c is a program for a processor; {taken}"
    text = Page(to_html(report)).text
    assert "Memory that the program for c takes" in text
    assert "RAM with X 96 bytes" in text
