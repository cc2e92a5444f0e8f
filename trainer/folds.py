"""A sweep file in which each source of a model's data tests once, in a network that it did not train."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from snnc.errors import InputError
from snnc.text import many
from snnc.trainer.config import TrainConfig, load_config
from snnc.trainer.data import EventDataset
from snnc.trainer.data.events import UNKNOWN
from snnc.trainer.nearest_preset import nearest_preset

FEWEST, MOST = 3, 10
"""Fewest folds, and most where no number of them is asked for."""
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")
_OF_A_FOLD = {"validation": "held-out", "testing": "held-out"}
"""Fields that let a fold say who validates and tests, and who does."""
_OF_EACH = ("seed", "test_speakers", "validation_speakers")
"""Fields that the sweep sets beside those of all its runs."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The sources that test and those that validate; all others train."""

    name: str
    test: tuple[int | str, ...]
    validation: tuple[int | str, ...]


def folds_of(events: EventDataset, count: int | None = None) -> list[Fold]:
    """`count` folds of about as many recordings each, by default one for each source, and at most `MOST`.

    The sources of a fold test in it and validate in the one before.

    Raises
    ------
    InputError
        The recordings have too few sources, or a recording has none.
    """
    names, what = events.speaker_names, f"event data '{events.name}'"
    numbers, recordings = np.unique(events.speaker, return_counts=True)
    if UNKNOWN in numbers:
        nameless = f"{many(int(recordings[0]), 'recording')} of {len(events)}"
        raise InputError(
            f"{what}: {nameless} name no source, so they would train in every fold; name all in the array "
            "`speaker` of the file"
        )
    if len(numbers) < FEWEST:
        raise InputError(
            f"{what}: recordings of {many(len(numbers), 'source')}; folds need {FEWEST} at least: "
            "to test, to validate and to train"
        )
    if count is not None and not FEWEST <= count <= len(numbers):
        raise InputError(
            f"{what}: {count} folds of {len(numbers)} sources; ask for {FEWEST} to {len(numbers)}"
        )
    groups: list[list[int]] = [[] for _ in range(count or min(MOST, len(numbers)))]
    sizes = [0] * len(groups)
    for each in np.argsort(-recordings, kind="stable").tolist():  # the largest first, to where fewest are
        smallest = sizes.index(min(sizes))
        groups[smallest].append(int(numbers[each]))
        sizes[smallest] += int(recordings[each])
    told = [tuple(n if names is None else names[n] for n in sorted(group)) for group in groups]
    order = sorted(range(len(told)), key=lambda at: min(groups[at]))
    told = [told[at] for at in order]
    return [
        Fold(name, test, told[(at + 1) % len(told)])
        for at, (name, test) in enumerate(zip(_names(told), told, strict=True))
    ]


def _names(groups: Sequence[Sequence[int | str]]) -> list[str]:
    """Of the folds, as files can be called: each its source, if it has one alone, or else its number."""
    alone = [str(group[0]) if len(group) == 1 else "" for group in groups]
    if all(map(_BARE.fullmatch, alone)) and len({name.casefold() for name in alone}) == len(alone):
        return alone
    return [f"fold-{number}" for number in range(1, len(groups) + 1)]


def shared_fields(config: TrainConfig) -> tuple[str, dict[str, Any]]:
    """The base of the sweep and the fields of all its runs, which have the settings of `config`.

    Raises as `nearest_preset`.
    """
    base, fields = nearest_preset(config.model_copy(update=_OF_A_FOLD), load_config, ignored=_OF_EACH)
    return base, {"dataset": config.dataset} | fields | _OF_A_FOLD


def sweep_text(config: TrainConfig, dataset: str, folds: Sequence[Fold], of: str) -> str:
    """The sweep file, as `snnc.trainer.sweep.load_sweep` reads it; `of` names the model."""
    base, fields = shared_fields(config)
    fields |= {"dataset": dataset}
    lines = [
        f"# The settings of {json.dumps(of)}, trained anew for each fold: the sources of test_speakers test,",
        "# those of validation_speakers choose the epoch, and all others train.",
        f"seeds = [{config.seed}]",
        f"base = {_value(base)}",
        "",
        "[common]",
        *(f"{name} = {_value(value)}" for name, value in fields.items()),
        "",
        "[variants.network]",
    ]
    for fold in folds:
        name = fold.name if _BARE.fullmatch(fold.name) else _value(fold.name)
        lines += ["", f"[folds.{name}]"]
        lines += [f"test_speakers = {_value(fold.test)}", f"validation_speakers = {_value(fold.validation)}"]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
