"""An exported network: what is verified, run and looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.checks import LABELS, executor_names, named
from snnc.api.costs import costs
from snnc.api.events import Events
from snnc.api.example import Example
from snnc.api.exported_plots import ExportedPlots
from snnc.api.inputs import (
    as_data,
    as_input,
    check_together,
    given,
    labels_in,
    of_path,
    own_recordings,
    share,
    warn_of_lines,
)
from snnc.api.numbers import count_or_all, warn
from snnc.api.progress import Lines
from snnc.api.recordings import each_speaker
from snnc.api.repeated_call import repeated_call
from snnc.api.run import Run, decoder_of
from snnc.api.tables import table
from snnc.api.told import of_export
from snnc.api.verified import Verified
from snnc.api.words import python_words, short
from snnc.batches import batches, sample_bytes
from snnc.errors import InputError, LimitError, NoRecordingsWarning
from snnc.executor import Executor
from snnc.exporter.artifact import REPORTS, check_program, check_unchanged
from snnc.keywords import checked_keywords
from snnc.plugins.executors import first_available
from snnc.report.date import dated
from snnc.report.files import alone, write_report
from snnc.report.html_report import html_bytes
from snnc.report.json_report import to_json
from snnc.report.replaced import keep_former
from snnc.stages import Artifact, FloatGraph, QuantizedGraph
from snnc.trainer.data import EventDataset
from snnc.verification.rounding import rounding
from snnc.verification.shrinking.reproducer import reproducer_folder
from snnc.verification.spike_input import SpikeInput
from snnc.verification.verify import verify

RECORDINGS, GENERATED = 20, 16
"""Samples to compare on if nobody says how many: of the model's own data, and generated."""
RUN_LIMIT = 1 << 30
"""Most bytes of the states that `run` gives."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Exported(ExportedPlots):
    """A folder that `Network.export` or `snnc export` wrote, read and checked.

    `artifact` is all that it holds; `graph` its network in integers. With `trust_program`, the program in it
    is run even if this release would not emit it. `example`: how `from_torch` read the module's, and `real`
    the network in real numbers, if this program converted it, `before` the same before fine-tuning.
    """

    artifact: Artifact
    trust_program: bool = False
    example: Example | None = None
    real: FloatGraph | None = None
    before: FloatGraph | None = None

    @property
    def path(self) -> Path:
        """The folder."""
        return self.artifact.path

    @property
    def graph(self) -> QuantizedGraph:
        """The network in integers."""
        return self.artifact.graph

    @property
    def report(self) -> Path:
        """The page of the last verification. Raises `InputError` if there was none."""
        found = self.path / REPORTS[1]
        if not found.exists():
            raise InputError(f"{found}: does not exist; call verify() first")
        return found

    @checked_keywords({"executors": LABELS})
    def verify(
        self,
        x: Any = None,
        executors: str | Sequence[str] | None = None,
        *,
        labels: Any = None,
        speaker: Any = None,
        data: str | os.PathLike[str] | EventDataset | None = None,
        layout: str | None = None,
        samples: int | str | None = None,
        generated: int = GENERATED,
        seed: int = 0,
        fail_fast: bool = False,
        allow_missing: bool = False,
        verbose: bool = True,
    ) -> Verified:
        """Compare every executor with the integer PyTorch model, bit for bit, and write report.html.

        Golden inputs are always compared on.

        Parameters
        ----------
        x : samples of yours, [N, T, lines], array or tensor; or recordings or their path, as `data` are.
            Without them, recordings of the test split are taken. A model that names no data is compared
            without any: a `NoRecordingsWarning` and the result say so.
        executors : names; "lava" and "onnx" each stand for two. Without them, all that can run here.
        labels : the class of each sample of `x`, for the accuracy: of the integers and, if this program
            converted the network, of its real numbers.
        speaker : with `labels`, a whole number or a name for each sample of `x`: whose it is, as of
            `from_arrays`. The report tells the accuracy by source, too.
        data : in place of `x`, recordings, or their name or path. Of a network that `train` made, those that
            test are taken, if these are its own data or come with a test part; else all. Where some have no
            class of the network, all are compared, and the accuracy is of the others; a note says so.
        layout : the dimensions of `x`, a letter each: T time, N samples, others features. By default that of
            the example that `from_torch` took if `x` fits so, else "NTC"; a warning says so, and if both fit.
        samples : how many to compare on; or "all". Without it, 20 recordings of a network that `train` made,
            and all of other data or of `x`. Accuracy is always of all.
        generated : most inputs to generate for states that others do not reach; `seed` is for these.
        fail_fast : stop at the first divergence.
        allow_missing : accept that no executor can run the target's own program.
        verbose : print a line when an executor begins, before each other step, and if the former report is
            kept, since it has executors, samples or accuracies that the new one has not.

        Raises
        ------
        InputError
            If `x`, `labels` or an option does not fit.
        ExecutorUnavailableError
            If one of `executors` cannot run here.

        Examples
        --------
        >>> exported.verify(x, ["hwsim"], generated=0, verbose=False)
        Bit-exact: torch = hwsim over ...
        """
        with python_words():
            self._check_program()
            most = None if samples is None else count_or_all("samples", samples)
            x, data = as_data(x, data)
            check_together(x, labels, data, layout, speaker)
            if x is None:
                recordings = named(data, ", or samples as x", self.graph.bin_s)
                count = RECORDINGS if samples is None else most
                found = own_recordings(self.artifact, count, recordings, self.real, most, self.before)
            else:
                if most == 0:
                    raise InputError("samples: is 0, and x are given; give 1 or more, or leave out x")
                events = self._events(x, layout)
                spoken = each_speaker(speaker, len(events))
                found = given(self.artifact, events, labels, self.real, most, self.before, speakers=spoken)
            report = verify(
                self.artifact,
                found.groups,
                executors=executor_names(executors),
                fail_fast=fail_fast,
                seed=seed,
                generated=generated,
                allow_missing=allow_missing,
                reproducer=reproducer_folder(self.artifact),
                accuracy=found.accuracy,
                confusion=found.confusion,
                command=repeated_call(
                    self.path,
                    {"x": x, "labels": labels, "speaker": speaker, "data": data},
                    trust_program=self.trust_program,
                    real_numbers=self.real is not None and len(found.accuracy) > 1,
                    executors=executors,
                    layout=layout,
                    samples=samples,
                    generated=None if generated == GENERATED else generated,
                    seed=seed or None,
                    fail_fast=fail_fast or None,
                    allow_missing=allow_missing or None,
                ),
                progress=Lines(verbose),
            )
            said = [*found.notes, *filter(None, [found.note])]
            report = replace(report, notes=(*report.notes, *said), doubts=found.doubts)
            report = dated(report)
            in_json, in_html = (self.path / name for name in REPORTS)
            with alone(self.artifact):  # else the page of one may lie beside the JSON of another
                if (kept := keep_former(self.artifact, self.path, report)) and verbose:
                    print(f"note: {kept}")
                write_report(self.artifact, in_json, to_json(report).encode())
                write_report(self.artifact, in_html, html_bytes(report))
        if found.note is not None and samples != 0:
            warn(found.note, NoRecordingsWarning)
        return Verified(report, in_html, tuple(map(share, found.groups)))

    @checked_keywords()
    def run(self, x: Any, executor: str = "hwsim", *, layout: str | None = None) -> Run:
        """All states on samples of yours, [N, T, lines], recordings, or their path, as of `predict`.

        Raises
        ------
        InputError
            If `x` does not fit the network.
        LimitError
            If the states take too much memory.
        ExecutorUnavailableError
            If the executor cannot run here.

        Examples
        --------
        >>> run = exported.run(x)
        >>> run["lif1"].spikes.shape
        (5, 30, 16)
        """
        with python_words():
            events = self._samples(x, layout)
            if (size := len(events) * sample_bytes(self.graph)) > RUN_LIMIT:
                raise LimitError(
                    f"x: the states of {len(events)} samples take {size} bytes, the limit is {RUN_LIMIT}; "
                    "give fewer samples, or use predict for classes alone"
                )
            frames = events[:]
            trace = self._executor(executor).run(self.artifact, frames).checked()
            return Run(self.graph, trace, frames, labels_in(events))

    @checked_keywords()
    def predict(
        self, x: Any, executor: str = "hwsim", *, readout: str | None = None, layout: str | None = None
    ) -> npt.NDArray[np.int64]:
        """The class of each sample, int64 [N], by the contract: `graph.readouts[0].class_names` names them.

        Parameters
        ----------
        x : samples of yours, [N, T, lines], array or tensor; or all recordings of `load_data`, or of a
            path: a WAV file, a folder of them, labelled or not, or an event file.
        readout : the population of the readout, of a network that has several.

        Raises
        ------
        InputError
            If `x` does not fit the network, or `readout` is none.
        ExecutorUnavailableError
            If the executor cannot run here.

        Examples
        --------
        >>> exported.predict(x).shape
        (5,)
        """
        with python_words():
            decoder = decoder_of(self.graph, readout)
            events, runner = self._samples(x, layout), self._executor(executor)
            found = [
                decoder.classes(decoder.record(runner.run(self.artifact, events[part]).checked().layers))
                for part in batches(self.graph, len(events))
            ]
        return np.concatenate(found)

    def _samples(self, x: Any, layout: str | None) -> Events | SpikeInput:
        """Arrays, or recordings that are framed where they are sliced."""
        if isinstance(x, EventDataset):
            found: Events | SpikeInput = as_input(self.artifact, x, layout)
        else:
            of_file = isinstance(x, str | os.PathLike)
            found = of_path(self.artifact, Path(x), layout) if of_file else self._events(x, layout)
        warn_of_lines(self.artifact, found)
        return found

    def _executor(self, name: str) -> Executor:
        self._check_program()
        return first_available(name, self.artifact)

    def _check_program(self) -> None:
        check_unchanged(self.artifact)
        if not self.trust_program:
            check_program(self.artifact)

    def __repr__(self) -> str:
        sizes = " + ".join(str(each.neurons) for each in self.graph.populations)
        rounded = rounding(self.artifact.manifest.get("provenance", {}))
        steps = f"T = {self.graph.time_steps}"
        told = "".join(f"; {each}" for each in (*costs(self.artifact), rounded) if each)
        return short(f"Exported({str(self.path)!r}: {self.artifact.target}, {sizes} neurons, {steps}{told})")

    def __str__(self) -> str:
        return "\n  ".join(of_export(self.artifact))

    def _table(self) -> str:
        rows = [(each.name, each.model, each.neurons) for each in self.graph.populations]
        return table(f"{self.path} for {self.artifact.target}", ("population", "model", "neurons"), rows)
