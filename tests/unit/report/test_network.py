"""The drawing of a graph, and the same in words."""

from __future__ import annotations

from itertools import pairwise

from graph_cases import dense, graph_of, li, lif, source

from snnc.report.network import PROJECTIONS_DRAWN, drawing, facts, projection_rows
from snnc.verification.graph_figures import network_of

# In the list y stands before h, in the contract order behind it. h -> h, h -> g and g -> h are recurrent.
GRAPH = graph_of(
    [source("x", 2), li("y"), lif("h", 3), lif("g", 1)],
    [
        dense("x", "h", [[1, 0], [1, 1], [0, 2]], [[0, 0], [3, 1], [0, 2]]),
        dense("h", "h", [[0, 1, 0], [0, 0, 1], [1, 0, 0]], 1),
        dense("h", "g", [[1, 1, 1]], 0),
        dense("g", "h", [[1], [0], [0]], 4),
        dense("h", "y", [[1, 1, 1]], 0),
        dense("g", "y", [[0]], 0),
    ],
    9,
    graph_of([source("x", 2), li("y")], [], 9).readouts,
)


def test_facts() -> None:
    assert list(facts(network_of(GRAPH)).items()) == [
        ("population x", "input, 2 lines"),
        ("x -> h", "4 synapses, delays 0 to 3"),
        ("population h", "lif, 3 neurons"),
        ("h -> h", "3 synapses, delay 1, recurrent"),
        ("h -> g", "3 synapses, delay 0, recurrent"),
        ("h -> y", "3 synapses, delay 0"),
        ("population y", "li, 1 neuron, readout sum"),
        ("population g", "lif, 1 neuron"),
        ("g -> h", "1 synapse, delay 4, recurrent"),
        ("g -> y", "0 synapses"),
    ]


def test_two_projections_of_one_pair_are_two_facts() -> None:
    twice = graph_of([source("x"), li("y")], [dense("x", "y", [[1]], 0), dense("x", "y", [[2]], 0)], 3)
    assert [name for name in facts(network_of(twice)) if "->" in name] == ["x -> y", "x -> y (2)"]


def test_boxes_and_arrows() -> None:
    drawn = drawing(network_of(GRAPH))
    assert drawn is not None
    assert [box.name for box in drawn.boxes] == ["x", "h", "y", "g"]
    below = [(box.y, box.y + box.height) for box in drawn.boxes]
    assert all(end < start for (_, end), (start, _) in pairwise(below))
    assert below[-1][1] <= drawn.height
    assert [arrow.recurrent for arrow in drawn.arrows] == [False, True, True, True, False, False]
    assert "3 of them recurrent" in drawn.alternative
    heights = []
    for arrow, each in zip(drawn.arrows, GRAPH.projections, strict=True):
        points = [tuple(map(int, point.split(","))) for point in arrow.points.split()]
        for (_, y), name in ((points[0], each.source), (points[-1], each.destination)):
            place = [box.name for box in drawn.boxes].index(name)
            assert below[place][0] < y < below[place][1]
            heights.append(y)
        assert max(x for x, _ in points) <= drawn.width
    assert len(set(heights)) == len(heights), "no two arrows meet a box at one place"


def test_a_table_says_the_same() -> None:
    first, loop, *_, none = projection_rows(network_of(GRAPH))
    assert (first["from"], first["to"], first["synapses"]) == ("x", "h", 4)
    assert (first["least delay"], first["longest delay"], first["recurrent"]) == (0, 3, False)
    assert loop["recurrent"]
    assert (none["synapses"], none["longest delay"]) == (0, None)


def test_what_is_too_large_is_not_drawn() -> None:
    network = network_of(GRAPH)
    many = network | {"projections": network["projections"] * PROJECTIONS_DRAWN}
    assert drawing(many) is None
