"""The runs of a sweep: in processes that die, are killed or ended, and on Ray."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from places import SNNC
from sweeps import sweep_file

from snnc.cli import main
from snnc.errors import InputError
from snnc.targets.processes import members
from snnc.trainer import sweep_runner
from snnc.trainer.loop import train
from snnc.trainer.model_file import load_model
from snnc.trainer.sweep import load_sweep

pytestmark = pytest.mark.slow


def test_two_sweeps_do_not_share_a_folder(sweep_folder: Path) -> None:
    with (
        sweep_runner.locked(sweep_folder),
        pytest.raises(InputError, match="another sweep is running there"),
        sweep_runner.locked(sweep_folder),
    ):
        pass


def test_a_worker_that_dies_is_a_failed_run(sweep_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_runner, "_work", os._exit)  # called with a run, the process ends with code 1
    (run, other) = load_sweep(sweep_file(sweep_folder, "[variants.a]\n"), sweep_folder)
    ended: dict[str, Any] = {}
    sweep_runner.run_local([run, other], 2, lambda run, record: ended.update({run.name: record["error"]}))
    assert ended == {name: "its process ended with exit code 1" for name in ("a-seed0", "a-seed1")}
    assert sweep_runner.read_record(run)["error"] == ended["a-seed0"]  # type: ignore[index]


def test_a_killed_sweep_goes_on(sweep_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = (
        sweep_file(sweep_folder, "[variants.short]\n[variants.long]\nepochs = 50\n", "[1]"),
        sweep_folder / "out",
    )
    arguments = ["sweep", str(file), "-o", str(out), "--workers", "1"]
    short, long = load_sweep(file, out)
    out.mkdir()
    threads = torch.get_num_threads()
    sweep_runner.train_run(short)  # as if an earlier sweep had come so far
    process = subprocess.Popen([*SNNC, *arguments], stdout=subprocess.DEVNULL)
    checkpoint = out / "long-seed1.pt.checkpoint"
    try:
        while not checkpoint.exists():
            assert process.poll() is None
            time.sleep(0.002)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    for child in children:  # workers end with their parent
        while is_running(child):
            time.sleep(0.01)
    assert not (out / "long-seed1.json").exists()
    done = (out / "short-seed1.json").stat()

    assert main(arguments) == 0
    assert "2 runs, 1 done before" in capsys.readouterr().out
    assert (out / "short-seed1.json").stat().st_mtime_ns == done.st_mtime_ns
    assert json.loads((out / "long-seed1.json").read_text())["resumed"]
    assert not checkpoint.exists()
    whole = train(long.config)  # with one thread, since `train_run` above
    torch.set_num_threads(threads)
    resumed = load_model(out / "long-seed1.pt")
    assert dict(resumed.metrics) == dict(whole.metrics)
    for a, b in zip(resumed.layers, whole.layers, strict=True):
        assert np.array_equal(a.weight, b.weight)
        assert np.array_equal(a.position, b.position)


def test_an_ended_sweep_leaves_no_worker(sweep_folder: Path) -> None:
    file, out = sweep_file(sweep_folder, "[variants.long]\nepochs = 500\n"), sweep_folder / "out"
    arguments = ["sweep", str(file), "-o", str(out), "--workers", "2"]
    process = subprocess.Popen(
        [*SNNC, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        while not list(out.glob("*.checkpoint")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
        assert (process.returncode, said) == (143, "snnc: ended by SIGTERM\n")
        for _ in range(1000):  # what multiprocessing keeps to tidy up ends when it sees that the others have
            if not members(process.pid):
                break
            time.sleep(0.01)
        assert members(process.pid) == []
    finally:
        for pid in members(process.pid):
            os.kill(pid, signal.SIGKILL)
    assert {path.name for path in out.rglob("*")} <= {
        ".lock",
        *(f"long-seed{seed}.pt.checkpoint" for seed in (0, 1)),
    }


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_ray_is_optional(
    sweep_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # importing it fails
    file = sweep_file(sweep_folder, "[variants.a]\n")
    assert main(["sweep", str(file), "-o", str(sweep_folder / "out"), "--ray"]) == 2
    assert "Ray is not installed; pip install 'snnc[sweep]'" in capsys.readouterr().err


def test_a_sweep_on_ray(sweep_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ray", reason="the optional extra 'sweep' is not installed")
    file = sweep_file(
        sweep_folder, "[variants.a]\n[variants.b]\nlr_weights = 1e36\nbatch_norm = false\n", "[0]"
    )
    assert main(["sweep", str(file), "-o", str(sweep_folder / "out"), "--ray", "--workers", "1"]) == 2
    assert "1 of 2 runs failed" in capsys.readouterr().err
    record = json.loads((sweep_folder / "out" / "a-seed0.json").read_text())
    assert record["validation"] == load_model(sweep_folder / "out" / "a-seed0.pt").metrics["validation"]
