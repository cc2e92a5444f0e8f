"""The options with which `snnc encode` takes the recordings of a folder, as far as its files tell them."""

import re
from collections.abc import Sequence
from pathlib import Path

from snnc.errors import InputError
from snnc.text import shell
from snnc.trainer.data.folder import events_of, sounds_below
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.usual_layout import ANY_PART, are_parts, layout_of_files, usual_layout

LOOKED_AT = 1000
"""Most recordings that are read, of all parts of a folder, to find those of several channels."""
_FILES_SPEAKERS = 2
"""Fewest speakers that names of files tell, and classes of each: one alone is no speaker's name."""


def encode_command(folder: Path, output: Path | None = None) -> str:
    """The command that encodes `folder` into `output`, by default a file called as the folder."""
    return shell("snnc", "encode", folder, "-o", output or events_of(folder), *encode_options(folder))


def encode_options(folder: Path) -> list[str]:
    """`--layout`, `--mix` and `--skip`, as its recordings need them; none where it cannot be read.

    `--layout` tells speakers that names of files tell, and folders do not. Where nothing tells the classes,
    the user has to: `--layout TEXT`.
    """
    try:
        sounds, _ = sounds_below(folder, skip=True)
    except InputError:  # which the command tells
        return []
    return [*_layout(sounds), *_channels(folder, sounds)]


def _layout(sounds: Sequence[str]) -> list[str]:
    usual = usual_layout(sounds)
    if usual == BY_CLASS and (found := layout_of_files(sounds)) is not None:
        return ["--layout", found[0]] if _tells_speakers(sounds, found[0]) else []
    if usual is not None:
        return []
    if are_parts(sounds) and all(Layout(ANY_PART).parts(re.sub(r"\.\w+$", "", each)) for each in sounds):
        return ["--layout", ANY_PART]
    return ["--layout", BY_SPEAKER if all(each.count("/") > 1 for each in sounds) else "TEXT"]


def _tells_speakers(sounds: Sequence[str], text: str) -> bool:
    """Whether `text` reads several speakers, each of several classes: a class's own name is no speaker's."""
    read = [Layout(text).parts(re.sub(r"\.\w+$", "", each)) for each in sounds]
    pairs = {each for each in read if each is not None}
    of_each = [sum(speaker == other for _, other in pairs) for speaker in {speaker for _, speaker in pairs}]
    return len(of_each) >= _FILES_SPEAKERS and min(of_each) >= _FILES_SPEAKERS


def _channels(folder: Path, sounds: Sequence[str]) -> list[str]:
    from snnc.trainer.data.encoding import not_encoded  # here: it reads sound, which few need

    looked_at = [folder / name for name in sounds[:: -(-len(sounds) // LOOKED_AT)]]
    refused = [Path(file) for file, _ in not_encoded(looked_at, mix=False)]
    still = not_encoded(refused, mix=True)
    mixed = ["--mix"] if len(still) < len(refused) else []
    return [*mixed, *(["--skip"] if 0 < len(still) < len(looked_at) else [])]
