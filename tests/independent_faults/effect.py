"""Shows, without snnc's comparison, that a fault changes something that can be seen, on inputs of our own."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from independent_faults.artifacts import EXECUTOR
from independent_faults.catalogue import Fault
from independent_faults.contract import Machine
from snnc.exporter.artifact import read_artifact
from snnc.plugins.executors import load_executor
from snnc.stages import Artifact, QuantizedGraph

Spikes = npt.NDArray[np.uint8]
RATES = (0.02, 0.1, 0.3, 0.05, 0.5, 0.02, 0.1, 0.01, 0.2, 0.9, 0.0, 0.05, 0.1)


def inputs(graph: QuantizedGraph, rates: tuple[float, ...] = RATES) -> Spikes:
    """Random events at several rates, among them a silent sample, and all inputs on with the largest
    payload."""
    random, shape = np.random.default_rng(77), (graph.time_steps, graph.inputs)
    most = graph.payload_max
    noise = [(random.random(shape) < rate) * random.integers(1, most + 1, shape) for rate in rates]
    return np.stack([*noise, np.full(shape, most)]).astype(np.uint8)


def effect(fault: Fault, path: Path) -> str:
    """What the fault changes, in words; "" if nothing."""
    artifact = read_artifact(path)
    if fault.class_only:
        return class_effect(fault, artifact)
    graph = artifact.graph
    x = inputs(graph, (0.05, 0.2)) if fault.where == "loihi" else inputs(graph)
    right = Machine(graph).run(x)
    if fault.where == "executor":
        found = fault.plant(graph).run(x)  # type: ignore[call-arg,union-attr]
    else:
        run = load_executor(EXECUTOR[fault.where]).run(artifact, x)
        found = [(layer.u, layer.v, layer.spikes) for layer in run]
    changed = [
        [int((a != b).sum()) for a, b in zip(*pair, strict=True)] for pair in zip(right, found, strict=True)
    ]
    samples = {
        int(s)
        for one, other in zip(right, found, strict=True)
        for a, b in zip(one, other, strict=True)
        for s in np.unique(np.nonzero(a != b)[0])
    }
    total = sum(map(sum, changed))
    return f"{total} values of u, v and spikes in {len(samples)} of {len(x)} samples" if total else ""


def class_effect(fault: Fault, artifact: Artifact) -> str:
    """How many answers of the program differ from the decoding of clause 7."""
    graph, path = artifact.graph, artifact.path
    x = inputs(graph)
    v = Machine(graph).run(x)[-1][1]
    right = decoded(v, graph.readout_scale)
    if fault.where == "c":
        answers = load_executor("c").run(artifact, x).answers
        found = next(a.classes for a in answers if a.classes is not None)
    elif fault.where == "loihi":
        found = program_module(path / "run.py").decode(v, graph.readout_scale).argmax(axis=1)
    else:
        import onnxruntime

        session = onnxruntime.InferenceSession((path / "model.onnx").read_bytes())
        found = session.run(["class"], {"spikes": x})[0]
        names = json.loads(session.get_modelmeta().custom_metadata_map["class_names"])
        right, found = np.array(graph.class_names)[right], np.array(names)[found]
    wrong = int((right != found).sum())
    return f"the class of {wrong} of {len(x)} samples" if wrong else ""


def decoded(v: npt.NDArray[np.int64], scale: float) -> npt.NDArray[np.int64]:
    """[7]"""
    x = v * scale
    e = np.exp(x - x.max(axis=2, keepdims=True))
    return (e / e.sum(axis=2, keepdims=True)).sum(axis=1).argmax(axis=1)


def program_module(path: Path):  # type: ignore[no-untyped-def]
    """run.py of an artifact, imported."""
    spec = importlib.util.spec_from_file_location("emitted_run", path)
    assert spec is not None
    assert spec.loader is not None
    module, before = importlib.util.module_from_spec(spec), list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    sys.modules.pop("reading", None)
    return module
