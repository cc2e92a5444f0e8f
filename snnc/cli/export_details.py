"""What `snnc export -v` prints below the summary: cores, spikes between them, and each step of the losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snnc.cli.losses import print_losses
from snnc.io import budget_file
from snnc.report import summary
from snnc.verification.figures import core_rows

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.stages import Artifact
    from snnc.target import Target

CORES_SHOWN = 8
"""Rows of the table that is printed; the manifest has all."""


def print_details(artifact: Artifact, target: Target, out: Console) -> None:
    """Print use by core, what passes between cores where there are several, and losses."""
    if target.chip:
        _print_cores(artifact, out)
        if len(artifact.manifest["placement"]) > 1:
            _print_traffic(artifact, out)
    print_losses(budget_file.read(artifact), out)


def _print_traffic(artifact: Artifact, out: Console) -> None:
    from snnc.stages import Traffic

    if record := artifact.manifest["traffic"]:
        traffic = Traffic(**record)
        spikes = summary.traffic_counts(traffic)[summary.EVENTS_TO_CORES]
        basis = summary.traffic_basis(traffic)
        out.print(f"{summary.EVENTS_TO_CORES}, a recording: {spikes}; {basis}", soft_wrap=True)


def _print_cores(artifact: Artifact, out: Console) -> None:
    """The fullest cores: what they hold, and used / max of each resource."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    placement = artifact.manifest["placement"]
    shown = core_rows(summary.fullest(placement, CORES_SHOWN))
    if len(placement) <= CORES_SHOWN:
        out.print("cores, used / max:")
    else:
        out.print(f"the {CORES_SHOWN} fullest of {len(placement)} cores, used / max (the manifest has all):")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    resources = [name for name in shown[0] if name not in ("chip", "core", "tile", "holds")]
    for name in ("core", "tile", "holds"):
        table.add_column(name)
    for name in resources:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for row in shown:
        where = f"{row['chip']}.{row['core']}"
        table.add_row(where, row["tile"], row["holds"], *(row[name] for name in resources))
    out.print(table)
