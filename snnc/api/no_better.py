"""What to do where no epoch of `snnc.finetune` was better than the start."""

from __future__ import annotations

from collections.abc import Sequence

from snnc.exporter.finetune.finish import Measure
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.trainer.tuning import NO_WEIGHT

USUAL_RATE = 5e-3
"""The learning rate of a call that names none."""
SMALL_RATE = 1e-5
"""A learning rate that is not advised to be lowered any more."""


def why_no_better(
    start: Measure,
    epochs: Sequence[Measure],
    real: int,
    rate: float,
    bits: int | Sequence[int],
    tuned: bool,
) -> str | None:
    """In words, what is left to try; None if an epoch was as good as the `start`.

    `real`: of the same samples, those that the network in real numbers has right. `tuned`: an earlier call
    left integers of these `bits`. A lower `rate` brings the epochs nearer to the start, no further: it may
    help only where all of them had fewer right.
    """
    if any(each.rank >= start.rank for each in epochs):
        return None
    if start.right >= real:
        return (
            f"the start has {start.right} of the {start.total} samples that validate right, and the network "
            f"in real numbers {real}: fine-tuning has nothing to win back"
        )
    most = max(each.right for each in epochs)
    lost = "every epoch had fewer right than the start"
    if most == start.right:
        lost = "no epoch had more right than the start, and all a larger loss"
    elif rate > SMALL_RATE and not tuned:
        return f"{lost}: lower learning_rate, {rate:g} now, as to {rate / 5:g}"
    widths = (bits,) if isinstance(bits, int) else bits
    more = "more bits, or more samples, are" if min(widths) < WEIGHT_BITS_DEFAULT else "more samples are"
    if tuned:
        lost += ", which is fine-tuned for these bits already"
    elif most < start.right:
        lost += f", at a learning_rate of {rate:g} already"
    return f"{lost}: {more} left to try"


def no_weight(rate: float, kept: bool) -> str:
    """That training moved no integer weight, and with which `rate` it may; `kept`: an epoch was kept."""
    larger = min(1.0, max(USUAL_RATE, 10 * rate))
    told = "no integer weight changed, only biases or the scales of weights" if kept else NO_WEIGHT
    return f"{told}: raise learning_rate, {rate:g} now, as to {larger:g}"
