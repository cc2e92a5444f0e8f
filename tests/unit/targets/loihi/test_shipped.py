"""Ways to start the Lava program that verify does not take: run.py and run_netx.py as users type them.

The network is small enough to be worked out in the head. An event of line 0 or 1 gives its hidden neuron
u = 2 << 6 in the step after, above its threshold of 1 << 6: so it spikes there. Readout neuron 0 adds 1 << 6
for each spike of the first, neuron 1 adds 3 << 6 for each of the second, and nothing of it decays.
"""

from __future__ import annotations

from math import exp
from pathlib import Path

import numpy as np
import pytest
from answer_faults import npz
from loihi_artifacts import chain, emitted, layer
from models import ON_GOLDEN, tamper

from snnc.cli import main
from snnc.report.json_report import from_json
from snnc.stages import Rung
from snnc.targets.loihi import interpreter
from snnc.targets.processes import Finished, run_group

pytestmark = pytest.mark.lava

GRAPH = chain(
    layer([[2, 0], [0, 2]], 1, name="hidden", threshold=1),
    layer([[1, 0], [0, 3]], name="readout"),
    time_steps=3,
)
SAMPLES = 70
"""More than the 64 of one Lava run: the option --batch is left at its default."""


def spikes() -> np.ndarray:
    """In sample k line k % 2 has an event, in step k % 3."""
    found = np.zeros((SAMPLES, 3, 2), np.uint8)
    number = np.arange(SAMPLES)
    found[number, number % 3, number % 2] = 1
    return found


def readout() -> np.ndarray:
    """v of the readout: the spike comes a step after its event, and none after the last step."""
    found = np.zeros((SAMPLES, 3, 2), int)
    for number in range(SAMPLES):
        found[number, number % 3 + 1 :, number % 2] = 64 * (1, 3)[number % 2]
    return found


def classes() -> list[int]:
    """Odd samples whose spike arrives: the second; all others the first, of equal ones too."""
    return [int(number % 2 == 1 and number % 3 < 2) for number in range(SAMPLES)]


def start(folder: Path, script: str, *options: str) -> Finished:
    """Run a script of the program in `folder`/model.loihi on `spikes`, as docs/artifact.md says."""
    np.savez(folder / "spikes.npz", spikes=spikes())
    command = [*interpreter.command(folder / "model.loihi" / script), "--input", "spikes.npz", *options]
    environment = interpreter.environment()
    # After the first run in a process of its own they are forks, which do not import Lava again.
    return run_group(command, cwd=folder, env=environment, time_limit=120, start=interpreter.start)


def plant(folder: Path, name: str, old: str, new: str) -> None:
    """A fault in a file of the program."""
    path = folder / "model.loihi" / name
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def check(folder: Path, script: str, options: tuple[str, ...], model: str) -> None:
    """Run it, and compare all that it prints and writes."""
    done = start(folder, script, *options, "--out", "trace.npz")
    assert done.code == 0, done.stderr
    *said, last = done.stdout.splitlines()
    assert said == [f"sample {number}: class{each}" for number, each in enumerate(classes())]
    # 64 samples, then 6: each takes T + the longest delay, but the last of a run T and two layers.
    assert last.startswith(f"{SAMPLES} samples, {(63 + 5) * 4 + 2 * (3 + 2)} Lava steps, ")
    with np.load(folder / "trace.npz") as trace:
        layers = "1" if "--probe" in options else "01"
        assert {name for name in trace.files if name[1] == "_"} == {f"{x}_{n}" for x in "uvs" for n in layers}
        assert trace["executor"] == model
        np.testing.assert_array_equal(trace["input"], spikes())
        np.testing.assert_array_equal(trace["v_1"], readout())
        np.testing.assert_array_equal(trace["u_1"], np.diff(readout(), axis=1, prepend=0))
        assert not trace["s_1"].any()
        if "0" in layers:  # a step after each event, and not beyond the last step
            np.testing.assert_array_equal(trace["s_0"][:, 1:], spikes()[:, :-1])
            assert not trace["s_0"][:, 0].any()
        np.testing.assert_array_equal(trace["classes"], classes())
        ahead = 1 / (1 + exp(-0.01 * 64 * 3))  # sample 1: a step of equal ones, one with the second ahead
        np.testing.assert_allclose(trace["scores"][1], [1.5 - ahead + 0.5, 1 + ahead], rtol=1e-14)


def test_without_an_output_it_says_the_classes(tmp_path: Path) -> None:
    emitted(GRAPH, tmp_path / "model.loihi")
    done = start(tmp_path, "run.py", "--model", "event", "--batch", "70")
    assert done.code == 0, done.stderr
    assert [line[-1] for line in done.stdout.splitlines()[:-1]] == list(map(str, classes()))
    assert {path.name for path in tmp_path.iterdir()} == {"model.loihi", "spikes.npz"}


FAULTS = {
    "a full batch runs its first sample twice": (
        "part = spikes[start : start + batch]",
        "part = spikes[start : start + batch]\n"
        "        if batch == 64:\n            part = part[[0, *range(len(part) - 1)]]",
        "lava_network.py",
        "",
    ),
    "the readout alone is read a step early": (
        "begin = sample * period + index + 1",
        "begin = sample * period + index + (len(traces) > 1)",
        "lava_network.py",
        "readout",
    ),
    "the last layer but one is taken for the readout": (
        "range(len(layers) - 1, len(layers))",
        "range(len(layers) - 2, len(layers))",
        "run.py",
        "readout",
    ),
}


@pytest.mark.parametrize(
    ("script", "options", "model"),
    [
        ("run.py", ("--probe", "readout"), "lava-event"),
        ("run.py", ("--stock", "--probe", "readout"), "lava-stock"),
        ("run.py", (), "lava-event"),
        ("run_netx.py", ("--probe", "readout"), "netx-event"),
        ("run_netx.py", ("--stock",), "netx-stock"),
    ],
    ids=" ".join,
)
def test_seventy_samples_by_hand(script: str, options: tuple[str, ...], model: str, tmp_path: Path) -> None:
    emitted(GRAPH, tmp_path / "model.loihi")
    if "--stock" in options:  # then nothing of this file may be used
        line = "    def run_spk(self):\n        if self.pending is None:\n"
        plant(tmp_path, "lava_processes/event.py", line, f"{line}            raise ValueError\n")
    check(tmp_path, script, options, model)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_expectations_notice(fault: str, tmp_path: Path) -> None:
    """Faults that verify cannot see, as it takes other ways."""
    old, new, name, probe = FAULTS[fault]
    emitted(GRAPH, tmp_path / "model.loihi")
    plant(tmp_path, name, old, new)
    with pytest.raises(AssertionError):
        check(tmp_path, "run.py", ("--probe", probe) if probe else (), "lava-event")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"payload_max": np.int32(255)}, "payload_max of the network"),
        ({"graph_hash": np.str_("0" * 64)}, "graph_hash of the network"),
    ],
    ids=["payload_max", "graph_hash"],
)
def test_what_the_registers_tell_is_compared(changed: dict, what: str, tiny_artifact: Path) -> None:
    """No state depends on it; but payloads would be taken, and traces would be of another network."""
    tamper(tiny_artifact, "program.npz", lambda data: npz(data, **changed))
    options = (*ON_GOLDEN, "--executors", "lava-event", "--trust-program")
    assert main(["verify", str(tiny_artifact), *options]) == 1
    (result,) = from_json((tiny_artifact / "report.json").read_text()).compared
    assert (result.divergence, result.failed, result.rung) == (None, None, Rung.SHIFTED_SPIKES)
    assert (result.answer.by, result.answer.kind, result.answer.what) == (
        "run.py" if "graph_hash" in changed else "program.npz",
        "fact",
        what,
    )
