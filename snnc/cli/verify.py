"""`snnc verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.completion import executor_list
from snnc.cli.results import PANEL, Json
from snnc.cli.verification import list_executors, verify_artifact
from snnc.cli.verify_options import ALL, GENERATED, SAMPLES, VerifyOptions
from snnc.errors import InputError

if TYPE_CHECKING:
    from snnc.stages import Report

WHAT, OUTPUT = "What is compared", PANEL
"""Headings of the help."""


def verify(
    artifact: Annotated[
        Path | None, typer.Argument(help="Folder of `snnc export`.", show_default=False)
    ] = None,
    samples: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=WHAT,
            help="Number of recordings to compare on, of each part of the data, and of samples of --input, "
            "of which the first are taken; or 'all'; default: 20 recordings, and all of --input. Golden "
            "inputs and, of the others, extremes are always included. The accuracy is always of all.",
        ),
    ] = None,
    split: Annotated[
        str,
        typer.Option(rich_help_panel=WHAT, help="Part of the data: train, validation, test or all."),
    ] = "test",
    dataset: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=WHAT,
            help="Data set, or its folder, instead of the model's own; 'none': no recordings.",
        ),
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            rich_help_panel=WHAT,
            help="Compare also on your own samples: npz with `spikes` (samples, T, inputs) and optional "
            "`labels`, or an event file (.npz, .h5).",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            rich_help_panel=WHAT,
            help="Random seed for recordings and generated inputs; without it, recordings are spread evenly.",
        ),
    ] = None,
    generated: Annotated[
        int,
        typer.Option(
            min=0,
            rich_help_panel=WHAT,
            help="Largest number of inputs to generate for states that the recordings do not reach.",
        ),
    ] = GENERATED,
    executors: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=WHAT,
            autocompletion=executor_list,
            help="Comma-separated names; 'lava' and 'onnx' name two each; default: all that can run.",
        ),
    ] = None,
    allow_missing: Annotated[
        bool,
        typer.Option(
            "--allow-missing",
            rich_help_panel=WHAT,
            help="Accept that no executor can run the target's own program; --executors implies it.",
        ),
    ] = False,
    layers: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=WHAT,
            help="Compare only these layers or populations, for example hidden1,readout.",
        ),
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
            help="Folder for report.json and report.html; created if missing; default: ARTIFACT.",
        ),
    ] = None,
    as_json: Json = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "-q", "--quiet", rich_help_panel=OUTPUT, help="Print nothing but errors and the verdict."
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", rich_help_panel=OUTPUT, help="Print a table, and all details.")
    ] = False,
    junit: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="Write JUnit XML for a CI service, with a test case for each executor but torch, of those "
            "that --executors names.",
        ),
    ] = None,
    listing: Annotated[
        bool,
        typer.Option(
            "--list", help="List the executors and say which cannot run here, and why; ARTIFACT is optional."
        ),
    ] = False,
    trust_program: Annotated[
        bool,
        typer.Option("--trust-program", help="Run the artifact's program even if this snnc did not emit it."),
    ] = False,
) -> None:
    """Compare every executor with the integer PyTorch model, bit for bit.

    Prints the verdict first; -v adds all details. Writes report.json and report.html; a former report that
    has what the new one has not is kept, renamed by its date.

    Inputs: golden inputs, recordings of the model's data (if it names any), your own samples (--input),
    the recordings with the most extreme states, and generated inputs.

    Exit code 0: equal (of executors with an arithmetic of their own, in spikes); 1: not equal; 2: bad input,
    an executor failed, no executor could run, or the target's own program was to run and could not.

    Example: snnc verify model.loihi --samples 50 --junit junit.xml
    """
    if listing:
        list_executors(artifact)
        return
    if artifact is None:
        raise InputError("verify: name the artifact, the folder that `snnc export` wrote; or give --list")
    count = SAMPLES if samples is None else sample_count(samples)
    if samples is not None and inputs is not None and count == 0:
        raise InputError(
            "--samples 0: leaves no sample of --input, either; give --dataset none to leave out recordings"
        )
    options = VerifyOptions(
        samples=count,
        split=split,
        dataset=dataset,
        input=inputs,
        of_input=None if samples is None else count,
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
    from snnc.plugins.executors import members

    return tuple(real for name in names(text) for real in members(name))


def exit_code(report: Report) -> int:
    """0 if every executor agrees, 1 if one differs, 2 if one broke down, or none ran that had to."""
    if any(result.differs for result in report.executors) or not report.golden_reproduced:
        return 1
    return 0 if report.trusted else 2
