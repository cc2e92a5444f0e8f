"""Whether names of speakers tell a speaker and a number, and the layout that reads them so."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from snnc.text import quoted

if TYPE_CHECKING:
    from snnc.trainer.data.events import EventDataset

_NUMBER = re.compile(r"(.*?[^\W\d_])([\W_]*)\d+")
"""A name, what separates it, and a number."""


def numbered_speakers(events: EventDataset, layout: str) -> str:
    """That speakers seem to be single recordings of a few, and how they are read as these; empty if not.

    They differ in their numbers alone, and each has at most one recording of a class. Where all are called
    the same but for the number, as s01 and s02, these are names.
    """
    names = events.speaker_names or ()
    read = [_NUMBER.fullmatch(name) for name in names]
    found = [each for each in read if each is not None]
    voices = Counter(each[1] for each in found)
    if len(found) < len(names) or len(voices) < 2 or min(voices.values()) < 2:
        return ""
    pairs = np.stack([events.speaker, events.labels], axis=1)
    if len(np.unique(pairs, axis=0)) < len(pairs):
        return ""
    told = (
        f"warning: {len(names)} sources (field `speaker`) are called as {len(voices)}, and a number "
        f"({quoted(names[0])}, {quoted(names[1])}, ...): if these are the sources, the same ones train and "
        "test"
    )
    marks = {each[2] for each in found}
    if len(marks) > 1 or marks == {""}:
        return f"{told}; rename the files, with one mark between name and number"
    other = layout.replace("{speaker}", f"{{speaker}}{marks.pop()}{{}}")
    return f'{told}; --layout "{other}" reads their names alone'
