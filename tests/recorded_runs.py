"""Traces that `snnc run` writes."""

from __future__ import annotations

from pathlib import Path

from snnc.cli import main


def run(artifact: Path, folder: Path, name: str, *options: str) -> Path:
    """The trace file that `snnc run` writes of spikes.npz."""
    trace = folder / name
    command = ["run", str(artifact), "-i", str(folder / "spikes.npz"), "--trace", str(trace), *options]
    assert main(command) == 0
    return trace
