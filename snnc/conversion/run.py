"""What a run of a module was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from snnc.conversion.calls import Known, NeuronCall
from snnc.conversion.choices import Choice
from snnc.conversion.neurons import Cell
from snnc.conversion.values import SPIKES, Path, Value

TAKEN = "takes numbers out of what depends on the input"
DRAWS = "draws random numbers in evaluation"


@dataclass(slots=True)
class Trace:
    """What a run of the module was: the calls of its neurons, and its output."""

    cells: dict[str, Cell] = field(default_factory=dict)
    calls: dict[str, list[NeuronCall]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    """Neurons whose converter is the user's."""
    keeping: set[str] = field(default_factory=set)
    """Neurons of the user's converters that keep a state from one call to the next."""
    hooked: set[str] = field(default_factory=set)
    """Neurons with hooks of the user's."""
    outputs: list[Known | None] = field(default_factory=list)
    tensors: list[torch.Tensor] = field(default_factory=list)
    """The outputs themselves."""
    input_steps: int = 0
    doubts: list[str] = field(default_factory=list)
    """Why the run may be another for another example, or the next time."""
    inside: dict[str, list[str]] = field(default_factory=dict)
    """What neurons of the user's converters do that no Cell says."""
    choices: dict[str, list[Choice]] = field(default_factory=dict)
    """Choices in them by what depends on what arrives, spikes and resets included."""
    asked: list[str] = field(default_factory=list)
    """Settings of PyTorch that the module asks for, as notes."""
    changed: list[str] = field(default_factory=list)
    """Paths of attributes and buffers that the run changed, after states of neurons are cleared."""
    late: dict[tuple[str, int], str] = field(default_factory=dict)
    """Populations that are delayed by as many steps as the input has, or more, and by how many.

    Where: the place of a tensor of all steps in none of which anything of that arrives, "" if there is none.
    """
    cast: str = ""
    """The first place where torch.autocast makes 16 bits of more."""

    @property
    def heard(self) -> set[str]:
        """Populations whose spikes arrive at neurons."""
        values = (call.arriving for calls in self.calls.values() for call in calls)
        paths = (path for value in values if isinstance(value, Value) for path in value.paths)
        return {path.source.population for path in paths if path.source.what == SPIKES}

    @property
    def steps(self) -> int:
        """Most steps that neurons compute; without neurons, those of the input."""
        computed = (self.steps_of(name) for name, calls in self.calls.items() if calls)
        return max(computed, default=self.input_steps)

    def steps_of(self, name: str) -> int:
        """The steps that the neurons `name` compute."""
        calls = self.calls[name]
        axes = calls[-1].axes
        return axes.steps if axes is not None and axes.has_time else len(calls)

    def note_late(self, value: Known, place: Callable[[], str]) -> None:
        """What of `value`, which a function at this `place` gave, is `late`."""
        if not isinstance(value, Value) or not value.axes.has_time:
            return
        for path in value.paths:
            waits = -path.step
            if waits < self.input_steps or path.is_constant:
                continue
            nothing = path.step + value.axes.steps <= max(path.first, 0)
            key = path.source.population, waits
            self.late[key] = self.late.get(key) or (place() if nothing else "")

    def is_silent(self, path: Path) -> bool:
        """Whether its spikes are those of a call in which nothing had arrived as yet, whatever the input."""
        cell, calls = self.cells.get(path.source.population), self.calls.get(path.source.population, [])
        if (
            cell is None
            or path.source.what != SPIKES
            or (calls and calls[-1].axes and calls[-1].axes.has_time)
        ):
            return False
        number = path.step + cell.lag
        return 0 <= number < len(calls) and all(each.arriving is None for each in calls[: number + 1])
