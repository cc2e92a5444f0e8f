"""What a program tells of its network, against the network."""

from __future__ import annotations

import pytest
from answers_by_hand import SCALE, differences, one

from snnc.errors import StageError
from snnc.stages import Rung
from snnc.verification.answers import rungs_with

FACTS = {
    **{"layers": 1, "layer_names": ("layer",), "neurons": 3, "inputs": 1, "classes": 3, "time_steps": 2},
    **{"bin_s": 0.001, "payload_max": 1, "readout_scale": SCALE, "semantics_version": 1},
}
"""Of `graph`, by hand."""


@pytest.mark.parametrize("name", FACTS)
def test_what_a_program_tells_of_its_network(name: str) -> None:
    assert differences(one(facts=FACTS)) == []
    value = ("other",) if name == "layer_names" else FACTS[name] * 2
    (wrong,) = differences(one(facts={**FACTS, name: value}))
    assert (wrong.sample, wrong.kind, wrong.what) == (None, "fact", f"{name} of the network")
    assert (wrong.expected, wrong.found) == (repr(FACTS[name]), repr(value))
    assert rungs_with(frozenset(Rung), (one(facts=FACTS),), {"fact"}) == frozenset(
        rung for rung in Rung if rung <= Rung.SHIFTED_SPIKES
    )


def test_a_fact_is_named_after_what_a_program_computes() -> None:
    first, second = differences(one(facts={"inputs": 9}, classes=[0, 0]))
    assert (first.kind, second.kind) == ("class", "fact")


def test_a_fact_that_there_is_not() -> None:
    with pytest.raises(StageError, match="unknown facts colour"):
        differences(one(facts={"colour": "red"}))
