"""Run every benchmark, print a table and write `benchmarks/results.json`."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import simulator, trainer
from benchmarks.measure import Missing

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS = [
    *simulator.BENCHMARKS,
    trainer.train_step_shd_b256,
    trainer.train_step_ssc,
    trainer.train_step_td101,
]


def machine() -> str:
    """The processor's name and how many of its cores this process may use."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def main() -> None:
    stamp = {"machine": machine(), "date": datetime.now(UTC).date().isoformat()}
    results: list[dict[str, Any]] = []
    for benchmark in BENCHMARKS:
        try:
            results.append({**benchmark(), **stamp})
        except Missing as why:
            print(f"{getattr(benchmark, '__name__', benchmark)} left out: {why}")
    table = Table("name", "ours", "other", "unit", "ratio")
    for r in results:
        table.add_row(r["name"], f"{r['ours']:.4g}", f"{r['other']:.4g}", r["unit"], f"{r['ratio']:.3g}")
    Console().print(table)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
