"""HDF5 files in which libhdf5 crashes or loops for ever: refused, without harm to the process that asks."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
from hdf5_damage import crashing, endless
from models import tamper
from published_files import heidelberg

from snnc.cli import main
from snnc.cli.inspect import describe
from snnc.errors import ArtifactError, InputError, SnncError, TraceFileError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.io import hdf5_guard, hdf5_walk
from snnc.io.traces.reader import open_trace
from snnc.trainer.data import load

pytestmark = pytest.mark.slow

ENDLESS = r"libhdf5 finds no end in it \(stopped within 2(\.\d+)? s of processor time\)"
CRASHES = r"libhdf5 crashes in it \(SIGSEGV\)"
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


@pytest.fixture
def started(monkeypatch):
    """The processes that were started to look at files, none of which was looked at before."""
    commands = []
    monkeypatch.setattr(hdf5_guard, "_found", {})

    start = hdf5_guard._start

    def counted(how, arguments, **options):
        commands.append(arguments)
        return start(how, arguments, **options)

    monkeypatch.setattr(hdf5_guard, "_start", counted)
    return commands


def text(path: Path) -> Path:
    """An HDF5 file whose text lies in a heap."""
    with h5py.File(path, "w") as file:
        file["a"] = ["x", "y"]
    return path


def damaged(path: Path, how) -> Path:
    path.write_bytes(how(path.read_bytes()))
    return path


def refused(problem: str):
    raise InputError(problem)


@posix
@pytest.mark.parametrize(("how", "words"), [(endless, ENDLESS), (crashing, CRASHES)])
@pytest.mark.parametrize("by_path", [False, True])
def test_what_libhdf5_cannot_bear(tmp_path, capfd, how, words, by_path):
    path = damaged(text(tmp_path / "a.h5"), how)
    for _ in range(2):  # the second time it is known
        with pytest.raises(InputError, match=words):
            hdf5_guard.check(path if by_path else path.read_bytes(), refused)
    assert capfd.readouterr() == ("", "")


@posix
@pytest.mark.parametrize("how", [endless, crashing])
def test_recordings(tmp_path, how):
    path = damaged(heidelberg(tmp_path / "a.h5", (0, 1), seed=1, recordings=3), how)
    for reader in (load, describe):
        with pytest.raises(InputError, match=r"a\.h5: is damaged: libhdf5"):
            reader(path)


@posix
@pytest.mark.parametrize("name", ["graph.nir", "golden.nirdata"])
def test_members_of_an_artifact(tiny_artifact, name):
    tamper(tiny_artifact, name, crashing)
    with pytest.raises(ArtifactError, match=rf"{re.escape(name)}: is damaged: {CRASHES}"):
        read_artifact(tiny_artifact)
    with pytest.raises(InputError, match=rf"{re.escape(name)}: is damaged: {CRASHES}"):
        describe(tiny_artifact / name)


@posix
def test_foreign_nir(tmp_path):
    one = np.ones(1)
    nodes = (nir.Input(np.array([1])), nir.LIF(one, one, 0 * one, one, 0 * one), nir.Output(np.array([1])))
    path = tmp_path / "net.nir"
    nir.write(path, nir.NIRGraph.from_list(*nodes))
    data = damaged(path, endless).read_bytes()
    with pytest.raises(InputError, match=rf"net\.nir: is damaged: {ENDLESS}"):
        import_nir(data, "net.nir", ImportOptions(0.1, 10))


@posix
def test_traces(tiny_artifact, tmp_path):
    np.savez(tmp_path / "spikes.npz", spikes=np.zeros((2, 12, 5), np.uint8))
    path = tmp_path / "a.h5"
    run = ["run", str(tiny_artifact), "--input", str(tmp_path / "spikes.npz"), "--executor", "hwsim"]
    assert main([*run, "--trace", str(path)]) == 0
    damaged(path, endless)
    with pytest.raises(TraceFileError, match=rf"a\.h5: is damaged: {ENDLESS}; copy or record it again"):
        open_trace(path, None)


def test_one_process_for_an_artifact_and_none_the_second_time(tiny_artifact, started):
    read_artifact(tiny_artifact)
    assert len(started) == 1
    read_artifact(tiny_artifact)
    describe(tiny_artifact / "manifest.json")
    assert len(started) == 1


def test_none_for_what_was_just_written(tiny_artifact, tmp_path, started):
    source = tiny_artifact / "source.pt"
    assert main(["export", str(source), "-o", str(tmp_path / "again")]) == 0
    assert not started


def test_one_process_for_a_graph_that_is_inspected(tiny_artifact, started):
    describe(tiny_artifact / "graph.nir")
    assert len(started) == 1


def test_recordings_are_read_once(tmp_path, started):
    load(heidelberg(tmp_path / "a.h5", (0, 1), seed=1, recordings=3))
    assert len(started) == 1


def test_a_file_that_changes_is_looked_at_again(tmp_path, started):
    path = text(tmp_path / "a.h5")
    for _ in range(2):
        hdf5_guard.check(path, refused)
    assert len(started) == 1
    path.write_bytes(path.read_bytes() + b"\0")
    hdf5_guard.check(path, refused)
    assert len(started) == 2


def test_a_file_that_is_being_written(tmp_path, monkeypatch, started):
    path, keys = text(tmp_path / "a.h5"), iter(range(9))
    monkeypatch.setattr(hdf5_guard, "_key", lambda source: (0, 0, 0, next(keys)))
    with pytest.raises(InputError, match="is being written"):
        hdf5_guard.check(path, refused)


@posix
def test_those_before_a_damaged_file_are_known(tmp_path, started):
    paths = [text(tmp_path / f"{number}.h5") for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(path.read_bytes() + bytes(number))
    damaged(paths[1], crashing)
    hdf5_guard.examine(*paths)
    hdf5_guard.check(paths[0], refused)
    with pytest.raises(InputError, match=CRASHES):
        hdf5_guard.check(paths[1], refused)
    assert len(started) == 1
    hdf5_guard.check(paths[2], refused)
    assert len(started) == 2


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: b"no HDF5", lambda data: data[:-200]])
def test_other_damage_is_left_to_the_reader(tmp_path, damage):
    hdf5_guard.check(damaged(text(tmp_path / "a.h5"), damage), refused)
    hdf5_guard.check(damage(text(tmp_path / "b.h5").read_bytes()), refused)


@pytest.mark.parametrize("program", ["", "exit 1", "exit 3"])
def test_a_process_that_does_not_work(tmp_path, monkeypatch, started, program):
    python = tmp_path / "python"
    if program:
        python.write_text(f"#!/bin/sh\necho 'no such module' >&2\n{program}\n")
        python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    path = heidelberg(tmp_path / "a.h5", (0, 1), seed=1, recordings=3)
    for act in (lambda: hdf5_guard.check(path, refused), lambda: load(path)):
        with pytest.raises(SnncError, match="no such module" if program else "No such file") as caught:
            act()
        assert type(caught.value) is SnncError


@posix
def test_a_process_that_is_killed_says_nothing_of_the_file(tmp_path, monkeypatch):
    """The system does so when memory is short; libhdf5 cannot."""
    monkeypatch.setattr(hdf5_walk, "__file__", str(tmp_path / "walk.py"))
    (tmp_path / "walk.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(SnncError, match="was killed; free some memory") as caught:
        hdf5_guard.check(text(tmp_path / "a.h5"), refused)
    assert type(caught.value) is SnncError


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see children")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("kind", ["check", "arrays"])
def test_no_process_is_left(tmp_path, number, kind):
    path = tmp_path / "a.h5"
    path = damaged(text(path) if kind == "check" else heidelberg(path, (0, 1), seed=1, recordings=3), endless)
    code = f"from snnc.cli import main; import sys; sys.exit(main(['inspect', {str(path)!r}]))"
    if kind == "arrays":
        code = f"from snnc.trainer.data import load; load({str(path)!r})"
    asking = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, start_new_session=True)
    children = Path(f"/proc/{asking.pid}/task/{asking.pid}/children")
    while not (found := children.read_text().split()):
        assert asking.poll() is None
        time.sleep(0.01)
    os.killpg(asking.pid, number)
    asking.communicate()
    child = Path(f"/proc/{found[0]}/stat")
    while alive(child):  # its own limit ends it, at the latest
        time.sleep(0.05)
    if number == signal.SIGINT and kind == "check":
        assert asking.returncode == 130


def alive(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_large_files_are_tried_by_their_structure_alone(tmp_path, monkeypatch):
    """What `arrays` reads is not read before."""

    path, seen = text(tmp_path / "a.h5"), io.StringIO()
    monkeypatch.setattr(hdf5_walk, "end_after", lambda seconds: None)
    monkeypatch.setattr(hdf5_walk, "_ragged", lambda data, size, renew: seen.write(data.name))
    monkeypatch.setattr(hdf5_walk, "RAGGED_LIMIT", path.stat().st_size - 1)
    hdf5_walk.main([str(path)])
    assert seen.getvalue() == ""
    monkeypatch.setattr(hdf5_walk, "RAGGED_LIMIT", path.stat().st_size)
    hdf5_walk.main([str(path)])
    assert seen.getvalue() == "/a"


def test_a_loop_in_a_large_file_ends_with_its_call(monkeypatch):
    """One call of libhdf5 may take 2 s and 0.02 s a MB, the file all together 2 s and 0.2 s a MB."""
    now, limits = [5.0], []
    monkeypatch.setattr(hdf5_walk.time, "process_time", lambda: now[0])
    monkeypatch.setattr(hdf5_walk, "end_after", limits.append)
    renew = hdf5_walk.renewed(50_000_000)
    renew()
    now[0] += 11.0
    renew()
    assert limits == pytest.approx([3.0, 1.0])


@posix
def test_calls_too_short_for_a_timer_are_ended_too():
    code = "import hdf5_walk as w; w.SECONDS = 0.1; renew = w.renewed(0); [renew() for _ in iter(int, 1)]"
    folder = str(Path(hdf5_walk.__file__).parent)
    process = subprocess.Popen([sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r}); {code}"])
    try:
        assert process.wait(60) == -signal.SIGPROF
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("shape", [(1 << 40, 0), (0, 1 << 40)])
def test_rows_without_elements_are_not_walked(tmp_path, shape):
    path, calls = tmp_path / "a.h5", []
    with h5py.File(path, "w") as file:
        file.create_dataset("d", shape, h5py.string_dtype())
    hdf5_walk.walk(str(path), path.stat().st_size, ragged=True, renew=lambda: calls.append(1))
    assert len(calls) < 30


@pytest.mark.parametrize("kind", ["links", "attributes", "chunks", "rows"])
def test_each_call_has_a_limit_of_its_own(tmp_path, monkeypatch, kind):
    """Of each kind there are 200 and little else, so that no other calls make up for those of the kind."""
    path, calls = tmp_path / "a.h5", []
    with h5py.File(path, "w") as file:
        if kind == "links":
            for number in range(200):
                file[f"{number}"] = h5py.SoftLink("/nowhere")
        elif kind == "attributes":
            for number in range(200):
                file.attrs[f"{number}"] = number
        elif kind == "chunks":
            file.create_dataset("d", (200,), "i4", chunks=(1,))[:] = 1
        else:
            rows = file.create_dataset("d", (200,), h5py.vlen_dtype("i4"))
            for number in range(200):
                rows[number] = [number]
    monkeypatch.setattr(hdf5_walk, "RAGGED_BYTES", 1)  # row by row
    hdf5_walk.walk(str(path), path.stat().st_size, ragged=True, renew=lambda: calls.append(1))
    least = 400 if kind == "links" else 200  # links are visited, and then looked up
    assert least <= len(calls) < least + 30
