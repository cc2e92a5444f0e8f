"""However many lines a tool or a worker would print, a user sees one or two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from order_task import order_task, toml

from snnc.cli import main
from snnc.errors import ConfigError, ExecutorError
from snnc.io import toml_text
from snnc.targets.c import compiler
from snnc.trainer import sweep_runner
from snnc.trainer.data import save_events_npz
from snnc.trainer.sweep import MAX_RUNS, SweepRun, load_sweep

SAID = """/usr/bin/ld: warning: something
snn.c: In function 'snn_step':
snn.c:12:1: fatal error: error writing to /tmp/cc1.s: No space left on device
   12 | int x;
      | ^~~
compilation terminated.
"""


def test_of_a_compiler_the_error_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "said").write_text(SAID)
    fake = tmp_path / "mycc"
    fake.write_text(f"#!/bin/sh\ncat {tmp_path}/said >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    with pytest.raises(ExecutorError) as found:
        compiler.compile_c([["x.c"]], tmp_path)
    assert str(found.value).endswith(f"mycc) failed with exit status 1: {SAID.splitlines()[2]}")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes")
def test_a_sweep_on_a_full_disk_says_so_once(tmp_path: Path) -> None:
    """No file can have more than 100 bytes: neither checkpoint nor record of any run can be written."""
    save_events_npz(order_task(40), tmp_path / "order.npz")
    (tmp_path / "base.toml").write_text(toml(hidden=[4], epochs=1, finetune_epochs=0))
    (tmp_path / "sweep.toml").write_text('base = "base.toml"\nseeds = [0, 1]\n[variants.a]\n')
    code = (
        "import resource, sys; from snnc.cli import main\n"
        "if __name__ == '__main__':\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "    sys.exit(main(['sweep', 'sweep.toml', '-o', 'out', '--workers', '1']))\n"
    )
    (tmp_path / "run.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "run.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},  # before 3.12.8 it would keep halves of files
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) <= 2, done.stderr
    assert "cannot be written (File too large)" in done.stderr
    assert not list((tmp_path / "out").glob("*.part"))


def sweep_text(seeds: int, variants: int) -> str:
    tables = "".join(f"[variants.v{number}]\n" for number in range(variants))
    return f'base = "digits"\nseeds = {list(range(seeds))}\n{tables}'


def test_more_runs_than_anybody_waits_for_are_refused_before_they_are_made(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text(sweep_text(20_000, 5000))
    with pytest.raises(
        ConfigError, match=r"5000 variants with 20000 seeds are 100000000 runs, the limit is 4096"
    ):
        load_sweep(path, tmp_path)
    path.write_text(sweep_text(MAX_RUNS // 64, 64))
    assert len(load_sweep(path, tmp_path)) == MAX_RUNS


def test_a_base_is_read_once_for_all_variants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base.toml").write_text(toml(hidden=[4]))
    (tmp_path / "sweep.toml").write_text(sweep_text(2, 50).replace('"digits"', '"base.toml"'))
    read, count = toml_text.read, []

    def counted(path: Path) -> object:
        count.append(path.name)
        return read(path)

    monkeypatch.setattr(toml_text, "read", counted)
    runs = load_sweep(tmp_path / "sweep.toml", tmp_path)
    assert [run.config.seed for run in runs] == [0, 1] * 50
    assert count == ["sweep.toml", "base.toml"]


def test_of_many_runs_that_failed_few_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(runs: list[SweepRun], workers: int, finished: sweep_runner.Finished) -> None:
        for run in runs:
            finished(run, {"error": "a\nlong story" * 100})

    monkeypatch.setattr(sweep_runner, "run_local", fail)
    (tmp_path / "sweep.toml").write_text(sweep_text(1, 100))
    assert main(["sweep", str(tmp_path / "sweep.toml"), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert said.startswith("snnc: 100 of 100 runs failed")
    assert len(said) < 2100
    assert "table.json" in said
