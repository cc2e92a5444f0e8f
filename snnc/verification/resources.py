"""What an artifact takes of a chip, of a board, or of a processor, as a report tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.stages import Artifact
from snnc.target import MEASURED, Target
from snnc.verification.figures import core_rows


def resource_rows(
    artifact: Artifact, target: Target, kept: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], ...]:
    """A row a core; of a program that is on no chip of cores a row a resource, first those with a limit.

    `kept`: what the export measured, told beside what is measured now where the two differ.
    """
    if target.chip:
        return tuple(core_rows(artifact.manifest.get("placement", ())))
    settings = artifact.manifest.get("settings")
    limited = () if target.taken is None or settings is None else target.taken(artifact.graph, settings)
    rows = {name: f"{used} / {most}" for name, used, most in limited}
    now = {} if target.occupied is None else dict(target.occupied(artifact))
    if kept and kept != now:  # the compiler of the export may be for a device, this one for this machine
        rows |= {**kept, MEASURED: f"by the export: {kept[MEASURED]}"}
        if MEASURED in now:
            rows |= {f"{name}, by verify": text for name, text in now.items()}
    else:
        rows |= now
    return tuple({"resource": name, "use": text} for name, text in rows.items())
