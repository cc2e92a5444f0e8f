"""Numbers of populations and weights that a target cannot hold: named with the limit and a remedy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, source

from snnc.stages import QuantizedGraph
from snnc.targets.graph_problems import number_problems
from snnc.targets.registry import load_target

LIMITS = load_target("loihi").limits


def graph(payload: int = 1, weight: int = 1, **hidden: Any) -> QuantizedGraph:
    values = {"reset": "subtract", "reset_by": 3} | hidden
    populations = [source(payload_max=payload), adlif("h", 2, **values), li()]
    return graph_of(populations, [dense("x", "h", [[1], [weight]]), dense("h", "y", [[2, 3]])], 2)


def test_what_fits_has_no_problem() -> None:
    full = {
        "threshold": 131071,
        "reset_by": 131071,
        "bias_mant": -4096,
        "bias_exp": 7,
        "input_bias_mant": 4095,
    }
    assert not list(number_problems(graph(255, -128, **full), LIMITS))


@pytest.mark.parametrize(
    ("limits", "given", "problem"),
    [
        ({"payload_max": 1}, {"payload": 2}, "x: payload_max is 2, the limits are 1..1; use smaller events"),
        (
            {},
            {"weight": 128},
            "x -> h, synapse 0 -> 1: the weight is 128, the limits are -128..127 (1 in all",
        ),
        ({"threshold_max": 9}, {"threshold": [9, 10]}, "h, neuron 1: threshold is 10, the limits are 0..9;"),
        ({"threshold_max": 9}, {"reset_by": [12, 0]}, "h, neuron 0: reset_by is 12, the limits are 0..9;"),
        (
            {"bias_mantissa_bits": 4},
            {"bias_mant": [-8, -9]},
            "h, neuron 1: bias_mant is -9, the limits are -8..7",
        ),
        ({"bias_mantissa_bits": 4}, {"input_bias_mant": 8}, "h, neuron 0: input_bias_mant is 8, the limits"),
        ({"bias_exponent_max": 2}, {"bias_exp": 3}, "h: bias_exp is 3, the limits are 0..2; use fewer"),
        ({"bias_exponent_max": 2}, {"input_bias_exp": 3}, "h: input_bias_exp is 3, the limits are 0..2;"),
    ],
)
def test_what_does_not_fit_is_named(limits: dict[str, int], given: dict[str, Any], problem: str) -> None:
    (found,) = number_problems(graph(**given), replace(LIMITS, **limits))
    assert found.startswith(problem)


def test_decays_need_their_bits() -> None:
    of = lif("h", decay_u=np.array([5]), decay_v=4096)
    found = list(number_problems(graph_of([of, li()], [], 1), replace(LIMITS, decay_bits=3)))
    assert [text.split(" is")[0] for text in found] == [
        "h, neuron 0: decay_v", "y, neuron 0: decay_u"
    ]  # fmt: skip
