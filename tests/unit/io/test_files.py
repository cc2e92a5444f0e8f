"""Files and folders are replaced whole or not at all, whatever interrupts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snnc.errors import InputError
from snnc.io import files, places


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
@pytest.mark.parametrize("failing_rename", [1, 2])
def test_an_interrupted_folder_leaves_the_old_one(tmp_path, monkeypatch, error, failing_rename):
    out = tmp_path / "out"
    files.write_folder(out, {"a/b": b"old"})
    real, calls = os.rename, []

    def rename(source, target):
        calls.append(source)
        if len(calls) == failing_rename:
            raise error
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises((error, InputError)):
        files.write_folder(out, {"a/b": b"new"})
    assert (out / "a" / "b").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interrupted_file_leaves_the_old_one(tmp_path, monkeypatch, error):
    path = tmp_path / "file"
    files.write_file(path, b"old")

    def replace(source, target):
        raise error

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises((error, InputError)):
        files.write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_replaces_all_of_the_old_one(tmp_path):
    files.write_folder(tmp_path / "out", {"old": b""})
    files.write_folder(tmp_path / "out", {"new": b"1"})
    assert os.listdir(tmp_path / "out") == ["new"]


@pytest.mark.parametrize("write", [lambda p: files.write_file(p, b""), files.check_writable])
def test_a_place_that_cannot_be_written(tmp_path: Path, write):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "file" / "below")


def test_a_written_file_obeys_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_file(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes in folders")
@pytest.mark.parametrize("write", [lambda p: files.write_file(p, b""), files.check_writable])
@pytest.mark.parametrize("name", ["pipe", "link"])
def test_only_regular_files_are_replaced(tmp_path: Path, write, name):
    """With enough rights the name of a device, such as `/dev/null`, would be one of a file then."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(InputError, match=f"{name}: is a pipe .FIFO.*; choose another place .-o."):
        write(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("write", [lambda p: files.write_file(p, b""), files.check_writable])
def test_a_link_to_the_output_of_the_command_stays(tmp_path: Path, monkeypatch, write):
    """As `/dev/stdout` is one, where a file takes the output."""
    (tmp_path / "link").symlink_to("taken")
    with (tmp_path / "taken").open("w") as taken:
        monkeypatch.setattr(places, "OUTPUTS", (taken.fileno(),))
        with pytest.raises(InputError, match="link: leads to the output of this command; choose another"):
            write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
