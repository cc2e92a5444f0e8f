"""`snnc run`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.completion import executor_names
from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    from snnc.decoding.decoder import Scores
    from snnc.stages import QuantizedGraph

TRACE_LIMIT = 1 << 30
"""Most bytes of traces that `-o` keeps in memory before it writes them."""


def run(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export`.")],
    inputs: Annotated[
        Path,
        typer.Option(
            "--input",
            "-i",
            help="npz with `spikes` (samples, T, inputs) and optional `labels`, an event file (.npz, .h5), "
            "`digits`, or, if `snnc encode` made the data of training, a WAV file or a folder of them; "
            "CLASS/*.wav are labelled.",
        ),
    ],
    executor: Annotated[
        str | None,
        typer.Option(
            "--executor",
            "-e",
            autocompletion=executor_names,
            help="torch, oracle, hwsim (the default), lava-event, lava-stock, netx, onnxruntime, "
            "onnx-reference, c, rtl, pynn-brian2, pynn-nest or spinnaker-fixed; 'lava' or 'onnx' for the "
            "first of theirs that can run.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Write u, v, w and spikes of every layer to an npz; all traces are held in memory first.",
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace", help="Write a trace file (HDF5, for `snnc compare`) batch by batch, in little memory."
        ),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(help="Layers or populations to write to the trace file, comma-separated; default: all."),
    ] = None,
    variables: Annotated[
        str | None,
        typer.Option(help="Variables to write to the trace file: any of u,w,v,spikes; default: all."),
    ] = None,
    trace_steps: Annotated[
        str | None,
        typer.Option(help="Time steps to write to the trace file; 10:50 means 10 to 49; default: all."),
    ] = None,
    step: Annotated[
        bool,
        typer.Option("--step", help="Step through one sample, with commands from the terminal or a pipe."),
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=0, help="With --step: number of the sample, from 0; default: 0.")
    ] = None,
    neurons: Annotated[
        list[str] | None,
        typer.Option(help="With --step: neurons to show, for example hidden1:3,7; repeatable."),
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="Largest number of samples to list; 0: list all.")] = 10,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Write a CSV file, a row for each sample; columns: sample, label, predicted, correct, where "
            "known split, file and speaker, then score, second (the class behind) and second_score. A table "
            "with these columns is replaced, no other file."
        ),
    ] = None,
    write_input: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the samples as the artifact's own program reads them: events in hexadecimal of fpga, "
            "bytes of c. No file is replaced.",
        ),
    ] = None,
    labels_of: Annotated[
        str | None,
        typer.Option(metavar="READOUT", help="The readout that `labels` are of; default: the first."),
    ] = None,
    mix: Annotated[
        bool,
        typer.Option(
            "--mix",
            help="Of WAV files, take the mean of a recording's channels; done without it, too, where "
            "recordings of training were mixed.",
        ),
    ] = False,
    skip: Annotated[
        bool,
        typer.Option(
            "--skip",
            help="Of a folder, leave out recordings that cannot be encoded, or last longer than the network "
            "runs; name them.",
        ),
    ] = False,
    trust_program: Annotated[
        bool,
        typer.Option("--trust-program", help="Run the artifact's program even if this snnc did not emit it."),
    ] = False,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Run an artifact on your own spikes and print the decoded classes.

    Example: snnc run model.loihi --input spikes.npz --trace hidden.h5 --layers hidden1 --trace-steps 10:50
    """
    import numpy as np

    from snnc.batches import batches
    from snnc.cli import console, results
    from snnc.cli.following import after_run, hint
    from snnc.cli.new_data import of_silent, tell
    from snnc.cli.predictions import right_lines, sample_lines, summary
    from snnc.cli.predictions_file import write_predictions
    from snnc.cli.run_input import check_places, input_writer, opened
    from snnc.cli.run_result import fields
    from snnc.cli.run_step import step_one
    from snnc.cli.run_work import computed_by, work_of
    from snnc.decoding.decoder import decoders
    from snnc.decoding.ranked import ranked
    from snnc.errors import InputError
    from snnc.exporter.artifact import check_program, read_artifact
    from snnc.io.files import write_file
    from snnc.io.traces.npz import write_npz
    from snnc.io.traces.writer import select, write_trace
    from snnc.plugins.executors import first_available
    from snnc.saturated import Saturated
    from snnc.verification.input_notes import notes_of_input
    from snnc.verification.sample_origin import of_samples, parts_of, told_labels
    from snnc.verification.spike_input import labelled
    from snnc.verification.tuned_samples import tuned_doubt

    loaded = read_artifact(artifact)
    if not trust_program:
        check_program(loaded)
    if trace is None and not (layers is variables is trace_steps is None):
        raise InputError(
            "--layers, --variables and --trace-steps choose what a trace file holds; add --trace FILE"
        )
    outputs = {"-o": output, "--trace": trace, "--predictions": predictions, "--write-input": write_input}
    check_places({option: path for option, path in outputs.items() if path is not None}, inputs, artifact)
    given_to = None if write_input is None else input_writer(loaded)
    graph = loaded.graph
    if step:
        others = executor, *outputs.values(), labels_of, as_json
        if quiet or any(each is not None for each in others):
            raise InputError(
                "--step runs one sample by itself; leave out --executor, -o, --trace, --predictions, "
                "--write-input, --labels-of, --json and --quiet"
            )
        step_one(loaded, opened(inputs, loaded, None, mix, skip), inputs, sample or 0, neurons or [])
        return
    if sample is not None or neurons is not None:
        raise InputError("--sample and --neurons choose what --step shows; add --step")
    executor = executor or "hwsim"
    of = labelled(graph, labels_of)
    chosen = select(graph, _names(layers), _names(variables), trace_steps)
    runner = first_available(executor, loaded)
    spikes = opened(inputs, loaded, labels_of, mix, skip)
    tell(notes_of_input(spikes, loaded, empty_too=False))
    readouts = decoders(graph)
    if output is not None:
        _check_memory(graph, len(spikes))
    frames_kept, kept, as_read, silent = [], [], list[bytes](), list[int]()
    work, saturated = work_of(loaded), Saturated.none_yet(graph)
    scores: list[list[Scores]] = [[] for _ in readouts]
    writing = (
        write_trace(trace, graph, runner.name, chosen, len(spikes), "--trace") if trace else nullcontext()
    )
    with console.bar(f"running on {runner.name}", len(spikes)) as done, writing as writer:
        for part in batches(graph, len(spikes)):
            frames = spikes.frames(part)
            computed = runner.run(loaded, frames).checked()
            for each, parts in zip(readouts, scores, strict=True):
                parts.append(each.scores(each.record(computed.layers)))
            saturated.add_layers(computed)
            if given_to is not None:
                as_read.append(given_to(loaded, frames))
            if writer is not None:
                writer.append(frames, computed)
            if work is not None:
                work.add(frames, computed)
            if output is not None:
                frames_kept.append(frames)
                kept.append(computed)
            silent += (part.start + np.flatnonzero(~frames.any(axis=(1, 2)))).tolist()
            done(part.stop)
    answers = [ranked(np.concatenate(parts)) for parts in scores]
    found = [each.classes for each in answers]
    out = console.out()
    origin = spikes.origin()
    told, labels = of_samples(spikes, origin), told_labels(spikes)
    judged = labels is not None
    own = parts_of(loaded, origin, inputs, labels) if judged or not spikes.sound else None
    # Before anything is printed: whoever reads that may close the pipe, which ends the command.
    if predictions is not None:
        write_predictions(predictions, graph, answers, of, labels, own, told)
    if output is not None:
        write_npz(output, graph, np.concatenate(frames_kept), found, kept)
    if write_input is not None:
        write_file(write_input, b"".join(as_read), "--write-input")
    tell(of_silent(silent, len(spikes), told.files))
    for line in sample_lines(graph, found, labels, of, rows, told.files):
        out.print(line)
    predicted = found[graph.readouts.index(of)]
    for line in (
        *summary(of.class_names, predicted, labels, own),
        *right_lines(graph, found, spikes, of, own, told.speakers),
    ):
        out.print(line)
    out.print(computed_by(loaded, runner.name), soft_wrap=True)
    if work is not None:
        out.print(f"work: {work}", soft_wrap=True)
    used = tuned_doubt(loaded, spikes, judged) if own is None else None
    notes = [
        *spikes.of_labels,
        *spikes.notes,
        *filter(None, [spikes.never_none, saturated.note(runner.name, loaded)]),
    ]
    for note in notes if used is None else [*notes, used.text]:
        out.print(f"note: {note}", soft_wrap=True)
    for written in (output, trace, predictions, write_input):
        if written is not None:
            out.print(f"wrote {written}")
    if as_json is not None:
        result = fields(graph, answers, labels, of)
        places = {"artifact": artifact, "input": inputs, "executor": runner.name}
        results.write(
            as_json,
            "run",
            {
                **places,
                **result,
                "saturations": saturated.counts,
                "files": told.files,
                "trace": trace,
                "npz": output,
                "predictions": predictions,
                "written_input": write_input,
            },
        )
    if following := after_run(loaded, inputs, spikes.sound):
        hint(following)


def _check_memory(graph: QuantizedGraph, samples: int) -> None:
    """Raise `InputError` if the traces of all `samples`, which wait in memory, take too much of it."""
    from snnc.batches import sample_bytes
    from snnc.errors import InputError

    if (size := samples * sample_bytes(graph)) > TRACE_LIMIT:
        raise InputError(
            f"-o: the traces of {samples} samples take {size} bytes of memory, the limit is {TRACE_LIMIT}; "
            "write them batch by batch with --trace FILE, or give fewer samples"
        )


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
