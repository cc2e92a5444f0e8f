"""What the program reads: the network in program.npz, and input spikes.

A file that is not what it should be raises RunError, and no size that it states is believed before it is
compared with what the file holds. So nothing but a sound network reaches Lava.
"""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

UNPACKED, RATIO = 256 << 20, 8
"""An npz file may unpack to so many bytes, or to so many times its size, whichever is more."""
LAYER = {
    "weight": (np.int8, 2, -128, 127),
    "delay": (np.uint8, 2, 0, 255),
    "bias_mant": (np.int16, 1, -4096, 4095),
    "bias_exp": (np.int32, 0, 0, 7),
    "du": (np.int32, 0, 0, 4095),
    "dv": (np.int32, 0, 0, 4096),
    "vth": (np.int32, 0, 0, 1 << 17),
}
"""Name in program.npz, without the number of the layer -> type, dimensions, least and largest value."""


class RunError(Exception):
    """A mistake in what the user gave; the text is all there is to say."""


def line(text: object) -> str:
    """`text` in one line of characters that a terminal takes for what they are."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(str(text).split()))


def load_program(path: Path) -> dict:
    """`program.npz` as a dict, with `layers` a list of dicts."""
    arrays = read_npz(path, "not the program that was exported")

    def refuse(why):
        raise RunError(f"{path}: not the program that was exported: {why}; export the model again")

    def take(name, dtype, dimensions=0, least=None, most=None):
        found = arrays.get(name)
        if found is None:
            why = "is missing"
        elif not np.issubdtype(found.dtype, dtype) or found.ndim != dimensions or not found.size:
            why = f"has type {found.dtype} and shape {found.shape}"
        elif least is not None and not (least <= found.min() <= found.max() <= most):
            why = f"holds values outside {least}..{most}"
        else:
            return found
        return refuse(f"{name} {why}")

    names = take("class_names", np.str_, 1)
    count = int(take("n_layers", np.int32, 0, 1, len(arrays)))
    layers = [
        {name: take(f"{name}_{index}", *form) for name, form in LAYER.items()} for index in range(count)
    ]
    sources = [layers[0]["weight"].shape[1], *(len(layer["weight"]) for layer in layers)]
    if sources[-1] != len(names):
        refuse(f"it names {len(names)} classes of {sources[-1]} readout neurons")
    for index, (layer, inputs) in enumerate(zip(layers, sources)):  # noqa: B905
        shape = len(layer["bias_mant"]), inputs
        if not layer["weight"].shape == layer["delay"].shape == shape:
            refuse(f"weight_{index}, delay_{index} and bias_mant_{index} are of different networks")
    return {
        "layers": layers,
        "T": int(take("T", np.int32, 0, 1, 2**31 - 1)),
        "payload_max": int(take("payload_max", np.int32, 0, 1, 255)),
        "readout_scale": float(
            take("readout_scale", np.float64, 0, np.finfo(float).tiny, np.finfo(float).max)
        ),
        "class_names": [line(name) for name in names],
        "of": {
            "graph_hash": take("graph_hash", np.str_),
            "semantics_version": take("semantics_version", np.int32),
            "class_names": names,
        },
    }


def load_input(path: Path, steps: int, inputs: int, payload_max: int) -> np.ndarray:
    """`spikes` of an npz file as uint8 [samples, steps, inputs], checked."""
    spikes = read_npz(path, "no npz file with an array 'spikes'", "spikes")["spikes"]
    if spikes.ndim == 2:
        spikes = spikes[None]
    if spikes.ndim != 3 or spikes.shape[1:] != (steps, inputs):
        raise RunError(f"{path}: spikes has shape {spikes.shape}, expected [samples, {steps}, {inputs}]")
    if len(spikes) == 0:
        raise RunError(f"{path}: spikes has shape {spikes.shape}, no sample at all")
    allowed = "0 and 1" if payload_max == 1 else f"whole numbers 0..{payload_max}"
    if spikes.dtype.kind not in "biuf":
        raise RunError(f"{path}: spikes has type {spikes.dtype}, expected {allowed}")
    with np.errstate(invalid="ignore"):  # NaN
        events = spikes.astype(np.uint8)
    if events.max() > payload_max or not (events == spikes).all():
        remedy = "; binarise the event counts" if payload_max == 1 else ""
        raise RunError(f"{path}: spikes holds values other than {allowed}{remedy}")
    return events


def read_npz(path: Path, otherwise: str, only: str | None = None) -> dict[str, np.ndarray]:
    """The arrays of an npz file, or the one called `only`. RunError says `otherwise`, and why."""
    try:
        if not path.is_file():
            raise FileNotFoundError("there is no such file")
        with zipfile.ZipFile(path) as archive:  # np.load would take other kinds of file too
            members = archive.infolist() if only is None else [archive.getinfo(f"{only}.npy")]
            total, most = sum(each.file_size for each in members), max(UNPACKED, RATIO * path.stat().st_size)
            if total > most:
                raise ValueError(f"it unpacks to {total} bytes, more than {most}; write it with numpy.savez")
            return {each.filename.removesuffix(".npy"): read_array(archive, each) for each in members}
    except Exception as error:  # whatever zipfile and NumPy raise on a damaged file means one thing
        why = line(error.args[0] if isinstance(error, KeyError) else error)[:200] or type(error).__name__
        raise RunError(f"{path}: {otherwise} ({why})") from None


def read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """One array; ValueError, or whatever NumPy raises, if it is not as NumPy writes it."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{member.filename} is packed in a way that NumPy does not write")
    with archive.open(member) as stream:
        headers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        header = headers.get(npy.read_magic(stream))
        if header is None:
            raise ValueError(f"{member.filename} has no version of .npy that NumPy writes of numbers")
        shape, _, dtype = header(stream)
        if dtype.hasobject:
            raise ValueError(f"{member.filename} holds pickled objects, which are never loaded")
        if math.prod(shape) * dtype.itemsize != member.file_size - stream.tell():
            raise ValueError(f"{member.filename} does not hold the {shape} of {dtype} that it states")
    with archive.open(member) as stream:
        return npy.read_array(stream, allow_pickle=False)
