"""What lies around a command, in folders, files and names, starts nothing and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from loihi_artifacts import random_chain
from places import EXAMPLES

from snnc.cli import main
from snnc.errors import ExecutorUnavailableError, InputError, StageError
from snnc.io import files, spawning
from snnc.report.html_report import to_html
from snnc.targets.loihi import environment
from snnc.text import TURNING, straight

SHADOWED = ("signal", "socket", "pickle", "struct", "json", "numpy", "torch", "tempfile", "weakref")
posix = pytest.mark.skipif(os.name == "nt", reason="no modes of files")

# --- the working folder


@pytest.fixture
def strange(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of a stranger with modules called as Python's own, and the file that shows that one ran."""
    folder, marker = tmp_path / "strange", tmp_path / "ran"
    folder.mkdir()
    for name in SHADOWED:
        (folder / f"{name}.py").write_text(f"open({str(marker)!r}, 'w').close()\nraise SystemExit(66)\n")
    return folder, marker


STARTER = """
import sys
from multiprocessing import get_context
from snnc.io import spawning
if __name__ == "__main__":
    process = get_context("spawn").Process(target=print, args=("it ran",))
    {start}
    process.join()
    sys.exit(process.exitcode)
"""


@pytest.mark.parametrize("ours", [True, False])
def test_a_started_process_imports_nothing_from_the_working_folder(tmp_path, strange, ours) -> None:
    """Without what starts them here, Python does: the second case shows that the files would run."""
    folder, marker = strange
    start = "with spawning.apart(): process.start()" if ours else "process.start()"
    (tmp_path / "starter.py").write_text(STARTER.format(start=start))
    clean = {name: value for name, value in os.environ.items() if name != spawning.SAFE_PATH}
    done = subprocess.run(
        [sys.executable, tmp_path / "starter.py"],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert marker.exists() != ours
    assert (done.stdout == "it ran\n") == ours, done.stderr


def test_what_is_told_to_children_is_not_kept(monkeypatch) -> None:
    for before in (None, "", "1"):
        monkeypatch.delenv(spawning.SAFE_PATH, raising=False)
        if before is not None:
            monkeypatch.setenv(spawning.SAFE_PATH, before)
        process = get_context("spawn").Process(target=print)
        with spawning.apart():
            process.start()
        process.join()
        assert os.environ.get(spawning.SAFE_PATH) == before


SWEEP = """
base = "base.toml"
seeds = [0]
[common]
epochs = 1
hidden = [3]
finetune_epochs = 1
quantise_epochs = 1
[variants.a]
"""
COMMAND = """
import sys
sys.path.remove("")  # an installed `snnc` does not have the working folder there
from snnc.cli import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def test_a_sweep_runs_nothing_of_the_folder_it_is_started_in(strange, tmp_path) -> None:
    folder, marker = strange
    example = EXAMPLES / "order.toml"
    (folder / "base.toml").write_bytes(example.read_bytes())
    (folder / "sweep.toml").write_text(SWEEP)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "sweep", "sweep.toml", "-o", str(tmp_path / "out")],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != spawning.SAFE_PATH},
        capture_output=True,
        text=True,
    )
    assert not marker.exists(), done.stderr
    assert done.returncode == 0, done.stderr


# --- folders that others can write to


@posix
@pytest.mark.parametrize("linked", [False, True])
def test_a_temporary_folder_that_others_could_exchange_is_refused(tmp_path, monkeypatch, linked) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    if linked:
        (tmp_path / "link").symlink_to(place)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link" if linked else place))
    for mode, fine in ((0o777, False), (0o1777, True), (0o775, True), (0o700, True)):
        place.chmod(mode)
        if fine:
            with files.temporary("snnc-test-") as folder:
                assert folder.stat().st_mode & 0o777 == 0o700
        else:
            with (
                pytest.raises(InputError, match=r"every user can replace .* set TMPDIR"),
                files.temporary("x"),
            ):
                pass


@posix
@pytest.mark.parametrize("what", ["snnc", "lava"])
@pytest.mark.parametrize("how", ["writable", "owned"])
def test_an_environment_that_others_could_have_made_is_not_run(tmp_path, monkeypatch, what, how) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = environment.cached(None)
    python = environment.python_of(path)
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 0\n")
    assert environment.build("uv", None, {}) == str(python)
    spoiled = path if what == "lava" else path.parent
    if how == "writable":
        spoiled.chmod(0o777)
    elif os.geteuid() == 0:
        os.chown(spoiled, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ExecutorUnavailableError, match=r"belongs to another user.*XDG_CACHE_HOME"):
        environment.build("uv", None, {})


# --- names


@pytest.mark.parametrize(
    "name", ["\x1b[2J", "a\nb", "\u2028", "\u2029", "\u202egnp", "\u2066", "\ud800", "n" * 257]
)
def test_names_in_a_graph_can_be_printed(name) -> None:
    graph = random_chain(0, (3, 4, 2), time_steps=5, max_delay=1)
    with pytest.raises(StageError, match="name"):
        graph.changed(class_names=(name, "b"))
    with pytest.raises(StageError, match="name"):
        graph.with_layers([replace(graph.layers[0], name=name), graph.layers[1]])


def test_a_page_is_not_turned_around_by_what_stands_in_it() -> None:
    from report_examples import equal

    turned = "".join(sorted(TURNING))
    page = to_html(replace(equal(), command=f"verify {turned}x", artifact=f"{turned}y"))
    assert TURNING.isdisjoint(page)
    assert "\\u202e" in page
    assert straight("a\u200fb\u0627") == "a\u200fb\u0627"  # marks and letters of right-to-left scripts stay


def test_chip_frames_no_more_than_it_may(tiny_artifact, tmp_path, refused, monkeypatch) -> None:
    np.savez_compressed(tmp_path / "s.npz", spikes=np.zeros((40, 12, 5), np.uint8), dt=0.02)
    monkeypatch.setattr("snnc.cli.counted_on.INPUT_LIMIT", 40 * 12 * 5 - 1)
    said = refused("chip", tiny_artifact, "--input", tmp_path / "s.npz")
    assert "its 40 samples take 2400 bytes of memory, the limit is 2399" in said
    monkeypatch.setattr("snnc.cli.counted_on.INPUT_LIMIT", 40 * 12 * 5)
    assert main(["chip", str(tiny_artifact), "--input", str(tmp_path / "s.npz")]) == 0


def test_tables_of_the_chip_escape_what_steers_a_terminal(capsys) -> None:
    from snnc.cli import console
    from snnc.cli.lines import print_table

    print_table([{"core": "\x1b[2J\u202e", "b": "[bold]x"}], 1, "a\x1b[31m", console.out())
    said = capsys.readouterr().out
    assert "\\x1b[2J\\u202e" in said
    assert "a\\x1b[31m" in said
    assert "[bold]x" in said
    assert "\x1b" not in said
