"""What a C program says of its network where it is used in other ways than a trace shows, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from c_programs import CALLED, STDIN
from golden import GOLDEN, artifact_of, case, layer

from snnc.errors import ExecutorError
from snnc.targets.c.emitter import sources
from snnc.targets.c.executor import CExecutor
from snnc.targets.c.used import Used, read_facts

pytestmark = pytest.mark.slow


def test_the_program_of_another_target_is_not_shipped() -> None:
    one = GOLDEN[0]
    answers = CExecutor().run(artifact_of(one.graph), one.input).answers
    assert not [each for each in answers if each.facts or each.classes_so_far is not None]


def test_payloads_and_macros_by_hand() -> None:
    """Weight 3, an event of 7: u = v = 3 * 7 << 6 = 1344; then 0."""
    graph = case("payload", [layer([[3]], dv=4096)], [[0, 0]], []).graph
    graph = graph.changed(payload_max=7, bin_s=0.25)
    artifact = replace(artifact_of(graph), target="c", program=sources(graph))
    found = CExecutor().run(artifact, np.array([[[7], [0]]], np.uint8))
    facts = [each.facts for each in found.answers if each.facts is not None]
    assert facts[0] == {
        **{"layers": 1, "neurons": 1, "inputs": 1, "classes": 1, "time_steps": 2, "payload_max": 7},
        **{"bin_s": 0.25, "readout_scale": graph.readout_scale},
    }
    assert facts[1] == {"payload_max": 7}
    *_, stdin, called = found.answers
    assert (stdin.by, called.by) == (f"{STDIN}257 samples", f"{CALLED}65 samples")
    for each in (stdin, called):
        np.testing.assert_array_equal(each.readout, [[[1344], [0]]])
    np.testing.assert_array_equal(called.scores_so_far, [[[1], [2]]])  # the softmax of one class is 1
    np.testing.assert_array_equal(called.classes_so_far, [[0, 0]])


@pytest.mark.parametrize("most", [254, 255])
def test_the_largest_payload_of_all(most: int) -> None:
    """255 fills a byte, so nothing is too large then."""
    graph = case("payload", [layer([[3]])], [[0, 0]], []).graph.changed(payload_max=most)
    artifact = replace(artifact_of(graph), target="c", program=sources(graph))
    answers = CExecutor().run(artifact, np.full((1, 2, 1), most, np.uint8)).answers
    assert [each.facts["payload_max"] for each in answers if each.facts is not None] == [most, most]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("layers two\n", "not a name and a number"),
        ("layers 1 2\n", "not a name and a number"),
        ("layers 1\n", "prints layers from snn.h, expected bin_s, classes"),
    ],
)
def test_what_the_caller_says_is_read_strictly(said: str, why: str) -> None:
    with pytest.raises(ExecutorError, match=why):
        read_facts(said)


@pytest.mark.parametrize(("taken", "largest"), [(6, 6), (7, 7), (8, 8), (255, 255)])
def test_a_program_that_refuses_the_largest_payload_is_told(taken: int, largest: int, monkeypatch) -> None:
    """Recordings seldom have events that large, so no run shows it."""
    graph = case("payload", [layer([[3]])], [[0, 0]], []).graph.changed(payload_max=7)
    monkeypatch.setattr(Used, "_takes", lambda self, graph, value, place: value <= taken)
    assert Used(Path(), Path(), None)._largest_event(graph) == largest
