"""`snnc encode`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.encode_outline import outline_lines, untrainable
from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    from snnc.trainer.data.encoding import EncodedFolder
    from snnc.trainer.data.events import EventDataset
    from snnc.trainer.data.outline import Outline

REMEDY = "choose another name (-o), or replace it with --overwrite"


def encode(
    folder: Annotated[Path, typer.Argument(help="Folder of WAV files, CLASS/*.wav or CLASS/SPEAKER/*.wav.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Event file to write; its name ends in .npz.")
    ] = Path("events.npz"),
    layout: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Where class and speaker stand in a recording's path, for example {class}-{speaker}-{} for "
            "up-ann-3.wav; {} is any text. Texts at several {speaker} are joined by / to one name.",
        ),
    ] = None,
    mix: Annotated[
        bool, typer.Option("--mix", help="Take the mean of a recording's channels; else several are refused.")
    ] = False,
    skip: Annotated[
        bool,
        typer.Option(
            "--skip",
            help="Leave out recordings that cannot be encoded, and name each; also a few that do not fit the "
            "layout, and name the first.",
        ),
    ] = False,
    join_names: Annotated[
        bool | None,
        typer.Option(
            "--join-names/--keep-names",
            help="Whether names of classes, and of sources, that differ in case, blanks, marks or zeros in "
            "front of numbers alone are one name, that of most recordings; asked of classes if not given.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, help="Number of processes; by default one for each processor, if it is worth it."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT if it exists.")] = False,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Turn a folder of WAV files into a file of events, to train a network on.

    A cochlea model makes events on 140 lines, the highest frequency first. Recordings have 1 to 768 kHz,
    integers of 8 to 64 bits or floats, and last at most 32.7 s. The same recordings give the same file.

    Example: snnc encode recordings -o events.npz
    """
    from dataclasses import replace

    from snnc.cli import console, results
    from snnc.cli.free_model import free_model
    from snnc.errors import UnencodedError
    from snnc.text import shell
    from snnc.trainer.data.long_recordings import of_long
    from snnc.trainer.data.oddities import of_classes
    from snnc.trainer.data.short_recordings import of_short
    from snnc.trainer.data.spans import Spans

    out = console.out()
    try:
        encoded = encode_to(
            folder,
            output,
            layout,
            mix=mix,
            skip=skip,
            join_names=join_names,
            workers=workers,
            overwrite=overwrite,
            say=out.print,
        )
    except UnencodedError as error:
        command = _command(folder, output, layout, join_names, overwrite, said=str(error))
        raise UnencodedError(f"{error}{command}") from error
    # `snnc train` of a folder tells these when it reads the file.
    events = encoded.events
    odd = *of_short(events), *of_long(events, Spans(events)), *of_classes(events)
    encoded = replace(encoded, notes=[*encoded.notes, *odd])
    for line in summary(encoded):
        out.print(line)
    out.print(f"wrote {output}")
    if untrainable(encoded.events):
        following = f"snnc run ARTIFACT {shell('--input', output)}"
    else:
        following = shell("snnc", "train", output, "-o", free_model())
    out.print(f"next: {following}")
    results.write(
        as_json, "encode", {"folder": folder, "output": output, **fields(encoded), "next": following}
    )


def _command(
    folder: Path, output: Path, layout: str | None, join_names: bool | None, overwrite: bool, said: str
) -> str:
    """What `--skip` leaves out, what `--mix` does unless that was `said`, and the command that takes those
    recordings of `folder` that can be encoded, as the user named the rest."""
    from snnc.text import many, shell
    from snnc.trainer.data.encode_options import encode_command, sound_options
    from snnc.trainer.data.other_sound import listed

    replaces = ["--overwrite"] if overwrite else []
    options, unread, whole = sound_options(folder, layout, join_names)
    left = ""
    if "--mix" in options and "--mix" not in said:
        left = "; --mix takes the mean of a recording's channels, as some have several"
    if "--skip" in options:
        least = "" if whole else "at least "
        left += f"; --skip leaves out {least}{many(len(unread), 'recording')} ({listed(unread)})"
    if layout is None:
        command = " ".join([encode_command(folder, output, join_names=join_names), *replaces])
    else:
        command = shell("snnc", "encode", folder, "-o", output, "--layout", layout, *options, *replaces)
    return f"{left}. Here: {command}"


def fields(encoded: EncodedFolder) -> dict[str, object]:
    """What was encoded, for a script."""
    import numpy as np

    events = encoded.events
    counts = np.bincount(events.labels, minlength=len(events.class_names)).tolist()
    return {
        "recordings": len(events),
        "events": len(events.times),
        "seconds": float(events.duration.sum()),
        "classes": dict(zip(events.class_names, counts, strict=True)),
        "speakers": events.speaker_names,
        "layout": encoded.layout,
        "notes": encoded.notes,
    }


def encode_to(
    folder: Path,
    output: Path,
    layout: str | None = None,
    *,
    mix: bool = False,
    skip: bool = False,
    join_names: bool | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    same: bool = False,
    say: Callable[[str], None] | None = None,
) -> EncodedFolder:
    """Encode `folder` into the event file `output`, which is written whole or not at all.

    If `same`, one that exists is no error where it holds just these events; one that does not say the files,
    the encoder and the layout, which earlier releases did not write, is written again then. `say` is told the
    classes, speakers, parts and what is odd about names before the encoding, which may take long.

    Raises
    ------
    InputError
        As `encode_folder`; or `output` is no place for an event file, or exists and is not to be replaced.
    """
    from snnc.cli import console
    from snnc.errors import InputError
    from snnc.io import files
    from snnc.io.claims import claim
    from snnc.trainer.data import load
    from snnc.trainer.data.encoding import encode_folder
    from snnc.trainer.data.event_files import save_events_npz

    if output.suffix.lower() != ".npz":
        raise InputError(
            f"{output}: files of events are found by their name; give one that ends in .npz (-o)"
        )
    files.check_writable(output)
    if output.exists() and not (overwrite or same):
        raise InputError(f"{output}: exists; {REMEDY}")
    files.remove_parts(output)
    told: list[str] = []

    def outlined(found: Outline) -> None:
        told.extend(outline_lines(found, chosen=layout is not None))
        if say is not None:
            for line in (*told, *(f"note: {note}" for note in found.notes)):
                say(line)

    with claim(output, "another `snnc encode`"), console.steps() as steps:
        encoded = encode_folder(
            folder,
            layout=layout,
            mix=mix,
            skip=skip,
            join_names=join_names,
            workers=workers,
            progress=steps,
            outlined=outlined,
        )
        if say is not None and (now := outline_lines(encoded, chosen=layout is not None)) != told:
            for line in ("without the recordings left out:", *now):
                say(line)
        if output.exists() and not overwrite:
            there = load(output)
            if _content(there) != _content(encoded.events):
                raise InputError(f"{output}: exists, and holds other events than {folder}; {REMEDY}")
            if _origin(there) == _origin(encoded.events):
                return encoded
        save_events_npz(encoded.events, output)
    return encoded


def _content(events: EventDataset) -> tuple[object, ...]:
    return events.sha256(), events.speaker_names


def _origin(events: EventDataset) -> tuple[object, ...]:
    return events.files, events.encoder, events.layout


def summary(encoded: EncodedFolder) -> list[str]:
    """What was encoded, and what is odd, beside what was told before."""
    events = encoded.events
    seconds = float(events.duration.sum())
    return [
        f"recordings  {len(events)}, {seconds:.1f} s, shortest {float(events.duration.min()):.2f} s, "
        f"longest {float(events.duration.max()):.2f} s, {len(events.times)} events",
        *(f"note: {note}" for note in encoded.notes[encoded.early :]),
    ]
