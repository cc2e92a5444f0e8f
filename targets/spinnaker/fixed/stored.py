"""The settings of an artifact's populations as text, in which its manifest holds them; read with suspicion.

`quantum/gain/correction` of each population that is no input, in the order of the graph, with commas between:
`0/none/0.375,0/16/0.125`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from snnc import formats
from snnc.errors import InputError, LimitError
from snnc.known_settings import check_known
from snnc.stages import QuantizedGraph
from snnc.targets.spinnaker.fixed.choose import usual
from snnc.targets.spinnaker.fixed.mapping import UNIT, largest_gain, sums_of
from snnc.targets.spinnaker.fixed.setting import Setting
from snnc.text import quoted

SCALES, USUAL = "scales", "usual"
"""The setting of the target, and its value where nothing was chosen."""
SETTINGS: Mapping[str, int | str] = {SCALES: USUAL}
CHARACTERS = 4000
"""Most of the text: a manifest holds no longer ones."""
QUANTUM_MAX = 31
_ONE = re.compile(r"([0-9]{1,2})/(-?[0-9]{1,2}|none)/(0(?:\.[0-9]{1,20})?|1(?:\.0)?)")


def configure(chosen: Mapping[str, int | str]) -> Mapping[str, int | str]:
    """All settings of the target, `scales` as chosen. Raises `InputError` for what is none."""
    check_known("spinnaker", chosen, SETTINGS)
    scales = chosen.get(SCALES, USUAL)
    if scales != USUAL:
        read(scales)
    return {SCALES: scales}


def read(text: object) -> tuple[Setting, ...]:
    """The settings in `text`. Raises `InputError` unless it has the form above."""
    found = []
    for part in text.split(",") if isinstance(text, str) and len(text) <= CHARACTERS else [""]:
        match = _ONE.fullmatch(part)
        if match is None or int(match[1]) > QUANTUM_MAX:
            raise InputError(
                f"{SCALES} {quoted(text)}: give {USUAL}, or quantum/gain/correction of each population with "
                f"commas between, as 0/16/0.125,0/none/0: a quantum of 0..{QUANTUM_MAX}, a gain of -99..99 "
                "or none, a correction of 0..1"
            )
        found.append(Setting(int(match[1]), None if match[2] == "none" else int(match[2]), float(match[3])))
    return tuple(found)


def spelled(graph: QuantizedGraph, settings: Mapping[str, Setting]) -> str:
    """`settings` of each population that is no input, as `read` reads them."""
    of = (settings[each.name] for each in graph.stateful)
    return ",".join(
        f"{each.quantum}/{'none' if each.gain is None else each.gain}/{each.correction!r}" for each in of
    )


def settings_of(graph: QuantizedGraph, chosen: Mapping[str, object]) -> dict[str, Setting]:
    """By population: those that `chosen`, the settings of the target, name; else `usual`.

    Raises `InputError` as `read`, and `LimitError` where they do not fit `graph`.
    """
    scales = chosen.get(SCALES, USUAL)
    if scales == USUAL:
        return usual(graph)
    found = read(scales)
    if len(found) != len(graph.stateful):
        raise LimitError(
            f"{SCALES} {quoted(scales)}: are those of {len(found)} populations, the network has "
            f"{len(graph.stateful)} that are no inputs; export it again"
        )
    settings = {each.name: setting for each, setting in zip(graph.stateful, found, strict=True)}
    for name, setting in settings.items():
        _check(graph, name, setting)
    return settings


def _check(graph: QuantizedGraph, name: str, setting: Setting) -> None:
    """Raise `LimitError` if V could leave 32 bits, which nothing on the board tells."""
    of, sums = graph.population(name), sums_of(graph, name)
    assert of.decay_v is not None
    most = largest_gain(of, sums, setting.quantum, of.spikes and of.end is not None)
    leak = max(int(of.decay_v.min()), 1) / formats.DECAY_ONE
    if (UNIT / leak > 2.0**most) if setting.gain is None else setting.gain > most:
        gain = "none" if setting.gain is None else setting.gain
        raise LimitError(
            f"{name}: with the gain {gain} V may need more than 32 bits, the largest gain is {most}; use that"
        )
