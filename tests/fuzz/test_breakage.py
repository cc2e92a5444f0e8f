"""Faults from outside: what is said, and that nothing half-written stays; docs/when_things_break.md."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import breakage
import numpy as np
import pytest
import torch
from models import ON_GOLDEN, saved, tiny_model
from order_task import own_run
from places import ROOT, SNNC

from snnc.cli import main
from snnc.exporter import pipeline
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.io import files
from snnc.provenance import sha256
from snnc.trainer import sweep_runner
from snnc.trainer.model_file import save_model

VERIFY = (*ON_GOLDEN, "--executors", "oracle")
linux = pytest.mark.skipif(sys.platform != "linux", reason="locks, limits and /dev/full of Linux")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with two models that differ."""
    saved(tiny_model(), tmp_path)
    save_model(tiny_model(position=-1.0), tmp_path / "other.pt")
    return tmp_path


@pytest.fixture(scope="module")
def teller() -> Iterator[breakage.Teller]:
    with breakage.Teller() as process:
        yield process


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes: a real error of write(2), as of a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# --- a disk that takes no more


@linux
def test_no_room_for_an_artifact(refused, tiny_artifact: Path, models: Path) -> None:
    before = content(tiny_artifact.parent)
    sizes = sorted({len(data) for name, data in content(tiny_artifact).items()})
    for size in (sizes[0] - 1, sizes[len(sizes) // 2] - 1, sizes[-1] - 1):
        with largest_file(size):
            said = refused("export", models / "model.pt", "-o", tiny_artifact)
        assert "cannot be written (File too large)" in said
        assert content(tiny_artifact.parent) == before
        assert not list(models.rglob("*.part"))


@linux
def test_no_room_for_a_report(refused, tiny_artifact: Path) -> None:
    before = content(tiny_artifact)
    with largest_file(100):
        assert "report.json: cannot be written (File too large)" in refused("verify", tiny_artifact, *VERIFY)
    assert content(tiny_artifact) == before


@pytest.mark.parametrize(
    ("arguments", "nth", "named"),
    [
        ("verify tiny.loihi", 2, "tiny.loihi/report.html"),
        ("verify tiny.loihi --junit junit.xml", 2, "junit.xml"),
        ("verify tiny.loihi --json verdict.json", 2, "verdict.json"),
        ("run tiny.loihi -i spikes.npz -o trace.npz", 1, "trace.npz"),
        ("export model.pt -o new.loihi --dump-after place", 1, "new.loihi.passes/place.npz"),
        ("export model.pt -o new.loihi", 3, "new.loihi"),
        ("train order.toml -o new.pt", 1, "new.pt.checkpoint"),
        ("train order.toml -o new.pt", 6, "new.pt"),  # after the checkpoints of five epochs
        ("sweep sweep.toml -o swept", 1, "swept/table.json"),
        ("sweep sweep.toml -o swept", 3, "swept/table.html"),
    ],
)
def test_a_disk_that_fills_in_the_middle(
    capsys: pytest.CaptureFixture[str],
    tiny_artifact: Path,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    nth: int,
    named: str,
) -> None:
    """The `nth` file is half written when no more can be; write(2) names no file."""
    np.savez(models / "spikes.npz", spikes=np.ones((2, 12, 5), np.uint8))
    own_run(models, epochs=2).rename(models / "order.toml")
    (models / "sweep.toml").write_text('base = "order.toml"\nseeds = [0]\n[variants.a]\n')
    monkeypatch.setattr(sweep_runner, "run_local", lambda *_: None)  # the table alone
    monkeypatch.chdir(models)
    write, count = Path.write_bytes, []
    code = errno.EDQUOT if nth % 2 else errno.ENOSPC

    def full(path: Path, data: bytes) -> int:
        count.append(path)
        write(path, data if len(count) < nth else data[: len(data) // 2])
        if len(count) >= nth:
            raise OSError(code, os.strerror(code))
        return len(data)

    verify_only = VERIFY if arguments.startswith("verify") else ()
    monkeypatch.setattr(Path, "write_bytes", full)
    assert main([*arguments.split(), *verify_only]) == 2
    *before, said = capsys.readouterr().err.splitlines()
    assert said == f"snnc: {named}: cannot be written ({os.strerror(code)}); choose another place (-o)"
    assert not any("snnc" in line or "Traceback" in line for line in before)
    assert not Path(named).exists()
    assert [name for name in os.listdir() if name.startswith(".")] == []
    assert not list(models.rglob("*.part"))


@linux
def test_a_disk_that_fills_under_a_trace(refused, tiny_artifact: Path, models: Path) -> None:
    """HDF5 writes late and by itself."""
    np.savez(models / "spikes.npz", spikes=np.ones((400, 12, 5), np.uint8))
    trace = models / "trace.h5"
    for size in (100, 5000):
        with largest_file(size):
            said = refused("run", tiny_artifact, "-i", models / "spikes.npz", "--trace", trace)
        assert said == f"snnc: {trace}: cannot be written (File too large); choose another place (-o)\n"
        assert not list(models.glob("*trace.h5*"))


@linux
def test_no_room_for_temporary_files(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(models / "tmp"))
    np.savez(models / "spikes.npz", spikes=np.ones((2, 12, 5), np.uint8))
    with largest_file(100):
        said = refused("run", tiny_artifact, "-i", models / "spikes.npz", "-e", "c")
    assert said.startswith(f"snnc: {models / 'tmp' / 'snnc-c-'}")
    assert "cannot be written (File too large); make room, or set TMPDIR to another folder" in said


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("command", ["export", "verify", "train"])
def test_a_folder_that_takes_nothing(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    def refuse(*args: object, **kwargs: object) -> str:
        raise OSError(code, os.strerror(code))

    arguments: tuple[object, ...] = {
        "export": (models / "model.pt", "-o", tiny_artifact),
        "verify": (tiny_artifact, *VERIFY),
        "train": ("digits", "-o", models / "new.pt"),
    }[command]
    before = content(models)
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)  # root may write where permissions forbid it
    said = refused(command, *arguments)
    assert f"cannot be written ({os.strerror(code)}); choose another place (-o)" in said
    assert content(models) == before


# --- kill -9, SIGTERM, and others at the same place


@linux
@pytest.mark.parametrize(
    ("story", "codes"),
    [
        ("export_killed", {0, -signal.SIGKILL}),
        ("verify_killed", {0, -signal.SIGKILL}),
    ],
)
def test_ended_at_any_moment(teller: breakage.Teller, models: Path, story: str, codes: set[int]) -> None:
    for found in teller.tell(story, models):
        assert found["code"] in codes
        assert all(re.fullmatch(r"\.(out\.loihi|report\.(json|html))\..{8}\.part", n) for n in found["left"])
        assert found["whole"] == found["again"] == [0, ""]  # what stands there verifies, and can be replaced
        assert found["at_last"] == []


@linux
def test_killed_between_the_two_renames(models: Path) -> None:
    """The one moment without an artifact at its place: the next who looks for it puts it back."""
    assert main(["export", str(models / "model.pt"), "-o", str(models / "out.loihi")]) == 0
    before = content(models / "out.loihi")
    child = (
        "import os, signal, sys; from pathlib import Path; from snnc.io import files; rename = os.rename\n"
    )
    child += "def die(a, b):\n    if Path(a).name == 'new': os.kill(os.getpid(), signal.SIGKILL)\n"
    child += "    rename(a, b)\nos.rename = die\nfiles.write_folder(Path(sys.argv[1]), {'a': b'1'})"
    done = subprocess.run([sys.executable, "-c", child, str(models / "out.loihi")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (models / "out.loihi").exists()
    assert main(["verify", str(models / "out.loihi"), *VERIFY, "-o", str(models)]) == 0
    assert content(models / "out.loihi") == before
    assert not list(models.rglob("*.part"))


def test_parts_of_a_living_writer_stay(tmp_path: Path) -> None:
    with files.atomic_path(tmp_path / "file") as part:
        files.remove_parts(tmp_path / "file")
        files.write_file(tmp_path / "file", b"other")
        part.write_bytes(b"mine")
    assert content(tmp_path) == {"file": b"mine"}
    assert os.listdir(tmp_path) == ["file"]


@linux
def test_a_signal_at_any_moment(teller: breakage.Teller, models: Path) -> None:
    mine = own_run(models, epochs=50)
    mine.rename(models / "order.toml")
    np.savez(models / "spikes.npz", spikes=np.ones((400, 12, 5), np.uint8))
    found = teller.tell("signals", models)
    assert {end["command"] for end in found} == {"export", "verify", "train", "run", "demo"}
    for end in found:
        number = signal.Signals(end["number"])
        assert end["code"] in (0, 128 + number, -number), end  # done before; told; not yet begun
        assert end["left"] == [], end
        if end["code"] == 128 + number:
            words = "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
            assert end["said"][-1] == f"snnc: {words}", end
        assert not any("Traceback" in line for line in end["said"]), end


@linux
@pytest.mark.parametrize("story", ["exports_and_verifies", "verifies"])
def test_several_at_one_artifact(teller: breakage.Teller, models: Path, story: str) -> None:
    found = teller.tell(story, models)
    for code, said in found["ends"]:
        assert (code == 2) == ("out.loihi: was replaced by another export while it was in use" in said), said
        assert code in (0, 2), said
    assert 0 in [code for code, _ in found["ends"]]
    assert found["whole"] == [0, ""]
    assert found["left"] == []


@linux
def test_two_trainings_of_one_model(refused, models: Path) -> None:
    before = content(models)
    with files.claim(models / "model.pt", "another"):
        said = refused("train", "digits", "-o", models / "model.pt")
    assert "model.pt: another `snnc train` is writing it; wait until it ends, or choose another name" in said
    assert content(models) == before
    assert sorted(os.listdir(models)) == ["model.pt", "other.pt"]
    (models / ".model.pt.claim").mkdir()  # of one that was killed
    with files.claim(models / "model.pt", "another"):
        pass
    assert sorted(os.listdir(models)) == ["model.pt", "other.pt"]


def test_a_model_that_is_trained_anew_while_it_is_exported(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The artifact names and holds the model that its network was made from: it is read once."""

    def meanwhile(*arguments: object):
        data = read(*arguments)
        files.write_file(models / "model.pt", (models / "other.pt").read_bytes())
        return data

    read, before = pipeline.read_file, (models / "model.pt").read_bytes()
    monkeypatch.setattr(pipeline, "read_file", meanwhile)
    assert main(["export", str(models / "model.pt"), "-o", str(models / "out.loihi")]) == 0
    artifact = read_artifact(models / "out.loihi")
    assert artifact.carried["source.pt"] == before != (models / "model.pt").read_bytes()
    assert artifact.manifest["provenance"]["model_sha256"] == sha256(before)
    (models / "model.pt").write_bytes(before)
    monkeypatch.undo()
    assert main(["export", str(models / "model.pt"), "-o", str(models / "again.loihi")]) == 0
    assert content(models / "again.loihi") == content(models / "out.loihi")


@pytest.mark.parametrize("how", ["replaced", "removed"])
def test_an_artifact_that_changes_while_it_is_verified(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """No report is written: it would lie beside another network."""
    run = OracleExecutor.run

    def meanwhile(self, artifact, spikes):
        shutil.rmtree(tiny_artifact)
        if how == "replaced":
            assert main(["export", str(models / "other.pt"), "-o", str(tiny_artifact), "--overwrite"]) == 0
        monkeypatch.setattr(OracleExecutor, "run", run)
        return run(self, artifact, spikes)

    monkeypatch.setattr(OracleExecutor, "run", meanwhile)
    said = refused("verify", tiny_artifact, *VERIFY)
    assert ("was replaced by another export" if how == "replaced" else "no such artifact") in said
    assert not (tiny_artifact / "report.json").exists()


# --- the machine around us


@linux
@pytest.mark.parametrize(
    ("stream", "code", "said"),
    [
        (">/dev/full", 2, "snnc: No space left on device\n"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
    ],
)
def test_a_stream_that_is_full_or_closed(tmp_path: Path, stream: str, code: int, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" targets {stream}', "sh", *SNNC],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, said)
    assert os.listdir(tmp_path) == []


def _no_thread() -> None:
    raise RuntimeError("can't start new thread")


def _limited() -> None:
    """As under `ulimit -v`: the system itself refuses 4 GiB, of which this process may have 1 more."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), before[1]))
    try:
        np.ones(4 << 30, np.uint8)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    "starve",
    [
        lambda: bytearray(1 << 62),
        lambda: torch.empty(1 << 50),
        _no_thread,
        pytest.param(_limited, marks=linux),
    ],
)
@pytest.mark.parametrize(
    ("command", "within"),
    [
        ("export other.pt -o tiny.loihi --no-budget --overwrite", "snnc.exporter.pipeline.compile_model"),
        ("train digits -o new.pt", "snnc.trainer.loop._train"),
        (f"verify tiny.loihi {' '.join(VERIFY)}", "snnc.verification.verify.verify"),
    ],
)
def test_no_memory(
    refused, tiny_artifact: Path, models: Path, monkeypatch: pytest.MonkeyPatch, command, within, starve
) -> None:
    """Errors of Python, torch and a thread, and a limit of the system, where it is surely reached."""
    before = content(models)
    monkeypatch.chdir(models)
    monkeypatch.setattr(within, lambda *_, **__: starve())
    assert refused(*command.split()).startswith("snnc: out of memory; use a smaller batch")
    assert content(models) == before


@linux
def test_no_home(models: Path) -> None:
    """Nothing of ours needs one; Lava's environment does, and says so."""
    environment = os.environ | {"HOME": "/dev/null/none", "XDG_CACHE_HOME": "/dev/null/none"}
    commands = [["export", "model.pt", "-o", "out.loihi"], ["verify", "out.loihi", *VERIFY]]
    code = f"import sys; from snnc.cli import main; sys.exit(any(map(main, {commands})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=models, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_folder_for_temporary_files(
    refused, tiny_artifact: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = content(tiny_artifact)
    monkeypatch.setattr(
        "snnc.verification.verify.verify",
        lambda *_, **__: tempfile.mkdtemp(dir=tmp_path / "none", prefix="snnc-"),
    )
    assert "none/snnc-" in (said := refused("verify", tiny_artifact, *VERIFY))
    assert "No such file or directory" in said
    assert content(tiny_artifact) == before


def test_the_folder_vanishes_before_the_writing(
    refused, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "sub").mkdir()
    write = Path.write_bytes

    def vanish(path: Path, data: bytes) -> int:
        shutil.rmtree(models / "sub", ignore_errors=True)
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", vanish)
    said = refused("export", models / "model.pt", "-o", models / "sub" / "out.loihi")
    assert "out.loihi: cannot be written (No such file or directory)" in said
    assert sorted(os.listdir(models)) == ["model.pt", "other.pt"]


# --- the page


def test_every_line_of_the_page_has_its_test() -> None:
    lines = [
        line.strip("| ").split(" | ")
        for line in (ROOT / "docs" / "when_things_break.md").read_text().splitlines()
        if line.startswith("|")
    ][2:]
    assert len(lines) >= 15
    for fault, *_, tests in lines:
        named = re.findall(r"`([\w/]+)\.py::(test_\w+)`", tests)
        assert named, fault
        for file, test in named:
            assert f"def {test}(" in (ROOT / "tests" / f"{file}.py").read_text(), (file, test)


@linux
def test_an_end_that_a_library_makes_an_error_of_is_an_end(tmp_path: Path) -> None:
    """As callbacks of C libraries do: SystemExit is lost, and an error of the library's comes out."""
    child = "import os, signal, sys\nfrom snnc.cli import main\nfrom snnc.exporter import artifact\n"
    child += "def read(path):\n    try:\n        os.kill(os.getpid(), signal.SIGTERM)\n"
    child += "    except SystemExit:\n        raise artifact.ArtifactError('damaged') from None\n"
    child += "artifact.read_artifact = read\nsys.exit(main(['inspect', sys.argv[1]]))"
    (tmp_path / "manifest.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-c", child, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "ended by SIGTERM" in done.stderr) == (143, True)
