"""What a model file tells of its training: delays, integers, fine-tuning and accuracies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from snnc.cli.inspect.description import percent
from snnc.cli.inspect.measured_on import validation_count

if TYPE_CHECKING:
    from snnc.trainer.delay_record import Delays

KEPT = "which is kept, rounded to them"
_STEPS = {
    "gaussian": "Gaussian delays",
    "rounded": "delays rounded only",
    "statistics": "delays rounded, batch norm measured again",
    "final": "whole delays",
}
"""Of each step of training that measured an accuracy, the network that it is of."""
_OF_INTEGERS = {"": ", rounded only", "clipped": ", clipped only", "final": ""}


def learning(metrics: Mapping[str, Any]) -> dict[str, object]:
    """Of each layer or projection: its mean delay before and after learning, and any change of its kernel."""
    from snnc.trainer.delay_record import recorded

    before, after = recorded(metrics, "initial"), recorded(metrics, "learned")
    both = [name for name in before if name in after]
    if not both:
        return {"initial delays": "were not recorded"}
    return {
        f"learned delays, {name}": f"mean {before[name].mean:.2f} -> {after[name].mean:.2f} steps"
        + (f", kernel {a} -> {b}" if (a := before[name].taps) != (b := after[name].taps) else "")
        + _moved(after[name])
        for name in both
    }


def _moved(learned: Delays) -> str:
    if learned.moved is None or learned.changed is None:
        return ""
    return f"; {percent(learned.changed)} of delays changed, by {learned.moved:.2f} steps in the mean of all"


def integers(bits: Iterable[int], metrics: Mapping[str, Any]) -> dict[str, object]:
    """The `bits` of which the model has integers; apart, those that no epoch of training in them bettered,
    and those that fine-tuning clipped alone.

    What fine-tuning made of these is its own.
    """
    from snnc.trainer import phases, tuning
    from snnc.trainer.tuning_calls import uses_of

    record = metrics.get(tuning.KEY)
    uses = uses_of(record) if isinstance(record, Mapping) else []
    tuned = [tuning.tuned_bits(record), *(use.weight_bits for use in uses if use.changed)]
    unmoved = phases.without_gain(metrics)
    started = [each for each in bits if f"int{each}" in unmoved and each not in tuned]
    clipped = [each for each in bits if tuning.clipped_alone(tuning.as_left(record, [each]))]
    finished = [each for each in bits if each not in (*started, *clipped)]
    facts: dict[str, object] = {}
    if finished:
        facts["finished in integers"] = f"{', '.join(map(str, finished))} bits"
    if started:
        many = ", ".join(map(str, started))
        found = metrics.get("validation")
        steps = found if isinstance(found, Mapping) else {}
        ends = [str(each) for each in started if phases.clipped(each) in steps]
        more = f"; to {' and '.join(ends)} bits its largest weights are clipped" if ends else ""
        facts["trained in integers"] = (
            f"{many} bits: no epoch was better than the network before, {KEPT}{more}"
        )
    if clipped:
        many = ", ".join(map(str, clipped))
        facts["clipped to integers"] = f"{many} bits, by fine-tuning, which trained none of them"
    return facts


def layout(metrics: Mapping[str, Any]) -> dict[str, object]:
    """By which recordings of sound were read, if the model keeps it."""
    from snnc.text import one_line
    from snnc.trainer.encoder_record import layout_of, not_a_layout

    if (unread := not_a_layout(metrics)) is not None:
        return {"layout of the recordings": f"none: {unread}"}
    text = layout_of(metrics)
    return {} if text is None else {"layout of the recordings": one_line(text)}


def left_out(metrics: Mapping[str, Any]) -> dict[str, object]:
    from snnc.trainer.phases import LEFT_OUT

    found = metrics.get(LEFT_OUT)
    return {str(name): why for name, why in found.items()} if isinstance(found, Mapping) else {}


def finetuned(metrics: Mapping[str, Any]) -> dict[str, object]:
    """What `snnc.finetune` of Python was told; `snnc export` has to be told the same."""
    from snnc.trainer import tuning

    told = metrics.get(tuning.KEY)
    if not isinstance(told, Mapping):
        return {}
    options = f"--weight-bits {told.get('weight_bits')}{' --whole-bias' if told.get('whole_bias') else ''}"
    other = tuning.tuned_bits(told)
    before = "" if other in (None, told.get("weight_bits")) else f"; before that, for {other} bits"
    whose = f"integers of {told.get('weight_bits')} bits"
    how = "clipped" if tuning.clipped_alone(told) else "fine-tuned"
    return {how: f"{whose}, {tuning.words(told)}; export with {options}{before}"}


def accuracies(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Of each step, and of how many recordings, which files of earlier releases do not tell."""
    found, count = metrics.get("validation"), validation_count(metrics)
    stages = found if isinstance(found, Mapping) else {}
    of = "" if count is None else f" of {count} recording{'' if count == 1 else 's'}"
    return {
        _step(str(name)): f"{percent(stage.get('accuracy'))}{of}"
        for name, stage in stages.items()
        if isinstance(stage, Mapping)
    }


def _step(name: str) -> str:
    """What people read as the name of a step: which network its accuracy is of."""
    if (found := re.fullmatch(r"int(\d+)(?:_(clipped|final))?", name)) is not None:
        return f"integers of {found[1]} bits{_OF_INTEGERS[found[2] or '']}"
    return _STEPS.get(name, name)
