"""How far rounding may move a score of v (clause 7), with the derivations.

The derivation for `softmax` stands at `softmax.tolerance`. `count` and `first` are integers, not rounded.
In the others v is a whole number that the floating-point type holds; scale is rounded to the type once, and
its product with v once. u is the unit of clause 7; the relative error of a rounding to nearest is u / (1 +
u) at most. X = max |v * scale| over all classes and the steps decoded; E is the number of these steps. As
scale is not subnormal and |v| is 0 or at least 1, no product is subnormal: each rounding has a relative
error.

**Each product.** Scale and product are off by a factor (1 + u / (1 + u))^2 = 1 + (2 u + 3 u^2) / (1 + u)^2,
which is less than 1 + 2 u. So p' is off from p = v * scale by less than 2 u |p|.

**`max`, `last`.** They choose one product, and rounding keeps the order of products of one class, so the
largest is that of the largest v. A score is off by 2 u X at most.

**`sum`.** A floating-point sum s' of n numbers p'_k, added in any order or tree, is off from their exact
sum s by (n - 1) u A at most, with A = sum |p'_k|, for any n. By induction, let the last addition be of the
sums of two groups, of n1 and n2 numbers, with A1 >= A2, which are off by e1 <= (n1 - 1) u A1 and e2 <= (n2
- 1) u A2.

- If A2 <= u A1: the result is the number nearest to s1' + s2', and s1' is a number of the type, so this
  addition is off by |s2'| <= A2 + e2 <= u A1 + e2 at most. Together: e1 + u A1 + 2 e2 <= n1 u A1
  + 2 (n2 - 1) u A2, which is (n1 + n2 - 1) u (A1 + A2) at most, because A2 <= A1.
- Else u A1 <= A2 and u A2 <= A1: this addition is off by u (A1 + A2 + e1 + e2) at most. Together:
  n1 u A1 + n2 u A2 + u (e1 + e2), and u (e1 + e2) <= u (n1 - 1) A2 + u (n2 - 1) A1 by the two conditions.
  The sum is again (n1 + n2 - 1) u (A1 + A2) at most.

With n = E, A <= (1 + 2 u) E X and the products' own 2 u E X, a score is off by E u X (E + 1 + 2 (E - 1) u) at
most. While E u <= 1/2 this is less than E u (E + 2) X.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.decoding import softmax
from snnc.errors import StageError
from snnc.stages.readout import SOFTMAX, Readout


def tolerance_so_far(
    decoder: str, v: npt.NDArray[np.int32], scale: softmax.Scale, dtype: npt.DTypeLike
) -> softmax.Floats:
    """The sum of the bounds in float64 and in `dtype` of the steps 0 .. t, for every t: float64 [samples, T].

    `v` is int32 [samples, T, classes]; `decoder` is one of those of v.
    """
    if decoder == SOFTMAX:
        return softmax.tolerance_so_far(v, scale, dtype)
    largest, units = softmax.largest_so_far(v, scale), softmax.both_units(dtype)
    if decoder == "sum":
        steps = np.arange(1, v.shape[1] + 1)
        sums: softmax.Floats = steps * units * (steps + 2) * largest
        return sums
    return 2 * units * largest


def check(readout: Readout, end: int, dtype: npt.DTypeLike) -> None:
    """Raise `StageError` if clause 7 has no bound for scores of `readout` in `dtype` over `end` steps."""
    of: Any = np.dtype(dtype)
    kind = np.finfo(of)
    least, allowed = float(np.min(readout.scale)), float(kind.smallest_normal)  # type: ignore[arg-type]
    if least < allowed:
        raise StageError(
            f"readout {readout.population}: scale is {least}, subnormal in {kind.dtype}, for which the "
            f"contract (clause 7) allows {allowed} and more; choose a larger scale, or decode in another type"
        )
    most = int(1 / kind.eps)
    if readout.decoder == "sum" and end > most:
        raise StageError(
            f"readout {readout.population}: sums {end} steps, the bound of clause 7 in {kind.dtype} is for "
            f"{most} at most; choose fewer steps, or decode in another type"
        )
