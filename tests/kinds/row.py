"""A row of the table: a module of neurons or of weights, or a file, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch_networks import Loop, events, recorded, settled

from snnc.conversion.convert import from_torch
from snnc.errors import SnncError
from snnc.exporter.float_reference import run_float

STEPS, BATCH = 20, 2
OF_LINE = re.compile(r"[\w.]+ \(line \d+ of \w+\.py\), ")
"""The line of a class of these tests, which moves with each change of its file: the table leaves it out."""


@dataclass(frozen=True)
class Case:
    """A module, the example that it takes, and the classes of its neurons, whose spikes are compared.

    `neurons`: empty where nothing spikes, so that the output is compared instead. `reset` clears states.
    `merged`: recordings and their steps are one dimension of what neurons give.
    """

    module: nn.Module
    example: torch.Tensor
    neurons: tuple[type, ...]
    layout: str = "TNC"
    reset: Callable[[nn.Module], object] = lambda module: None
    merged: bool = False


@dataclass(frozen=True)
class Row:
    """`kind` of the framework `of`: `made` says what becomes of it, or raises `SnncError`.

    None: another test says it.
    """

    of: str
    kind: str
    made: Callable[[], str] | None

    @property
    def key(self) -> str:
        """The line before what is found."""
        return f"| {self.of} | {self.kind}"

    def text(self) -> str:
        """The line of the table."""
        assert self.made is not None
        try:
            return self.line("yes", self.made())
        except SnncError as error:
            return self.line("no", OF_LINE.sub("", str(error)))

    def line(self, taken: str, said: str) -> str:
        """It says whether the kind is `taken`, and what agrees or why not."""
        return f"{self.key} | {taken} | {' '.join(said.replace(chr(10), '. ').split())} |"


def compared(make: Callable[[], Case]) -> Callable[[], str]:
    """The module of `make` becomes a graph; how many of the spikes of both are spikes of both."""

    def made() -> str:
        torch.manual_seed(1)
        case = make()
        case.module.eval()
        case.reset(case.module)
        graph = from_torch(case.module, case.example, dt=1e-3, layout=case.layout).graph
        case.reset(case.module)
        theirs = recorded(case.module, case.example, case.neurons)
        if case.merged:
            theirs = {name: each.reshape(BATCH, STEPS, -1) for name, each in theirs.items()}
        names = [each.name for each in graph.populations[1:] if each.spikes]
        if not names:
            return _readout(graph, case)
        both = either = 0
        for number, one in enumerate(recordings(case.example.numpy(), case.layout)):
            events_of_one = np.zeros((graph.time_steps, graph.inputs), np.int64)
            events_of_one[: len(one)] = one
            ours = run_float(graph, events_of_one)
            for name in names:
                spikes = recordings(theirs[name], case.layout)[number] != 0
                mine = ours[name].spikes[: len(spikes)].astype(bool)
                both, either = both + int((mine & spikes).sum()), either + int((mine | spikes).sum())
        assert either > 25, f"{either} spikes tell little"
        return percent(both, either)

    return made


def percent(both: int, either: int) -> str:
    return f"{100 * both / either:.1f} %"


def _readout(graph, case: Case) -> str:
    """v of the only readout, in each step."""
    (readout,) = graph.readouts
    case.reset(case.module)
    output = torch.no_grad()(case.module)(case.example)
    theirs = recordings((torch.stack(output) if isinstance(output, list) else output).numpy(), case.layout)
    for one, output in zip(recordings(case.example.numpy(), case.layout), theirs, strict=True):
        v = run_float(graph, one.astype(np.int64))[readout.population].v * readout.scale
        np.testing.assert_allclose(v, output, atol=1e-4 * np.abs(theirs).max())
    return "v within 1e-4"


def recordings(array: np.ndarray, layout: str) -> np.ndarray:
    """[N, T, lines] of an example, or of what neurons gave: its first two dimensions are as in `layout`."""
    return (array.swapaxes(0, 1) if layout[0] == "T" else array).reshape(
        *(array.shape[1::-1] if layout[0] == "T" else array.shape[:2]), -1
    )


def in_loop(
    *parts: nn.Module, lines: tuple[int, ...], neurons: tuple[type, ...], reset, share: float = 0.4
) -> Case:
    """`parts` one after another, in each step of a loop."""
    module = settled(Loop(nn.Sequential(*parts)), 3)
    steps = STEPS if len(lines) == 1 else STEPS // 2  # grids have many neurons
    return Case(module, events(steps, BATCH, *lines, share=share), neurons, "TNCHW"[: 2 + len(lines)], reset)
