"""Runs `snnc verify` on every fault, with the inputs of its default flags, and makes a table of what it says.

    python -m independent_faults.run DEMO OUT [--set SET] [--only NAME ...] [--effect] [--cli] [--again]

DEMO holds model.c, model.onnx and model.loihi. OUT gets faults_result.json and faults_result.md. --set
takes one of the two sets alone, "first" or "second". A fault that stands in faults_result.json is not run
again, unless with --again or by name. --effect shows first that a fault changes something. --cli runs the
command itself, which looks for the smallest reproducer and writes a report, too, and takes ten times as
long; without it `snnc.verification.verify.verify` is called. Causes and divergence are the same.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from independent_faults.artifacts import EXECUTOR, artifact_of
from independent_faults.catalogue import PARTS, Fault, all_faults, faults_of
from independent_faults.effect import effect
from independent_faults.table import judge, markdown
from independent_faults.verifying import by_command, by_function

PLACE = ("split", "sample", "step", "layer", "neuron", "variable", "expected", "found")


def announce(folder: Path) -> None:
    """Let snnc find the executor `suspect`, as if a distribution had brought it."""
    info = folder / "snnc_suspect-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: snnc-suspect\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[snnc.executors]\nsuspect = independent_faults.suspect:SuspectExecutor\n"
    )
    sys.path.insert(0, str(folder))


def outcome(fault: Fault, args: argparse.Namespace, work: Path) -> dict[str, Any]:
    """A row of the table."""
    path, executor = artifact_of(fault, args.demo, work), EXECUTOR[fault.where]
    row: dict[str, Any] = {
        "name": fault.name,
        "truth": fault.truth,
        "clauses": list(fault.clauses),
        "where": fault.where,
        "net": fault.net,
        "class_only": fault.class_only,
    }
    if args.effect:
        row["effect"] = effect(fault, path)
    began = time.monotonic()
    verify = by_command if args.cli else by_function
    report = verify(fault, path, work / "reports" / fault.name, executor)
    row["seconds"] = round(time.monotonic() - began, 1)
    one = next((e for e in report["executors"] if e["name"] == executor), None)
    if one is None:
        return row | {"caught": False, "problem": report.get("said", "")}
    divergence = one.get("divergence") or {}
    diagnosis = divergence.get("diagnosis") or {}
    row["caught"] = bool(divergence or one["answer"] or one["failed"])
    row |= {"failed": one["failed"], "rung": one["rung"]["label"], "answer": one["answer"]}
    row["divergence"] = {key: divergence.get(key) for key in PLACE}
    row["causes"] = list(diagnosis.get("causes", ()))
    return row | {"tried": diagnosis.get("tried"), "unknown": diagnosis.get("unknown")}


def control(chosen: dict[str, Fault], demo: Path, work: Path) -> None:
    """Unfaulted, the executor must be bit-exact on every network."""
    nets = {fault.net: fault for fault in chosen.values() if fault.where == "executor"}
    for net, fault in nets.items():
        report = by_function(None, artifact_of(fault, demo, work), work, "suspect")
        assert report["trusted"], f"{net}: the executor without a fault is not bit-exact"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("demo", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", choices=PARTS, dest="part")
    parser.add_argument("--only", nargs="*", default=None)
    parser.add_argument("--effect", action="store_true")
    parser.add_argument("--cli", action="store_true")
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    result, rows = args.out / "faults_result.json", {}
    if result.is_file() and not args.again:
        rows = {row["name"]: row for row in json.loads(result.read_text())}
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
        work = Path(temporary)
        announce(work / "plugin")
        chosen = faults_of((args.part,) if args.part else PARTS)
        control(chosen, args.demo, work)
        for name, fault in chosen.items():
            if name not in rows if args.only is None else name in args.only:
                rows[name] = outcome(fault, args, work)
                print(name, rows[name]["seconds"], "caught" if rows[name]["caught"] else "MISSED", flush=True)
                result.write_text(json.dumps([*rows.values()], indent=1, ensure_ascii=False) + "\n")
    known = all_faults()
    table = [judge(rows[name] | {"truth": known[name].truth}) for name in known if name in rows]
    result.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n")
    result.with_suffix(".md").write_text(markdown(table))
    print(markdown(table).partition("\n\n")[0])


if __name__ == "__main__":
    main()
