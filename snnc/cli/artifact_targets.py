"""Which commands take artifacts, and of which targets."""

from __future__ import annotations

from collections.abc import Mapping

ON_ARTIFACTS = {"verify": (), "run": (), "chip": ("loihi", "fpga"), "place": ("fpga",)}
"""Commands on the artifact of a model, and the targets of those that take artifacts of some alone."""


def targets_for(name: str, typed: Mapping[str, object]) -> tuple[str, ...]:
    """The targets whose artifacts the command `name` takes with the options `typed`; empty: all."""
    from snnc.plugins.executors import target_of

    if "costs" in typed:
        return ("loihi",)  # alone has costs
    named = str(typed.get("executor") or typed.get("executors") or "").split(",")
    found = [target for each in named if (target := target_of(each.strip())) is not None]
    return tuple(dict.fromkeys(found)) or ON_ARTIFACTS[name]
