"""A folder of recordings as events of the cochlea model, by any number of processes."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.stages.names import check_name
from snnc.text import one_line, quoted
from snnc.trainer.data.cochlea import Cochlea, encode
from snnc.trainer.data.cochlea_settings import settings_of
from snnc.trainer.data.event_files import RECORDING_LIMIT
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.folder import Recording, find_recordings, in_order
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.outline import Outline, numbers, outline
from snnc.trainer.data.refusals import left_out, problem_of, refusal, told
from snnc.trainer.data.side_by_side import side_by_side
from snnc.trainer.data.wav import digest, mono, read_sound, resampled

COCHLEA = Cochlea()
RATE = 2 * int(COCHLEA.f_max)
"""Samples a second that the model needs; what has fewer is resampled."""
STEPS = 1 << 16
"""Most steps of a recording: an event's time is kept in 16 bits."""
EVENTS = 1 << 30
"""Most events of all recordings."""
_PROBLEMS, _SHOWN = 20, 3
"""Recordings that cannot be encoded: after so many the others are not tried. And so many are named."""
_SKIP = "--skip leaves such recordings out and names them"


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Events of one recording, and what is to be told of it; `sha256` as `digest`."""

    times: NDArray[np.uint16]
    units: NDArray[np.uint8]
    seconds: float
    rate: int
    channels: int
    sha256: bytes


@dataclass(slots=True)
class EncodedFolder:
    """`notes`: what one may not expect of the recordings, a line each."""

    events: EventDataset
    layout: str
    notes: list[str] = field(default_factory=list)


def encode_folder(
    folder: Path,
    *,
    layout: str | None = None,
    mix: bool = False,
    skip: bool = False,
    workers: int | None = None,
    progress: Callable[[str, int], Callable[[int], Any]] | None = None,
    outlined: Callable[[Outline], None] | None = None,
) -> EncodedFolder:
    """The recordings of `folder` as events, equal for any number of `workers`.

    Events of a recording depend on its samples and their rate alone: so does the seed of the membrane noise.
    Speakers and classes are numbered in the order of their names.

    Parameters
    ----------
    layout : as `Layout`; None for a folder for each class.
    mix : take the mean of a recording's channels; several are refused otherwise.
    skip : leave out, and note, recordings that cannot be encoded.
    workers : processes; None for as many as there are processors, if there is enough to do.
    progress : called with a text and a number of recordings; what it returns, with how many of them are done.
    outlined : called with what names tell, before the first recording is read.

    Raises
    ------
    InputError
        A recording cannot be encoded, or as `find_recordings`.
    """
    found = find_recordings(folder, layout, skip)
    recordings = found.recordings
    if len(recordings) > RECORDING_LIMIT:
        raise InputError(
            f"{folder}: holds {len(recordings)} recordings, at most {RECORDING_LIMIT} are encoded"
        )
    _check_names(folder, recordings)
    if outlined is not None:
        outlined(outline(_name(folder), recordings, found.layout, COCHLEA))
    done = progress("encoding", len(recordings)) if progress else lambda number: None
    kept, encoded, problems, events = [], [], [], 0
    work = partial(encode_file, mix=mix)
    with closing(side_by_side(work, [each.path for each in recordings], workers)) as results:
        for number, (recording, result) in enumerate(zip(recordings, results, strict=True), 1):
            done(number)
            if isinstance(result, str):
                problems.append(problem_of(recording.path, result))
                if len(problems) >= _PROBLEMS and not skip:
                    raise refusal(problems, number, len(recordings), _SKIP)
                continue
            kept.append(recording)
            encoded.append(result)
            events += len(result.times)
            if events > EVENTS:
                raise InputError(
                    f"{folder}: its recordings hold more than {EVENTS} events; encode a part of it"
                )
    if problems and not skip:
        raise refusal(problems, len(recordings), len(recordings), _SKIP)
    if not kept:
        raise InputError(f"{folder}: none of its recordings can be encoded: {told(problems)}")
    notes = [
        *found.notes,
        *(left_out(file, why) for file, why in problems),
    ]
    ds = _together(folder, kept, encoded)
    return EncodedFolder(ds, found.layout, [*notes, *_remarks(kept, encoded, recordings)])


def encode_file(path: Path, mix: bool) -> Encoded | str:
    """The events of one recording, or why it cannot be encoded, as "PATH: why"."""
    try:
        sound = read_sound(path)
        samples, rate = mono(sound, path, mix), sound.rate
        most = STEPS * COCHLEA.step_s
        # Resampling may add a sample, so a step.
        if math.ceil(len(samples) * COCHLEA.rate / rate) >= STEPS:
            return (
                f"{path}: lasts {sound.seconds:.1f} s, at most {most:.1f} s are encoded; cut it into pieces"
            )
        if np.ptp(samples) == 0.0:
            if np.ptp(sound.samples, axis=0).any():
                return f"{path}: the mean of its channels is silent, they cancel out; convert one to mono"
            return f"{path}: is silent, all its samples are equal; record it again, or remove it"
        sha256 = digest(samples, rate)
        if rate < RATE:
            samples, rate = resampled(samples, rate, RATE), RATE
        steps, units = encode(samples, rate, int.from_bytes(sha256[:8], "big"), COCHLEA)
    except InputError as error:
        return str(error)
    except MemoryError:
        return f"{path}: takes more memory than there is; cut it into pieces, or take fewer --workers"
    return Encoded(
        times=steps.astype(np.uint16),
        units=units.astype(np.uint8),
        seconds=sound.seconds,
        rate=sound.rate,
        channels=sound.samples.shape[1],
        sha256=sha256,
    )


def _check_names(folder: Path, recordings: Sequence[Recording]) -> None:
    """Raise `InputError` if a class or a speaker cannot be called what its folder or file is called."""
    from snnc.errors import StageError

    for each in recordings:
        for what, name in (("its class", each.label), ("its speaker", each.speaker)):
            try:
                if name is not None:
                    check_name(what, name)
            except StageError as error:
                raise InputError(f"{folder}: of {quoted(each.name)} {error}") from error


def _together(folder: Path, recordings: Sequence[Recording], encoded: Sequence[Encoded]) -> EventDataset:
    classes, labels, names, speaker = numbers(recordings)
    takes: Counter[tuple[str, str | None]] = Counter()
    trials = []
    for each in recordings:
        trials.append(takes[each.label, each.speaker])
        takes[each.label, each.speaker] += 1
    return EventDataset(
        times=np.concatenate([each.times for each in encoded]),
        units=np.concatenate([each.units for each in encoded]),
        offsets=np.cumsum([0, *(len(each.times) for each in encoded)]),
        labels=labels,
        speaker=speaker,
        trial=np.array(trials),
        duration=np.array([each.seconds for each in encoded], np.float32),
        tick_s=COCHLEA.step_s,
        unit_count=COCHLEA.bands,
        class_names=classes,
        name=_name(folder),
        speaker_names=names,
        files=tuple(one_line(each.name) for each in recordings),
        encoder=settings_of(COCHLEA),
    )


def _name(folder: Path) -> str:
    return folder.name or "recordings"


def _remarks(
    recordings: Sequence[Recording], encoded: Sequence[Encoded], all_of_them: Sequence[Recording]
) -> list[str]:
    """What one may not expect of what was encoded."""
    return [*_lost(recordings, all_of_them), *_twins(recordings, encoded), *_sounds(recordings, encoded)]


def _lost(recordings: Sequence[Recording], all_of_them: Sequence[Recording]) -> list[str]:
    kept = {each.label for each in recordings}
    lost = in_order(each.label for each in all_of_them if each.label not in kept)
    notes = [f"classes of which no recording is left: {listed(lost)}"] if lost else []
    if len(kept) == 1:
        notes.append(
            f"one class only, {quoted(next(iter(kept)))}: that trains no network, which tells classes apart"
        )
    return notes


def _twins(recordings: Sequence[Recording], encoded: Sequence[Encoded]) -> list[str]:
    """Recordings whose sound is equal, whatever their files: one may train and the other test."""
    same = defaultdict(list)
    for recording, each in zip(recordings, encoded, strict=True):
        same[each.sha256].append(recording)
    twins = [several for several in same.values() if len(several) > 1]
    crossed = [several for several in twins if len({each.label for each in several}) > 1]
    notes = []
    for what, groups in (
        ("equal recordings in different classes, which nothing can tell apart", crossed),
        (
            "equal recordings, of which one may train and another test",
            [several for several in twins if several not in crossed],
        ),
    ):
        if groups:
            shown = "; ".join(_both(several) for several in groups[:_SHOWN])
            notes.append(f"{what}: {len(groups)} ({shown}{'; ...' if len(groups) > _SHOWN else ''})")
    return notes


def _both(several: Iterable[Recording]) -> str:
    return " = ".join(one_line(each.name) for each in list(several)[:_SHOWN])


def _many(count: int, one: str, several: str) -> str:
    return f"1 recording {one}" if count == 1 else f"{count} recordings {several}"


def _sounds(recordings: Sequence[Recording], encoded: Sequence[Encoded]) -> list[str]:
    notes = []
    rates = Counter(each.rate for each in encoded)
    low = sorted(rate for rate in rates if rate < RATE)
    if low:
        count = sum(rates[rate] for rate in low)
        mixed = (
            "" if count == len(encoded) else "; the others do, so a class may be told by its sampling rate"
        )
        notes.append(
            f"{_many(count, 'has', 'have')} less than {RATE} samples a second (from {low[0]} on), and so "
            f"nothing above {low[-1] // 2} Hz{mixed}"
        )
    mixed_down = sum(each.channels > 1 for each in encoded)
    if mixed_down:
        some = _many(mixed_down, "of several channels was", "of several channels were")
        notes.append(f"{some} mixed to one (--mix)")
    pairs = zip(recordings, encoded, strict=True)
    empty = [recording.name for recording, each in pairs if not len(each.times)]
    if empty:
        notes.append(f"recordings without an event: {len(empty)} ({listed(empty)})")
    return notes
