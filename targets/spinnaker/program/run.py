# /// script
# requires-python = "==3.11.*"
# dependencies = [
#   "brian2==2.9.0",
#   "cython==3.3.1",
#   "jinja2==3.1.6",
#   "lazyarray==0.7.0",
#   "markupsafe==3.0.4",
#   "mpmath==1.3.0",
#   "neo==0.14.6",
#   "nest-simulator==3.10.0",
#   "numpy==2.2.6",
#   "packaging==26.4",
#   "pynn==0.13.0",
#   "pyparsing==3.3.3",
#   "quantities==0.16.4",
#   "setuptools==84.2.1",
#   "sympy==1.14.0",
# ]
# ///
"""Run the exported spiking network in a simulator of PyNN: Brian2, NEST, or sPyNNaker on a board.

    uv run --script run.py --simulator brian2 --input spikes.npz --out trace.npz
    uv run --script run.py --simulator nest --input spikes.npz --out trace.npz
    uv run --with 'spynnaker==1!7.4.1' --script run.py --simulator spinnaker --input spikes.npz

uv then makes an environment of the packages named above. requirements.txt has their hashes, and
requirements-board.txt those of sPyNNaker; to check them:

    uv venv --python 3.11 pynn
    uv pip install --python pynn --no-deps --require-hashes -r requirements.txt
    pynn/bin/python run.py --simulator nest --input spikes.npz --out trace.npz

`spikes.npz` holds `spikes`, 0 and 1, [samples, T, lines] or [T, lines]: the lines of all inputs side by side.
`trace.npz` receives, for every recorded population k of `names`, the membrane `v_k` in mV after the reset
(float64; a weight of 1 is 0.25 mV) and the spikes `s_k` (uint8), each [samples, T, neurons] in the steps of
the network; and for readout r of `readouts` the scores `scores_r` [samples, classes], the classes `classes_r`
and their names `class_names_r`. The network is network.npz beside this file; a board gets the numbers of
board.npz, which are in units that it holds.

These simulators compute in floating point (a board in fixed point of its own), the exported network in
integers that round: states differ in their last digits, and now and then a spike does.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # leave nothing behind in this folder
sys.path.insert(0, str(HERE))
try:
    import numpy as np
except ModuleNotFoundError:
    print(
        f"run.py: this Python ({sys.executable}) has no numpy; use `uv run --script run.py`", file=sys.stderr
    )
    sys.exit(2)
from network_file import RunError, load_board, load_network, load_spikes  # noqa: E402  once NumPy is known to be there
from simulators import SIMULATORS, run_network  # noqa: E402

V_IN_MV = 256.0
"""Units of the contract's v in 1 mV."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="run.py"
    )
    parser.add_argument("--input", type=Path, required=True, metavar="NPZ", help="input spikes")
    parser.add_argument("--simulator", choices=tuple(SIMULATORS), default="brian2", help="default: brian2")
    parser.add_argument("--out", type=Path, metavar="NPZ", help="where to write the trace")
    parser.add_argument(
        "--batch", type=int, metavar="N", help="samples side by side in one run (16; 1 on a board)"
    )
    parser.add_argument(
        "--probe",
        choices=("all", "readout"),
        default="all",
        help="record every population, or readouts (all)",
    )
    parser.add_argument(
        "--map",
        action="store_true",
        help="only place and route the network with sPyNNaker, for the virtual board of ~/.spynnaker.cfg",
    )
    args = parser.parse_args(arguments)
    if args.map and (args.simulator != "spinnaker" or args.out is not None):
        parser.error("--map is for --simulator spinnaker, and without --out: a virtual board gives no trace")
    if args.batch is not None and args.batch < 1:
        parser.error(f"--batch is {args.batch}, expected 1 or more")
    if args.out is not None:
        out = Path(os.path.realpath(args.out))
        if out == Path(os.path.realpath(args.input)) or out in HERE.iterdir():
            parser.error(f"--out is the input or a file of this program, {args.out}")
        if out.exists() and not out.is_file():
            parser.error(f"--out is no regular file, {args.out}")
    return args


def decode(decoder: str, v: np.ndarray, spikes: np.ndarray, scale: np.ndarray, end: int) -> np.ndarray:
    """Scores of each sample, [samples, classes], of v in the contract's units and of spikes."""
    v, spikes = v[:, :end] * scale, spikes[:, :end]
    if decoder == "softmax":
        e = np.exp(v - v.max(axis=2, keepdims=True))
        return (e / e.sum(axis=2, keepdims=True)).sum(axis=1)
    if decoder == "sum":
        return v.sum(axis=1)
    if decoder == "max":
        return v.max(axis=1)
    if decoder == "last":
        return v[:, -1]
    if decoder == "count":
        return spikes.sum(axis=1, dtype=np.int64)
    return np.where(spikes.any(axis=1), end - spikes.argmax(axis=1), 0)


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an npz file completely or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(unfinished, "wb") as file:
            np.savez(file, **arrays)
        os.replace(unfinished, path)
    except (OSError, ValueError) as error:
        raise RunError(f"--out {path} cannot be written ({error})") from None
    finally:
        unfinished.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    if hasattr(sys.stdout, "reconfigure"):  # a class may have a name that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    args = parse(arguments)
    try:
        return run(args)
    except RunError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2


def run(args: argparse.Namespace) -> int:
    network = load_network(HERE / "network.npz")
    if args.simulator == "spinnaker":
        network = load_board(HERE / "board.npz", network)
    spikes = load_spikes(args.input, network)
    populations, readouts = network["populations"], network["readouts"]
    recorded = [k for k, of in enumerate(populations) if of["model"] != "input"]
    if args.probe == "readout":
        recorded = [each["population"] for each in readouts]
    started = time.perf_counter()
    if args.map:
        run_network(args.simulator, network, spikes[:1], [], args.batch)
        print(f"placed and routed in {time.perf_counter() - started:.1f} s; nothing was run on a board")
        return 0
    found = run_network(args.simulator, network, spikes, recorded, args.batch)
    seconds = time.perf_counter() - started

    arrays = {name: network[name] for name in ("graph_hash", "semantics_version", "names")}
    arrays |= {"executor": np.str_(args.simulator), "input": spikes, "seconds": np.float64(seconds)}
    for k, (v, fired) in found.items():
        arrays[f"v_{k}"], arrays[f"s_{k}"] = v, fired
    arrays["readouts"] = np.array([each["population"] for each in readouts])
    for r, each in enumerate(readouts):
        v, fired = found[each["population"]]
        end = populations[each["population"]]["end"]
        scores = decode(each["decoder"], v * V_IN_MV, fired, each["scale"], end)
        classes = scores.argmax(axis=1)  # of those with equal scores the first
        arrays |= {f"scores_{r}": scores, f"classes_{r}": classes, f"class_names_{r}": each["class_names"]}
        of = f" ({populations[each['population']]['name']})" if len(readouts) > 1 else ""
        for sample, index in enumerate(classes):
            print(f"sample {sample}: {each['class_names'][index]}{of}")
    if args.out is not None:
        save(args.out, arrays)
    print(f"{len(spikes)} samples in {seconds:.1f} s ({args.simulator}, with start-up)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
