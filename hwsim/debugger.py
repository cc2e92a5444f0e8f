"""Stepping through one sample by commands, and looking at neurons and at what is under way to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.decoding.decoder import decoders
from snnc.errors import InputError
from snnc.hwsim.ring_step import LayerStep, RingStepper
from snnc.hwsim.under_way import Incoming
from snnc.intervals import read_range
from snnc.stages import LayerTrace, QuantizedGraph
from snnc.stages.population import INPUT

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
        self.populations = [each for each in graph.populations if each.model != INPUT]
        # What each population sends, [T, neurons]; steps to come are silent.
        self.signals = {
            each.name: np.zeros((graph.time_steps, each.neurons), np.uint8) for each in graph.populations
        }
        self.v = [np.zeros((1, graph.time_steps, each.neurons), np.int32) for each in self.populations]

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
        for each in self.graph.populations:
            if each.model == INPUT and step < self.graph.end(each.name):
                self.signals[each.name][step] = self.inputs[step, self.graph.lines(each.name)]
        for population, v, state in zip(self.populations, self.v, self.layers, strict=True):
            self.signals[population.name][step] = state.spikes
            v[0, step] = state.v
        return True

    def _run_until(self, index: int, neuron: int) -> None:
        layer = self.populations[index]
        if not layer.spikes:
            what = "the readout" if layer.name in self.class_names else f"of the model {layer.model}"
            raise InputError(f"{layer.name}: is {what}, which never spikes; choose another layer")
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
        for each in self.graph.populations:
            if each.model == INPUT:
                self.tell(f"  {each.name}: {_spikes(self.signals[each.name][step])}")
        for index, (layer, state) in enumerate(zip(self.populations, self.layers, strict=True)):
            if layer.spikes:
                self.tell(f"  {layer.name}: {_spikes(state.spikes)}")
            else:
                best = int(state.v.argmax())
                names = self.class_names.get(layer.name)
                name = f" ({names[best]})" if names else ""
                self.tell(f"  {layer.name}: highest v {state.v[best]}, neuron {best}{name}")
            for neuron in self.watched.get(index, ()):
                self.tell(f"    {self._state(index, neuron)}")
            if not self.ended:
                due = self.stepper.under_way(index)
                self.tell(f"    under way to step {step + 1}: {_sums(due)}")
        if self.ended:
            self._show_classes()

    def _show_classes(self) -> None:
        spikes = [self.signals[each.name][None].view(np.bool_) for each in self.populations]
        record = [LayerTrace(v, v, fired) for v, fired in zip(self.v, spikes, strict=True)]
        for decoder in decoders(self.graph):
            found = int(decoder.classes(decoder.record(record))[0])
            of = f" of {decoder.readout.population}" if len(self.class_names) > 1 else ""
            self.tell(f"end of the sample: class{of} {decoder.readout.class_names[found]}")

    @property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """By the population of each readout."""
        return {each.population: each.class_names for each in self.graph.readouts}

    def _state(self, index: int, neuron: int) -> str:
        state = self.layers[index]
        spike = ", spike" if state.spikes[neuron] else ""
        w = "" if state.w is None else f", w {state.w[neuron]}"
        name = self.populations[index].name
        return f"{name} {neuron}: u {state.u[neuron]}{w}, v {state.v[neuron]}{spike}"

    def _show_neuron(self, index: int, neuron: int) -> None:
        layer, step = self.populations[index], self.stepper.step - 1
        assert layer.decay_u is not None
        assert layer.decay_v is not None
        fires = "never spikes"
        if layer.threshold is not None:
            fires = f"spikes above {int(layer.threshold[neuron]) << formats.STATE_FRACTION_BITS}"
        state = self._state(index, neuron) if self.layers else f"{layer.name} {neuron}: u 0, v 0"
        own = f"bias {layer.bias[neuron]}, du {layer.decay_u[neuron]}, dv {layer.decay_v[neuron]}"
        if layer.input_bias[neuron]:
            own += f", input bias {layer.input_bias[neuron]}"
        self.tell(f"{state}; {fires}; {own}")
        incoming = Incoming(self.graph, layer.name, neuron)
        last = min(step + incoming.longest, self.graph.time_steps - 1)
        for when in range(max(step, 0), last + 1):
            synapses = incoming.arriving(self.signals, when)
            if not synapses and when != step:
                continue
            verb = "arrived" if when == step else "under way"
            total = sum(s.weight * s.payload for s in synapses)
            noun = "synapse" if len(synapses) == 1 else "synapses"
            self.tell(f"  step {when}, {verb}: sum {total} by {len(synapses)} {noun}")
            if when > step + 1:
                continue
            for s in synapses[:SHOWN]:
                payload = f" payload {s.payload}" if s.payload > 1 else ""
                spike = f"spike in step {s.spike_step}{payload}"
                self.tell(f"    source {s.source} weight {s.weight} delay {s.delay} {spike}")
            if len(synapses) > SHOWN:
                self.tell(f"    and {len(synapses) - SHOWN} more")


def _named(graph: QuantizedGraph, text: str) -> tuple[str, str]:
    """The layer in LAYER:NEURONS, and the rest. A name may hold a colon too."""
    found = [name for name in _names(graph) if text.startswith(f"{name}:")]
    layer = max(found, key=len, default=text.rpartition(":")[0])
    if ":" not in text:
        raise InputError(f"--neurons {text}: give LAYER:NEURON,NEURON, for example hidden1:3,7")
    return layer, text[len(layer) + 1 :]


def _neurons(graph: QuantizedGraph, layer: str, text: str) -> tuple[int, int, int]:
    """Number of a layer, and the neurons of `text` in it: the first, and up to but without which.

    Raises `InputError` if there are none such.
    """
    names = _names(graph)
    if layer not in names:
        raise InputError(f"layer {layer!r} is unknown; there are {', '.join(names)}")
    index, count = names.index(layer), graph.population(layer).neurons
    try:
        first, stop = read_range(text)
    except ValueError:
        first = stop = count
    if not first < stop <= count:
        raise InputError(f"neuron {text!r} is unknown; {layer} has 0 to {count - 1}")
    return index, first, stop


def _names(graph: QuantizedGraph) -> list[str]:
    return [each.name for each in graph.populations if each.model != INPUT]


def _spikes(spikes: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> str:
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
