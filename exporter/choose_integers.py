"""The choices before quantisation: weight bits and scale of every layer, as the options ask for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from snnc import quantisation
from snnc.calibration import Calibration, load_calibration, measured
from snnc.errors import InputError
from snnc.exporter.choose_scales import SCALES, ScaleChoice, rule_of, search_scales
from snnc.exporter.discretise import discretise
from snnc.exporter.fewest_bits import fewest_bits
from snnc.exporter.float_network import class_scores, whole_delays
from snnc.exporter.legalise import legalise
from snnc.exporter.options import ExportOptions, check_options, needs_recordings
from snnc.exporter.prove_ranges import graph_bounds, refuse_overflow
from snnc.exporter.prune import prune, search_shares
from snnc.exporter.quantise import choose_grids, quantise_on
from snnc.stages import DiscreteModel, QuantizedGraph, TrainedModel
from snnc.stages.budget import BitsSearch
from snnc.targets.target import Target

Message = Callable[[str], None]


class IntegerChooser:
    """Chooses the integers of `model` as `options` say, by what it does on `calibration` where they ask so.

    Raises
    ------
    InputError
        If an option is wrong, or needs recordings and there are none.
    """

    def __init__(
        self,
        model: TrainedModel | DiscreteModel,
        options: ExportOptions,
        calibration: Calibration | None,
        progress: Message = lambda message: None,
    ) -> None:
        check_options(options, len(model.layers))
        if calibration is None and (needs := needs_recordings(options)):
            raise InputError(f"{needs} needs recordings of the validation split, and there are none")
        self._model, self._options = model, options
        self._calibration, self._progress = calibration, progress

    @property
    def bits(self) -> tuple[int, ...]:
        """Weight bits of each layer, as the options name them."""
        bits = self._options.weight_bits
        return (bits,) * len(self._model.layers) if isinstance(bits, int) else bits

    def discretise(self, model: TrainedModel | DiscreteModel, bits: Sequence[int]) -> DiscreteModel:
        """`model` with whole delays."""
        return discretise(model, self.finished_for(bits))

    def finished_for(self, bits: Sequence[int]) -> Sequence[int] | None:
        """The bits for which layers that training finished are taken, None: a scale that is asked for."""
        wanted = self._options.scale is not None or self._options.power_of_two
        return None if wanted else bits

    def scales(self, discrete: DiscreteModel, bits: Sequence[int]) -> ScaleChoice:
        """The grid of every layer of `discrete`, for its number of bits.

        Raises
        ------
        LimitError
            As `choose_grids`.
        """
        options, calibration = self._options, self._calibration
        percent = quantisation.PERCENTILE if options.percentile is None else options.percentile
        if options.scale != "task":
            rule = rule_of(options.scale or "max", percent, options.power_of_two)
            return ScaleChoice(choose_grids(discrete, bits, rule))
        assert calibration is not None  # __init__ sees to it
        rules = [rule_of(scale, percent, options.power_of_two) for scale in SCALES if scale != "task"]
        return search_scales(discrete, bits, rules, calibration.measure, options.power_of_two, self._progress)

    def fewest_bits(self, target: Target) -> BitsSearch:
        """The search of `max_drop`, over networks that `target` takes; each is made as the options say.

        Raises
        ------
        LimitError
            If none keeps to the budget.
        """
        options, calibration = self._options, self._calibration
        assert calibration is not None  # __init__ sees to it
        assert options.max_drop is not None

        def build(bits: tuple[int, ...]) -> QuantizedGraph:
            discrete = self.discretise(self._model, bits)
            graph = quantise_on(discrete, self.scales(discrete, bits).grids)
            graph = prune(graph, [options.prune or 0.0] * len(graph.layers), options.prune_by)
            legal = legalise(graph, target, options.relays)  # computes the same
            target.check(legal)
            if not options.allow_saturation:
                refuse_overflow(graph_bounds(legal))
            return graph

        sizes = {layer.name: int((layer.weight != 0).sum()) for layer in self._model.layers}
        return fewest_bits(
            build, sizes, self.bits[0], options.max_drop, self._reference(), calibration, self._progress
        )

    def shares(self, graph: QuantizedGraph) -> tuple[float, ...]:
        """The share of each layer's synapses to leave out; for `prune` None, within `max_drop`.

        Raises
        ------
        InputError
            As `prune`.
        """
        options, calibration = self._options, self._calibration
        if options.prune is not None:
            return (options.prune,) * len(graph.layers)
        assert calibration is not None  # __init__ sees to it
        assert options.max_drop is not None
        recordings = calibration

        def measure(smaller: QuantizedGraph) -> int:
            self._progress("synapses to leave out")
            return recordings.measure(smaller).correct

        least = math.ceil(self._reference() - options.max_drop / 100 * len(calibration) - 1e-9)
        return search_shares(graph, options.prune_by, measure, least).chosen

    def _reference(self) -> int:
        """How many recordings the network decodes right with whole delays, before quantisation."""
        assert self._calibration is not None
        layers = [whole_delays(layer) for layer in discretise(self._model).layers]
        scores = class_scores(layers, self._calibration.spikes)
        return measured(scores, self._calibration.labels).correct


def recordings_for(
    model: TrainedModel | DiscreteModel,
    options: ExportOptions,
    dataset: str | None,
    near: Path,
    notify: Message,
) -> Calibration | None:
    """Recordings for what the options measure, of the model's own data (found in `near` too) or `dataset`.

    None where nothing needs them, or where only the loss budget would, nobody asked for it, and the data are
    not at hand; `notify` gets a line that says so. An imported network has no data.

    Raises
    ------
    InputError
        If an option is wrong, or the data cannot be read.
    """
    check_options(options, len(model.layers))  # before data are read for nothing
    needs = needs_recordings(options)
    if not needs and options.budget is False:
        if dataset is not None:
            raise InputError("--dataset: nothing is measured with --no-budget; leave one of them out")
        return None
    if isinstance(model, DiscreteModel):
        if needs or dataset is not None:
            raise InputError(f"{needs or '--dataset'}: the file is of another framework and names no data")
        return None
    try:
        return load_calibration(model, dataset, near)
    except InputError as error:
        reason = str(error).splitlines()[0]
        if needs or dataset is not None:
            raise InputError(f"{needs or 'the loss budget'} needs validation recordings: {reason}") from error
        notify(f"no loss budget, for want of recordings: {reason}")
        return None
