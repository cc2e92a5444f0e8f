"""`--dump-after`: the stages between the passes of an export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from snnc.errors import InputError
from snnc.text import did_you_mean


def dumper(names: Sequence[str], output: Path) -> Callable[[str, object], None]:
    """Writes the stages after the passes `names` beside `output`. `InputError` for an unknown name."""
    from snnc.cli import console
    from snnc.exporter.dump import dump_stage
    from snnc.exporter.passes import PASSES

    passes = [one.name for one in PASSES]
    for name in names:
        if name not in (*passes, "all"):
            meant = did_you_mean(name, passes)
            raise InputError(
                f"--dump-after {name}: no such pass{meant}; the passes are {', '.join(passes)}, or 'all'"
            )
    folder = output.with_name(f"{output.name}.passes")

    def observe(name: str, stage: object) -> None:
        if name in names or "all" in names:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"--dump-after: {folder} cannot be made ({error.strerror})") from error
            console.out().print(f"wrote {dump_stage(name, stage, folder)}")

    return observe
