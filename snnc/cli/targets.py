"""`snnc targets`."""

from __future__ import annotations


def targets() -> None:
    """List the targets and their limits, each with its source."""
    from rich.table import Table

    from snnc.cli import console
    from snnc.targets.registry import load_target
    from snnc.targets.registry import targets as known
    from snnc.targets.target import CHIP_LIMITS, NO_LIMIT

    out = console.out()
    for name in sorted(known()):
        target = load_target(name)
        table = Table("limit", "value", "source", title=f"{name}: {target.description}", title_justify="left")
        for limit, source in target.limits.sources.items():
            if not target.chip and limit in CHIP_LIMITS:
                continue
            value = getattr(target.limits, limit)
            text = {None: "none published", NO_LIMIT - 1: "none"}.get(value, str(value))
            table.add_row(limit.replace("_", " "), text, source)
        out.print(table)
