"""Faults in the rules of clauses 2 to 6, by name: each variant that a population leaves room for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snnc.verification.diagnosis.graphs.hypothesis import Change, Variants, numbers, rules
from snnc.verification.diagnosis.graphs.population_model import PopulationModel
from snnc.verification.diagnosis.layer_model import U_HALF, V_LIMIT, Integers, Rounding

States = tuple[tuple[str, str], ...]
ROUNDED: States = (("u", "round_u"), ("v", "round_v"), ("w", "round_w"), ("the product with ka", "round_ka"))


def _rounding(*kinds: Rounding) -> Callable[[PopulationModel], Variants]:
    """In all roundings of the population, or in one of them."""

    def variants(model: PopulationModel) -> Variants:
        there = ROUNDED if model.adapts else ROUNDED[:2]
        for kind in kinds:
            for fields in (there, there[:3]) if model.adapts else (there,):
                where = "" if fields is there else "in decays alone"
                yield where, rules(**dict.fromkeys((field for _, field in fields), kind))
            for what, field in there:
                yield f"of {what} alone", rules(**{field: kind})

    return variants


def _fixed(*variants: tuple[str, Change]) -> Callable[[PopulationModel], Variants]:
    return lambda model: iter(variants)


def _adaptive(*variants: tuple[str, Change]) -> Callable[[PopulationModel], Variants]:
    return lambda model: iter(variants if model.adapts else ())


def _spiking(*variants: tuple[str, Change]) -> Callable[[PopulationModel], Variants]:
    return lambda model: iter(variants if "threshold" in model.numbers else ())


def _subtracting(*variants: tuple[str, Change]) -> Callable[[PopulationModel], Variants]:
    return lambda model: iter(variants if "r" in model.numbers else ())


def _resets(kind: str) -> Callable[[PopulationModel], Variants]:
    def variants(model: PopulationModel) -> Variants:
        if "threshold" not in model.numbers or model.population.reset == kind:
            return
        if kind == "subtract":
            yield "by the threshold", rules(resets=kind)
        else:
            yield f"instead of {model.population.reset}", rules(resets=kind)

    return variants


def _times(name: str, of: Callable[[Integers], Integers]) -> Change:
    return numbers(**{name: lambda model: of(model.numbers[name])})


def _cleared(model: PopulationModel) -> Variants:
    if "threshold" in model.numbers:
        yield "in the step of the spike", rules(cleared=("u",))
        yield "in the step after the spike", rules(cleared_later=("u",))


def _cleared_w(model: PopulationModel) -> Variants:
    if model.adapts:
        yield "in the step of the spike", rules(cleared=("w",))
        yield "in the step after the spike", rules(cleared_later=("w",))


def _limits(model: PopulationModel) -> Variants:
    names = ("v", "w") if model.adapts else ("v",)
    for least, most in (((-V_LIMIT - 1), V_LIMIT), (-V_LIMIT - 1, V_LIMIT + 1), (-V_LIMIT + 1, V_LIMIT - 1)):
        for some in {names, ("v",), names[-1:]}:
            where = f"{' and '.join(some)} to {least} .. {most}"
            yield where, rules(**{f"{name}_limit": (least, most) for name in some})


def _beyond(kind: str) -> Callable[[PopulationModel], Variants]:
    def variants(model: PopulationModel) -> Variants:
        names = ("v", "w") if model.adapts else ("v",)
        for name in names:
            yield name, rules(**{f"{name}_beyond": kind})
        if len(names) > 1:
            yield "v and w", rules(v_beyond=kind, w_beyond=kind)

    return variants


def _swapped(model: PopulationModel) -> Variants:
    names = [name for name in ("du", "dv", "dw") if name in model.numbers]
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            values = {one: model.numbers[other], other: model.numbers[one]}
            yield f"{one} and {other} exchanged", numbers(**values)
    for one in names:
        for other in names:
            if one != other:
                yield f"{other} in the place of {one}", numbers(**{one: model.numbers[other]})


def _retained(model: PopulationModel) -> Variants:
    """A decay constant that is what the contract loses, or that is not applied."""
    for name in ("du", "dv", "dw"):
        if name in model.numbers:
            yield f"{name} is taken as what is kept", numbers(**{name: 4096 - model.numbers[name]})


def _no_decay(model: PopulationModel) -> Variants:
    for name in ("du", "dv", "dw"):
        if name in model.numbers:
            yield f"{name[1]} keeps all", numbers(**{name: 0 * model.numbers[name]})
            yield f"{name[1]} forgets all", numbers(**{name: 0 * model.numbers[name] + 4096})


def _mantissas(kind: str) -> Callable[[PopulationModel], Variants]:
    def variants(model: PopulationModel) -> Variants:
        mantissa = getattr(model.population, f"{kind}_mant")
        exponent = getattr(model.population, f"{kind}_exp")
        if mantissa is not None and exponent:
            yield "its mantissa", numbers(**{kind: mantissa.astype(np.int64)})
            yield "shifted twice", numbers(**{kind: mantissa.astype(np.int64) << 2 * exponent})

    return variants


def _ends(model: PopulationModel) -> Variants:
    if "threshold" in model.numbers:
        yield "one step early", rules(end=-1)
        yield "one step late", rules(end=1)


def _r(model: PopulationModel) -> Variants:
    if "r" in model.numbers:
        yield "", numbers(r=model.numbers["threshold"])


FAULTS: dict[str, Callable[[PopulationModel], Variants]] = {
    "threshold-greater-or-equal": _spiking(("", rules(fires="at or above"))),
    "compares-current": _spiking(("", rules(fires="u"))),
    "compares-v-of-before": _spiking(("", rules(fires="before"))),
    "threshold-is-r": _subtracting(("", rules(fires="compares r"))),
    "threshold-unshifted": _spiking(("", _times("threshold", lambda x: x >> 6))),
    "decay-rounds-down": _rounding("down"),
    "decay-rounds-away": _rounding("away", "up"),
    "decay-rounds-to-nearest": _rounding("half up", "half away", "half even"),
    "decay-loses-sign": _rounding("no sign"),
    "decays-swapped": _swapped,
    "decay-inverted": _retained,
    "decay-missing": _no_decay,
    "reset-to-zero": _resets("zero"),
    "reset-by-subtraction": _resets("subtract"),
    "reset-missing": _resets("none"),
    "reset-by-the-threshold": _r,
    "reset-where-v-exceeds-r": _subtracting(("", rules(resets_where_above_r=True))),
    "reset-unshifted": _subtracting(("", _times("r", lambda x: x >> 6))),
    "reset-twice": _subtracting(("", rules(resets="twice"))),
    "reset-not-below-0": _subtracting(("", rules(resets="not below 0"))),
    "reset-one-step-late": _spiking(
        ("after the comparison of the next step", rules(resets="late")),
        ("before the comparison of the next step", rules(resets="late, before the comparison")),
    ),
    "reset-clears-current": _cleared,
    "reset-clears-adaptation": _cleared_w,
    "v-before-reset": _spiking(("", rules(v_before_reset=True))),
    "adaptation-missing": _adaptive(("", rules(uses_w="none"))),
    "adaptation-added": _adaptive(("", rules(adds_w=True))),
    "adaptation-order": _adaptive(
        ("w[t] where the order is old", rules(uses_w="new")),
        ("w[t-1] where the order is new", rules(uses_w="old")),
    ),
    "adaptation-by-v-before-reset": _adaptive(("", rules(drives_w="before the reset"))),
    "adaptation-after-the-spike": _adaptive(
        ("w is used one step later", rules(drives_w="now", uses_w="old")),
    ),
    "adaptation-by-current": _adaptive(("", rules(drives_w="u"))),
    "adaptation-spike-late": _adaptive(("", rules(kb_ago=2))),
    "adaptation-by-spike-missing": _adaptive(("", _times("kb", lambda x: 0 * x))),
    "adaptation-by-spike-negated": _adaptive(("", _times("kb", lambda x: -x))),
    "adaptation-by-spike-shifted": _adaptive(
        ("by 6 bits more", _times("kb", lambda x: x << 6)),
        ("by 6 bits less", _times("kb", lambda x: x >> 6)),
    ),
    "adaptation-by-v-missing": _adaptive(("", _times("ka", lambda x: 0 * x))),
    "adaptation-by-v-negated": _adaptive(("", _times("ka", lambda x: -x))),
    "adaptation-negated": _adaptive(
        (
            "ka and kb",
            numbers(ka=lambda model: -model.numbers["ka"], kb=lambda model: -model.numbers["kb"]),
        )
    ),
    "no-wrap": _fixed(("", rules(u_beyond="none"))),
    "wrap-saturates": _fixed(("", rules(u_beyond="saturate"))),
    "wrap-boundary": _fixed(
        ("to -2^23 .. 2^23 - 1", rules(u_least=-U_HALF, u_most=U_HALF - 1)),
        ("to -2^23 + 1 .. 2^23 - 1", rules(u_most=U_HALF - 1)),
        ("to -2^23 .. 2^23", rules(u_least=-U_HALF)),
    ),
    "no-clip": _beyond("none"),
    "clip-boundary": _limits,
    "v-wraps": _beyond("wrap"),
    "order-of-the-sums": _fixed(
        ("u decays after what arrives is added", rules(late_sum="u")),
        ("v decays after u and bias are added", rules(late_sum="v")),
        ("w decays after ka and kb", rules(late_sum="w")),
        ("v takes u of the step before", rules(v_of_before=True)),
    ),
    "current-unshifted": _fixed(("", rules(shift=0))),
    "silent-steps-skipped": _fixed(("", rules(sleeps=True))),
    "bias-missing": _fixed(("", _times("bias", lambda x: 0 * x))),
    "bias-exponent-ignored": _mantissas("bias"),
    "bias-misplaced": _fixed(("into a of clause 2", rules(bias_in="a"))),
    "bias-one-step-late": _fixed(("", rules(bias_first=1))),
    "input-bias-missing": _fixed(("", _times("input_bias", lambda x: 0 * x))),
    "input-bias-exponent-ignored": _mantissas("input_bias"),
    "input-bias-misplaced": _fixed(
        ("into v, past the current", rules(input_bias_in="v")),
        ("into u without the shift by 6", rules(input_bias_in="u")),
    ),
    "input-bias-one-step-late": _fixed(("", rules(input_bias_first=1))),
    "end-ignored": _spiking(("", rules(after_end="spikes"))),
    "end-one-step-off": _ends,
    "end-resets": _spiking(("", rules(after_end="resets"))),
    "end-freezes": _fixed(
        ("states keep their values", rules(after_end="frozen")),
        ("states are 0", rules(after_end="cleared")),
        ("nothing arrives", rules(after_end="no input")),
        ("no bias acts", rules(after_end="no bias")),
    ),
    "state-survives-sample": _fixed(
        ("u, v, w and spikes", rules(survives=("u", "v", "w", "spikes"))),
        *((name, rules(survives=(name,))) for name in ("u", "v", "w", "spikes")),
        ("u, v and w", rules(survives=("u", "v", "w"))),
        ("u and v", rules(survives=("u", "v"))),
    ),
    "last-step-missing": _fixed(("", rules(last_step_missing=True))),
}
