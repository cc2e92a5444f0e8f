"""Ranges of graphs worked out by hand: the interval of every step of neuron 0 of one population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from golden import FORGET, HOLD, L
from graph_cases import adlif, dense, graph_of, li, lif, listed, source

from snnc.stages import Projection, QuantizedGraph

HALF = 2048
Interval = tuple[int, int]


@dataclass(frozen=True)
class GraphRangeCase:
    """`rows`: a state -> its interval in each step, in the population `of`."""

    name: str
    graph: QuantizedGraph
    rows: dict[str, list[Interval]]
    of: str = "h"


SUBTRACTING: dict[str, Any] = {"decay_v": HOLD, "reset": "subtract", "threshold": 4}

HALVES: dict[str, Any] = {"decay_v": HALF, "decay_w": HALF, "ka": 1024, "kb": 100, "threshold": 2}
"""Half of v and of w remains, a quarter of v is added to w, and 100 for a spike; vth << 6 = 128."""

GRAPH_RANGE_CASES = [
    # a = 6 .. 8 in each step: u = 384 .. 512, then half of it more, then half of that more.
    GraphRangeCase(
        "the input bias passes through the current",
        graph_of(
            [source(), li("h", decay_u=HALF, input_bias_mant=3, input_bias_exp=1)],
            [dense("x", "h", [[2]])],
            3,
        ),
        {"u": [(384, 512), (576, 768), (672, 896)], "v": [(384, 512), (960, 1280), (1632, 2176)]},
    ),
    # Payloads up to 3 times 2 << 1, and spikes -1 << 3: a = -8 .. 12 in step 0, where g can spike, too.
    GraphRangeCase(
        "projections add up, with exponents and payloads of their own",
        graph_of(
            [source(payload_max=3), lif("g"), li("h", decay_v=FORGET)],
            [dense("x", "g", [[1]]), dense("x", "h", [[2]], exp=1), dense("g", "h", [[-1]], exp=3)],
            1,
        ),
        {"u": [(-512, 768)]},
    ),
    # 2 from step 0 on, -1 from step 1 on: both in one step, of two spikes.
    GraphRangeCase(
        "two synapses of one pair count from their own steps on",
        graph_of(
            [source(), li("h", decay_v=FORGET)],
            [Projection("x", "h", listed(1, 1, (0, 0, 2, 0), (0, 0, -1, 1)))],
            2,
        ),
        {"u": [(0, 128), (-64, 128)]},
    ),
    # Events of steps 0 and 1 arrive in 2 and 3.
    GraphRangeCase(
        "after the end of an input nothing is sent",
        graph_of([source(end=2), li("h")], [dense("x", "h", [[1]], 2)], 5),
        {"u": [(0, 0), (0, 0), (0, 64), (0, 64), (0, 0)], "v": [(0, 0), (0, 0), (0, 64), (0, 128), (0, 128)]},
    ),
    # x reaches h in step 1, so its own spike arrives in step 3.
    GraphRangeCase(
        "a population that leads to itself",
        graph_of([source(), lif()], [dense("x", "h", [[3]], 1), dense("h", "h", [[5]], 2)], 4),
        {"u": [(0, 0), (0, 192), (0, 192), (0, 512)]},
    ),
    # h spikes by its bias alone. In step 0, g gets 7 and meets its threshold; from step 1 on it gets 1 from
    # h, too, and passes it. From then on it counts: h gets 2 of it at once.
    GraphRangeCase(
        "a cycle of which one part acts at once",
        graph_of(
            [source(), lif(bias_mant=1, end=3), lif("g", threshold=7)],
            [dense("x", "g", [[7]]), dense("g", "h", [[2]]), dense("h", "g", [[1]], 1)],
            5,
        ),
        {"u": [(0, 0), (0, 128), (0, 128), (0, 128), (0, 128)]},
    ),
    # The other population of that cycle: the end of h is 3, so what it sent arrives in steps 1 .. 3.
    GraphRangeCase(
        "after its end a population in a cycle sends nothing",
        graph_of(
            [source(), lif(bias_mant=1, end=3), lif("g", threshold=7)],
            [dense("x", "g", [[7]]), dense("g", "h", [[2]]), dense("h", "g", [[1]], 1)],
            5,
        ),
        {"u": [(0, 448), (0, 512), (0, 512), (0, 512), (0, 448)]},
        of="g",
    ),
    # Half of 256 more, and half of that: the spike changes nothing.
    GraphRangeCase(
        "without a reset v stays",
        graph_of([source(), lif(decay_v=HALF, reset="none", threshold=1)], [dense("x", "h", [[4]])], 3),
        {"v": [(0, 256), (0, 384), (0, 448)]},
    ),
    # vth << 6 = 256, r << 6 = 384. 257 .. 320 becomes -127 .. -64, so -127 .. 256 is kept. Then 257 .. 576
    # becomes -127 .. 192, which changes nothing of it.
    GraphRangeCase(
        "subtraction leaves less than nothing",
        graph_of(
            [source(), lif(**SUBTRACTING, reset_by=6)],
            [dense("x", "h", [[5]])],
            3,
        ),
        {"v": [(0, 320), (-127, 576), (-127, 576)]},
    ),
    # r << 6 = 64: of 320, 256 is left; of 576, 512; of 832, 768.
    GraphRangeCase(
        "subtraction leaves more than the threshold",
        graph_of(
            [source(), lif(**SUBTRACTING, reset_by=1)],
            [dense("x", "h", [[5]])],
            3,
        ),
        {"v": [(0, 320), (0, 576), (0, 832)]},
    ),
    # 320 is reset to 0 in step 0, not in step 1: 256 + 320, and that again.
    GraphRangeCase(
        "after its end a population is not reset",
        graph_of([source(), lif(decay_v=HOLD, threshold=4, end=1)], [dense("x", "h", [[5]])], 3),
        {"v": [(0, 320), (0, 576), (0, 896)]},
    ),
    # Step 1: what did not spike has v <= 128: w = 0 .. 32, and v = v / 4 + u <= 32 + 192, with less than 3
    # for rounding 226. What did has v = 0: w = 100, v = 0 - 100 .. 192 - 100.
    GraphRangeCase(
        "adaptation in the new order knows that w and v go together",
        graph_of([source(), adlif(**HALVES)], [dense("x", "h", [[3]])], 2),
        {"w": [(0, 0), (0, 100)], "v": [(0, 192), (-100, 226)]},
    ),
    # v of step 1 takes w of step 0, which is 0: 64 + 192.
    GraphRangeCase(
        "adaptation in the old order",
        graph_of([source(), adlif(**HALVES, order="old")], [dense("x", "h", [[3]])], 2),
        {"w": [(0, 0), (0, 100)], "v": [(0, 192), (0, 256)]},
    ),
    # ka = -1024: w = -32 .. 0 of what did not spike, -100 of what did (kb). v = v / 2 + u - w is at most
    # 64 + 192 + 32 of the former, 192 + 100 of the latter.
    GraphRangeCase(
        "adaptation of the other sign",
        graph_of([source(), adlif(**HALVES | {"ka": -1024, "kb": -100})], [dense("x", "h", [[3]])], 2),
        {"w": [(0, 0), (-100, 0)], "v": [(0, 192), (0, 292)]},
    ),
    # Subtraction of 64: 129 .. 192 becomes 65 .. 128, of which a quarter is 16 .. 32, and 100 more. The
    # others: 0 .. 32.
    GraphRangeCase(
        "w takes v after the subtraction",
        graph_of([source(), adlif(**HALVES, reset="subtract", reset_by=1)], [dense("x", "h", [[3]])], 2),
        {"w": [(0, 0), (0, 132)]},
    ),
    # The end is 1: S[0] counts in step 1, S[1] does not exist. w: 100, half of it and no more; v = u - w.
    GraphRangeCase(
        "after its end a population adapts no more by spikes",
        graph_of([source(), adlif(decay_w=HALF, kb=100, bias_mant=1, end=1)], [dense("x", "h", [[3]])], 3),
        {"w": [(0, 0), (100, 100), (50, 50)], "v": [(1, 193), (-99, 93), (-49, 143)]},
    ),
    # By its bias 1 alone it spikes in every step: w = -t << 20, v = 1 - w. In step 8, w is clipped to -L + 1.
    GraphRangeCase(
        "w is clipped",
        graph_of([source(), adlif(kb=-(1 << 20), bias_mant=1)], [dense("x", "h", [[0]])], 10),
        {
            "w": [(-t << 20, -t << 20) for t in range(9)] + [(-L + 1 - (1 << 20),) * 2],
            "v": [(1 + (t << 20),) * 2 for t in range(8)] + [(L,) * 2] * 2,
        },
    ),
]


def found_rows(case: GraphRangeCase, ranges: object) -> dict[str, list[Interval]]:
    """What a prover gave, of the states of the case."""
    one = next(each for each in ranges if each.population == case.of)  # type: ignore[attr-defined]
    steps = [min(t, len(one.u_lo) - 1) for t in range(case.graph.time_steps)]
    return {
        state: [
            (int(getattr(one, f"{state}_lo")[t, 0]), int(getattr(one, f"{state}_hi")[t, 0])) for t in steps
        ]
        for state in case.rows
    }
