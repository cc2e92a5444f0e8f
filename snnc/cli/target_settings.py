"""Settings of a target, in commands that have no options for them: they follow its name in --target."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from snnc.errors import InputError
from snnc.text import shell

NAMES = ("board", "lanes", "clock")
"""Those for which `snnc export` has options."""
_GIVEN = re.compile(rf"--({'|'.join(NAMES)}) (['\"]?)(\w[\w.]*)\2")
_BOARD = "board"


def as_given(text: str, given: Mapping[str, object]) -> str:
    """`text` with the settings of a target in the form that a command line with the values `given` has them.

    Where a command has no options for them, or the user put them into --target, they stand there, too.
    """
    spec = given.get("target")
    own = [name for name in NAMES if name in given]
    if not isinstance(spec, str) or (own and ":" not in spec):
        return text
    return in_target(text, spec, [name for name in own if given[name] is not None])


def in_target(text: str, spec: str, options: Sequence[str] = ()) -> str:
    """`text` with `--target` in the place of the options that it proposes for the target of `spec`.

    Another board stands alone: as many lanes as fit are taken, and its own clock. Those of `options` stay.
    """
    name, *settings = spec.split(":")

    def target(match: re.Match[str]) -> str:
        if match[1] in options:
            return match[0]
        kept = (
            [] if match[1] == _BOARD else [each for each in settings if not each.startswith(f"{match[1]}=")]
        )
        return shell("--target", ":".join([name, *kept, f"{match[1]}={match[3]}"]))

    return _GIVEN.sub(target, text)


def where_given(option: str, given: Sequence[str]) -> str:
    """Where the setting of `option` belongs in a command line of the words `given`, or that its target has
    none; empty where the target is unknown.
    """
    from snnc.known_settings import check_known
    from snnc.targets.registry import load_target

    key, name = option.lstrip("-"), "fpga"
    for word, after in zip(given, [*given[1:], ""], strict=True):
        if word in ("--target", "-t"):
            name = after.partition(":")[0]
        elif word.startswith(("--target=", "-t")):
            name = word.removeprefix("--target=").removeprefix("-t").partition(":")[0]
    with suppress(InputError):
        target = load_target(name)
        try:
            check_known(name, [key], target.settings if target.configure else ())
        except InputError as error:
            return str(error)
        return f"here it follows the name of the target: --target {name}:{key}=..."
    return ""
