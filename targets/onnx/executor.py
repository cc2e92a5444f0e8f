"""Executors that run the ONNX graph of a network: onnxruntime, and the reference evaluator of `onnx`.

They take an artifact of any target. One of the target `onnx` ships the graph as files, and then these files
run: the readout is that of `model.onnx`, all other states are those of `probe.onnx`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from snnc.batches import uneven
from snnc.errors import ArtifactError, ExecutorError, LimitError
from snnc.extras import lacking
from snnc.provenance import versions
from snnc.stages import Answer, Artifact, LayerTrace, Population, QuantizedGraph, Trace, check_input
from snnc.stages.population import ADLIF
from snnc.targets.onnx.answers import answers
from snnc.targets.onnx.emitter import MODEL, PROBE, check_graph, model_bytes
from snnc.targets.onnx.memory import batch_size

Spikes = npt.NDArray[np.uint8]
Arrays = Mapping[str, npt.NDArray[Any]]
Run = Callable[[Spikes], Arrays]

KEPT = 1 << 24
"""Bytes of the largest model that is kept loaded for the next run."""


class _OnnxExecutor(ABC):
    """Runs the graph in batches of samples; computes nothing itself."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        self._loaded: dict[bytes, Run] = {}
        self._emitted: tuple[QuantizedGraph, bytes] | None = None

    def unavailable_reason(self) -> str | None:
        """Which packages are not installed and what to do, or None."""
        return lacking("onnx", *self.packages)

    @abstractmethod
    def load(self, model: bytes) -> Run:
        """What gives the outputs of `model`, by name, for spikes [batch, T, inputs]."""

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] of 0 .. payload_max.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        ArtifactError
            If the artifact lacks an ONNX file.
        ExecutorError
            If the graph does not fit an ONNX file, a model does not run, or its outputs are not the graph's.
        """
        graph, spikes = artifact.graph, self._checked(artifact.graph, spikes)
        probe, model = _shipped(artifact, PROBE) or self._probe(graph), _shipped(artifact, MODEL)
        states = self._batches(probe, graph, spikes)
        readout = states if model is None else self._batches(model, graph, spikes)
        layers = _layers(graph, states, readout)
        return self._trace(layers, _answers(graph, (probe, states), (model, readout)))

    def run_graph(self, graph: QuantizedGraph, spikes: npt.ArrayLike) -> Trace:
        """Run a graph that lies in no artifact, as `run` does; the trace has no answers."""
        checked = self._checked(graph, spikes)
        states = self._batches(self._probe(graph), graph, checked)
        return self._trace(_layers(graph, states, states))

    def _checked(self, graph: QuantizedGraph, spikes: npt.ArrayLike) -> Spikes:
        checked = check_input(graph, spikes)
        try:
            check_graph(graph)
        except LimitError as error:
            raise ExecutorError(f"{self.name}: {error}") from error
        return checked

    def _trace(self, layers: tuple[LayerTrace, ...], answers: Sequence[Answer] = ()) -> Trace:
        return Trace(self.name, layers, versions(*self.packages), tuple(answers))

    def _batches(self, model: bytes, graph: QuantizedGraph, spikes: Spikes) -> list[Arrays]:
        """Outputs for each batch of samples; an empty batch if there are no samples."""
        size = uneven(len(spikes), batch_size(graph))
        try:
            run = self._kept(model)
            return [run(spikes[start : start + size]) for start in range(0, max(1, len(spikes)), size)]
        except Exception as error:  # each runtime has errors of its own
            raise ExecutorError(f"{self.name}: the model does not run: {error}") from error

    def _probe(self, graph: QuantizedGraph) -> bytes:
        """What this release emits for `graph`, with all states."""
        if self._emitted is None or self._emitted[0] is not graph:
            self._emitted = graph, model_bytes(graph, probe=True)
        return self._emitted[1]

    def _kept(self, model: bytes) -> Run:
        """`load`, but once for the two last models: a verification runs them on one batch after the other."""
        run = self._loaded.pop(model, None) or self.load(model)
        if len(model) <= KEPT:
            self._loaded = dict([*self._loaded.items(), (model, run)][-2:])
        return run


class OnnxRuntimeExecutor(_OnnxExecutor):
    """The graph in onnxruntime, on the processor; with all its cores unless `threads` says fewer."""

    name = "onnxruntime"
    packages = ("onnx", "onnxruntime")

    def __init__(self, *, threads: int | None = None) -> None:
        super().__init__()
        self.threads = threads

    def load(self, model: bytes) -> Run:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors
        # A number, for left to itself it also pins threads to processors.
        options.intra_op_num_threads = self.threads or os.cpu_count() or 1
        # Threads that wait would otherwise keep their processors busy, in all of a short run.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return lambda spikes: dict(zip(names, session.run(names, {"spikes": spikes}), strict=True))


class OnnxReferenceExecutor(_OnnxExecutor):
    """The graph in the reference evaluator of `onnx`: the standard's operators in numpy."""

    name = "onnx-reference"
    packages = ("onnx",)

    def load(self, model: bytes) -> Run:
        import onnx
        from onnx.reference import ReferenceEvaluator

        evaluator = ReferenceEvaluator(onnx.load_model_from_string(model))
        names = evaluator.output_names
        return lambda spikes: dict(zip(names, evaluator.run(None, {"spikes": spikes}), strict=True))


def _shipped(artifact: Artifact, name: str) -> bytes | None:
    """A file of an artifact of the target `onnx`, else None."""
    if artifact.target != "onnx":
        return None
    if name not in artifact.program:
        raise ArtifactError(f"{artifact.path}: has no {name}; export it with --target onnx")
    return artifact.program[name]


def _answers(
    graph: QuantizedGraph, probe: tuple[bytes, list[Arrays]], model: tuple[bytes | None, list[Arrays]]
) -> list[Answer]:
    """Those of `probe.onnx`, and of `model.onnx` if there is one, from the files and their outputs."""
    file, states = probe
    found = answers(PROBE, file, graph, states, probe=True)
    if model[0] is None:
        return found
    found += answers(MODEL, model[0], graph, model[1], probe=False)
    if graph.is_chain:  # of other graphs the outputs of a readout are its states
        last = f"v_{len(graph.layers) - 1}", (graph.time_steps, graph.layers[-1].neurons)
        found.append(Answer(PROBE, _joined(states, *last)))
    return found


def _layers(graph: QuantizedGraph, states: list[Arrays], readout: list[Arrays]) -> tuple[LayerTrace, ...]:
    """The trace of each population that is no input from the outputs of all batches."""
    decoded = {each.population for each in graph.readouts}
    return tuple(
        _layer(graph, each, index, states, readout if each.name in decoded else None)
        for index, each in enumerate(graph.stateful)
    )


def _layer(
    graph: QuantizedGraph, of: Population, index: int, states: list[Arrays], readout: list[Arrays] | None
) -> LayerTrace:
    """That of the population `index`; what a readout gives is taken from `readout`."""
    shape, gives = (graph.time_steps, of.neurons), readout or states
    v_name = "v" if graph.is_chain and readout is not None else f"v_{index}"
    v = _joined(states if of.spikes else gives, v_name, shape)
    spikes = _joined(gives, f"s_{index}", shape) if of.spikes else np.zeros(v.shape, np.bool_)
    adapts = of.model == ADLIF
    counts = {
        what: sum(int(_output(batch, f"{what}_{index}", shape[:1]).sum()) for batch in states)
        for what in ("u_wraps", "v_clips", *(("w_clips",) if adapts else ()))
    }
    w = _joined(states, f"w_{index}", shape) if adapts else None
    return LayerTrace(_joined(states, f"u_{index}", shape), v, spikes, w=w, **counts)


def _joined(batches: list[Arrays], name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    return np.concatenate([_output(batch, name, shape) for batch in batches])


def _output(batch: Arrays, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """The output `name`, whose last dimensions must be `shape`."""
    array = batch.get(name)
    if array is None or array.shape[-len(shape) :] != shape:
        given = "no such output" if array is None else f"shape {array.shape}"
        raise ExecutorError(f"output {name!r} of the ONNX model: {given}, expected {('...', *shape)}")
    return array
