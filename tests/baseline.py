"""What a refactoring must leave as it is: the bytes of exports, a report, and the help of every command.

    python tests/baseline.py write FILE      # before
    python tests/baseline.py compare FILE    # after: what differs; exit code 1 if anything does

FILE is JSON: a name -> SHA-256 or text. Numbers that were measured in floating point may differ between
processors: write and compare on one machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nir
import numpy as np
from chains import Shape, rough_model
from models import digits_model, tiny_model
from places import ROOT

from snnc.cli import main
from snnc.cli.app import command_line
from snnc.exporter.artifact import REPORTS
from snnc.exporter.passes.discretise import Discretise
from snnc.trainer.model_file import save_model

EXAMPLE = ROOT / "examples/heidelberg/model.pt"
EXPORTS = {
    "loihi": "digits.pt",
    "onnx": "digits.pt --target onnx",
    "c": "digits.pt --target c",
    "example": "example.pt",
    "no budget": "digits.pt --no-budget",
    "relays": "long.pt --relays --allow-saturation",
    "prune": "digits.pt --prune 0.3",
    "prune lines, example": "example.pt --prune 0.2 --prune-by lines --weight-bits 4",
    "max drop": "digits.pt --max-drop 100 --weight-bits 3",
    "max drop, prune auto": "digits.pt --max-drop 100 --weight-bits 3 --prune auto",
    "max drop, payload": "digits.pt --max-drop 100 --weight-bits 3 --payload-max 15",
    "max drop, whole bias": "digits.pt --max-drop 100 --weight-bits 3 --whole-bias",
    "scale mse": "digits.pt --scale mse --weight-bits 4",
    "scale percentile": "digits.pt --scale percentile --percentile 99 --weight-bits 5",
    "scale task": "digits.pt --scale task --weight-bits 3",
    "power of two": "digits.pt --power-of-two",
    "bits by layer": "digits.pt --weight-bits 4,8",
    "finished": "finished.pt --weight-bits 4",
    "whole bias": "tiny.pt --whole-bias",
    "payload": "tiny.pt --payload-max 9 --target c",
    "metadata": "rough.pt --nir-delays metadata --allow-saturation --relays",
    "dumped": "rough.pt --allow-saturation --dump-after all",
    "nir": "net.nir --dt 0.001 --time-steps 9 --reset zero --round-delays",
}
"""Name -> model and options of `snnc export`."""
REFUSED = {
    "long without relays": "export long.pt -o refused",
    "overflow": "export rough.pt -o refused --payload-max 15",
    "no such pass": "export tiny.pt -o refused --dump-after nothing",
    "prune auto": "export tiny.pt -o refused --prune auto",
    "check": "check example.pt --target truenorth",
    "check of long": "check long.pt --target loihi --weight-bits 4 --prune 0.5",
    "check of an artifact": "check loihi/out --target spinnaker2",
    "targets": "targets --for tiny.pt",
    "inspect": "inspect net.nir",
}
"""Name -> a command of which the exit code and the words are kept."""


def write_models() -> None:
    models = {
        "digits": digits_model(),
        "tiny": tiny_model(),
        "rough": rough_model(Shape((9, 12, 7, 5), (8, 8, 8), 0.9, 20, 30, True, 3)),
        "long": rough_model(Shape((4, 6, 3), (8, 8), 0.9, 150, 160, False, 4)),
    }
    whole = Discretise().run(models["digits"]).layers
    grid = [
        replace(
            one,
            weight=np.clip(np.rint(one.weight * 7), -7, 7) / 7,
            scale=7.0,
            threshold=one.threshold and round(one.threshold * 7) / 7,
        )
        for one in whole
    ]
    models["finished"] = replace(models["digits"], quantised={4: tuple(grid)})
    for name, model in models.items():
        save_model(model, Path(f"{name}.pt"))
    Path("example.pt").write_bytes(EXAMPLE.read_bytes())
    ones = np.ones(2)
    neurons = nir.LIF(tau=0.004 * ones, r=2 * ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones)
    delay = nir.Delay(delay=np.array([0.003, 0.0015]))
    nir.write("net.nir", nir.NIRGraph.from_list(delay, nir.Linear(weight=np.eye(2)), neurons))


def said_by(command: list[str]) -> str:
    """Exit code and words, without empty lines."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(command)
    return "\n".join([f"exit {code}", *filter(None, out.getvalue().splitlines())])


def without_times(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: without_times(item)
            for key, item in value.items()
            if key not in ("seconds", "tried", "tests", "date")
        }
    return [without_times(item) for item in value] if isinstance(value, list) else value


def found() -> Iterator[tuple[str, str]]:
    """Everything, by name; works in the present folder, which is empty."""
    write_models()
    for name, words in EXPORTS.items():
        Path(name).mkdir()
        model, *options = words.split()
        yield f"{name}: said", said_by(["export", model, "-o", f"{name}/out", *options])
        for path in sorted(Path(name).rglob("*")):
            if path.is_file() and path.name not in REPORTS:
                yield path.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
    for name, words in REFUSED.items():
        yield name, said_by(words.split())
    for name in ("loihi", "finished", "prune"):
        main(["verify", f"{name}/out", "--samples", "10", "--generated", "4", "--executors", "oracle,hwsim"])
        report = json.loads(Path(name, "out", "report.json").read_text())
        for part, value in without_times(report).items():
            yield f"report of {name}: {part}", json.dumps(value, sort_keys=True)
    for name in command_line().commands:
        yield f"help of {name}", said_by([name, "--help"])


def collect() -> dict[str, str]:
    os.environ["COLUMNS"] = "100"
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return dict(found())


if __name__ == "__main__":
    _, command, file = sys.argv
    path = Path(file).resolve()
    now = collect()
    if command == "write":
        path.write_text(json.dumps(now, indent=1) + "\n")
    else:
        before = json.loads(path.read_text())
        differ = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        for name in differ:
            print(f"{name}\n  before: {before.get(name)}\n  now:    {now.get(name)}")
        print(f"{len(differ)} of {len(now)} differ")
        sys.exit(bool(differ))
