"""Why neurons are others than their module where the same arrives, and what both do at the first place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.budget import recordings_searched
from snnc.conversion.calls import NeuronCall
from snnc.conversion.choices import others
from snnc.conversion.classes import ROUNDINGS, same_share
from snnc.conversion.fits.differing import differing
from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.exchanged import SURE, exchanged
from snnc.conversion.fits.habits import habits, scheduled
from snnc.conversion.fits.lags import other_lag, other_lag_of_v
from snnc.conversion.fits.numbers import range_of
from snnc.conversion.fits.parameters import BEGINS
from snnc.conversion.fits.potentials import Potentials, other_numbers
from snnc.conversion.fits.telling import FEW, fitted, giving, likeliest, of_states, other_order
from snnc.conversion.forced import Forced, More, given_v, recorded
from snnc.conversion.functions import numbers
from snnc.conversion.neurons import HOOKED, Cell
from snnc.conversion.run import Trace
from snnc.exporter.expectation.causes import causes_of
from snnc.exporter.expectation.readings import OfGraph
from snnc.exporter.expectation.replay import Replay, Rule
from snnc.exporter.expectation.variants import Variant, pairs, variants
from snnc.exporter.float_reference import FloatArray
from snnc.stages.float_population import FloatPopulation
from snnc.stages.population import NONE

SEEN = 3
"""So many things that may be why are told."""
OWN_CELL = (
    "Compare its Cell with the code of the module: keep_u, keep_v, gain, threshold, fires, reset, reset_by, "
    "bias, lag, weighed, recurrent (keep_w, ka, kb, order with model 'adlif'), and `clear`, which sets all "
    "of its states to those of the start; the module has to compute the same of any events and of any "
    "number of recordings"
)
"""What is said of neurons whose converter is the user's, if no cause is known."""
TAKEN_FOR_V = (
    "The membrane that `gives` tells is taken for v at the end of a step, which a cause has to explain, too: "
    "pass membrane_ends=False to its Cell if it is another"
)
"""What is said of neurons whose converter gives their membrane, if no cause is known."""
FIRES = (
    "v reaches the threshold of {}, which is to be too high to be reached, so that the module spikes and "
    "resets v (give it a higher threshold, or none of its resets: reset_mechanism='none' in snnTorch)"
)
"""What is said of a readout that is a module of neurons."""
TOO_FEW = "places are too few to be sure, but"
"""What is said before what explains a few places, which other causes may explain as well."""
WITH = "with the example and other events, "  # before a number of such places
ALONE = "of the example alone,"
"""What is said before what explains the example, and may be another cause, or not all of it."""
OF_OTHERS, NO_OTHERS = "no known cause explains other events, too", "no other events could be compared"
SILENT = "; or something else, as the module never spikes there"
"""What is said behind each cause of neurons that are silent, which fits more than one."""

OF_NUMBERS = ("scale", "bias", "integration")
"""Kinds of variants that are other numbers."""
OF_LAG = "another lag in the converter's Cell may say so"
"""What is said of neurons whose spikes come in another step, as far as no one lag is found."""

Decoded = Callable[[FloatArray], FloatArray]


def remedies(trace: Trace, name: str, causes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What to do about neurons that are others than their module, of which `causes` are known."""
    own = name in trace.own and not (causes and all(each not in causes[0] for each in (TOO_FEW, ALONE)))
    seen = _suspected(trace, name)[:SEEN]
    doubts = tuple(f"{each}, which may be why" for each in seen if own)
    taken = own and given_v(trace, name) is not None
    return doubts + (HOOKED,) * (name in trace.hooked) + (OWN_CELL,) * own + (TAKEN_FOR_V,) * taken


def why_other(forced: Forced, trace: Trace, name: str, certain: bool = True) -> tuple[str, ...]:
    """In words, what makes the neurons `name` spike as their module; empty if nothing known does.

    Of a converter of the user's, its parameters are tried with other values. Of many recordings, those with
    the most differences are looked at. Neurons that never spike tell no cause from another. `certain`: a
    second number is not to make up for one that is told.
    """
    found = _why_other(forced, trace, name, certain)
    return found if forced.states[name].any() else tuple(f"{each}{SILENT}" for each in found)


def _why_other(forced: Forced, trace: Trace, name: str, certain: bool) -> tuple[str, ...]:
    if name in trace.hooked:  # whose effect any parameter may seem to have
        return ()
    every, forced = forced, forced.worst(name, recordings_searched(*forced.states[name].shape[1:]))
    graph, cell = forced.graph, trace.cells[name]
    theirs = forced.states[name] != 0
    given, readings = forced.given, OfGraph(graph, {name: cell.gains(theirs.shape[2])})
    if name not in trace.own:
        return causes_of(graph, name, given, theirs, readings, cell.lag)
    driven = _driven(forced, trace.calls[name], cell, name)
    if found := _other_lag(driven, forced, cell, name):
        return found
    of, v = differing(driven, cell), _v(forced, name)
    known = partial(causes_of, graph, name, given, theirs, readings, cell.lag)
    swapped = exchanged(_driven(every, trace.calls[name], cell, name), cell)
    sure = swapped * (of.spikes >= SURE)
    if found := known((_words,), v, driven.far) or sure:
        few = likeliest(of) if of.of and not sure else ()
        once = any(" its reset_by " in each for each in few)  # which is then no cause of all neurons
        said = (each for each in found if not (once and ", reset_by " in each))
        has_current = bool(driven.of.keep_u.any())  # else an exchange makes v u: that is no reset, told so
        return tuple(dict.fromkeys((*said, *swapped * has_current, *few)))
    if not of.of and (found := known((_integrations,), v, driven.far)):
        return (*found, *swapped, *likeliest(of)) if of.spikes < FEW else found
    if found := (*other_order(driven), *fitted(of, certain)):
        return *found, *swapped
    if swapped or likeliest(of):  # what fewer spikes tell is no surer
        return ()
    found = habits(driven, cell.gains(theirs.shape[2])) or of_states(of) or scheduled(driven)
    return found or known((_pairs,) * (not of.of), v, driven.far)


def _suspected(trace: Trace, name: str) -> list[str]:
    """What the code of these neurons does that may be why they are others, each once."""
    chosen = others(trace.choices.get(name, ()), trace.calls[name], trace.cells[name])
    said = dict.fromkeys((*trace.inside.get(name, ()), *chosen))
    return [*(said or dict.fromkeys(trace.doubts))]


def why_other_too(forced: Forced, more: More, trace: Trace, name: str) -> tuple[str, ...]:
    """As `why_other`, or else `why_few`, of `more` recordings as well, which tell one cause from another.

    What explains `forced` alone is told so, also where there are no others.
    """
    if name not in trace.own:
        return why_other(forced, trace, name)
    others = more()
    if others is None or name not in others.states:
        return _alone(NO_OTHERS, why_other(forced, trace, name, False)) or why_few(forced, trace, name)
    every = forced.beside(others)
    found = why_other(every, trace, name) or why_few(every, trace, name, WITH)
    return found or _alone(OF_OTHERS, why_other(forced, trace, name, False))


def _alone(because: str, causes: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{because}; {ALONE} {giving(causes)}",) if causes else ()


def why_few(forced: Forced, trace: Trace, name: str, counted: str = "") -> tuple[str, ...]:
    """In words, what explains places that are too few for `why_other`, with their number; empty if none.

    `counted`: what they are of, before that number. That is of a converter of the user's: parameters, that
    which has to change least first, and what no Cell says; not where its code does what may be why.
    """
    if name not in trace.own or name in trace.hooked or _suspected(trace, name):
        return ()
    wrong, cell = forced.wrong(name), trace.cells[name]
    forced = forced.worst(name, recordings_searched(*forced.states[name].shape[1:]))
    driven = _driven(forced, trace.calls[name], cell, name)
    found = (*exchanged(driven, cell), *likeliest(differing(driven, cell)))
    found += habits(driven, cell.gains(driven.spikes.shape[2]), few=True)
    return (f"{counted}{int(wrong.sum())} of {wrong.size} {TOO_FEW} {giving(found)}",) if found else ()


def why_other_v(forced: Forced, trace: Trace, name: str) -> tuple[str, ...]:
    """In words, what makes v of the readout `name` another than its module's; empty if nothing known does.

    It is that v reaches a threshold, and the module resets; another lag; or another number of the Cell, with
    which v is the module's, or from which v begins.
    """
    of, cell, theirs = forced.graph.population(name), trace.cells[name], forced.states[name]
    of_graph = np.stack([run[name].v for run in forced.runs])
    ours = forced.as_given(name, of_graph)
    if _reached(ours * cell.gains(of.neurons), cell)[forced.wrong(name)].all():
        return (FIRES.format(range_of(numbers(cell.parameters["threshold"]))),)
    far = forced.shares[name] * np.abs(theirs).max()
    if name not in trace.own or name in trace.hooked:
        return ()
    if found := other_lag_of_v(theirs, of_graph * cell.gains(of.neurons), cell.lag, far):
        return found
    forced = forced.worst(name, recordings_searched(*theirs.shape[1:]))
    return other_numbers(_potentials(forced, cell, name, forced.states[name][:, cell.lag :], far))


def why_other_scores(
    forced: Forced, trace: Trace, name: str, theirs: FloatArray, far: float, decoded: Decoded
) -> tuple[str, ...]:
    """As `why_other_v`, where the module gives no v, but what `decoded` makes of it: `theirs` [N, neurons].

    They may be so `far` from those of the network. `decoded` takes v of the network, [N, T, neurons].
    """
    cell = trace.cells[name]
    gains = np.unique(cell.gains(forced.graph.population(name).neurons))
    whole = theirs.shape[1] == forced.graph.population(name).neurons
    if name not in trace.own or name in trace.hooked or cell.lag or len(gains) > 1 or not whole:
        return ()
    of = _potentials(forced, cell, name, theirs, far)
    return other_numbers(replace(of, decoded=lambda v: decoded(v / gains)))


def _potentials(forced: Forced, cell: Cell, name: str, theirs: FloatArray, far: float) -> Potentials:
    """Of a readout, in the units of its module, which gives `theirs`, [N, T, neurons] if that is v."""
    rule = Rule.of(forced.graph, name)
    of: Any = _apart(rule.population, cell)
    gains = cell.gains(of.neurons)
    told = {"keep_u": of.keep_u, "keep_v": of.keep_v, "gain": gains, "bias": of.bias * gains}
    arriving = Replay(forced.given, forced.graph.time_steps).arriving(rule)
    steps = theirs.shape[1] if theirs.ndim > 2 else forced.graph.time_steps
    return Potentials(told | {BEGINS: np.zeros(of.neurons)}, arriving[:, :steps] + of.input_bias, theirs, far)


def _reached(v: npt.NDArray[np.float64], cell: Cell) -> npt.NDArray[np.bool_]:
    """Where v [N, T, neurons] of a readout has reached the threshold of its module, which then resets."""
    if not cell.spikes or cell.parameters["reset"] == NONE:
        return np.zeros(v.shape, bool)
    return np.maximum.accumulate(v >= cell.numbers_of(v.shape[2])["threshold"], axis=1)


def _words(rule: Rule, dt: float) -> Iterator[tuple[Variant, ...]]:
    """Without those that are other numbers, of which all are fitted."""
    return (trial for trial in _of_cell(variants(rule, dt)) if trial[0].kind not in OF_NUMBERS)


def _integrations(rule: Rule, dt: float) -> Iterator[tuple[Variant, ...]]:
    return (trial for trial in _of_cell(variants(rule, dt)) if trial[0].kind == "integration")


def _pairs(rule: Rule, dt: float) -> Iterator[tuple[Variant, ...]]:
    return _of_cell(pairs(rule, dt))


def _of_cell(trials: Iterable[tuple[Variant, ...]]) -> Iterator[tuple[Variant, ...]]:
    """`trials`, of which those of another step are told of a converter's Cell."""
    for trial in trials:
        yield tuple(replace(each, remedy=OF_LAG) if each.kind == "later" else each for each in trial)


def _other_lag(driven: Driven, forced: Forced, cell: Cell, name: str) -> tuple[str, ...]:
    """Of neurons that hear their own spikes, which are as late as the lag says, none is tried."""
    if any(each.source == each.destination == name for each in forced.graph.projections):
        return ()
    arriving = Replay(forced.given, forced.graph.time_steps).arriving(Rule.of(forced.graph, name))
    return other_lag(driven, cell.lag, arriving, forced.states[name] != 0, _v(forced, name))


def _v(forced: Forced, name: str) -> FloatArray | None:
    """v of the module in the network's units, NaN in steps with a spike; None if unknown."""
    v = forced.membranes.get(name)
    if v is None:
        return None
    return np.where(forced.states[name] != 0, np.nan, v / forced.cells[name].gains(v.shape[2]))


def _driven(forced: Forced, calls: list[NeuronCall], cell: Cell, name: str) -> Driven:
    spikes = forced.states[name][:, cell.lag :] != 0
    rule = Rule.of(forced.graph, name)
    of = _apart(rule.population, cell)
    arriving = Replay(forced.given, forced.graph.time_steps).arriving(rule)[:, : spikes.shape[1]]
    kind = calls[0].spikes.dtype if calls[0].spikes is not None else torch.float64
    rounding = torch.finfo(kind if kind.is_floating_point else torch.float32).eps
    v = _v(forced, name)
    if v is None:
        return Driven(of, arriving, spikes, ROUNDINGS * rounding)
    assert calls[0].membrane is not None
    far = same_share(calls[0].membrane) * float(np.nanmax(np.abs(v), initial=0))
    return Driven(of, arriving, spikes, ROUNDINGS * rounding, v[:, cell.lag :], far)


def _apart(of: FloatPopulation, cell: Cell) -> FloatPopulation:
    """With the biases of weights, which are part of what arrives, apart from that of the cell."""
    assert of.keep_u is not None
    assert of.bias is not None
    if of.keep_u.any():
        return of
    own = numbers(cell.parameters.get("bias", 0.0)).reshape(-1) / cell.gains(of.neurons)
    return replace(of, input_bias=of.bias - own, bias=own + np.zeros(of.neurons))


def at_first(forced: Forced, trace: Trace, name: str, place: tuple[int, int, int]) -> str:
    """In words, what module and network hold in `place`, a recording, a step and a neuron."""
    neuron, cell = place[2], trace.cells[name]
    gain = float(cell.gains(forced.states[name].shape[2])[neuron])
    of = forced.graph.population(name)
    theirs = float(forced.states[name][place])
    if not of.spikes:
        ours = forced.as_given(name, np.stack([run[name].v for run in forced.runs])) * gain
        said = f"v is {theirs:.6g} in the module, {ours[place]:.6g} in the network"
        reached = _reached(ours, cell)[place]
        return f"{said}, which has reached the threshold of the module" if reached else said
    assert of.threshold is not None
    v = float(forced.as_given(name, forced.charged(name))[place]) * gain
    who = "the module spikes, the network does not" if theirs else "the network spikes, the module does not"
    threshold = float(of.threshold[neuron]) * gain
    said = f"{who}: v of the network is {v:.6g} before a reset, its threshold {threshold:.6g}"
    after = recorded(trace.calls[name], spikes=False)
    return said + ("" if after is None else f"; the module gives {after[place]:.6g} as its membrane")
