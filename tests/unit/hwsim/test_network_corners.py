"""Random graphs reach each feature and corner of the contract, or tests that draw them are worth little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from network_corners import (
    Seen,
    convolves,
    cycles,
    decodes,
    ends,
    fires,
    in_flight,
    meets_threshold,
    payloads_differ,
    recurs,
    steps_after_spike,
    subtracts,
    twice,
    value,
)
from networks import networks_with_input

from snnc import formats
from snnc.hwsim.oracle import run_graph
from snnc.stages import Convolution, QuantizedGraph, SynapseList, SynapseMatrix
from snnc.stages.population import ADLIF, INPUT, LI, LIF, NEW, NONE, OLD, SUBTRACT, ZERO
from snnc.stages.readout import OF_SPIKES, OF_V

pytestmark = pytest.mark.slow

LIMIT = formats.ACCUMULATE_LIMIT

CORNERS: dict[str, Callable[[Seen], bool]] = {
    **{
        f"{model} with reset {reset} spikes": fires(model, reset=reset)
        for model in (LIF, ADLIF)
        for reset in (ZERO, SUBTRACT, NONE)
    },
    **{f"adlif of the {order} order spikes": fires(ADLIF, order=order) for order in (NEW, OLD)},
    **{f"{model} ends": ends(model) for model in (INPUT, LIF, LI, ADLIF)},
    **{f"decoder {decoder}": decodes(decoder) for decoder in OF_V + OF_SPIKES},
    **{
        f"{name} is {number}": value(name, number)
        for name, *numbers in (
            ("decay_u", 0, 1, 4095, 4096),
            ("decay_v", 0, 1, 4095, 4096),
            ("decay_w", 0, 1, 4095, 4096),
            ("bias_mant", -4096, 4095),
            ("bias_exp", 7),
            ("input_bias_exp", 7),
            ("ka", -4096, 4096),
            ("kb", -(2**20), 2**20 - 1),
            ("threshold", 0, 2**17 - 1),
            ("reset_by", 0, 2**17 - 1),
            ("payload_max", 1, 255),
        )
        for number in numbers
    },
    "r below vth": subtracts(lambda r, vth: r < vth),
    "r is vth": subtracts(lambda r, vth: (r == vth) & (r > 0)),
    "r above vth": subtracts(lambda r, vth: r > vth),
    "v is negative after a reset": lambda s: any((v < 0).any() for _, v, _ in steps_after_spike(s)),
    "v is above vth after a reset": lambda s: any(
        (v > 64 * int(of.threshold.max())).any() and (r > 0).all()
        for of, v, r in steps_after_spike(s)
        if of.threshold is not None and len(v)
    ),
    "a subtraction from a clipped v": lambda s: any(
        ((v + 64 * r == formats.V_LIMIT) & (r > 0)).any() for _, v, r in steps_after_spike(s)
    ),
    "v meets a threshold": meets_threshold,
    "a population fires always": lambda s: any(
        found.spikes.all() and s.graph.time_steps > 4 for _, found in s.spiking
    ),
    "a population is silent": lambda s: any(
        not found.spikes.any() and (found.v != 0).any() for _, found in s.spiking
    ),
    "u wraps": lambda s: any(found.u_wraps for found in s.trace),
    "u is at its largest": lambda s: any((found.u == formats.U_MAX).any() for found in s.trace),
    "v clips, no u wraps": lambda s: any(found.v_clips and not found.u_wraps for found in s.trace),
    "v clips at both ends": lambda s: any(
        (found.v == formats.V_LIMIT).any() and (found.v == -formats.V_LIMIT).any() for found in s.trace
    ),
    "w clips": lambda s: any(found.w_clips for found in s.trace),
    "w clips where v does not": lambda s: any(
        ((abs(found.w) == formats.V_LIMIT) & (abs(found.v) < formats.V_LIMIT) & ~found.spikes).any()
        for _, found in s.adapting
        if found.w is not None
    ),
    "w is negative": lambda s: any((found.w < 0).any() for _, found in s.adapting if found.w is not None),
    "nothing saturates, and it spikes": lambda s: (
        len(s.active) > 2 and not any(each.u_wraps or each.v_clips or each.w_clips for each in s.trace)
    ),
    "the bound of clause 2 is met": lambda s: LIMIT in s.sums,
    "the bound of clause 2 is nearly met": lambda s: any(LIMIT - 300 < each < LIMIT for each in s.sums),
    "the exponent is the largest": lambda s: any(
        each.weight_exp == 10 and each.source in s.active and each.synapses.count
        for each in s.graph.projections
    ),
    "the input bias alone moves a population": lambda s: any(
        (of.input_bias != 0).any() and not s.graph.into(of.name) for of, _ in s.states
    ),
    "neurons of one population differ": lambda s: any(
        each.decay_v is not None and len(set(each.decay_v.tolist())) > 1 for each in s.graph.populations
    ),
    "inputs of different payload_max": payloads_differ,
    "a payload": lambda s: bool((s.events > 1).any()),
    "several projections from one source": lambda s: any(
        count > 1
        for (source, _), count in Counter((e.source, e.destination) for e in s.graph.projections).items()
        if source in s.active
    ),
    "several synapses between one pair": twice,
    "a list": lambda s: bool(s.kept(SynapseList)),
    "a matrix": lambda s: bool(s.kept(SynapseMatrix)),
    "a convolution": lambda s: bool(s.kept(Convolution)),
    "a convolution with a stride": convolves(lambda c: max(c.stride) > 1 and max(c.grid_out[1:]) > 1),
    "a convolution with padding": convolves(lambda c: max(c.padding) > 0),
    "a convolution with sides that differ": convolves(
        lambda c: c.grid[1] != c.grid[2] and min(c.kernel.shape[2:]) < max(c.kernel.shape[2:])
    ),
    "a convolution with groups": convolves(lambda c: c.groups > 1),
    "a convolution with groups of several channels": convolves(lambda c: c.groups > 1 < c.kernel.shape[1]),
    "a convolution with different delays": convolves(lambda c: len(set(c.delay[c.kernel != 0].tolist())) > 1),
    "a recurrent convolution": lambda s: any(each.source == each.destination for each in s.kept(Convolution)),
    "recurrence after one step": recurs(1, 1),
    "recurrence after more": recurs(2, 62),
    "a cycle of two, half of it without delay": cycles,
    "the contract order is not the list": lambda s: (
        s.graph.order != tuple(each.name for each in s.graph.populations)
    ),
    "a spike arrives after the end of its source": lambda s: in_flight(
        s, lambda of: of.end or s.graph.time_steps, lambda of: s.graph.time_steps
    ),
    "a spike is due after T": lambda s: in_flight(
        s, lambda of: s.graph.time_steps, lambda of: s.graph.time_steps + 63
    ),
    "one step": lambda s: s.graph.time_steps == 1 and len(s.active) > 1,
    "one neuron": lambda s: any(each.neurons == 1 for each in s.graph.populations),
    "two samples that differ": lambda s: (
        len(s.events) == 2 and any((x.v[0] != x.v[1]).any() for x in s.trace)
    ),
    "several readouts": lambda s: len(s.graph.readouts) > 1,
    "a scale for each class": lambda s: any(isinstance(each.scale, np.ndarray) for each in s.graph.readouts),
    "no readout is the last population": lambda s: all(
        each.population != s.graph.populations[-1].name for each in s.graph.readouts
    ),
    "a readout leads on": lambda s: any(
        s.graph.out_of(each.population) and each.population in s.active for each in s.graph.readouts
    ),
}


@pytest.fixture(scope="module")
def reached() -> Counter[str]:
    """How many of the graphs drawn reach each corner."""
    found: Counter[str] = Counter()

    @given(networks_with_input())
    @settings(
        max_examples=500,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def look(pair: tuple[QuantizedGraph, np.ndarray]) -> None:
        seen = Seen(*pair, run_graph(*pair).layers)
        found.update(name for name, reaches in CORNERS.items() if reaches(seen))

    look()
    return found


@pytest.mark.parametrize("corner", CORNERS)
def test_strategies_reach_the_corners(corner: str, reached: Counter[str]) -> None:
    assert reached[corner]
