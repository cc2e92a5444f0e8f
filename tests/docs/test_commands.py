"""The tutorial is followed to its end, and every command of the other pages runs on what it made."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import lava_dl_files
import nir
import numpy as np
import pytest
import torch
from checkpoints import delays
from doc_pages import ROOT, arguments, blocks, lines, why_not_run

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.io.traces.reader import open_trace

TUTORIAL = [block for block in blocks() if block.page == "docs/tutorial.md"]
OTHERS = [block for block in blocks() if block.page != "docs/tutorial.md"]
SMALLER = {
    "encode": ["--overwrite", "--workers", "1"],  # another process would import scipy again
    "train": ["--dataset", "tones.npz", "--epochs", "1", "--set", "hidden=[4]", "--overwrite"],
    "export": ["--no-budget", "--overwrite"],
    "verify": ["--executors", "oracle,hwsim", "--samples", "2", "--generated", "0"],
}
"""What a command is given besides, so that it takes a second: of two values the last counts.

`world` has a file of every name already, so what is written there is overwritten; whether the commands of one
page go one after the other is another test's.
"""
OWN_DATA = ("mine.npz", "events.npz", "recordings")
"""What `train` is given in place of a configuration."""
NO_IS_AN_ANSWER = ("check", "doctor")


def shortened(words: list[str], extra: dict[str, list[str]]) -> list[str]:
    """The command as it is run here. The oracle stands in for executors that start another program."""
    stand_in = ["--executor", "oracle"] if words[0] == "run" and "--executor" in words else []
    more = extra.get(words[0], [])
    if words[:1] == ["train"] and words[1] in OWN_DATA:
        more = more[more.index("--epochs") :]  # they are the data
    return [*words, *more, *stand_in]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks are tiny here: a second thread of torch costs more than it brings."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which docs/tutorial.md was followed from the first block to the last."""
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in TUTORIAL:
            if block.language == "python":
                exec(compile(block.text, "docs/tutorial.md", "exec"), {})
            elif block.language == "toml":
                (folder / "tones.toml").write_text(block.text)
            for line in block.shell:
                if not why_not_run(line):
                    extra = {each: SMALLER[each] for each in ("encode", "verify")}
                    extra["train"] = ["--epochs", "3"]
                    assert main(shortened(arguments(line), extra)) == 0, line
    return folder


def test_the_tutorial_ends_where_it_says(tutorial: Path) -> None:
    graph = read_artifact(tutorial / "model.loihi").graph
    assert (graph.class_names, graph.layers[0].inputs) == (("down", "level", "up"), 140)
    assert (tutorial / "model.loihi/report.html").stat().st_size > 100_000
    recorded = [open_trace(tutorial / name, None).executor for name in ("lava.h5", "hwsim.h5")]
    assert recorded == ["oracle", "hwsim"]


@pytest.fixture(scope="module")
def world(tutorial: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages speak of: models, artifacts, inputs and traces, by all the names that they use."""
    folder = tmp_path_factory.mktemp("world")
    copies = {
        "model.pt": [
            *("model.pt", "mine.pt", "all.pt", "few.pt", "adlif.pt"),
            *("step20.pt", "step10.pt", "step5.pt"),
        ],
        "tones.npz": ["tones.npz", "events.npz", "mine.npz", "test.npz"],
        "tones.toml": ["mine.toml"],
    }
    shutil.copytree(tutorial / "recordings", folder / "recordings")
    copies |= {"hwsim.h5": ["hwsim.h5", "a.h5"], "lava.h5": ["lava.h5", "b.h5"]}
    for name, aliases in copies.items():
        for alias in aliases:
            shutil.copy(tutorial / name, folder / alias)
    for alias in ("model.loihi", "small.loihi", "int8.loihi", "net.loihi", "mine.loihi"):
        shutil.copytree(tutorial / "model.loihi", folder / alias)
    for recipe in (ROOT / "examples/heidelberg").glob("*.toml"):
        shutil.copy(recipe, folder)
    (folder / "examples").symlink_to(ROOT / "examples")
    rng = np.random.default_rng(3)
    spikes = rng.random((6, read_artifact(folder / "model.loihi").graph.time_steps, 140)) < 0.05
    np.savez(folder / "spikes.npz", spikes=spikes.astype(np.uint8))
    ones = np.ones(4)
    neurons = nir.LIF(tau=2e-3 * ones, r=ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones)
    readout = nir.LI(tau=2e-3 * ones[:2], r=ones[:2], v_leak=0 * ones[:2])
    chain = [nir.Linear(rng.normal(0, 5, (4, 3))), neurons, nir.Linear(rng.normal(0, 1, (2, 4))), readout]
    nir.write(folder / "net.nir", nir.NIRGraph.from_list(*chain))
    silent = np.zeros((1, 100, 3)), np.zeros((1, 100, 4))
    np.savez(folder / "recorded.npz", input=silent[0], lif=silent[1])
    layers = [
        {"type": b"input", "shape": [3]},
        lava_dl_files.dense(rng.integers(-9, 9, (2, 3)), lava_dl_files.cuba()),
    ]
    (folder / "net.net").write_bytes(lava_dl_files.as_file(layers))
    torch.save(delays(), folder / "Best_ACC.pt")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["export", "model.pt", "--target", "onnx", "--no-budget"]) == 0
        assert main(["export", "model.pt", "--target", "c", "--no-budget"]) == 0
        assert main(["export", "model.pt", "--target", "fpga", "-o", "model.fpga", "--no-budget"]) == 0
        shutil.copytree("model.fpga", "adlif.fpga")
    return folder


@pytest.mark.parametrize("line", [line for line in lines(OTHERS) if not why_not_run(line)])
def test_a_command_runs(line: str, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = shutil.copytree(world, tmp_path / "here", symlinks=True)
    monkeypatch.chdir(here)
    typed = re.match(r"printf '(.*?)' \|", line)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed[1].replace("\\n", "\n") if typed else "q\n"))
    words = arguments(line.replace("FILE", "model.pt").replace("10:50", "10:30"))
    code = main(shortened(words, SMALLER))
    assert code == 0 or (words[0] in NO_IS_AN_ANSWER and code == 1)


def test_no_command_of_a_page_would_replace_what_another_made() -> None:
    """`train` and `export` refuse to; a page that is followed from top to bottom must not come to that."""
    made: dict[tuple[str, str], set[str]] = {}
    for block in blocks():
        for line in block.shell:
            if not re.match(r"(\$ )?snnc (train|export) ", line):
                continue
            words = [word for word in arguments(line) if word not in ("--target", "-t", "loihi")]
            output = words[words.index("-o") + 1] if "-o" in words else default_output(words)
            same = " ".join(words).split(" --device")[0].split(" --processes")[0]  # not of the configuration
            made.setdefault((block.page, output), set()).add(same)
    assert len(made) > 15
    assert {place: commands for place, commands in made.items() if len(commands) > 1} == {}


def default_output(words: list[str]) -> str:
    if words[0] == "train":
        return "model.pt"
    other = {"onnx", "c", "spinnaker"} & set(words)
    return str(Path(words[1]).with_suffix(f".{other.pop() if other else 'loihi'}"))
