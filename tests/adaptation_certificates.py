"""Certificates of single `adlif` neurons, worked out by hand like those of `certificate_cases.py`."""

from __future__ import annotations

from dataclasses import replace

from certificate_cases import HALF, TOP, CertificateCase, claim
from graph_cases import FORGET, HOLD, adlif, dense, graph_of, source

from snnc.exporter.ranges.certificate import PopulationRanges


def _cases() -> list[CertificateCase]:
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
    # v is clipped: u is 2^17 << 6, which does not wrap, and the bias 4095 << 7. So v + w is TOP, not v + 0.
    # In step 1 half of TOP is added.
    of = adlif(decay_v=HALF, reset="none", input_bias_mant=2048, input_bias_exp=6, bias_mant=4095, bias_exp=7)
    v = 2**23 + (4095 << 7)
    found.append(
        CertificateCase(
            "v is clipped",
            graph_of([x, of], [silent], 2),
            [
                claim(
                    "h",
                    (2**17, 2**17),
                    [(2**23, 2**23)] * 2,
                    [(v, v), (v + 2**22 - 1,) * 2],
                    [(0, 0)] * 2,
                    [((1, 1), [(TOP, TOP)] * 2), ((-1, 1), [(-TOP, -TOP)] * 2)],
                )
            ],
            fits=False,
        )
    )
    # Row 0 is wider than it need be. w' = w + v may be clipped, v' = u - w is not. Without the clip v' + w'
    # would be u + v.
    of = adlif(ka=4096, threshold=2**17 - 1, order="old")
    found.append(
        CertificateCase(
            "w is clipped",
            graph_of([x, of], [dense("x", "h", [[1]])], 2),
            [
                claim(
                    "h",
                    (0, 1),
                    [(0, 64)] * 2,
                    [(0, 64), (-TOP, 64)],
                    [(0, TOP), (0, TOP + 64)],
                    [((1, 1), [(0, TOP + 64), (-TOP, TOP + 64)]), ((-1, 1), [(-64, TOP), (-64, 2 * TOP)])],
                )
            ],
            fits=False,
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


ADAPTATION_CERTIFICATES = _cases()
