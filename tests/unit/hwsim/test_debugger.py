"""The debugger on a graph with recurrence; tests/unit/cli/test_step.py tests it on chains."""

from __future__ import annotations

import numpy as np
import pytest
from golden import FORGET, HOLD
from graph_cases import adlif, dense, graph_of, li, readout, source

from snnc.errors import InputError
from snnc.hwsim.debugger import step_through


def told(*commands: str, neurons: tuple[str, ...] = ()) -> list[str]:
    """h gets 3 << 1 times the payload of x, and 2 of itself 1 step later; w grows by 10 with each spike.

    Step 0: payload 2, a = 12, u = 768, spike. Step 1: a = 2, u = 128, w = 10, v = 118, spike. Step 2: the
    same with w = 20. y, which holds v, gets 1 for each spike at once and an input bias of 5: 384 a step.
    """
    graph = graph_of(
        [source("x", payload_max=3), adlif(kb=10), li(decay_v=HOLD, decay_u=FORGET, input_bias_mant=5)],
        [dense("x", "h", [[3]], exp=1), dense("h", "h", [[2]], 1), dense("h", "y", [[1]])],
        3,
        [readout("y", "last", 1, 1.0), readout("h", "first", 1)],
    )
    lines: list[str] = []
    step_through(graph, np.array([[2], [0], [0]], np.uint8), neurons, commands, lines.append)
    return lines[1:]


def test_steps_of_a_graph() -> None:
    assert told("1", "2", neurons=["h:0"]) == [  # type: ignore[arg-type]
        "step 0, the last is 2",
        "  x: 1 spike: 0",
        "  h: 1 spike: 0",
        "    h 0: u 768, w 0, v 0, spike",
        "    under way to step 1: sums of 2 to 2 for 1 neuron",
        "  y: highest v 384, neuron 0 (class0)",
        "    under way to step 1: nothing yet",
        "step 2, the last is 2",
        "  x: 0 spikes",
        "  h: 1 spike: 0",
        "    h 0: u 128, w 20, v 0, spike",
        "  y: highest v 1152, neuron 0 (class0)",
        "end of the sample: class of y class0",
        "end of the sample: class of h class0",
    ]


def test_what_arrives_at_a_neuron_of_several_sources() -> None:
    assert told("1", "s h 0", "s y 0")[-8:] == [
        "h 0: u 768, w 0, v 0, spike; spikes above 0; bias 0, du 4096, dv 4096",
        "  step 0, arrived: sum 12 by 1 synapse",
        "    source x 0 weight 6 delay 0 spike in step 0 payload 2",
        "  step 1, under way: sum 2 by 1 synapse",
        "    source h 0 weight 2 delay 1 spike in step 0",
        "y 0: u 384, v 384; never spikes; bias 0, du 4096, dv 0, input bias 5",
        "  step 0, arrived: sum 1 by 1 synapse",
        "    source 0 weight 1 delay 0 spike in step 0",
    ]


def test_what_never_spikes_is_refused_as_a_message() -> None:
    assert told("b y 0") == ["y: is the readout, which never spikes; choose another layer"]
    with pytest.raises(InputError, match="layer 'x' is unknown; there are h, y"):
        told(neurons=("x:0",))
