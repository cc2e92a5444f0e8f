"""Published data sets are fetched: whole, checked by their sums, over https alone."""

import functools
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from published_files import gsc, shd

from snnc.errors import ConfigError, InputError
from snnc.trainer.data import PUBLISHED, download, published
from snnc.trainer.data.published import load_part

pytestmark = pytest.mark.slow


class Server(HTTPServer):
    """Serves `files`; cuts a whole answer short after `cut` bytes. `asked` lists path and Range."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cut: int | None = None
        self.asked: list[tuple[str, str | None]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        self.wfile.write(content[first:] if wanted else content[: self.server.cut])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def offered(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Tiny archives of SHD and Speech Commands on the server, with their own sums; SHD's first is dead."""
    url = f"http://127.0.0.1:{server.server_port}/"
    source = tmp_path / "server"
    shd(source), gsc(source / "gsc")
    for name in ("shd_train.h5", "shd_test.h5"):
        with zipfile.ZipFile(source / f"{name}.zip", "w") as archive:
            archive.write(source / name, name)
    with tarfile.open(source / "speech_commands_v0.02.tar.gz", "w:gz") as tar:
        tar.add(source / "gsc", ".")
    sums = {}
    for file in (*source.glob("*.zip"), *source.glob("*.tar.gz")):
        server.files[f"/{file.name}"] = file.read_bytes()
        algorithm = "md5" if file.suffix == ".zip" else "sha256"
        sums[file.name] = f"{algorithm}:{hashlib.new(algorithm, file.read_bytes()).hexdigest()}"
    here = {
        name: replace(
            PUBLISHED[name],
            servers=(url,) if name == "gsc" else (f"{url}gone/", url),
            archives=tuple(replace(a, digest=sums[a.name]) for a in PUBLISHED[name].archives),
        )
        for name in ("shd", "gsc")
    }
    for module in (published, download):
        monkeypatch.setattr(module, "PUBLISHED", here)
    return server


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_missing_is_fetched(offered: Server, tmp_path: Path) -> None:
    said: list[str] = []
    folder = tmp_path / "new" / "data"
    download.fetch("shd", folder, said.append)
    assert names(folder) == ["shd_test.h5", "shd_train.h5"]
    for name in names(folder):
        assert (folder / name).read_bytes() == (tmp_path / "server" / name).read_bytes()
    assert [path for path, _ in offered.asked] == [
        "/gone/shd_train.h5.zip",
        "/shd_train.h5.zip",
        "/gone/shd_test.h5.zip",
        "/shd_test.h5.zip",
    ]
    assert f"to {folder}" in said[0]
    offered.asked.clear()
    (folder / "shd_test.h5").unlink()
    download.fetch("shd", folder, said.append)
    assert {path.split("/")[-1] for path, _ in offered.asked} == {"shd_test.h5.zip"}


def test_speech_commands_are_unpacked_whole(offered: Server, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    download.fetch("gsc", folder, lambda text: None)
    assert names(folder) == ["speech_commands_v0.02"]
    assert len(load_part("gsc", "train", [folder])) == 4
    offered.asked.clear()
    download.fetch("gsc", folder, lambda text: None)
    assert offered.asked == []


def test_another_sum_is_refused(offered: Server, tmp_path: Path) -> None:
    offered.files["/shd_train.h5.zip"] += b"x"
    with pytest.raises(InputError, match=r"shd_train\.h5\.zip: what came is not the published file \(MD5"):
        download.fetch("shd", tmp_path / "data", lambda text: None)
    assert names(tmp_path / "data") == []


def test_a_server_that_sends_something_else_is_passed_over(offered: Server, tmp_path: Path) -> None:
    """The first server answers with a login page, the second with the file."""
    offered.files["/gone/shd_train.h5.zip"] = b"<html>please log in</html>"
    folder = tmp_path / "mine"
    download.fetch("shd", folder, lambda text: None)
    assert (folder / "shd_train.h5").read_bytes() == (tmp_path / "server" / "shd_train.h5").read_bytes()


def test_a_broken_download_goes_on(offered: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_CHUNK", 250)
    whole = len(offered.files["/shd_train.h5.zip"])
    folder, fetch = tmp_path / "data", functools.partial(download.fetch, "shd", tmp_path / "data")
    offered.cut = 1000
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch(lambda text: None)
    assert names(folder) == ["shd_train.h5.zip.part"]
    assert (folder / "shd_train.h5.zip.part").stat().st_size == 1000 < whole
    offered.cut = None
    offered.asked.clear()
    fetch(lambda text: None)
    assert ("/shd_train.h5.zip", "bytes=1000-") in offered.asked
    assert names(folder) == ["shd_test.h5", "shd_train.h5"]


def test_an_archive_of_ones_own_is_checked_and_kept(offered: Server, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    own = folder / "shd_train.h5.zip"
    own.write_bytes(b"not it")
    with pytest.raises(InputError, match=r"shd_train\.h5\.zip: does not have the checksum MD5 [0-9a-f]{32}"):
        download.fetch("shd", folder, lambda text: None)
    assert own.read_bytes() == b"not it"
    own.write_bytes(offered.files["/shd_train.h5.zip"])
    download.fetch("shd", folder, lambda text: None)
    assert names(folder) == ["shd_test.h5", "shd_train.h5", "shd_train.h5.zip"]
    assert not any("train" in path for path, _ in offered.asked)


def test_speech_commands_are_checked_by_sha256(offered: Server, tmp_path: Path) -> None:
    """What the server sends, and an archive that lies there already."""
    name = "speech_commands_v0.02.tar.gz"
    right = offered.files[f"/{name}"]
    offered.files[f"/{name}"] += b"x"
    with pytest.raises(InputError, match=r"is not the published file \(SHA-256 [0-9a-f]{64} expected\)"):
        download.fetch("gsc", tmp_path / "data", lambda text: None)
    assert names(tmp_path / "data") == []
    own = tmp_path / "data" / name
    own.write_bytes(right + b"x")
    with pytest.raises(InputError, match=r"does not have the checksum SHA-256 [0-9a-f]{64}"):
        download.fetch("gsc", tmp_path / "data", lambda text: None)
    assert names(tmp_path / "data") == [name]


def test_a_server_that_leads_out_of_encryption_is_refused(
    offered: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An https address that redirects to plain http, whatever comes from there."""
    plain = requests.get
    secure = {
        name: replace(source, servers=("https://example.invalid/",))
        for name, source in download.PUBLISHED.items()
    }
    monkeypatch.setattr(download, "PUBLISHED", secure)

    def redirected(url: str, **options: Any) -> requests.Response:
        here = f"http://127.0.0.1:{offered.server_port}/"
        return plain(url.replace("https://example.invalid/", here), **options)

    monkeypatch.setattr(requests, "get", redirected)
    with pytest.raises(InputError, match=r"leads to http://127\.0\.0\.1:\d+/.*, which is not encrypted"):
        download.fetch("gsc", tmp_path / "data", lambda text: None)
    assert names(tmp_path / "data") == []


def test_a_way_that_is_not_encrypted_is_refused_though_its_end_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def led(url: str, **options: Any) -> requests.Response:
        answer, between = requests.Response(), requests.Response()
        between.url, answer.url = "http://example.invalid/between", url
        answer.history, answer.raw, answer.status_code = [between], io.BytesIO(b"data"), 200
        return answer

    monkeypatch.setattr(requests, "get", led)
    with pytest.raises(InputError, match=r"leads to http://example\.invalid/between, which is not encrypted"):
        download.fetch("gsc", tmp_path / "data", lambda text: None)
    assert names(tmp_path / "data") == []


def test_without_a_network_the_text_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline = Server()  # bound, and closed at once: nobody listens there
    offline.server_close()
    dead = replace(PUBLISHED["shd"], servers=(f"http://127.0.0.1:{offline.server_port}/",))
    monkeypatch.setattr(download, "PUBLISHED", {"shd": dead})
    with pytest.raises(InputError) as caught:
        download.fetch("shd", tmp_path, lambda text: None)
    text = str(caught.value)
    assert f"http://127.0.0.1:{offline.server_port}/shd_train.h5.zip: " in text
    assert "shd_test.h5   (from shd_test.h5.zip, MD5 1503a5064faa34311c398fb0a1ed0a6f; about 79 MB)" in text


def test_download_needs_a_published_name_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="dataset = 'digits' has no server; it is for shd, ssc, gsc"):
        download.fetch("digits", tmp_path, lambda text: None)
    with pytest.raises(ConfigError, match="data_dir is missing"):
        download.fetch("shd", None, lambda text: None)
