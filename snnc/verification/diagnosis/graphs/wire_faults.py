"""Faults in the projections into a population, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from snnc.verification.diagnosis.graphs.hypothesis import Change, Variants
from snnc.verification.diagnosis.graphs.population_model import PopulationModel
from snnc.verification.diagnosis.graphs.wires import Wires
from snnc.verification.diagnosis.layer_model import Integers

Alter = Callable[[Wires], Wires | None]
"""Other wires of a projection; None where there are none."""
LIMITS = 16
"""Delays, at most, at which they are tried to be cut."""


def _at(index: int, alter: Alter) -> Change:
    def change(model: PopulationModel) -> PopulationModel:
        found = alter(model.wires[index])
        return model if found is None else model.with_wires(index, found)

    return change


def _all(alter: Alter, which: Callable[[Wires], bool] = lambda wires: True) -> Change:
    def change(model: PopulationModel) -> PopulationModel:
        for index, wires in enumerate(model.wires):
            if which(wires):
                model = _at(index, alter)(model)
        return model

    return change


def everywhere(model: PopulationModel, alter: Alter, what: str = "") -> Variants:
    """In all projections, or in one of them."""
    if len(model.wires) > 1:
        yield "; ".join(filter(None, (what, "in all projections into it"))), _all(alter)
    yield from each(model, alter, what)


def each(model: PopulationModel, alter: Alter, what: str = "") -> Variants:
    """In one projection."""
    for index in range(len(model.wires)):
        yield "; ".join(filter(None, (what, called(model, index)))), _at(index, alter)


def called(model: PopulationModel, index: int) -> str:
    """The name of a projection; of several with one name, with its number among them."""
    name = model.wires[index].name
    alike = [k for k, wires in enumerate(model.wires) if wires.name == name]
    return name if len(alike) == 1 else f"{name} ({alike.index(index) + 1} of {len(alike)})"


def _delays(of: Callable[..., Integers], *numbers: int) -> Alter:
    return lambda wires: wires.changed(delay=of(wires.delay, *numbers))


def _weights(of: Callable[[Integers], Integers]) -> Alter:
    return lambda wires: wires.changed(weight=of(wires.weight))


def _ignored_delays(model: PopulationModel) -> Variants:
    yield from everywhere(model, _delays(np.minimum, 0), "all are 0")
    yield from everywhere(model, _delays(np.minimum, 1), "all are 1, or 0")


def _cut_delays(model: PopulationModel) -> Variants:
    for most in [delay for delay in _distinct(model)[:-1] if delay > 0]:
        yield from everywhere(model, _delays(np.minimum, most), f"at most {most}")


def _ring_delays(model: PopulationModel) -> Variants:
    """The length of the ring."""
    lengths = {length for delay in _distinct(model) for length in (delay, 1 << delay.bit_length() >> 1)}
    for length in sorted(lengths - {0, 1}):
        yield from everywhere(model, _delays(np.mod, length), f"modulo {length}")


def _distinct(model: PopulationModel) -> list[int]:
    values = np.unique(np.concatenate([wires.delay for wires in model.wires] or [np.zeros(0, np.int64)]))
    return [int(x) for x in (values if len(values) <= LIMITS else values[-LIMITS:])]


def _late(model: PopulationModel) -> Variants:
    for steps in (1, 2):
        what = "" if steps == 1 else f"by {steps} steps"
        yield from everywhere(model, _delays(np.add, steps), what)


def _early(model: PopulationModel) -> Variants:
    yield from everywhere(model, _delays(lambda delay: np.maximum(delay - 1, 0)))
    stays = _delays(lambda delay: np.maximum(delay - 1, np.minimum(delay, 1)))
    yield from everywhere(model, stays, "those of 1 stay")
    yield from everywhere(model, _delays(lambda delay: delay - 1), "also before the spike")


def _missing(model: PopulationModel) -> Variants:
    for index in range(len(model.wires)):
        yield called(model, index), _times(index, 0)
    if len([wires for wires in model.wires if wires.recurrent]) > 1:
        yield "all from itself", _all(lambda wires: wires.only(slice(0)), lambda wires: wires.recurrent)


def _twice(model: PopulationModel) -> Variants:
    for index in range(len(model.wires)):
        yield called(model, index), _times(index, 2)


def _times(index: int, times: int) -> Change:
    return lambda model: model.with_wires(index, *[model.wires[index]] * times)


def _transposed(wires: Wires) -> Wires | None:
    """Source and destination exchanged."""
    if wires.stored.pre_neurons != wires.stored.post_neurons:
        return None
    return wires.changed(pre=wires.post, post=wires.pre)


def _reshaped(wires: Wires) -> Wires | None:
    """The matrix [post, pre] read as [pre, post]."""
    pre, post = wires.stored.pre_neurons, wires.stored.post_neurons
    place = wires.post * pre + wires.pre
    return None if pre == post else wires.changed(pre=place // post, post=place % post)


def _reordered(side: str) -> Callable[[PopulationModel], Variants]:
    def variants(model: PopulationModel) -> Variants:
        def alter(of: Callable[[Integers, int], Integers]) -> Alter:
            return lambda wires: wires.changed(
                **{side: of(getattr(wires, side), getattr(wires.stored, f"{side}_neurons"))}
            )

        yield from everywhere(model, alter(lambda x, n: n - 1 - x), "in reversed order")
        yield from everywhere(model, alter(lambda x, n: (x + 1) % n), "one higher")
        yield from everywhere(model, alter(lambda x, n: (x - 1) % n), "one lower")

    return variants


def _exponents(model: PopulationModel) -> Variants:
    yield from everywhere(model, _exponent(0))


def _exponent(exp: int) -> Alter:
    return lambda wires: wires.changed(exp=exp)


def _other_exponents(model: PopulationModel) -> Variants:
    yield from everywhere(model, lambda wires: wires.changed(exp=2 * wires.exp), "applied twice")
    for exp in {wires.exp for wires in model.wires} - {0}:
        yield from everywhere(model, _exponent(exp), f"{exp}")


def _merged(keep: str) -> Alter:
    """Of several synapses between two neurons one is kept."""

    def alter(wires: Wires) -> Wires | None:
        pair = wires.pre * wires.stored.post_neurons + wires.post
        order = np.lexsort((wires.delay, pair))
        new = np.diff(pair[order], prepend=-1) != 0
        if new.all():
            return None
        group = np.cumsum(new) - 1
        last = np.append(new[1:], True)
        kept = wires.only(order[last if "last" in keep else new])
        if "sum" not in keep:
            return kept
        total = np.bincount(group, wires.weight[order]).astype(np.int64)
        return kept.changed(weight=total)

    return alter


def _parallel(model: PopulationModel) -> Variants:
    for keep in ("the first", "the last", "the sum, with the first delay", "the sum, with the last delay"):
        yield from everywhere(model, _merged(keep), f"{keep} counts")


def _exchanged(model: PopulationModel) -> Variants:
    """Two projections read each other's source."""
    for i, one in enumerate(model.wires):
        for j in range(i + 1, len(model.wires)):
            other = model.wires[j]
            if one.source != other.source and one.stored.pre_neurons == other.stored.pre_neurons:
                yield f"{called(model, i)} and {called(model, j)}", _with_sources(i, j)


def _with_sources(i: int, j: int) -> Change:
    def change(model: PopulationModel) -> PopulationModel:
        one, other = model.wires[i], model.wires[j]
        made = model.with_wires(i, one.changed(source=other.source))
        return made.with_wires(j, other.changed(source=one.source))

    return change


def _no_self(wires: Wires) -> Wires | None:
    return wires.only(wires.pre != wires.post) if wires.recurrent else None


def _sources_cut(model: PopulationModel) -> Variants:
    yield from everywhere(model, lambda wires: wires.only(wires.pre > 0), "the first")
    yield from everywhere(
        model, lambda wires: wires.only(wires.pre < wires.stored.pre_neurons - 1), "the last"
    )


def _simple(alter: Alter, what: str = "") -> Callable[[PopulationModel], Iterator[tuple[str, Change]]]:
    return lambda model: everywhere(model, alter, what)


FAULTS: dict[str, Callable[[PopulationModel], Variants]] = {
    "projection-missing": _missing,
    "projection-twice": _twice,
    "sources-exchanged": _exchanged,
    "delays-one-longer": _late,
    "delays-one-shorter": _early,
    "delays-ignored": _ignored_delays,
    "delays-clipped": _cut_delays,
    "delays-modulo": _ring_delays,
    "weight-exponent-ignored": _exponents,
    "weight-exponent-changed": _other_exponents,
    "weights-transposed": lambda model: iter(
        [*everywhere(model, _transposed), *everywhere(model, _reshaped, "in another shape")]
    ),
    "sources-permuted": _reordered("pre"),
    "rows-permuted": _reordered("post"),
    "weights-negated": _simple(_weights(lambda weight: -weight)),
    "weights-lose-sign": _simple(_weights(np.abs)),
    "inhibition-missing": _simple(_weights(lambda weight: np.maximum(weight, 0))),
    "weights-lose-low-bit": _simple(_weights(lambda weight: weight & ~1), "rounded down"),
    "parallel-synapses-merged": _parallel,
    "self-synapses-missing": _simple(_no_self),
    "source-missing": _sources_cut,
    "payload-ignored": _simple(lambda wires: wires.changed(ones=True)),
    "input-end-ignored": _simple(lambda wires: wires.changed(after_end=True)),
    "late-spikes-come-round": _simple(lambda wires: wires.changed(round=True)),
    "spikes-survive-sample": _simple(lambda wires: wires.changed(earlier=True)),
}
