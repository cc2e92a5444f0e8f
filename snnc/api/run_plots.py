"""Pictures of what an executor computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.api.checks import check_sample
from snnc.api.numbers import whole
from snnc.api.pictures import Picture, Shown
from snnc.errors import InputError
from snnc.formats import STATE_FRACTION_BITS
from snnc.keywords import checked_keywords
from snnc.report import figure_data
from snnc.report.membrane_plots import Curve, neuron_trace, readout_curves
from snnc.report.plots import Plot
from snnc.report.step_plots import raster
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.verification.graph_figures import rasters, readout


class RunPlots(Shown):
    """Of a `Run`: spikes, the readout, and u and v of a neuron."""

    __slots__ = ()
    graph: QuantizedGraph
    trace: Trace
    events: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64] | None

    if TYPE_CHECKING:

        def __getitem__(self, population: str) -> LayerTrace: ...

        def __iter__(self) -> Iterator[str]: ...

    @checked_keywords()
    def plot_spikes(self, sample: int = 0) -> Picture:
        """Spikes of the input and of each spiking population in a sample, over the steps.

        Examples
        --------
        >>> run.plot_spikes(sample=1).show()
        """
        return Picture("Spikes", ((f"Spikes of sample {sample}{self._steps}", self._raster(sample)),))

    @checked_keywords()
    def plot_readout(self, sample: int = 0, *, label: int | None = None) -> Picture:
        """v of the readout in a sample, a curve for each class; `label` is the number of the true class.

        Without it, that of what was given to `run` is told, where it has labels.

        Raises
        ------
        InputError
            If there is no such sample or class, or classes are decoded from spikes; `plot_spikes` has these.

        Examples
        --------
        >>> picture = other.plot_readout(label=1)
        """
        check_sample(sample, self.trace.samples)
        names = self.graph.readouts[0].class_names
        if label is not None and not 0 <= whole("label", label) < len(names):
            raise InputError(f"label: is {label}; classes are numbered 0 .. {len(names) - 1}")
        if label is None and self.labels is not None and self.labels[sample] >= 0:
            label = int(self.labels[sample])
        data = figure_data.readout(readout(self.graph, self._alone(sample), label))
        if data is None:
            raise InputError("the network is decoded from spikes, not from v; see plot_spikes")
        return Picture("Readout", ((f"Readout of sample {sample}{self._steps}", readout_curves(data)),))

    @checked_keywords()
    def plot_potentials(self, population: str, neuron: int = 0, *, sample: int = 0) -> Picture:
        """u and v of a neuron in a sample, with its threshold and spikes, in integers of the contract.

        Examples
        --------
        >>> picture = run.plot_potentials("lif1", neuron=3)
        """
        states = self[population]
        check_sample(sample, self.trace.samples)
        found, count = self.graph.population(population), states.v.shape[2]
        if not 0 <= whole("neuron", neuron) < count:
            raise InputError(f"neuron: is {neuron}; those of {population} are numbered 0 .. {count - 1}")
        spikes = np.flatnonzero(states.spikes[sample, :, neuron]).tolist()
        u, v = states.u[sample, :, neuron].tolist(), states.v[sample, :, neuron].tolist()
        limit = None  # clause 6 compares v with it in steps of v
        if found.threshold is not None:
            limit = int(found.threshold[neuron]) << STATE_FRACTION_BITS
        of = f"neuron {neuron} of {population}"
        drawn = neuron_trace(of, Curve(self.trace.executor, u, v, spikes), limit)
        return Picture("Potentials", ((f"u and v of {of}, sample {sample}{self._steps}", drawn),))

    @property
    def _steps(self) -> str:
        return f", in steps of {self.graph.bin_s:g} s"

    def _raster(self, sample: int) -> Plot:
        check_sample(sample, self.trace.samples)
        rows = rasters(self.graph, self.events[sample], self._alone(sample))
        return raster(figure_data.rasters({"raster": rows}), self.graph.time_steps)

    def _alone(self, sample: int) -> Trace:
        return self.trace.part(slice(sample, sample + 1))

    def _pictures(self) -> Sequence[Picture]:
        return [self.plot_spikes()]
