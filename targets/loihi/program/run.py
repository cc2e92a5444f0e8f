# /// script
# requires-python = "==3.10.*"
# dependencies = [
#   "asteval==0.9.33",
#   "cloudpickle==3.1.3",
#   "joblib==1.6.0",
#   "lava-nc==0.10.0",
#   "networkx==2.8.7",
#   "numpy==1.26.4",
#   "scikit-learn==1.7.2",
#   "scipy==1.15.3",
#   "threadpoolctl==3.8.0",
# ]
# ///
"""Run the exported spiking network in Lava's fixed-point simulation of Loihi 2.

    uv run --script run.py --input spikes.npz --out trace.npz

uv then makes an environment of the packages named above. requirements.txt has their hashes; to check them:

    uv venv --python 3.10 lava
    uv pip install --python lava --no-deps --require-hashes -r requirements.txt
    lava/bin/python run.py --input spikes.npz --out trace.npz

`spikes.npz` holds `spikes`, 0 and 1 (or payloads up to the `payload_max` of `program.npz`), [samples, T,
inputs] or [T, inputs]. `trace.npz` receives for every
recorded layer l the current `u_l`, the membrane `v_l` after the reset (int32) and the spikes `s_l` (uint8),
each [samples, T, neurons], and what is decoded: `scores` float64 [samples, classes], `classes` [samples], and
`class_names`. The layers are those of `program.npz` beside this file.

`--stock` computes with the process models that ship with Lava and nothing else. `--model event`, the
default, replaces the synapses alone (DelayDense) by an event-driven model that gives the same sums sooner;
the neurons are Lava's LIFReset in both.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing import shared_memory
from pathlib import Path

HERE = Path(__file__).resolve().parent
NO_LAVA = (
    "this Python ({}) has no {}, which `uv run --python 3.10 --script run.py ...` provides; "
    "`python -m pip install uv` installs uv"
)
try:
    import numpy as np
except ModuleNotFoundError:
    print("run.py: " + NO_LAVA.format(sys.executable, "numpy"), file=sys.stderr)
    sys.exit(2)

sys.dont_write_bytecode = True  # leave nothing behind in this folder
sys.path.insert(0, str(HERE))
from reading import RunError, load_input, load_program  # noqa: E402  once NumPy is known to be there


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog=Path(sys.argv[0]).name
    )
    parser.add_argument("--input", type=Path, required=True, metavar="NPZ", help="input spikes")
    parser.add_argument("--out", type=Path, metavar="NPZ", help="where to write the trace")
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", choices=("event", "stock"), default="event", help="default: event")
    model.add_argument("--stock", action="store_const", dest="model", const="stock", help="as --model stock")
    parser.add_argument(
        "--batch", type=int, default=64, metavar="N", help="samples in one Lava run, one after another (64)"
    )
    parser.add_argument(
        "--probe", choices=("all", "readout"), default="all", help="record every layer, or the last (all)"
    )
    args = parser.parse_args(arguments)
    if args.batch < 1:
        parser.error(f"--batch is {args.batch}, expected 1 or more")
    if args.out is not None:
        out = Path(os.path.realpath(args.out))  # Path.resolve() fails where links go round
        if out == Path(os.path.realpath(args.input)):
            parser.error(f"--out is the input itself, {args.input}")
        if out in HERE.iterdir():
            parser.error(f"--out is a file of this program, {args.out}")
    return args


def decode(v: np.ndarray, scale: float) -> np.ndarray:
    """Scores of each sample, [samples, classes]: the softmax of v * scale, summed over the steps."""
    x = v.astype(np.float64) * scale
    e = np.exp(x - x.max(axis=2, keepdims=True))
    return (e / e.sum(axis=2, keepdims=True)).sum(axis=1)


def unfinished(path: Path) -> Path:
    """Where the file `path` is written until it is complete."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def check_writable(path: Path) -> None:
    """Make the folder of `path` and try to write there, before time is spent on what to write."""
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        if path.exists() and not path.is_file():
            raise OSError("it is no regular file")
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished(path).touch()
        unfinished(path).unlink()
    except (OSError, ValueError) as error:
        raise RunError(f"--out {path} cannot be written ({error})") from None


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an npz file completely or not at all."""
    try:
        with open(unfinished(path), "wb") as file:
            np.savez(file, **arrays)
        os.replace(unfinished(path), path)
    except OSError as error:
        raise RunError(f"--out {path} cannot be written ({error})") from None
    finally:
        unfinished(path).unlink(missing_ok=True)


def name_shared_memory() -> None:
    """Begin the names of shared memory as whoever started this asks, to find what is left if it is killed.

    Python has no public way to say so. Lava's processes are forked and inherit it.
    """
    if prefix := os.environ.get("SNNC_SHARED_MEMORY_PREFIX"):
        shared_memory._SHM_NAME_PREFIX = f"/{prefix}"


def load_lava() -> Callable:
    """The function that runs a network. Importing Lava takes a second."""
    try:
        from lava_network import run_network
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "lava":
            raise
        raise RunError(NO_LAVA.format(sys.executable, "Lava")) from None
    return run_network


def main(arguments: list[str] | None = None, load: Callable[[], Callable] = load_lava) -> int:
    """`load` gives the function that runs a network; run_netx.py has another one."""
    if hasattr(sys.stdout, "reconfigure"):  # a class may have a name that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    args = parse(arguments)
    try:
        return run(args, load)
    except RunError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2


def run(args: argparse.Namespace, load: Callable[[], Callable]) -> int:
    program = load_program(HERE / "program.npz")
    layers = program["layers"]
    payload_max = program["payload_max"]
    spikes = load_input(args.input, program["T"], layers[0]["weight"].shape[1], payload_max)
    if args.out is not None:
        check_writable(args.out)
    name_shared_memory()
    run_network = load()
    from lifeline import LavaFailed, hold  # beside this file, where `load` has Python look

    hold()

    started = time.perf_counter()
    recorded = range(len(layers)) if args.probe == "all" else range(len(layers) - 1, len(layers))
    try:
        traces, steps = run_network(
            layers, spikes, payload_max, model=args.model, batch=args.batch, recorded=recorded
        )
    except BaseException as error:
        code = 1
        if isinstance(error, KeyboardInterrupt):
            code = 128 + signal.SIGINT
        elif isinstance(error, SystemExit):
            code = error.code if isinstance(error.code, int) else 1
        elif isinstance(error, LavaFailed):
            print(f"run.py: {error}", file=sys.stderr)
        else:
            traceback.print_exc()
        if code > 128:
            print(f"run.py: ended by {signal.Signals(code - 128).name}", file=sys.stderr)
        sys.stderr.flush()
        os._exit(code)  # an orderly exit would wait for threads that Lava left behind
    seconds = time.perf_counter() - started

    scores = decode(traces[len(layers) - 1][:, :, 1], program["readout_scale"])
    classes = scores.argmax(axis=1)  # of those with equal scores the first
    if args.out is not None:
        name = f"{'lava' if load is load_lava else 'netx'}-{args.model}"
        arrays = {**program["of"], "executor": np.str_(name), "input": spikes}
        arrays |= {"scores": scores, "classes": classes.astype(np.int32), "seconds": np.float64(seconds)}
        for index, trace in traces.items():
            arrays[f"u_{index}"], arrays[f"v_{index}"] = trace[:, :, 0], trace[:, :, 1]
            arrays[f"s_{index}"] = trace[:, :, 2].astype(np.uint8)
        save(args.out, arrays)
    for sample, index in enumerate(classes):
        print(f"sample {sample}: {program['class_names'][index]}")
    rate = f"{1e3 * seconds / steps:.2f} ms a step with start-up"
    print(f"{len(spikes)} samples, {steps} Lava steps, {seconds:.1f} s ({args.model}, {rate})")
    return 0


if __name__ == "__main__":
    if not (HERE / "program.npz").exists() and (HERE / "graph.npz").exists():  # a network that is no chain
        from run_graph import main
    sys.exit(main())
