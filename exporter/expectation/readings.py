"""Other readings of a network: of its file, by other options; of a graph, by other parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from snnc.errors import SnncError
from snnc.exporter.expectation.replay import Rule
from snnc.exporter.nir.importer import Imported, ImportOptions, import_nir
from snnc.exporter.nir.integration import EULER, EXACT, IMPULSE
from snnc.exporter.nir.options import LATE
from snnc.stages import DiscreteModel, FloatGraph, FloatPopulation
from snnc.stages.float_graph import graph_of_chain
from snnc.stages.float_population import ABOVE
from snnc.stages.float_synapses import FloatArray
from snnc.stages.population import SUBTRACT, ZERO

Told = Mapping[str, str]
"""Values of `reset`, `fires` and `integration` of `ImportOptions`."""


class Readings(Protocol):
    """`rule`: the population `name`, read as `told` says; None if it cannot be. `words`: how to tell so."""

    def rule(self, name: str, told: Told) -> Rule | None: ...

    def words(self, name: str, told: Told) -> str: ...


def float_graph(imported: Imported) -> FloatGraph:
    """The network of a NIR file, a chain as a graph."""
    model = imported.model
    return graph_of_chain(model) if isinstance(model, DiscreteModel) else model


class OfFile:
    """Of the NIR file `name` with the content `data`, which was read with `options`."""

    def __init__(self, data: bytes, name: str, options: ImportOptions) -> None:
        self._data, self._name, self._options = data, name, options
        self._graphs: dict[ImportOptions, FloatGraph | None] = {}

    def rule(self, name: str, told: Told) -> Rule | None:
        of: dict[str, Any] = self._needed(told)
        graph = self._graph(replace(self._options, **of))
        if graph is None or name not in [each.name for each in graph.populations]:
            return None
        return Rule.of(graph, name)

    def words(self, name: str, told: Told) -> str:
        return " ".join(f"--{option} {value}" for option, value in self._needed(told).items())

    def _needed(self, told: Told) -> dict[str, str]:
        """`told`, and what it takes besides: a chain that resets to zero is read without --fires."""
        chain = told.get("reset", ZERO) == ZERO
        return dict(told) if self._options.fires or chain else {"fires": ABOVE, **told}

    def _graph(self, options: ImportOptions) -> FloatGraph | None:
        if options not in self._graphs:
            self._graphs[options] = self._read(options)
        return self._graphs[options]

    def _read(self, options: ImportOptions) -> FloatGraph | None:
        try:
            return float_graph(import_nir(self._data, self._name, options))
        except SnncError:  # it has no such reading
            return None


class OfGraph:
    """Of `graph`, whose parameters a converter gave; of a population, those are times `gains`."""

    def __init__(self, graph: FloatGraph, gains: Mapping[str, FloatArray] | None = None) -> None:
        self._graph, self._gains = graph, gains or {}

    def rule(self, name: str, told: Told) -> Rule | None:
        rule = Rule.of(self._graph, name)
        population: FloatPopulation | None = rule.population
        if "integration" in told:
            population = _solved(rule.population, told["integration"])
        if population is not None and "reset" in told:
            population = _resetting(population, told["reset"])
        if population is not None and "fires" in told:
            population = replace(population, fires=told["fires"])
        return None if population is None else replace(rule, population=population)

    def words(self, name: str, told: Told) -> str:
        by = self._reset_by(name, told)
        left_out = ("reset", SUBTRACT) if by else None  # it is told already
        words = [_IN_A_CELL.get(each, f"{each[0]} {each[1]!r}") for each in told.items() if each != left_out]
        return f"in the converter's Cell, {', '.join([*words, *by])}"

    def _reset_by(self, name: str, told: Told) -> list[str]:
        """What a spike subtracts, where it is told and the reset stays."""
        ours, other = self._graph.population(name).reset_by, self.rule(name, told)
        if ours is None or other is None or other.population.reset_by is None or "reset" not in told:
            return []
        gains = self._gains.get(name, np.ones(1))
        theirs = _range(other.population.reset_by * gains)
        return [f"reset_by {theirs} instead of {_range(ours * gains)}"]


def _range(values: FloatArray) -> str:
    low, high = (f"{each:.6g}" for each in (values.min(), values.max()))
    return low if low == high else f"{low} .. {high}"


_IN_A_CELL = {
    ("reset", LATE): "reset 'subtract' with reset_by = threshold / keep_v",
    ("integration", EULER): "keep_v = 1 - 1/tau instead of exp(-1/tau)",
    ("integration", EXACT): "keep_v = exp(-1/tau) instead of 1 - 1/tau, and gain = 1 - keep_v",
    ("integration", IMPULSE): "keep_v = exp(-1/tau) instead of 1 - 1/tau, and the same gain",
}


def _resetting(of: FloatPopulation, how: str) -> FloatPopulation | None:
    assert of.threshold is not None
    assert of.keep_v is not None
    if how == LATE:
        if not of.keep_v.all() or (of.keep_v == 1).all():  # it cannot be said, or is as without delay
            return None
        return replace(of, reset=SUBTRACT, reset_by=of.threshold / of.keep_v)
    return replace(of, reset=how, reset_by=of.threshold if how == SUBTRACT else None)


def _solved(of: FloatPopulation, how: str) -> FloatPopulation | None:
    """With another membrane: Euler steps taken for exact ones, or the other way round."""
    assert of.threshold is not None
    assert of.keep_v is not None
    leak = 1 - of.keep_v
    if how == EULER:
        if (of.keep_v <= np.exp(-1)).any():
            return None
        keep = 1 + np.log(of.keep_v)
    else:
        keep = np.exp(-leak)
    factor = np.ones_like(keep)
    if how != IMPULSE:
        np.divide(leak, 1 - keep, out=factor, where=keep < 1)
    by, kb = (None if each is None else each * factor for each in (of.reset_by, of.kb))
    return replace(of, keep_v=keep, threshold=of.threshold * factor, reset_by=by, kb=kb)
