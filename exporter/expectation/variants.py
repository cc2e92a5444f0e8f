"""What is tried: how a framework may compute a population otherwise than it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from snnc.exporter.expectation.readings import Readings, Told
from snnc.exporter.expectation.replay import Rule
from snnc.exporter.nir.integration import EULER, EXACT, IMPULSE
from snnc.exporter.nir.options import LATE
from snnc.stages.float_population import ABOVE, AT
from snnc.stages.population import NONE, SUBTRACT, ZERO

Edit = Callable[[Rule], Rule | None]


def _same(rule: Rule) -> Rule | None:
    return rule


@dataclass(frozen=True, slots=True)
class Variant:
    """Of the `kind`, in words: `says`. What is `told` reads it so; if nothing does, `edit` and `remedy`."""

    kind: str
    says: str
    told: Told = field(default_factory=dict)
    edit: Edit = _same
    remedy: str = ""


PAIRED = ("fires", "reset", "integration", "later", "scale")
"""Kinds of which two are tried together."""


def variants(rule: Rule, dt: float) -> Iterator[tuple[Variant, ...]]:
    """What may explain another spike of the population of `rule`, read with steps of `dt` seconds."""
    yield from ((each,) for each in _single(rule, dt))


def pairs(rule: Rule, dt: float) -> Iterator[tuple[Variant, ...]]:
    """Two at a time."""
    some = [each for each in _single(rule, dt) if each.kind in PAIRED]
    yield from (pair for pair in combinations(some, 2) if pair[0].kind != pair[1].kind)


def rule_of(name: str, trial: tuple[Variant, ...], read: Rule, readings: Readings) -> Rule | None:
    """`read`, the rule of the population `name`, changed as all of `trial` say; None if it cannot be."""
    told = {option: value for each in trial for option, value in each.told.items()}
    found: Rule | None = read
    if told:
        other = readings.rule(name, told)
        found = None if other is None else replace(read, population=other.population, into=other.into)
    for each in trial:
        found = None if found is None or not found.population.spikes else each.edit(found)
    return found


def said(name: str, trial: tuple[Variant, ...], readings: Readings) -> str:
    """The cause, and what to do, of the population `name`."""
    told = {option: value for each in trial for option, value in each.told.items()}
    what = " and ".join(each.says for each in trial)
    todo = [readings.words(name, told)] if told else []
    return f"{what} ({'; '.join([*todo, *(each.remedy for each in trial if each.remedy)])})"


def _single(rule: Rule, dt: float) -> Iterator[Variant]:
    yield Variant("fires", "its neurons fire at the threshold already", {"fires": AT})
    yield Variant("fires", "its neurons fire only above the threshold", {"fires": ABOVE})
    yield Variant("reset", "a spike resets v to zero", {"reset": ZERO})
    yield Variant("reset", "a spike subtracts the threshold", {"reset": SUBTRACT})
    yield Variant("reset", "a spike subtracts the threshold one step later", {"reset": LATE})
    yield Variant("reset", "a spike leaves v as it is", {"reset": NONE})
    yield Variant(
        "reset",
        "v is set to zero in the step after a spike, whose input is lost",
        edit=_cleared_late,
        remedy="no option reads this; leave it out and train again (in snnTorch: reset_delay=False)",
    )
    yield Variant("integration", "a step is an Euler step", {"integration": EULER})
    yield Variant("integration", "a step is exact, its input held", {"integration": EXACT})
    yield Variant("integration", "a step is exact, its input an impulse at its end", {"integration": IMPULSE})
    yield Variant(
        "later",
        "its spikes are one step later than the network's",
        edit=lambda rule: replace(rule, later=rule.later + 1),
        remedy="its framework takes a step for this layer: add one step of Delay before it, or record one "
        "step earlier",
    )
    yield Variant(
        "later",
        "its spikes are one step earlier than the network's",
        edit=lambda rule: replace(rule, later=rule.later - 1),
        remedy="record one step later, or take one step of Delay out before it",
    )
    yield from _scales(rule, dt)
    yield Variant(
        "bias",
        "its biases are left out",
        edit=_unbiased,
        remedy="set them to 0, or give them to the framework",
    )
    yield Variant(
        "delay",
        "the delays into it are one step longer",
        edit=lambda rule: replace(rule, arrives=1),
        remedy="add one step to each",
    )
    yield Variant(
        "delay",
        "the delays into it are one step shorter",
        edit=_sooner,
        remedy="take one step from each",
    )
    yield Variant(
        "delay",
        "the delays of its own spikes are one step longer",
        edit=_own_later,
        remedy="add one step to each",
    )


def _scales(rule: Rule, dt: float) -> Iterator[Variant]:
    keep = rule.population.keep_v
    assert keep is not None
    leak = 1 - keep
    for factor, words in ((dt, "dt"), (1 / dt, "1/dt")):
        if dt != 1:
            yield _scale(np.full_like(keep, factor), words, f"{factor:.6g}")
    if (leak > 0).all() and (leak < 1).any():
        yield _scale(leak, "the leak of a step", "dt/tau")
        yield _scale(1 / leak, "1 / the leak of a step", "tau/dt")


def _scale(factor: np.ndarray, words: str, number: str) -> Variant:
    def edit(rule: Rule) -> Rule | None:
        of = rule.population
        assert of.threshold is not None
        by, kb = (None if each is None else each / factor for each in (of.reset_by, of.kb))
        return replace(rule, population=replace(of, threshold=of.threshold / factor, reset_by=by, kb=kb))

    return Variant(
        "scale",
        f"its input counts {words} times as much",
        edit=edit,
        remedy=f"multiply the weights and biases into it by {number}",
    )


def _cleared_late(rule: Rule) -> Rule | None:
    return replace(rule, population=replace(rule.population, reset=NONE, reset_by=None), clears_late=True)


def _unbiased(rule: Rule) -> Rule | None:
    none = np.zeros(rule.population.neurons)
    return replace(rule, population=replace(rule.population, bias=none, input_bias=none))


def _sooner(rule: Rule) -> Rule | None:
    if not rule.into or any(each.synapses.has_delay_0 for each in rule.into):
        return None
    return replace(rule, arrives=-1)


def _own_later(rule: Rule) -> Rule | None:
    own = [each for each in rule.into if each.source == rule.population.name]
    return replace(rule, recurs=1) if own and len(own) < len(rule.into) else None
