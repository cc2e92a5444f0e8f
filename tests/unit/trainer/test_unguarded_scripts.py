"""A user's script needs no `if __name__ == "__main__":`: processes that snnc starts do not run it again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from order_task import own_run
from sound_network import export_sound
from wav_files import write

from snnc.io import spawning
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of

PREDICTS = """
print("start")
import os
os.sched_getaffinity = lambda process: {0, 1}  # two processes on any machine
import snnc
print(len(snnc.load("a").predict("sounds")))
"""
TRAINS = """
print("start")
from snnc.trainer.config import load_config
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train
print(type(train(load_config("mine.toml"), hardware=Hardware(processes=2))).__name__)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """It has a network in `a` and as few sounds as two processes are started for."""
    monkeypatch.chdir(tmp_path)
    export_sound(tmp_path, {"encoder": settings_of(Cochlea())})
    for number in range(48):
        write(tmp_path / f"sounds/{number}.wav", 300 + number, seconds=0.05)
    own_run(tmp_path, dataset=str(tmp_path / "order.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    return tmp_path


def ran(command: str, text: str, folder: Path) -> list[str]:
    """Words that the script prints, `text` on its stdin."""
    clean = {name: value for name, value in os.environ.items() if name != spawning.SAFE_PATH}
    done = subprocess.run(
        [sys.executable, command], input=text, cwd=folder, env=clean, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("script", [PREDICTS, TRAINS])
def test_a_script_runs_once(script: str, folder: Path) -> None:
    (folder / "script.py").write_text(script)
    assert ran("script.py", "", folder)[:-1] == ["start"]


def test_a_script_from_stdin_has_its_answer(folder: Path) -> None:
    assert ran("-", PREDICTS, folder) == ["start", "48"]
