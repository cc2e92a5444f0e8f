"""One file of each kind that `snnc inspect` knows: what writes it, and what inspect says of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import nir
import numpy as np
from models import saved, tiny_model
from places import EXAMPLES
from report_examples import equal, losses
from trace_files import by_hand

from snnc.io import budget_file
from snnc.report.json_report import to_json
from snnc.report.junit import to_junit
from snnc.trainer.checkpoint import _STATE_KEYS, write_checkpoint
from snnc.trainer.config import load_config
from snnc.trainer.data import load_digits, save_events_npz


def reported(path: Path) -> None:
    path.write_text(to_json(equal()))


def junit(path: Path) -> None:
    path.write_text(to_junit(equal()))


def budget(path: Path) -> None:
    path.write_bytes(budget_file.pack(losses())["budget.json"])


def model(path: Path) -> None:
    shutil.copy(saved(tiny_model(), path.parent), path)


def checkpoint(path: Path) -> None:
    state = dict.fromkeys(_STATE_KEYS) | {"epoch": 3, "phase": "gaussian"}
    write_checkpoint(state, path, load_config("digits"), {"train": "ab"})


def events(path: Path) -> None:
    save_events_npz(load_digits(), path.with_suffix(".npz"))
    path.with_suffix(".npz").rename(path)


def spikes(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, spikes=np.ones((2, 7, 3), np.uint8))


def trace(path: Path) -> None:
    by_hand(path)


def foreign(path: Path) -> None:
    nodes = {
        "input": nir.Input(np.array([2])),
        "fc": nir.Linear(np.ones((3, 2))),
        "output": nir.Output(np.array([3])),
    }
    nir.write(path, nir.NIRGraph(nodes, [("input", "fc"), ("fc", "output")]))


def recordings(path: Path) -> None:
    ragged = h5py.vlen_dtype(np.dtype(np.float16))
    with h5py.File(path, "w") as file:
        file.create_dataset("spikes/times", (1,), ragged)[0] = np.array([0.1, 0.2], np.float16)
        file.create_dataset("spikes/units", (1,), h5py.vlen_dtype(np.dtype(np.uint16)))[0] = [1, 2]
        file["labels"] = np.array([0])
        file["extra/keys"] = np.array([b"zero"])


def config(path: Path) -> None:
    shutil.copy(EXAMPLES / "order.toml", path)


def sweep(path: Path) -> None:
    path.write_text('base = "digits"\nseeds = [0, 1]\n[variants.a]\n[variants.b]\ndelays = "none"\n')


def table(path: Path) -> None:
    row = {"variant": "a", "seeds": [0], "parameters": 9, "accuracy": {"final": {"mean": 0.5}}}
    path.write_text(json.dumps({"format": "snnc-sweep", "version": 1, "rows": [row], "failed": {}}))


def record(path: Path) -> None:
    run = {"config": {"seed": 4}, "validation": {"final": {"accuracy": 0.25}}}
    path.write_text(json.dumps({"format": "snnc-sweep-run", "version": 1, **run}))


KINDS = {
    reported: ("report of `snnc verify`, schema 2", "verdict: Bit-exact"),
    junit: ("results as JUnit XML", "test cases: 7"),
    budget: ("what an export measured", "loss: "),
    model: ("trained model", "layer readout: 6 -> 3 neurons"),
    checkpoint: ("checkpoint of an unfinished training", "epochs: 3 done"),
    events: ("labelled event recordings", "recordings: 2400"),
    spikes: ("dense input spikes", "events: 42"),
    trace: ("trace of a run, version 1", "executor: board"),
    foreign: (
        "NIR graph of another framework",
        "nodes: 3: 1 Input, 1 Linear, 1 Output",
        "--dt SECONDS --time-steps N",
    ),
    recordings: ("labelled event recordings", "units: 3"),
    config: ("configuration of a training", "hidden: (32,)"),
    sweep: ("sweep of configurations", "variants: a, b"),
    table: (
        "table of `snnc sweep`",
        "variant a: 1 seed, 9 parameters, with whole delays 50.00 % of validation, test not measured",
    ),
    record: ("run of `snnc sweep`", "validation, whole delays: 25.00 %"),
}
