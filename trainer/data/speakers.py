"""Names of speakers, beside the numbers by which recordings are divided."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from snnc.errors import StageError
from snnc.stages.names import check_speaker_names
from snnc.text import LINE, shell, shortened
from snnc.trainer.data.frozen import unfit

NAMED = 8
"""Most speakers whom a command names."""


def numbered(speaker: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """Speakers that are texts, as numbers and their sorted names; numbers as they are, and None."""
    if speaker.dtype.kind != "U" or speaker.ndim != 1:
        return speaker, None
    names, numbers = np.unique(speaker, return_inverse=True)
    return numbers.astype(np.int64), tuple(map(str, names))


def speakers_of(
    arrays: Mapping[str, NDArray[Any]], count: int, unknown: int, refuse: Callable[[str], NoReturn]
) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """The numbers of the speakers of `count` recordings of a file, `unknown` without any, and their names.

    `refuse` is called with what is wrong.
    """
    speaker, given = arrays.get("speaker"), arrays.get("speakers")
    if speaker is not None and speaker.dtype.kind == "S":
        refuse("array 'speaker' holds bytes; store numbers, or names: speaker.astype(str)")
    numbers, names = numbered(np.full(count, unknown) if speaker is None else speaker)
    if given is None:
        return numbers, names
    if given.dtype.kind != "U" or given.ndim != 1:
        refuse(f"array 'speakers' is {given.dtype}; store a list of strings")
    if names is None and len(given) == count and (speaker is None or len(set(given.tolist())) < count):
        refuse("array 'speakers' holds a name for each recording; call that array 'speaker'")
    if speaker is None or names is not None:
        refuse(
            "array 'speakers' names the numbers in 'speaker', which holds none; store a number for each "
            "recording there, or their names, without 'speakers'"
        )
    return numbers, tuple(map(str, given))


def of_samples(
    arrays: Mapping[str, NDArray[Any]], count: int, unknown: int, refuse: Callable[[str], NoReturn]
) -> tuple[str, ...] | None:
    """Whose each of `count` samples of a file is, as `each_named`. `refuse` is called with what is wrong."""
    numbers, names = speakers_of(arrays, count, unknown, refuse)
    if numbers.shape != (count,):
        refuse(f"speaker has the shape {list(numbers.shape)}; give one for each of the {count} samples")
    if (problem := unfit(numbers, np.int64)) is not None:
        refuse(f"speaker{problem}")
    if (problem := problem_of(names, numbers.astype(np.int64), unknown)) is not None:
        refuse(problem)
    return each_named(numbers, names, unknown)


def each_named(numbers: NDArray[Any], names: Sequence[str] | None, unknown: int) -> tuple[str, ...] | None:
    """The name of each, or its number; empty where it is `unknown`, and None if all are."""
    if (numbers == unknown).all():
        return None
    return tuple(
        "" if each == unknown else str(each) if names is None else names[each] for each in numbers.tolist()
    )


def problem_of(names: Sequence[str] | None, numbers: NDArray[np.int64], unknown: int) -> str | None:
    """What is wrong with `names`, of which `numbers` are positions or `unknown`; None if nothing is."""
    if names is None:
        return None
    try:
        check_speaker_names(names)
    except StageError as error:
        return str(error)
    nameless = np.flatnonzero((numbers != unknown) & ((numbers < 0) | (numbers >= len(names))))
    if not nameless.size:
        return None
    first = int(nameless[0])
    return (
        f"speaker[{first}] = {numbers[first]} has none of the {len(names)} names of speakers; give one for "
        f"each number from 0 on, and the number {unknown} where nobody is known"
    )


def numbers_of(
    speakers: Sequence[int | str], names: Sequence[str] | None
) -> tuple[dict[int, int | str], list[int | str]]:
    """The numbers of speakers, each with what it was given as: a number or a name; and names of nobody."""
    found: dict[int, int | str] = {}
    nobody: list[int | str] = []
    for each in speakers:
        if not isinstance(each, str):
            found[each] = each
        elif names is not None and each in names:
            found[names.index(each)] = each
        else:
            nobody.append(each)
    return found, nobody


def held_out_settings(lists: Mapping[str, Sequence[int]], names: Sequence[str] | None) -> str:
    """The options of `snnc train` that set these `lists` of speakers, by name where they have `names`."""
    settings = [
        f"{field}={json.dumps([n if names is None else names[n] for n in who], ensure_ascii=False)}"
        for field, who in lists.items()
        if who
    ]
    return shell(*(word for each in settings for word in ("--set", each)))


def of_each(numbers: NDArray[np.int64], names: Sequence[str] | None, unknown: int) -> tuple[str, ...] | None:
    """The name of the speaker of each recording, or its number; None if one is `unknown`."""
    if (numbers == unknown).any():
        return None
    return tuple(str(each) if names is None else names[each] for each in numbers.tolist())


def persons(numbers: NDArray[np.int64], names: Sequence[str] | None) -> str:
    """The names of those who have recordings; empty where they have none."""
    if names is None:
        return ""
    return shortened(", ".join(names[n] for n in np.unique(numbers).tolist() if n >= 0), LINE // 4)


def in_words(numbers: Sequence[int], names: Sequence[str] | None) -> str:
    """Speakers by their numbers, which a configuration takes, and by their names if they have any."""
    if names is None:
        return str(list(numbers))
    return shortened(", ".join(f"{n} ({names[n]})" for n in numbers if n >= 0), LINE // 4)


def sources(count: int) -> str:
    """As "2 sources": a speaker, or the machine, place or session that recordings of other data are of."""
    return "1 source" if count == 1 else f"{count} sources"
