"""Artifacts of strangers: nothing that lies in one is run, but the bytes that were checked."""

from __future__ import annotations

import os
import py_compile
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from golden import assert_same_trace
from models import ON_GOLDEN, saved, tamper, tiny_model
from places import SNNC

from snnc.cli import main
from snnc.errors import ArtifactError, ExecutorError
from snnc.exporter import artifact_folder
from snnc.exporter.artifact import check_program, read_artifact
from snnc.exporter.manifest import read_manifest
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.hwsim.oracle import run_graph
from snnc.targets.loihi import interpreter
from snnc.targets.loihi.executor import LavaEventExecutor
from snnc.targets.onnx.executor import OnnxReferenceExecutor
from snnc.trainer.model_file import load_model
from snnc.verification import accuracy


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """What the code of the stranger writes if it runs."""
    return tmp_path / "ran"


@pytest.fixture
def assets(tmp_path: Path, marker: Path) -> Path:
    """A folder beside the artifact, with code that Python takes for Lava, and for modules of the program."""
    folder = tmp_path / "assets"
    folder.mkdir()
    source = folder / "code.py"
    source.write_text(f"open({str(marker)!r}, 'w').close()\n")
    shutil.copy(source, folder / "__init__.py")
    for module in ("reading", "lava_network", "silence", "lifeline"):  # not checked against any source
        compiled = folder / f"{module}.cpython-310.pyc"
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(compiled), invalidation_mode=mode)
    return folder


# --- what is no plain file or folder


@pytest.mark.parametrize("name", ["lava", "__pycache__", "numpy", "lava_processes/__pycache__", "notes"])
@pytest.mark.parametrize("command", ["verify", "run"])
def test_a_link_to_a_folder_is_refused(tiny_artifact, assets, marker, refused, name, command) -> None:
    (tiny_artifact / name).symlink_to(os.path.relpath(assets, (tiny_artifact / name).parent))
    options = ["--dataset", "none"] if command == "verify" else ["-i", tiny_artifact / "golden.npz"]
    said = refused(command, tiny_artifact, *options, "--trust-program")
    assert f"{name!r} in it is a symbolic link" in said
    assert not marker.exists()


@pytest.mark.parametrize("name", ["run.py", "program.npz", "report.json", "notes.txt", "manifest.json"])
def test_a_link_to_a_file_is_refused(tiny_artifact, tmp_path, name) -> None:
    """Even where it holds the right bytes: they could be others when it is read again."""
    elsewhere = tmp_path / "elsewhere"
    present = tiny_artifact / name
    elsewhere.write_bytes(present.read_bytes() if present.exists() else b"{}")
    present.unlink(missing_ok=True)
    present.symlink_to(elsewhere)
    with pytest.raises(ArtifactError, match=f"{name}' in it is a symbolic link"):
        read_artifact(tiny_artifact)


@pytest.mark.parametrize("name", ["run.py", "golden.npz", "report.html", "lava_processes/more", "pipe"])
def test_a_fifo_is_refused_and_not_waited_for(tiny_artifact, refused, name) -> None:
    (tiny_artifact / name).unlink(missing_ok=True)
    os.mkfifo(tiny_artifact / name)
    assert f"{name!r} in it is a FIFO" in refused("inspect", tiny_artifact)


def test_a_manifest_that_is_a_fifo_is_refused(tiny_artifact, refused) -> None:
    (tiny_artifact / "manifest.json").unlink()
    os.mkfifo(tiny_artifact / "manifest.json")
    assert "manifest.json" in refused("verify", tiny_artifact)


def test_a_socket_is_refused(tiny_artifact, monkeypatch) -> None:
    monkeypatch.chdir(tiny_artifact)  # a socket's name is short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        with pytest.raises(ArtifactError, match="'socket' in it is a socket"):
            read_artifact(tiny_artifact)


def test_a_folder_that_cannot_be_listed_is_refused(tiny_artifact, assets, monkeypatch, refused) -> None:
    """Mode 0111: its files can be imported by name. Root lists it all the same, so here it is told no."""
    shutil.copytree(assets, tiny_artifact / "lava")
    real = os.scandir

    def scandir(path="."):
        if Path(path).name == "lava":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    said = refused("verify", tiny_artifact, "--dataset", "none", "--trust-program")
    assert "the folder 'lava/' in it cannot be listed (Permission denied)" in said


def test_a_folder_of_mode_0111_is_refused(tiny_artifact, assets) -> None:
    shutil.copytree(assets, tiny_artifact / "lava")
    (tiny_artifact / "lava").chmod(0o111)
    child = os.fork()
    if child == 0:  # in it nothing but the walk runs: imports need files that nobody may read
        code = 3
        try:
            os.chdir(tiny_artifact)  # folders above are root's alone
            if os.geteuid() == 0:
                os.setuid(65534)
            list(artifact_folder.entries_below(Path()))
        except ArtifactError as error:
            code = 0 if "'lava/' in it cannot be listed" in str(error) else 4
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_folders_in_folders_have_an_end(tiny_artifact, refused) -> None:
    deep = tiny_artifact
    for _ in range(40):
        deep = deep / "a"
        deep.mkdir()
    assert "more than 16 nested folders" in refused("verify", tiny_artifact)


def test_notes_of_the_user_may_lie_there(tiny_artifact) -> None:
    (tiny_artifact / "notes").mkdir()
    (tiny_artifact / "notes/today.txt").write_text("it fires")
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle"]) == 0


def test_the_files_together_have_a_limit(tiny_artifact, monkeypatch) -> None:
    total = sum(entry["bytes"] for entry in read_artifact(tiny_artifact).manifest["files"].values())
    monkeypatch.setattr(artifact_folder, "TOTAL_LIMIT", total)
    read_artifact(tiny_artifact)
    monkeypatch.setattr(artifact_folder, "TOTAL_LIMIT", total - 1)
    with pytest.raises(ArtifactError, match=f"exceed {total - 1} bytes"):
        read_artifact(tiny_artifact)


def test_a_file_larger_than_listed_is_not_read(tiny_artifact, monkeypatch) -> None:
    """Holes in the places of several files take no disk, and would take gigabytes of memory."""
    os.truncate(tiny_artifact / "golden.npz", 1 << 20)
    monkeypatch.setattr(artifact_folder, "sha256", lambda data: pytest.fail("it was read"))
    with pytest.raises(ArtifactError, match=r"is larger than what was exported \(\d+ bytes\)"):
        artifact_folder.read_listed(
            tiny_artifact, {"golden.npz": read_manifest(tiny_artifact)["files"]["golden.npz"]}, {"golden.npz"}
        )


# --- the program is what was checked


@pytest.mark.parametrize("name", ["program.npz", "run.py", "lava_processes/event.py"])
def test_data_that_the_program_reads_is_a_part_of_it(tiny_artifact, refused, name) -> None:
    tamper(tiny_artifact, name, lambda data: data + b"\n")
    said = refused("verify", tiny_artifact, "--dataset", "none", "--executors", "oracle")
    assert f"{name}: is not the program that this release of snnc emits" in said
    options = [*ON_GOLDEN, "--executors", "oracle", "--trust-program"]
    assert main(["verify", str(tiny_artifact), *options]) == 0


def test_a_file_that_no_release_emits_is_refused(tiny_artifact) -> None:
    artifact = read_artifact(tiny_artifact)
    check_program(artifact)
    with pytest.raises(ArtifactError, match=r"numpy\.txt: is not the program"):
        check_program(replace(artifact, program={**artifact.program, "numpy.txt": b""}))
    with pytest.raises(ArtifactError, match=r"has no run\.py"):
        check_program(replace(artifact, program={n: d for n, d in artifact.program.items() if n != "run.py"}))


def test_a_program_in_memory_cannot_be_changed(tiny_artifact) -> None:
    with pytest.raises(TypeError):
        read_artifact(tiny_artifact).program["run.py"] = b""


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that gets a copy of what Lava's Python is given to run; and no Lava."""
    folder = tmp_path / "seen"
    copy = f"cp -r program {folder}; stat -c %a . > {tmp_path}/mode; exit 1"
    monkeypatch.setattr(interpreter, "command", lambda script: ["/bin/sh", "-c", copy])
    return folder


def test_lava_runs_the_checked_bytes_in_a_folder_of_its_own(tiny_artifact, tmp_path, seen) -> None:
    artifact = read_artifact(tiny_artifact)
    for name in artifact.program:  # the stranger waits until all is checked
        (tiny_artifact / name).write_bytes(b"import os; os.abort()\n")
    (tiny_artifact / "numpy.py").write_bytes(b"import os; os.abort()\n")
    with pytest.raises(ExecutorError, match=r"the program of .*tiny\.loihi failed"):
        LavaEventExecutor().run(artifact, np.asarray(artifact.golden_input))
    copied = {p.relative_to(seen).as_posix(): p.read_bytes() for p in seen.rglob("*") if p.is_file()}
    assert copied == artifact.program
    assert (tmp_path / "mode").read_text() == "700\n"


def test_the_source_model_is_the_one_that_was_checked(tiny_artifact: Path) -> None:
    """A file that is exchanged after the check must not change the accuracy that verify reports."""
    artifact = read_artifact(tiny_artifact)
    expected = load_model(tiny_artifact / "source.pt").layers[0].weight
    (tiny_artifact / "source.pt").write_bytes(b"another model")
    assert np.array_equal(accuracy.source_model(artifact).layers[0].weight, expected)


@pytest.mark.lava
def test_lava_runs_although_the_artifact_is_gone(tiny_artifact) -> None:
    artifact = read_artifact(tiny_artifact)
    shutil.rmtree(tiny_artifact)
    spikes = np.asarray(artifact.golden_input[:2])
    assert_same_trace(LavaEventExecutor().run(artifact, spikes), run_graph(artifact.graph, spikes).layers)


def test_onnx_runs_although_the_artifact_is_gone(tmp_path) -> None:
    export_file(saved(tiny_model(), tmp_path), "onnx", tmp_path / "model.onnx", ExportOptions())
    artifact = read_artifact(tmp_path / "model.onnx")
    shutil.rmtree(tmp_path / "model.onnx")
    spikes = np.asarray(artifact.golden_input[:2])
    found = OnnxReferenceExecutor().run(artifact, spikes)
    assert_same_trace(found, run_graph(artifact.graph, spikes).layers)


SCRIPT = "import sys\nsys.path.insert(0, {here!r})\nimport beside\n"


@pytest.mark.parametrize("isolated", [True, False])
def test_python_imports_nothing_from_around(tmp_path, marker, isolated) -> None:
    """Not from the folder it is started in, the user's packages or PYTHONPATH; else the marker appears."""
    code = f"open({str(marker)!r}, 'w').close()\n"
    user = tmp_path / "user"
    site = user / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    for folder in (site, tmp_path / "path", tmp_path / "program"):
        folder.mkdir(parents=True)
    (site / "usercustomize.py").write_text(code)
    (tmp_path / "path/sitecustomize.py").write_text(code)
    (tmp_path / "program/beside.py").write_text("print('beside')\n")
    (tmp_path / "program/run.py").write_text(SCRIPT.format(here=str(tmp_path / "program")))
    options = interpreter.ISOLATED if isolated else ()
    done = subprocess.run(
        [sys._base_executable, *options, tmp_path / "program/run.py"],
        env={**os.environ, "PYTHONUSERBASE": str(user), "PYTHONPATH": str(tmp_path / "path")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "beside\n"
    assert marker.exists() != isolated


# --- parts


def test_a_fifo_that_is_called_a_part_does_not_stop_verify(tiny_artifact: Path, tmp_path: Path) -> None:
    for name in ("report.json", "report.html", "tiny.loihi"):
        os.mkfifo(tmp_path / f".{name}.aaaaaaaa.part")
    options = [*ON_GOLDEN, "--executors", "oracle", "-o", str(tmp_path)]
    command = [*SNNC, "verify", str(tiny_artifact), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        try:
            assert running.wait(timeout=100) == 0
        finally:
            running.kill()
    assert (tmp_path / "report.html").exists()
    assert len(list(tmp_path.glob(".*.part"))) == 3  # not ours to remove


def test_who_waits_for_the_lock_of_a_folder_can_be_ended(tmp_path: Path) -> None:
    """Any process that may read a folder can lock it, for as long as it likes."""
    fcntl = pytest.importorskip("fcntl")
    code = "import sys; from snnc.io import signals, files\nfrom pathlib import Path\nprint(1, flush=True)\n"
    code += "with signals.by_signals():\n    files.write_file(Path(sys.argv[1]), b'')\n"
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        command = [sys.executable, "-c", code, str(tmp_path / "file")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
            try:
                assert running.stdout.read(1) == b"1"
                time.sleep(0.5)
                running.send_signal(signal.SIGTERM)
                assert running.wait(timeout=60) == 128 + signal.SIGTERM
            finally:
                running.kill()
    finally:
        os.close(handle)
