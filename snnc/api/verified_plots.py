"""Pictures of what a verification found: those of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from snnc.api.exported_plots import chip_picture
from snnc.api.learning_picture import learning_picture
from snnc.api.pictures import Picture, Shown, histogram_picture, in_notebook, open_page
from snnc.errors import InputError
from snnc.keywords import checked_keywords
from snnc.report import figure_data
from snnc.report.figure_data import step_words
from snnc.report.histogram_plots import delays, weights
from snnc.report.plots import Plot
from snnc.report.report_plots import report_plots
from snnc.stages import Report
from snnc.verification.verify import NO_ESTIMATE

TITLES = {
    "plot-accuracy": "Accuracy",
    "plot-context": "u and v around the divergence",
    "plot-loss": "Accuracy after each step of the export",
    "plot-raster": "Spikes of a sample",
    "plot-raster-found": "Spikes of the executor that differs",
    "plot-readout": "Readout of a sample",
    "plot-sqnr": "Membranes against the step before",
}
"""Id of a figure in the report -> its title by itself."""
OVER_STEPS = ("plot-context", "plot-raster", "plot-raster-found", "plot-readout")
OTHER_SAMPLES = {"sample": "To draw another recording: exported.run(x).plot_spikes(3) or plot_readout(3)"}


class VerifiedPlots(Shown):
    """Of a `Verified`: all that report.html draws. Where there is nothing to draw, `InputError` says why."""

    __slots__ = ()
    report: Report
    path: Path

    @checked_keywords(OTHER_SAMPLES)
    def plot_spikes(self) -> Picture:
        """Spikes of one sample; if executors differ, of the sample that differs, expected and found.

        A circle marks a spike that is missing, a cross one too many.

        Examples
        --------
        >>> verified.plot_spikes().show()
        """
        return self._chosen("Spikes", ("plot-raster", "plot-raster-found"), "the report has no spikes")

    @checked_keywords(OTHER_SAMPLES)
    def plot_readout(self) -> Picture:
        """v of the readout in the sample of `plot_spikes`, a curve for each class.

        Examples
        --------
        >>> picture = verified.plot_readout()
        """
        return self._chosen("Readout", ("plot-readout",), "the network is decoded from spikes")

    @checked_keywords()
    def plot_divergence(self) -> Picture:
        """The first difference: u, v and spikes of the neuron around it, and the spikes of its sample.

        Examples
        --------
        >>> picture = wrong.plot_divergence()
        """
        names = ("plot-context", "plot-raster", "plot-raster-found")
        if self.report.first_divergence is None:
            raise InputError("there is no divergence: no states of any executor differ")
        return self._chosen("Divergence", names, "the report has no states around the divergence")

    @checked_keywords()
    def plot_accuracy(self) -> Picture:
        """Accuracy of each stage in percent, with 95 % intervals.

        Examples
        --------
        >>> picture = verified.plot_accuracy()
        """
        return self._chosen("Accuracy", ("plot-accuracy",), "no labelled samples were verified; give labels")

    @checked_keywords()
    def plot_losses(self) -> Picture:
        """What each step of the export lost, if the export measured it (`budget=True`).

        Examples
        --------
        >>> picture = measured.plot_losses()
        """
        return self._chosen("Losses", ("plot-loss", "plot-sqnr"), "the export measured none; pass it budget")

    @checked_keywords()
    def plot_delays(self, layer: str | None = None) -> Picture:
        """As `Exported.plot_delays`.

        Examples
        --------
        >>> picture = verified.plot_delays()
        """
        return histogram_picture("Delays", figure_data.histograms(self.report.figures), layer, delays)

    @checked_keywords()
    def plot_weights(self, layer: str | None = None) -> Picture:
        """As `Exported.plot_weights`.

        Examples
        --------
        >>> picture = verified.plot_weights()
        """
        return histogram_picture("Weights", figure_data.histograms(self.report.figures), layer, weights)

    @checked_keywords()
    def plot_learning(self) -> Picture:
        """As `Network.plot_learning`, of an artifact that carries its trained network.

        Examples
        --------
        >>> picture = measured.plot_learning()
        """
        return learning_picture(self.report.figures)

    @checked_keywords()
    def plot_chip(self) -> Picture:
        """The cores on their tiles, by time and by energy, and how long each step takes: estimates.

        Examples
        --------
        >>> verified.plot_chip().show()
        """
        if self.report.chip is None:
            if NO_ESTIMATE in self.report.notes:
                raise InputError(NO_ESTIMATE)
            raise InputError(f"no time and energy of the operations of {self.report.target} are known")
        return chip_picture(self.report.chip)

    @checked_keywords()
    def show(self) -> None:
        """Its main pictures below the cell of a notebook, elsewhere report.html in the browser.

        Examples
        --------
        >>> verified.show()
        """
        if in_notebook():
            Shown.show(self)
        else:
            open_page(self.path)

    def _pictures(self) -> Sequence[Picture]:
        urgent = ("plot-context", "plot-raster", "plot-raster-found", "plot-accuracy")
        drawn = self._drawn()
        found = self._titled(urgent, drawn)
        return [Picture("Verification", found)] if found else []

    def _chosen(self, title: str, names: Sequence[str], absent: str) -> Picture:
        drawn = self._drawn()
        found = self._titled(names, drawn)
        if not found:
            raise InputError(absent)
        return Picture(title, found)

    def _titled(self, names: Sequence[str], drawn: Mapping[str, Plot]) -> tuple[tuple[str, Plot], ...]:
        step = step_words(self.report.figures)
        return tuple(
            (f"{TITLES[name]}{step if name in OVER_STEPS else ''}", drawn[name])
            for name in names
            if name in drawn
        )

    def _drawn(self) -> Mapping[str, Plot]:
        return report_plots(self.report)[0]
