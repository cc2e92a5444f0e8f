"""Where the data of training lie, as its command named them, seen from a model or an artifact."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def found_near(name: str, near: Path | None) -> str:
    """`name`, or where there is no such file, the path of one in the folder `near`.

    A relative path is looked for in all folders above `near`, too: training may have been started in one.
    """
    path = Path(name)
    if near is not None and path.suffix and not path.exists():
        for other in (near / path, near / path.name, *above(near, path)):
            if other.exists():
                return str(other)
    return name


def above(folder: Path, path: Path) -> Iterator[Path]:
    """`path` in each folder that `folder` is in, the nearest first; of ".", too."""
    return (each / path for each in Path(os.path.abspath(folder)).parents)
