"""Certificates of single neurons, by hand from `docs/semantics.md` and `exporter/ranges/certificate.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from graph_cases import FORGET, HOLD, dense, graph_of, li, lif, source

from snnc.exporter.ranges.certificate import ADAPTATION, ARRAYS, PopulationRanges
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
    # 100, 200, 300 and the threshold 256: it ends before it fires. Nothing is sent, nothing reset; x adds 3.
    silent_end = lif(**counting | {"threshold": 4}, end=1)
    into = [silent, dense("h", "y", [[3]]), dense("x", "y", [[3]])]
    rows = [(100, 100), (200, 200), (300, 300)]
    found.append(
        CertificateCase(
            "a neuron that ends before it can fire",
            graph_of([x, silent_end, y], into, 3),
            [claim("h", (0, 0), nothing * 3, rows), claim("y", (0, 3), [(0, 192)] * 3, [(0, 192)] * 3)],
        )
    )
    # The threshold 2 is 128: 128 is no spike, 129 is one.
    for bias, sent in ((128, 0), (129, 3)):
        of, rows = lif(bias_mant=bias, threshold=2), [(0, 64 * sent)]
        found.append(
            CertificateCase(
                f"v of {bias} at the threshold 128",
                graph_of([x, of, y], [silent, dense("h", "y", [[3]])], 3),
                [claim("h", (0, 0), nothing, [(bias, bias)]), claim("y", (0, sent), rows, rows)],
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
    # u may wrap, so it is anything after: half of -2^23 + 1 .. 2^23, and again the same. The claim of step 0
    # is wider than need be, and just so wide that u may wrap.
    most = 2**18 * 64
    for name, mantissa, u_lo in (("far", -4096, -most), ("just", 0, -(2**23))):
        of = li(decay_u=HALF, decay_v=FORGET, input_bias_mant=mantissa, input_bias_exp=6)
        bias = mantissa << 6
        rows = [(u_lo, 64 * bias), (-(2**22 - 1) + 64 * bias, 2**22 + 64 * bias)]
        anything = (1 - 2**23, 2**23)
        found.append(
            CertificateCase(
                f"a current that wraps, {name}",
                graph_of([x, of], [dense("x", "y", [[0]])], 2),
                [claim("y", (bias, bias), rows, [anything, anything if bias else rows[1]])],
                fits=False,
                tight=1,
            )
        )
    return found


CERTIFICATE_CASES = _cases()
