"""Recordings in a folder: which files are some, of what class and whom, and what else lies there."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from snnc.errors import InputError, UnencodedError
from snnc.trainer.data.array_files import advice_of_folder
from snnc.trainer.data.beside_recordings import beside
from snnc.trainer.data.joined_names import joined
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.questions import asked
from snnc.trainer.data.recording import Recording
from snnc.trainer.data.same_sources import of_several_places, of_unread_folders
from snnc.trainer.data.usual_depth import read_at_other_depths
from snnc.trainer.data.usual_layout import numbered_tops, of_unread_speakers
from snnc.trainer.data.walk import refuse_foreign, walked


@dataclass(frozen=True, slots=True)
class Found:
    """Recordings sorted by name, the layout by which they are read, and `notes` on what is odd."""

    recordings: tuple[Recording, ...]
    layout: str
    notes: tuple[str, ...]


def find_recordings(
    folder: Path, layout: str | None = None, skip: bool = False, join_names: bool | None = None
) -> Found:
    """The WAV files below `folder`.

    Without a `layout`, the first folder is the class, and the second, if every recording lies in one, the
    speaker. `skip`: recordings of other kinds, and a few that do not fit the layout, are left out, and noted.
    `join_names`: as of `joined`.

    Raises
    ------
    InputError
        There is no such folder, it cannot be read, or holds no recording; a recording does not fit the
        layout, or is of a kind that is not read; classes cannot be told; names of files plainly tell
        speakers, and no layout is given; or names of classes hardly differ, and `join_names` is None.
    """
    read = None if layout is None else Layout(layout)
    walk = walked(folder)
    skipped = refuse_foreign(folder, walk, skip)
    if not walk.sounds:
        arrays = advice_of_folder(folder, walk.others)
        where = "put recordings there, in a folder for each class: CLASS/NAME.wav"
        raise InputError(arrays or f"{folder}: holds no WAV file; {where}")
    if read is None:
        read = Layout(asked(folder, walk.sounds))
    recordings, unfit = _read(folder, walk.sounds, read, skip, given=layout is not None)
    recordings, alike = joined(folder, recordings, join_names)
    notes = [*beside(walk, [each.name for each in recordings]), *alike, *skipped, *unfit]
    told = read_at_other_depths([(each.name, each.label, each.speaker) for each in recordings], bool(layout))
    if told and layout is None and not read.names_speakers:
        told += (
            f'; with all of them in folders below the class, --layout "{BY_SPEAKER}" reads these as sources'
        )
    notes += [told] if told else []
    names = [each.name for each in recordings]
    notes += of_several_places(read.text, names) or of_unread_folders(read.text, names)
    if layout is None and not read.names_speakers:
        notes += of_unread_speakers(walk.sounds, layout_too=True)
    if layout is None and read.text == BY_CLASS and (tops := numbered_tops(walk.sounds)):
        notes.append(
            f"folders {listed(tops)} are taken for classes; if they are sources (field `speaker`), --layout "
            'says where the class stands, as "{speaker}/{class}_{}" of patient_01/cough_3.wav'
        )
    return Found(tuple(recordings), read.text, tuple(notes))


def _read(
    folder: Path, sounds: Sequence[str], layout: Layout, skip: bool, given: bool
) -> tuple[list[Recording], list[str]]:
    """The recordings, and a note on those that do not fit the layout, if they are few and to be left out."""
    recordings, unfit = [], []
    for name in sounds:
        parts = layout.parts(os.path.splitext(name)[0])
        if parts is None:
            unfit.append(name)
        else:
            recordings.append(Recording(folder / name, name, *parts))
    if not unfit:
        return recordings, []
    misfit = f'do not fit the layout "{layout.text}" ({listed(unfit)})'
    few = 2 * len(unfit) < len(sounds)
    if few and skip:
        return recordings, [f"left out: {len(unfit)} of {len(sounds)} recordings {misfit}"]
    leave = ", leave them out with --skip" if few else ""
    kind = UnencodedError if few and given else InputError
    raise kind(
        f"{folder}: {len(unfit)} of {len(sounds)} recordings {misfit}; rename or move them{leave}, or give "
        "another --layout"
    )
