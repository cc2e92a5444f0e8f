"""Networks of others: modules of PyTorch, and checkpoints of published works."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.api.example import Example
from snnc.api.layout_hints import hinted
from snnc.api.network import Network
from snnc.api.numbers import step_seconds, warn
from snnc.api.recordings import checked_names
from snnc.api.words import python_words
from snnc.conversion.checkpoints.read import from_checkpoint as read_checkpoint
from snnc.conversion.convert import Converted
from snnc.conversion.convert import from_torch as convert
from snnc.conversion.told_sizes import exchanged
from snnc.errors import InputError
from snnc.keywords import LABELS, TARGET, checked_keywords
from snnc.stages import FloatGraph
from snnc.text import quoted

if TYPE_CHECKING:
    import torch

OF_LENGTH = "The example decides how many steps the network has: give one of as many"
INSTEAD = {
    "batch_first": "Pass layout='NTC' for an example of [samples, steps, lines], which the module takes so",
    **dict.fromkeys(("time_steps", "num_steps", "steps", "T"), OF_LENGTH),
    "labels": f"{LABELS}; names of the classes are classes",
    "target": TARGET,
    "payload_max": "The example tells the largest event: give one that holds as large ones",
}
"""Arguments that `from_torch` is given in vain, and what to do."""
GIVEN = {
    "module": "the module, an object of its class",
    "example": "an example of events, as (torch.rand(25, 4, 8) < 0.3).float() of [steps, samples, lines]",
    "dt": "the seconds a step, as dt=1e-3",
}


@checked_keywords(INSTEAD, GIVEN)
def from_torch(
    module: torch.nn.Module,
    example: Any,
    *,
    dt: float,
    layout: str | None = None,
    decoder: str | None = None,
    least_agreement: float = 0.999,
    classes: Sequence[str] | None = None,
    name: str | None = None,
    verbose: bool = True,
) -> Network:
    """The network that a PyTorch module computes.

    The module runs on `example`, in evaluation mode, and once more on silent events, of which it has to
    compute the same network. Then the network runs on the same input in float64, and every spike is compared,
    of a large network in the first recordings alone; so it is on other events, which are drawn. What was
    read and how far both agree is printed; what differs is one of the network's `notes`, too.

    Parameters
    ----------
    module : its neurons are modules that snnc knows (of several frameworks, or by `snnc.converter`);
        all between them is linear.
    example : what the module takes: one tensor or array of whole events, 0 .. 255.
    dt : seconds a step: how events in seconds become steps, and what times are told in. It changes no weight.
    layout : the dimensions of `example`, a letter each: T time, N samples, any others features; "TNC" by
        default.
    decoder : how outputs that hold all steps are decoded: "sum", the default, which a note tells, "softmax",
        "max" or "last"; spikes are counted.
    least_agreement : the share of steps and neurons, 0 .. 1, in which spikes must be equal at each
        population.
    classes : names of the classes that the module's output tells, of several the first; by default their
        numbers.
    name : what errors and the manifest call the network; by default the class of `module`.
    verbose : whether to print.

    Raises
    ------
    InputError
        If `example` does not fit `layout` or holds no events, the module does what the contract does not
        have, or agreement is below `least_agreement`.

    Warns
    -----
    UnlikelyWarning
        If `dt` is 0.1 s or more or below 50 us, `layout` gives the example few steps of many samples, or
        what the module holds (`batch_first`, `num_steps`, `batch_size`) says that both are exchanged; or if
        no `layout` is given and the example has as many steps as samples.

    Examples
    --------
    >>> network = snnc.from_torch(module, x, dt=0.001)
    Network('Net': 20 + 16 + 3 neurons, T = 30, 0.001 s a step)
      example [30, 5, 20] read as T = 30 steps, N = 5 samples, C = 20 (layout TNC)
      lif1: ... spikes, equal in all 2400 places of all 5 recordings
      lif2: ... spikes, equal in all 450 places of all 5 recordings
    """
    names, told, layout = checked_names(classes), layout is not None, "TNC" if layout is None else layout
    if isinstance(example, Number) or getattr(example, "ndim", 1) == 0:
        raise InputError(f"example: is {quoted(example)}, which holds no samples; give {GIVEN['example']}")

    def converted(example: Any, layout: str, in_batches: bool) -> Converted:
        return convert(
            module,
            example,
            dt=dt,
            layout=layout,
            decoder=decoder,
            least_agreement=least_agreement,
            in_batches=in_batches,
        )

    with python_words():
        try:
            found = converted(example, layout, True)
        except InputError as error:
            error.args = hinted(module, example, layout, error, converted)
            raise
    network = Network(
        _named(found.graph, names),
        name or type(module).__name__,
        found.agreement,
        found.notes,
        payload_max=max(each.payload_max or 1 for each in found.graph.populations),
        held=found.held,
        example=Example.of(example, layout),
    )
    step_seconds(dt)
    read = Example.of(example, layout)
    if (said := _exchanged(module, read)) or (said := None if told else read.ambiguous):
        warn(said)
    if verbose:
        print(network.summary)
    return network


def _exchanged(module: torch.nn.Module, example: Example) -> str | None:
    """What to do if the module, or the sizes of the example, say that steps were taken for samples."""
    sizes = dict(zip(example.layout, example.shape, strict=True))
    why = exchanged(module, example.layout, sizes["T"], sizes.get("N", 1))
    return example.unlikely if why is None else f"{why}: {example.slip}"


def _named(graph: FloatGraph, names: Sequence[str] | None) -> FloatGraph:
    """`graph` whose first readout calls its classes so. Raises `InputError` if these are not as many."""
    if names is None:
        return graph
    readout, *others = graph.readouts
    if len(names) != (told := len(readout.class_names)):
        raise InputError(f"classes: {len(names)} names are given, the module's output tells {told} classes")
    return replace(graph, readouts=(replace(readout, class_names=tuple(names)), *others))


@checked_keywords()
def from_checkpoint(kind: str, path: str | os.PathLike[str], **parameters: Any) -> Network:
    """The network in a checkpoint of a published work. Nothing in the file is executed.

    Parameters
    ----------
    kind : "snn-delays", "axden-syn-delay-snn", "ssm-inspired-lif" or "delrec".
    path : what `torch.save` wrote of the module's `state_dict()`.
    **parameters : what the file does not hold: `dt`, `time_steps` and others. `docs/checkpoints.md` lists
        them for each kind.

    Raises
    ------
    InputError
        If there is no such kind, or a parameter is missing, unknown or impossible.
    ModelFileError
        If the file holds more than tensors, or other tensors than those of this work; the text names the key.

    Examples
    --------
    >>> settings = dict(dt=0.01, time_steps=100, kernel_size=25, tau=1.005, v_threshold=1.0)
    >>> snnc.from_checkpoint("snn-delays", "Best_ACC.pt", loss="sum", payload_max=5, **settings)
    Network('Best_ACC.pt': ...)
    """
    with python_words():
        graph = read_checkpoint(kind, path, **parameters)
    most = max(each.payload_max or 1 for each in graph.populations)
    return Network(graph, Path(path).name, payload_max=most)
