"""What an export measured: in its repr, and in lines while it runs."""

from __future__ import annotations

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc

X = np.zeros((4, 6, 2), np.uint8)
X[:2, :, 0] = X[2:, :, 1] = 1
DATA = {"data": snnc.from_arrays(X, [0, 0, 1, 1], dt=0.001)}


@pytest.fixture(scope="module")
def network():
    """As 2 bits, -1 .. 1 steps of 1, the weight of 0.3 is 0: line 1 is class 0; as 3 bits it is 1 step."""
    return snnc.Network(graph(lif(2), dense([1.0, 0.0], [-1.0, 0.3])), "two")


def test_the_accuracy_before_and_after_is_in_the_repr(network, tmp_path) -> None:
    exported = network.export("c", tmp_path / "two.c", weight_bits=2, budget=True, verbose=False, **DATA)
    assert "; accuracy 100.0 -> 50.0 % of 4)" in repr(exported)
    assert "; accuracy" not in repr(network.export("c", tmp_path / "none.c", verbose=False))


def test_bits_that_were_chosen_are_in_the_repr_and_candidates_in_lines(network, tmp_path, capsys) -> None:
    exported = network.export("c", tmp_path / "few.c", max_drop=1, **DATA)
    assert np.abs(exported.graph.projections[0].synapses.weight).max() == 3
    name = network.populations[1][0]
    assert repr(exported).endswith(f"; chosen: {name} 3 bits; accuracy 100.0 -> 100.0 % of 4)")
    lines = capsys.readouterr().out.splitlines()
    assert [each for each in lines if each.startswith("candidate")] == [
        f"candidate {number}: {name} {bits} bits" for number, bits in enumerate(range(8, 1, -1), 1)
    ]
    more = snnc.from_arrays(np.tile(X, (75, 1, 1)), [0, 0, 1, 1] * 75, dt=0.001)
    exported = network.export("c", tmp_path / "more.c", max_drop=1, data=more, verbose=False)
    assert repr(exported).endswith("accuracy 100.0 -> 100.0 % of 300)")  # that the bits were chosen by
    network.export("c", tmp_path / "few.c", max_drop=1, verbose=False, overwrite=True, **DATA)
    assert not capsys.readouterr().out
