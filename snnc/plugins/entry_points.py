"""What other distributions add under an entry point, found by name and loaded only when used."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

from snnc.errors import ConfigError, InputError
from snnc.io.signals import Ended
from snnc.text import did_you_mean


def known(kind: str, built_in: Mapping[str, str]) -> dict[str, str]:
    """Name -> "module:attribute" of all `kind`s ("target", "executor"): ours first, then the others'.

    Raises
    ------
    ConfigError
        If two share a name.
    """
    found = dict(built_in)
    for point in entry_points(group=group(kind)):
        if point.name in found:
            raise ConfigError(
                f"{kind} {point.name!r} is defined twice, as {found[point.name]} and as {point.value}; "
                "uninstall one of the two distributions"
            )
        found[point.name] = point.value
    return found


def entry_points(group: str) -> EntryPoints:
    """The entry points of `group` of what is installed where Python looks."""
    return _installed(group, tuple(sys.path))


@cache
def _installed(group: str, path: tuple[str, ...]) -> EntryPoints:
    """Those on `path`, which is sys.path; a file of every distribution is read for them."""
    return metadata.entry_points(group=group)


def near(name: str, among: Mapping[str, str], meant: Mapping[str, str]) -> str:
    """ " (did you mean 'rtl'?)": what `meant` says of `name`, else one of `among` that is like it, or ""."""
    return f" (did you mean {meant[name]!r}?)" if name in meant else did_you_mean(name, among)


def check_known(
    kind: str, name: str, among: Mapping[str, str], meant: Mapping[str, str] = {}, listed: str = ""
) -> None:
    """Raise `InputError` if there is none of that name in `among`, which `known` gave.

    `meant`: by other names that are given, the one that is meant. `listed`: the names in `among`, in words.
    """
    if name not in among:
        raise InputError(
            f"{kind} {name!r} is unknown{near(name, among, meant)}; there are {listed or ', '.join(among)}. "
            f"If a plugin provides it, install the plugin in the same environment"
        )


def load(kind: str, name: str, among: Mapping[str, str]) -> Any:
    """What `name` stands for in `among`, which `known` gave.

    Raises
    ------
    InputError
        If there is none of that name.
    ConfigError
        If it cannot be loaded, for whatever reason: another's code may fail in any way.
    """
    check_known(kind, name, among)
    try:
        return EntryPoint(name, among[name], group(kind)).load()
    except Ended:
        raise
    except (Exception, SystemExit) as error:
        raise broken(kind, name, among[name], f"{type(error).__name__}: {error}") from error


def check(kind: str, name: str, value: str, found: Any, expected: type) -> None:
    """Raise `ConfigError` unless what was `found` behind `value` is an `expected` of that name."""
    if not isinstance(found, expected):
        article = "an" if expected.__name__[0] in "AEIO" else "a"
        raise broken(kind, name, value, f"a {type(found).__name__}, expected {article} {expected.__name__}")
    if (own := getattr(found, "name", None)) != name:  # artifacts and reports would name what is not found
        raise broken(kind, name, value, f"the {kind} calls itself {own!r}")


def group(kind: str) -> str:
    """The group of entry points of a kind."""
    return f"snnc.{kind}s"


def broken(kind: str, name: str, value: str, why: str) -> ConfigError:
    """The error of a plugin that is not what it should be."""
    line = " ".join(why.split())
    return ConfigError(
        f"{kind} {name!r} ({value}) cannot be loaded: {line}; repair or uninstall the distribution"
    )
