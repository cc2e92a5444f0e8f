"""A network in real numbers, or in integers, that can be exported."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from snnc.api.checks import named, warn_of_step
from snnc.api.example import Example, origin
from snnc.api.export_notes import say_other_bits, say_other_grids
from snnc.api.exported import Exported
from snnc.api.finetuned import Finetuned
from snnc.api.network_plots import NetworkPlots
from snnc.api.numbers import real, warn, whole, wholes
from snnc.api.progress import Lines
from snnc.api.tables import table
from snnc.api.told import of_network
from snnc.api.what_passes import naming_what_passes
from snnc.api.words import python_words, short
from snnc.errors import InputError
from snnc.exporter.artifact_writing import lost_results, results_at
from snnc.exporter.expectation.agreement import Agreement
from snnc.exporter.expectation.held import Held
from snnc.exporter.graph_export import export_graph
from snnc.exporter.measured_size import keep_size
from snnc.exporter.network_files import NO_IMPORT_OPTIONS
from snnc.exporter.nir.options import ImportOptions
from snnc.exporter.options import ExportOptions, kept_of_integers
from snnc.exporter.pipeline import export_file, export_network
from snnc.exporter.record import MEASURED_ON
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.io.files import write_file
from snnc.keywords import checked_keywords
from snnc.percent import percent
from snnc.stages import Artifact, DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.trainer.data import EventDataset
from snnc.trainer.model_file import model_bytes

KEPT = (
    "export(target, path) writes it in integers, and snnc.load reads that folder again; of a network of "
    "from_torch, keep the module, too, with torch.save(module.state_dict(), ...)"
)
"""What is said of networks that no file is of."""
INTEGERS = "holds integers, which stay as they are"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Network(NetworkPlots):
    """A network that `from_torch`, `train` or `load` made.

    `model` is the stage of the compiler that it is. `agreement` tells of each population how far its spikes
    are those of the module that was converted; `notes` what reading it did. `content` is the file that it is
    from, if any, `path` its place, and `reading` what was told to read it. `payload_max`: the most
    that an input event may carry, if `export` is not told. `held`: the module and the example that it was
    held against, and `example` how that was read. `finetuned`: what `snnc.finetune` reached, and
    `before` the network that it began from, of one that snnc did not train.
    """

    model: TrainedModel | TrainedGraph | DiscreteModel | FloatGraph | QuantizedGraph
    name: str
    agreement: tuple[Agreement, ...] = ()
    notes: tuple[str, ...] = ()
    content: bytes | None = None
    path: Path | None = None
    reading: ImportOptions = NO_IMPORT_OPTIONS
    payload_max: int = 1
    held: Held | None = None
    finetuned: Finetuned | None = None
    example: Example | None = None
    before: FloatGraph | None = None

    @property
    def populations(self) -> tuple[tuple[str, str, int], ...]:
        """Name, model and neurons of each, inputs first."""
        model = self.model.graph if isinstance(self.model, TrainedGraph) else self.model
        if isinstance(model, FloatGraph | QuantizedGraph):
            return tuple((each.name, each.model, each.neurons) for each in model.populations)
        layers = model.layers
        rows = [("input", "input", layers[0].weight.shape[1])]
        rows += [
            (each.name, "li" if each.threshold is None else "lif", each.weight.shape[0]) for each in layers
        ]
        return tuple(rows)

    @checked_keywords()
    @naming_what_passes
    def export(
        self,
        target: str,
        path: str | os.PathLike[str],
        *,
        weight_bits: int | Sequence[int] | None = None,
        prune: float | None = 0.0,
        prune_by: str = "magnitude",
        max_drop: float | None = None,
        budget: bool | None = None,
        data: str | os.PathLike[str] | EventDataset | None = None,
        scale: str | None = None,
        percentile: float | None = None,
        power_of_two: bool = False,
        relays: bool = False,
        payload_max: int | None = None,
        whole_bias: bool | None = None,
        allow_saturation: bool = False,
        overwrite: bool = False,
        verbose: bool = True,
    ) -> Exported:
        """Quantise the network, write it to the folder `path` for `target`, and read it back.

        Parameters
        ----------
        target : a name that `snnc targets` lists: "loihi", "c", "onnx", ...; with its settings after it,
            as "fpga:lanes=32".
        weight_bits : 2 .. 8, sign included; one number, or one for each layer or population; by default what
            the network was fine-tuned for, or 8.
        prune, prune_by, max_drop, scale, percentile, power_of_two : as for `snnc export`; `prune=None` is
            its "auto".
        budget, data : measure what each step loses, on recordings other than the model's own: a path, a name,
            or recordings (`from_arrays`).
        relays : neurons may be added for delays that the target does not hold.
        payload_max : the largest value of an input event; default 1. A network of `from_torch` or
            `from_checkpoint` fixes it: any other above 1 is refused.
        whole_bias : round biases to whole weight steps; by default as the network was fine-tuned, or not.
        allow_saturation : export although overflow is not excluded.
        overwrite : also replace an artifact of another network or of other options.
        verbose : print a line before each step that runs recordings, as each candidate of `max_drop`.

        Raises
        ------
        SnncError
            If an option is wrong, the network does not fit the target, or `path` cannot be written; nothing
            is written then.

        Warns
        -----
        UnlikelyWarning
            If the `data` that are measured hold recordings that trained or validated the network, or a former
            report is lost.

        Examples
        --------
        >>> exported = network.export("c", "net.c")
        """
        tuned = self.finetuned
        if weight_bits is None:
            weight_bits = WEIGHT_BITS_DEFAULT if tuned is None else tuned.weight_bits
        if whole_bias is None:
            whole_bias = tuned is not None and tuned.whole_bias
        if tuned is not None and tuned.left and (scale is not None or power_of_two):
            option = "power_of_two" if scale is None else "scale"
            raise InputError(
                f"{self.name}: was fine-tuned on its own grids; leave {option} out, or export the network "
                "before fine-tuning"
            )
        options = ExportOptions(
            weight_bits=wholes("weight_bits", weight_bits),
            prune=real("prune", prune),
            prune_by=prune_by,
            max_drop=real("max_drop", max_drop),
            budget=budget,
            scale=scale,
            percentile=real("percentile", percentile),
            power_of_two=power_of_two,
            relays=relays,
            payload_max=self.payload_max if payload_max is None else whole("payload_max", payload_max),
            whole_bias=whole_bias,
            allow_saturation=allow_saturation,
        )
        if data is not None and isinstance(self.model, QuantizedGraph):  # before arrays are made recordings
            raise InputError(f"{self.name}: {INTEGERS}; leave out data")
        place = Path(path)
        with python_words():
            if tuned is not None and tuned.left and isinstance(self.model, FloatGraph | TrainedGraph):
                say_other_grids(tuned, target)
            before = results_at(place)
            dataset = named(data, step_s=self.model.bin_s)
            warn_of_step(dataset, self.model.bin_s, self.model)
            made = self._export(target, place, options, dataset, overwrite, Lines(verbose))
            if measured := made.manifest["provenance"].get(MEASURED_ON):
                warn(f"data: {measured}")
            say_other_bits(self.model, made.manifest["provenance"], target)
            if lost := lost_results(place, before):
                warn(lost)
            keep_size(made)
            numbers = self.model if isinstance(self.model, FloatGraph) else None
            return Exported(made, example=self.example, real=numbers, before=self.before)

    def _export(
        self,
        target: str,
        place: Path,
        options: ExportOptions,
        dataset: str | EventDataset | None,
        overwrite: bool,
        progress: Callable[[str], None],
    ) -> Artifact:
        model, content = self.model, self.content
        if content is None and isinstance(model, TrainedModel | TrainedGraph):
            content = model_bytes(model)
        if content is not None or isinstance(model, TrainedModel | TrainedGraph):
            return export_file(
                self.path or Path(self.name),
                target,
                place,
                options,
                dataset=dataset,
                nir_options=self.reading,
                progress=progress,
                overwrite=overwrite,
                content=content,
            )
        if isinstance(model, QuantizedGraph):
            kept = kept_of_integers(f"{self.name}: {INTEGERS}", options)
            return export_graph(model, target, place, **kept, overwrite=overwrite)
        notes = {f"note {number}": note for number, note in enumerate(self.notes, 1)}
        return export_network(
            model,
            target,
            place,
            options,
            name=self.name,
            notes=notes,
            dataset=dataset,
            progress=progress,
            overwrite=overwrite,
            held=self.held,
            layout=origin(self.example).layout,
            finetuned=None if self.finetuned is None else self.finetuned.record(),
        )

    @checked_keywords()
    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the model file or NIR file that the network is, for `load` and the command line.

        Raises
        ------
        InputError
            If there is no such file of it (export keeps it), `path` exists and `overwrite` is not set, or it
            cannot be written.

        Examples
        --------
        >>> trained.save("model.pt")
        """
        place, content = Path(path), self.content
        if content is None and isinstance(self.model, TrainedModel | TrainedGraph):
            content = model_bytes(self.model)
        if content is None:
            raise InputError(
                f"{self.name}: save writes networks of train, and what load read, unchanged; this is neither"
                f"; {KEPT}"
            )
        if place.exists() and not overwrite:
            raise InputError(f"{place}: exists; choose another name, or pass overwrite=True")
        with python_words():
            write_file(place, content)

    @property
    def summary(self) -> str:
        """What was read and how, and the agreement by population, a line each."""
        lines = [
            *(() if self.example is None else (str(self.example),)),
            *map(_agreed, self.agreement),
            *(f"note: {note}" for note in self.notes),
        ]
        return "\n  ".join([repr(self), *lines])

    def __repr__(self) -> str:
        sizes = " + ".join(str(neurons) for _, _, neurons in self.populations)
        return short(
            f"Network({self.name!r}: {sizes} neurons, T = {self.model.time_steps}, "
            f"{self.model.bin_s:g} s a step{'' if self.finetuned is None else f'; {self.finetuned}'})"
        )

    def __str__(self) -> str:
        return "\n  ".join([repr(self), *of_network(self.model)])

    def _table(self) -> str:
        agreed = {each.population: _agreed(each).partition(": ")[2] for each in self.agreement}
        rows = [(*each, agreed.get(each[0], "")) for each in self.populations]
        return table(repr(self), ("population", "model", "neurons", "agreement with the module"), rows)


def _agreed(each: Agreement) -> str:
    """How far a population agrees with the module, in a line."""
    what = "v" if each.spikes is None else f"{each.spikes} spike{'' if each.spikes == 1 else 's'}"
    if not each.different and not each.through:
        return f"{each.population}: {what}, equal in all {each.places}"
    equal = percent(each.total - each.different, each.total)
    return (
        f"{each.population}: {what}, equal in {equal} of {each.places} where the same arrives, "
        f"in {percent(each.total - each.through, each.total)} where earlier differences arrive, too"
    )
