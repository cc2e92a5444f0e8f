"""Programs that targets start do not outlive the command."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import pytest

from snnc.io import signals
from snnc.targets.programs import call


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_signal_as_programs_are_ended_leaves_none(tmp_path: Path) -> None:
    """It comes at the first instruction of what ends them, and is raised there before anything is done."""

    def traced(frame: FrameType, event: str, _: object) -> None:
        if (event, frame.f_code.co_name) == ("call", "once") and (tmp_path / "group").exists():
            sys.settrace(None)
            os.kill(os.getpid(), signal.SIGTERM)

    def traced_call() -> None:
        sys.settrace(traced)
        try:
            call(["sh", "-c", script], tmp_path, 1.0, "the program")
        finally:
            sys.settrace(None)

    script = "echo $$ > part && mv part group && exec sleep 60"
    with signals.by_signals() as came, pytest.raises(signals.Ended):
        traced_call()
    assert came() == signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.killpg(int((tmp_path / "group").read_text()), 0)
