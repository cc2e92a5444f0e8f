"""`snnc verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.completion import executor_list
from snnc.cli.verification import ALL, GENERATED, VerifyOptions, list_executors, verify_artifact
from snnc.errors import InputError

if TYPE_CHECKING:
    from snnc.stages import Report

GROUPS = {"lava": ("lava-stock", "lava-event"), "onnx": ("onnxruntime", "onnx-reference")}
WHAT, OUTPUT = "What is compared", "What is written"
"""Headings of the help."""


def verify(
    artifact: Annotated[
        Path | None, typer.Argument(help="Folder of `snnc export`.", show_default=False)
    ] = None,
    samples: Annotated[
        str,
        typer.Option(
            rich_help_panel=WHAT,
            help="Recordings of a split to compare on, beside golden inputs: a number or 'all'.",
        ),
    ] = "20",
    split: Annotated[
        str,
        typer.Option(rich_help_panel=WHAT, help="Part of the data: train, validation, test, or all of them."),
    ] = "test",
    dataset: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=WHAT,
            help="Other data than the model's own (or their folder); 'none': no recordings.",
        ),
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            rich_help_panel=WHAT,
            help="Samples of yours to compare on too: npz with `spikes` (samples, T, inputs) and perhaps "
            "`labels`, or events (.npz, .h5).",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            rich_help_panel=WHAT,
            help="Draw recordings and generated inputs by this number; without it, spread recordings evenly.",
        ),
    ] = None,
    generated: Annotated[
        int,
        typer.Option(
            min=0, rich_help_panel=WHAT, help="Inputs to generate beside recordings, for what those miss."
        ),
    ] = GENERATED,
    executors: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=WHAT,
            autocompletion=executor_list,
            help="Comma-separated names, 'lava' or 'onnx' for both of theirs; without it, all.",
        ),
    ] = None,
    allow_missing: Annotated[
        bool,
        typer.Option(
            "--allow-missing",
            rich_help_panel=WHAT,
            help="Accept that no executor could run the target's own program (without --executors).",
        ),
    ] = False,
    layers: Annotated[
        str | None,
        typer.Option(rich_help_panel=WHAT, help="Compare these layers alone, as hidden1,readout."),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", rich_help_panel=WHAT, help="Stop at the first divergence.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            rich_help_panel=OUTPUT,
            help="Folder for report.json and report.html, made if need be; without it, ARTIFACT.",
        ),
    ] = None,
    as_json: Annotated[
        Path | None,
        typer.Option(
            "--json",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="The JSON report here too; '-': to stdout, and the text for people to stderr.",
        ),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="JUnit XML for a CI service: a test case an executor.",
        ),
    ] = None,
    listing: Annotated[
        bool,
        typer.Option("--list", help="List the executors, and why one cannot run; with ARTIFACT, or without."),
    ] = False,
    trust_program: Annotated[
        bool, typer.Option("--trust-program", help="Run the artifact's program even if it is not ours.")
    ] = False,
) -> None:
    """Compare every executor with the integer PyTorch model, bit for bit.

    Writes report.json and report.html.

    Inputs: golden ones, recordings of the model's data if there are any, yours (--input), the recordings
    that drive the network farthest, generated ones.

    Exit code 0: equal; 1: not equal; 2: bad input, a breakdown, none to compare, or none that runs the
    target's own program.

    Example: snnc verify model.loihi --samples 50 --junit junit.xml
    """
    if listing:
        list_executors(artifact)
        return
    if artifact is None:
        raise InputError("verify: name the artifact, the folder that `snnc export` wrote; or give --list")
    options = VerifyOptions(
        samples=sample_count(samples),
        split=split,
        dataset=dataset,
        input=inputs,
        seed=seed,
        generated=generated,
        allow_missing=allow_missing,
        executors=None if executors is None else executor_names(executors),
        layers=None if layers is None else names(layers),
        fail_fast=fail_fast,
        output=output,
        json=as_json,
        junit=junit,
        trust_program=trust_program,
    )
    raise typer.Exit(exit_code(verify_artifact(artifact, options)))


def sample_count(text: str) -> int | None:
    """A number of recordings, None for "all". Raises `InputError` if it is neither."""
    if text == ALL:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(f"--samples {text}: give a number of recordings, 0 or more, or '{ALL}'")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    """The names in a comma-separated list."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def executor_names(text: str) -> tuple[str, ...]:
    """Names in a comma-separated list. Raises `InputError` if there is none."""
    if not names(text):
        raise InputError("--executors: names no executor; leave it out to run all that can run here")
    return tuple(real for name in names(text) for real in GROUPS.get(name, (name,)))


def exit_code(report: Report) -> int:
    """0 if every executor agrees, 1 if one differs, 2 if one broke down, or none ran that had to."""
    if any(result.differs for result in report.executors) or not report.golden_reproduced:
        return 1
    return 0 if report.trusted else 2
