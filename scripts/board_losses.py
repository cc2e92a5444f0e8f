"""What a SpiNNaker board loses of a network: the table of docs/spinnaker-arithmetic.md.

    python scripts/board_losses.py                    # examples/heidelberg/model.pt, a minute
    python scripts/board_losses.py MODEL --chosen 10 --measured 30

on the shipped digits, in the order of `default_rng(1).permutation`: scales are chosen on the first recordings
and measured on the next. The rows are those of the table, in Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from snnc.exporter.artifact import read_artifact
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file
from snnc.hwsim.event_driven import simulate
from snnc.percent import percent
from snnc.stages import QuantizedGraph
from snnc.targets.spinnaker.fixed.board import Board
from snnc.targets.spinnaker.fixed.choose import candidates, choose, usual
from snnc.targets.spinnaker.fixed.losses import losses
from snnc.targets.spinnaker.fixed.setting import Setting
from snnc.trainer.data.digits import load_digits

MODEL = Path(__file__).parents[1] / "examples/heidelberg/model.pt"
DIGITS = 3
"""After the point, of a share in percent."""


def integers(model: Path) -> QuantizedGraph:
    with tempfile.TemporaryDirectory() as folder:
        artifact = export_file(model, "c", Path(folder) / "net", ExportOptions(budget=False))
        return read_artifact(artifact.path).graph


def largest(graph: QuantizedGraph) -> dict[str, Setting]:
    return {each.name: next(candidates(graph, each)) for each in graph.stateful}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", default=MODEL)
    parser.add_argument("--chosen", type=int, default=10, help="recordings to choose on (10)")
    parser.add_argument("--measured", type=int, default=30, help="recordings to measure on (30)")
    args = parser.parse_args()
    graph, data = integers(args.model), load_digits()
    which = np.random.default_rng(1).permutation(len(data.labels))[: args.chosen + args.measured]
    pool = data.unit_count // graph.inputs
    spikes = data.frames(which, graph.bin_s, graph.time_steps, pool, allow_truncation=True)
    first, rest = spikes[: args.chosen], spikes[args.chosen :]
    right = simulate(graph, rest).layers
    began = time.perf_counter()
    chosen = choose(graph, first, simulate(graph, first).layers).settings
    print(f"chosen in {time.perf_counter() - began:.0f} s\n")
    print("| settings | population | quantum | gain | correction | spikes | kept | classes |")
    print("|---|---|---|---|---|---|---|---|")
    for name, settings in (
        ("chosen", chosen),
        ("without recordings", usual(graph)),
        ("the largest gain, no correction", largest(graph)),
    ):
        board = Board.of(graph, settings)
        lost = losses(board, right, board.run(rest))
        for number, (population, of) in enumerate(lost.populations.items()):
            setting, told = settings[population], name if number == 0 else ""
            every = of.spikes + of.on_board - of.common
            kept = f"{of.common} of {of.spikes} | {percent(of.common, every, DIGITS)}" if every else "| "
            share = lost.classes.get(population)
            classes = "" if share is None else f"{round(share * len(rest))} of {len(rest)}"
            print(
                f"| {told} | {population} | {setting.quantum} | {setting.gain} | {setting.correction:g} "
                f"| {kept} | {classes} |"
            )
        print(f"| | | | | | rung {lost.rung.label}, first {lost.first} | | |")


if __name__ == "__main__":
    main()
