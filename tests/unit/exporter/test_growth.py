"""Where v and w of adaptive neurons grow by themselves, the error of the range proof says so."""

from __future__ import annotations

import numpy as np
import pytest
from float_nets import dense, graph

from snnc.errors import RangeProofError
from snnc.exporter.options import ExportOptions
from snnc.exporter.trial import try_export
from snnc.stages import FloatGraph, FloatPopulation
from snnc.targets.registry import target_of

C = target_of("c")
KEEP = "keep ka at 0 or above in training, for example clamp it, or pass "
SMALLER = "prune inputs, or train with a smaller bias or tau"


def adapting(ka: list[float], weight: float = 1.0, **values: object) -> FloatGraph:
    """Neurons of 100 lines each, 100 * 127 * 64 = 812,800 in a step of 60; for each a `ka`.

    A threshold of one weight keeps v low above.
    """
    usual = {"keep_u": 0.0, "keep_v": 0.5, "keep_w": 0.5, "kb": 0.1, "order": "new", "reset": "zero"}
    of = FloatPopulation("h", "adlif", len(ka), **usual | values, ka=np.array(ka), threshold=1.0)
    return graph(of, dense(*(weight * np.ones((len(ka), 100)))), steps=60)


def said(network: FloatGraph) -> str:
    with pytest.raises(RangeProofError) as told:
        try_export(network, C, ExportOptions())
    return str(told.value)


def test_a_system_that_grows_is_named_with_its_values_and_the_remedy():
    """Of keep_v = keep_w = 1/2 the eigenvalues solve x^2 - (1 - ka) x + 1/4 = 0: of ka = -1/2 the larger is
    (3 + sqrt 5) / 4, 1.309; of ka = -1 it is 1 + sqrt 3 / 2, 1.866; of ka = -1/4, the least that does not
    fade, it is 1; all of ka >= 0 fade.
    """
    message = said(adapting([0.5, -0.5, 0.0, -1.0, -0.5]))
    assert message.startswith("h, neuron 3: ")  # of which the bound is no larger, as all are clipped
    grows = "below its threshold v and w grow by 87 % a step, with keep_v 0.5, keep_w 0.5 and ka -1; "
    assert f" ({grows}3 of 5 neurons grow so); {KEEP}" in message
    assert "tau" not in message
    assert "grow by 31 % a step, with keep_v 0.5, keep_w 0.5 and ka -0.5; 1 of 2 " in said(
        adapting([-0.5, 0.2])
    )
    try_export(adapting([0.5, 0.0, 0.0, 0.0, 0.0]), C, ExportOptions())


def test_where_that_is_not_enough_the_rest_is_told_too():
    """Without an adaptation, too, v that does not leak leaves its range: 812,800 * 60 is 48,768,000."""
    message = said(adapting([-0.5, 0.0], keep_v=1.0, weight=-1.0))
    assert "; keep ka at 0 or above in training, for example clamp it, " + SMALLER in message


def test_a_system_of_the_old_order_may_grow_with_a_ka_above_0():
    """There the product of the eigenvalues is keep_v * keep_w + ka: of 1, 1 and 1 it is 2. Their sum is 2, so
    they are no real numbers, and each has the size sqrt 2, 1.414.
    """
    message = said(adapting([1.0, 0.1], order="old", keep_v=1.0, keep_w=1.0, reset="none"))
    grows = "below its threshold v and w grow by 41 % a step, with keep_v 1, keep_w 1 and ka 1; 2 of 2"
    assert f" ({grows} neurons grow so); keep ka at 0 or above, and below 1 - keep_v * keep_w, in" in message


def test_a_system_that_neither_grows_nor_fades_adds_up():
    """ka = -(1 - keep_v)(1 - keep_w) = -1/4: an eigenvalue is 1."""
    message = said(adapting([-0.25], weight=-1.0))
    values = "with keep_v 0.5, keep_w 0.5 and ka -0.25"
    assert f"(below its threshold v and w do not fade, {values}: they add up over 60 steps); " in message
    assert KEEP in message


def test_a_negative_ka_that_fades_is_named_where_it_is_the_cause():
    """v of what arrives for ever is 1 / (1 - keep_v) times it without ka, 1,625,600, below the limit; with ka
    (1 - keep_w) / ((1 - keep_v)(1 - keep_w) + ka), 2048 times for ka = -1023/4096.
    """
    message = said(adapting([-1023 / 4096], weight=-1.0))
    assert "(its ka is -0.2498: below 0, w adds to v and does not hold it back); " + KEEP in message


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("u", {"keep_u": 1.0}),
        ("v", {"keep_v": 1.0}),
        ("w", {"keep_w": 1.0, "kb": -40.0}),
    ],
)
def test_a_state_that_keeps_all_adds_up(state, values):
    message = said(adapting([0.0], weight=-1.0 if state != "w" else 1.0, **values))
    assert f"h, neuron 0: {state} can reach " in message
    assert f" (it does not leak: {state} adds up over 60 steps); pass --weight-bits " in message
    assert "clamp" not in message


def test_fewer_bits_are_told_with_what_they_may_cost():
    message = said(adapting([0.0], weight=-1.0, keep_v=1.0))
    assert ", with which it cannot (fewer bits may cost accuracy, which verify tells), or pass " in message
