"""The layout of a folder of recordings of which nothing is said."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from snnc.trainer.data.days import is_day
from snnc.trainer.data.layout import BY_CLASS, BY_SPEAKER, Layout
from snnc.trainer.data.other_sound import listed

SEPARATORS = "_", "-", " ", "."
"""What stands between a speaker's name and the rest, the usual ones first."""
_SEVERAL = 2
"""Fewest speakers that have several classes each, and hold most of the recordings: names that stand in one
class alone may be the class's own, or a word's."""
ALIKE = 0.9
"""Least share of names of files that have as many parts, so that a slip in one hides nothing."""
_APART = 3
"""Fewest speakers whom parts keep apart."""
_OF_CLASSES = frozenset(
    ("category", "class", "command", "digit", "gesture", "kind", "label", "object", "type", "word")
)
"""Names of folders that are classes, although they differ by their number alone."""
_OF_SOURCES = frozenset(
    (
        *("device", "hive", "house", "id", "machine", "mic", "microphone", "p", "participant", "patient"),
        *("person", "proband", "recorder", "room", "s", "session", "site", "speaker", "spk", "sub", "subj"),
        *("subject", "talker", "unit", "user", "volunteer", "voice"),
    )
)
"""Names of folders that are sources; what others are that are numbered, as door_1, is not known."""
_PARTS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"))


def usual_layout(sounds: Sequence[str]) -> str | None:
    """Of paths from the folder on: a folder a class, and in it one a speaker; None if it is not that."""
    if any("/" not in name for name in sounds) or are_parts(sounds) or are_days(sounds):
        return None
    deep = all(name.count("/") > 1 for name in sounds)
    if deep and len(tops_of(sounds)) == 1:
        return None
    return BY_SPEAKER if deep else BY_CLASS


def are_parts(sounds: Sequence[str]) -> bool:
    """Whether all lie in folders that are called as parts of data, not as classes."""
    return all("/" in name for name in sounds) and all(top.lower() in _PARTS for top in tops_of(sounds))


def are_days(sounds: Sequence[str]) -> bool:
    """Whether all lie in folders that are called as days, as 2026-10-03."""
    return all("/" in name for name in sounds) and all(map(is_day, tops_of(sounds)))


def tops_of(sounds: Iterable[str]) -> list[str]:
    """The first folders of paths, in order."""
    return in_order(name.partition("/")[0] for name in sounds)


def only_folder(sounds: Sequence[str]) -> str:
    """The folder that all paths lie in, the deepest; empty if that is none."""
    return posixpath.commonpath([posixpath.dirname(name) for name in sounds])


def in_order(names: Iterable[str]) -> list[str]:
    """`names` without repeats, in alphabetical order, numbers in them by their value."""
    return sorted(set(names), key=lambda name: (_pieces(name), name))


def layout_of_files(sounds: Sequence[str]) -> tuple[str, str] | None:
    """The layout by which CLASS/*.wav name speakers, and a file for which it is; None if they do not."""
    stems = [file.rpartition(".")[0].split("/") for file in sounds]
    if stems and all(len(parts) == 2 for parts in stems):
        for mark in SEPARATORS:
            before = [parts[1].partition(mark) for parts in stems]
            names = {each[0] for each in before}
            if names == set(parts[0] for parts in stems):
                return None  # files repeat the name of their folder
            if all(map(is_day, names)):
                return None  # who recorded on a day is not told
            if all(name and rest for name, _, rest in before) and len(names) < len(stems):
                return f"{{class}}/{{speaker}}{mark}{{}}", f"CLASS/{stems[0][1]}.wav"
    return None


def layout_of_speakers(sounds: Sequence[str]) -> str | None:
    """As `layout_of_files`, where what it reads are speakers; None where that cannot be told."""
    if (found := layout_of_files(sounds)) is None:
        return None
    read = [Layout(found[0]).parts(each.rpartition(".")[0]) for each in sounds]
    spoken = [each for each in read if each is not None]
    classes = Counter(speaker for _, speaker in set(spoken))
    spread = {speaker for speaker, count in classes.items() if count >= _SEVERAL}
    most = 2 * sum(speaker in spread for _, speaker in spoken) > len(sounds)
    return found[0] if len(spread) >= _SEVERAL and most else None


def plain_speakers(sounds: Sequence[str]) -> tuple[str, list[str]] | None:
    """The layout by which files plainly name speakers or other groups, and these; None if they do not.

    As `layout_of_speakers`, where there are so many that parts can keep them apart, each has several
    recordings of a class on average, and most are called by letters, not by a number or a date.
    """
    if (layout := layout_of_speakers(sounds)) is None:
        return None
    read = [Layout(layout).parts(each.rpartition(".")[0]) for each in sounds]
    spoken = [(label, str(speaker)) for label, speaker in filter(None, read)]
    names = in_order(name for _, name in spoken)
    called = sum(any(map(str.isalpha, name)) and name.lower() not in _PARTS for _, name in spoken)
    several = len(spoken) >= _SEVERAL * len(set(spoken))
    return (layout, names) if len(names) >= _APART and several and 2 * called > len(spoken) else None


def either(sounds: Sequence[str]) -> tuple[str, list[str]] | None:
    """The layout by which folders of CLASS/*.wav are classes and names of files sources, and these names.

    None where the reverse is not as likely: folders or names are called as what they are, or tell little.
    """
    if (inverse := classes_in_files(sounds)) is not None:
        return None if called_as_sources(sounds) else (exchanged(inverse[0]), inverse[1])
    plain = plain_speakers(sounds)
    if plain is None or _numbered(tops_of(sounds)) in _OF_CLASSES or _numbered(plain[1]) in _OF_SOURCES:
        return None
    return plain


def exchanged(layout: str) -> str:
    """`layout` with classes in the place of speakers, and the reverse."""
    swapped = {"{class}": "{speaker}", "{speaker}": "{class}"}
    return re.sub(r"\{class\}|\{speaker\}", lambda name: swapped[name[0]], layout)


def classes_in_files(sounds: Sequence[str]) -> tuple[str, list[str]] | None:
    """The layout by which folders are speakers and files name classes, and these; None if that seems wrong.

    Folders are numbered, as patient_01, and not called as classes; files are not, and most name in letters
    what several folders have, first or behind the name of their folder.
    """
    if len(tops_of(sounds)) == 1:
        return _classes_of_one(sounds)
    if not numbered_tops(sounds) or (layout := layout_of_classes(sounds)) is None:
        return None
    read = [Layout(layout).parts(each.rpartition(".")[0]) for each in sounds]
    labelled = [each for each in read if each is not None]
    folders = Counter(label for label, _ in set(labelled))
    spread = {label for label, count in folders.items() if count >= _SEVERAL}
    most = 2 * sum(label in spread for label, _ in labelled) > len(sounds)
    names = in_order(folders)
    letters = sum(any(map(str.isalpha, name)) for name in names)
    if len(spread) < _SEVERAL or not most or _numbered(names) is not None or _PARTS & set(names):
        return None
    return (layout, names) if 2 * letters > len(names) else None


def _classes_of_one(sounds: Sequence[str]) -> tuple[str, list[str]] | None:
    """As `classes_in_files`, of one folder called as a source, if all files name a class first."""
    if not called_as_sources(sounds):
        return None
    for mark in SEPARATORS:
        layout = f"{{speaker}}/{{class}}{mark}{{}}"
        read = [Layout(layout).parts(each.rpartition(".")[0]) for each in sounds]
        names = in_order(each[0] for each in read if each is not None)
        letters = all(any(map(str.isalpha, name)) for name in names)
        if None not in read and len(names) > 1 and letters and _numbered(names) is None:
            return layout, names
    return None


def called_as_sources(sounds: Sequence[str]) -> bool:
    """Whether the first folders, or the only one, are called as sources, and numbered."""
    return _numbered(tops_of(sounds), fewest=1) in _OF_SOURCES


def called_as_classes(folders: Sequence[str]) -> bool:
    """Whether folders are numbered, and called as classes: digit_1, digit_2."""
    return _numbered(folders) in _OF_CLASSES


def layout_of_classes(sounds: Sequence[str]) -> str | None:
    """By which folders are speakers, and files name classes, first or behind the name of their folder; None
    where names are not of several parts."""
    for mark in SEPARATORS:
        tops = {top.count(mark) for top in tops_of(sounds)}
        if len(tops) == 1 and all("/".join([name.split("/")[0]] * 2) + mark in name for name in sounds):
            own = mark.join(["{}"] * (1 + tops.pop()))
            return f"{{speaker}}/{own}{mark}{{class}}{mark}{{}}"
    found = layout_of_files(sounds)
    return None if found is None else exchanged(found[0])


def numbered_tops(sounds: Sequence[str]) -> list[str]:
    """The first folders, if they are called alike but for what begins with a number, and not as classes."""
    tops = tops_of(sounds)
    return tops if _numbered(tops) not in (None, *_OF_CLASSES) else []


def _numbered(names: Sequence[str], fewest: int = 2) -> str | None:
    """What `names` begin with before a number, in small letters; None where that is not the same of all, or
    they are fewer."""
    matched = (re.match(r"([^\W\d_]+)[-_ .]*\d", name) for name in names)
    found = {each and each[1].lower() for each in matched}
    return found.pop() if len(found) == 1 and len(names) >= fewest else None


def of_unread_speakers(sounds: Sequence[str], layout_too: bool = False) -> list[str]:
    """That names of most files tell speakers, and those of others do not, so that nobody is named; a note.

    Empty where all tell them, or hardly any. `layout_too`: they are read where the layout is said alone.
    """
    for mark in SEPARATORS:
        fit = [each for each in sounds if _fits(each, mark)]
        if len(fit) < len(sounds) < 2 * len(fit) and (layout := layout_of_speakers(fit)) is not None:
            other = [each for each in sounds if not _fits(each, mark)]
            do = "does" if len(other) == 1 else "do"
            return [
                f"names of {len(fit)} of {len(sounds)} files tell sources (field `speaker`), as {layout} "
                f"reads them, and {len(other)} {do} not ({listed(other)}), so none are named: rename or move "
                "those" + (f', and say --layout "{layout}"' if layout_too else "")
            ]
    return []


def of_one_class(sounds: Sequence[str]) -> list[str]:
    """That names of files of a single class may tell speakers, and are not read so; a note, or empty."""
    if (found := layout_of_files(sounds)) is None or len(tops_of(sounds)) > 1:
        return []
    read = [Layout(found[0]).parts(each.rpartition(".")[0]) for each in sounds]
    takes = Counter(each[1] for each in read if each is not None)
    if len(takes) < _SEVERAL or min(takes.values()) < _SEVERAL:
        return []
    return [
        f"names of files may tell sources (field `speaker`), as {found[0]} reads them "
        f"({listed(in_order(map(str, takes)))}), which one class alone does not show, so none are named; an "
        f'event file names them, which snnc encode makes with --layout "{found[0]}"'
    ]


def are_counted(names: Iterable[str]) -> bool:
    """Whether names are called alike but for what begins with a number, as M1 and M3 are."""
    return _numbered(list(names), fewest=1) is not None


def _fits(sound: str, mark: str) -> bool:
    """Whether it is CLASS/NAME, and `mark` divides NAME."""
    stem = sound.rpartition(".")[0].split("/")
    name, _, rest = stem[-1].partition(mark)
    return len(stem) == 2 and bool(name and rest)


def _pieces(name: str) -> list[str | int]:
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if at % 2 else part.casefold() for at, part in enumerate(parts)]
