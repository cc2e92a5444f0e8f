"""Run every benchmark, print a table and write `benchmarks/results.json`.

`python -m benchmarks PREFIX ...` runs those whose names begin so, and keeps the results of the others. What
lacks its opponent here is left out and said at the start; its former result is kept, with machine and date.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import brian, cpp, lava, recurrent, simulator, trainer
from benchmarks.measure import Missing
from snnc.errors import ConfigError
from snnc.trainer.products.choice import from_environment

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {
    **simulator.BENCHMARKS,
    **recurrent.BENCHMARKS,
    "lava_event_vs_stock": lava.lava_event_vs_stock,
    **trainer.BENCHMARKS,
}


OPPONENTS: dict[str, Callable[[], str | None]] = {
    "cpp": cpp.unavailable_reason,
    "brian2": brian.unavailable_reason,
    "lava": lava.unavailable_reason,
    "train_step": trainer.unavailable_reason,
    "train_cuda": trainer.unavailable_on_cuda,
}
"""Part of a benchmark's name -> what its opponent lacks here."""


def unavailable_reason(name: str) -> str | None:
    """Why the benchmark cannot run here, as far as that can be told without running it."""
    return next((why for part, reason in OPPONENTS.items() if part in name and (why := reason())), None)


def machine() -> str:
    """The processor's name and how many of its cores this process may use."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def main(prefixes: Sequence[str]) -> int:
    """Exit code 2 if no benchmark has such a name, none of them can run here, or the environment is wrong."""
    try:
        from_environment()
    except ConfigError as error:
        print(error)
        return 2
    stamp = {"machine": machine(), "date": datetime.now(UTC).date().isoformat()}
    chosen = [name for name in BENCHMARKS if not prefixes or name.startswith(tuple(prefixes))]
    if not chosen:
        print(f"no benchmark's name begins with {' or '.join(prefixes)}; there are {', '.join(BENCHMARKS)}")
        return 2
    reasons = {name: why for name in chosen if (why := unavailable_reason(name)) is not None}
    for name, why in reasons.items():
        print(f"{name} left out: {why}")
    left = [name for name in chosen if name not in reasons]
    print(f"{len(left)} of {len(chosen)} benchmarks; together they take minutes", flush=True)
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    results = {result["name"]: result for result in old if result["name"] in BENCHMARKS}
    table = Table("name", "ours", "other", "unit", "ratio")
    for name in left:
        print(name, flush=True)
        try:
            r = {**stamp, **BENCHMARKS[name]()}
        except Missing as why:
            print(f"{name} left out: {why}")
            continue
        results[name] = r
        table.add_row(name, f"{r['ours']:.4g}", f"{r['other']:.4g}", r["unit"], f"{r['ratio']:.3g}")
        _write(results)  # after each: a later one that fails must not cost the minutes of this one
    Console().print(table)
    return 0 if table.row_count else 2


def _write(results: Mapping[str, Any]) -> None:
    ordered = [results[name] for name in BENCHMARKS if name in results]
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
