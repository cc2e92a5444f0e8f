"""Stepping through one sample by commands, and looking at neurons and at what is under way to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from snnc import decode, formats
from snnc.arrivals import arriving_synapses
from snnc.errors import InputError
from snnc.hwsim.ring_step import LayerStep, RingStepper
from snnc.intervals import read_range
from snnc.stages import QuantizedGraph

HELP = (
    "enter or n: next step; NUMBER: that many steps; s LAYER NEURON: show a neuron; "
    "b LAYER NEURON: run until it spikes; q: quit"
)
SHOWN = 16
"""Most spikes, and most synapses, that are listed."""


def step_through(
    graph: QuantizedGraph,
    inputs: npt.NDArray[np.uint8],
    neurons: Sequence[str],
    commands: Iterable[str],
    tell: Callable[[str], None],
) -> None:
    """Obey `commands` (see `HELP`) until `q` or their end; `inputs` uint8 [T, inputs]; `tell` prints a line.

    `neurons` are shown in every step, as "hidden1:3,7,10:20" (3, 7, and 10 to 19).

    Raises
    ------
    InputError
        If `neurons` names a layer or a neuron that there is not. In a command that is a message.
    """
    watched: dict[int, list[int]] = {}
    for text in neurons:
        layer, numbers = _named(graph, text)
        for part in numbers.split(","):
            index, first, stop = _neurons(graph, layer, part)
            watched.setdefault(index, []).extend(range(first, stop))
    session = _Session(graph, inputs, watched, tell)
    tell(HELP)
    for command in commands:
        words = command.split()
        try:
            if words[:1] == ["q"]:
                return
            session.obey(words)
        except InputError as error:
            tell(str(error))


class _Session:
    def __init__(
        self,
        graph: QuantizedGraph,
        inputs: npt.NDArray[np.uint8],
        watched: dict[int, list[int]],
        tell: Callable[[str], None],
    ) -> None:
        self.graph, self.inputs, self.watched, self.tell = graph, inputs, watched, tell
        self.stepper = RingStepper(graph)
        self.layers: tuple[LayerStep, ...] = ()
        # What layer l reads, [T, its inputs]; steps to come are silent.
        widths = [layer.inputs for layer in graph.layers]
        self.signals = [np.zeros((graph.time_steps, width), np.bool_) for width in widths]
        self.readout = np.zeros((1, graph.time_steps, graph.layers[-1].neurons), np.int32)

    @property
    def ended(self) -> bool:
        return self.stepper.step == self.graph.time_steps

    def obey(self, words: list[str]) -> None:
        """Carry out one command; `InputError` if there is none such."""
        if words in ([], ["n"]):
            words = ["1"]
        if len(words) == 1 and words[0].isascii() and words[0].isdigit() and len(words[0]) < 10:
            for _ in range(min(int(words[0]), self.graph.time_steps)):
                if not self._advance():
                    break
            self._show()
        elif len(words) == 3 and words[0] in ("s", "b"):
            index, neuron, stop = _neurons(self.graph, words[1], words[2])
            if stop > neuron + 1:
                raise InputError(f"{words[2]}: is several neurons; give one")
            (self._show_neuron if words[0] == "s" else self._run_until)(index, neuron)
        else:
            raise InputError(f"{' '.join(words)}: is not a command; {HELP}")

    def _advance(self) -> bool:
        """One step; False if the sample has ended."""
        if self.ended:
            return False
        step = self.stepper.step
        self.layers = self.stepper.advance(self.inputs[step])
        self.signals[0][step] = self.inputs[step] != 0
        for index, layer in enumerate(self.layers[:-1]):
            self.signals[index + 1][step] = layer.spikes
        self.readout[0, step] = self.layers[-1].v
        return True

    def _run_until(self, index: int, neuron: int) -> None:
        layer = self.graph.layers[index]
        if not layer.spikes:
            raise InputError(f"{layer.name}: is the readout, which never spikes; choose another layer")
        while self._advance():
            if self.layers[index].spikes[neuron]:
                break
        else:
            self.tell(f"{layer.name} {neuron} did not spike until the end")
        self._show()

    def _show(self) -> None:
        step = self.stepper.step - 1
        if step < 0:
            self.tell("before step 0: all state is 0")
            return
        self.tell(f"step {step}, the last is {self.graph.time_steps - 1}")
        self.tell(f"  input: {_spikes(self.signals[0][step])}")
        for index, (layer, state) in enumerate(zip(self.graph.layers, self.layers, strict=True)):
            if layer.spikes:
                self.tell(f"  {layer.name}: {_spikes(state.spikes)}")
            else:
                best = int(state.v.argmax())
                name = self.graph.class_names[best]
                self.tell(f"  {layer.name}: highest v {state.v[best]}, neuron {best} ({name})")
            for neuron in self.watched.get(index, ()):
                self.tell(f"    {self._state(index, neuron)}")
            if not self.ended:
                due = self.stepper.under_way(index)
                self.tell(f"    under way to step {step + 1}: {_sums(due)}")
        if self.ended:
            found = int(decode.classes(self.readout, self.graph.readout_scale)[0])
            self.tell(f"end of the sample: class {self.graph.class_names[found]}")

    def _state(self, index: int, neuron: int) -> str:
        state = self.layers[index]
        spike = ", spike" if state.spikes[neuron] else ""
        return f"{self.graph.layers[index].name} {neuron}: u {state.u[neuron]}, v {state.v[neuron]}{spike}"

    def _show_neuron(self, index: int, neuron: int) -> None:
        layer, step = self.graph.layers[index], self.stepper.step - 1
        fires = "never spikes"
        if layer.threshold is not None:
            fires = f"spikes above {layer.threshold << formats.STATE_FRACTION_BITS}"
        state = self._state(index, neuron) if self.layers else f"{layer.name} {neuron}: u 0, v 0"
        self.tell(f"{state}; {fires}; bias {layer.bias[neuron]}, du {layer.decay_u}, dv {layer.decay_v}")
        for when in range(max(step, 0), min(step + layer.max_delay, self.graph.time_steps - 1) + 1):
            synapses = arriving_synapses(self.graph, index, self.signals[index], neuron, when)
            if not synapses and when != step:
                continue
            verb = "arrived" if when == step else "under way"
            total, noun = sum(s.weight for s in synapses), "synapse" if len(synapses) == 1 else "synapses"
            self.tell(f"  step {when}, {verb}: sum {total} by {len(synapses)} {noun}")
            if when > step + 1:
                continue
            for s in synapses[:SHOWN]:
                self.tell(
                    f"    source {s.source} weight {s.weight} delay {s.delay} spike in step {s.spike_step}"
                )
            if len(synapses) > SHOWN:
                self.tell(f"    and {len(synapses) - SHOWN} more")


def _named(graph: QuantizedGraph, text: str) -> tuple[str, str]:
    """The layer in LAYER:NEURONS, and the rest. A name may hold a colon too."""
    found = [one.name for one in graph.layers if text.startswith(f"{one.name}:")]
    layer = max(found, key=len, default=text.rpartition(":")[0])
    if ":" not in text:
        raise InputError(f"--neurons {text}: give LAYER:NEURON,NEURON, for example hidden1:3,7")
    return layer, text[len(layer) + 1 :]


def _neurons(graph: QuantizedGraph, layer: str, text: str) -> tuple[int, int, int]:
    """Number of a layer, and the neurons of `text` in it: the first, and up to but without which.

    Raises `InputError` if there are none such.
    """
    names = [one.name for one in graph.layers]
    if layer not in names:
        raise InputError(f"layer {layer!r} is unknown; there are {', '.join(names)}")
    index, count = names.index(layer), graph.layers[names.index(layer)].neurons
    try:
        first, stop = read_range(text)
    except ValueError:
        first = stop = count
    if not first < stop <= count:
        raise InputError(f"neuron {text!r} is unknown; {layer} has 0 to {count - 1}")
    return index, first, stop


def _spikes(spikes: npt.NDArray[np.bool_]) -> str:
    """ "2 spikes: 4 17"."""
    which = np.flatnonzero(spikes)
    listed = "".join(f" {neuron}" for neuron in which[:SHOWN])
    more = f" and {len(which) - SHOWN} more" if len(which) > SHOWN else ""
    return f"{len(which)} {'spike' if len(which) == 1 else 'spikes'}{':' if listed else ''}{listed}{more}"


def _sums(due: npt.NDArray[np.int64]) -> str:
    """ "sums of -3 to 5 for 12 neurons"."""
    reached = due[due != 0]
    if not len(reached):
        return "nothing yet"
    noun = "neuron" if len(reached) == 1 else "neurons"
    return f"sums of {reached.min()} to {reached.max()} for {len(reached)} {noun}"
