"""What the sources of a network send, measured in a run."""

from __future__ import annotations

import numpy as np
import pytest
from loihi_artifacts import chain, layer
from placements import chip

from snnc.errors import InputError
from snnc.exporter.passes.place import Place
from snnc.exporter.placement.traffic import SourceSpikes, measured
from snnc.stages import LayerTrace, Trace


def test_activity_of_a_run() -> None:
    zeros = np.zeros((2, 3, 2), int)
    fired = zeros.astype(bool)
    fired[0, :, 0] = fired[1, 1, 1] = (
        True  # neuron 0 three times in one recording, neuron 1 once in the other
    )
    trace = Trace("hand", (LayerTrace(zeros, zeros, fired), LayerTrace(zeros, zeros, zeros.astype(bool))))
    spikes = np.zeros((2, 3, 4), np.uint8)
    spikes[:, 2, 3] = 1
    activity = measured(spikes, trace)
    assert [counts.tolist() for counts in activity.spikes] == [[0, 0, 0, 2], [3, 1]]
    assert (activity.recordings, activity.measured) == (2, True)


def test_activity_of_another_network_is_refused() -> None:
    graph = chain(layer(np.ones((2, 3))), time_steps=1)
    with pytest.raises(InputError, match=r"has \[2\] sources by layer, the graph has \[3\]"):
        Place(chip(), SourceSpikes((np.ones(2, int),), 1)).run(graph)
    with pytest.raises(InputError, match="expected one count >= 0 per source"):
        SourceSpikes((np.array([-1]),), 1)
    with pytest.raises(InputError, match="0 recordings"):
        SourceSpikes((np.array([1]),), 0)
