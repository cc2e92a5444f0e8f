"""The shipped preset that a configuration differs least from, and the fields in which it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from snnc.errors import ConfigError
from snnc.trainer.config import TrainConfig, load_config, presets

Make = Callable[[str, Mapping[str, Any]], TrainConfig]
"""The configuration that a preset and fields in its place make."""


def nearest_preset(
    config: TrainConfig, make: Make, ignored: Collection[str] = ()
) -> tuple[str, dict[str, Any]]:
    """The preset, and the fields with which `make` gives `config`, but for the `ignored`.

    Raises
    ------
    ConfigError
        Each preset sets a field that `config` leaves open: a field cannot be set to "not given".
    """
    told = {name: _told_of(name, config, make, ignored) for name in presets()}
    possible = {name: fields for name, fields in told.items() if None not in fields.values()}
    if not possible:
        unset = {name: [each for each in told[name] if told[name][each] is None] for name in told}
        name = min(unset, key=lambda name: (len(unset[name]), name))
        raise ConfigError(
            f"{', '.join(unset[name])}: not set in this configuration, but in the nearest preset, '{name}'; "
            "write a configuration or a sweep file of your own"
        )
    name = min(possible, key=lambda name: (len(possible[name]), name != config.dataset, name))
    return name, possible[name]


def _told_of(preset: str, config: TrainConfig, make: Make, ignored: Collection[str]) -> dict[str, Any]:
    """The fields with which `make` gives `config` of the `preset`; where one is None, it cannot.

    What is told can change other fields, as fewer `epochs` do, so it is asked what comes of them.
    """
    told: dict[str, Any] = {}
    if (
        config.dataset != load_config(preset).dataset
    ):  # files of samples in steps ask for the step, equal or not
        told = {"dataset": config.dataset, "bin_s": config.bin_s}
    compared = [name for name in TrainConfig.model_fields if name not in ignored]
    while None not in told.values():
        made = make(preset, told)
        differs = [name for name in compared if getattr(made, name) != getattr(config, name)]
        if not differs:
            break
        told |= {name: getattr(config, name) for name in differs}
    return told
