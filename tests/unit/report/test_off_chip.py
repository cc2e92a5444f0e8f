"""What a report answers of targets without a chip of cores: boards with an FPGA, programs for a processor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import equal
from report_page import Page

from snnc.errors import InputError
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.questions import questions
from snnc.report.utilisation import lines
from snnc.stages import BoardClock, ExecutorResult, Report, Rung
from snnc.stages.findings import StepCycles
from snnc.targets.registry import load_target


def test_an_fpga_is_no_processor() -> None:
    report = replace(equal(), chip=None, chip_cores=0, target="fpga", resources=())
    assert questions(report)[2].remark == "fpga is a core in Verilog, for an FPGA or a simulation"
    assert questions(replace(report, target="c"))[2].remark == "c is a program for a processor"
    assert "program for a processor" not in Page(to_html(report)).text.partition("Resources")[0]


def test_where_no_constants_are_published_who_measures_is_told() -> None:
    """The length of a sample is that of its steps; a C program's time follows its events."""
    report = replace(equal(), chip=None, chip_cores=0, target="c", figures={"time_steps": 61, "bin_s": 0.02})
    long = "A sample is 61 steps of 0.02 s. "
    how = "Its time follows the events, which snnc run counts; README.md in its folder says how to measure it"
    assert f"no constants for c are published. {long}{how}" in " ".join(Page(to_html(report)).text.split())
    page = " ".join(Page(to_html(replace(report, target="onnx", figures={}))).text.split())
    assert "no constants for onnx are published." in page
    assert how not in page


def test_a_target_says_itself_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one that is not installed where the report is read, nothing more is known."""
    sheet = replace(load_target("c"), name="sheet", without_chip="a sheet of numbers")
    monkeypatch.setattr("snnc.targets.registry.targets", lambda: {"sheet": "mine:SHEET"})
    monkeypatch.setattr("snnc.targets.registry.load_target", {"sheet": sheet}.__getitem__)
    report = replace(equal(), chip=None, chip_cores=0, target="sheet", resources=())
    assert questions(report)[2].remark == "sheet is a sheet of numbers"
    assert questions(replace(report, target="gone"))[2].remark == "gone is a program for a processor"


def test_bottleneck_without_a_chip() -> None:
    report = replace(equal(), chip=None)
    *_, unknown = questions(report)
    assert (unknown.answer, unknown.tone) == ("not known", "unsure")
    *_, none = questions(replace(report, chip_cores=0))
    assert (none.answer, none.tone) == ("No chip is modelled", "")


def test_the_clock_of_a_board_is_not_known_before_it_is_placed() -> None:
    rows = ({"resource": "LUTs", "use": "13 / 24288"},)
    report = replace(equal(), target="fpga", chip=None, chip_cores=0, resources=rows)
    deploy, _, bottleneck = questions(report)
    assert (deploy.answer, deploy.tone) == ("Check first", "unsure")
    assert "whether the clock of the board is met is not known until `snnc place` has run" in deploy.limits
    assert "no chip" not in Page(to_html(report)).text
    assert (bottleneck.answer, bottleneck.tone) == ("one core, on a board", "unsure")
    assert bottleneck.remark == "the frequency that it reaches is not known until `snnc place` has run"
    another = questions(replace(report, target="c"))  # none that `snnc place` knows
    assert not any("snnc place" in each.remark for each in another)
    simulated = questions(replace(report, resources=()))
    assert simulated[0].answer == "Yes, as far as simulation can tell"


def test_the_clock_of_a_board_that_was_placed() -> None:
    rows = ({"resource": "LUTs", "use": "13 / 24288"},)
    report = replace(equal(), target="fpga", chip=None, chip_cores=0, resources=rows)
    tools = {"yosys": "0.52", "nextpnr-ecp5": "0.7"}
    met = replace(report, clock=BoardClock(111.7, 75.0, tools, 1))
    deploy, _, bottleneck = questions(met)
    assert deploy.answer == "Yes, as far as simulation can tell"
    assert deploy.remark.endswith("Overflow is excluded for all inputs, and the clock of the board is met")
    said = "met: 111.7 MHz after routing, the board runs it at 75 MHz (yosys 0.52, nextpnr-ecp5 0.7, seed 1)"
    assert bottleneck.remark == f"its clock is {said}"
    assert said in Page(to_html(met)).text
    assert from_json(to_json(met)) == met
    assert "No time and energy in this report" in Page(to_html(met)).text  # of a report of an older version
    counted = replace(met.clock, cells={"DP16KD": (13, 208)}, cycles=15000.0, recordings="mine.npz")
    met = replace(met, clock=counted)
    speed = (
        "a recording takes 15,000 cycles, 200 µs at 75 MHz, the mean of mine.npz, by the machine model; "
        "energy is not known"
    )
    assert questions(met)[2].remark == f"its clock is {said}; {speed}"
    page = Page(to_html(met)).text
    assert f"On the board, {speed}." in page
    assert "Used is what placement and routing counted." in page
    resources = page.split("Utilisation of fpga")[1]
    assert resources.split()[:9] == ["resource", "used", "available", "%", "DP16KD", "13", "208", "6.2", "%"]
    assert "LUTs" not in resources
    assert from_json(to_json(met)) == met
    through = replace(counted, baud=3_000_000, serial_a_second=53.7)
    met = replace(met, clock=through)  # 75 MHz / 15,000 cycles are 5,000 a second
    rate = "at most 5,000 recordings/s, through its serial port of 3,000,000 baud about 54"
    speed = speed.replace("; energy", f"; the board computes {rate}; energy")
    assert questions(met)[2].remark == f"its clock is {said}; {speed}"
    page = Page(to_html(met)).text
    assert f"On the board, {speed}." in page
    assert f"resource use speed {rate}, the mean of mine.npz" in page
    assert from_json(to_json(met)) == met
    few = replace(met, clock=replace(through, serial_a_second=5.374))
    assert "3,000,000 baud about 5.37;" in questions(few)[2].remark
    for name in ("baud", "serial_a_second"):
        with pytest.raises(InputError, match=rf"clock\.{name} is -1"):
            from_json(to_json(met).replace(f'"{name}": {getattr(through, name)}', f'"{name}": -1'))
    slow = replace(report, clock=BoardClock(74.99, 75.0, tools, 3))
    deploy, *_ = questions(slow)
    assert (deploy.answer, deploy.tone) == ("No", "bad")
    said = "the clock of the board is not met: 74.99 MHz after routing, the board runs it at 75 MHz ("
    assert deploy.limits[0].startswith(said)
    with pytest.raises(InputError, match=r"clock\.mhz is -1"):
        from_json(to_json(met).replace("111.7", "-1"))


def core(uses: dict[str, str]) -> Report:
    """A core whose simulation took 6,000 cycles for 3 samples, so 2,000 for one."""
    rows = tuple({"resource": name, "use": use} for name, use in uses.items())
    rtl = ExecutorResult("rtl", Rung.BIT_EXACT, 3, 1.0, cycles=StepCycles(579, 6000, 591, 1225))
    report = replace(equal(), target="fpga", chip=None, chip_cores=0, resources=rows)
    return replace(report, executors=(*report.executors, rtl))


COUNTED = "rtl took 591 in the longest step and 2,000 a sample, the mean of 3"
MOST = "most take the synapses and neurons of hidden1, 85.6 % of the bound"


def test_a_core_without_a_board_tells_its_cycles() -> None:
    uses = {
        "cycles of a step": "at most 1,225",
        "cycles of a sample": "at most 128,137",
        "most cycles": "hidden1, 85.6 % of the bound",
        "block RAMs on ulx3s": "26 of 208, with 64 lanes (estimate)",
    }
    ran, said = core(uses), "at most 1,225 cycles a step and 128,137 a sample, whatever the input"
    deploy, _, bottleneck = questions(replace(ran, executors=ran.executors[:-1]))
    assert deploy.answer == "Yes, as far as simulation can tell"
    assert (
        "no board is chosen, so whether the core fits one and meets its clock is not known" in deploy.limits
    )
    assert bottleneck.answer == "one core, no board chosen"
    assert bottleneck.remark == f"{said}; {MOST}; an export for a board gives it a clock"
    assert questions(ran)[2].remark == f"{said}; {COUNTED}; {MOST}; an export for a board gives it a clock"
    text = Page(to_html(ran)).text
    assert f"In cycles of the core: {said}; {COUNTED}; {MOST}." in text
    assert "What the core takes; no board is chosen" in text
    assert "block RAMs on ulx3s 26 of 208, with 64 lanes (estimate)" in text
    assert from_json(to_json(ran)) == ran


def test_a_core_on_a_board_tells_as_much_of_its_cycles() -> None:
    uses = {
        "block RAMs": "20 / 30",
        "cycles of a step": "at most 1,225",
        "cycles of a sample": "at most 128,137 (5.34 ms at 24 MHz)",
        "most cycles": "hidden1, 85.6 % of the bound",
        "synapse words": "960 of 56 bits, with 4 lanes",
    }
    ran = core(uses)
    said = "at most 1,225 cycles a step and 128,137 a sample (5.34 ms at 24 MHz), whatever the input"
    said = f"{said}; {COUNTED}; {MOST}"
    not_placed = "the frequency that it reaches is not known until `snnc place` has run"
    assert questions(ran)[2].remark == f"{not_placed}; {said}"
    placed = replace(ran, clock=BoardClock(30.0, 24.0, {"yosys": "0.52"}, 1, cycles=1500.0, recordings="a"))
    assert questions(placed)[2].remark.endswith(f"energy is not known; {said}")
    text = Page(to_html(placed)).text
    assert f"In cycles of the core: {said}." in text
    assert "No board is chosen" not in text
    resources = text.split("Utilisation of fpga")[1]
    assert "What the core takes besides resource use cycles of a step at most 1,225" in resources
    assert [line.resource for line in lines(placed)] == ["block RAMs"]


@pytest.mark.parametrize("target", ["c", "fpga", "onnx"])
def test_the_encoder_is_no_part_of_what_is_built_in(target: str) -> None:
    report = replace(equal(), target=target, chip=None, chip_cores=0, resources=())
    said = "what makes them of a sensor's signal is no part of the program"
    limits = questions(report)[0].limits
    assert limits[0] == f"the input is events: {said}"
    assert "sound" not in "".join(limits)  # there was none, so no cochlea made the events
    assert not questions(replace(report, target="loihi"))[0].limits


@pytest.mark.parametrize("target", ["c", "fpga", "onnx", "loihi"])
def test_of_a_network_of_sound_the_answer_is_on_the_network_alone(target: str) -> None:
    report = replace(equal(), target=target, chip=None, chip_cores=0, resources=())
    report = replace(report, provenance={**report.provenance, "encoder": "cochlea"})
    said = "the encoder (cochlea), which makes events of sound, is no part of the program"
    deploy, *_ = questions(report)
    assert (deploy.answer, deploy.tone) == ("Yes, as far as simulation can tell", "good")
    assert deploy.limits == (said,)
