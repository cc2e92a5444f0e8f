"""What an artifact takes of a chip, of a board, or of a processor, as a report tells it."""

from __future__ import annotations

from typing import Any

from snnc.stages import Artifact
from snnc.target import Target
from snnc.verification.figures import core_rows


def resource_rows(artifact: Artifact, target: Target) -> tuple[dict[str, Any], ...]:
    """A row a core; of a program that is on no chip of cores a row a resource, first those with a limit."""
    if target.chip:
        return tuple(core_rows(artifact.manifest.get("placement", ())))
    settings = artifact.manifest.get("settings")
    limited = () if target.taken is None or settings is None else target.taken(artifact.graph, settings)
    rows = {name: f"{used} / {most}" for name, used, most in limited}
    rows |= {} if target.occupied is None else target.occupied(artifact)
    return tuple({"resource": name, "use": text} for name, text in rows.items())
