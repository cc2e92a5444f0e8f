"""The command that a user types after `snnc verify`, and what it takes where `make` built something."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.extras import command
from snnc.report.off_chip import clock_of, to_be_placed
from snnc.text import shell

if TYPE_CHECKING:
    from snnc.cli.verify_options import VerifyOptions
    from snnc.stages import Report

_VARIABLE = re.compile(r"\b[A-Z]+=[a-z]+$")
"""What a remedy ends with that sets a variable of the environment, as CC=gcc."""


def after_verify(artifact: Path, options: VerifyOptions, report: Report, verbose: bool) -> str:
    """A command that runs it, on the file that was given, or on one to name; of a board, one that places it
    until its clock is met.

    Of one that differs, a command that shows more of the first difference, unless all was shown (`verbose`);
    of one that could not be verified, the command that installs what its program lacks, or this one with the
    variable that the error asks for, else one that tells what is missing.
    """
    if report.first_divergence is not None:
        if verbose:
            return shell("snnc", "inspect", (options.output or artifact) / "report.json")
        name = report.first_divergence[0].name
        alone = None if name == report.reference else (name,)
        more = replace(options, executors=alone, fail_fast=True, json=None, junit=None)
        return f"{more.command(artifact, brief=True)} -v"
    if not report.trusted:
        own = [each for each in report.executors if each.name in (report.own_executors or ())]
        reasons = (each.skipped.splitlines()[0] for each in own if each.skipped)
        same = options.command(artifact, brief=True)
        installs = (f"{found} && {same}" for each in reasons if (found := command(each)))
        asked = (_VARIABLE.search(each.failed) for each in own if each.failed)
        again = (f"{found[0]} {same}" for found in asked if found)
        return next(filter(None, (*installs, *again)), shell("snnc", "verify", artifact, "--list"))
    trust = ["--trust-program"] if options.trust_program else []
    if to_be_placed(report):
        return shell("snnc", "place", artifact, *trust)
    if (clock := clock_of(report)) is not None and not clock.met:
        return shell("snnc", "place", artifact, "--seed", clock.seed + 1, *trust)
    dataset = options.dataset if options.dataset and Path(options.dataset).is_file() else None
    return shell("snnc", "run", artifact, "--input", options.input or dataset or "FILE", *trust)


def clean_first(artifact: Path, following: str) -> str:
    """The command `following`, which runs an artifact, after one that removes what `make` built there: with
    that it would be refused."""
    from snnc.exporter.artifact_folder import built_files

    return f"{shell('make', '-C', artifact, 'clean')} && {following}" if built_files(artifact) else following
