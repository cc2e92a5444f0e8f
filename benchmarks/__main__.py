"""Run every benchmark, print a table and write `benchmarks/results.json`.

`python -m benchmarks PREFIX ...` runs those whose names begin so, and keeps the results of the others.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import lava, simulator, trainer
from benchmarks.measure import Missing

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {
    **simulator.BENCHMARKS,
    "lava_event_vs_stock": lava.lava_event_vs_stock,
    "train_step_shd_b256": trainer.train_step_shd_b256,
    "train_step_ssc": trainer.train_step_ssc,
    "train_step_td101": trainer.train_step_td101,
}


def machine() -> str:
    """The processor's name and how many of its cores this process may use."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def main(prefixes: Sequence[str]) -> None:
    stamp = {"machine": machine(), "date": datetime.now(UTC).date().isoformat()}
    chosen = [name for name in BENCHMARKS if not prefixes or name.startswith(tuple(prefixes))]
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    results = {result["name"]: result for result in old if result["name"] in BENCHMARKS}
    table = Table("name", "ours", "other", "unit", "ratio")
    for name in chosen:
        results.pop(name, None)
        try:
            r = results[name] = {**BENCHMARKS[name](), **stamp}
        except Missing as why:
            print(f"{name} left out: {why}")
        else:
            table.add_row(name, f"{r['ours']:.4g}", f"{r['other']:.4g}", r["unit"], f"{r['ratio']:.3g}")
    Console().print(table)
    ordered = [results[name] for name in BENCHMARKS if name in results]
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
