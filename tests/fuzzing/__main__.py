"""`make fuzz`: every reader in turn, in processes of their own, until the time is over.

Each finding is printed once, with a file that repeats it: `python -m fuzzing --repeat FILE --reader NAME`.
Exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fuzzing.special import keep, remove
from fuzzing.targets import make_targets
from fuzzing.trial import Finding, read
from fuzzing.worker import Worker

console = Console()


def main() -> int:
    options = argparse.ArgumentParser(prog="fuzzing", description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--first", type=int, default=0, help="number of the first case of each reader")
    options.add_argument("--only", action="append", help="a reader's name; may be given again")
    options.add_argument("--findings", type=Path, default=Path("build/fuzz"))
    options.add_argument("--repeat", type=Path, help="read this file and say how that ends")
    options.add_argument("--reader", help="the reader that --repeat is for")
    given = options.parse_args()
    with TemporaryDirectory(prefix="snnc-fuzz-") as name:
        try:
            if given.repeat is not None:
                return _repeat(given.repeat, given.reader, Path(name))
            return _run(given, Path(name))
        finally:
            _flatten(Path(name))


def _flatten(folder: Path) -> None:
    """Without nested folders of a case that the end came upon: too deep to be removed with the others."""
    for path, folders, _ in os.walk(folder):
        if "n" in folders:
            folders.remove("n")
            remove(Path(path) / "n")


def _run(given: argparse.Namespace, folder: Path) -> int:
    workers = [Worker(folder / str(number)) for number in range(given.workers)]
    names = [name for name in workers[0].names if not given.only or name in given.only]
    cases = ((name, number) for number in itertools.count(given.first) for name in names)
    found: dict[tuple[str, str], Finding] = {}
    done, times = Counter[str](), Counter[tuple[str, str]]()
    end = time.monotonic() + given.seconds
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=given.seconds)
        while (left := end - time.monotonic()) > 0:
            for worker in workers:
                if not worker.busy:
                    worker.start(*next(cases))
            for worker in workers:
                if not worker.ready(0.2 / len(workers)):
                    continue
                case, finding = worker.result()
                done[case[0]] += 1
                if finding is not None:
                    key = finding.target, finding.what
                    times[key] += 1
                    if key not in found:
                        found[key] = finding
                        _keep(finding, worker, given.findings)
            text = f"{sum(done.values())} files read, {len(found)} findings"
            progress.update(task, completed=given.seconds - left, description=text)
    for worker in workers:
        worker.close()
    for name in names:
        of_name = [f"{key[1]} ({count} times)" for key, count in times.items() if key[0] == name]
        console.print(f"{name:18} {done[name]:7}  {'; '.join(of_name) or 'nothing found'}", highlight=False)
    return 1 if found else 0


def _keep(finding: Finding, worker: Worker, folder: Path) -> None:
    """Save the file that `worker` read last, and print the finding."""
    folder.mkdir(parents=True, exist_ok=True)
    source = worker.file(finding.target)
    place = folder / f"{finding.target.replace(' ', '-')}-{finding.number}{source.suffix}"
    keep(source, place)
    last = finding.detail.strip().splitlines()[-1:] or [""]
    console.print(
        f"{finding.target}: {finding.what}: {last[0][:200]}\n  {place}", highlight=False, markup=False
    )


def _repeat(path: Path, name: str, folder: Path) -> int:
    target = next(each for each in make_targets(folder) if each.name == name)
    copy = folder / f"input{target.suffix}"
    keep(path, copy)
    finding = read(target, 0, copy)
    print("read, or refused as it should be" if finding is None else f"{finding.what}\n{finding.detail}")
    return 0 if finding is None else 1


if __name__ == "__main__":
    sys.exit(main())
