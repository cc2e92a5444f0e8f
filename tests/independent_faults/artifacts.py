"""The artifact on which a fault is verified: the demo's, one of our own networks, or one with an edited
program."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from independent_faults.catalogue import Fault
from independent_faults.nets import write_net

EXECUTOR = {"executor": "suspect", "c": "c", "onnx": "onnxruntime", "loihi": "lava-event"}
"""Who runs a fault, by where it is planted."""


def artifact_of(fault: Fault, demo: Path, work: Path) -> Path:
    """The folder of the artifact, made in `work` if it is no exported one as it is."""
    if fault.where == "executor":
        path = demo / "model.c" if fault.net == "demo" else work / f"{fault.net}.c"
        return path if path.exists() else write_net(fault.net, work)
    path = work / fault.name / f"model.{fault.where}"
    if path.parent.exists():
        shutil.rmtree(path.parent)
    shutil.copytree(demo / f"model.{fault.where}", path)
    edit_program(path, fault)
    return path


def edit_program(path: Path, fault: Fault) -> None:
    """Plant `fault` in the files of the artifact and make the manifest agree with them again."""
    manifest = json.loads((path / "manifest.json").read_text())
    before = {name: (path / name).read_bytes() for name in manifest["files"]}
    files = dict(before)
    fault.plant(files)  # type: ignore[call-arg,arg-type]
    changed = {name: data for name, data in files.items() if before[name] != data}
    assert changed, f"{fault.name}: nothing is changed"
    for name, data in changed.items():
        (path / name).write_bytes(data)
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (path / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
