"""The targets, found by name and loaded only when used.

Another distribution adds one with an entry point of group `snnc.targets`:

    [project.entry-points."snnc.targets"]
    mychip = "my_package.target:TARGET"
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from snnc.errors import ConfigError, InputError
from snnc.targets.target import Target

ENTRY_POINT_GROUP = "snnc.targets"

BUILT_IN: dict[str, str] = {
    "loihi": "snnc.targets.loihi.target:TARGET",
    "onnx": "snnc.targets.onnx.target:TARGET",
    "c": "snnc.targets.c.target:TARGET",
    **{
        name: f"snnc.targets.chips.target:{name.upper()}"
        for name in ("loihi1", "loihi2", "spinnaker1", "spinnaker2", "truenorth", "seneca")
    },
}
"""Name -> "module:attribute" of a `Target`."""


def targets() -> dict[str, str]:
    """Name -> "module:attribute" of every target, those of other distributions included.

    Raises
    ------
    ConfigError
        If two targets share a name.
    """
    found = dict(BUILT_IN)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name in found:
            raise ConfigError(
                f"target {point.name!r} is defined twice, as {found[point.name]} and as {point.value}; "
                "uninstall one of the two distributions"
            )
        found[point.name] = point.value
    return found


def load_target(name: str) -> Target:
    """The target called `name`.

    Raises
    ------
    InputError
        If there is none of that name.
    ConfigError
        If what the name stands for cannot be imported or is no `Target`.
    """
    known = targets()
    if name not in known:
        raise InputError(f"target {name!r} is unknown; there are {', '.join(sorted(known))}")
    module, _, attribute = known[name].partition(":")
    try:
        target = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"target {name!r} ({known[name]}) cannot be loaded: {error}") from error
    if not isinstance(target, Target):
        raise ConfigError(f"target {name!r}: {known[name]} is a {type(target).__name__}, expected a Target")
    return target
