"""An independent check of the range certificate: is it an invariant of the contract?

The certificate claims, for each neuron and step, intervals of u, v and w, and of v and w together. This file
does not compute them. It takes them as given and asks of each step whether every state that the claim allows
in the step before (clause 8: zero before the first), under every input, leads into the claim of this step. If
so, no input train leaves the claims; and if these keep within the formats, nothing wraps or clips (clause 9).
A claim may be wider than needed, never narrower.

It shares no arithmetic with the prover but what the graph tells both (biases, the synapses of convolutions),
and its limits are literals of `docs/semantics.md`. Of u, and of v where there is no w, only the ends of
intervals are followed, since every operation of clauses 2 to 5 is monotone in each of its operands. Where
there is one, polygons are (`check_adaptation.py`).

Each population is checked by itself, also in a cycle: a claim of a step uses the claims of its sources about
earlier steps, or about the same step if they come earlier in the contract order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import ArtifactError
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.check_adaptation import Bound, check_forms, reached
from snnc.exporter.ranges.check_arrivals import first_spikes, sums
from snnc.exporter.ranges.check_steps import Cells, cells, clip, decay, hull, wrapped
from snnc.stages import Population, QuantizedGraph

Ints = npt.NDArray[np.int64]

NUMBERS = 1 << 16
"""About how many numbers an array holds beside the sums of clause 2."""


def check_ranges(graph: QuantizedGraph, claims: Sequence[PopulationRanges]) -> bool:
    """Whether the claims exclude every wrap and clip.

    Raises
    ------
    ArtifactError
        If the graph can leave a claim: the certificate is wrong, or that of another graph.
    """
    fits, steps = True, graph.time_steps
    for of, claim in zip(graph.stateful, claims, strict=True):
        _check_form(of, claim, steps)
    first = {each.name: np.zeros(each.neurons, np.int64) for each in graph.populations}  # right of inputs
    first |= {
        of.name: first_spikes(of, claim, graph.end(of.name), steps)
        for of, claim in zip(graph.stateful, claims, strict=True)
    }
    for of, claim in zip(graph.stateful, claims, strict=True):
        _check_population(graph, of, claim, sums(graph, of, first, len(claim.u_lo)))
        fits &= claim.u_lo.min() > -(2**23) and claim.u_hi.max() <= 2**23
        for low, high in ((claim.v_lo, claim.v_hi), (claim.w_lo, claim.w_hi)):
            if low is not None and high is not None:
                fits &= low.min() > -(2**23) and high.max() < 2**23
    return bool(fits)


def _check_form(of: Population, claim: PopulationRanges, steps: int) -> None:
    rows, neurons = claim.u_lo.shape
    found = claim.population, neurons, claim.adapts
    if found != (of.name, of.neurons, of.model == "adlif") or rows > steps:
        raise ArtifactError(
            f"{of.name}: the certificate is of {claim.population}, {rows} steps of {neurons} neurons with "
            f"{claim.variables}, the graph has {steps} of {of.neurons}; export again"
        )
    if claim.adapts:
        check_forms(claim)


def _check_population(graph: QuantizedGraph, of: Population, claim: PopulationRanges, arriving: Ints) -> None:
    end, steps = graph.end(of.name), graph.time_steps
    _check_sums(of, claim, arriving, steps)
    size = 1 if claim.forms is None else 4 + 2 * len(claim.forms)
    for each in cells(of, claim, steps, end, NUMBERS // size):
        u_claim = each.now("u")
        u = decay(wrapped(each.then("u")), each.of(of.decay_u))
        u += 64 * arriving[each.sums, :, each.neuron].T
        bounds: list[Bound] = [("u", u, u_claim)]
        u = wrapped(u_claim)
        if claim.adapts:
            bounds += reached(of, each, u)
        else:
            v = decay(_reset(of, each, clip(each.then("v"))), each.of(of.decay_v))
            bounds.append(("v", v + u + each.of(of.bias), each.now("v")))
        _refuse(of, each, bounds)


def _check_sums(of: Population, claim: PopulationRanges, arriving: Ints, steps: int) -> None:
    """The claim of a. Of a sum beyond it the last step with this sum is named."""
    low, high = arriving[:, 0].min(axis=0), arriving[:, 1].max(axis=0)
    wrong = (low < claim.a_lo) | (high > claim.a_hi)
    if wrong.any():
        i = int(wrong.argmax())
        worst = arriving[:, 0, i] == low[i] if low[i] < claim.a_lo[i] else arriving[:, 1, i] == high[i]
        row = len(worst) - 1 - int(worst[::-1].argmax())
        raise _left(of, i, min(row, steps - 1), "a", (low[i], high[i]), (claim.a_lo[i], claim.a_hi[i]))


def _reset(of: Population, each: Cells, v: Ints) -> Ints:
    """Clause 6: v up to the threshold stays, what lies above is reset; the interval that holds both."""
    if of.threshold is None:
        return v
    low, high = v
    theta = 64 * each.of(of.threshold)
    stays, fires = low <= theta, high > theta
    fired = np.stack([np.maximum(low, theta + 1), high])
    if of.reset == "zero":
        fired = 0 * fired
    elif of.reset == "subtract":
        fired -= 64 * each.of(of.reset_by)
    kept = np.stack([low, np.minimum(high, theta)])
    after = np.where(fires, np.where(stays, hull(kept, fired), fired), kept)
    return np.where(each.ended, v, after)


def _refuse(of: Population, each: Cells, bounds: Sequence[Bound]) -> None:
    """Raise for the first step, in it the first of `bounds`, and of this the first neuron."""
    found = []
    for place, (name, reaches, claim) in enumerate(bounds):
        wrong = (reaches[0] < claim[0]) | (reaches[1] > claim[1])
        if wrong.any():
            at = int(wrong.argmax())
            found.append((int(each.sums[at]), place, at, name, reaches[:, at], claim[:, at]))
    if found:
        _, _, at, name, reach, says = min(found, key=lambda one: one[:3])
        raise _left(of, int(each.neuron[at]), int(each.step[at]), name, reach, says)


def _left(
    of: Population, neuron: int, step: int, name: str, reach: Sequence[int] | Ints, says: Sequence[int] | Ints
) -> ArtifactError:
    return ArtifactError(
        f"{of.name}, neuron {neuron}, step {step}: {name} may lie in {reach[0]}..{reach[1]}, the "
        f"certificate says {says[0]}..{says[1]}; it belongs to another graph, export again"
    )
