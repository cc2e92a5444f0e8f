"""Names that the shell completes: read from tables and entry points, so that nothing heavy is loaded."""

from __future__ import annotations

from collections.abc import Iterable


def executor_names(incomplete: str) -> list[str]:
    """Executors, those of plugins included, and groups of them that start like `incomplete`."""
    from snnc.plugins.executors import GROUPS, executors

    return _starting((*executors(), *GROUPS), incomplete)


def executor_list(incomplete: str) -> list[str]:
    """`incomplete`, a comma-separated list of executors, with its last name completed."""
    done, comma, last = incomplete.rpartition(",")
    return [f"{done}{comma}{name}" for name in executor_names(last) if name not in done.split(",")]


def target_names(incomplete: str) -> list[str]:
    """Targets, those of plugins included, that start like `incomplete`."""
    from snnc.targets.registry import targets

    return _starting(targets(), incomplete)


def preset_names(incomplete: str) -> list[str]:
    """Presets of `snnc train` that start like `incomplete`."""
    from importlib.resources import files

    shipped = (file.name for file in (files("snnc") / "trainer" / "presets").iterdir())
    return _starting((name.removesuffix(".toml") for name in shipped if name.endswith(".toml")), incomplete)


def _starting(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
