"""The hypotheses of faults that act on a whole layer: by name, what exactly, and how it changes the layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from snnc.hwsim.diagnosis.layer_model import (
    U_HALF,
    V_LIMIT,
    Integers,
    LayerModel,
    Merge,
    Reset,
    Rounding,
)

Change: TypeAlias = Callable[[LayerModel], LayerModel]
Variants: TypeAlias = Iterator[tuple[str, Change]]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """`change` makes of a layer of the contract what the other side may have run.

    `where` tells hypotheses of one name apart. One that is not `anywhere` is about this layer alone.
    """

    name: str
    where: str
    change: Change
    anywhere: bool = True


UNCHANGED = Hypothesis("", "", lambda model: model)
"""The contract."""


def whole_layer(model: LayerModel) -> Iterator[Hypothesis]:
    """All hypotheses about the layer `model`, each with its parameters."""
    for name, variants in GENERATORS.items():
        for where, change in variants(model):
            yield Hypothesis(name, where, change, name not in OF_ONE_LAYER)


def _rules(**fields: Any) -> Change:
    return lambda model: model.with_rules(**fields)


def replaced(**fields: Any) -> Change:
    """The fields of the model with these values."""
    return lambda model: replace(model, **fields)


def _arrays(**changes: Callable[[Integers], Integers]) -> Change:
    """The fields named, each by its function."""

    def change(model: LayerModel) -> LayerModel:
        fields: dict[str, Any] = {name: do(getattr(model, name)) for name, do in changes.items()}
        return replace(model, **fields)

    return change


def _fixed(*variants: tuple[str, Change]) -> Callable[[LayerModel], Variants]:
    """Variants that depend on nothing."""
    return lambda model: iter(variants)


def _rounding(*kinds: tuple[str, Rounding]) -> Callable[[LayerModel], Variants]:
    """Each kind in both decays, then in that of u or of v alone."""
    return _fixed(
        *(
            (f"in the decay of {which}{text}", _rules(**dict.fromkeys(fields, kind)))
            for which, fields in (
                ("u and v", ("round_u", "round_v")),
                ("u", ("round_u",)),
                ("v", ("round_v",)),
            )
            for text, kind in kinds
        )
    )


def _resets(*kinds: tuple[str, Reset]) -> Callable[[LayerModel], Variants]:
    return _fixed(*((where, _rules(reset=kind)) for where, kind in kinds))


def _merges(*kinds: tuple[str, Merge]) -> Callable[[LayerModel], Variants]:
    return _fixed(*((where, replaced(merge=kind)) for where, kind in kinds))


def _shifted(field: str) -> Callable[[LayerModel], Variants]:
    """Shifts other than by 6."""
    return _fixed(
        *((f"by {shift} bits instead of 6", _rules(**{field: shift})) for shift in range(13) if shift != 6)
    )


def _late(signal: Integers) -> Integers:
    return np.concatenate([np.zeros_like(signal[:1]), signal[:-1]])


def _early(signal: Integers) -> Integers:
    return np.concatenate([signal[1:], np.zeros_like(signal[:1])])


def _swapped(model: LayerModel) -> LayerModel:
    return model.with_rules(du=model.rules.dv, dv=model.rules.du)


def _decay_offsets(model: LayerModel) -> Variants:
    for names in (("du",), ("dv",), ("du", "dv")):
        for more in (1, -1):
            if all(0 <= getattr(model.rules, name) + more <= 4096 for name in names):
                yield f"{' and '.join(names)} {more:+d}", _moved(names, more)


def _moved(names: tuple[str, ...], more: int) -> Change:
    return lambda model: model.with_rules(**{name: getattr(model.rules, name) + more for name in names})


def _last_step(model: LayerModel) -> Variants:
    last = len(model.signal) - 1
    yield f"step {last} is recorded as zeros", _rules(missing_step=last)
    yield f"step {last} repeats the one before", _rules(missing_step=last, repeats=True)

    def silent(signal: Integers) -> Integers:
        signal = signal.copy()
        signal[last] = 0
        return signal

    yield f"nothing sent in step {last} arrives", _arrays(signal=silent)


def _delay_limits(model: LayerModel) -> Variants:
    for limit in range(int(model.delay.max()) - 1, 0, -1):
        yield f"limit {limit}", _clipped("delay", 0, limit)


def _clipped(name: str, least: int, most: int) -> Change:
    return _arrays(**{name: lambda values: np.clip(values, least, most)})


def _ring_lengths(model: LayerModel) -> Variants:
    for length in range(int(model.delay.max()), 1, -1):
        yield f"{length} slots", _in_ring(length, 0)
        yield f"{length} slots, written after they are read", _in_ring(length, 1)


def _in_ring(length: int, least: int) -> Change:
    """Delays from `least` on come round after `length` steps."""
    return _arrays(delay=lambda delay: np.where(delay >= least, (delay - least) % length + least, delay))


def _transposed(model: LayerModel) -> Variants:
    """Ways in which an array [neurons, inputs] gets out of step with another."""
    ways: dict[str, Callable[[Integers], Integers]] = {
        "neurons reversed": lambda delay: delay[::-1],
        "inputs reversed": lambda delay: delay[:, ::-1],
        "neurons and inputs reversed": lambda delay: delay[::-1, ::-1],
        "written in the order of the other axis": lambda delay: delay.T.reshape(delay.shape),
        "read in the order of the other axis": lambda delay: delay.reshape(delay.shape[::-1]).T,
        "those of the first neuron for all": lambda delay: np.broadcast_to(delay[:1], delay.shape),
        "those of the first input for all": lambda delay: np.broadcast_to(delay[:, :1], delay.shape),
        "those of the neuron before": lambda delay: np.roll(delay, 1, 0),
        "those of the neuron after": lambda delay: np.roll(delay, -1, 0),
        "those of the input before": lambda delay: np.roll(delay, 1, 1),
        "those of the input after": lambda delay: np.roll(delay, -1, 1),
    }
    for where, way in ways.items():
        yield where, _arrays(delay=way)


def _low_bits(model: LayerModel) -> Variants:
    for bits in (1, 2, 3, 4):
        text = f"{bits} bit{'s' * (bits > 1)}"
        yield f"{text}, toward zero", _truncated(bits)
        yield f"{text}, down", _floored(bits)


def _truncated(bits: int) -> Change:
    return _arrays(weight=lambda weight: np.sign(weight) * (np.abs(weight) >> bits << bits))


def _floored(bits: int) -> Change:
    return _arrays(weight=lambda weight: weight >> bits << bits)


def _weight_limits(model: LayerModel) -> Variants:
    """Every smaller range of two's complement or symmetric; only those of whole bits if weights are large."""
    most = int(np.abs(model.weight).max())
    limits = range(most, 0, -1) if most <= 256 else ((1 << bits) - 1 for bits in range(17, 0, -1))
    for limit in limits:
        for least in (-limit, -limit - 1):
            if model.weight.min() < least or model.weight.max() > limit:
                yield f"{least} .. {limit}", _clipped("weight", least, limit)


def _neighbours(model: LayerModel) -> Variants:
    yield "of the neuron before", _arrays(bias_mant=lambda bias: np.roll(bias, 1))
    yield "of the neuron after", _arrays(bias_mant=lambda bias: np.roll(bias, -1))
    yield "in reverse order", _arrays(bias_mant=lambda bias: bias[::-1])
    yield "of the first neuron for all", _arrays(bias_mant=lambda bias: np.broadcast_to(bias[:1], bias.shape))


def _bias_early(model: LayerModel) -> Variants:
    yield "", lambda model: replace(model, start_v=model.start_v + model.bias)
    stop = len(model.signal) - 1
    yield (
        "and not in the last",
        lambda model: replace(model, start_v=model.start_v + model.bias).with_rules(bias_stop=stop),
    )


def _sides(name: str, kind: str) -> Callable[[LayerModel], Variants]:
    """What becomes of u or v beyond its limits: on both sides, or on one."""
    above, below = {f"{name}_above": kind}, {f"{name}_below": kind}
    return _fixed(
        ("on both sides", _rules(**above, **below)), ("above", _rules(**above)), ("below", _rules(**below))
    )


def _bounds(name: str, least: int, most: int, first: tuple[int, int]) -> Callable[[LayerModel], Variants]:
    """Bounds one value further in or out, `first` before the others: that is a two's-complement register."""
    moves = [(down, up) for down in (-1, 0, 1) for up in (-1, 0, 1) if (down, up) != (0, 0)]
    return _fixed(
        *(
            (
                f"{name} in {least + down} .. {most + up}",
                _rules(**{f"{name}_least": least + down, f"{name}_most": most + up}),
            )
            for down, up in sorted(moves, key=lambda move: (move != first, abs(move[0]) + abs(move[1])))
        )
    )


GENERATORS: dict[str, Callable[[LayerModel], Variants]] = {
    "threshold-greater-or-equal": _fixed(("", _rules(threshold_offset=-1))),
    "threshold-off-by-one": _fixed(
        *((f"{more:+d} in the units of v", _rules(threshold_offset=more)) for more in (64, -64, 1))
    ),
    "threshold-scale": _shifted("threshold_shift"),
    "decay-rounds-down": _rounding(("", "down")),
    "decay-rounds-to-nearest": _rounding(
        (", half up", "half up"), (", half to even", "half even"), (", half away from zero", "half away")
    ),
    "decay-rounds-away": _rounding((", away from zero", "away"), (", up", "up")),
    "decay-loses-sign": _rounding(("", "unsigned")),
    "decays-swapped": _fixed(("", _swapped)),
    "decay-off-by-one": _decay_offsets,
    "no-reset": _resets(("", "none")),
    "reset-by-subtraction": _resets(("", "subtract")),
    "reset-clears-current": _resets(("", "current too"), ("after it was recorded", "current after")),
    "v-before-reset": _fixed(("", _rules(v_before_reset=True))),
    "reset-one-step-late": _resets(
        ("after the comparison of the next step", "late"),
        ("before the comparison of the next step", "late, before the comparison"),
    ),
    "input-one-step-late": _fixed(("", _arrays(signal=_late))),
    "input-one-step-early": _fixed(("", _arrays(signal=_early))),
    "last-step-missing": _last_step,
    "delays-ignored": _fixed(("", _arrays(delay=np.zeros_like))),
    "delays-one-longer": _fixed(
        ("", _arrays(delay=lambda delay: delay + 1)),
        ("those of 0 alone", _arrays(delay=lambda delay: np.maximum(delay, 1))),
        ("all but those of 0", _arrays(delay=lambda delay: delay + (delay > 0))),
    ),
    "delays-one-shorter": _fixed(("", _arrays(delay=lambda delay: np.maximum(delay - 1, 0)))),
    "delays-clipped": _delay_limits,
    "ring-too-short": _ring_lengths,
    "delays-transposed": _transposed,
    "weights-lose-low-bit": _low_bits,
    "weights-negated": _fixed(("", _arrays(weight=np.negative))),
    "weights-clipped": _weight_limits,
    "payload-ignored": _fixed(("", _arrays(signal=lambda signal: np.minimum(signal, 1)))),
    "spikes-merged": _merges(
        ("the last one sent", "last"),
        ("the first one sent", "first"),
        ("of those sent together, the last source", "last of a step"),
        ("of those sent together, the first source", "first of a step"),
    ),
    "current-scale": _shifted("current_shift"),
    "no-wrap": _sides("u", "none"),
    "wrap-saturates": _sides("u", "saturate"),
    "wrap-boundary": _bounds("u", -U_HALF + 1, U_HALF, (-1, -1)),
    "no-clip": _sides("v", "none"),
    "clip-boundary": _bounds("v", -V_LIMIT, V_LIMIT, (-1, 0)),
    "v-wraps": _sides("v", "wrap"),
    "bias-missing": _fixed(("", _arrays(bias_mant=np.zeros_like))),
    "bias-exponent-ignored": _fixed(("", lambda model: replace(model, bias_exp=0))),
    "bias-of-neighbour": _neighbours,
    "bias-one-step-early": _bias_early,
    "bias-one-step-late": _fixed(("", _rules(bias_first=1))),
}

OF_ONE_LAYER = {"input-one-step-late", "input-one-step-early"}
