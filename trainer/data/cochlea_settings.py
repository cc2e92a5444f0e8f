"""The cochlea that made events, as text that goes with them: other sound is encoded alike, or refused."""

import json
from dataclasses import asdict

from snnc.errors import InputError
from snnc.text import LINE, quoted, shortened
from snnc.trainer.data.cochlea import Cochlea

_KIND = "snnc cochlea 1"
"""Changes when equal settings give other events."""
_MIXED = "mixed"
_LOOKED_AT = 50


def settings_of(cochlea: Cochlea, mixed: bool = False) -> str:
    """JSON, one line; `check_settings` reads it.

    `mixed`: some recordings are the mean of several channels.
    """
    return json.dumps({"encoder": _KIND, **asdict(cochlea)} | ({_MIXED: True} if mixed else {}))


def check_settings(text: str, source: str) -> bool:
    """Look whether `text`, which `settings_of` wrote, is of the cochlea with which `snnc encode` encodes now.

    Returns whether recordings of several channels were mixed for it.

    Raises
    ------
    InputError
        It is of another, or no such text; names its `source` and the settings.
    """
    for mixed in (False, True):
        if text == settings_of(Cochlea(), mixed):
            return mixed
    try:
        told = json.loads(text)
        if not isinstance(told, dict):
            raise TypeError
    except (ValueError, TypeError, RecursionError):
        raise InputError(
            f"{source}: its `encoder`, {quoted(text)}, is no setting of the cochlea; encode the recordings "
            "again with `snnc encode`"
        ) from None
    now = {"encoder": _KIND, **asdict(Cochlea())}
    other = ", ".join(
        f"{quoted(name)} = {quoted(told.get(name))} and not {quoted(now.get(name))}"
        for name in [*now, *(name for name in told if name not in now)][:_LOOKED_AT]
        if told.get(name) != now.get(name) and (name, told.get(name)) != (_MIXED, True)
    )
    raise InputError(
        f"{source}: its data were encoded with other settings than those of this snnc "
        f"({shortened(other, LINE // 4)}); take the snnc that encoded them, or encode and train again"
    )
