# /// script
# requires-python = "==3.10.*"
# dependencies = ["lava-nc==0.10.0", "numpy<2"]
# ///
"""Run the exported spiking network in Lava's fixed-point simulation of Loihi 2.

    uv run --script run.py --input spikes.npz --out trace.npz

`spikes.npz` holds `spikes`, 0 and 1, [samples, T, inputs] or [T, inputs]. `trace.npz` receives for every
recorded layer l the current `u_l`, the membrane `v_l` after the reset (int32) and the spikes `s_l` (uint8),
each [samples, T, neurons], and `classes` [samples]. The layers are those of `program.npz` beside this file.

`--model stock` computes with the process models that ship with Lava and nothing else. `--model event`
replaces the synapses alone (DelayDense) by an event-driven model that gives the same sums sooner; the
neurons are Lava's LIFReset in both.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from pathlib import Path

import numpy as np

sys.dont_write_bytecode = True  # leave nothing behind in this folder
HERE = Path(__file__).resolve().parent


class RunError(Exception):
    """A mistake in what the user gave; the text is all there is to say."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="run.py"
    )
    parser.add_argument("--input", type=Path, required=True, metavar="NPZ", help="input spikes")
    parser.add_argument("--out", type=Path, metavar="NPZ", help="where to write the trace")
    parser.add_argument("--model", choices=("event", "stock"), default="event", help="default: event")
    parser.add_argument(
        "--batch", type=int, default=64, metavar="N", help="samples in one Lava run, one after another (64)"
    )
    parser.add_argument(
        "--probe", choices=("all", "readout"), default="all", help="record every layer, or the last (all)"
    )
    args = parser.parse_args(arguments)
    if args.batch < 1:
        parser.error(f"--batch is {args.batch}, expected 1 or more")
    return args


def load_program(path: Path) -> dict:
    """`program.npz` as a dict, with `layers` a list of dicts."""
    with np.load(path) as file:
        program = {key: file[key] for key in file.files}
    fields = ("weight", "delay", "bias_mant", "bias_exp", "du", "dv", "vth")
    layers = [{f: program[f"{f}_{index}"] for f in fields} for index in range(int(program["n_layers"]))]
    return {
        "layers": layers,
        "T": int(program["T"]),
        "readout_scale": float(program["readout_scale"]),
        "class_names": [str(name) for name in program["class_names"]],
    }


def load_input(path: Path, steps: int, inputs: int) -> np.ndarray:
    """`spikes` of an npz file as uint8 [samples, steps, inputs], checked."""
    try:
        with zipfile.ZipFile(path):  # np.load would take other kinds of file too
            pass
        with np.load(path) as file:
            spikes = file["spikes"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError(f"{path}: no npz file with an array 'spikes' ({error})") from None
    if spikes.ndim == 2:
        spikes = spikes[None]
    if spikes.ndim != 3 or spikes.shape[1:] != (steps, inputs):
        raise RunError(f"{path}: spikes has shape {spikes.shape}, expected [samples, {steps}, {inputs}]")
    if not np.isin(spikes, (0, 1)).all():
        raise RunError(f"{path}: spikes holds values other than 0 and 1; binarise the event counts")
    return spikes.astype(np.uint8)


def decode(v: np.ndarray, scale: float) -> np.ndarray:
    """Class of each sample: argmax of the softmax of v * scale, summed over the steps."""
    x = v.astype(np.float64) * scale
    e = np.exp(x - x.max(axis=2, keepdims=True))
    return (e / e.sum(axis=2, keepdims=True)).sum(axis=1).argmax(axis=1)


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an npz file completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    try:
        program = load_program(HERE / "program.npz")
        layers = program["layers"]
        spikes = load_input(args.input, program["T"], layers[0]["weight"].shape[1])
    except RunError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that `execute` takes the network down
    sys.path.insert(0, str(HERE))
    from lava_network import run_network  # imports Lava, which takes a second

    started = time.perf_counter()
    recorded = range(len(layers)) if args.probe == "all" else range(len(layers) - 1, len(layers))
    try:
        traces, steps = run_network(layers, spikes, model=args.model, batch=args.batch, recorded=recorded)
    except BaseException as error:
        if isinstance(error, Exception):  # and not an interrupt
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # an orderly exit would wait for threads that Lava left behind
    seconds = time.perf_counter() - started

    classes = decode(traces[len(layers) - 1][:, :, 1], program["readout_scale"])
    if args.out is not None:
        arrays = {"classes": classes.astype(np.int32), "seconds": np.float64(seconds)}
        for index, trace in traces.items():
            arrays[f"u_{index}"], arrays[f"v_{index}"] = trace[:, :, 0], trace[:, :, 1]
            arrays[f"s_{index}"] = trace[:, :, 2].astype(np.uint8)
        save(args.out, arrays)
    for sample, index in enumerate(classes):
        print(f"sample {sample}: {program['class_names'][index]}")
    rate = f", {1e3 * seconds / steps:.2f} ms a step with start-up" if steps else ""
    print(f"{len(spikes)} samples, {steps} Lava steps, {seconds:.1f} s ({args.model}{rate})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
