"""Published data sets from their servers: checked, resumable, and complete or not there at all."""

import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snnc.errors import ConfigError, InputError
from snnc.io.files import NO_ROOM, cannot_write
from snnc.io.regular import check_regular
from snnc.trainer.data.published import PUBLISHED, Archive, find, instructions

_TIMEOUT_S = 30.0
_CHUNK = 1 << 16


def fetch(name: str, data_dir: str | os.PathLike[str] | None, notify: Callable[[str], None]) -> None:
    """Download and unpack into `data_dir` what of the data set `name` is not there yet.

    An archive that is there already is checked and used. A broken download leaves `NAME.part`, from which
    the next one goes on. Each server is tried in turn.

    Raises
    ------
    ConfigError
        `name` is no published data set, there is no `data_dir`, or pooch is not installed.
    InputError
        No server answers, an archive has another checksum, or the folder cannot be written.
    """
    if name not in PUBLISHED:
        raise ConfigError(f"--download: dataset = '{name}' has no server; it is for {', '.join(PUBLISHED)}")
    if data_dir is None:
        raise ConfigError("--download: data_dir is missing; name a folder for the files (--data-dir FOLDER)")
    folder = Path(data_dir)
    for part, content in PUBLISHED[name].parts.items():
        try:
            find(name, part, [folder])
        except InputError:
            archive = next(a for a in PUBLISHED[name].archives if a.content == content)
            _fetch_archive(name, archive, folder, notify)


def _fetch_archive(name: str, archive: Archive, folder: Path, notify: Callable[[str], None]) -> None:
    try:
        import pooch
    except ImportError:
        raise ConfigError(
            "--download needs pooch: pip install 'snnc[download]'.", *instructions(name).splitlines()
        ) from None

    file, problems = folder / archive.name, []
    if file.exists():
        check_regular(file)
        notify(f"checking {file}")
        algorithm, _, value = archive.digest.partition(":")
        if pooch.file_hash(str(file), alg=algorithm) != value:
            raise InputError(
                f"{file}: does not have the checksum {archive.digest_in_words}; "
                "remove it, or put the right one there"
            )
        _unpack(archive, folder)
        return
    pooch.get_logger().setLevel("ERROR")  # we say what happens
    for server in PUBLISHED[name].servers:
        url = server + archive.name
        notify(f"fetching {url} to {folder}")
        try:
            pooch.retrieve(url, archive.digest, archive.name, folder, downloader=_download)
        except ValueError:
            problems.append(
                f"{url}: what came is not the published file ({archive.digest_in_words} expected) "
                "and was removed"
            )
            continue
        except OSError as error:  # requests' errors are OSErrors too
            if error.errno in NO_ROOM:
                raise cannot_write(file, error) from error
            problems.append(f"{url}: {error}")
            continue
        _unpack(archive, folder)
        file.unlink()
        return
    reasons = [f"  {problem}" for problem in problems]
    raise InputError(f"data set '{name}' cannot be fetched:", *reasons, *instructions(name).splitlines())


def _download(url: str, output_file: Any, pooch: Any) -> None:
    """pooch's downloader that goes on with `NAME.part`; pooch checks the sum of what it gets."""
    import requests

    target = Path(output_file)
    part = target.parent / f"{url.rsplit('/', 1)[1]}.part"
    if part.exists():
        check_regular(part)
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as answer:
        for address in (each.url for each in (*answer.history, answer)):
            if url.startswith("https:") and not address.startswith("https:"):
                raise OSError(f"leads to {address}, which is not encrypted")
        complete = have and answer.status_code == requests.codes.requested_range_not_satisfiable
        if not complete:
            answer.raise_for_status()
            goes_on = answer.status_code == requests.codes.partial_content
            with part.open("ab" if goes_on else "wb") as file:
                for chunk in answer.iter_content(_CHUNK):
                    file.write(chunk)
    os.replace(part, target)


def _unpack(archive: Archive, folder: Path) -> None:
    """Unpack beside the archive and rename, so that no half of it is ever found."""
    source, target = folder / archive.name, folder / archive.content
    with tempfile.TemporaryDirectory(prefix=f".{archive.content}.", dir=folder) as aside:
        fresh = Path(aside) / archive.content
        try:
            if archive.name.endswith(".tar.gz"):
                with tarfile.open(source) as tar:
                    if hasattr(tarfile, "data_filter"):
                        tar.extractall(fresh, filter="data")
                    else:  # before Python 3.11.4; the checksum says that it is the published archive
                        tar.extractall(fresh)
            else:
                with (
                    zipfile.ZipFile(source) as packed,
                    packed.open(archive.content) as inner,
                    fresh.open("wb") as file,
                ):
                    shutil.copyfileobj(inner, file, _CHUNK)
            os.replace(fresh, target)
        except (tarfile.TarError, zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError) as error:
            raise InputError(f"{source}: cannot be unpacked to {target} ({error}); do it by hand") from error
