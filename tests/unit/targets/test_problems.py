"""What does not fit the limits of a chip, by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chip_graphs import graph, limits
from golden import HOLD, layer

from snnc.errors import LimitError
from snnc.targets.problems import check_limits, problems

FITS = limits("loihi2")


@pytest.mark.parametrize(
    ("network", "changes", "said"),
    [
        ([layer([[3, -4]])], {"weight_bits": 3}, None),
        ([layer([[3, -5]])], {"weight_bits": 3}, ", synapse 1 -> 0: the weight is -5, the limits are -4..3"),
        ([layer([[4, 0]])], {"weight_bits": 3}, "--weight-bits 3"),
        # Zero is no synapse, and no level.
        ([layer([[1, 2, 3, 4, 0, 4]])], {"weights_per_neuron": 4}, None),
        (
            [layer([[0, 0, 0], [1, 2, 1], [1, 2, 3]])],
            {"weights_per_neuron": 2},
            ", neuron 2: has 3 different weights, the limit is 2; train for 2-bit weights",
        ),
        ([layer([[1, 2, 3, 4, 5]])], {"weights_per_neuron": 4}, "train for 2-bit weights"),
        ([layer([list(range(1, 9))])], {"weights_per_neuron": 7}, "train for 3-bit weights"),
        ([layer([[1, 1]], [[0, 5]])], {"delay_max": 5}, None),
        (
            [layer([[1, 1]], [[0, 5]])],
            {"delay_max": 4},
            ", synapse 1 -> 0: the delay is 5 steps, the limit is 4",
        ),
        ([layer([[1, 1]], [[1, 5]])], {"delay_min": 1}, None),
        ([layer([[1, 0]], [[1, 0]])], {"delay_min": 1}, None),
        ([layer([[1, 1]], [[0, 5]])], {"delay_min": 1}, "a delay is 0 steps, the least is 1"),
        ([layer([[1, 1], [1, 0]], [[0, 5], [0, 4]])], {"delays_per_source": 1}, None),
        (
            [layer([[1, 1], [1, 1]], [[0, 5], [0, 4]])],
            {"delays_per_source": 1},
            ", source 1: has 2 different delays, the limit is 1",
        ),
        ([layer([[1, 1, 0], [0, 1, 1]])], {"axons_in_per_core": 2}, None),
        (
            [layer([[1, 1, 0], [1, 1, 1]])],
            {"axons_in_per_core": 2},
            ", neuron 1: has 3 sources, the limit of a core is 2 (1 neuron exceeds it); prune 34 %",
        ),
        ([layer([[1]], dv=HOLD)], {"decay_bits": 0}, None),
        (
            [layer([[1]], dv=1)],
            {"decay_bits": 0},
            "decay_v is 1 (of 4096 a step), but the chip cannot multiply a state",
        ),
        ([layer([[1]], du=4095)], {"decay_bits": 0}, "decay_u is 4095, so u lasts from step to step"),
        ([layer([[1]], du=2048, dv=2048)], {"decay_bits": 11}, None),
        ([layer([[1]], du=2049, dv=0)], {"decay_bits": 11}, "decay_u is 2049, the limit is 2048"),
        ([layer([[1]], du=0, dv=2049)], {"decay_bits": 11}, "decay_v is 2049, the limit is 2048"),
        ([layer([[1]], vth=8), layer([[1]])], {"threshold_max": 8}, None),
        ([layer([[1]], vth=9), layer([[1]])], {"threshold_max": 8}, "the threshold is 9, the limit is 8"),
        ([layer([[1]], bias=[3], bias_exp=6)], {"decay_bits": 0, "state_bits": 18}, None),
        ([layer([[1]])], {"decay_bits": 0, "state_bits": 17}, "u and v take 18 bits, the limit is 17"),
        ([layer([[1]], bias=[3])], {"decay_bits": 0, "state_bits": 23}, "u and v take 24 bits, the limit"),
        ([layer([[1]])], {"state_bits": 23}, "u and v take 24 bits, the limit is 23"),
        ([layer([[1]], bias=[-8])], {"bias_mantissa_bits": 4}, None),
        (
            [layer([[1]], bias=[8])],
            {"bias_mantissa_bits": 4},
            ", neuron 0: the bias mantissa is 8, the limits are -8..7 (1 neuron exceeds them)",
        ),
        (
            [layer([[1]], bias=[1], bias_exp=3)],
            {"bias_exponent_max": 2},
            "the bias exponent is 3, the limit is 2",
        ),
    ],
)
def test_problems(network: list[dict], changes: dict[str, int], said: str | None) -> None:
    found = list(problems(graph(*network), replace(FITS, **changes)))
    assert len(found) == (said is not None)
    if said is not None:
        assert said in found[0]
        assert found[0].startswith(("layer0: ", "layer0, "))
        with pytest.raises(LimitError, match=r"^layer0[:,] "):
            check_limits(graph(*network), replace(FITS, **changes))


def test_payloads_are_a_problem_of_chips_with_binary_spikes() -> None:
    one = graph(layer([[1]]), payload_max=3)
    assert list(problems(one, limits("seneca"))) == []
    assert "payloads of up to 3, the limit is 1" in next(problems(one, limits("spinnaker2")))
