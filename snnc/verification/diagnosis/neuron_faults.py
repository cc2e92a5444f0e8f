"""The faults of a whole layer in what its neurons do: current, decay, membrane, reset (clauses 3 to 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from snnc import formats
from snnc.verification.diagnosis.hypothesis import Change, Generator, Variants, arrays, fixed, rules
from snnc.verification.diagnosis.layer_model import (
    U_HALF,
    V_LIMIT,
    Beyond,
    Integers,
    LayerModel,
    Order,
    Reset,
    Rounding,
)


def _rounding(*kinds: tuple[str, Rounding]) -> Generator:
    """Each kind in both decays, then in that of u or of v alone."""
    return fixed(
        *(
            (f"in the decay of {which}{text}", rules(**dict.fromkeys(fields, kind)))
            for which, fields in (
                ("u and v", ("round_u", "round_v")),
                ("u", ("round_u",)),
                ("v", ("round_v",)),
            )
            for text, kind in kinds
        )
    )


def _resets(*kinds: tuple[str, Reset]) -> Generator:
    return fixed(*((where, rules(reset=kind)) for where, kind in kinds))


def _shifted(field: str) -> Generator:
    """Shifts other than by 6."""
    return fixed(
        *((f"by {shift} bits instead of 6", rules(**{field: shift})) for shift in range(13) if shift != 6)
    )


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
    yield f"step {last} is recorded as zeros", rules(missing_step=last)
    yield f"step {last} repeats the one before", rules(missing_step=last, repeats=True)

    def silent(signal: Integers) -> Integers:
        signal = signal.copy()
        signal[last] = 0
        return signal

    yield f"nothing sent in step {last} arrives", arrays(signal=silent)


def _neighbours(model: LayerModel) -> Variants:
    yield "of the neuron before", arrays(bias_mant=lambda bias: np.roll(bias, 1))
    yield "of the neuron after", arrays(bias_mant=lambda bias: np.roll(bias, -1))
    yield "in reverse order", arrays(bias_mant=lambda bias: bias[::-1])
    yield "in rising order", arrays(bias_mant=np.sort)
    yield "in falling order", arrays(bias_mant=lambda bias: np.sort(bias)[::-1])


def _bias_early(model: LayerModel) -> Variants:
    yield "", lambda model: replace(model, start_v=model.start_v + model.bias)
    stop = len(model.signal) - 1
    yield (
        "and not in the last",
        lambda model: replace(model, start_v=model.start_v + model.bias).with_rules(bias_stop=stop),
    )


def _orders(*orders: tuple[str, Order]) -> Generator:
    return fixed(*((where, rules(order=order)) for where, order in orders))


def _widths(model: LayerModel) -> Variants:
    """A sum, u or v in a register of fewer bits, or v in another one of 24."""
    kinds: tuple[tuple[str, Beyond], ...] = (("wraps", "modulo"), ("stops at its limits", "saturate"))
    for bits in (16, 8, 12, *(n for n in range(4, 24) if n not in (8, 12, 16))):
        least, most = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        for text, kind in kinds:
            if bits < 20:
                yield f"the sum in {bits} bits {text}", rules(sum_beyond=kind, sum_bits=bits)
            if bits < 8:
                continue
            yield f"u in {bits} bits {text}", _register("u", kind, least, most)
            yield f"v in {bits} bits {text}", _register("v", kind, least, most)
            yield (
                f"u and v in {bits} bits, each {text}",
                _both(_register("u", kind, least, most), _register("v", kind, least, most)),
            )


def _register(name: str, kind: Beyond, least: int, most: int) -> Change:
    return rules(
        **{f"{name}_{side}": kind for side in ("above", "below")},
        **{f"{name}_least": least, f"{name}_most": most},
    )


def _both(one: Change, other: Change) -> Change:
    return lambda model: other(one(model))


def _surviving(model: LayerModel) -> Variants:
    """State of the sample before; there is none in the first of a run."""
    if model.before is None:
        return
    for where, names in (
        ("u and v", ("u", "v")),
        ("u", ("u",)),
        ("v", ("v",)),
        ("spikes under way", ("signal",)),
        ("u, v and spikes under way", ("u", "v", "signal")),
    ):
        yield where, _kept(names)


def _kept(names: tuple[str, ...]) -> Change:
    def change(model: LayerModel) -> LayerModel:
        if model.before is None:
            return model
        fields = {"u": "start_u", "v": "start_v", "signal": "earlier"}
        return replace(model, **{fields[name]: getattr(model.before, name) for name in names})

    return change


def _input_before(model: LayerModel) -> Variants:
    """In the first sample of a run there is none: it is silent, or as it should be."""
    yield "silence in the first", lambda model: _with_input_before(model, 0)
    if model.before is not None:
        yield "its own in the first", lambda model: _with_input_before(model, 1)


def _with_input_before(model: LayerModel, own: int) -> LayerModel:
    return replace(model, signal=own * model.signal if model.before is None else model.before.signal)


def _readout_fires(model: LayerModel) -> Variants:
    if model.rules.threshold is None:
        yield "above 0", rules(threshold=0)


def _sides(name: str, kind: Beyond, *ranges: tuple[int, int]) -> Generator:
    """What becomes of u or v beyond its limits: on both sides, on one, or on both of other ranges."""
    above: dict[str, Any] = {f"{name}_above": kind}
    below: dict[str, Any] = {f"{name}_below": kind}
    others = (
        (
            f"on both sides of {least} .. {most}",
            rules(**above, **below, **{f"{name}_least": least, f"{name}_most": most}),
        )
        for least, most in ranges
    )
    return fixed(
        ("on both sides", rules(**above, **below)),
        ("above", rules(**above)),
        ("below", rules(**below)),
        *others,
    )


def _bounds(name: str, least: int, most: int, first: tuple[int, int]) -> Generator:
    """Bounds one value further in or out, `first` before the others: that is a two's-complement register."""
    moves = [(down, up) for down in (-1, 0, 1) for up in (-1, 0, 1) if (down, up) != (0, 0)]
    return fixed(
        *(
            (
                f"{name} in {least + down} .. {most + up}",
                rules(**{f"{name}_least": least + down, f"{name}_most": most + up}),
            )
            for down, up in sorted(moves, key=lambda move: (move != first, abs(move[0]) + abs(move[1])))
        )
    )


FAULTS: dict[str, Generator] = {
    "threshold-greater-or-equal": fixed(("", rules(threshold_offset=-1))),
    "threshold-off-by-one": fixed(
        *((f"{more:+d} in the units of v", rules(threshold_offset=more)) for more in (64, -64, 1))
    ),
    "threshold-low-bits-ignored": fixed(("", rules(threshold_offset=(1 << formats.STATE_FRACTION_BITS) - 1))),
    "threshold-scale": _shifted("threshold_shift"),
    "never-fires": fixed(("", rules(threshold_offset=1 << 24))),
    "decay-rounds-down": _rounding(("", "down")),
    "decay-rounds-to-nearest": _rounding(
        (", half up", "half up"), (", half to even", "half even"), (", half away from zero", "half away")
    ),
    "decay-rounds-away": _rounding((", away from zero", "away"), (", up", "up")),
    "decay-loses-sign": _rounding(("", "no sign")),
    "decay-loses-low-bits": _rounding(("", "low bits first")),
    "decay-overflows": _rounding(
        (", in 32 bits", "32 bits"), (", in 31 bits and a sign", "31 bits and a sign")
    ),
    "decays-swapped": fixed(("", _swapped)),
    "decay-off-by-one": _decay_offsets,
    "no-reset": _resets(("", "none")),
    "reset-by-subtraction": _resets(("", "subtract")),
    "reset-clears-current": _resets(("", "current too"), ("after it was recorded", "current after")),
    "v-before-reset": fixed(("", rules(v_before_reset=True))),
    "reset-one-step-late": _resets(
        ("after the comparison of the next step", "late"),
        ("before the comparison of the next step", "late, before the comparison"),
    ),
    "last-step-missing": _last_step,
    "record-one-step-late": fixed(
        *(
            (" and ".join(names), rules(late=names))
            for names in (("u", "v", "spikes"), ("spikes",), ("u", "v"), ("u",), ("v",))
        )
    ),
    "silent-steps-skipped": fixed(("", rules(sleeps=True))),
    "current-scale": _shifted("current_shift"),
    "no-wrap": _sides("u", "none"),
    "wrap-saturates": _sides("u", "saturate", (-V_LIMIT, V_LIMIT), (-U_HALF, V_LIMIT)),
    "wrap-boundary": _bounds("u", -U_HALF + 1, U_HALF, (-1, -1)),
    "no-clip": _sides("v", "none"),
    "clip-boundary": _bounds("v", -V_LIMIT, V_LIMIT, (-1, 0)),
    "v-wraps": _sides("v", "wrap", (-U_HALF, V_LIMIT)),
    "bias-missing": fixed(("", arrays(bias_mant=np.zeros_like))),
    "bias-exponent-ignored": fixed(("", lambda model: replace(model, bias_exp=0))),
    "biases-permuted": _neighbours,
    "bias-one-step-early": _bias_early,
    "bias-one-step-late": fixed(("", rules(bias_first=1))),
    "order-of-the-sums": _orders(
        ("u decays after what arrives is added", "u decays late"),
        ("v decays after u and bias are added", "v decays late"),
        ("the bias is added before v decays", "bias decays"),
        ("v takes u of the step before", "v takes u of before"),
        ("v of the step before is compared", "compares v of before"),
    ),
    "register-too-narrow": _widths,
    "readout-fires": _readout_fires,
    "state-survives-sample": _surviving,
    "input-of-the-sample-before": _input_before,
}
