"""The bound of cycles holds where everything spikes, and is near to what the machine model says then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fpga_cores import Case, crowded, without_current, without_input

from snnc.hwsim import oracle
from snnc.targets.fpga.bound import most_cycles, own_cycles
from snnc.targets.fpga.cycles import cycles
from snnc.targets.fpga.layout import layout


@pytest.mark.parametrize("lanes", [2, 8, 64])
@pytest.mark.parametrize(
    "case", [crowded(), without_input(), without_current()], ids=["crowded", "loop", "v"]
)
def test_a_step_in_which_all_spike_is_bounded(case: Case, lanes: int) -> None:
    graph, events = case
    of = layout(graph, lanes)
    layers = [
        replace(layer, spikes=np.full_like(layer.spikes, population.spikes))
        for layer, population in zip(oracle.run_graph(graph, events).layers, graph.stateful, strict=True)
    ]
    taken = cycles(of, np.ones_like(events), layers)
    most, own = most_cycles(of), own_cycles(of)
    assert 0.5 * most < taken.max() <= most
    assert taken.sum() <= own * taken.size + most - own
