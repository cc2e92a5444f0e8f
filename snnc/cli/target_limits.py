"""`snnc targets NAME`: the limits and costs of a target, and the source of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from snnc.operation_costs import OperationCosts
    from snnc.target import Target


def fields(target: Target) -> dict[str, Any]:
    """The same for a script; a limit that is not published is null."""
    from snnc.target import CHIP_LIMITS

    limits = {
        name: {"value": getattr(target.limits, name), "source": source}
        for name, source in target.limits.sources.items()
        if target.chip or name not in CHIP_LIMITS
    }
    return {
        "name": target.name,
        "what": target.description,
        "exportable": target.emit is not None,
        "settings": dict(target.settings),
        "limits": limits,
        "costs": {name: _values(costs) for name, costs in target.costs.items()},
    }


def print_limits(target: Target, out: Console) -> None:
    """Tables of limits and of each set of costs."""
    from rich.table import Table

    from snnc.target import CHIP_LIMITS, NO_LIMIT

    name = target.name
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
    if target.chip and not target.costs:
        out.print(f"{name}: no costs are published")


def _values(costs: OperationCosts) -> dict[str, str]:
    """Each constant, with its unit."""
    return {
        **{f"energy.{name}": f"{value / 1000:g} pJ" for name, value in costs.energy.items()},
        **{f"time.{name}": f"{value / 1000:g} ns" for name, value in costs.time.items()},
        "link_time": f"{costs.link_time / 1000:g} ns",
        "word_bits": f"{costs.word_bits} bits",
        "barrier": ", ".join(f"{tiles}: {value / 1000:g} ns" for tiles, value in costs.barrier),
    }


def _costs(costs: OperationCosts) -> Table:
    from rich.table import Table

    table = Table(
        "constant", "value", "source", title=f"costs {costs.name}: {costs.about}", title_justify="left"
    )
    for name, value in _values(costs).items():
        assumed = f"assumption: {text}" if (text := costs.assumptions.get(name)) else ""
        table.add_row(name, value, "; ".join(filter(None, (costs.sources.get(name), assumed))))
    return table
