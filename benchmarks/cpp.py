"""The event loop in C++ (event_loop.cpp), compiled when first asked for and called in this process."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Missing
from snnc import formats
from snnc.stages import QuantizedGraph

SOURCE = Path(__file__).with_name("event_loop.cpp")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")


def unavailable_reason() -> str | None:
    """What the comparison with C++ lacks here, and the remedy."""
    return None if shutil.which("g++") else "no g++ on PATH; install it (apt-get install g++)"


@cache
def _library() -> ctypes.CDLL:
    if (why := unavailable_reason()) is not None:
        raise Missing(why)
    folder = Path(tempfile.mkdtemp(prefix="snnc-bench-"))
    try:
        subprocess.run(["g++", *FLAGS, "-o", folder / "event_loop.so", SOURCE], check=True)
        return ctypes.CDLL(str(folder / "event_loop.so"))
    except subprocess.CalledProcessError as error:
        raise Missing(f"g++ does not compile {SOURCE.name} (exit code {error.returncode})") from error
    finally:
        shutil.rmtree(folder)


def event_loop(
    graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]
) -> Callable[[], tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
    """A function that runs `graph`: readout, int32 [samples, T, classes], and int64 [layers, 3]: wraps of u,
    clips of v, spikes."""
    run_layer = _library().run_layer
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
