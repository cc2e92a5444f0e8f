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
"""Run the exported graph of spiking populations in Lava's fixed-point simulation of Loihi 2.

    uv run --script run_graph.py --input spikes.npz --out trace.npz

`spikes.npz` holds `spikes`, the events of all input populations side by side, [samples, T, lines] or
[T, lines]. `trace.npz` receives for population k of `names` the current `u_k`, the membrane `v_k` after the
reset and, where it has one, the adaptation `w_k` (int32), and the spikes `s_k` (uint8), each [samples, T,
neurons] in the steps of the contract. The network is graph.npz beside this file.

`--model event`, the default, runs processes of this folder. `--stock` runs Lava's own LIFReset and
DelayDense, which exist for neurons without adaptation that reset to zero.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import run  # noqa: E402  beside this file: the program of chains, of which this one uses functions

np = run.np  # whose absence run.py reports
from graph_reading import load_graph, load_lines  # noqa: E402


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog=Path(sys.argv[0]).name
    )
    parser.add_argument("--input", type=Path, required=True, metavar="NPZ", help="input events")
    parser.add_argument("--out", type=Path, metavar="NPZ", help="where to write the trace")
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", choices=("event", "stock"), default="event", help="default: event")
    model.add_argument("--stock", action="store_const", dest="model", const="stock", help="as --model stock")
    parser.add_argument(
        "--batch", type=int, default=64, metavar="N", help="samples in one Lava run, one after another (64)"
    )
    args = parser.parse_args(arguments)
    if args.batch < 1:
        parser.error(f"--batch is {args.batch}, expected 1 or more")
    if args.out is not None:
        out = Path(os.path.realpath(args.out))
        if out == Path(os.path.realpath(args.input)):
            parser.error(f"--out is the input itself, {args.input}")
        if out in HERE.iterdir():
            parser.error(f"--out is a file of this program, {args.out}")
    return args


def load_lava() -> Callable:
    """The function that runs a graph. Importing Lava takes a second."""
    try:
        run.load_lava()
    except run.RunError as error:  # there is no Lava
        raise run.RunError(str(error).replace("run.py", "run_graph.py")) from None
    from graph_network import run_graph

    return run_graph


def main(arguments: list[str] | None = None, load: Callable[[], Callable] = load_lava) -> int:
    """`load` gives the function that runs a graph."""
    args = parse(arguments)
    try:
        return run_on(args, load)
    except run.RunError as error:
        print(f"run_graph.py: {error}", file=sys.stderr)
        return 2


def run_on(args: argparse.Namespace, load: Callable[[], Callable]) -> int:
    graph = load_graph(HERE / "graph.npz")
    spikes = load_lines(args.input, graph)
    if args.model == "stock":
        check_stock(graph)
    if args.out is not None:
        run.check_writable(args.out)
    run.name_shared_memory()
    run_graph = load()
    from lifeline import hold  # beside this file

    hold()
    started = time.perf_counter()
    try:
        traces, steps = run_graph(graph, spikes, model=args.model, batch=args.batch)
    except BaseException as error:
        fail(error)
    seconds = time.perf_counter() - started
    if args.out is not None:
        arrays = {**graph["of"], "executor": np.str_(f"lava-{args.model}"), "input": spikes}
        arrays["seconds"] = np.float64(seconds)
        for number, (trace, of) in enumerate(zip(traces, graph["populations"])):  # noqa: B905
            arrays[f"u_{number}"], arrays[f"v_{number}"] = trace[:, :, 0], trace[:, :, 2]
            arrays[f"s_{number}"] = trace[:, :, 3].astype(np.uint8)
            if of["model"] == "adlif":
                arrays[f"w_{number}"] = trace[:, :, 1]
        run.save(args.out, arrays)
    rate = f"{1e3 * seconds / steps:.2f} ms a step with start-up"
    print(f"{len(spikes)} samples, {steps} Lava steps, {seconds:.1f} s ({args.model}, {rate})")
    return 0


def check_stock(graph: dict) -> None:
    """Raise RunError if Lava's own processes cannot compute a population. snnc asks before it starts this."""
    for name, of in zip(graph["of"]["names"], graph["populations"]):  # noqa: B905
        if of["model"] == "adlif" or of.get("reset", "zero") != "zero" or (of["du"] == 0).any():
            raise run.RunError(f"--stock: {name} is no neuron of Lava's LIFReset; use --model event")
        if of["model"] == "lif" and of["end"] < graph["T"]:
            raise run.RunError(
                f"--stock: {name} ends before the sample, LIFReset does not; use --model event"
            )


def fail(error: BaseException) -> None:
    """Say why and end at once: an orderly exit would wait for threads that Lava left behind."""
    from lifeline import LavaFailed

    code = 1
    if isinstance(error, KeyboardInterrupt):
        code = 128 + signal.SIGINT
    elif isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 1
    elif isinstance(error, LavaFailed):
        print(f"run_graph.py: {error}", file=sys.stderr)
    else:
        traceback.print_exception(type(error), error, error.__traceback__)
    if code > 128:
        print(f"run_graph.py: ended by {signal.Signals(code - 128).name}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
