"""`from_torch`: a PyTorch module becomes a graph, and both are compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch.nn.parameter import is_lazy

import snnc.conversion.converters  # noqa: F401  # registers them
from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.comparison import Outputs, compared
from snnc.conversion.differences import OWN_CELL
from snnc.conversion.fold import graph_of
from snnc.conversion.halves import told_of_halves
from snnc.conversion.left_over import check_between_calls, left_over_of
from snnc.conversion.notes import differing, other_durations
from snnc.conversion.other_events import CLOSE, check_others
from snnc.conversion.readouts import check_decoder, readouts_of
from snnc.conversion.run import TAKEN, Trace
from snnc.conversion.tracer import trace
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import Agreement, why
from snnc.exporter.expectation.held import Held
from snnc.formats import PAYLOAD_MAX
from snnc.stages import FloatGraph
from snnc.text import quoted

LAYOUTS = {
    2: "'TC' for [steps, lines]",
    3: "'TNC' for [steps, recordings, lines]",
    4: "'TNCL' for [steps, recordings, channels, places], or 'TCHW' for [steps, channels, rows, columns]",
    5: "'TNCHW' for [steps, recordings, channels, rows, columns]",
}
"""The usual one by how many dimensions an example has."""
OF_FILE = (
    "A path names no module: make it of its class, load the file into it (load_state_dict), and give the "
    "module"
)
OF_META = "Make the module on a device that holds numbers (to_empty), and load its weights (load_state_dict)"
REPEATED = "A module that repeats its input in all steps is to be given steps: repeat the input outside of it"


@dataclass(frozen=True, slots=True)
class Converted:
    """A graph in real numbers, `held` against the module that it is of.

    `export_network` takes `held`, too, and says in the manifest what quantising adds.
    """

    graph: FloatGraph
    held: Held
    notes: tuple[str, ...] = ()

    @property
    def agreement(self) -> tuple[Agreement, ...]:
        """How far its spikes agree with those of the module."""
        return self.held.agreement

    def __repr__(self) -> str:
        sizes = " + ".join(str(each.neurons) for each in self.graph.populations)
        return f"Converted({sizes} neurons, T = {self.graph.time_steps}, {self.graph.bin_s:g} s a step)"


def from_torch(
    module: torch.nn.Module,
    example: Any,
    *,
    dt: float,
    layout: str = "TNC",
    decoder: str | None = None,
    least_agreement: float = 0.999,
) -> Converted:
    """The network that `module` computes.

    The module runs on `example`, in evaluation mode, and the functions that it calls tell what lies
    between its neurons. It runs again on silent events, and has to compute the same network then. The
    network runs on the same input, in float64, and every spike is compared, of a large network in the first
    recordings alone; so it is on other events, which are drawn.

    Parameters
    ----------
    module : neurons are modules that a converter knows (`snnc.converter`); all between them is linear.
    example : what the module takes: one tensor or array of whole events, 0 .. 255.
    dt : seconds a step.
    layout : the dimensions of `example`, a letter each: T time, N recordings, any others features.
    decoder : how outputs that hold all steps are decoded: "sum", the default, which a note tells, "softmax",
        "max" or "last"; spikes are counted.
    least_agreement : the share of steps and neurons in which spikes must be equal, 0 .. 1, at each population
        if the module's own spikes arrive. A module computes in 32 bits, so a v that all but meets the
        threshold may fall on either side.

    Raises
    ------
    InputError
        If `example` does not fit `layout` or holds no events, the module does what the contract does not
        have, or agreement is below `least_agreement`.
    """
    if not isinstance(module, torch.nn.Module):
        of_dict = ["Load it into its module (load_state_dict), and give that"] * isinstance(module, dict)
        of_class = ["Make one of the class: MyNetwork(...)"] * isinstance(module, type)
        of_file = [OF_FILE] * isinstance(module, str | os.PathLike)
        what = f"module is a {type(module).__name__}, expected a torch.nn.Module"
        raise InputError(what, *of_dict, *of_class, *of_file)
    for name, parameter in (*module.named_parameters(), *module.named_buffers()):
        if is_lazy(parameter):
            raise InputError(
                f"the module's {name} has no shape yet", "Run the module once, or load its weights"
            )
        if parameter.is_meta:
            raise InputError(f"the module's {name} has no numbers (device meta)", OF_META)
    for name, parameter in module.named_parameters():
        _refuse_numbers(f"the module's parameter {name}", parameter, ~parameter.isfinite())
    for name, buffer in module.named_buffers():  # infinity may mean "never", as of a threshold
        _refuse_numbers(f"the module's buffer {name}", buffer, buffer.isnan())
    tensor = _tensor(example)
    axes = _axes(tensor, layout)
    events = _events(tensor, axes)
    if not isinstance(dt, Real) or not 0 < dt <= sys.float_info.max:
        raise InputError(f"dt is {quoted(dt)}, expected seconds a step, above 0")
    bin_s = float(dt)
    if not isinstance(least_agreement, Real) or not 0 <= least_agreement <= 1:
        raise InputError(f"least_agreement is {quoted(least_agreement)}, expected a share, 0 .. 1")
    check_decoder(decoder)
    run = tensor.clone() if tensor.is_floating_point() else tensor.to(_kind_of(module))
    silent, kept = torch.zeros_like(run), run.clone()  # the module may change what it is given

    def converted(found: Trace) -> FloatGraph:
        return graph_of(found, axes.lines, axes.steps, int(max(1, events.max(initial=1))), bin_s, decoder)

    found = trace(module, run, axes)
    graph = converted(found)
    _check_constant(module, found.doubts, graph, lambda: converted(trace(module, silent, axes)))
    read = readouts_of(found, decoder)
    again = left_over_of(module, found, kept, axes)
    held, outputs = compared(graph, found, events, type(module).__name__, read.outputs, again)
    told = {name: cell.notes for name, cell in found.cells.items()}
    with told_of_halves(module, found.cast):
        _check(held.agreement, least_agreement, told, found.own)
    _check_outputs(outputs, held)
    notes = [note for each in told.values() for note in each]
    notes += [
        f"{doubt}; compared on the example, silence and other events alone"
        for doubt in dict.fromkeys(found.doubts)
        if doubt.endswith(TAKEN)
    ]
    if decoder is not None and all(each.decoder != decoder for each in graph.readouts):
        said = ", ".join(sorted({each.decoder for each in graph.readouts}))
        notes.append(f"decoder {decoder!r} is not used: what the module gives is decoded by {said}")
    notes += read.notes  # outputs that are not read are said
    with told_of_halves(module, found.cast):
        others = check_others(module, found, graph, kept, axes, read.outputs, float(least_agreement))
    check_between_calls(module, found, kept, axes)
    cast = [f"{found.cast}, 16 bits; the network is of real numbers"] * bool(found.cast)
    notes += [*others.notes, *cast, *other_durations(module, bin_s)]
    notes += differing(held.agreement)
    notes += [
        f"{each.population}: never spikes on the example, so that nothing is compared but silence"
        for each in held.agreement
        if each.spikes == 0
    ]
    return Converted(graph, replace(held, others=others.allowed), tuple(notes))


def _tensor(example: Any) -> torch.Tensor:
    try:
        found = torch.as_tensor(example).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"the example is {quoted(example)}, expected a tensor ({error})") from error
    if found.is_complex() or not found.numel():
        raise InputError(
            f"the example is {found.dtype} of the shape {list(found.shape)}, expected a tensor of real "
            "numbers that is not empty"
        )
    if found.layout != torch.strided or found.is_meta:
        what = "has no numbers (meta)" if found.is_meta else f"is {found.layout}"
        raise InputError(f"the example {what}, expected a dense tensor of events 0 .. {PAYLOAD_MAX}")
    return found


def _kind_of(module: torch.nn.Module) -> torch.dtype:
    """In what the module computes: whole numbers are given to it as such."""
    kinds = (each.dtype for each in module.parameters() if each.is_floating_point())
    return next(kinds, torch.float32)


def _refuse_numbers(what: str, tensor: torch.Tensor, strange: torch.Tensor) -> None:
    """Raises `InputError` with the first number of `tensor` that is `strange`."""
    if strange.any():
        place = strange.nonzero()[0].tolist()
        number = tensor[tuple(place)].item()
        raise InputError(f"{what} holds {number} at {place}; train it again, or load it again")


def _check_constant(
    module: torch.nn.Module, doubts: Sequence[str], graph: FloatGraph, again: Callable[[], FloatGraph]
) -> None:
    """Raises `InputError` unless the module computes the same network again, on silence."""
    try:
        other = again()
        parts = ("populations", "projections", "readouts", "time_steps")
        wrong = [each for each in parts if getattr(other, each) != getattr(graph, each)]
        how = f"computes another network ({', '.join(wrong)})"
    except InputError as error:
        wrong, how = ["all"], f"cannot be read: {error.args[0]}"
    if wrong:
        why = f"{doubts[0]}, and " if doubts else ""
        raise InputError(
            f"{why}on silent events {type(module).__name__} {how}; the contract's networks are "
            "the same whatever arrives",
            "Compute it without random numbers, numbers of tensors, and what an earlier call has left over, "
            "or as buffers that stay",
        )


def _axes(tensor: torch.Tensor, layout: str) -> Axes:
    letters = str(layout).upper()
    if "B" in letters and "N" not in letters:
        meant = letters.replace("B", "N")
        raise InputError(
            f"layout {layout!r} has no letter N, which stands for recordings; did you mean {meant!r}?"
        )
    alone = letters.isalpha() and len(set(letters)) == len(letters)
    if len(letters) != tensor.ndim or "T" not in letters or not alone:
        usual = f", as {LAYOUTS[tensor.ndim]}" if tensor.ndim in LAYOUTS else ""
        raise InputError(
            f"layout {layout!r} does not fit an example of the shape {list(tensor.shape)}: give a letter for "
            f"each dimension, T for time once, N for recordings, others for features{usual}",
            *[REPEATED] * ("T" not in letters),
        )
    dims = [
        (TIME,) if letter == "T" else (BATCH,) if letter == "N" else (int(size),)
        for letter, size in zip(letters, tensor.shape, strict=True)
    ]
    sizes = dict(zip(letters, tensor.shape, strict=True))
    return Axes(tuple(dims), int(sizes.get("N", 1)), int(sizes["T"]))


def _events(tensor: torch.Tensor, axes: Axes) -> np.ndarray[Any, Any]:
    """The example as [N, T, lines], whole numbers."""
    array = tensor.to("cpu", torch.float64).numpy()
    wrong = (array != np.rint(array)) | (array < 0) | (array > PAYLOAD_MAX)
    if wrong.any():
        raise InputError(
            f"the example holds {array[wrong].flat[0]:.6g}, inputs are whole events 0 .. {PAYLOAD_MAX} a "
            "step: "
            "encode it as spikes"
        )
    order = [axes.of(BATCH)] if (BATCH,) in axes.dims else []
    order = [*order, axes.of(TIME), *(k for k, dim in enumerate(axes.dims) if isinstance(dim[0], int))]
    return array.transpose(order).reshape(axes.batch, axes.steps, axes.lines).astype(np.int64)


def _check(
    agreement: Sequence[Agreement], least: float, notes: Mapping[str, Sequence[str]], own: Collection[str]
) -> None:
    for each in agreement:
        if each.share < least:
            told = notes.get(each.population, ())  # what is known to differ
            known = each.spikes is not None and not told
            cause = f": {why(each.causes)}" if known or each.causes else ""
            unknown = each.population in own and not each.causes
            raise InputError(
                f"{each.population}: module and network differ in {each.different} of {each.total} places "
                f"where the same arrives: {each.where}{cause}",
                *told,
                *[OWN_CELL] * unknown,
                CLOSE,
            )


def _check_outputs(outputs: Outputs, held: Held) -> None:
    """Where all places agree, classes have to; and what is read, where the same arrives."""
    agree = not any(each.different or each.through for each in held.agreement)
    for number, count in outputs.other_classes.items():
        if count and agree:
            raise InputError(
                f"output {number}: tells another class than the network in {count} of {len(held.events)} "
                "recordings, although all neurons agree; the module decodes it in a way that is not followed",
                "Return the scores, or the membranes of all steps, and pass decoder",
            )
    if outputs.difference is not None:
        raise InputError(*outputs.difference)
