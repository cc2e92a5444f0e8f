"""`snnc run --step`: one sample, with commands from the terminal or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.stages import Artifact
    from snnc.verification.spike_input import SpikeInput


def step_one(artifact: Artifact, spikes: SpikeInput, inputs: Path, sample: int, neurons: list[str]) -> None:
    """Take commands on `sample` of `inputs`, whose samples are `spikes`, until there are no more."""
    from snnc.cli import console
    from snnc.errors import InputError
    from snnc.hwsim.debugger import step_through

    if sample >= len(spikes):
        raise InputError(f"--sample {sample}: {inputs} holds the samples 0 to {len(spikes) - 1}")
    frames = spikes.frames(slice(sample, sample + 1))[0]
    step_through(artifact.graph, frames, neurons, _commands(), console.out().print)


def _commands() -> Iterator[str]:
    """Lines of stdin, asked for where it is a terminal."""
    prompt = "> " if sys.stdin.isatty() else ""
    try:
        while True:
            yield input(prompt)
    except EOFError:
        return
