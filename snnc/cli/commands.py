"""The commands by name: what each does in a line, for the first screen, and where it is.

The first screen imports none of them: their modules with all options take longer to load than it takes to
read the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from typer.core import TyperGroup

WHAT = {
    "demo": "Train on the shipped spoken digits, export to Loihi, verify against Lava, write the report.",
    "encode": "Turn a folder of WAV files into a file of events, to train a network on.",
    "train": "Train a network with learned delays.",
    "sweep": "Train every variant with every seed; print means and 95 % intervals, and what the networks "
    "cost.",
    "folds": "Write a sweep file in which each source of a model's recordings tests once.",
    "export": "Export a trained network to a target.",
    "check": "Check whether a network fits a target, and list the changes that are needed.",
    "verify": "Compare every executor with the integer PyTorch model, bit for bit.",
    "run": "Run an artifact on your own spikes and print the decoded classes.",
    "chip": "Estimate time and energy on the chip, and list the busiest cores and links.",
    "compare": "Compare two traces over the part that both hold, and print the first divergence.",
    "place": "Synthesise, place and route the design for a board, and report its size and speed.",
    "inspect": "Show what a file is, what it contains, and which commands take it; or compare models and "
    "exports.",
    "doctor": "Check this machine: what snnc needs, what is missing, and the command that installs it.",
    "test": "Measure accuracy on held-out recordings: floating point, whole delays and, for an artifact, "
    "quantised.",
    "targets": "List the targets in a line each; with a name, its limits and costs; with --for, compare all.",
}
"""Name -> the first sentence of its help."""


def function(name: str) -> Callable[..., None]:
    """The command called `name`, which is one of `WHAT`; its signature has its options."""
    match name:
        case "demo":
            from snnc.cli.demo import demo

            return demo
        case "encode":
            from snnc.cli.encode import encode

            return encode
        case "train":
            from snnc.cli.train import train

            return train
        case "sweep":
            from snnc.cli.sweep import sweep

            return sweep
        case "folds":
            from snnc.cli.folds import folds

            return folds
        case "export":
            from snnc.cli.export import export

            return export
        case "check":
            from snnc.cli.check import check

            return check
        case "verify":
            from snnc.cli.verify import verify

            return verify
        case "run":
            from snnc.cli.run import run

            return run
        case "chip":
            from snnc.cli.chip import chip

            return chip
        case "compare":
            from snnc.cli.compare import compare

            return compare
        case "place":
            from snnc.cli.place import place

            return place
        case "inspect":
            from snnc.cli.inspect import inspect

            return inspect
        case "doctor":
            from snnc.cli.doctor import doctor

            return doctor
        case "test":
            from snnc.cli.test import print_accuracy

            return print_accuracy
        case "targets":
            from snnc.cli.targets import targets

            return targets
    raise KeyError(name)


class Commands(Mapping[str, Any]):
    """Name -> command as click runs it; `make` makes it of its function when it is asked for, once."""

    def __init__(self, make: Callable[[str, Callable[..., None]], Any]) -> None:
        self._make, self._made = make, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._make(name, function(name))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(WHAT)

    def __len__(self) -> int:
        return len(WHAT)


class FirstScreen(TyperGroup):
    """All commands; its help is written by click, not by rich, which takes longer to load than all else."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super(TyperGroup, self).format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(WHAT.items()))
