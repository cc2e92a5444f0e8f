"""The samples that `snnc chip` and `snnc place` count on, and what is said where they are golden inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from snnc.stages import Artifact
    from snnc.verification.chip import ChipInputs

INPUT_LIMIT = 1 << 30
"""Most bytes of samples, which are held at once."""

Given = Annotated[
    Path | None,
    typer.Option(
        "--input",
        "-i",
        help="npz with `spikes` (samples, T, inputs), an event file (.npz, .h5), or sound as `snnc run` "
        "takes it; default: the recordings that `snnc verify` takes.",
    ),
]


def counted_on(artifact: Artifact, given: Path | None, dataset: str | None = None) -> ChipInputs:
    """All samples of the file `given`, else what `chip_inputs` gives.

    Raises
    ------
    InputError
        If the samples cannot be read, do not fit, or are too many to be held.
    """
    from snnc.cli.new_data import tell
    from snnc.cli.run_input import opened
    from snnc.errors import InputError
    from snnc.exporter.artifact import carries_model
    from snnc.verification.chip import ChipInputs, chip_inputs
    from snnc.verification.input_notes import notes_of_input

    if given is None:
        if dataset is not None and not carries_model(artifact):
            raise InputError(
                f"--dataset {dataset}: is for a model of `snnc train`, which says what is for testing, and "
                f"{artifact.path} was not made from one; --input FILE takes all recordings of a file"
            )
        own = chip_inputs(artifact, dataset)
        tell(own.notes)
        return own
    found = opened(given, artifact, None)
    tell((*notes_of_input(found, artifact), *found.notes))
    if (size := len(found) * artifact.graph.time_steps * artifact.graph.inputs) > INPUT_LIMIT:
        raise InputError(
            f"{given}: its {len(found)} samples take {size} bytes of memory, the limit is {INPUT_LIMIT}; "
            "give fewer"
        )
    return ChipInputs(found.frames(slice(None)), str(given))


def print_golden(inputs: ChipInputs, what: str) -> None:
    """If `inputs` are golden inputs: that they are, why, what they are, and how `what` is of recordings."""
    from snnc.cli import console
    from snnc.report.chip import GOLDEN

    if not inputs.why_golden:
        return
    out = console.out()
    out.print(f"note: {what} of {inputs.counted}, not of recordings: {inputs.why_golden}", soft_wrap=True)
    out.print(f"note: {GOLDEN}; --input FILE takes your recordings", soft_wrap=True)
