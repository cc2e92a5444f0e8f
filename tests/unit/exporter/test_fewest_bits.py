"""The search for the fewest bits, with networks and recordings that are made up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.api.progress import Lines
from snnc.errors import LimitError, StageError
from snnc.exporter.calibration import Calibration, RecordedLoss
from snnc.exporter.fewest_bits import fewest_bits, synapse_bytes
from snnc.exporter.placement.network import Connections, network_of
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.stages.losses import BitsCandidate, BitsSearch, Recordings

Bits = tuple[int, ...]


def part(name: str, weight, delay, threshold: int | None) -> QuantizedLayer:
    weight = np.array(weight)
    return QuantizedLayer(name, weight, np.array(delay), np.zeros(len(weight)), 0, 4096, 2048, threshold)


def graph() -> QuantizedGraph:
    """Two layers that take 20 and 4 bits, so 3 and 1 bytes; see `test_bytes_by_hand`."""
    hidden = part("hidden1", [[1, -1], [1, 0]], [[4, 0], [1, 9]], 5)
    return QuantizedGraph.chain((hidden, part("readout", [[1, 1]], [[0, 0]], None)), 10, 0.01, 1.0, ("a",))


def search(
    correct, *, most=8, max_drop=1.0, reference=200, count=200, sizes=(10, 20), split="validation", **told
) -> BitsSearch:
    """`correct`: bits -> recordings decoded right, or an error that building the network raises."""
    asked: list[Bits] = []

    def build(bits: Bits) -> QuantizedGraph:
        asked.append(bits)
        if isinstance(found := correct(bits), Exception):
            raise found
        return graph() if len(bits) == 2 else chain(len(bits))

    class Fake(Calibration):
        def measure(self, graph: QuantizedGraph) -> RecordedLoss:
            return RecordedLoss(correct(asked[-1]), 0.0)

    names = {f"l{k}": size for k, size in enumerate(sizes)}
    data = Fake(split, 999, np.zeros((count, 1, 1), np.uint8), np.zeros(count, np.int64))
    found = fewest_bits(build, names, most, max_drop, reference, data, **told)
    assert [candidate.bits for candidate in found.candidates] == asked  # each is built once
    return found


@pytest.mark.parametrize(
    ("weight", "delay", "expected"),
    [
        ([[1, -1], [1, 0]], [[4, 0], [1, 9]], 3),  # a table of 2 x 2 places of 2 + 3 bits: 20
        ([[7, -1], [1, 0]], [[4, 0], [1, 9]], 4),  # of 4 + 3 bits: 28
        ([[1, 1]], [[0, 0]], 1),  # of 1 x 2 places of 2 bits: 4
        ([[1] + [0] * 6] * 2, [[0] * 7] * 2, 1),  # a table of 2 x 1: 4, since six sources have no synapse
        ([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], [[0] * 4] * 4, 4),  # a list is longer
        (np.eye(8, dtype=int), [[0] * 8] * 8, 9),  # a list: 8 of 2 + 3 bits, and 8 counts of 4 bits: 72
    ],
)
def test_bytes_by_hand(weight, delay, expected: int) -> None:
    layer = part("l", weight, delay, None)
    graph = QuantizedGraph.chain((layer,), 10, 0.01, 1.0, tuple(map(str, range(len(weight)))))
    assert tuple(map(synapse_bytes, network_of(graph))) == (expected,)


def test_an_empty_layer_takes_nothing() -> None:
    assert synapse_bytes(Connections("l", np.zeros((1, 2), np.bool_), 8, 3)) == 0


def test_by_hand() -> None:
    """All alike: 5 bits are enough. Then the larger layer: 3; then the smaller: 2 is not, 4 is."""
    enough = {(8, 8), (7, 7), (6, 6), (5, 5), (5, 3), (4, 3)}
    found = search(lambda bits: 198 if bits in enough else 197)
    assert found.chosen == (4, 3)
    assert [candidate.bits for candidate in found.candidates] == [
        *((bits, bits) for bits in (8, 7, 6, 5, 4, 3, 2)),
        *((5, 2), (5, 3)),
        *((2, 3), (4, 3)),  # (3, 3) is known already
    ]
    assert found.best == BitsCandidate((4, 3), 198, (3, 2), (3, 1))
    assert found.recordings == Recordings("validation", 200, 999)
    assert found.layers == ("l0", "l1")


def test_each_candidate_is_told_with_all_bits_by_name(capsys) -> None:
    enough = {(4, 4, 4), (4, 2, 4)}
    search(lambda bits: 200 if bits in enough else 0, most=4, sizes=(1, 3, 2), progress=Lines(True))
    assert capsys.readouterr().out.splitlines() == [
        "candidate 1: l0 4, l1 4, l2 4 bits",
        "candidate 2: l0 3, l1 3, l2 3 bits",
        "candidate 3: l0 2, l1 2, l2 2 bits",
        "candidate 4: l0 4, l1 2, l2 4 bits",
        "candidate 5: l0 4, l1 2, l2 2 bits",
        "candidate 6: l0 4, l1 2, l2 3 bits",
        "candidate 7: l0 2, l1 2, l2 4 bits",
        "candidate 8: l0 3, l1 2, l2 4 bits",
    ]


def test_the_budget_is_inclusive() -> None:
    assert search(lambda bits: 198, max_drop=1.0).chosen == (2, 2)  # 2 of 200 are 1 point
    with pytest.raises(LimitError, match=r"--max-drop 0\.99: 200 of 200 validation recordings .*"):
        search(lambda bits: 198, max_drop=0.99)


def test_a_network_that_gains_is_fine() -> None:
    assert search(lambda bits: 200, reference=150, max_drop=0).chosen == (2, 2)


def test_what_would_have_been_enough_is_named() -> None:
    with pytest.raises(
        LimitError, match=r"at most 190 with integers \(6-bit weights\); allow --max-drop 5\.00$"
    ) as error:
        search(lambda bits: 190 if bits[0] == 6 else 100)
    least = float(str(error.value).split("allow --max-drop ")[1])
    assert search(lambda bits: 190 if bits == (6, 6) else 100, max_drop=least).chosen == (6, 6)


def test_networks_that_do_not_exist() -> None:
    found = search(lambda bits: 200 if min(bits) >= 4 else LimitError(f"no {bits}"))
    assert found.chosen == (4, 4)
    assert found.candidates[5] == BitsCandidate((3, 3), None, problem="no (3, 3)")
    found = search(lambda bits: StageError("too much") if bits == (8, 8) else 200)
    assert found.found[0].bits == (7, 7)
    with pytest.raises(LimitError, match="no number of bits gives a network: all wrong"):
        search(lambda bits: LimitError("all wrong"))


@given(
    st.integers(1, 4),
    st.integers(2, 8),
    st.integers(0, 2**32 - 1),
    st.floats(0, 50),
)
def test_what_is_chosen_keeps_to_the_budget(layers: int, most: int, seed: int, max_drop: float) -> None:
    def correct(bits: Bits) -> int:
        rng = np.random.default_rng([seed, *bits])
        return int(min(200, rng.integers(0, 60) + 25 * np.mean(bits)))

    sizes = tuple(np.random.default_rng(seed).integers(1, 99, layers).tolist())
    alike = [correct((bits,) * layers) for bits in range(2, most + 1)]
    allowed = 200 * (1 - max_drop / 100) - 1e-6
    names = {f"l{k}": size for k, size in enumerate(sizes)}
    measured: list[int] = []

    class Fake(Calibration):
        def measure(self, graph: QuantizedGraph) -> RecordedLoss:
            return RecordedLoss(measured[-1], 0.0)

    def build(bits: Bits) -> QuantizedGraph:
        measured.append(correct(bits))
        return chain(layers)

    data = Fake("validation", 200, np.zeros((200, 1, 1), np.uint8), np.zeros(200, np.int64))
    if max(alike) < allowed:
        with pytest.raises(LimitError, match="--max-drop"):
            fewest_bits(build, names, most, max_drop, 200, data)
        return
    found = fewest_bits(build, names, most, max_drop, 200, data)
    assert correct(found.chosen) == found.best.correct >= allowed
    assert len(measured) == len(found.candidates) <= (most - 1) * (layers + 1)
    fewest_alike = next(bits for bits, right in enumerate(alike, start=2) if right >= allowed)
    assert max(found.chosen) <= fewest_alike
    assert min(found.chosen) >= 2


def chain(layers: int) -> QuantizedGraph:
    parts = [part(f"l{k}", [[1]], [[0]], None if k == layers - 1 else 1) for k in range(layers)]
    return QuantizedGraph.chain(tuple(parts), 3, 0.01, 1.0, ("a",))


def test_a_search_that_contradicts_itself_is_refused() -> None:
    candidate = BitsCandidate((8,), 3, (1,), (1,))
    good = {"recordings": Recordings("v", 5, 5), "max_drop": 1.0, "reference": 4, "layers": ("a",)}
    assert BitsSearch(**good, candidates=(candidate,), chosen=(8,)).best == candidate
    with pytest.raises(StageError, match="chosen bits"):
        BitsSearch(**good, candidates=(candidate,), chosen=(4,))
    with pytest.raises(StageError, match="6 of 5 recordings"):
        BitsSearch(**good, candidates=(BitsCandidate((8,), 6, (1,), (1,)),), chosen=(8,))
    with pytest.raises(StageError, match="expected one for each of 1 layers"):
        BitsSearch(**good, candidates=(BitsCandidate((8,), 3),), chosen=(8,))
