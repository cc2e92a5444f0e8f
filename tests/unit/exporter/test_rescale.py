"""Where the range proof fails: the scale that is offered passes, and a larger one does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from range_cases import chain, layer

from snnc.errors import RangeProofError
from snnc.exporter.ranges.prove import graph_bounds, overflow_excluded
from snnc.exporter.rescale import largest_scale, prove

# u and v can reach 2000 * 127 * 64 = 16256000, the limit is 8388607. Times 132 / 256 a weight is 65.48, or
# 65: 2000 * 65 * 64 = 8320000; times 133 / 256 it is 66, and 8448000 is too much.
WIDE = chain(layer([[127] * 2000], dv=4096), steps=5)


def test_what_passes_is_returned():
    graph = chain(layer([[3]]), steps=3)
    assert [one.population for one in prove(graph)] == ["readout"]


def test_the_largest_scale_by_hand():
    assert largest_scale(WIDE, {"readout"}) == 132 / 256


def test_the_message():
    with pytest.raises(
        RangeProofError,
        match=r"readout, neuron 0: u can reach 16256000, the limit is 8388608; "
        r"integers of readout \(weights, bias and threshold\) times 0.516 pass, as with --weight-bits 7 "
        r"\(fewer bits may cost accuracy, which verify tells\), or pass --allow-saturation",
    ):
        prove(WIDE, lambda failing: (7,))


def test_threshold_and_bias_are_scaled_too():
    """A bias alone overflows where v keeps all: only its scale helps. 100 * 4000 * 30 = 12e6 > 2^23."""
    graph = chain(layer([[1]], bias=4000, dv=0), steps=3000)
    scale = largest_scale(graph, {"readout"})
    # Mantissas that fit: (2^23 - 1) / 3000 = 2796.2; the weight, 1, is rounded to 1 and adds 64 a step.
    assert round(4000 * scale) + 64 <= 2796 < round(4000 * (scale + 1 / 256)) + 64


def test_nothing_helps():
    """Threshold 1 is rounded away below a half, and at a half 2^18 of the weights still overflow v."""
    graph = chain(layer([[2**17, 2**17]], threshold=1, dv=0, bias=100, name="hidden"), steps=3)
    assert not overflow_excluded(graph_bounds(graph))
    with pytest.raises(
        RangeProofError, match=r"hidden, neuron 0: u can reach 16777216, .*no smaller scale of hidden"
    ):
        prove(graph)


def test_a_threshold_is_never_rounded_away():
    """As above with smaller weights: 0.5 is too little for the threshold, and more than a half passes."""
    graph = chain(layer([[70000, 70000]], threshold=1, dv=4096, name="hidden"), steps=3)
    scale = largest_scale(graph, {"hidden"})
    # u and v reach 2 * 64 times a weight: 65535 fits.
    assert scale > 0.5
    assert round(70000 * scale) <= 65535 < round(70000 * (scale + 1 / 256))


def test_only_the_layers_that_fail_are_scaled():
    rng = np.random.default_rng(0)
    hidden = layer(rng.integers(-127, 128, (4, 5)), threshold=300, name="hidden")
    wide = layer(np.full((2, 4), 2**16), dv=0)
    graph = replace(chain(hidden, wide, steps=20))
    with pytest.raises(RangeProofError, match=r"integers of readout \(weights, bias and threshold\) times 0"):
        prove(graph)


@pytest.mark.parametrize("many", [1, 2])
def test_the_largest_payload_is_named_by_hand(many):
    """u reaches 20 * 127 * 64 = 162560 for each unit of an event: 51 times is 8290560, 52 times too much."""
    graph = chain(layer([[127] * 20] * many, dv=4096), steps=5).changed(payload_max=100)
    with pytest.raises(RangeProofError) as refused:
        prove(graph)
    assert "; payloads of at most 51 pass, too (--payload-max 51), or pass --allow-" in str(refused.value)
    assert prove(graph.changed(payload_max=51))
    with pytest.raises(RangeProofError):
        prove(graph.changed(payload_max=52))


def test_no_payload_is_named_where_spikes_alone_overflow():
    with pytest.raises(RangeProofError) as refused:
        prove(WIDE)
    assert "payload" not in str(refused.value)
