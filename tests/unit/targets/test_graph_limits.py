"""Each limit of a target, exceeded by a graph that is no chain: the sentence names what exceeds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graph_cases import adlif, dense, graph_of, li, lif, listed, readout, source

from snnc.errors import LimitError
from snnc.stages import Projection, QuantizedGraph
from snnc.targets.graph_limits import graph_problems
from snnc.targets.problems import check_limits, problems
from snnc.targets.registry import load_target

LIMITS = load_target("loihi2").limits


def network(**others: Any) -> QuantizedGraph:
    """x -> h -> y, and h to itself with two delays of one source."""
    populations = (
        source("x", 2, payload_max=9),
        adlif(
            "h",
            2,
            threshold=[5, 90],
            reset="subtract",
            reset_by=[7, 8],
            bias_mant=[3, -300],
            ka=100,
            **others,
        ),
        li("y", 1, decay_v=0, input_bias_mant=9, input_bias_exp=5),
    )
    projections = (
        dense("x", "h", [[1, -60], [3, 4]], [[0, 9], [1, 2]]),
        Projection("h", "h", listed(2, 2, (0, 0, 5, 1), (0, 1, 6, 3), (0, 1, 7, 4)), 2),
        dense("h", "y", [[1, 1]], 1),
    )
    return graph_of(populations, projections, 20, [readout("y", "sum", 1, 1.0)])


def test_what_fits_has_no_problems() -> None:
    assert list(problems(network(), LIMITS)) == []
    check_limits(network(), LIMITS)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"payload_max": 8}, "x: payloads of up to 9, the limit is 8"),
        ({"weight_bits": 6}, "x -> h, synapse 1 -> 0: the weight is -60, the limits are -32..31 (1 synapse"),
        ({"delay_max": 8}, "x -> h, synapse 1 -> 0: the delay is 9, the limits are 0..8 (1 synapse exceeds"),
        ({"delay_min": 1}, "x -> h, synapse 0 -> 0: the delay is 0, the limits are 1..62"),
        ({"delays_per_source": 2}, "h -> h, source 0: has 3 different delays, the limit is 2"),
        ({"threshold_max": 80}, "h, neuron 1: threshold is 90, the limits are 0..80"),
        ({"bias_mantissa_bits": 8}, "h, neuron 1: bias_mant is -300, the limits are -128..127"),
        ({"bias_exponent_max": 4}, "y: input_bias_exp is 5, the limit is 4"),
        ({"decay_bits": 6}, "h, neuron 0: ka is 100, the limits are -64..64 (2 neurons exceed them)"),
        ({"decay_bits": 0}, "h: has an adaptation current, but the chip cannot multiply a state"),
        ({"state_bits": 20}, "h: its states take 24 bits, the limit is 20"),
        ({"axons_in_per_core": 2}, "h, neuron 0: has 3 sources, the limit of a core is 2"),
        ({"weights_per_neuron": 3}, "h, neuron 1: has 4 different weights, the limit is 3"),
    ],
)
def test_what_exceeds_a_limit_is_named(limits: dict[str, int], message: str) -> None:
    found = list(problems(network(), replace(LIMITS, **limits)))
    assert any(each.startswith(message) for each in found), found
    assert all(";" in each for each in found)
    with pytest.raises(LimitError):
        check_limits(network(), replace(LIMITS, **limits))


def test_a_lif_on_a_chip_that_multiplies_nothing() -> None:
    graph = graph_of((lif("h", 2, decay_u=[4096, 9], decay_v=0), li("y", 1)), (dense("h", "y", [[1, 1]]),), 3)
    (found,) = problems(graph, replace(LIMITS, decay_bits=0))
    assert found.startswith("h, neuron 1: decay_u is 9, the limits are 4096..4096 (1 neuron exceeds them)")


def test_delays_of_a_target_that_retimes() -> None:
    limits = replace(LIMITS, delay_max=8)
    assert list(graph_problems(network(), limits))
    assert not list(graph_problems(network(), limits, delays=False))
