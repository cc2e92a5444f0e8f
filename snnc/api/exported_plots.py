"""Pictures of an exported network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from snnc.api.events import Events, as_events
from snnc.api.example import Example, origin
from snnc.api.network_plots import small_network
from snnc.api.pictures import Picture, Shown, histogram_picture, network_picture
from snnc.api.words import python_words
from snnc.keywords import checked_keywords
from snnc.report import figure_data
from snnc.report.figure_data import LayerHistograms
from snnc.report.histogram_plots import delays, weights
from snnc.report.plots import step_bars
from snnc.report.single import chip_drawings
from snnc.stages import Artifact
from snnc.verification.chip import estimate_artifact
from snnc.verification.figures import histograms
from snnc.verification.graph_figures import network_of


class ExportedPlots(Shown):
    """Of an `Exported`: delays and weights before and after, what is connected to what, and the chip."""

    __slots__ = ()
    artifact: Artifact
    example: Example | None

    @checked_keywords()
    def plot_delays(self, layer: str | None = None) -> Picture:
        """A histogram of the delays of each layer, or of `layer` alone.

        Those before the export are beside them, if the artifact holds the trained network.

        Examples
        --------
        >>> exported.plot_delays().show()
        """
        return histogram_picture("Delays", self._histograms(), layer, delays)

    @checked_keywords()
    def plot_weights(self, layer: str | None = None) -> Picture:
        """A histogram of the integer weights of each layer, or of `layer` alone, as `plot_delays`.

        Examples
        --------
        >>> picture = exported.plot_weights()
        """
        return histogram_picture("Weights", self._histograms(), layer, weights)

    @checked_keywords()
    def plot_network(self) -> Picture:
        """Populations, and projections as arrows between them. `InputError` if there are too many.

        Examples
        --------
        >>> exported.plot_network()
        Picture('Network': ...)
        """
        return network_picture(network_of(self.artifact.graph))

    @checked_keywords()
    def plot_chip(self, x: Any = None, *, layout: str | None = None) -> Picture:
        """The cores on their tiles, by time and by energy, and how long each step takes: estimates.

        Parameters
        ----------
        x : samples of yours, [N, T, lines], array or tensor; without them the golden inputs are taken.
        layout : the dimensions of `x`, as for `verify`.

        Raises
        ------
        InputError
            If `x` does not fit, or no time and energy of the target's operations are known.

        Examples
        --------
        >>> exported.plot_chip(x).show()
        """
        with python_words():
            events = self.artifact.golden_input if x is None else self._events(x, layout)
            return chip_picture(estimate_artifact(self.artifact, events))

    def _events(self, x: Any, layout: str | None) -> Events:
        return as_events(x, self.artifact.graph, layout, origin=origin(self.example, self.artifact.manifest))

    def _pictures(self) -> Sequence[Picture]:
        drawn = [self.plot_delays()] if self.artifact.graph.projections else []
        return [*small_network(self.artifact.graph), *drawn]

    def _histograms(self) -> list[LayerHistograms]:
        return figure_data.histograms({"histograms": histograms(self.artifact)})


def chip_picture(found: Any) -> Picture:
    """Of a `ChipEstimate`: both drawings of the cores, and the steps."""
    drawn = [("Cores", each) for each in chip_drawings(found)]
    return Picture("Chip", (*drawn, ("Time of each step", step_bars(found))))
