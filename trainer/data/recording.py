"""A recording of sound in a folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recording:
    """`name` is its path from the folder on, with "/" between names; `speaker` None where nobody is named."""

    path: Path
    name: str
    label: str
    speaker: str | None
