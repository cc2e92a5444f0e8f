"""A folder of recordings as events of the cochlea model, by any number of processes."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from snnc.errors import InputError, StageError
from snnc.stages.names import check_name
from snnc.text import one_line, quoted
from snnc.trainer.data.cochlea import encode
from snnc.trainer.data.cochlea_settings import settings_of
from snnc.trainer.data.encoded import Encoded, remarks
from snnc.trainer.data.event_files import RECORDING_LIMIT
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.folder import find_recordings
from snnc.trainer.data.outline import Outline, numbers, outline
from snnc.trainer.data.readable import COCHLEA, Progress, not_encoded, read, why
from snnc.trainer.data.recording import Recording
from snnc.trainer.data.refusals import left_out, problem_of, refusal, told
from snnc.trainer.data.side_by_side import side_by_side
from snnc.trainer.data.wav import digest, resampled

RATE = 2 * int(COCHLEA.f_max)
"""Samples a second that the model needs; what has fewer is resampled."""
EVENTS = 1 << 30
"""Most events of all recordings."""
_SKIP = "--skip leaves such recordings out and names them"
_FEWER = "take fewer --workers"


@dataclass(slots=True)
class EncodedFolder:
    """`notes`: what one may not expect of the recordings, a line each; the first of them, as many as `early`
    says, are those of the outline."""

    events: EventDataset
    layout: str
    notes: list[str] = field(default_factory=list)
    early: int = 0


def encode_folder(
    folder: Path,
    *,
    layout: str | None = None,
    mix: bool = False,
    skip: bool = False,
    join_names: bool | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
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
    join_names : whether names of classes, and of sources, that differ in case, blanks or marks alone are one
        name; None refuses such classes.
    workers : processes; None for as many as there are processors, if there is enough to do.
    progress : told how many recordings are read, and then how many are encoded.
    outlined : called with what names tell, before the first recording is read.

    Raises
    ------
    InputError
        Recordings cannot be encoded: all that cannot are told before the first one is. Or as
        `find_recordings`.
    """
    found = find_recordings(folder, layout, skip, join_names)
    recordings = found.recordings
    if len(recordings) > RECORDING_LIMIT:
        raise InputError(
            f"{folder}: holds {len(recordings)} recordings, at most {RECORDING_LIMIT} are encoded"
        )
    _check_names(folder, recordings)
    if outlined is not None:
        outlined(outline(_name(folder), recordings, found.layout, COCHLEA, found.notes))
    problems = not_encoded([each.path for each in recordings], mix, progress)
    if problems and not skip:
        raise refusal(problems, len(recordings), _SKIP)
    bad = {path for path, _ in problems}
    sound = [each for each in recordings if str(each.path) not in bad]
    done = progress("encoding", len(sound)) if progress else lambda number: None
    kept, encoded, events = [], [], 0
    work = partial(encode_file, mix=mix)
    with closing(side_by_side(work, [each.path for each in sound], workers, _FEWER)) as results:
        for number, (recording, result) in enumerate(zip(sound, results, strict=True), 1):
            done(number)
            if isinstance(result, str):
                problems.append(problem_of(recording.path, result))
                if not skip:
                    raise refusal(problems, len(recordings), _SKIP)
                continue
            kept.append(recording)
            encoded.append(result)
            events += len(result.times)
            if events > EVENTS:
                raise InputError(
                    f"{folder}: its recordings hold more than {EVENTS} events; encode a part of it"
                )
    if not kept:
        raise InputError(f"{folder}: none of its recordings can be encoded: {told(problems)}")
    notes = [
        *found.notes,
        *(left_out(file, why) for file, why in problems),
    ]
    ds = _together(folder, kept, encoded, found.layout)
    notes += remarks(kept, encoded, recordings, RATE)
    return EncodedFolder(ds, found.layout, notes, early=len(found.notes))


def encode_file(path: Path, mix: bool) -> Encoded | str:
    """The events of one recording, or why it cannot be encoded, as "PATH: why"."""
    try:
        sound, samples = read(path, mix)
        rate, sha256 = sound.rate, digest(samples, sound.rate)
        if rate < RATE:
            samples, rate = resampled(samples, rate, RATE), RATE
        steps, units = encode(samples, rate, int.from_bytes(sha256[:8], "big"), COCHLEA)
    except (InputError, MemoryError) as error:
        return why(path, error)
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
    for each in recordings:
        for what, name in (("its class", each.label), ("its speaker", each.speaker)):
            try:
                if name is not None:
                    check_name(what, name)
            except StageError as error:
                raise InputError(f"{folder}: of {quoted(each.name)} {error}") from error


def _together(
    folder: Path, recordings: Sequence[Recording], encoded: Sequence[Encoded], layout: str
) -> EventDataset:
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
        encoder=settings_of(COCHLEA, any(each.channels > 1 for each in encoded)),
        layout=layout,
    )


def _name(folder: Path) -> str:
    return folder.name or "recordings"
