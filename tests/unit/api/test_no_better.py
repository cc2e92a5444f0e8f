"""What is advised where no epoch was better than the start: nothing that cannot help."""

from __future__ import annotations

import pytest

from snnc.api.no_better import why_no_better
from snnc.exporter.finetune.finish import Measure


def told(start, epochs, real=20, rate=0.005, bits=4, tuned=False):
    """Of 20 samples; each of `start` and `epochs` are those that are right, and the loss."""
    some = [Measure(right, right, 20, loss) for right, loss in epochs]
    return why_no_better(Measure(start[0], start[0], 20, start[1]), some, real, rate, bits, tuned)


@pytest.mark.parametrize("tuned", [False, True])
def test_an_epoch_that_is_as_good_needs_no_advice(tuned):
    assert told((15, 0.5), [(14, 0.4), (15, 0.5)], tuned=tuned) is None


def test_a_lower_rate_is_advised_where_every_epoch_has_fewer_right():
    said = told((15, 0.5), [(14, 0.4), (13, 0.9)])
    assert said == "every epoch had fewer right than the start: lower learning_rate, 0.005 now, as to 0.001"


def test_no_lower_rate_is_advised_where_an_epoch_has_as_many_right():
    """It would be nearer to the start still; and such an epoch is not worse in what is right."""
    said = told((15, 0.5), [(15, 0.6), (13, 0.9)])
    assert said == (
        "no epoch had more right than the start, and all a larger loss: more bits, or more samples, are "
        "left to try"
    )


@pytest.mark.parametrize("bits", [4, (8, 4)])
def test_no_lower_rate_is_advised_for_what_is_tuned_already(bits):
    assert told((15, 0.5), [(14, 0.4)], bits=bits, tuned=True) == (
        "every epoch had fewer right than the start, which is fine-tuned for these bits already: more bits, "
        "or more samples, are left to try"
    )


def test_no_lower_rate_is_advised_below_the_smallest_and_no_more_bits_than_there_are():
    assert told((15, 0.5), [(14, 0.4)], rate=1e-5, bits=8) == (
        "every epoch had fewer right than the start, at a learning_rate of 1e-05 already: more samples are "
        "left to try"
    )


@pytest.mark.parametrize(("right", "real"), [(20, 20), (15, 15), (16, 15)])
@pytest.mark.parametrize("tuned", [False, True])
def test_where_rounding_costs_nothing_there_is_nothing_to_gain(right, real, tuned):
    assert told((right, 0.5), [(right - 1, 0.9)], real=real, tuned=tuned) == (
        f"the start has {right} of the 20 samples that validate right, and the network in real numbers "
        f"{real}: fine-tuning has nothing to win back"
    )
