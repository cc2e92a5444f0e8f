"""Run NIR's conformance suite in every reader, and write the table of docs/nir-conformance.md.

    python scripts/nir_conformance.py                                    # all; writes results and table
    python scripts/nir_conformance.py --reader snnTorch                  # its column alone, the others stay
    python scripts/nir_conformance.py --reader snnTorch --case reset     # one cell; prints it, writes nothing
    python scripts/nir_conformance.py --files FOLDER --dt 0.001          # the suite as .nir files

The first run needs a package index: each lock file in conformance/nir/requirements/ becomes an environment in
the user's cache. conformance/nir/README.md describes the suite.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from conformance.nir import cells, suite, table


def main() -> None:
    cases, readers = suite.load(), cells.readers()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reader", choices=readers, help="this one alone")
    parser.add_argument("--case", choices=cases, help="this one alone")
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="write the suite as NIR files, and end")
    parser.add_argument("--dt", type=float, default=2**-10, help="of --files: seconds a step (2^-10)")
    parser.add_argument("--gain", choices=suite.GAINS, default="steps", help="of --files")
    parser.add_argument("--weights", choices=suite.WEIGHTS, default="Linear", help="of --files")
    told = parser.parse_args()
    if told.files is not None:
        write_files(told.files, cases, told.dt, told.gain, told.weights)
        return
    chosen = {name: readers[name] for name in readers if told.reader in (None, name)}
    some = [case for name, case in cases.items() if told.case in (None, name)]
    known, lost = columns(), []
    for name, reader in chosen.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        result = cells.run_reader(reader, some)
        show(name, result)
        if "absent" in result and known.get(name, {}).get("cells"):
            lost.append(name)
        elif told.case is None:
            save(name, {"date": f"{datetime.now(UTC):%Y-%m-%d}", **result})
    if lost:
        parser.exit(2, f"not run here, so what is known of them stays: {', '.join(lost)}\n")


def columns() -> dict[str, Any]:
    """What is known of each reader."""
    return table.read_results()["readers"] if table.RESULTS.exists() else {}


def save(name: str, result: dict[str, Any]) -> None:
    """The new column into results and table; the others stay."""
    made = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    before = columns()
    order = [each for each in cells.readers() if each in {*before, name}]
    results = {"made": made, "readers": {each: result if each == name else before[each] for each in order}}
    table.RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    table.write_page(results)


def show(name: str, result: dict[str, Any]) -> None:
    print(name, " ".join(f"{package} {version}" for package, version in result["versions"].items()))
    if "absent" in result:
        print(f"  absent: {result['absent']}")
    for case, cell in result["cells"].items():
        print(f"  {case}: {'; '.join(f'{kind}: {what}' for kind, what in cell.items())}")


def write_files(folder: Path, cases: dict[str, suite.Case], dt: float, *form: str) -> None:
    """Of each case its NIR file, and its data beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in cases.items():
        nir.write(folder / f"{name}.nir", case.graph(dt, *form))
        data = {**case.data, "dt": case.dt(dt), "readings": case.readings}
        (folder / f"{name}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
