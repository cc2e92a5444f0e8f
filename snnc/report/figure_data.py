"""What `Report.figures` may hold, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

from snnc.errors import InputError
from snnc.io.validators import validator

T = TypeVar("T")


Spike = tuple[int, int]
"""Step and neuron."""


@dataclass(frozen=True, slots=True)
class RasterRow:
    """Spikes of the input or of one layer in one sample: neuron `neurons[k]` fires in `steps[k]`.

    `found_steps` and `found_neurons` are those of an executor that differs; both are None if there is none,
    and of the input, which all executors are given.
    """

    name: str
    steps: list[int]
    neurons: list[int]
    count: int
    """Number of neurons."""
    input: bool | None = None
    """Whether these are lines of an input; None in a chain, where those of the first row are."""
    found_steps: list[int] | None = None
    found_neurons: list[int] | None = None

    @property
    def spikes(self) -> list[Spike]:
        return list(zip(self.steps, self.neurons, strict=True))

    @property
    def found(self) -> list[Spike] | None:
        if self.found_steps is None or self.found_neurons is None:
            return None
        return list(zip(self.found_steps, self.found_neurons, strict=True))


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
    """Delays and weights of one layer, or projection, before and after rounding and quantisation.

    `weight_before` is in the trained network's units; `scale` steps of the integer weight are 1 of them.
    `delay_initial`, `delay_learned`: whole delays before learning and after it (of a convolution, of the
    elements of its kernels), and `taps` the sizes of the kernel before and after; `changed`, 0 .. 1, is the
    share of synapses whose whole delay learning changed, and `moved` by how many steps, on average; None
    where that was not recorded. `trained`: whether there was learning. `pruned`: synapses that pruning
    removed.
    """

    layer: str
    delay_before: Histogram | None = None
    delay_after: Histogram | None = None
    weight_before: Histogram | None = None
    weight_after: Histogram | None = None
    scale: float | None = None
    delay_initial: Histogram | None = None
    delay_learned: Histogram | None = None
    taps: tuple[int, int] | None = None
    changed: float | None = None
    moved: float | None = None
    trained: bool = False
    pruned: int = 0

    @property
    def kernel(self) -> str:
        """What became of the kernel, in a sentence; empty if nobody knows."""
        if self.taps is None:
            return ""
        before, after = self.taps
        if before == after:
            return f"The kernel kept its {before} steps."
        changed = "grew" if after > before else "shrank"
        return f"The kernel {changed} from {before} to {after} steps."


@dataclass(frozen=True, slots=True)
class Readout:
    """Readout of one sample: `v[class][step]` times the scale of clause 7, true and predicted class."""

    classes: list[str | int]
    v: list[list[float]]
    label: str | int | None = None
    predicted: str | int | None = None


def rasters(figures: Mapping[str, Any]) -> list[RasterRow]:
    rows = read(figures, "raster", list[RasterRow]) or []
    for index, row in enumerate(rows):
        check_spikes(f"raster[{index}].", row.steps, row.neurons, row.count)
        if (row.found_steps is None) != (row.found_neurons is None):
            raise error(f"raster[{index}]", "has one of found_steps and found_neurons; it needs both or none")
        check_spikes(f"raster[{index}].found_", row.found_steps or [], row.found_neurons or [], row.count)
    return rows


def check_spikes(where: str, steps: list[int], neurons: list[int], count: int) -> None:
    """Raises `InputError` unless each spike has a step and one of `count` neurons."""
    if len(steps) != len(neurons):
        raise error(f"{where}steps", f"has {len(steps)} steps but {len(neurons)} neurons of spikes")
    if steps and min(steps) < 0:
        raise error(f"{where}steps", f"holds {min(steps)}; the first step is 0")
    outside = [neuron for neuron in neurons if not 0 <= neuron < count]
    if outside:
        raise error(f"{where}neurons", f"holds {outside[0]}, expected 0 to {count - 1}")


def time_steps(figures: Mapping[str, Any]) -> int:
    """T, the steps of a sample; where it is not there, as many as have a spike or a readout."""
    steps = read(figures, "time_steps", int) or 0
    rows = rasters(figures)
    last = max((step for row in rows for step in [*row.steps, *(row.found_steps or [])]), default=-1)
    curves = readout(figures)
    return max(steps, last + 1, len(curves.v[0]) if curves is not None and curves.v else 0)


def silent_end(figures: Mapping[str, Any]) -> int:
    """Steps of a sample after the last event of its input: padding, or a recording that is quiet there.

    0 where no event of an input is known.
    """
    rows = rasters(figures)
    inputs = [row for number, row in enumerate(rows) if row.input or (row.input is None and number == 0)]
    last = max((step for row in inputs for step in row.steps), default=None)
    return 0 if last is None else time_steps(figures) - last - 1


def step_words(figures: Mapping[str, Any]) -> str:
    """As ", in steps of 0.02 s"; empty in reports that do not tell it."""
    seconds = read(figures, "bin_s", float)
    return "" if seconds is None else f", in steps of {seconds:g} s"


def histograms(figures: Mapping[str, Any]) -> list[LayerHistograms]:
    layers = read(figures, "histograms", list[LayerHistograms]) or []
    for index, layer in enumerate(layers):
        if layer.weight_before is not None and not (layer.scale and 0 < layer.scale < inf):
            raise error(f"histograms[{index}].scale", f"is {layer.scale}; weight_before needs one above 0")
        for name in (
            "delay_initial",
            "delay_learned",
            "delay_before",
            "delay_after",
            "weight_before",
            "weight_after",
        ):
            bins: Histogram | None = getattr(layer, name)
            if bins is not None and len(bins.x) - len(bins.y) not in (0, 1):
                raise error(
                    f"histograms[{index}].{name}", f"has {len(bins.x)} bins (x) for {len(bins.y)} counts (y)"
                )
    return layers


def rounded(figures: Mapping[str, Any]) -> bool:
    """Whether there are delays or weights before the export."""
    return any(each.delay_before or each.weight_before for each in histograms(figures))


def sample(figures: Mapping[str, Any]) -> Sample | None:
    return read(figures, "sample", Sample)


def readout(figures: Mapping[str, Any]) -> Readout | None:
    data = read(figures, "readout", Readout)
    if data is not None:
        if len(data.v) != len(data.classes):
            raise error("readout.v", f"has {len(data.v)} rows, expected {len(data.classes)}, one a class")
        if len({len(row) for row in data.v}) > 1:
            raise error("readout.v", "has rows that differ in the number of steps")
    return data


def read(figures: Mapping[str, Any], key: str, kind: type[T]) -> T | None:
    """The part `key` of `figures` as a `kind`; None if there is none."""
    from pydantic import ValidationError

    if figures.get(key) is None:
        return None
    try:
        return validator(kind).validate_python(figures[key])
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        raise error(f"{key}{where}", first["msg"]) from invalid


def error(where: str, what: str) -> InputError:
    """What is wrong with a part of the figures."""
    return InputError(f"report: figures.{where}: {what}; write the report again with `snnc verify`")
