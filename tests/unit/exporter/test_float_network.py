"""The floating-point network of the loss budget, by hand and against the one that training runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from models import digits_model, layer

from snnc.exporter.float_network import (
    FloatLayer,
    _run_layer,
    class_scores,
    gaussian_delays,
    run,
    whole_delays,
)
from snnc.exporter.passes.discretise import Discretise
from snnc.stages import BatchNorm, DiscreteLayer
from snnc.trainer.inference import scores


def discrete(weight, delay, *, bias=0.0, tau=2.0, threshold=None) -> DiscreteLayer:
    weight = np.array(weight, float)
    return DiscreteLayer("l", weight, np.array(delay), np.full(len(weight), bias), tau, threshold)


def trains(*rows: str) -> np.ndarray:
    """One recording from one row of 0 and 1 an input."""
    return np.array([[int(c) for c in row] for row in rows], np.uint8).T[None]


def test_a_readout_by_hand() -> None:
    # tau 2 halves v each step. Input 0 arrives 1 step late with 1, input 1 at once with -0.5; bias 0.25.
    # arriving: 0, 1 - 0.5, 0, 0 -> v: 0.25, 0.125 + 0.75, 0.4375 + 0.25, 0.34375 + 0.25
    (found,) = run([whole_delays(discrete([[1.0, -0.5]], [[1, 0]], bias=0.25))], trains("1000", "0100"))
    assert found.potential[0, :, 0].tolist() == [0.25, 0.875, 0.6875, 0.59375]
    assert not found.spikes.any()


def test_a_neuron_fires_at_its_threshold_and_starts_anew() -> None:
    # arriving: 1, 1, 0, 2. v: 1, 0.5 + 1 = 1.5 >= 1.5: fires, 0, 2 >= 1.5: fires
    hidden = whole_delays(discrete([[1.0]], [[0]], threshold=1.5))
    twice = whole_delays(discrete([[1.0, 1.0]], [[0, 1]], threshold=1.5))
    (found,) = run([hidden], trains("1100"))
    assert found.potential[0, :, 0].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert found.spikes[0, :, 0].tolist() == [0, 1, 0, 0]
    (found,) = run([twice], trains("1001", "0010"))  # both arrive in step 3
    assert found.spikes[0, :, 0].tolist() == [0, 0, 0, 1]


def test_the_loop_is_compiled_once_for_all_kinds_of_arrays() -> None:
    """By rows or by columns, read-only or not: what a layer is made of gives either."""
    made = whole_delays(discrete([[1.0, 0.0], [2.0, 0.0]], [[1, 0], [0, 0]]))
    held = [array.copy() for array in (made.weight, made.delay, made.bias)]
    for array in held:
        array.flags.writeable = False
    recordings = trains("100", "000")
    for each in (made, FloatLayer(*held, made.tau, made.threshold)):
        for spikes in (recordings, np.ascontiguousarray(recordings)):
            assert run([each], spikes)[0].potential[0].tolist() == [[0, 2], [1, 1], [0.5, 0.5]]
    assert len(_run_layer.signatures) == 1


def test_what_arrives_after_the_end_is_gone() -> None:
    (found,) = run([whole_delays(discrete([[1.0]], [[3]]))], trains("0110"))
    assert found.potential[0, :, 0].tolist() == [0, 0, 0, 0]


def test_layers_follow_each_other() -> None:
    first = whole_delays(discrete([[1.0]], [[1]], threshold=1.0))
    last = whole_delays(discrete([[3.0]], [[1]]))
    hidden, readout = run([first, last], trains("10000"))
    assert hidden.spikes[0, :, 0].tolist() == [0, 1, 0, 0, 0]
    assert readout.potential[0, :, 0].tolist() == [0, 0, 3.0, 1.5, 0.75]


def test_a_gaussian_between_two_steps_by_hand() -> None:
    # 5 taps, P = 0.5: centre 2.5, width 0.23 + 0.27 = 0.5. Taps 2 and 3 are exp(-0.5) of the peak, 1 and
    # 4 exp(-4.5), 0 exp(-12.5). Tap n is delay 4 - n.
    bell = np.exp(-np.array([12.5, 4.5, 0.5, 0.5, 4.5]))
    wanted = 2.0 * bell[::-1] / (bell.sum() + 1e-7)  # by delay 0 .. 4
    part = replace(layer("readout", [[2.0]], [[0.5]], threshold=None, tau=1.0), sigma=0.23)
    (found,) = run([gaussian_delays(part)], trains("1000000"))
    np.testing.assert_allclose(found.potential[0, :5, 0], wanted, rtol=1e-6)
    assert found.potential[0, 5:, 0].tolist() == [0, 0]


def test_a_triangle_between_two_steps_by_hand() -> None:
    # 5 taps, P = 0.25: centre 2.25, half of the base 1.5. Taps 1, 2, 3 have 0.25, 1.25, 0.75.
    # Tap n is delay 4 - n.
    part = layer("readout", [[9.0]], [[0.25]], threshold=None, tau=1.0)
    (found,) = run([gaussian_delays(replace(part, kernel="triangle", sigma=1.5))], trains("100000"))
    np.testing.assert_allclose(found.potential[0, :, 0], [0, 3, 5, 1, 0, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("kernel", "sigma"),
    [("gauss", 0.0), ("gauss", 0.23), ("gauss", 2.0), ("triangle", 1.0), ("triangle", 3.5)],
)
@pytest.mark.parametrize("norm", [False, True])
def test_the_trained_network_decodes_the_same(kernel: str, sigma: float, norm: bool) -> None:
    """Potentials summed in another order: scores agree to single precision, where no spike flips."""
    model, rng = digits_model(), np.random.default_rng(3)
    batch_norm = BatchNorm(*rng.uniform(0.5, 1.5, (4, 12)), 1e-5) if norm else None
    first, last = (replace(part, sigma=sigma, kernel=kernel) for part in model.layers)
    model = replace(model, layers=(replace(first, batch_norm=batch_norm), last), gaussian=None)
    spikes = (rng.random((6, model.time_steps, 140)) < 0.05).astype(np.uint8)
    expected = scores(model, spikes, rounded=False)
    found = class_scores([gaussian_delays(part) for part in model.layers], spikes)
    assert run([gaussian_delays(part) for part in model.layers], spikes)[0].spikes.any()
    np.testing.assert_allclose(found, expected, atol=2e-3)
    expected = scores(model, spikes, rounded=True)
    found = class_scores([whole_delays(part) for part in Discretise().run(model).layers], spikes)
    np.testing.assert_allclose(found, expected, atol=2e-3)
