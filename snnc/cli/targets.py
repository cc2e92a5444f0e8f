"""`snnc targets`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from snnc.operation_costs import OperationCosts


def targets() -> None:
    """List the targets, their limits and costs, each with its source."""
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
        for costs in target.costs.values():
            out.print(_costs(costs))
        if not target.costs:
            out.print(f"{name}: no costs are published")


def _costs(costs: OperationCosts) -> Table:
    from rich.table import Table

    table = Table(
        "constant", "value", "source", title=f"costs {costs.name}: {costs.about}", title_justify="left"
    )
    values = {
        **{f"energy.{name}": f"{value / 1000:g} pJ" for name, value in costs.energy.items()},
        **{f"time.{name}": f"{value / 1000:g} ns" for name, value in costs.time.items()},
        "link_time": f"{costs.link_time / 1000:g} ns",
        "word_bits": f"{costs.word_bits} bits",
        "barrier": ", ".join(f"{tiles}: {value / 1000:g} ns" for tiles, value in costs.barrier),
    }
    for name, value in values.items():
        assumed = f"assumption: {text}" if (text := costs.assumptions.get(name)) else ""
        table.add_row(name, value, "; ".join(filter(None, (costs.sources.get(name), assumed))))
    return table
