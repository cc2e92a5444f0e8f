"""The README of a C program: its commands run as they stand, and no name of the network is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from golden import FORGET, case, layer
from graph_cases import adlif, dense, graph_of, li, lif, readout, source
from models import ON_GOLDEN

import snnc
from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.graph_export import export_graph
from snnc.stages import QuantizedGraph
from snnc.targets.c.emitter import table_and_state_bytes

pytestmark = pytest.mark.slow

HOSTILE = "`rm -rf` | <b>"


def chain() -> QuantizedGraph:
    layers = [layer([[3, 0], [0, 3]], vth=1), layer([[2, -1], [1, 2]], dv=FORGET)]
    found = case("readme", layers, [[0] * 6] * 2, []).graph
    return found.changed(class_names=(HOSTILE, "two"), payload_max=3)


def graph() -> QuantizedGraph:
    """Two readouts, one of spikes, and a w."""
    populations = (
        source("x", 2),
        lif("h", 3, threshold=2),
        adlif("k", 2, threshold=2),
        li("y", 2, decay_v=512),
    )
    projections = (
        dense("x", "h", [[3, 1], [2, -1], [1, 1]], 1),
        dense("h", "k", [[1, 2, 3], [3, 2, 1]]),
        dense("k", "y", [[1, -1], [2, 2]]),
    )
    return graph_of(populations, projections, 9, [readout("h", "count", 3), readout("y", "max", 2, 0.5)])


def alone() -> QuantizedGraph:
    """Without inputs: biases drive it."""
    populations = (lif("h", 2, bias_mant=[64, 65], threshold=0), li("y"))
    return graph_of(populations, (dense("h", "y", [[1, 2]]),), 5)


NETWORKS = {"chain": chain, "graph": graph, "alone": alone}


@pytest.fixture(params=NETWORKS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, QuantizedGraph]:
    network = NETWORKS[request.param]()
    return export_graph(network, "c", tmp_path / "net.c").path, network


def commands(text: str) -> list[str]:
    """The lines of indented code that a shell takes, in their order; with one that goes on, the next."""
    lines = re.findall(r"^    (.*?(?:\\\n.*)?)$", text, re.M)
    return [line for line in lines if line.startswith(("mkdir", "cc ", "../build/snn", "cmp", "python3 "))]


def test_its_commands_run_and_find_the_program_equal(folder: tuple[Path, QuantizedGraph]) -> None:
    path, network = folder
    text = (path / "README.md").read_text()
    folder_made, build, *uses = commands(text)
    golden, *checks = uses[-4:]
    assert checks[-1].startswith("cmp ../build/DECODED ../build/EXPECTED ")
    copied = "cp ../build/GOLDEN ../build/INPUT"
    for line in (folder_made, build, golden, copied, *uses[:-4], *checks):
        line = line.replace("python3", sys.executable)
        done = subprocess.run(
            line, shell=True, cwd=path, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), line
        if line.startswith("../build/snn --names"):
            assert len(done.stdout.splitlines()) == 8  # golden inputs
    data = (path / "../build/OUTPUT").read_bytes()
    assert len(data) == 4 * 8 * network.time_steps * sum(len(each.class_names) for each in network.readouts)
    assert main(["verify", str(path), *ON_GOLDEN, "--executors", "oracle"]) == 0
    made = path.parent / "build"
    assert {each.name for each in made.iterdir()} > {"snn", "GOLDEN", "DECODED", "EXPECTED"}
    export_graph(network, "c", path)  # which refuses a folder with files that are not of snnc


def test_one_who_follows_it_in_its_order_loses_no_file(
    folder: tuple[Path, QuantizedGraph], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a copy of the folder: the user's events, those of its Python, then the golden inputs."""
    path, network = folder
    copied = Path(shutil.copytree(path, tmp_path / "elsewhere" / "net"))
    monkeypatch.chdir(copied)
    text = (copied / "README.md").read_text()
    spikes = np.zeros((2, network.time_steps, max(network.inputs, 1)), np.uint8)
    Path("../build").mkdir()
    if network.inputs:
        np.savez(tmp_path / "own.npz", spikes=spikes)
        (words,) = (each.split() for each in re.findall(r"`snnc (run .*?INPUT)`", text))
        given = {"FILE": str(tmp_path / "own.npz")}
        assert main([given.get(word, word) for word in words]) == 0
        (block,) = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
        exec(block, {})
    else:
        Path("../build/INPUT").write_bytes(b"00")
    build = Path("../build").resolve()
    own = {each.name: each.read_bytes() for each in build.iterdir()}
    for line in commands(text):
        line = line.replace("python3", sys.executable)
        subprocess.run(line, shell=True, check=True, timeout=60)
    assert {name: (build / name).read_bytes() for name in own} == own
    sizes = [(build / name).stat().st_size for name in ("OUTPUT", "DECODED", "EXPECTED")]
    assert sizes == [sizes[1] // 8 * 2, sizes[1], sizes[1]]  # of 2 samples of the user, and 8 golden ones
    assert (build / "TRACE").stat().st_size != sizes[0]


TIMES = {
    "ticks": (np.arange(2000), 0.0005, 40),
    "microseconds": (np.arange(0, 1_000_000, 250), 1e-6, 20_000),
    "seconds": (np.arange(2000) * 0.0005, 1.0, 0.02),
    "short seconds": ((np.arange(2000) * 0.0005).astype(np.float32), 1.0, 0.02),
    "milliseconds in floats": (np.arange(2000) * 0.5, 1e-3, 20),
    "fraction": (np.arange(333), 0.003, 0.02 / 0.003),
}
"""Times of a second, the seconds of a unit, and n or r of a step of 0.02 s, by hand."""


@pytest.mark.parametrize("times", TIMES)
def test_its_rules_put_events_into_the_steps_of_snnc(times: str, tmp_path: Path) -> None:
    """Both expressions as they stand there, in C, and the one that the file's times ask for."""
    given, tick_s, of_step = TIMES[times]
    text = (export_graph(chain(), "c", tmp_path / "net.c").path / "README.md").read_text()
    rules = {
        words.startswith("whole"): expression
        for words, expression in re.findall(r"^\| (whole|floats).*? \| `(.*?)`, in", text, re.M)
    }
    whole = given.dtype.kind == "i" and isinstance(of_step, int)
    program = f"""
#include <stdint.h>
#include <stdio.h>
int main(void) {{
    const {"uint32_t n" if whole else "double r"} = {of_step!r};
    double each;
    while (scanf("%la", &each) == 1) {{
        {"uint32_t" if whole else "double"} t = each;
        printf("%u\\n", (unsigned)({rules[whole]}));
    }}
    return 0;
}}
"""
    (tmp_path / "steps.c").write_text(program)
    subprocess.run(["cc", "-std=c99", "steps.c", "-o", "steps"], cwd=tmp_path, check=True, timeout=60)
    asked = "\n".join(float(each).hex() for each in given)
    command = dict(cwd=tmp_path, input=asked, capture_output=True, text=True, check=True, timeout=60)
    steps = np.array(subprocess.run(["./steps"], **command).stdout.split(), int)
    lines = np.arange(len(given))
    one_each = snnc.from_events([given], [lines], None, tick_s=tick_s, lines=len(given))
    found = one_each.frames([0], 0.02, 50)[0]
    assert np.array_equal(found.argmax(axis=0), steps)
    assert found.sum() == len(given)


def test_what_it_says_of_memory_and_sizes(folder: tuple[Path, QuantizedGraph]) -> None:
    path, network = folder
    text = (path / "README.md").read_text()
    tables, state = table_and_state_bytes(network)
    assert f"| {tables} | constant tables" in text
    assert f"| {state} | `snn_state`" in text
    assert "$" not in text
    for number, each in enumerate(network.stateful):
        assert f"| {number} | {each.model} | {each.neurons} | " in text


AROUND = """
#include <stdint.h>
#include <stdio.h>
static uint32_t read_so_far(void);
#define CYCLES() read_so_far()
%s
static uint32_t reads, now = UINT32_C(0xFFFFFFFE); /* soon beyond its end */
static uint32_t read_so_far(void) { return now += ++reads; } /* step t takes 2 t + 2 */
static snn_state state;
static uint8_t frames[SNN_STEPS * SNN_INPUTS + 1];
int main(void)
{
    uint32_t all = 5, longest = longest_step(&state, frames, &all);

    printf("%%lu %%lu", (unsigned long)longest, (unsigned long)all);
    return 0;
}
"""


def test_its_loop_counts_cycles(folder: tuple[Path, QuantizedGraph], tmp_path: Path) -> None:
    path, network = folder
    *_, code = re.findall(r"^```c\n(.*?)^```$", (path / "README.md").read_text(), re.M | re.S)
    (tmp_path / "timed.c").write_text(AROUND % code)
    command = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{path}", "timed.c"]
    subprocess.run(
        [*command, str(path / "snn.c"), "-o", "timed", "-lm"], cwd=tmp_path, check=True, timeout=60
    )
    done = subprocess.run(["./timed"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    steps = network.time_steps
    assert done.stdout == f"{2 * steps} {5 + steps * (steps + 1)}"


@pytest.mark.parametrize("target", ["c", "fpga"])
def test_it_does_not_suppose_that_the_network_hears(target: str, tmp_path: Path) -> None:
    """Networks of PyTorch, NIR and events of sensors are exported, too."""
    text = export_graph(chain(), target, tmp_path / "net").path.joinpath("README.md").read_text()
    assert not re.search(r"sound|\bWAV\b|cochlea|spoken|audio|microphone", text, re.I)
    assert "of a signal" in text
    assert "is no part of" in text
    assert "more events than most" not in text


def test_what_it_says_of_the_work(tmp_path: Path) -> None:
    """4 neurons, 2 + 4 synapses, 6 steps."""
    path = export_graph(chain(), "c", tmp_path / "net.c").path
    text = (path / "README.md").read_text()
    assert "| neuron updates, always | 4 | 24 |" in text
    assert "| synaptic events, at most, without zeros of the tables | 6 | 36 |" in text
    assert f"in real time a step has {1000 * chain().bin_s:g}." in text


def test_its_python_makes_an_input(folder: tuple[Path, QuantizedGraph], monkeypatch) -> None:
    path, network = folder
    monkeypatch.chdir(path)
    blocks = re.findall(r"^```python\n(.*?)^```$", (path / "README.md").read_text(), re.M | re.S)
    assert len(blocks) == bool(network.inputs)
    Path("../build").mkdir()
    for block in blocks:
        exec(block, {})
        frames = np.fromfile("../build/FRAMES", np.uint8).reshape(1, network.time_steps, network.inputs)
        assert frames.sum() == frames[0, 3, 0] == 1


def test_its_command_of_snnc_makes_an_input(folder: tuple[Path, QuantizedGraph], tmp_path: Path) -> None:
    path, network = folder
    found = re.findall(r"`snnc (run .*?)`", (path / "README.md").read_text())
    writing = [each.split() for each in found if "--write-input" in each]
    assert len(writing) == bool(network.inputs)
    for words in writing:
        spikes = np.zeros((2, network.time_steps, network.inputs), np.uint8)
        spikes[1, 2, 0] = 1
        np.savez(tmp_path / "own.npz", spikes=spikes)
        given = {"FILE": tmp_path / "own.npz", "../build/INPUT": path / "INPUT", ".": path}
        assert main([str(given.get(word, word)) for word in words]) == 0
        assert (path / "INPUT").read_bytes() == spikes.tobytes()


def test_it_has_a_rule_for_each_kind_of_times(folder: tuple[Path, QuantizedGraph]) -> None:
    """Nothing in a graph tells how the times of the recordings are stored."""
    path, network = folder
    text = " ".join((path / "README.md").read_text().split())
    if network.inputs:
        assert f"A step has {network.bin_s} s." in text
    assert ("whole numbers, and a step is n of their units | `t / n`" in text) == (network.inputs > 0)
    assert ("floats, or a step is no whole number of units | `(uint32_t)(t / r)`" in text) == (
        network.inputs > 0
    )


def test_no_name_of_the_network_is_in_it(tmp_path: Path) -> None:
    path = export_graph(chain(), "c", tmp_path / "net.c").path
    text = (path / "README.md").read_text()
    assert HOSTILE not in text
    assert "payloads up to 3" in text


def test_it_says_which_files_of_others_are_refused(
    folder: tuple[Path, QuantizedGraph],
) -> None:
    """And which are left alone: nothing that it names is taken for the network's program."""
    place, _ = folder
    said = " ".join((place / "README.md").read_text().split())
    assert "refuse it with a Makefile, a folder obj/, or source files and Python modules (.c, .h, " in said
    assert "Other plain files, as a compiled `snn`, they neither read nor run." in said
    (place / "build").mkdir()
    (place / "snn").write_bytes(b"\x7fELF")
    read_artifact(place)
    for name in ("Makefile", "obj/snn", "mine.c", "mine.h", "mine.cpp", "mine.py", "mine.so", "mine.v"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text("")
        with pytest.raises(ArtifactError, match="holds code that the manifest does not list"):
            read_artifact(place)
        (place / name).unlink()
