"""`snnc targets`."""

from __future__ import annotations


def targets() -> None:
    """List the targets and their limits, each with its source."""
    from snnc.cli.steps import list_targets

    list_targets()
