"""However `snnc run` or `run.py` ends while Lava runs: soon, with a message, and nothing stays behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from loihi_artifacts import emitted, random_chain
from models import saved, tamper, tiny_model
from places import SNNC

from snnc.cli import main
from snnc.targets.loihi import interpreter
from snnc.targets.processes import SHARED_MEMORY, members

pytestmark = [
    pytest.mark.lava,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and Linux alone ends orphans"),
]

SECONDS = 20.0  # within which it must be over; 10 on an idle machine
SAMPLES, STEPS = 64, 4000  # Lava is busy for longer than any test waits


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("endings")
    assert (
        main(["export", str(saved(tiny_model(time_steps=STEPS), folder)), "-o", str(folder / "tiny.loihi")])
        == 0
    )
    np.savez(folder / "spikes.npz", spikes=np.ones((SAMPLES, STEPS, 5), np.uint8))
    return folder / "tiny.loihi"


@dataclass
class Running:
    """A command, the process group in which Lava runs, and the start of the names of its shared memory."""

    command: subprocess.Popen[str]
    group: int
    prefix: str

    @property
    def lava(self) -> list[int]:
        """Lava's processes that compute; run.py leads the group, and two serve its shared memory."""
        return sorted(set(members(self.group)) - {self.group})[2:]

    def ends(self) -> tuple[int, str]:
        """Exit status and stderr, once nothing is left of it."""
        deadline = time.monotonic() + SECONDS
        _, said = self.command.communicate(timeout=SECONDS)
        while (left := self.left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left
        return self.command.returncode, said

    def left(self) -> list[object]:
        return [*members(self.group), *SHARED_MEMORY.glob(f"{self.prefix}*")]


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command and wait until Lava computes."""
    started: list[Running] = []

    def begin(*command: object, env: dict[str, str] | None = None, own: bool = False) -> Running:
        process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
            start_new_session=own,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            group = process.pid if own else child_in_a_session(process.pid)
            there = members(group) if group else []
            for pid in there if len(there) >= 10 else []:
                if names := re.findall(rf"{SHARED_MEMORY}/(snn.{{6}})", mapped(pid)):
                    time.sleep(0.5)
                    started.append(Running(process, group, names[0]))
                    return started[-1]
            time.sleep(0.1)  # to look through /proc takes a while too
        process.kill()
        raise AssertionError(f"Lava did not start: {process.communicate()[1]}")

    yield begin
    for running in started:
        for pid in [running.command.pid, *members(running.group)]:
            if running.command.poll() is None or pid != running.command.pid:
                os.kill(pid, signal.SIGKILL)
        for segment in SHARED_MEMORY.glob(f"{running.prefix}*"):
            segment.unlink()


def child_in_a_session(parent: int) -> int | None:
    """The child of `parent` that leads a session of its own."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, ppid, _, session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(ppid) == parent and session == stat.parent.name:
            return int(session)
    return None


def mapped(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:  # it has ended
        return ""


def snnc(artifact: Path, *options: str) -> list[object]:
    spikes = artifact.parent / "spikes.npz"
    return [*SNNC, "run", artifact, "-i", spikes, "-e", "lava-stock", *options]


@pytest.mark.parametrize(
    ("number", "status", "message"),
    [
        (signal.SIGINT, 130, "snnc: interrupted\n"),
        (signal.SIGTERM, 143, "snnc: ended by SIGTERM\n"),
        (signal.SIGHUP, 129, "snnc: ended by SIGHUP\n"),
        (signal.SIGKILL, -9, ""),
    ],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else "",
)
def test_signal_to_snnc(start: Start, artifact: Path, number: int, status: int, message: str) -> None:
    running = start(*snnc(artifact))
    running.command.send_signal(number)
    assert running.ends() == (status, message)


def test_ctrl_c_twice(start: Start, artifact: Path) -> None:
    running = start(*snnc(artifact))
    for _ in range(2):
        running.command.send_signal(signal.SIGINT)
        time.sleep(0.1)
    status, said = running.ends()
    assert status in (130, -signal.SIGINT)  # the second may meet Python as it exits
    assert said.startswith("snnc: interrupted\n")


def test_run_py_is_killed(start: Start, artifact: Path) -> None:
    running = start(*snnc(artifact))
    os.kill(running.group, signal.SIGKILL)
    status, said = running.ends()
    assert status == 2
    assert "lava-stock: the program of" in said
    assert "failed: it was ended by SIGKILL" in said


def test_one_process_of_lava_is_killed(start: Start, artifact: Path) -> None:
    running = start(*snnc(artifact))
    os.kill(running.lava[-1], signal.SIGKILL)
    status, said = running.ends()
    assert status == 2
    assert "a process of Lava ended early, exit code -9" in said


def test_process_model_raises(start: Start, artifact: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.loihi"
    shutil.copytree(artifact, broken)
    (tmp_path / "spikes.npz").symlink_to(artifact.parent / "spikes.npz")
    line = b"        self.trace[self.time_step - 1, 2] = self.s_in.recv()\n"
    now = tmp_path / "now"
    fault = f"        if __import__('os').path.exists({str(now)!r}):\n".encode()
    fault += b"            raise ValueError('a process model broke')\n"
    tamper(broken, "lava_processes/recorder.py", lambda data: data.replace(line, fault + line))
    running = start(*snnc(broken, "--trust-program"))
    now.touch()
    status, said = running.ends()
    assert status == 2
    first, second = said.splitlines()
    assert first == f"snnc: lava-stock: the program of {broken} failed: exit status 1"
    assert second.startswith("run.py: a process model failed: ValueError: a process model broke; File ")
    assert second.endswith(", in run_spk")


def test_both_are_killed(start: Start, artifact: Path) -> None:
    running = start(*snnc(artifact))
    os.kill(running.group, signal.SIGKILL)
    running.command.kill()
    running.ends()


# --- run.py by itself


@pytest.fixture
def script(tmp_path: Path) -> list[object]:
    graph = random_chain(8, (6, 8, 4), time_steps=1000, max_delay=62)
    emitted(graph, tmp_path / "program")
    np.savez(tmp_path / "spikes.npz", spikes=np.ones((64, 1000, 6), np.uint8))
    path = tmp_path / "program/run.py"
    return [*interpreter.command(path), "--input", tmp_path / "spikes.npz", "--stock"]


OWN = {"SNNC_SHARED_MEMORY_PREFIX": "snnABCDEF"}


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_on_run_py(start: Start, script: list[object], times: int) -> None:
    running = start(*script, env=interpreter.environment() | OWN, own=True)
    for _ in range(times):
        os.killpg(running.group, signal.SIGINT)  # a terminal sends it to all
        time.sleep(0.05)
    status, said = running.ends()
    assert status == 130
    assert said.startswith("run.py: ended by SIGINT\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_signal_to_run_py(start: Start, script: list[object], number: int) -> None:
    running = start(*script, env=interpreter.environment() | OWN, own=True)
    running.command.send_signal(number)
    status, said = running.ends()
    if number == signal.SIGKILL:
        assert status == -9
    else:
        assert (status, said) == (128 + number, f"run.py: ended by {number.name}\n")


def test_stop_that_hangs_is_ended(start: Start, script: list[object], tmp_path: Path) -> None:
    path = tmp_path / "program/lava_network.py"
    text = path.read_text()
    assert text.count("        abandon(network)\n") == 1
    path.write_text(text.replace("        abandon(network)\n", "        time.sleep(600)\n"))
    running = start(*script, env=interpreter.environment() | OWN, own=True)
    running.command.terminate()
    assert running.ends()[0] == -signal.SIGALRM
