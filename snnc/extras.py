"""Parts of snnc that are installed where they are asked for: the extras `report`, `onnx` and `lava`.

Without them an installation is a seventh smaller. What lacks one says in a line how to get it.
"""

from __future__ import annotations

import re
from importlib.util import find_spec

from snnc.errors import NotInstalledError

EXTRAS = {
    "report": ("plotly",),
    "onnx": ("onnx", "onnxruntime"),
    "lava": ("uv",),
}
"""Extra -> the packages that it brings, by the names with which they are imported."""

_COMMAND = re.compile(r"pip install '[^']+'")


def remedy(extra: str) -> str:
    return f"install it: pip install 'snnc[{extra}]'"


def command(reason: str) -> str | None:
    """The command that a `reason` why something is not there names, as that of `remedy`; else None."""
    found = _COMMAND.search(reason)
    return found and found[0]


def lacking(extra: str, *packages: str) -> str | None:
    """Which of its `packages` (without a name: of all) are not installed and what to do, or None."""
    absent = [name for name in packages or EXTRAS[extra] if find_spec(name) is None]
    if not absent:
        return None
    return f"needs {' and '.join(absent)}, not installed here; {remedy(extra)}"


def need(extra: str, what: str, *packages: str) -> None:
    """Raise `NotInstalledError`, which names `what` needs them, unless its `packages` are installed."""
    if why := lacking(extra, *packages):
        raise NotInstalledError(f"{what} {why}")


def not_installed(error: ImportError) -> NotInstalledError | None:
    """What to say where `error` is that a package of an extra is not installed; else None."""
    name = (error.name or "").partition(".")[0]
    found = next((extra for extra, packages in EXTRAS.items() if name in packages), None)
    if found is None or find_spec(name) is not None:  # it is there, and broken
        return None
    return NotInstalledError(f"this {lacking(found, name)}")
