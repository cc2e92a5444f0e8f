"""Clause 7: scores and classes of a readout, after the last step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snnc.stages import Readout
from snnc.stages.readout import OF_SPIKES
from snnc.targets.onnx.block import BATCH, Array, Block


def decode(main: Block, readout: Readout, source: str, steps: tuple[int, int], tag: str) -> list[Array]:
    """Add `scores` and `class`, each followed by `tag`, and return them.

    `source` names v or the spikes of the readout, [batch, T, classes]; `steps` are its E, and T. Scores are
    float64; whatever needs no scale is computed in whole numbers until then, which rounds less.
    """
    end, total = steps
    kind = "s" if readout.decoder in OF_SPIKES else "v"
    if end < total and readout.decoder != "last":
        bounds = [
            main.constant(f"own_{name}{tag}", [at]) for name, at in (("first", 0), ("end", end), ("axis", 1))
        ]
        source = main("Slice", source, *bounds, name=f"{kind}{tag}.own")
    DECODERS[readout.decoder](main, readout, source, end, tag)
    main("ArgMax", f"scores{tag}", name=f"class{tag}", axis=1, keepdims=0)
    classes = len(readout.class_names)
    return [Array(f"scores{tag}", "DOUBLE", (BATCH, classes)), Array(f"class{tag}", "INT64", (BATCH,))]


def _softmax(main: Block, readout: Readout, v: str, end: int, tag: str) -> None:
    scale = _scale(main, readout, tag)
    scaled = main("Mul", main.cast(v, "DOUBLE", f"v{tag}.float"), scale, name=f"v{tag}.scaled")
    shares = main("Softmax", scaled, name=f"v{tag}.shares", axis=2)
    over_time = main.constant(f"time_axis{tag}", [1])
    main("ReduceSum", shares, over_time, name=f"scores{tag}", keepdims=0)


def _sum(main: Block, readout: Readout, v: str, end: int, tag: str) -> None:
    """The sum is exact, so it is off by two roundings only, that of `scale` and that of the product."""
    wide = main.cast(v, "INT64", f"v{tag}.wide")
    over_time = main.constant(f"time_axis{tag}", [1])
    total = main("ReduceSum", wide, over_time, name=f"v{tag}.total", keepdims=0)
    _scaled(main, readout, total, tag)


def _max(main: Block, readout: Readout, v: str, end: int, tag: str) -> None:
    """A scale is positive: the largest product is that of the largest v."""
    _scaled(main, readout, main("ReduceMax", v, name=f"v{tag}.largest", axes=[1], keepdims=0), tag)


def _last(main: Block, readout: Readout, v: str, end: int, tag: str) -> None:
    at = main.constant(f"last{tag}", end - 1)
    _scaled(main, readout, main("Gather", v, at, name=f"v{tag}.last", axis=1), tag)


def _count(main: Block, readout: Readout, s: str, end: int, tag: str) -> None:
    ones = main.cast(s, "INT64", f"s{tag}.ones")
    over_time = main.constant(f"time_axis{tag}", [1])
    main.cast(main("ReduceSum", ones, over_time, name=f"s{tag}.total", keepdims=0), "DOUBLE", f"scores{tag}")


def _first(main: Block, readout: Readout, s: str, end: int, tag: str) -> None:
    """A spike in step t is worth E - t, so the first is worth most."""
    worth = main.constant(f"worth{tag}", np.arange(end, 0, -1)[:, None])
    worths = main("Mul", main.cast(s, "INT64", f"s{tag}.ones"), worth, name=f"s{tag}.worths")
    first = main("ReduceMax", worths, name=f"s{tag}.largest", axes=[1], keepdims=0)
    main.cast(first, "DOUBLE", f"scores{tag}")


def _scaled(main: Block, readout: Readout, value: str, tag: str) -> None:
    real = main.cast(value, "DOUBLE", f"v{tag}.float")
    main("Mul", real, _scale(main, readout, tag), name=f"scores{tag}")


def _scale(main: Block, readout: Readout, tag: str) -> str:
    return main.constant(f"readout_scale{tag}", readout.scale, np.float64)  # type: ignore[arg-type]  # of v


DECODERS: dict[str, Callable[[Block, Readout, str, int, str], None]] = {
    "softmax": _softmax,
    "sum": _sum,
    "max": _max,
    "last": _last,
    "count": _count,
    "first": _first,
}
