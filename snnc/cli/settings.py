"""Fields of a configuration that the command line sets: `--set FIELD=VALUE`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from snnc.errors import InputError


def with_settings(overrides: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """`overrides` and those of --set; a value is read as in a TOML file or, failing that, is a string.

    Raises
    ------
    InputError
        A setting has no "=", or its field is set twice; or a list is none of TOML.
    """
    result = {field: value for field, value in overrides.items() if value is not None}
    for setting in settings:
        field, equals, text = setting.partition("=")
        field = field.strip()
        if not equals or not field:
            raise InputError(f"--set {setting}: give FIELD=VALUE, for example hidden=[64]")
        if field in result:
            option = " (--dt)" if field == "bin_s" and overrides.get(field) is not None else ""
            raise InputError(f"--set {setting}: {field}{option} is {result[field]!r} already; give it once")
        try:
            result[field] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            if text.lstrip().startswith("["):
                raise InputError(
                    f"--set {setting}: is no list of TOML; texts in it have quotes, which the shell takes "
                    f"away unless others are around them: --set '{field}=[\"NAME\"]'"
                ) from None
            result[field] = text
    return result
