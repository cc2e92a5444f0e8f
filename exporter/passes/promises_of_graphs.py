"""What the checks of passes over any graph of integers share: the parts that stay, and their names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.passes.promises import equal, every_neuron
from snnc.stages import Convolution, Population, Projection, QuantizedGraph, SynapseList, Synapses

Ints = npt.NDArray[np.integer]


def same_parts(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Raise `PassError` unless steps, readouts, populations' names and projections' ends are as before."""
    for what in ("time_steps", "bin_s", "readouts"):
        equal("network", what, getattr(after, what), getattr(before, what))
    names = ([each.name for each in graph.populations] for graph in (after, before))
    equal("network", "the list of populations", *names)
    ends = ([(each.name, each.weight_exp) for each in graph.projections] for graph in (after, before))
    equal("network", "the list of projections", *ends)


def same_population(old: Population, new: Population, *, but: Collection[str] = ()) -> None:
    """Raise `PassError` unless all parameters are as before, `but` those."""
    for each in fields(Population):
        if each.name in but:
            continue
        was, found = getattr(old, each.name), getattr(new, each.name)
        one_each = isinstance(was, np.ndarray) and isinstance(found, np.ndarray) and was.shape == found.shape
        if one_each and (np.ptp(was) or np.ptp(found)):
            every_neuron(found == was, new.name, found, f"not the {each.name} from before")
        elif one_each:
            equal(new.name, each.name, int(found[0]), int(was[0]))
        else:
            equal(new.name, each.name, found, was)


def called(projection: Projection, graph: QuantizedGraph) -> str:
    """Its name; in a chain, where one leads into each layer, the layer's."""
    return projection.destination if graph.is_chain else projection.name


def one_by_one(synapses: Synapses) -> tuple[Ints, Ints, Ints, Ints]:
    """pre, post, weight and delay of what is stored, each in one dimension, those of weight 0 included.

    Of a convolution, pre and post are the channels of each element of the kernel.
    """
    if isinstance(synapses, SynapseList):
        return synapses.pre, synapses.post, synapses.weight, synapses.delay
    table = synapses.kernel if isinstance(synapses, Convolution) else synapses.weight  # type: ignore[attr-defined]
    post, pre, *_ = np.indices(table.shape)
    return pre.ravel(), post.ravel(), table.ravel(), synapses.delay.ravel()  # type: ignore[attr-defined]


def same_projection(old: Projection, new: Projection, name: str) -> None:
    """Raise `PassError` unless all synapses are as before, stored in the same way."""
    if new.synapses is old.synapses:
        return
    gone = (left_of(old, new, name) == 0) & (one_by_one(old.synapses)[2] != 0)
    if gone.any():
        raise PassError(f"{named(name, old.synapses, int(gone.argmax()))}: is gone")


def left_of(old: Projection, new: Projection, name: str) -> Ints:
    """The weights of `new` in the places of those of `old` (`one_by_one`), 0 where a synapse is gone.

    Raises
    ------
    PassError
        If a synapse that is left has another weight or delay, or was not there.
    """
    was, now = old.synapses, new.synapses
    equal(name, "the storage of its synapses", type(now).__name__, type(was).__name__)
    pre, post, weight, delay = one_by_one(was)
    new_pre, new_post, new_weight, new_delay = one_by_one(now)
    if isinstance(was, SynapseList):
        left = np.stack([new_pre, new_post, new_delay])
        rows = np.concatenate([np.stack([pre, post, delay]), left], axis=1)
        _, key = np.unique(rows, axis=1, return_inverse=True)
        place = np.full(len(key), -1)
        place[key[: was.count]] = np.arange(was.count)
        at = place[key[was.count :]]
        if (at < 0).any():
            strange = left[:, int((at < 0).argmax())]
            raise PassError(
                f"{name}: there was no synapse {strange[0]} -> {strange[1]} of delay {strange[2]}"
            )
        found = np.zeros_like(weight)
        found[at] = new_weight
        new_weight, new_delay = found, delay
    else:
        equal(name, "the shape of its weights", new_weight.shape, weight.shape)
    if isinstance(was, Convolution) and isinstance(now, Convolution):
        for what in ("grid", "stride", "padding", "groups"):
            equal(name, what, getattr(now, what), getattr(was, what))
    for what, found, wanted in (("weight", new_weight, weight), ("delay", new_delay, delay)):
        wrong = (new_weight != 0) & (found != wanted)
        if wrong.any():
            where = named(name, was, int(wrong.argmax()))
            raise PassError(f"{where}: {found[wrong][0]} is not the {what} from before")
    return new_weight


def named(name: str, synapses: Synapses, at: int) -> str:
    """Which synapse, or element of a kernel, has the place `at` in `one_by_one`."""
    pre, post, *_ = one_by_one(synapses)
    if isinstance(synapses, Convolution):
        place = [int(number) for number in np.unravel_index(at, synapses.kernel.shape)]
        return f"{name}, element {place} of the kernel"
    return f"{name}, synapse {pre[at]} -> {post[at]}"
