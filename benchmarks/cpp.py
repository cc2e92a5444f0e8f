"""Event loops in C++ (event_loop.cpp, recurrent_loop.cpp), compiled when first asked for and called here."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Missing
from benchmarks.recurrent_nets import DECAY_U, DECAY_V, Recurrent
from snnc import formats
from snnc.stages import QuantizedGraph

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")


def unavailable_reason() -> str | None:
    """What the comparison with C++ lacks here, and the remedy."""
    return None if shutil.which("g++") else "no g++ on PATH; install it (apt-get install g++)"


@cache
def _library(name: str) -> ctypes.CDLL:
    if (why := unavailable_reason()) is not None:
        raise Missing(why)
    folder = Path(tempfile.mkdtemp(prefix="snnc-bench-"))
    try:
        source = Path(__file__).with_name(f"{name}.cpp")
        subprocess.run(["g++", *FLAGS, "-o", folder / f"{name}.so", source], check=True)
        return ctypes.CDLL(str(folder / f"{name}.so"))
    except subprocess.CalledProcessError as error:
        raise Missing(f"g++ does not compile {name}.cpp (exit code {error.returncode})") from error
    finally:
        shutil.rmtree(folder)


def event_loop(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]
) -> Callable[[], tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
    """A function that runs `graph`: readout, int32 [samples, T, classes], and int64 [layers, 3]: wraps of u,
    clips of v, spikes."""
    run_layer = _library("event_loop").run_layer
    samples, steps = spikes.shape[:2]

    def run() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        source = spikes
        counts = np.zeros((len(graph.layers), 3), np.int64)
        readout = np.empty((samples, steps, graph.layers[-1].neurons), np.int32)
        for index, layer in enumerate(graph.layers):
            fired = np.empty((samples, steps, layer.neurons), np.uint8)
            vth = (
                formats.V_LIMIT if layer.threshold is None else layer.threshold << formats.STATE_FRACTION_BITS
            )
            arrays = layer.weight, layer.delay, layer.bias, source, fired, readout, counts[index]
            weight, delay, bias, x, y, v, count = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
            failed = run_layer(
                weight, delay, ctypes.c_int64(layer.neurons), ctypes.c_int64(layer.inputs), bias,
                ctypes.c_int32(formats.DECAY_ONE - layer.decay_u),
                ctypes.c_int32(formats.DECAY_ONE - layer.decay_v), ctypes.c_int32(vth),
                x, ctypes.c_int64(samples), ctypes.c_int64(steps), y,
                v if layer is graph.layers[-1] else None, count,
            )  # fmt: skip
            assert not failed, "offsets beyond 16 bits, or weights beyond 8"
            source = fired
        return readout, counts

    return run


def recurrent_loop(
    layers: Sequence[Recurrent], spikes: npt.NDArray[np.uint8]
) -> Callable[[], tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
    """As `event_loop`, of layers with recurrence."""
    run_recurrent = _library("recurrent_loop").run_recurrent
    samples, steps = spikes.shape[:2]

    def pointer(array: npt.NDArray[Any]) -> ctypes.c_void_p:
        return ctypes.c_void_p(array.ctypes.data)

    def run() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        source = spikes
        counts = np.zeros((len(layers), 3), np.int64)
        readout = np.empty((samples, steps, layers[-1].before.post_neurons), np.int32)
        for index, layer in enumerate(layers):
            neurons, own = layer.before.post_neurons, layer.own
            fired = np.empty((samples, steps, neurons), np.uint8)
            failed = run_recurrent(
                pointer(layer.before.weight), pointer(layer.before.delay),
                None if own is None else pointer(own.weight), None if own is None else pointer(own.delay),
                ctypes.c_int64(neurons), ctypes.c_int64(layer.before.pre_neurons),
                ctypes.c_int32(formats.DECAY_ONE - DECAY_U), ctypes.c_int32(formats.DECAY_ONE - DECAY_V),
                ctypes.c_int32(layer.least_silent), pointer(source),
                ctypes.c_int64(samples), ctypes.c_int64(steps), pointer(fired),
                pointer(readout) if layer is layers[-1] else None, pointer(counts[index]),
            )  # fmt: skip
            assert not failed, "offsets beyond 16 bits, or weights beyond 8"
            source = fired
        return readout, counts

    return run
