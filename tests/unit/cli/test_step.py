"""`snnc run --step`: what is shown, by hand, and commands from a pipe and from a terminal."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import numpy as np
import pytest
from places import SNNC
from trace_files import two_layers

from snnc.cli import main
from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.debugger import HELP, step_through
from snnc.trainer.integer_model import run_graph

INPUT = np.zeros((5, 2), np.uint8)
INPUT[0, 0] = INPUT[1, 1] = 1


def told(*commands: str, neurons: tuple[str, ...] = ()) -> list[str]:
    """The lines that answer `commands` on the net of two layers (see test_ring_step for its arithmetic)."""
    lines: list[str] = []
    step_through(two_layers(), INPUT, neurons, commands, lines.append)
    assert lines[0] == HELP
    return lines[1:]


def test_a_step_by_hand():
    assert told("", neurons=("hidden1:0,1", "readout:1")) == [
        "step 0, the last is 4",
        "  input: 1 spike: 0",
        "  hidden1: 1 spike: 1",
        "    hidden1 0: u 0, v 0",
        "    hidden1 1: u 256, v 0, spike",
        "    under way to step 1: nothing yet",
        "  readout: highest v 128, neuron 0 (a)",
        "    readout 1: u 0, v 0",
        "    under way to step 1: sums of 1 to 1 for 1 neuron",
    ]


def test_a_neuron_by_hand():
    """hidden1 0 gets 5 (sent at 0, delay 2) and -3 (sent at 1, delay 1), both in step 2."""
    assert told("2", "s hidden1 0")[-5:] == [
        "hidden1 0: u 0, v 0; spikes above 192; bias 0, du 4096, dv 2048",
        "  step 1, arrived: sum 0 by 0 synapses",
        "  step 2, under way: sum 2 by 2 synapses",
        "    source 0 weight 5 delay 2 spike in step 0",
        "    source 1 weight -3 delay 1 spike in step 1",
    ]
    assert told("s hidden1 0")[0] == "hidden1 0: u 0, v 0; spikes above 192; bias 0, du 4096, dv 2048"


def test_until_a_spike_and_to_the_end():
    assert told("b hidden1 1")[0] == "step 0, the last is 4"
    assert told("b hidden1 0")[:2] == ["hidden1 0 did not spike until the end", "step 4, the last is 4"]
    assert told("99")[-1] == "end of the sample: class a"
    assert told("99", "n", "s readout 0")[-2].startswith("readout 0: u 0, v 8; never spikes")


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("walk", "walk: is not a command; "),
        ("-1", "-1: is not a command; "),
        ("9" * 5000, "is not a command; "),
        ("s hidden1", "is not a command"),
        ("s nowhere 0", "layer 'nowhere' is unknown; there are hidden1, readout"),
        ("b hidden1 2", "neuron '2' is unknown; hidden1 has 0 to 1"),
        ("b readout 0", "never spikes; choose another layer"),
    ],
)
def test_a_command_that_is_wrong_is_told_and_changes_nothing(command, problem):
    lines = told(command, "n")
    assert problem in lines[0]
    assert lines[1] == "step 0, the last is 4"


def test_q_ends_it():
    assert told("n", "q", "n") == told("n")


def test_neurons_may_be_a_range():
    assert told("n", neurons=("hidden1:0:2",)) == told("n", neurons=("hidden1:0,1",))


@pytest.mark.parametrize(
    "neurons", ["hidden1", "hidden1:", "hidden1:2", "hidden1:1:3", "hidden1:1:1", "other:0", ":0"]
)
def test_neurons_that_are_wrong(neurons):
    with pytest.raises(InputError):
        told(neurons=(neurons,))


def test_commands_from_a_pipe(tiny_artifact, tmp_path, spikes, monkeypatch, capsys):
    expected = run_graph(read_artifact(tiny_artifact).graph, spikes)
    monkeypatch.setattr(sys, "stdin", io.StringIO("4\n\n"))
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "--step", "--sample", "2"]
    assert main([*command, "--neurons", "hidden1:3", "--neurons", "readout:0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    steps = [line for line in lines if line.startswith("step")]
    assert steps == ["step 3, the last is 11", "step 4, the last is 11"]
    for step in (3, 4):
        for layer, name, neuron in ((0, "hidden1", 3), (1, "readout", 0)):
            state = expected.layers[layer]
            text = f"    {name} {neuron}: u {state.u[2, step, neuron]}, v {state.v[2, step, neuron]}"
            assert text + (", spike" if state.spikes[2, step, neuron] else "") in lines


def test_commands_from_a_terminal(tiny_artifact, tmp_path, spikes):
    ours, theirs = pty.openpty()
    command = [*SNNC, "run", tiny_artifact, "-i", tmp_path / "spikes.npz", "--step"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, text=True) as process:
        os.write(ours, b"n\nq\n")
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert "> step 0, the last is 11" in out


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--step", "--sample", "3"], "holds the samples 0 to 2"),
        (["--step", "-e", "oracle"], "leave out --executor"),
        (["--step", "--trace", "t.h5"], "leave out --executor, -o, --trace"),
        (["--step", "--neurons", "hidden1:99"], "neuron '99' is unknown"),
        (["--sample", "1"], "add --step"),
        (["--neurons", "hidden1:0"], "add --step"),
    ],
)
def test_options_that_are_refused(refused, tiny_artifact, tmp_path, spikes, monkeypatch, options, problem):
    monkeypatch.chdir(tmp_path)
    assert problem in refused("run", tiny_artifact, "-i", "spikes.npz", *options)
