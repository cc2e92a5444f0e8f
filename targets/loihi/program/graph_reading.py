"""What the program of a graph reads: graph.npz, checked.

A file that is not what it should be raises RunError, as in reading.py, so that nothing but a sound network
reaches Lava.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from reading import RunError, load_input, read_npz  # beside this file

SPIKING = ("lif", "adlif")
MODELS = (*SPIKING, "li")
STEPS, NEURONS, LEVELS = 2**31 - 1, 1 << 22, 1 << 16
OF_NEURONS = {
    "du": (np.int16, 0, 4096, MODELS),
    "dv": (np.int16, 0, 4096, MODELS),
    "bias_mant": (np.int16, -4096, 4095, MODELS),
    "input_bias_mant": (np.int16, -4096, 4095, MODELS),
    "dw": (np.int16, 0, 4096, ("adlif",)),
    "ka": (np.int16, -4096, 4096, ("adlif",)),
    "kb": (np.int32, -(1 << 20), (1 << 20) - 1, ("adlif",)),
    "vth": (np.int32, 0, (1 << 17) - 1, SPIKING),
}
"""Name in graph.npz, without the number -> type, least and largest value, and the models that have it."""
R = (np.int32, 0, (1 << 17) - 1)
OF_POPULATION = {
    "level": (np.int32, 0, LEVELS),
    "end": (np.int32, 1, STEPS),
    "bias_exp": (np.int32, 0, 7),
    "input_bias_exp": (np.int32, 0, 7),
}
WORDS = {"reset": (("zero", "subtract", "none"), SPIKING), "order": (("new", "old"), ("adlif",))}


class Reader:
    """Takes arrays of a file by name, and refuses what is not as it must be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.arrays = read_npz(path, "not the program that was exported")

    def refuse(self, why: str):
        raise RunError(f"{self.path}: not the program that was exported: {why}; export the model again")

    def take(self, name: str, dtype, shape=(), least=None, most=None) -> np.ndarray:
        """An array of `shape`, in which None stands for any length of 1 or more, -1 for any length."""
        found = self.arrays.get(name)
        if found is None:
            return self.refuse(f"{name} is missing")
        fits = found.ndim == len(shape) and all(
            size == wanted or wanted == -1 or (wanted is None and size)
            for size, wanted in zip(found.shape, shape)  # noqa: B905  # Python 3.10 would have it
        )
        if not np.issubdtype(found.dtype, dtype) or not fits:
            return self.refuse(f"{name} has type {found.dtype} and shape {found.shape}")
        if least is not None and found.size and not least <= found.min() <= found.max() <= most:
            return self.refuse(f"{name} holds values outside {least}..{most}")
        return found

    def word(self, name: str, words: tuple) -> str:
        found = str(self.take(name, np.str_))
        return found if found in words else self.refuse(f"{name} is none of {', '.join(words)}")


def load_graph(path: Path) -> dict:
    """`graph.npz` as a dict, with `populations` and `projections` lists of dicts."""
    reader = Reader(path)
    names = reader.take("names", np.str_, (None,))
    lines = reader.take("line_payload", np.uint8, (-1,), 1, 255)
    graph = {
        "T": int(reader.take("T", np.int32, (), 1, STEPS)),
        "line_payload": lines,
        "line_level": reader.take("line_level", np.int32, lines.shape, 0, LEVELS),
        "line_end": reader.take("line_end", np.int32, lines.shape, 1, STEPS),
        "populations": [population(reader, number) for number in range(len(names))],
        "of": {
            "graph_hash": reader.take("graph_hash", np.str_),
            "semantics_version": reader.take("semantics_version", np.int32),
            "names": names,
        },
    }
    count = sum(name.startswith("source_") for name in reader.arrays)
    graph["projections"] = [projection(reader, number, graph) for number in range(count)]
    return graph


def population(reader: Reader, number: int) -> dict:
    model = reader.word(f"model_{number}", MODELS)
    neurons = len(reader.take(f"du_{number}", np.int16, (None,)))
    if neurons > NEURONS:
        reader.refuse(f"du_{number} is of {neurons} neurons")
    found = {"model": model}
    for name, (*form, models) in OF_NEURONS.items():
        if model in models:
            dtype, *ends = form
            found[name] = reader.take(f"{name}_{number}", dtype, (neurons,), *ends)
    for name, (dtype, *ends) in OF_POPULATION.items():
        found[name] = int(reader.take(f"{name}_{number}", dtype, (), *ends))
    for name, (words, models) in WORDS.items():
        if model in models:
            found[name] = reader.word(f"{name}_{number}", words)
    if found.get("reset") == "subtract":
        found["r"] = reader.take(f"r_{number}", R[0], (neurons,), *R[1:])
    return found


def projection(reader: Reader, number: int, graph: dict) -> dict:
    sizes = [len(each["du"]) for each in graph["populations"]]
    source = int(reader.take(f"source_{number}", np.int32, (), -1, len(sizes) - 1))
    destination = int(reader.take(f"destination_{number}", np.int32, (), 0, len(sizes) - 1))
    sources = len(graph["line_payload"]) if source < 0 else sizes[source]
    weight = reader.take(f"weight_{number}", np.int8, (None,))
    pre = reader.take(f"pre_{number}", np.int32, weight.shape, 0, sources - 1)
    if (np.diff(pre) < 0).any():
        reader.refuse(f"pre_{number} is not sorted")
    return {
        "source": source,
        "destination": destination,
        "weight_exp": int(reader.take(f"weight_exp_{number}", np.int32, (), 0, 10)),
        "pre": pre,
        "post": reader.take(f"post_{number}", np.int32, weight.shape, 0, sizes[destination] - 1),
        "weight": weight,
        "delay": reader.take(f"delay_{number}", np.uint8, weight.shape, 0, 255),
    }


def load_lines(path: Path, graph: dict) -> np.ndarray:
    """`spikes` of an npz file as uint8 [samples, T, lines], each 0 .. the largest event of its line."""
    most = graph["line_payload"]
    if not len(most):
        spikes = read_npz(path, "no npz file with an array 'spikes'", "spikes")["spikes"]
        if spikes.ndim != 3 or spikes.shape[1:] != (graph["T"], 0) or not len(spikes):
            raise RunError(f"{path}: spikes has shape {spikes.shape}, expected [samples, {graph['T']}, 0]")
        return spikes.astype(np.uint8)
    spikes = load_input(path, graph["T"], len(most), int(most.max()))
    if (over := (spikes > most).any(axis=(0, 1))).any():
        line = int(over.argmax())
        raise RunError(f"{path}: spikes of line {line} hold values above {most[line]}, its largest event")
    return spikes
