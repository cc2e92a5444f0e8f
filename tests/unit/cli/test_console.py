"""`snnc.cli.console`: what lasts is said on a terminal, by the spinner that is there or above a bar."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from snnc.cli import console

IN_A_TERMINAL = "import pty, sys; pty.spawn([sys.executable, '-c', sys.argv[1]])"
LASTING = """
import time
from snnc.cli import console
{before}
    with console.lasting("compiling the simulator, once on this machine"):
        time.sleep({seconds})
"""


def shown(before: str, seconds: float = 0.5) -> str:
    """What a terminal shows of a block that lasts, within what `before` opens."""
    code = LASTING.format(before=before, seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-c", IN_A_TERMINAL, code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "before",
    ["if True:", "with console.status('exporting'):", "with console.bar('running', 3):"],
)
def test_what_lasts_is_shown_on_a_terminal(before: str) -> None:
    assert "compiling the simulator, once on this machine" in shown(before)


def test_above_a_bar_it_is_said_once() -> None:
    twice = "with console.bar('running', 3):\n  for _ in range(2):"
    assert shown(twice, 0).count("compiling the simulator") == 1


def test_the_spinner_says_again_what_it_said() -> None:
    class Spinner:
        status = "exporting"

        def update(self, text: str) -> None:
            self.status = text

    spinner = Spinner()
    console._spinners.append(spinner)  # type: ignore[arg-type]
    try:
        with console.lasting("compiling"):
            assert spinner.status == "compiling"
        assert spinner.status == "exporting"
    finally:
        console._spinners.clear()


def test_in_a_pipe_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with console.lasting("compiling"):
        pass
    assert capsys.readouterr() == ("", "")
