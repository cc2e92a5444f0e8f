"""Every reader of a file, called as the command line calls it, and small sound files to start from."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nir
import numpy as np
import torch
from checkpoints import delays
from graph_cases import adlif, dense, graph_of, li, lif, readout, source
from models import exported, tamper, tiny_model
from published_files import WORDS, gsc, heidelberg
from report_examples import different, equal, losses
from trained_graphs import trained

from fuzzing import archives, hdf5, texts
from fuzzing.graphs import artifact_targets
from fuzzing.lava_dl import network_targets
from fuzzing.programs import graph_targets, program_targets
from fuzzing.resuming import resume_targets
from fuzzing.special import plain, put, remove, spoil
from fuzzing.target import Mutator, Target
from snnc.cli import main
from snnc.cli.inspect import describe
from snnc.conversion.checkpoints.read import from_checkpoint
from snnc.exporter.artifact import read_artifact
from snnc.exporter.graph_of_network import integers_of
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.network_files import load_network
from snnc.exporter.nir.importer import Imported, ImportOptions
from snnc.exporter.nir.integration import INTEGRATIONS
from snnc.exporter.options import ExportOptions
from snnc.hwsim import oracle
from snnc.io import budget_file
from snnc.io.traces.reader import open_trace
from snnc.io.traces.writer import select, write_trace
from snnc.report.json_report import from_json, to_json
from snnc.stages import Artifact
from snnc.targets.costs import read_costs
from snnc.trainer.checkpoint import _STATE_KEYS, load_checkpoint, write_checkpoint
from snnc.trainer.config import load_config
from snnc.trainer.data import load, load_digits, save_events_npz
from snnc.trainer.data.gsc import TEST_LIST, load_gsc
from snnc.trainer.model_file import load_model, save_model
from snnc.trainer.sweep import load_sweep
from snnc.trainer.sweep_runner import read_record
from snnc.verification.compare_files import compare_files
from snnc.verification.spike_input import open_spikes


@dataclass(slots=True)
class _Made:
    """Sound files in a folder, made once, and what the readers are told besides."""

    folder: Path
    artifact: Artifact = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.redirect_stdout(io.StringIO()):
            self._make()

    def _make(self) -> None:
        self.artifact = read_artifact(exported(tiny_model(), self.folder))
        self._export("onnx", "--target", "onnx", "--dump-after", "prune")
        self._export("whole", "--whole-bias")
        rng = np.random.default_rng(1)
        np.savez(self.path("spikes.npz"), spikes=(rng.random((2, 12, 5)) < 0.3).astype(np.uint8))
        run = ["run", str(self.artifact.path), "--input", str(self.path("spikes.npz")), "--executor", "hwsim"]
        assert main([*run, "--trace", str(self.path("trace.h5"))]) == 0
        assert main([*run, "-o", str(self.path("trace.npz"))]) == 0
        self._graph_trace()
        save_events_npz(load_digits().select(range(3)), self.path("events.npz"))
        heidelberg(self.path("shd.h5"), (0, 1), seed=1, recordings=3)
        gsc(self.path("gsc"))
        torch.save(delays(taps=5), self.path("published.pt"))
        nir.write(self.path("foreign.nir"), _foreign())
        nir.write(self.path("foreign_graph.nir"), _foreign_graph())
        state = dict.fromkeys(_STATE_KEYS) | {"epoch": 3, "phase": "gaussian"}
        write_checkpoint(state, self.path("checkpoint.pt"), load_config("digits"), {"train": "ab"})
        save_model(trained(), self.path("graph.pt"))
        self.path("sweep.toml").write_text(SWEEP)

    def _graph_trace(self) -> None:
        populations = [source("x", 2), adlif("h", 2), li("y", 2, end=2), lif("z", 1)]
        projections = [dense("x", "h", [[1, 2], [3, 1]]), dense("h", "h", [[0, 1], [1, 0]], 1)]
        projections += [dense("h", "y", [[1, 2], [2, 1]]), dense("h", "z", [[1, 1]], 1)]
        readouts = [readout("y", "sum", 2, [1.0, 2.0]), readout("z", "first", 1)]
        graph = graph_of(populations, projections, 3, readouts)
        spikes = np.ones((2, 3, 2), np.uint8)
        with write_trace(self.path("graph.h5"), graph, "oracle", select(graph), 2) as writer:
            writer.append(spikes, oracle.run_graph(graph, spikes))

    def _export(self, name: str, *options: str) -> None:
        assert main(["export", str(self.path("model.pt")), "-o", str(self.path(name)), *options]) == 0

    def path(self, name: str) -> Path:
        return self.folder / name

    def __getitem__(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def member(self, name: str) -> Callable[[Path], object]:
        """Reads the artifact with the given content as its member `name`, which the manifest agrees with."""

        def read(path: Path) -> object:
            if plain(path):
                content = path.read_bytes()
                tamper(self.artifact.path, name, lambda _: content)
            else:
                put(path, self.artifact.path / name)
            found = read_artifact(self.artifact.path)
            budget_file.read(found)
            return found

        return read


SWEEP = 'base = "digits"\nseeds = [0, 1]\n[common]\nepochs = 2\n[variants.a]\n[variants.b]\ndelays = "none"\n'


def make_targets(folder: Path) -> tuple[Target, ...]:
    """All targets; their seeds and what they work on lie in `folder`."""
    made = _Made(folder)
    original, graph = made.artifact, made.artifact.graph
    inside = {name: (original.path / name).read_bytes() for name in (*original.manifest["files"], MANIFEST)}
    program = inside["program.npz"]
    runs = load_sweep(made.path("sweep.toml"), folder)

    def whole(*names: str) -> None:
        """The artifact as it was made, or those of its files."""
        for name in names or inside:
            remove(original.path / name)
            (original.path / name).write_bytes(inside[name])

    def folder_of(path: Path) -> object:
        remove(original.path)
        for name in inside:
            (original.path / name).parent.mkdir(parents=True, exist_ok=True)
        whole()
        spoil(original.path, path.read_bytes())
        try:
            return describe(original.path).lines(original.path), read_artifact(original.path)
        finally:
            remove(original.path)
            for name in inside:
                (original.path / name).parent.mkdir(parents=True, exist_ok=True)
            whole()

    def manifest(path: Path) -> object:
        whole()
        put(path, original.path / MANIFEST)
        found = describe(original.path).lines(original.path)
        return found, budget_file.read(read_artifact(original.path))

    def member(name: str, mutator: Mutator) -> Target:
        inner = made.member(name)

        def read(path: Path) -> object:
            whole(MANIFEST, "graph.nir", "golden.npz", "golden.nirdata", "ranges.npz")
            return inner(path)

        return Target(f"artifact {name}", Path(name).suffix, (inside[name],), read, mutator)

    def trace(path: Path) -> object:
        with open_trace(made.path("trace.h5"), graph) as one, open_trace(path, graph) as other:
            return compare_files(one, other, graph)

    def lonely_trace(path: Path) -> object:
        with open_trace(path, None) as one, open_trace(path, None) as other:
            return compare_files(one, other)

    def spikes(path: Path) -> object:
        found = open_spikes(path, original)
        return found.frames(slice(0, min(len(found), 4)))

    def events(path: Path) -> object:
        found = load(path)
        found.select(range(len(found)))
        return found.frames(range(min(len(found), 4)), 0.02, 60, allow_truncation=True), found.sha256()

    def commands(name: str) -> Callable[[Path], object]:
        place = made.path("gsc") / name
        sound = place.read_bytes()

        def read(path: Path) -> object:
            put(path, place)
            try:
                return [load_gsc(made.path("gsc"), part) for part in ("train", "test")]
            finally:
                remove(place)
                place.write_bytes(sound)

        return read

    def foreign(path: Path) -> object:
        how = INTEGRATIONS[path.lstat().st_size % len(INTEGRATIONS)]  # not opened here: it may be no file
        found = load_network(path, ImportOptions(0.001, 20, True, "zero", "above", how))
        assert isinstance(found, Imported)
        return integers_of(found.model, ExportOptions())

    def published(path: Path) -> object:
        given = {"dt": 0.01, "time_steps": 9, "payload_max": 2, "loss": "sum"}
        return from_checkpoint("snn-delays", path, kernel_size=5, v_threshold=1.0, tau=1.5, **given)

    def record(path: Path) -> object:
        put(path, runs[0].record)
        return read_record(runs[0])

    def inspected(path: Path) -> object:
        return describe(path).lines(path)

    reports = tuple(to_json(each).encode() for each in (equal(), different()))
    budget = budget_file.pack(losses())[budget_file.NAME]
    run = {"config": runs[0].config.model_dump(mode="json"), "validation": {"final": {"accuracy": 0.25}}}
    run |= {"format": "snnc-sweep-run", "version": 1, "parameters": {"trained": 4}, "data": {"train": "ab"}}
    row = {"variant": "a", "seeds": [0], "parameters": 9, "accuracy": {"final": {"mean": 0.5}}}
    table = {"format": "snnc-sweep", "version": 1, "rows": [row], "failed": {}}
    records = tuple(json.dumps(each).encode() for each in (run, table))
    constants = Path(__file__).parents[2] / "targets" / "loihi" / "costs.toml"
    preset = Path(__file__).parents[2] / "trainer" / "presets" / "digits.toml"
    stage = made["onnx.passes/prune.npz"]
    recording = f"{WORDS[0]}/0000000a_nohash_0.wav"
    arrays = tuple(made[f"{name}.npz"] for name in ("events", "spikes", "trace"))
    arrays += (inside["golden.npz"], inside["ranges.npz"], program, stage)
    hierarchies = tuple(made[name] for name in ("trace.h5", "shd.h5", "foreign.nir", "whole/network.net"))
    hierarchies += (inside["graph.nir"], inside["golden.nirdata"])
    networks = made["foreign.nir"], made["foreign_graph.nir"]
    return (
        Target("model", ".pt", (made["model.pt"], made["graph.pt"]), load_model, archives.torch_file),
        Target("checkpoint", ".pt", (made["checkpoint.pt"],), load_checkpoint, archives.torch_file),
        Target("published checkpoint", ".pt", (made["published.pt"],), published, archives.torch_file),
        Target("artifact folder", ".txt", (b"spoil it",), folder_of, opens=False),
        Target("artifact manifest", ".json", (inside[MANIFEST],), manifest, texts.json_text),
        member("graph.nir", hdf5.hdf5),
        member("golden.nirdata", hdf5.hdf5),
        member("golden.npz", archives.npz),
        member("ranges.npz", archives.npz),
        Target("trace h5", ".h5", (made["trace.h5"],), trace, hdf5.hdf5),
        Target("trace h5 alone", ".h5", (made["trace.h5"], made["graph.h5"]), lonely_trace, hdf5.hdf5),
        Target("trace npz", ".npz", (made["trace.npz"],), trace, archives.npz),
        Target("trace nirdata", ".nirdata", (inside["golden.nirdata"],), trace, hdf5.hdf5),
        Target("spikes npz", ".npz", (made["spikes.npz"], made["events.npz"]), spikes, archives.npz),
        Target("events npz", ".npz", (made["events.npz"],), events, archives.npz),
        Target("events h5", ".h5", (made["shd.h5"],), events, hdf5.hdf5),
        Target("speech commands wav", ".wav", (made[f"gsc/{recording}"],), commands(recording)),
        Target("speech commands list", ".txt", (made[f"gsc/{TEST_LIST}"],), commands(TEST_LIST)),
        Target("foreign nir", ".nir", networks, foreign, hdf5.hdf5),
        Target("config", ".toml", (preset.read_bytes(),), load_config, texts.toml_text),
        Target("sweep", ".toml", (SWEEP.encode(),), lambda path: load_sweep(path, folder), texts.toml_text),
        Target("sweep record", ".json", records[:1], record, texts.json_text),
        Target(
            "costs",
            ".toml",
            (constants.read_bytes(),),
            lambda p: read_costs(p.read_text("utf-8", "replace")),
            opens=False,
        ),
        Target(
            "report",
            ".json",
            reports,
            lambda p: from_json(p.read_text("utf-8", "replace")),
            texts.json_text,
            opens=False,
        ),
        Target("budget", ".json", (budget,), inspected, texts.json_text),
        Target("inspect json", ".json", (*reports, budget, *records), inspected, texts.json_text),
        Target("inspect toml", ".toml", (preset.read_bytes(), SWEEP.encode()), inspected, texts.toml_text),
        Target("inspect npz", ".npz", arrays, inspected, archives.npz),
        Target(
            "inspect torch", ".pt", (made["model.pt"], made["checkpoint.pt"]), inspected, archives.torch_file
        ),
        Target("inspect hdf5", ".h5", hierarchies, inspected, hdf5.hdf5),
        Target("inspect onnx", ".onnx", (made["onnx/model.onnx"],), inspected),
        *program_targets(made.path("whole"), made["spikes.npz"]),
        *graph_targets(made.path("graph"), made["spikes.npz"]),
        *resume_targets(made.path("run")),
        *network_targets(),
        *artifact_targets(),
    )


def _foreign() -> nir.NIRGraph:
    """Two inputs, a delay, three neurons, a readout of two."""
    rng = np.random.default_rng(2)
    ones = np.ones(3)
    nodes = {
        "input": nir.Input(np.array([2])),
        "delay": nir.Delay(np.array([0.002, 0.0])),
        "fc": nir.Affine(rng.normal(size=(3, 2)), 0.1 * ones),
        "lif": nir.LIF(0.004 * ones, ones, 0 * ones, ones, 0 * ones),
        "fc2": nir.Linear(rng.normal(size=(2, 3))),
        "li": nir.LI(0.004 * ones[:2], ones[:2], 0 * ones[:2]),
        "output": nir.Output(np.array([2])),
    }
    names = list(nodes)
    return nir.NIRGraph(nodes, list(itertools.pairwise(names)))


def _foreign_graph() -> nir.NIRGraph:
    """A convolution, a pool, neurons that recur in a graph of their own, a skip, two readouts."""
    rng = np.random.default_rng(3)
    two = np.array([2, 2])
    grid, ones = np.ones((2, 2, 1)), np.ones(3)
    inner = {
        "input": nir.Input(np.array([3])),
        "lif": nir.CubaLIF(0.003 * ones, 0.004 * ones, ones, 0 * ones, ones, 0 * ones, ones),
        "delay": nir.Delay(0.001 * ones),
        "rec": nir.Affine(rng.normal(size=(3, 3)), 0.1 * ones),
        "output": nir.Output(np.array([3])),
    }
    around = [("input", "lif"), ("lif", "delay"), ("delay", "rec"), ("rec", "lif"), ("lif", "output")]
    one = np.array([1, 1])
    nodes = {
        "input": nir.Input(np.array([1, 4, 2])),
        "conv": nir.Conv2d((4, 2), rng.normal(size=(2, 1, 3, 1)), one, np.array([1, 0]), one, 1, np.zeros(2)),
        "pool": nir.SumPool2d(two, two, np.array([0, 0])),
        "if": nir.IF(900 * grid, grid, 0 * grid),
        "flatten": nir.Flatten({"input": np.array(grid.shape)}, 0, -1),
        "fc": nir.Linear(rng.normal(size=(3, 4))),
        "sub": nir.NIRGraph(inner, around),
        "fc2": nir.Linear(rng.normal(size=(2, 3))),
        "scale": nir.Scale(np.array([0.5, 2.0])),
        "skip": nir.Linear(rng.normal(size=(2, 4))),
        "li": nir.LI(0.004 * ones[:2], ones[:2], 0 * ones[:2]),
        "output": nir.Output(np.array([2])),
        "spikes": nir.Output(np.array([3])),
    }
    names = ["input", "conv", "pool", "if", "flatten", "fc", "sub", "fc2", "scale", "li", "output"]
    edges = [*itertools.pairwise(names), ("flatten", "skip"), ("skip", "li"), ("sub", "spikes")]
    return nir.NIRGraph(nodes, edges, type_check=False)
