"""Networks that show every clause, and executors with a seeded fault that run them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from c_programs import built_sooner
from edits import Edit, edited
from faults import mutate_sources
from golden import artifact_of
from loihi_artifacts import chain, emitted, layer, random_input
from seeded import Fault

import snnc.hwsim.event_driven  # noqa: F401  before compiling is ever turned off
from snnc.plugins.executors import EXECUTORS, load_executor
from snnc.stages import Artifact, QuantizedGraph, QuantizedLayer, Trace
from snnc.targets.c.emitter import sources
from snnc.targets.loihi.emitter import PROGRAM
from snnc.targets.loihi.netx import NETWORK, netx_file
from snnc.targets.loihi.registers import pack
from snnc.verification.conformance_nets import Net

COPIES = {
    "torch": [f"trainer/integer_{part}.py" for part in ("executor", "model", "schedule")],
    "oracle": ["hwsim/oracle.py"],
    "hwsim": [
        f"hwsim/{name}.py" for name in ("event_driven", "schedule", "totals", "layer_program", "delivery")
    ],
    "onnx": ["executor.py", "emitter.py", "network.py", "neurons.py", "arrivals.py", "synapses.py"],
}
COPIES["onnxruntime"] = COPIES["onnx-reference"] = [f"targets/onnx/{file}" for file in COPIES.pop("onnx")]
"""Executor -> sources that are copied to plant a fault: its own first, then those that import others."""
INTERPRETED = "hwsim, events"
"""Compiling its loops for every fault takes longer than all else; they mean the same in plain Python."""


@cache
def nets() -> dict[str, Net]:
    """`clauses` for all but Lava, whose weights have 8 bits: `chip`; and `payloads`, with input of 0 .. 5."""
    clauses = chain(_hidden(11, bias_exp=2, bias=300), _saturating(), _readout(6, 30_000), time_steps=24)
    chip = chain(_hidden(12, bias_exp=6, bias=20), _readout(8), time_steps=24)
    graded = chain(_hidden(13, bias_exp=1, bias=90), _readout(8), time_steps=16).changed(payload_max=5)
    payloads = random_input(graded, 2) * np.random.default_rng(4).integers(1, 6, (2, 16, 6), np.uint8)
    for spikes in (made := [random_input(graph, 3) for graph in (clauses, chip)]):
        spikes[:, -1, 0] = 1  # crosses the synapse without a delay of the first neuron
    return {
        "clauses": Net("clauses", clauses, made[0]),
        "chip": Net("chip", chip, made[1]),
        "payloads": Net("payloads", graded, payloads),
    }


def _hidden(seed: int, *, bias_exp: int, bias: int) -> QuantizedLayer:
    """Eight neurons. The first has one synapse, as strong as the threshold: one spike meets it exactly."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-100, 111, (8, 6))
    weight[rng.random(weight.shape) < 0.15] = 0
    weight[0], weight[0, 0] = 0, 80
    delay = rng.integers(0, 10, weight.shape)
    delay[0, 0] = 0
    mantissa = rng.integers(-bias, bias + 1, 8)
    mantissa[0] = 0
    return layer(
        weight,
        delay,
        name="hidden",
        bias_mant=mantissa,
        bias_exp=bias_exp,
        decay_u=1200,
        decay_v=600,
        threshold=80,
    )


def _saturating() -> QuantizedLayer:
    """Six neurons that saturate; a spike takes u of the first to 2^23 exactly, of the second to -2^23."""
    rng = np.random.default_rng(14)
    weight = rng.integers(20_000, 60_001, (6, 8)) * rng.choice([-1, 1], (6, 8))
    weight[:, 4:] = 0
    weight[:2] = 0
    weight[0, 3], weight[1, 6] = 1 << 17, -(1 << 17)
    return layer(
        weight,
        rng.integers(0, 6, weight.shape),
        name="saturating",
        bias_mant=rng.integers(-4096, 4096, 6),
        bias_exp=6,
        decay_u=300,
        decay_v=100,
        threshold=100_000,
    )


def _readout(inputs: int, largest: int = 120) -> QuantizedLayer:
    rng = np.random.default_rng(15)
    weight = rng.integers(-largest, largest + 1, (3, inputs))
    delay = rng.integers(0, 6, weight.shape)
    return layer(weight, delay, name="readout", bias_mant=[5, -7, 0], bias_exp=6, decay_u=2000, decay_v=300)


Run = Callable[[Artifact, Any], Trace]


class Planted:
    """An executor with a fault."""

    def __init__(self, name: str, run: Run) -> None:
        self.name, self.run = name, run

    def unavailable_reason(self) -> str | None:
        return None


def plant(fault: Fault, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Planted, Artifact]:
    """An executor that has `fault`, and an artifact for it; `folder` is empty and becomes theirs."""
    name = fault.where.partition(",")[0]
    artifact = artifact_of(nets()[fault.net].graph)
    if name in COPIES:
        return Planted(name, _copy(fault, name, folder, monkeypatch)), artifact
    if name == "c":
        built_sooner(monkeypatch)
        monkeypatch.setattr("snnc.targets.c.executor.sources", lambda graph: _program(fault, graph))
    else:
        artifact = _tampered(fault, emitted(artifact.graph, folder))
    return Planted(name, load_executor(name).run), artifact


def copy_of(name: str, edits: Iterable[Edit], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a copy of the executor `name` with `edits` is, as `EXECUTORS` says it; it lies in `folder`."""
    files = dict.fromkeys((*COPIES[name], *(path for path, _, _ in edits)))
    modules = {path: "seeded_" + path.removesuffix(".py").replace("/", "_") for path in files}
    mutate_sources(folder, modules, edits)
    monkeypatch.syspath_prepend(folder)
    importlib.invalidate_caches()
    return f"{modules[COPIES[name][0]]}:{EXECUTORS[name].partition(':')[2]}"


def imported(module: str) -> ModuleType:
    """`module`, now first imported, whose loops are not compiled."""
    with pytest.MonkeyPatch.context() as context:
        context.setattr("numba.config.DISABLE_JIT", True)
        return importlib.import_module(module)


def _copy(fault: Fault, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What runs a copy of the executor `name` with the edits of `fault`, on the graph that it changes."""
    entry, _, attribute = copy_of(name, fault.edits, folder, monkeypatch).partition(":")
    module = (imported if fault.where == INTERPRETED else importlib.import_module)(entry)
    if name == "hwsim":
        kernel = fault.where.removeprefix("hwsim, ")
        return lambda artifact, spikes: module.simulate(artifact.graph, spikes, kernel=kernel, threads=1)
    executor = getattr(module, attribute)()
    change = fault.change or (lambda graph: graph)
    return lambda artifact, spikes: executor.run(replace(artifact, graph=change(artifact.graph)), spikes)


def _program(fault: Fault, graph: QuantizedGraph) -> dict[str, bytes]:
    """The C program that is emitted with `fault`."""
    files = sources(fault.change(graph) if fault.change else graph)
    for name, old, new in fault.edits:
        files[name] = edited(name, files[name].decode(), old, new).encode()
    return files


def _tampered(fault: Fault, artifact: Artifact) -> Artifact:
    """`artifact` with `fault` in its Lava program."""
    program = dict(artifact.program)
    for name, old, new in fault.edits:
        program[name] = edited(name, program[name].decode(), old, new).encode()
    if fault.change:
        changed = fault.change(artifact.graph)
        program[PROGRAM] = pack(changed)
        if fault.where == "netx":  # which must agree with the program
            program[NETWORK] = netx_file(changed)
    return replace(artifact, program=program)
