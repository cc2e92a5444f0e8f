"""LayerTrace and Trace: the states of a population, and its w where it has one."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.errors import StageError
from snnc.stages import LayerTrace, Trace

STATES = np.arange(24).reshape(3, 4, 2)


def traced(**others: object) -> LayerTrace:
    return LayerTrace(STATES, STATES + 1, STATES > 9, 5, 6, **others)


def test_a_model_without_w_has_none():
    assert traced().w is None
    assert traced().w_clips is None
    assert traced().part(slice(1)).w is None
    with pytest.raises(StageError, match="trace: w_clips is 0, but there is no w; give both or none"):
        traced(w_clips=0)


def test_w_is_a_state_as_v_is():
    found = traced(w=STATES + 2, w_clips=7)
    assert found.w.dtype == np.int32
    assert not found.w.flags.writeable
    assert found.w_clips == 7
    assert traced(w=STATES).w_clips is None
    with pytest.raises(StageError, match=r"trace w: shape \(2, 4, 2\), expected \(3, 4, 2\)"):
        traced(w=STATES[1:])


def test_a_part_has_the_states_of_its_samples_and_no_counts():
    whole = traced(w=STATES + 2, w_clips=7)
    part = Trace("one", (whole, traced())).part(slice(-2, None)).layers
    for name in ("u", "v", "spikes", "w"):
        assert getattr(part[0], name).tolist() == getattr(whole, name)[1:].tolist()
    assert (part[0].u_wraps, part[0].v_clips, part[0].w_clips) == (None, None, None)
    assert part[1].w is None
