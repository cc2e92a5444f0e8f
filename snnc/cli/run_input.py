"""What `snnc run` reads, where it may write, and the input as the program of the artifact reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.stages import Artifact
    from snnc.target import InputWriter
    from snnc.verification.spike_input import SpikeInput


OTHERS = (".npz", ".npy", ".h5", ".hdf5", ".nir", ".pt", ".pth", ".wav", ".csv", ".json")
"""Endings of files of another kind than what a program reads."""


def input_writer(artifact: Artifact) -> InputWriter:
    """Makes, of samples, the bytes that the artifact's own program reads. `InputError` if it reads none."""
    from snnc.errors import InputError
    from snnc.targets.registry import load_target

    target = load_target(artifact.target)
    if target.write_input is None:
        raise InputError(
            f"--write-input: the program for {target.name} reads no file of events of its own; "
            "leave it out, or export with --target c or fpga"
        )
    return target.write_input


def opened(
    inputs: Path, artifact: Artifact, labels_of: str | None, mix: bool = False, skip: bool = False
) -> SpikeInput:
    """The samples of the file or folder `inputs`."""
    from snnc.errors import InputError
    from snnc.trainer.data.unlabelled import is_sound
    from snnc.verification.sound_input import open_sound
    from snnc.verification.spike_input import open_spikes

    if is_sound(inputs):
        return open_sound(inputs, artifact, mix, skip, labels_of)
    for option, given in (("--mix", mix), ("--skip", skip)):
        if given:
            raise InputError(f"{option}: is for WAV files, {inputs} is none; leave it out")
    return open_spikes(inputs, artifact, labels_of)


def check_places(outputs: Mapping[str, Path], inputs: Path, artifact: Path) -> None:
    """Raise `InputError` if two are one file, one cannot be written, or would replace what is read."""
    from snnc.errors import InputError
    from snnc.io import files

    named: dict[Path, str] = {}
    for option, path in outputs.items():
        if (before := named.setdefault(files.real_path(path), option)) != option:
            raise InputError(f"{path}: is named by {before} and by {option}; choose two files")
        _check_place(option, path, inputs, artifact)


def _check_place(option: str, output: Path, inputs: Path, artifact: Path) -> None:
    """Raise `InputError` if `output` cannot be written, or would replace what is read."""
    from snnc.cli.predictions_file import refuse_other_table
    from snnc.cli.replaced_trace import refuse_other_file
    from snnc.errors import InputError
    from snnc.io import files

    if files.same_file(output, inputs):
        raise InputError(f"{output}: is the input, which {option} would overwrite; choose another name")
    of_events = option == "--write-input"  # nothing tells bytes of events from any others
    inside = output.exists() and files.real_path(output).is_relative_to(files.real_path(artifact))
    if inside and not of_events:
        raise InputError(f"{output}: is a file of the artifact; choose another name")
    files.check_writable(output, option)
    if of_events:
        if output.exists():
            raise InputError(f"{output}: exists, and {option} replaces no file; choose another name")
        if output.suffix.lower() in OTHERS or str(output) == "-":
            raise InputError(
                f"{output}: {option} writes what the artifact's program reads; "
                "choose a name such as events.bin"
            )
        return
    if option == "--predictions":
        refuse_other_table(option, output)
    else:
        refuse_other_file(option, output)
