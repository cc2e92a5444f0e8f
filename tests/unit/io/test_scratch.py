"""Temporary folders that killed processes leave, and those that nobody may take away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from snnc.io import files, folder_lock
from snnc.io.scratch import Scratch

pytestmark = pytest.mark.skipif(not folder_lock.LOCKS, reason="this system has no locks on folders")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed(place: Path) -> Path:
    """The folder, with a file, of a process that is killed."""
    code = (
        "import sys, tempfile, time\n"
        f"tempfile.tempdir = {str(place)!r}\n"
        "from snnc.io import files\n"
        "with files.temporary('snnc-test-') as folder:\n"
        "    (folder / 'sub').mkdir()\n"
        "    (folder / 'sub' / 'file').touch()\n"
        "    print(folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert (folder / "sub" / "file").exists()
        with files.temporary("snnc-test-"):  # it lives
            assert (folder / "sub" / "file").exists()
        process.send_signal(signal.SIGKILL)
    return folder


def test_the_next_removes_what_a_killed_process_left(place: Path) -> None:
    left = killed(place)
    assert left.exists()
    with files.temporary("snnc-other-"):
        assert left.exists()
    with files.temporary("snnc-test-") as folder:
        assert [*place.iterdir()] == [folder]
    assert [*place.iterdir()] == []


def test_folders_of_a_living_process_stay(place: Path) -> None:
    first = Scratch("snnc-test-")
    with files.temporary("snnc-test-") as second:
        assert sorted(place.iterdir()) == sorted([first.path, second])
    assert [*place.iterdir()] == [first.path]
    first.remove()
    first.remove()
    assert [*place.iterdir()] == []


def test_what_is_not_ours_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of other names, a file, a link, and what belongs to another user."""
    (place / "elsewhere").mkdir()
    for name in ("snnc-test-examples", "snnc-test-12345.part", "snnc-other-12345678.part"):
        (place / name).mkdir()
    (place / "snnc-test-1234567a.part").touch()
    (place / "snnc-test-1234567b.part").symlink_to(place / "elsewhere")
    before = sorted(place.iterdir())
    with files.temporary("snnc-test-"):
        assert set(before) <= set(place.iterdir())
    (place / "snnc-test-12345678.part").mkdir()
    with monkeypatch.context() as other:
        other.setattr(os, "geteuid", lambda: os.stat(place).st_uid + 1)
        with files.temporary("snnc-test-"):
            assert (place / "snnc-test-12345678.part").exists()
    with files.temporary("snnc-test-"):
        assert not (place / "snnc-test-12345678.part").exists()
    assert sorted(place.iterdir()) == before


def test_a_folder_without_its_user_ends_with_the_process(place: Path) -> None:
    code = f"import tempfile; tempfile.tempdir = {str(place)!r}\nfrom snnc.io.scratch import Scratch\n"
    subprocess.run([sys.executable, "-c", f"{code}kept = Scratch('snnc-test-')"], check=True)
    assert [*place.iterdir()] == []
