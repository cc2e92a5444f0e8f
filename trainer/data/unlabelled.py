"""Recordings of sound as events for a trained network, whatever is known of their classes."""

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from snnc.errors import InputError, UnencodedError
from snnc.text import one_line
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.cochlea_settings import settings_of
from snnc.trainer.data.encoded import Encoded, low_rates, mixed_down
from snnc.trainer.data.encoding import RATE, encode_file
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.folder_classes import with_classes
from snnc.trainer.data.other_sound import OTHER_SOUND, WAV, alone, end_of
from snnc.trainer.data.readable import COCHLEA, not_encoded
from snnc.trainer.data.refusals import Problem, left_out, problem_of, refusal, told
from snnc.trainer.data.side_by_side import side_by_side
from snnc.trainer.data.walk import sounds_below

_REMEDY = "mend them, or move them to another folder"
_OR_SKIP = "mend them, move them to another folder, or leave them out with --skip"


def is_sound(path: Path) -> bool:
    """Whether `path` is a folder, or named as a file of sound."""
    return path.is_dir() or end_of(path.name) in (*WAV, *OTHER_SOUND)


def encode_sound(
    path: Path,
    *,
    mix: bool = False,
    skip: bool = False,
    classes: Sequence[str] = (),
    sources: Collection[str] = (),
    layout: str | None = None,
    unfit: Callable[[EventDataset], str | None] | None = None,
) -> tuple[EventDataset, tuple[str, ...], tuple[str, ...]]:
    """The WAV file `path`, or all WAV files below a folder, labelled where folders are called as `classes`.

    Else their class is `NO_CLASS`, and labels mean nothing. `sources`: the names of those that the network
    knows. `layout`: that of the recordings of training. `unfit`: says of one recording's events why the
    network cannot run on them, or None. `skip`: recordings that cannot be encoded, or do not fit, are left
    out, and notes name them; notes tell low sampling rates and mixed channels, too. The last are notes on
    the labels.

    Raises
    ------
    InputError
        One cannot be encoded: all that cannot are told before the first one is. Or one does not fit, or none
        is left.
    """
    if path.is_dir():
        names, notes = sounds_below(path, skip)
        paths = [path / name for name in names]
    else:
        if end_of(path.name) in OTHER_SOUND:
            raise InputError(alone(path))
        names, notes, paths = [path.name], [], [path]
    problems = not_encoded(paths, mix)
    _refuse(problems, path, len(paths), skip)
    bad = {file for file, _ in problems}
    good = [(name, each) for name, each in zip(names, paths, strict=True) if str(each) not in bad]
    kept, encoded = [], []
    work, files = partial(encode_file, mix=mix), [each for _, each in good]
    with closing(side_by_side(work, files, None, "give fewer recordings at a time")) as results:
        for (name, each), result in zip(good, results, strict=True):
            if isinstance(result, Encoded):
                kept.append(name)
                encoded.append(result)
            else:
                problems.append(problem_of(each, result))
                _refuse(problems, path, len(paths), skip)
    if unfit is not None:
        reasons = [unfit(_together(path, [name], [each])) for name, each in zip(kept, encoded, strict=True)]
        file = dict(good)
        problems += [
            (str(file[name]), why) for name, why in zip(kept, reasons, strict=True) if why is not None
        ]
        _refuse(problems, path, len(paths), skip, "be run")
        fits = [at for at, why in enumerate(reasons) if why is None]
        kept, encoded = [kept[at] for at in fits], [encoded[at] for at in fits]
    notes += [left_out(file, why) for file, why in problems]
    if (mixed := mixed_down(encoded)) is not None:
        notes.append(mixed)
    if (low := low_rates(encoded, RATE)) is not None:
        notes.append(low)
    events, of_labels = _together(path, kept, encoded), list[str]()
    if path.is_dir():
        events, of_labels = with_classes(events, path, kept, classes, sources, layout)
    return events, tuple(notes), tuple(of_labels)


def _refuse(
    problems: Sequence[Problem], path: Path, total: int, skip: bool, cannot: str = "be encoded"
) -> None:
    """Raise `InputError` for `problems` of `total` recordings, if they are not left out or are all."""
    if not problems or (skip and len(problems) < total):
        return
    if not path.is_dir():
        raise InputError(f"{path}: {problems[0][1]}")
    if skip:
        raise UnencodedError(f"{path}: --skip leaves none of its {total} recordings: {told(problems)}")
    raise refusal(problems, total, _OR_SKIP if len(problems) < total else _REMEDY, cannot)


def _together(path: Path, names: Sequence[str], encoded: Sequence[Encoded]) -> EventDataset:
    n = len(encoded)
    return EventDataset(
        times=np.concatenate([each.times for each in encoded]),
        units=np.concatenate([each.units for each in encoded]),
        offsets=np.cumsum([0, *(len(each.times) for each in encoded)]),
        labels=np.zeros(n, np.int64),
        speaker=np.full(n, UNKNOWN),
        trial=np.full(n, UNKNOWN),
        duration=np.array([each.seconds for each in encoded], np.float32),
        tick_s=COCHLEA.step_s,
        unit_count=COCHLEA.bands,
        class_names=(NO_CLASS,),
        name=path.name or "recordings",
        files=tuple(map(one_line, names)),
        encoder=settings_of(COCHLEA, any(each.channels > 1 for each in encoded)),
    )
