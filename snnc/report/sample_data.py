"""The samples to pick from, checked: for the script of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from snnc.report import figure_data
from snnc.report.figure_data import RasterRow


@dataclass(frozen=True, slots=True)
class Curves:
    """v of some neurons of the readout `name`, which has `count`: `v[k]` is of neuron `neurons[k]`."""

    name: str
    count: int
    neurons: list[int]
    classes: list[str | int]
    v: list[list[float]]


@dataclass(frozen=True, slots=True)
class Picked:
    """One sample: all its spikes, the readout, the true class and the one that was decoded."""

    split: str
    index: int
    raster: list[RasterRow]
    label: str | int | None = None
    predicted: str | int | None = None
    readout: Curves | None = None


@dataclass(frozen=True, slots=True)
class Strongest:
    """Of neuron n of `source` the synapses with the largest weights: `post[n]`, `weight[n]`, `delay[n]`.

    It has `count[n]` in all.
    """

    source: str
    destination: str
    count: list[int]
    post: list[list[int]]
    weight: list[list[int]]
    delay: list[list[int]]


def samples(figures: Mapping[str, Any]) -> list[Picked]:
    """Those of `Report.figures`; none where it has none.

    Raises
    ------
    InputError
        If they are malformed, or their lists differ in length.
    """
    found = figure_data.read(figures, "samples", list[Picked]) or []
    for number, each in enumerate(found):
        for row in each.raster:
            figure_data.check_spikes(
                f"samples[{number}].raster[{row.name}].", row.steps, row.neurons, row.count
            )
        if (curves := each.readout) is not None and not (
            len(curves.v) == len(curves.classes) == len(curves.neurons)
        ):
            raise figure_data.error(f"samples[{number}].readout", "has lists that differ in length")
    return found


def left_out(figures: Mapping[str, Any]) -> str | None:
    """Why there are no `samples`, where their number was too large for the page."""
    return figure_data.read(figures, "samples_left_out", str)


def synapses(figures: Mapping[str, Any]) -> list[Strongest]:
    """Those on which the spikes of `samples` travel."""
    found = figure_data.read(figures, "synapses", list[Strongest]) or []
    for number, each in enumerate(found):
        lists = [each.post, each.weight, each.delay]
        if any(len(rows) != len(each.count) for rows in lists) or any(
            len({len(rows[neuron]) for rows in lists}) > 1 for neuron in range(len(each.count))
        ):
            raise figure_data.error(f"synapses[{number}]", "has lists that differ in length")
    return found


def name(sample: Picked) -> str:
    """As "test 3: class seven, decoded as six"."""
    where = f"{sample.split} {sample.index}"
    if sample.label is None:
        return where if sample.predicted is None else f"{where}: decoded as {sample.predicted}"
    if sample.predicted is None:
        return f"{where}: class {sample.label}"
    right = str(sample.label) == str(sample.predicted)
    return f"{where}: class {sample.label}, decoded {'right' if right else f'as {sample.predicted}'}"


def script_data(figures: Mapping[str, Any]) -> str:
    """What the script is given, as JSON that may stand in a <script> element; empty without samples."""
    found, fans = samples(figures), synapses(figures)
    if not found or not fans:
        return ""
    document = {
        "steps": figure_data.time_steps(figures),
        "samples": figures["samples"],
        "synapses": figures["synapses"],
    }
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
