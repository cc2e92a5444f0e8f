"""What `snnc verify` does, once its options are read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.cli.verify_options import ALL, ALL_GOLDEN, INPUT, VerifyOptions
from snnc.errors import InputError, NoDataError, OwnDataError, SnncError
from snnc.text import one_line

if TYPE_CHECKING:
    from snnc.stages import AccuracyStage, Artifact, Confusion, Report
    from snnc.verification.comparison import InputGroup, Progress
    from snnc.verification.doubts import Origins


def verify_artifact(path: Path, options: VerifyOptions, following: bool = True) -> Report:
    """Verify the artifact at `path`, print the result and write report.json and report.html.

    `following`: whether the next command is printed, too.

    Raises
    ------
    SnncError
        If the artifact or the data cannot be read, an option is wrong, or a file cannot be written.
    """
    from snnc.cli import console
    from snnc.cli.after_verify import after_verify
    from snnc.cli.verdict import print_short, print_verdict
    from snnc.exporter.artifact import REPORTS, check_program, check_unchanged, read_artifact
    from snnc.io import files
    from snnc.report.console import print_report
    from snnc.report.date import dated, now
    from snnc.report.files import alone, write_report
    from snnc.report.html_report import html_bytes
    from snnc.report.json_report import to_json
    from snnc.report.junit import to_junit
    from snnc.report.replaced import keep_former

    out = console.out(stderr=options.to_stdout)
    artifact = read_artifact(path)
    if not options.trust_program:
        check_program(artifact)
    folder = options.output or path
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.cannot_write(folder, error) from error
    _check_places(artifact, folder, options)
    now()  # that the date cannot be told is said before the work
    try:
        report, notes, more = _report(artifact, path, options)
        report = dated(report)
    except SnncError:
        check_unchanged(artifact)  # that says more than a file which is missing
        raise
    # Files first: what is printed may go to a pipe that is closed early. JSON first of all: a page can fail.
    text = to_json(report)
    in_json, in_html = (folder / name for name in REPORTS)
    with alone(artifact):  # else the page of one verification may lie beside the JSON of another
        if kept := keep_former(artifact, folder, report):
            notes.append(kept)
        write_report(artifact, in_json, text.encode())
        if options.junit is not None:
            files.write_file(options.junit, to_junit(report).encode(), "--junit")
        if options.json is not None and not options.to_stdout:
            files.write_file(options.json, text.encode(), "--json")
        write_report(artifact, in_html, html_bytes(report))
    if options.to_stdout:
        sys.stdout.write(text)
    print_verdict(report, console.out(stderr=options.to_stdout, always=True))
    if console.verbose():
        for note in notes:
            out.print(f"note: {note}")
        print_report(report, out, in_html)
    else:
        print_short(report, out, in_html, notes, more)
    if following:
        out.print(f"next: {after_verify(path, options, report, console.verbose())}", soft_wrap=True)
    return report


def _report(artifact: Artifact, path: Path, options: VerifyOptions) -> tuple[Report, list[str], bool]:
    """What all executors make of the recordings, whose memory is free again when the page is made.

    And notes on what the recordings are not, and whether there are more of them.
    """
    from snnc.cli import console
    from snnc.verification.doubts import Origins
    from snnc.verification.shrinking.reproducer import reproducer_folder
    from snnc.verification.verify import verify

    notes, origins = list[str](), Origins()
    with console.status("reading data") as progress:
        groups, accuracy, confusion = _recordings(artifact, options, notes.append, origins, progress)
        none_used = options.samples == 0 and any(each.split != INPUT for each in accuracy)
        more = none_used or any(each.whole is not None for each in groups)
        report = verify(
            artifact,
            groups,
            executors=options.executors,
            layers=options.layers,
            fail_fast=options.fail_fast,
            seed=options.seed or 0,
            generated=options.generated,
            allow_missing=options.allow_missing,
            reproducer=reproducer_folder(artifact, options.output),
            accuracy=accuracy,
            confusion=confusion,
            command=options.command(path),
            progress=progress,
        )
    return replace(report, notes=(*report.notes, *origins.notes), doubts=origins.doubts), notes, more


def _recordings(
    artifact: Artifact,
    options: VerifyOptions,
    note: Callable[[str], None],
    origins: Origins,
    progress: Progress,
) -> tuple[list[InputGroup], tuple[AccuracyStage, ...], Confusion | None]:
    """Groups of recordings and of the user's own inputs, and accuracy and confusions.

    Those are of the last of the splits, and of the inputs if they have labels; confusions, of one of the two.
    """
    groups, stages, confusion = _of_dataset(artifact, options, note, origins, progress)
    if options.input is not None:
        from snnc.report.speakers import caveats
        from snnc.verification.accuracy import of_input
        from snnc.verification.comparison import InputGroup
        from snnc.verification.first_samples import first_samples
        from snnc.verification.input_notes import notes_of_input, silent_here
        from snnc.verification.label_order import are_numbers, other_order
        from snnc.verification.sample_origin import (
            known_speakers,
            of_samples,
            of_whom,
            origin_of,
            told_labels,
        )
        from snnc.verification.spike_input import open_spikes

        given = open_spikes(options.input, artifact)
        odd = (*notes_of_input(given, artifact), *silent_here(given, artifact))
        origins.notes += [f"{INPUT}: {text}" for text in (*odd, *given.of_labels, *given.notes)]
        if options.of_input is not None and options.of_input > len(given):
            note(f"{options.input} holds {len(given)} samples, fewer than the {options.of_input} asked for")
        groups.append(first_samples(InputGroup(INPUT, given, given.labels), options.of_input))
        recordings = given.origin()
        doubt = origin_of(artifact, given, recordings, options.input)
        origins.of_input(INPUT, doubt)
        if (strange := given.not_compared(artifact.graph.readouts[0].class_names)) is not None:
            origins.notes.append(f"{options.input}: {strange}")
        if (compared := given.compared) is not None:
            labels = told_labels(given)
            assert labels is not None
            spoken = known_speakers(of_samples(given, recordings).speakers, labels)
            measured, own = of_input(artifact.graph, compared, INPUT, speakers=spoken)
            own = of_whom(own, artifact, recordings, labels, doubt)
            stages, confusion = (*stages, *measured), confusion or own
            if own is not None and confusion is not own:  # else the report tells it of its confusions
                origins.notes += [f"{INPUT}: {text}" for text in caveats(own.speakers)]
            named = given.named is not None and own is not None and not are_numbers(own.classes)
            if own is not None and (order := other_order(list(own.counts.values()), own.classes, named)):
                origins.notes.append(f"{INPUT}: {order}")
    return groups, stages, confusion


def _of_dataset(
    artifact: Artifact,
    options: VerifyOptions,
    note: Callable[[str], None],
    origins: Origins,
    progress: Progress,
) -> tuple[list[InputGroup], tuple[AccuracyStage, ...], Confusion | None]:
    """Recordings of the model's data or of those that are named; none, with a note, if it has none."""
    from snnc.trainer.samples import SPLITS
    from snnc.verification import accuracy
    from snnc.verification.comparison import InputGroup

    groups: list[InputGroup] = []
    if options.dataset == ALL_GOLDEN:
        return groups, (), None
    count = options.samples
    splits = SPLITS if options.split == ALL else (options.split,)
    try:
        found = accuracy.load_data(artifact, options.dataset, splits)
    except NoDataError as error:
        if options.dataset is not None:
            raise
        if options.input is None:
            note(str(error))
            note("compared on golden and generated inputs only")
        return groups, (), None
    except OwnDataError as error:
        if options.dataset is not None:
            raise
        if options.input is None:
            raise OwnDataError(*error.args, "--dataset none compares without recordings") from error
        origins.notes.append(f"compared on no recordings of its own: {one_line(str(error))}")
        return groups, (), None
    for data in found:
        origins.of_data(data)
        origins.notes += () if data.other is None else data.other.notes
        origins.notes += [f"{data.name}: {text}" for text in data.lines]
        if count is not None and count > len(data):
            note(f"{data.name} holds {len(data)} recordings, fewer than the {count} asked for")
        if count != 0:
            picked = data.pick_lazily(count or len(data), options.seed)
            whole = data.pick_lazily(len(data))[0] if len(picked[0]) < len(data) else None
            groups.append(InputGroup(data.name, *picked, whole))
    progress("accuracy of each stage")
    stages, confusion = accuracy.stages_and_confusion(artifact, data)
    if (order := accuracy.order_in(data, confusion)) is not None:
        origins.notes.append(f"{data.name}: {order}")
    return groups, stages, confusion


def _check_places(artifact: Artifact, folder: Path, options: VerifyOptions) -> None:
    """Raise `InputError` unless all that is to be written can be, and replaces nothing that is needed."""
    from snnc.cli.replacing import JSON, XML, refuse_other_text
    from snnc.exporter.artifact import REPORTS
    from snnc.exporter.manifest import MANIFEST
    from snnc.io import files

    taken = {files.real_path(artifact.path / name) for name in (*artifact.manifest["files"], MANIFEST)}
    taken |= {files.real_path(folder / name) for name in REPORTS}
    taken |= set() if options.input is None else {files.real_path(options.input)}
    for name in REPORTS:
        files.check_writable(folder / name)
    for option, path in (("--junit", options.junit), ("--json", options.json)):
        if path is None or (option == "--json" and options.to_stdout):
            continue
        if files.real_path(path) in taken:
            raise InputError(f"{option} {path}: is also read or written by this command; choose another name")
        starts, what = (XML, "XML") if option == "--junit" else (JSON, "JSON")
        refuse_other_text(option, path, starts, what)
        taken.add(files.real_path(path))
        files.check_writable(path, option)


def list_executors(path: Path | None) -> None:
    """Print every executor, and whether it can run here, on the artifact at `path` if there is one."""
    from snnc.cli import console
    from snnc.exporter.artifact import read_artifact
    from snnc.plugins.executors import unavailable_reasons

    artifact = None if path is None else read_artifact(path)
    out, found = console.out(), dict(unavailable_reasons(artifact))
    width = max(map(len, found))
    for name, why in found.items():
        out.print(f"{name:<{width}}  {'can run' if why is None else f'cannot run: {why}'}")
