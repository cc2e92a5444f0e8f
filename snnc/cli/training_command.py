"""The `snnc train` command that trains by a given configuration."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.text import shell

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig

COMMAND = "snnc train"
OPTIONS = {
    "dataset": "--dataset",
    "data_dir": "--data-dir",
    "bin_s": "--dt",
    "epochs": "--epochs",
    "seed": "--seed",
}
"""Fields with an option of their own, in the order of the command."""


def training_command(config: TrainConfig, output: Path) -> str:
    """The preset from which `config` differs least, and all in which it does: nothing depends on the data."""
    from snnc.trainer.config import presets

    told = {name: fields for name in presets() if (fields := told_of(name, config)) is not None}
    preset = min(told, key=lambda name: (len(told[name]), name != config.dataset, name))
    return f"{COMMAND} {shell(preset, *words_of(told[preset]), '-o', output)}"


def told_of(preset: str, config: TrainConfig) -> dict[str, Any] | None:
    """The fields with which `snnc train` makes `config` of the `preset`; None where it cannot.

    What is told can change other fields, as fewer `epochs` do, so it is asked what comes of them. No option
    sets a field to "not given".
    """
    from snnc.trainer.config import TrainConfig, limited, load_config

    base = load_config(preset)
    told: dict[str, Any] = {}
    if config.dataset != base.dataset:  # files of samples in steps ask for the step, equal or not
        told = {"dataset": config.dataset, "bin_s": config.bin_s}
    made = limited(load_config(preset, told), told)
    while made != config:
        differs = [name for name in TrainConfig.model_fields if getattr(made, name) != getattr(config, name)]
        told |= {name: getattr(config, name) for name in differs}
        if any(told[name] is None for name in differs):
            return None
        made = limited(load_config(preset, told), told)
    return told


def words_of(told: Mapping[str, Any]) -> list[str]:
    """Options of `snnc train` that set these fields."""
    words = [word for name, option in OPTIONS.items() if name in told for word in (option, str(told[name]))]
    return words + settings({name: value for name, value in told.items() if name not in OPTIONS})


def settings(fields: Mapping[str, Any]) -> list[str]:
    """`--set FIELD=VALUE` of each."""
    return [word for name, value in fields.items() for word in ("--set", f"{name}={_toml(value)}")]


def _toml(value: Any) -> str:
    """As `--set` reads it: in quotes only where a bare word would be read as something else."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        try:
            tomllib.loads(f"value = {value}")
        except tomllib.TOMLDecodeError:
            return value
    if isinstance(value, float) and float(short := f"{value:g}") == value:
        return short
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
