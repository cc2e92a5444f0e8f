"""tests/line_coverage.py: a probe is called once, finds the lines that run, and changes no result."""

from __future__ import annotations

import sys

import line_coverage
import pytest
from slipcover import slipcover

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="the interpreter itself calls once")

SOURCE = """
def collatz(n):
    seen = []
    while n != 1:
        if n % 2:
            n = 3 * n + 1
        else:
            n //= 2
        seen.append(n)
    try:
        if len(seen) > 10:
            raise KeyError(n)
    except KeyError:
        def last():
            return seen[-1]
        return last(), sum(x for x in seen)
    return seen, [x for x in seen]
"""
SHORT = {3, 4, 5, 8, 9, 10, 11, 17}
"""Lines that run for 8: no odd number is met, and no error is raised. Line 7 is `else`, which is nothing."""


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> slipcover.Slipcover:
    monkeypatch.setattr(slipcover, "probe", slipcover.probe)  # is set back
    tool = slipcover.Slipcover()
    line_coverage.instrument_once(tool)
    return tool


def test_lines_are_found_once_and_results_stay(tool: slipcover.Slipcover) -> None:
    code = compile(SOURCE, "collatz.py", "exec")
    plain, marked = {}, {}
    exec(code, plain)
    exec(tool.instrument(code), marked)
    ours, theirs = marked["collatz"], plain["collatz"]
    seen = tool.newly_seen["collatz.py"]
    assert seen == {2}
    seen.clear()
    assert ours(8) == theirs(8) == ([4, 2, 1], [4, 2, 1])
    assert seen == SHORT
    seen.clear()
    assert ours(8) == theirs(8)
    assert seen == set()
    assert [ours(n) for n in range(1, 200)] == [theirs(n) for n in range(1, 200)]
    assert seen == set(range(3, 18)) - SHORT - {7}
    assert tool.code_lines["collatz.py"] == set(range(2, 18)) - {7}


def test_a_copy_of_the_code_calls_the_same_probes(tool: slipcover.Slipcover) -> None:
    marked = {}
    exec(tool.instrument(compile(SOURCE, "copied.py", "exec")), marked)
    function = marked["collatz"]
    function.__code__ = function.__code__.replace(co_name="copy")
    for _ in range(3):
        tool.newly_seen["copied.py"].clear()
        assert function(8) == ([4, 2, 1], [4, 2, 1])
        assert tool.newly_seen["copied.py"] == SHORT
