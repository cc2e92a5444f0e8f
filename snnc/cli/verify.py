"""`snnc verify`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.errors import InputError

if TYPE_CHECKING:
    from snnc.stages import AccuracyStage, Report

ALL = "all"
ALL_GOLDEN = "none"
GROUPS = {"lava": ("lava-stock", "lava-event"), "onnx": ("onnxruntime", "onnx-reference")}


def verify(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export`.")],
    samples: Annotated[
        str,
        typer.Option(help="Recordings of a split to compare on, beside golden inputs: a number or 'all'."),
    ] = "20",
    executors: Annotated[
        str | None,
        typer.Option(help="Comma-separated names, 'lava' or 'onnx' for both of theirs; without it, all."),
    ] = None,
    split: Annotated[
        str, typer.Option(help="Part of the data: train, validation, test, or all of them.")
    ] = "test",
    dataset: Annotated[
        str | None,
        typer.Option(help="Other data than the model's own (or their folder); 'none': golden inputs only."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder for the report; without it, ARTIFACT."),
    ] = None,
    trust_program: Annotated[
        bool, typer.Option("--trust-program", help="Run the artifact's program even if it is not ours.")
    ] = False,
) -> None:
    """Compare every executor with the integer PyTorch model, bit for bit.

    Writes report.json and report.html. Exit code 0: equal; 1: not equal; 2: bad input.

    Example: snnc verify model.loihi --samples 50
    """
    names = None if executors is None else executor_names(executors)
    report = verify_artifact(artifact, sample_count(samples), names, split, dataset, output, trust_program)
    raise typer.Exit(exit_code(report))


def sample_count(text: str) -> int | None:
    """A number of recordings, None for "all". Raises `InputError` if it is neither."""
    if text == ALL:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(f"--samples {text}: give a number of recordings, 0 or more, or '{ALL}'")
    return int(text)


def executor_names(text: str) -> list[str]:
    """Names in a comma-separated list. Raises `InputError` if there is none."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError("--executors: names no executor; leave it out to run all that can run here")
    return [real for name in names for real in GROUPS.get(name, (name,))]


def exit_code(report: Report) -> int:
    """0 if every executor agrees, 1 if one differs, 2 if one broke down or none ran."""
    if any(result.divergence is not None for result in report.executors) or not report.golden_reproduced:
        return 1
    return 0 if report.trusted else 2


def verify_artifact(
    path: Path,
    samples: int | None = 20,
    executors: Sequence[str] | None = None,
    split: str = "test",
    dataset: str | None = None,
    output: Path | None = None,
    trust_program: bool = False,
) -> Report:
    """Verify the artifact at `path`, print the result and write report.json and report.html.

    `samples` recordings of each split, None for all; `split` may be "all", and then accuracy is of the test
    split, the one that training never saw.
    """
    from snnc import accuracy, files
    from snnc.cli import console
    from snnc.exporter.artifact import REPORTS, check_program, read_artifact
    from snnc.report.console import print_report
    from snnc.report.html_report import to_html
    from snnc.report.json_report import to_json
    from snnc.trainer.samples import SPLITS
    from snnc.verify import InputGroup
    from snnc.verify import verify as run

    out = console.out()
    artifact = read_artifact(path)
    if not trust_program:
        check_program(artifact)
    folder = output or path
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder for the report; create it or leave out -o")
    for name in REPORTS:
        files.check_writable(folder / name)
    groups: list[InputGroup] = []
    stages: tuple[AccuracyStage, ...] = ()
    with console.status("reading data") as progress:
        if dataset != ALL_GOLDEN:
            for part in SPLITS if split == ALL else (split,):
                data = accuracy.load_data(artifact, part, dataset)
                if samples is not None and samples > len(data):
                    out.print(
                        f"note: {part} holds {len(data)} recordings, fewer than the {samples} asked for"
                    )
                if samples != 0:
                    groups.append(InputGroup(data.name, *data.pick_lazily(samples or len(data))))
            progress("accuracy of each stage")
            stages = accuracy.stages(artifact, data)
        command = f"snnc verify {shlex.quote(str(path))} --samples {ALL if samples is None else samples}"
        command += f" --split {split}"
        command += f" --dataset {shlex.quote(dataset)}" if dataset else ""
        command += f" --executors {','.join(executors)}" if executors else ""
        command += " --trust-program" if trust_program else ""
        report = run(
            artifact, groups, executors=executors, accuracy=stages, command=command, progress=progress
        )
    # Files first: what is printed may go to a pipe that is closed early.
    for name, text in zip(REPORTS, (to_json(report), to_html(report)), strict=True):
        files.write_file(folder / name, text.encode())
    print_report(report, out, folder / "report.html")
    return report
