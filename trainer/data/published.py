"""Published data sets: which files they are, where a user may have put them, and where they come from.

Places and checksums
--------------------
- SHD, SSC: B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke, "The Heidelberg spiking data sets for the
  systematic evaluation of spiking neural networks", IEEE TNNLS 33(7), 2022; https://zenkelab.org/datasets,
  mirror https://compneuro.net/datasets. MD5 sums as the servers publish them; they publish no SHA-256.
- Speech Commands v0.02: P. Warden, arXiv:1804.03209, 2018. SHA-256 as torchaudio and
  TensorFlow Datasets list it.
- Folders: tonic keeps SHD in `SHD/` and SSC in `SSC/`, SpikingJelly both in `events_h5/` (before that
  unpacked in `extract/`), torchaudio Speech Commands in `SpeechCommands/speech_commands_v0.02/`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from snnc.errors import ConfigError, InputError
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.gsc import TEST_LIST, VALIDATION_LIST, load_gsc
from snnc.trainer.data.shd import load_shd_hdf5

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Archive:
    """A file on the server, and the file or folder `content` that it unpacks to.

    `digest` is "ALGORITHM:HEX", as pooch takes it.
    """

    name: str
    digest: str
    content: str
    size: str

    @property
    def digest_in_words(self) -> str:
        """As "SHA-256 af14...", for people who check a file by hand."""
        algorithm, _, value = self.digest.partition(":")
        return f"{_ALGORITHMS[algorithm]} {value}"


@dataclass(frozen=True, slots=True)
class Published:
    """A data set with an official split.

    `parts` names the file or folder of each part. SHD has no validation part of its own. `servers` are tried
    in turn; `folders` are looked into, relative to the user's.
    """

    title: str
    parts: Mapping[str, str]
    archives: tuple[Archive, ...]
    servers: tuple[str, ...]
    folders: tuple[str, ...]


_ALGORITHMS = {"md5": "MD5", "sha256": "SHA-256"}
_ZENKE = ("https://zenkelab.org/datasets/", "https://compneuro.net/datasets/")
_SPEECH_COMMANDS = "speech_commands_v0.02"

PUBLISHED: Mapping[str, Published] = {
    "shd": Published(
        "Spiking Heidelberg Digits",
        {"train": "shd_train.h5", "test": "shd_test.h5"},
        (
            Archive(
                "shd_train.h5.zip", "md5:f3252aeb598ac776c1b526422d90eecb", "shd_train.h5", "about 268 MB"
            ),
            Archive("shd_test.h5.zip", "md5:1503a5064faa34311c398fb0a1ed0a6f", "shd_test.h5", "about 79 MB"),
        ),
        _ZENKE,
        ("", "SHD", "shd", "events_h5", "extract", "SHD/events_h5", "SHD/extract"),
    ),
    "ssc": Published(
        "Spiking Speech Commands",
        {"train": "ssc_train.h5", "validation": "ssc_valid.h5", "test": "ssc_test.h5"},
        (
            Archive(
                "ssc_train.h5.zip",
                "md5:d102be95e7144fcc0553d1f45ba94170",
                "ssc_train.h5",
                "75,466 recordings",
            ),
            Archive(
                "ssc_valid.h5.zip", "md5:b4eee3516a4a90dd0c71a6ac23a8ae43", "ssc_valid.h5", "9,981 recordings"
            ),
            Archive(
                "ssc_test.h5.zip", "md5:a35ff1e9cffdd02a20eb850c17c37748", "ssc_test.h5", "20,382 recordings"
            ),
        ),
        _ZENKE,
        ("", "SSC", "ssc", "events_h5", "extract", "SSC/events_h5", "SSC/extract"),
    ),
    "gsc": Published(
        "Google Speech Commands v0.02",
        dict.fromkeys(("train", "validation", "test"), _SPEECH_COMMANDS),
        (
            Archive(
                f"{_SPEECH_COMMANDS}.tar.gz",
                "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
                _SPEECH_COMMANDS,
                f"about 2.4 GB; one folder a word, {VALIDATION_LIST}, {TEST_LIST}",
            ),
        ),
        (
            "https://storage.googleapis.com/download.tensorflow.org/data/",
            "https://download.tensorflow.org/data/",
        ),
        ("", "SpeechCommands", "GSC", "gsc"),
    ),
}
"""The data sets by the names that a configuration gives them."""


def find(name: str, part: str, data_dirs: Sequence[Path]) -> Path:
    """The file (Speech Commands: the folder) of a part, in the first of `data_dirs` that has it.

    Raises
    ------
    ConfigError
        There is no `data_dirs`.
    InputError
        No folder has it; the text says what to put where.
    """
    source = PUBLISHED[name]
    content = source.parts[part]
    if not data_dirs:
        raise ConfigError(
            f"dataset = '{name}': data_dir is missing; name the folder of your own files, or an empty one "
            f"for --download (--data-dir FOLDER).",
            *instructions(name).splitlines(),
        )
    for folder in data_dirs:
        for place in places(source, content, folder):
            if _is_there(name, place):
                return place
    looked = ", ".join(dict.fromkeys(str(place) for place in places(source, content, data_dirs[0])))
    raise InputError(
        f"data set '{name}': {content} is not in {data_dirs[0]} (looked for {looked}).",
        *instructions(name).splitlines(),
    )


def load_part(
    name: str,
    part: str,
    data_dirs: Sequence[Path],
    cache_dir: Path | None = None,
    notify: Notify | None = None,
) -> EventDataset:
    """Read one part of a published data set, and nothing of the others.

    Raises
    ------
    InputError
        Its files are missing or damaged.
    """
    place = find(name, part, data_dirs)
    return load_gsc(place, part, cache_dir, notify) if name == "gsc" else load_shd_hdf5(place)


def places(source: Published, content: str, folder: Path) -> list[Path]:
    """Where `content` may lie under the user's `folder`."""
    nested = [folder / sub / content for sub in source.folders]
    return [*nested, folder] if content == _SPEECH_COMMANDS else nested


def instructions(name: str) -> str:
    """What to put where by hand."""
    source = PUBLISHED[name]
    lines = [f"Put the {source.title} there, unpacked, from {' or '.join(source.servers)}:"]
    lines += [f"  {a.content}   (from {a.name}, {a.digest_in_words}; {a.size})" for a in source.archives]
    return "\n".join([*lines, "or let snnc fetch them into that folder: --download"])


def _is_there(name: str, place: Path) -> bool:
    return (place / VALIDATION_LIST).is_file() if name == "gsc" else place.is_file()
