"""Google Speech Commands as events: 140 mel bands at 10 ms, each turned into a train of binary events.

Hammouamri et al. (ICLR 2024) feed the network *real-valued* log-mel spectrograms. A spiking input line
carries one bit a step, so here each band's level is encoded as a first-order sigma-delta modulation: it is
added up step by step, and whenever the sum passes a whole number there is an event. The share of steps with
an event then is the level, 0 to 1, and nothing is random. So results are not comparable with theirs.

Their code also resamples to 8 kHz and spreads its 140 bands up to 14 kHz; those above 4 kHz, 53 of them, are
empty. Here the 16 kHz stay, and the highest band ends at 8 kHz, the Nyquist frequency.
"""

import hashlib
import io
import re
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io.regular import read_regular, read_text
from snnc.trainer.data.event_files import load_events_npz, save_events_npz
from snnc.trainer.data.events import UNKNOWN, EventDataset

VALIDATION_LIST, TEST_LIST = "validation_list.txt", "testing_list.txt"

_WAV_BYTES, _LIST_BYTES = 1 << 22, 1 << 24
"""Most bytes of a recording, two minutes of sound; and of a list of names, ten times the published one."""
_EVENTS = 1 << 30
"""Most events of all recordings to a part; the published ones have some 160 million."""

_NAME = re.compile(r"([0-9a-f]{1,15})_nohash_(\d{1,9})\.wav")


@dataclass(frozen=True, slots=True)
class MelEncoder:
    """Constants of the encoder; frequencies in hertz, lengths in samples.

    Mel scale, window length (32 ms), hop (10 ms) and lowest frequency are those of the published code; the
    transform is longer than its window, so that even the narrowest band covers some of its frequencies.
    """

    bands: int = 140
    sample_rate: int = 16000
    f_min: float = 50.0
    window: int = 512
    hop: int = 160
    transform: int = 2048
    pre_emphasis: float = 0.97
    range_db: float = 50.0
    """Below the recording's loudest moment by this much, a band is silent; 13 % of all bins hold an event."""

    @property
    def step_s(self) -> float:
        """Seconds a time step."""
        return self.hop / self.sample_rate

    def filters(self) -> NDArray[np.float64]:
        """[bands, transform // 2 + 1] triangles of height 1, equally spaced in mel; the highest first.

        mel(f) = 2595 log10(1 + f / 700), as O'Shaughnessy, "Speech Communication", 1987.
        """
        nyquist = self.sample_rate / 2
        low, high = (2595.0 * np.log10(1.0 + f / 700.0) for f in (self.f_min, nyquist))
        edges = 700.0 * (10.0 ** (np.linspace(low, high, self.bands + 2) / 2595.0) - 1.0)
        left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
        f = np.linspace(0.0, nyquist, self.transform // 2 + 1)
        triangles = np.minimum((f - left) / (centre - left), (right - f) / (right - centre))
        return np.asarray(np.maximum(triangles, 0.0)[::-1])


def mel_power(audio: NDArray[np.float64], encoder: MelEncoder, filters: NDArray[np.float64]) -> NDArray:
    """[steps, bands] power of each band in windows centred on the middle of each step."""
    from scipy.signal import get_window  # here: scipy is heavy, and most commands do without

    sound = np.append(audio[:1], audio[1:] - encoder.pre_emphasis * audio[:-1])
    steps = -(-len(sound) // encoder.hop)
    before = (encoder.window - encoder.hop) // 2
    padded = np.zeros((steps - 1) * encoder.hop + encoder.window)
    padded[before : before + len(sound)] = sound[: len(padded) - before]
    windows = np.lib.stride_tricks.sliding_window_view(padded, encoder.window)[:: encoder.hop]
    spectrum = np.fft.rfft(windows * get_window("hann", encoder.window), encoder.transform)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) @ filters.T)


def events_of(power: NDArray[np.float64], encoder: MelEncoder) -> NDArray[np.bool_]:
    """[steps, bands] events of a mel spectrogram; none where there is no sound at all.

    The level of a band is 1 at the spectrogram's largest value and falls to 0 at `range_db` below it,
    linearly in decibels.
    """
    peak = power.max(initial=0.0)
    if not peak:
        return np.zeros(power.shape, np.bool_)
    with np.errstate(divide="ignore"):  # no power is no level, as minus infinity decibels say
        level = np.maximum(1.0 + 10.0 * np.log10(power / peak) / encoder.range_db, 0.0)
    total = np.floor(np.cumsum(level, axis=0))
    return np.asarray(np.diff(total, axis=0, prepend=0.0) > 0)


def read_wav(path: Path, sample_rate: int) -> NDArray[np.float64]:
    """[samples] of a mono 16-bit PCM file, -1 .. 1. Raises `InputError` if it is another kind or damaged."""
    try:
        with wave.open(io.BytesIO(read_regular(path, _WAV_BYTES)), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            content, promised = file.readframes(file.getnframes()), file.getnframes()
    except InputError:
        raise
    except (wave.Error, EOFError, OSError, RuntimeError) as error:
        why = str(error) or "a chunk has no end"  # what RuntimeError means here
        raise InputError(f"{path}: not a readable WAV file ({why}); copy or download it again") from error
    if form != (1, 2, sample_rate):
        raise InputError(
            f"{path}: has {form[0]} channels of {8 * form[1]} bits at {form[2]} Hz; "
            f"Speech Commands is mono, 16 bits, {sample_rate} Hz: convert it"
        )
    if not promised or len(content) != 2 * promised:
        raise InputError(f"{path}: holds {len(content)} bytes of {2 * promised}; copy or download it again")
    return np.frombuffer(content, "<i2").astype(np.float64) / 2**15


def load_gsc(
    root: Path,
    part: str,
    cache_dir: Path | None = None,
    notify: Callable[[str], None] | None = None,
    encoder: MelEncoder | None = None,
) -> EventDataset:
    """The recordings of one part, encoded; units count from the highest band, times are steps of 10 ms.

    Parameters
    ----------
    root : folder with a folder for each word and the two list files. Recordings in neither list train.
    part : "train", "validation" or "test". Recordings of the other parts are not opened.
    cache_dir : folder for the encoded recordings. A file there is used again while the encoder and the
        recordings' names, sizes and dates are the same; otherwise another one is written.
    notify : called with a line on what takes long or is missing.

    Raises
    ------
    InputError
        A file is missing, damaged or no WAV file of the right kind; or the cache cannot be written.
    """
    encoder, say = encoder or MelEncoder(), notify or (lambda text: None)
    words, names = _recordings(root, part, say)
    if cache_dir is None:
        say(f"gsc: encoding {len(names)} recordings to {part}; cache_dir would keep them")
        return _encode(root, part, words, names, encoder)
    cached = cache_dir / f"gsc_{part}_{_fingerprint(root, words, names, encoder)}.npz"
    if cached.exists():
        return replace(load_events_npz(cached), name=f"gsc {part}")
    say(f"gsc: encoding {len(names)} recordings to {part}; they are kept as {cached}")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{cache_dir}: cannot be made ({error.strerror}); choose another cache_dir"
        ) from error
    ds = _encode(root, part, words, names, encoder)
    save_events_npz(ds, cached)
    return ds


def _recordings(root: Path, part: str, say: Callable[[str], None]) -> tuple[tuple[str, ...], list[str]]:
    """The words, and the relative names of the part's recordings, sorted."""
    present = sorted(
        f"{file.parent.name}/{file.name}"
        for file in root.glob("*/*.wav")
        if not file.parent.name.startswith("_")
    )
    words = tuple(sorted({name.split("/")[0] for name in present}))
    listed = {
        other: _listed(root / file) for other, file in (("validation", VALIDATION_LIST), ("test", TEST_LIST))
    }
    both = sorted(listed["validation"] & listed["test"])
    if both:
        raise InputError(
            f"{root}: '{both[0]}' is in {VALIDATION_LIST} and in {TEST_LIST}; remove it from one"
        )
    if part == "train":
        names = [name for name in present if name not in listed["validation"] | listed["test"]]
    else:
        names = [name for name in present if name in listed[part]]
        if len(names) < len(listed[part]):
            say(f"gsc: only {len(names)} of the {len(listed[part])} recordings to {part} are in {root}")
    if not names:
        raise InputError(f"{root}: holds no recording to {part}; unpack the whole archive there")
    return words, names


def _listed(path: Path) -> set[str]:
    try:
        return set(read_text(path, _LIST_BYTES).split())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); it belongs to Speech Commands: add it"
        ) from error


def _fingerprint(root: Path, words: Sequence[str], names: Sequence[str], encoder: MelEncoder) -> str:
    digest = hashlib.sha256(repr((encoder, words)).encode())
    for name in names:
        state = (root / name).stat()
        digest.update(repr((name, state.st_size, state.st_mtime_ns)).encode())
    return digest.hexdigest()[:16]


def _encode(
    root: Path, part: str, words: tuple[str, ...], names: Sequence[str], encoder: MelEncoder
) -> EventDataset:
    filters = encoder.filters()
    times, units, counts, seconds, total = [], [], [], [], 0
    for name in names:
        audio = read_wav(root / name, encoder.sample_rate)
        step, band = np.nonzero(events_of(mel_power(audio, encoder, filters), encoder))
        times.append(step.astype(np.uint16))
        units.append(band.astype(np.uint8))
        counts.append(len(step))
        seconds.append(len(audio) / encoder.sample_rate)
        total += len(step)
        if total > _EVENTS:
            raise InputError(f"{root}: its recordings to {part} hold more than {_EVENTS} events; use fewer")
    found = [_NAME.fullmatch(name.split("/")[1]) for name in names]
    return EventDataset(
        times=np.concatenate(times),
        units=np.concatenate(units),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        labels=np.array([words.index(name.split("/")[0]) for name in names]),
        speaker=np.array([int(match[1], 16) if match else UNKNOWN for match in found]),
        trial=np.array([int(match[2]) if match else UNKNOWN for match in found]),
        duration=np.array(seconds, np.float32),
        tick_s=encoder.step_s,
        unit_count=encoder.bands,
        class_names=words,
        name=f"gsc {part}",
    )
