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
    from snnc.trainer.config import limited, load_config
    from snnc.trainer.nearest_preset import nearest_preset

    preset, told = nearest_preset(config, lambda name, fields: limited(load_config(name, fields), fields))
    return f"{COMMAND} {shell(preset, *words_of(told), '-o', output)}"


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
