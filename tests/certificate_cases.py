"""Certificates of single neurons, worked out by hand from `docs/semantics.md` and `exporter/ranges.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from graph_cases import FORGET, HOLD, adlif, dense, graph_of, li, lif, source

from snnc.exporter.ranges import ADAPTATION, ARRAYS, PopulationRanges
from snnc.stages import QuantizedGraph

Rows = Sequence[tuple[int, int]]
HALF = 2048
TOP = 2**23 - 1


@dataclass(frozen=True)
class CertificateCase:
    """A certificate that follows; no bound of it may be narrower by one in the rows from `tight` on."""

    name: str
    graph: QuantizedGraph
    claims: list[PopulationRanges]
    fits: bool = True
    tight: int = 0


def claim(
    name: str,
    a: tuple[int, int],
    u: Rows,
    v: Rows,
    w: Rows | None = None,
    mixed: Sequence[tuple[tuple[int, int], Rows]] = (),
) -> PopulationRanges:
    """Of one neuron. Each of `mixed` is a form (p, q) and its rows."""
    arrays: dict[str, Any] = {"a_lo": a[:1], "a_hi": a[1:]}
    states = {"u": u, "v": v} if w is None else {"u": u, "v": v, "w": w}
    for variable, rows in states.items():
        arrays |= {f"{variable}_{end}": [[row[k]] for row in rows] for k, end in enumerate(("lo", "hi"))}
    if w is not None:
        arrays["forms"] = [[[p], [q]] for (p, q), _ in mixed]
        values = np.array([rows for _, rows in mixed])  # [forms, rows, 2]
        arrays |= {f"mixed_{end}": values[:, :, k].T[:, :, None] for k, end in enumerate(("lo", "hi"))}
    return PopulationRanges(name, **arrays)


def narrowed(one: PopulationRanges, tight: int) -> list[tuple[str, int, PopulationRanges]]:
    """With each number from row `tight` on narrower by one: the variable as messages name it, and the row."""
    found = []
    for name in (*ARRAYS, *(ADAPTATION if one.adapts else ())):
        values = np.array(getattr(one, name))
        for at in np.ndindex(values.shape) if name != "forms" else ():
            row = 0 if name.startswith("a_") else at[0]
            if row < tight and name[0] != "a":
                continue
            changed = values.copy()
            changed[at] += 1 if name.endswith("lo") else -1
            variable = f"form {at[1]} of v and w" if name.startswith("mixed") else name[0]
            found.append((variable, row, replace(one, **{name: changed})))
    return found


def _cases() -> list[CertificateCase]:
    x, y = source(), li(decay_v=FORGET)
    nothing, silent = [(0, 0)], dense("x", "h", [[0]])
    counting = {"decay_v": HOLD, "bias_mant": 100, "threshold": 2}  # 100 in each step, spikes above 128
    found = []

    # Payloads 0 .. 3: 3 * (2 << 1) = 12 above, 3 * -1 below, and 5 << 1 to both; then times 64.
    two = [dense("x", "y", [[2]], exp=1), dense("x", "y", [[-1]])]
    of = replace(y, input_bias_mant=5, input_bias_exp=1)
    found.append(
        CertificateCase(
            "payload, exponents, two projections, and an input bias",
            graph_of([source(payload_max=3), of], two, 1),
            [claim("y", (7, 22), [(448, 1408)], [(448, 1408)])],
        )
    )
    # The input ends at step 2; its events arrive in steps 1 and 2. Row 3 stays.
    rows = [(0, 0), (-64, 192), (-64, 192), (0, 0)]
    found.append(
        CertificateCase(
            "an input that ends",
            graph_of([source(neurons=2, end=2), y], [dense("x", "y", [[3, -1]], 1)], 9),
            [claim("y", (-1, 3), rows, rows)],
        )
    )
    # 100; 200 fires; then 0 + 100 again. What fires first in step 1 arrives from then on.
    held = [(100, 100), (200, 200), (100, 200), (100, 228)]
    graph = graph_of([x, lif(**counting), y], [silent, dense("h", "y", [[3]])], 4)
    # From 100 or 200 (reset to 0): the next is 100 .. 228, as v up to 128 stays; from then on the same.
    after = [(0, 0), (0, 192), (0, 192), (0, 192)]
    exact = [(100, 100), (200, 200), (100, 100), (200, 200)]
    found.append(
        CertificateCase(
            "a neuron that first fires in step 1",
            graph,
            [claim("h", (0, 0), nothing * 4, exact), claim("y", (0, 3), after, after)],
        )
    )
    # Wider in row 2: then v may be reset (to 0) or stay (up to 128): 100 .. 228.
    wide = [claim("h", (0, 0), nothing * 4, held), claim("y", (0, 3), after, after)]
    found.append(CertificateCase("zero: what may fire and what stays", graph, wide, tight=3))
    # It ends before it fires: nothing is sent, nothing reset.
    never = graph_of([x, lif(**counting, end=1), y], [silent, dense("h", "y", [[3]])], 3)
    rows = [(100, 100), (200, 200), (300, 300)]
    found.append(
        CertificateCase(
            "a neuron that ends before it can fire",
            never,
            [claim("h", (0, 0), nothing * 3, rows), claim("y", (0, 0), nothing, nothing)],
        )
    )
    # Fires in step 1, the last one before its end, which arrives in step 2 alone; 200 of step 3 stays.
    ended = graph_of([x, lif(**counting, end=2), y], [silent, dense("h", "y", [[-3]], 1)], 5)
    rows = [(100, 100), (200, 200), (100, 100), (200, 200), (300, 300)]
    late = [(0, 0), (0, 0), (-192, 0), (0, 0)]
    found.append(
        CertificateCase(
            "a neuron that ends after its first spike",
            ended,
            [claim("h", (0, 0), nothing * 5, rows), claim("y", (-3, 0), late, late)],
        )
    )
    # v 0 .. 192: up to 128 stays, 129 .. 192 becomes -191 .. -128; then -191 .. 128 + 0 .. 192; 129 .. 320
    # becomes -191 .. 0, and with what stays -191 .. 128.
    hold = {"decay_v": HOLD, "threshold": 2}
    u = [(0, 192)]
    lowered = lif(reset="subtract", reset_by=5, **hold)
    rows = [(0, 192), (-191, 320), (-382, 320)]
    found.append(
        CertificateCase(
            "subtract",
            graph_of([x, lowered], [dense("x", "h", [[3]])], 3),
            [claim("h", (0, 3), u * 3, [rows[0], rows[1], (-191, 320)])],
        )
    )
    found.append(
        CertificateCase(
            "none",
            graph_of([x, lif(reset="none", **hold)], [dense("x", "h", [[3]])], 3),
            [claim("h", (0, 3), u * 3, [(0, 192), (0, 384), (0, 576)])],
        )
    )
    # It can fire in step 0, and feeds itself from step 1 on; v forgets all.
    rows = [(0, 64), (0, 192)]
    found.append(
        CertificateCase(
            "a synapse to itself",
            graph_of([x, lif()], [dense("x", "h", [[1]]), dense("h", "h", [[2]], 1)], 7),
            [claim("h", (0, 3), rows, rows)],
        )
    )
    # h fires from step 0 on, g only if h does: in the same step. g comes later in the contract order, but
    # earlier in the list, and h hears it one step later.
    ring = [dense("x", "h", [[1]]), dense("h", "g", [[2]]), dense("g", "h", [[-4]], 1)]
    found.append(
        CertificateCase(
            "a cycle of two",
            graph_of([lif("g"), x, lif("h")], ring, 7),
            [
                claim("g", (0, 2), [(0, 128)], [(0, 128)]),
                claim("h", (-4, 1), [(0, 64), (-256, 64)], [(0, 64), (-256, 64)]),
            ],
        )
    )
    # u may wrap, so it is anything after: half of -2^23 + 1 .. 2^23, and again the same.
    most = 2**18 * 64
    of = li(decay_u=HALF, decay_v=FORGET, input_bias_mant=-4096, input_bias_exp=6)
    rows = [(-most, -most), (-(2**22 - 1) - most, 2**22 - most)]
    found.append(
        CertificateCase(
            "a current that wraps",
            graph_of([x, of], [dense("x", "y", [[0]])], 2),
            [claim("y", (-(2**18), -(2**18)), rows, [(1 - 2**23, 2**23)] * 2)],
            fits=False,
        )
    )
    return found + _adaptation_cases()


def _adaptation_cases() -> list[CertificateCase]:
    x, found = source(), []
    silent = dense("x", "h", [[0]])

    # u is 0 .. 128, v[t] = u - w[t], and w[t] half of v[t - 1], or 10 where it was above 64 and was reset.
    # v + w = u. -v + w = 2 w - u, of which the box of v and w is the narrower bound, but for the lower end
    # of row 2: -128 - 2 * 16 - 4, the box says -144 - 16.
    of = adlif(decay_w=FORGET, ka=HALF, kb=10, threshold=1)
    found.append(
        CertificateCase(
            "new: what v and w were",
            graph_of([x, of], [dense("x", "h", [[2]])], 5),
            [
                claim(
                    "h",
                    (0, 2),
                    [(0, 128)] * 3,
                    [(0, 128), (-32, 128), (-32, 144)],
                    [(0, 0), (0, 32), (-16, 32)],
                    [((1, 1), [(0, 128)] * 3), ((-1, 1), [(-128, 0), (-128, 64), (-160, 64)])],
                )
            ],
        )
    )
    # Each step adds 100 to v, which keeps all and spikes in step 0; then 32 is subtracted (r << 6 with r = 1
    # is 64), and w gets kb = -7: v 36 + 100 - w of step 0 = 136, w -7; then 72 + 100 + 7 = 179, w -14.
    of = adlif(decay_v=HOLD, kb=-7, order="old", threshold=0, reset="subtract", reset_by=1, bias_mant=100)
    rows_v, rows_w = [100, 136, 179], [0, -7, -14]
    found.append(
        CertificateCase(
            "old, subtract: each step follows from the one before",
            graph_of([x, of], [silent], 3),
            [_exact("h", [0] * 3, rows_v, rows_w, [(1, 1), (-1, 1)])],
        )
    )
    # With new, v gets the w of its own step: 36 + 100 + 7 = 143; 79 + 100 + 14 = 193.
    found.append(
        CertificateCase(
            "new, subtract",
            graph_of([x, replace(of, order="new")], [silent], 3),
            [_exact("h", [0] * 3, [100, 143, 193], rows_w, [(1, 1), (-1, 1)])],
        )
    )
    # reset none, and the end at step 2: S[1] = 1 still counts in step 2, S[2] = 0 in step 3.
    of = adlif(kb=-50, decay_w=FORGET, reset="none", bias_mant=100, end=2)
    found.append(
        CertificateCase(
            "an end",
            graph_of([x, of], [silent], 9),
            [_exact("h", [0] * 4, [100, 150, 150, 100], [0, -50, -50, 0], [(1, 1), (-1, 1)])],
        )
    )
    # Row 0 is wider than it need be: v and w 0 .. 100, and v + w up to 120. v and w keep all, w gets v.
    # w' = v + w <= 120, and 1 for what two products may round. v' = u - w': -100 - 2 .. 64 + 2.
    # v' + w' = v + u. -v' + w' <= 66 + 121 by the box.
    of = adlif(decay_v=HOLD, ka=4096, threshold=2)
    found.append(
        CertificateCase(
            "a corner of the polygon",
            graph_of([x, of], [dense("x", "h", [[1]])], 2),
            [
                claim(
                    "h",
                    (0, 1),
                    [(0, 64)] * 2,
                    [(0, 100), (-102, 66)],
                    [(0, 100), (0, 121)],
                    [((1, 1), [(0, 120), (0, 164)]), ((-1, 1), [(-100, 100), (-66, 223)])],
                )
            ],
            tight=1,
        )
    )
    # The same near the limit, with v up to the threshold: w' <= most + 1. If that is not clipped, the forms
    # say v' <= 64 + 2 and 0 <= v' + w' <= v + u; all others, and all if it is, intervals and the box say.
    of = adlif(decay_v=HOLD, ka=4096, threshold=2**17 - 1)
    top_v = 64 * (2**17 - 1)
    for most, v_hi, both, less in (
        (TOP - 1, 66, (0, top_v + 64), (-66, 2 * TOP)),
        (TOP, top_v + 64, (-TOP, 2 * TOP), (-TOP, 2 * TOP)),
    ):
        found.append(
            CertificateCase(
                f"w up to {most}",
                graph_of([x, of], [dense("x", "h", [[1]])], 2),
                [
                    claim(
                        "h",
                        (0, 1),
                        [(0, 64)] * 2,
                        [(0, top_v), (-TOP, v_hi)],
                        [(0, most), (0, most + 1)],
                        [((1, 1), [(0, most), both]), ((-1, 1), [(-top_v, most), less])],
                    )
                ],
                fits=most < TOP,
                tight=1,
            )
        )
    return found


def _exact(
    name: str, u: list[int], v: list[int], w: list[int], forms: list[tuple[int, int]]
) -> PopulationRanges:
    """Of a neuron without an input, whose states are known."""
    both = [((p, q), [(p * a + q * b,) * 2 for a, b in zip(v, w, strict=True)]) for p, q in forms]
    return claim(name, (0, 0), *([(x, x) for x in rows] for rows in (u, v, w)), both)


CERTIFICATE_CASES = _cases()
