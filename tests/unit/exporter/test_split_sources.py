"""Relays that leave each source one delay, for chips that have no more."""

from __future__ import annotations

import numpy as np
import pytest
from chip_graphs import graph
from golden import artifact_of, layer
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import delayed_graphs

from snnc.errors import LimitError
from snnc.exporter.relay import source_lines, split_size, split_sources
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph


@given(delayed_graphs(widest=5, longest=12), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_sources_with_one_delay_each_compute_the_same(drawn: QuantizedGraph, seed: int) -> None:
    split = split_sources(drawn)
    more = [sum(each.neurons for each in one.layers) for one in (drawn, split)]
    assert split_size(drawn) == (more[1] - more[0], len(split.layers) - len(drawn.layers))
    for each in split.layers:
        assert len(np.unique(source_lines(each)[0])) == source_lines(each).shape[1]
    rng = np.random.default_rng(seed)
    spikes = (rng.random((1, drawn.time_steps, drawn.inputs)) < 0.3).astype(np.uint8)
    expected = OracleExecutor().run(artifact_of(drawn), spikes)
    found = OracleExecutor().run(artifact_of(split), spikes)
    states = dict(zip([each.name for each in split.layers], found, strict=True))
    for each, theirs in zip(drawn.layers, expected, strict=True):
        for field in ("u", "v", "spikes"):
            np.testing.assert_array_equal(getattr(states[each.name], field), getattr(theirs, field))


def test_splitting_by_hand() -> None:
    """Source 0 has delays 2 and 5, source 1 only 3: relays with 2, 2, 3 before and 0, 3, 0 after."""
    split = split_sources(graph(layer([[7, 8], [9, 0]], [[2, 3], [5, 0]])))
    relays, last = split.layers
    assert relays.weight.tolist() == [[2, 0], [2, 0], [0, 2]]
    assert relays.delay.tolist() == [[2, 0], [2, 0], [0, 3]]
    assert last.weight.tolist() == [[7, 0, 8], [0, 9, 0]]
    assert last.delay.tolist() == [[0, 0, 0], [0, 3, 0]]
    alike = graph(layer([[7, 8], [9, 1]], [[2, 3], [2, 3]]))
    assert split_sources(alike).layers == alike.layers
    with pytest.raises(LimitError, match="payloads of up to 9"):
        split_sources(graph(layer([[1], [1]], [[0], [1]])).changed(payload_max=9))
