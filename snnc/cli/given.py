"""The options that the user gave, for a command that is named in their stead."""

from __future__ import annotations

from collections.abc import Collection

import typer


def given_options(context: typer.Context, without: Collection[str] = ()) -> list[str]:
    """Those of the command of `context`, as words of a command line; not the parameters `without`."""
    words: list[str] = []
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if option.param_type_name != "option" or source is None or source.name != "COMMANDLINE":
            continue
        if option.name in without:
            continue
        value = context.params[option.name or ""]
        if isinstance(value, bool):
            words += [(option.opts if value else option.secondary_opts)[0]]
            continue
        for each in value if isinstance(value, list | tuple) else [value]:
            words += [option.opts[0], str(each)]
    return words
