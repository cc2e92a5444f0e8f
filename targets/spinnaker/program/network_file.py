"""network.npz and spikes, checked: nothing but a sound network reaches a simulator."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

MODELS = ("input", "lif", "li")
DECODERS = ("softmax", "sum", "max", "last", "count", "first")
MOST_STEPS, MOST_NEURONS = 2**31 - 1, 1 << 22
MOST_SUMMED = 2**15
"""nA, of which a board's ring buffers hold no more."""


class RunError(Exception):
    """Something is wrong with a file; the text says what and what to do."""


def read_npz(path: Path, what: str) -> dict:
    """All arrays of an npz file without pickles."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise RunError(f"{path}: {what} ({error})") from None


class Reader:
    """Takes arrays of network.npz by name, and refuses what is not as it must be."""

    def __init__(self, path: Path) -> None:
        self.path, self.arrays = path, read_npz(path, "not the network that was exported")

    def refuse(self, why: str):
        raise RunError(f"{self.path}: not the network that was exported: {why}; export the model again")

    def take(self, name: str, kind: str, length: int | None = None, least=None, most=None) -> np.ndarray:
        """The array `name`: a number, or `length` of them (-1: any number), within limits."""
        found = self.arrays.get(name)
        if found is None:
            return self.refuse(f"{name} is missing")
        shape = () if length is None else (len(found) if found.ndim and length < 0 else length,)
        if found.dtype.kind != kind or found.shape != shape:
            return self.refuse(f"{name} has type {found.dtype} and shape {found.shape}")
        if kind == "f" and not np.isfinite(found).all():
            return self.refuse(f"{name} holds no finite numbers")
        if least is not None and found.size and not least <= found.min() <= found.max() <= most:
            return self.refuse(f"{name} holds values outside {least}..{most}")
        return found

    def word(self, name: str, words: tuple) -> str:
        found = str(self.take(name, "U"))
        return found if found in words else self.refuse(f"{name} is none of {', '.join(words)}")


def load_network(path: Path) -> dict:
    """`network.npz` as a dict, with `populations`, `projections` and `readouts` lists of dicts."""
    reader = Reader(path)
    names = reader.take("names", "U", -1)
    network = {
        "T": int(reader.take("T", "i", None, 1, MOST_STEPS)),
        "graph_hash": reader.take("graph_hash", "U"),
        "semantics_version": reader.take("semantics_version", "i"),
        "names": names,
    }
    lines, populations = 0, []
    for number, name in enumerate(names):
        of = _population(reader, number, network["T"])
        populations.append({**of, "name": str(name), "first": lines})
        lines += of["neurons"] if of["model"] == "input" else 0
    sizes = [of["neurons"] for of in populations]
    projections = sum(name.startswith("pre_") for name in reader.arrays)
    readouts = sum(name.startswith("decoder_") for name in reader.arrays)
    return {
        **network,
        "inputs": lines,
        "populations": populations,
        "projections": [_projection(reader, number, sizes) for number in range(projections)],
        "readouts": [_readout(reader, number, sizes) for number in range(readouts)],
    }


def _population(reader: Reader, k: int, steps: int) -> dict:
    of = {
        "model": reader.word(f"model_{k}", MODELS),
        "neurons": int(reader.take(f"neurons_{k}", "i", None, 1, MOST_NEURONS)),
        "level": int(reader.take(f"level_{k}", "i", None, 0, 1 << 16)),
        "end": int(reader.take(f"end_{k}", "i", None, 1, steps)),
    }
    if of["model"] != "input":
        for name in ("tau_m", "cm", "v_thresh", "bias"):
            of[name] = reader.take(f"{name}_{k}", "f", of["neurons"])
    return of


def _projection(reader: Reader, q: int, sizes: list[int]) -> dict:
    source, destination = (
        int(reader.take(f"{end}_{q}", "i", None, 0, len(sizes) - 1)) for end in ("source", "destination")
    )
    pre = reader.take(f"pre_{q}", "i", -1, 0, sizes[source] - 1)
    return {
        "source": source,
        "destination": destination,
        "pre": pre,
        "post": reader.take(f"post_{q}", "i", len(pre), 0, sizes[destination] - 1),
        "weight": reader.take(f"weight_{q}", "f", len(pre)),
        "delay": reader.take(f"delay_{q}", "i", len(pre), 1, 1 << 16),
    }


def _readout(reader: Reader, r: int, sizes: list[int]) -> dict:
    population = int(reader.take(f"readout_{r}", "i", None, 0, len(sizes) - 1))
    classes = sizes[population]
    return {
        "population": population,
        "decoder": reader.word(f"decoder_{r}", DECODERS),
        "scale": reader.take(f"scale_{r}", "f", classes),
        "class_names": reader.take(f"class_names_{r}", "U", classes),
    }


def load_board(path: Path, network: dict) -> dict:
    """`network` with the numbers of board.npz, which are those for a board."""
    reader = Reader(path)
    populations = []
    for k, of in enumerate(network["populations"]):
        found = {}
        if of["model"] != "input":
            for name in ("tau_m", "cm", "v_thresh", "current", "unit"):
                found[name] = reader.take(f"{name}_{k}", "f", of["neurons"])
            if not (found["unit"] > 0).all():
                reader.refuse(f"unit_{k} holds numbers of 0 or less")
            found["summed"] = float(reader.take(f"summed_{k}", "f", None, 0, MOST_SUMMED))
        populations.append({**of, **found})
    projections = [
        {**each, "weight": reader.take(f"weight_{q}", "f", len(each["pre"]))}
        for q, each in enumerate(network["projections"])
    ]
    return {**network, "populations": populations, "projections": projections}


def load_spikes(path: Path, network: dict) -> np.ndarray:
    """`spikes` of an npz file as uint8 [samples, T, lines] of 0 and 1."""
    spikes = read_npz(path, "no npz file").get("spikes")
    if spikes is None:
        raise RunError(f"{path}: holds no array 'spikes'; give [samples, T, lines]")
    spikes = spikes[None] if spikes.ndim == 2 else spikes
    wanted = network["T"], network["inputs"]
    if spikes.ndim != 3 or spikes.shape[1:] != wanted or not len(spikes):
        raise RunError(
            f"{path}: spikes has shape {spikes.shape}, expected [samples, {wanted[0]}, {wanted[1]}]"
        )
    if spikes.dtype.kind not in "biuf" or not np.isin(spikes, (0, 1)).all():
        raise RunError(f"{path}: spikes holds other values than 0 and 1; binarise them")
    return spikes.astype(np.uint8)
