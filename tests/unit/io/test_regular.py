"""Files that are no files hang nothing: they are refused by name, before anybody waits for them."""

import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from snnc.errors import InputError, NotRegularError
from snnc.io.regular import check_regular, open_regular, read_regular, read_text

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes in folders")


def test_a_fifo_is_refused_at_once_and_named(tmp_path: Path) -> None:
    path = tmp_path / "spikes.npz"
    os.mkfifo(path)
    for read in (open_regular, check_regular, read_regular, read_text):
        with pytest.raises(NotRegularError, match=r"spikes\.npz: is a pipe \(FIFO\).*data to a file"):
            read(path)


def test_devices_and_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)  # the path of a socket has at most some hundred bytes
        listening.bind("talk")
        with pytest.raises(NotRegularError, match="talk: is a socket"):
            read_regular(Path("talk"))
    for device in ("/dev/zero", "/dev/null"):
        with pytest.raises(NotRegularError, match=f"{device}: is a device"):
            read_regular(Path(device))


def test_a_pipe_of_the_shell_is_refused_and_a_redirected_file_is_not(tmp_path: Path) -> None:
    code = (
        "import pathlib; from snnc.io.regular import read_text; print(read_text(pathlib.Path('/dev/stdin')))"
    )
    command = [sys.executable, "-c", code]
    piped = subprocess.run(command, input="a", capture_output=True, text=True, timeout=60)
    assert "/dev/stdin: is a pipe (FIFO)" in piped.stderr
    (tmp_path / "file").write_text("content")
    with (tmp_path / "file").open() as file:
        redirected = subprocess.run(command, stdin=file, capture_output=True, text=True, timeout=60)
    assert redirected.stdout == "content\n"


def test_a_link_to_a_file_is_followed_and_one_to_a_fifo_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "pipe"):
        (tmp_path / f"to_{name}").symlink_to(tmp_path / name)
    assert read_regular(tmp_path / "to_file") == b"abc"
    with pytest.raises(NotRegularError, match="to_pipe: is a pipe"):
        read_regular(tmp_path / "to_pipe")


def test_what_cannot_be_read_raises_as_ever(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


def test_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(100))
    assert len(read_regular(path, 100)) == 100
    with pytest.raises(InputError, match="has 100 bytes, at most 99 are read"):
        read_regular(path, 99)
    made_up = Path("/proc/self/status")  # says that it has no bytes
    if made_up.exists():
        with pytest.raises(InputError, match="at most 10 are read"):
            read_regular(made_up, 10)


@pytest.mark.skipif(not hasattr(os, "SEEK_HOLE"), reason="a system that does not tell of holes")
@pytest.mark.parametrize(("size", "refused"), [((256 << 20) + 1, True), (256 << 20, False)])
def test_a_file_of_holes_is_taken_for_a_bomb(tmp_path: Path, size: int, refused: bool) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.write(b"PK")
        file.truncate(size)
    if path.stat().st_blocks * 512 >= size:
        pytest.skip("a file system without holes")
    if refused:
        with pytest.raises(NotRegularError, match=f"has {size} bytes, of which only .* are stored"):
            check_regular(path)
    else:
        with open_regular(path) as file:
            assert file.read(2) == b"PK"


def test_the_error_passes_between_processes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotRegularError) as found:
        open_regular(tmp_path / "pipe")
    again = pickle.loads(pickle.dumps(found.value))
    assert (str(again), again.exit_code) == (str(found.value), 2)
    assert isinstance(again, InputError)
