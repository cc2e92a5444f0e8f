"""Pictures of a network in real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from snnc.api.finetuned import Finetuned
from snnc.api.learning_picture import of_metrics
from snnc.api.pictures import Picture, Shown, histogram_picture, network_picture
from snnc.exporter.passes.discretise import Discretise
from snnc.keywords import checked_keywords
from snnc.report import figure_data
from snnc.report.figure_data import LayerHistograms
from snnc.report.histogram_plots import delays, weights
from snnc.report.single import network_drawing
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.stages.float_graph import graph_of_chain
from snnc.verification.graph_figures import histograms, network_of


class NetworkPlots(Shown):
    """Of a `Network`: delays, weights, what is connected to what, and how it learned."""

    __slots__ = ()
    model: TrainedModel | TrainedGraph | DiscreteModel | FloatGraph | QuantizedGraph
    finetuned: Finetuned | None

    @checked_keywords()
    def plot_delays(self, layer: str | None = None) -> Picture:
        """A histogram of the delays of each layer, or of `layer` alone, in whole steps.

        Examples
        --------
        >>> network.plot_delays().show()
        """
        return histogram_picture("Delays", self._histograms(), layer, delays)

    @checked_keywords()
    def plot_weights(self, layer: str | None = None) -> Picture:
        """A histogram of the weights of each layer, or of `layer` alone; batch norm is in them.

        Examples
        --------
        >>> picture = network.plot_weights()
        """
        unit = "integer steps" if isinstance(self.model, QuantizedGraph) else "before quantisation"
        return histogram_picture("Weights", self._histograms(), layer, lambda each: weights(each, unit))

    @checked_keywords()
    def plot_network(self) -> Picture:
        """Populations, and projections as arrows between them. `InputError` if there are too many.

        Examples
        --------
        >>> network.plot_network()
        Picture('Network': ...)
        """
        return network_picture(network_of(self._graph()))

    @checked_keywords()
    def plot_learning(self) -> Picture:
        """Accuracy, loss and the width of the delays by epoch, and the delays before learning and learned.

        Raises
        ------
        InputError
            If nothing is recorded of a training; `train` and a model file of `snnc train` have it.

        Examples
        --------
        >>> trained.plot_learning().show()
        """
        return of_metrics(getattr(self.model, "metrics", {}))

    def _pictures(self) -> Sequence[Picture]:
        return small_network(self._graph())

    def _graph(self) -> FloatGraph | QuantizedGraph:
        """A chain of layers as a graph, with whole delays and without batch norm; if it was, fine-tuned."""
        model = self.model
        if isinstance(model, TrainedGraph):
            return model.graph if self.finetuned is None else model.of_bits(self.finetuned.weight_bits)
        if isinstance(model, TrainedModel | DiscreteModel):
            bits = None if self.finetuned is None else self.finetuned.weight_bits
            return graph_of_chain(Discretise(bits).run(model))
        return model

    def _histograms(self) -> list[LayerHistograms]:
        return figure_data.histograms({"histograms": histograms(self._graph().projections)})


def small_network(graph: FloatGraph | QuantizedGraph) -> Sequence[Picture]:
    """Its drawing, if it is small enough for one."""
    found: dict[str, Any] = network_of(graph)
    return [] if network_drawing(found) is None else [network_picture(found)]
