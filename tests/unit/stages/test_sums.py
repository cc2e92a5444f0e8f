"""The rule of clause 2: what is too much, and the payload that would not be."""

from __future__ import annotations

import re

import pytest
from graph_cases import dense, graph_of, li, source
from range_cases import chain, layer

from snnc.api.words import in_python
from snnc.errors import StageError
from snnc.stages import QuantizedGraph

BUT = "; that of from_torch is of its example, that of from_checkpoint an argument"
"""As an export of their networks takes no other."""
WEIGHTS = [[1] * 20, [127] * 20]
"""2540 an event of 1 at neuron 1: 103 times is 261620, 104 times 264160, and the limit 262144."""


def graph(payload_max: int, input_bias: int = 0, spikes: int = 0) -> QuantizedGraph:
    """With a second input of plain spikes, whose weights add `spikes`."""
    return graph_of(
        (
            source("x", 20, payload_max=payload_max),
            source("s", 1),
            li("y", 2, input_bias_mant=[input_bias, input_bias]),
        ),
        (dense("x", "y", WEIGHTS), dense("s", "y", [[spikes], [spikes]])),
        4,
    )


def told(found: pytest.ExceptionInfo[StageError]) -> str:
    return re.split(r"fewer weight bits or fewer inputs", str(found.value))[1]


def test_a_chain_names_the_largest_payload() -> None:
    allowed = chain(layer(WEIGHTS), steps=3).changed(payload_max=103)
    with pytest.raises(StageError, match=r"neuron 1: the sum of \|weight\| times 104 is 264160, ") as refused:
        allowed.changed(payload_max=104)
    assert told(refused) == f", or payloads of at most 103 (--payload-max 103{BUT})"
    assert in_python(told(refused)) == f", or payloads of at most 103 (payload_max=103{BUT})"


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({}, 103),
        ({"input_bias": 525}, 102),  # 262144 - 525 = 261619
        ({"input_bias": -524}, 103),
        ({"spikes": 100000}, 63),  # 162144 / 2540 = 63.8
    ],
)
def test_a_graph_names_the_largest_payload(changes: dict[str, int], most: int) -> None:
    with pytest.raises(StageError, match=r", neuron 1: the sum of ") as refused:
        graph(255, **changes)
    assert told(refused) == f", or payloads of at most {most} (--payload-max {most}{BUT})"
    graph(most, **changes)
    with pytest.raises(StageError):
        graph(most + 1, **changes)


@pytest.mark.parametrize("changes", [{"spikes": 262140}, {"spikes": 300000}])
def test_no_payload_is_named_where_none_is_small_enough(changes: dict[str, int]) -> None:
    with pytest.raises(StageError) as refused:
        graph(2, **changes)
    assert told(refused) == ""
    with pytest.raises(StageError) as refused:
        chain(layer([[127] * 2100]), steps=3).changed(payload_max=2)
    assert told(refused) == ""
