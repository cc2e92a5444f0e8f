"""A NIR graph that snnc did not write -> DiscreteModel, or FloatGraph where version 1 cannot express it.

Here are chains from input to output: between neurons `Linear`, `Affine`, `Scale` and `Delay` in any order,
folded to one weight and one delay a pair; `graph.py` reads all others. `docs/interop.md` states the
mapping.

A last layer that spikes gets a readout: one neuron for each of its own, without memory, whose
v * readout_scale is the step's spike divided by T. By clause 7 the class is then the neuron with the most
spikes: a spike adds (e^(1/T) - 1) / Z to y, with n <= Z <= n e^(1/T) for n classes, so that c + 1 spikes add
more than c if e^(1/T) < (c + 1) / c, which holds for every c < T.

A last layer that cannot spike, since its thresholds lie above all that its membranes reach, is a readout:
frameworks without such a neuron write it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import nir
import numpy as np

from snnc.arrays import frozen
from snnc.errors import InputError
from snnc.exporter.nir.delays import WholeSteps
from snnc.exporter.nir.foreign import FOLDED, BeyondChainError, Foreign, Resets, chain_of, read_foreign
from snnc.exporter.nir.graph import import_graph
from snnc.exporter.nir.layers import Dynamics, Sums, Wires, dynamics, matrix, memoryless, one_for_each
from snnc.exporter.nir.options import Imported as Imported
from snnc.exporter.nir.options import ImportOptions as ImportOptions
from snnc.formats import PAYLOAD_MAX
from snnc.stages import DiscreteLayer, DiscreteModel
from snnc.stages.float_population import ABOVE
from snnc.stages.population import ZERO


def import_nir(data: bytes, name: str, options: ImportOptions) -> Imported:
    """Read the content of a NIR file; `name` is what errors call it.

    Raises
    ------
    InputError
        If it is no NIR file, was written by snnc, holds a node or a value that the contract has no place for,
        or `options` lack what it needs; the text names node and value.
    """
    with _named(name):
        foreign = read_foreign(data)  # first: of a damaged file, missing options say nothing
    options.check(name)
    with _named(name), np.errstate(over="ignore", invalid="ignore"):  # the stages refuse what is not finite
        if options.reset in (None, ZERO) and options.fires in (None, ABOVE):
            with suppress(BeyondChainError):
                return _import_chain(foreign, options)
        return import_graph(foreign, options)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors begin with the name of the file."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error.args[0]}", *error.args[1:]) from error


def _import_chain(foreign: Foreign, options: ImportOptions) -> Imported:
    """The network as a chain of version 1. Raises `InputError`: `BeyondChainError` if it is none."""
    dt, steps = options.dt, options.time_steps
    assert dt is not None
    assert steps is not None
    inputs, chain = chain_of(foreign.graph)
    builder = _Builder(inputs, options, Resets(foreign, options.reset))
    for node_name, node in chain:
        builder.add(node_name, node)
    layers = builder.finish()
    classes = tuple(str(number) for number in range(len(layers[-1].weight)))
    notes = options.notes | builder.notes
    return Imported(DiscreteModel(tuple(layers), steps, dt, classes), notes)


class _Builder:
    """Turns nodes, one after the other, into layers."""

    def __init__(self, inputs: int, options: ImportOptions, resets: Resets) -> None:
        assert options.dt is not None
        assert options.time_steps is not None
        self._dt, self._how, self._resets = options.dt, options.how, resets
        self._steps_told = options.time_steps
        self._delays = WholeSteps(options.dt, options.round_delays)
        self._lines: Wires | Sums = Wires.straight(inputs)
        self._pending = ""
        """The last node after the last neurons."""
        self._held: tuple[str, nir.NIRNode] | None = None
        """The last neurons, until it is known whether a node follows."""
        self._layers: list[DiscreteLayer] = []
        self.notes = self._delays.notes

    def add(self, name: str, node: nir.NIRNode) -> None:
        self._settle(last=False)
        if self._layers and self._layers[-1].threshold is None:
            raise InputError(
                f"node {self._layers[-1].name!r} does not spike, but {name!r} follows; only the last neurons "
                "may output a real number"
            )
        if isinstance(node, FOLDED):
            self._fold(name, node)
        else:
            self._held = (name, node)

    def finish(self) -> list[DiscreteLayer]:
        """All layers, the last of which does not spike."""
        self._settle(last=True)
        if self._pending:
            self._close(self._pending, memoryless(self._lines.lines))
        if not self._layers:
            raise InputError("has neither weights nor neurons")
        last = self._layers[-1]
        if last.threshold is not None:
            names = {layer.name for layer in self._layers}
            name = next(n for n in ("readout", *(f"readout{i}" for i in range(len(names)))) if n not in names)
            self._lines = self._lines.scaled(np.full(len(last.weight), 1 / self._steps_told))
            self._close(name, memoryless(len(last.weight)))
            self.notes["readout_added"] = (
                f"{name}: the class is the neuron of {last.name} with the most spikes"
            )
        self.notes |= self._resets.notes
        return self._layers

    def _settle(self, last: bool) -> None:
        """Make a layer of the neurons that are held; `last`: nothing follows them."""
        if self._held is None:
            return
        (name, node), self._held = self._held, None
        step = dynamics(name, node, self._lines.lines, self._dt, self._how)
        threshold = step.threshold
        if threshold is None:
            self._close(name, step)
            return
        reach = self._reach(step)
        if last and (reach < threshold).all():
            self.notes["read_as_readout"] = (
                f"{name} is read as the readout: its threshold of {threshold.min():.4g} lies above all "
                f"that v reaches in {self._steps_told} steps, {reach.max():.4g}"
            )
            step = dynamics(name, node, self._lines.lines, self._dt, self._how, fires=False)
        elif np.isinf(threshold).all():
            raise InputError(
                f"node {name!r}: its threshold is infinite, and a node follows; only "
                "the last neurons, the readout, may have no spikes"
            )
        else:
            self._resets.of(name, node, step.tau > 1)
        self._close(name, step)

    def _reach(self, step: Dynamics) -> np.ndarray:
        """Float64 [neurons]: what v cannot exceed in any sample if the neuron does not fire.

        Every synapse that excites is on in every step; the sum of what decay leaves is at most tau.
        """
        sums = self._lines.sums()
        payload = 1 if self._layers else PAYLOAD_MAX
        drive = np.maximum(sums.weight * step.gain[:, None], 0).sum(axis=1) * payload * step.tau_syn
        memory = step.tau if np.isfinite(step.tau) else self._steps_told
        return np.maximum(drive + sums.bias * step.gain + step.drive, 0) * memory

    def _fold(self, name: str, node: nir.NIRNode) -> None:
        lines = self._lines.lines
        if isinstance(node, nir.Linear | nir.Affine):
            weight = matrix(name, node.weight, lines)
            bias = np.zeros(len(weight))
            if isinstance(node, nir.Affine):
                bias = one_for_each(name, "bias", node.bias, len(bias))
            self._lines = self._lines.weighed(name, weight, bias)
        elif isinstance(node, nir.Scale):
            self._lines = self._lines.scaled(one_for_each(name, "scale", node.scale, lines))
        else:
            self._lines = self._lines.delayed(name, self._delays.of(name, node, lines))
        self._pending = name

    def _close(self, name: str, step: Dynamics) -> None:
        """The lines so far and the neurons `name` are a layer; its neurons are the next lines."""
        sums = self._lines.sums()
        if step.tau_syn > 1 and sums.bias.any():
            neuron = int(np.abs(sums.bias).argmax())
            raise BeyondChainError(
                f"node {name!r}, neuron {neuron}: a bias of {sums.bias[neuron]:.4g} passes through a current "
                "with a memory; in the contract a bias acts on the membrane (clause 5): use Linear, or v_leak"
            )
        unit = np.ones(len(step.gain)) if step.threshold is None else step.threshold
        gain = step.gain / unit
        self._layers.append(
            DiscreteLayer(
                name=name,
                weight=sums.weight * gain[:, None],
                delay=frozen(sums.delay, np.int32, name=f"{name}: delay"),
                bias=sums.bias * gain + step.drive / unit,
                tau=step.tau,
                threshold=None if step.threshold is None else 1.0,
                tau_syn=step.tau_syn,
            )
        )
        self._lines, self._pending = Wires.straight(sums.lines), ""
