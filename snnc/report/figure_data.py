"""What `Report.figures` may hold, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

from snnc.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RasterRow:
    """Spikes of the input or of one layer in one sample: neuron `neurons[k]` fires in `steps[k]`."""

    name: str
    steps: list[int]
    neurons: list[int]
    count: int
    """Number of neurons."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """`y[k]` values fall into the bin `x[k]`: bin centres, or edges if `x` has one more entry."""

    x: list[float]
    y: list[float]

    @property
    def centres(self) -> list[float]:
        if len(self.x) == len(self.y):
            return self.x
        return [(left + right) / 2 for left, right in zip(self.x, self.x[1:], strict=False)]


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample that is pictured: number `index`, from 0, of the inputs named `split`."""

    split: str
    index: int


@dataclass(frozen=True, slots=True)
class LayerHistograms:
    """Delays and weights of one layer before and after rounding and quantisation.

    `weight_before` is in the trained network's units; `scale` steps of the integer weight are 1 of them.
    """

    layer: str
    delay_before: Histogram | None = None
    delay_after: Histogram | None = None
    weight_before: Histogram | None = None
    weight_after: Histogram | None = None
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Readout:
    """Readout of one sample: `v[class][step]` times the scale of clause 7, true and predicted class."""

    classes: list[str | int]
    v: list[list[float]]
    label: str | int | None = None
    predicted: str | int | None = None


def rasters(figures: Mapping[str, Any]) -> list[RasterRow]:
    rows = _read(figures, "raster", list[RasterRow]) or []
    for index, row in enumerate(rows):
        if len(row.steps) != len(row.neurons):
            raise _error(
                f"raster[{index}]", f"has {len(row.steps)} steps but {len(row.neurons)} neurons of spikes"
            )
        if row.steps and min(row.steps) < 0:
            raise _error(f"raster[{index}].steps", f"holds {min(row.steps)}; the first step is 0")
        outside = [neuron for neuron in row.neurons if not 0 <= neuron < row.count]
        if outside:
            raise _error(f"raster[{index}].neurons", f"holds {outside[0]}, expected 0 to {row.count - 1}")
    return rows


def histograms(figures: Mapping[str, Any]) -> list[LayerHistograms]:
    layers = _read(figures, "histograms", list[LayerHistograms]) or []
    for index, layer in enumerate(layers):
        if layer.weight_before is not None and not (layer.scale and 0 < layer.scale < inf):
            raise _error(f"histograms[{index}].scale", f"is {layer.scale}; weight_before needs one above 0")
        for name in ("delay_before", "delay_after", "weight_before", "weight_after"):
            bins: Histogram | None = getattr(layer, name)
            if bins is not None and len(bins.x) - len(bins.y) not in (0, 1):
                raise _error(
                    f"histograms[{index}].{name}", f"has {len(bins.x)} bins (x) for {len(bins.y)} counts (y)"
                )
    return layers


def sample(figures: Mapping[str, Any]) -> Sample | None:
    return _read(figures, "sample", Sample)


def readout(figures: Mapping[str, Any]) -> Readout | None:
    data = _read(figures, "readout", Readout)
    if data is not None:
        if len(data.v) != len(data.classes):
            raise _error("readout.v", f"has {len(data.v)} rows, expected {len(data.classes)}, one a class")
        if len({len(row) for row in data.v}) > 1:
            raise _error("readout.v", "has rows that differ in the number of steps")
    return data


def _read(figures: Mapping[str, Any], key: str, kind: type[T]) -> T | None:
    from pydantic import TypeAdapter, ValidationError

    if figures.get(key) is None:
        return None
    try:
        return TypeAdapter(kind).validate_python(figures[key])
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        raise _error(f"{key}{where}", first["msg"]) from error


def _error(where: str, what: str) -> InputError:
    return InputError(f"report: figures.{where}: {what}; write the report anew with `snnc verify`")
