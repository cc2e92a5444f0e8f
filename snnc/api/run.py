"""What an executor computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.api.run_plots import RunPlots
from snnc.api.tables import table
from snnc.api.words import short
from snnc.decoding.decoder import Decoder, decoders
from snnc.errors import InputError
from snnc.keywords import checked_keywords
from snnc.saturated import Saturated
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.text import did_you_mean, quoted


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Run(RunPlots):
    """All states of a network on some samples: `run["NAME"].spikes`, by the name of a population.

    `run["NAME"]` has `u` and `v`, int32 [samples, T, neurons], `spikes`, bool, and `w` of adaptive neurons.
    `trace` holds all of them, `events` is the input, uint8 [samples, T, lines]. `labels`: the number of each
    sample's class of the first readout, -1 where what was given does not tell it; None if it tells none.
    """

    graph: QuantizedGraph
    trace: Trace
    events: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64] | None = None

    def __getitem__(self, population: str) -> LayerTrace:
        """Raises `InputError` if no population with a state has this name."""
        if population not in (names := list(self)):
            meant = did_you_mean(population, names)
            raise InputError(
                f"population {quoted(population)} has no states{meant}; there are {', '.join(names)}"
            )
        return self.trace.layers[self.graph.trace_index(population)]

    def __iter__(self) -> Iterator[str]:
        """Names of the populations that have states."""
        return iter(each.name for each in self.graph.stateful)

    def __len__(self) -> int:
        return len(self.trace.layers)

    @checked_keywords()
    def classes(self, readout: str | None = None) -> npt.NDArray[np.int64]:
        """The class of each sample by the contract, int64 [samples].

        Parameters
        ----------
        readout : the population of the readout, of a network that has several.

        Examples
        --------
        >>> run.classes().shape
        (5,)
        """
        chosen = decoder_of(self.graph, readout)
        return chosen.classes(chosen.record(self.trace.layers))

    def __repr__(self) -> str:
        samples = f"{self.trace.samples} sample{'' if self.trace.samples == 1 else 's'}"
        counted = Saturated.none_yet(self.graph)
        counted.add_layers(self.trace.layers)
        told = f"; {counts}" if (counts := counted.told()) else ""
        return short(f"Run({self.trace.executor}, {samples}: {', '.join(self)}{told})")

    def _table(self) -> str:
        rows = [(name, self[name].v.shape[2], int(self[name].spikes.sum())) for name in self]
        return table(repr(self), ("population", "neurons", "spikes in all samples"), rows)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


def decoder_of(graph: QuantizedGraph, readout: str | None) -> Decoder:
    """The decoder of the population `readout`; None: of the only one. Raises `InputError` if that is none."""
    found = decoders(graph)
    names = [each.readout.population for each in found]
    if readout is None and len(found) == 1:
        return found[0]
    if readout not in names:
        if readout is None:
            several = ", ".join(f"{each.readout.population} ({each.readout.decoder})" for each in found)
            raise InputError(f"readout: there are several, {several}; name one, as readout={names[0]!r}")
        meant = did_you_mean(readout, names)
        raise InputError(f"readout: {quoted(readout)} is unknown; give one of {', '.join(names)}{meant}")
    return found[names.index(readout)]
