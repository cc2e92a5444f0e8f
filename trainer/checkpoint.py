"""The state of a run between two epochs, in a file that is replaced whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.errors import ConfigError, ModelFileError
from snnc.io.tensor_file import load_tensors, save_tensors
from snnc.text import quoted

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig

FORMAT, VERSION = "snnc-checkpoint", 2

_KEYS = frozenset({"format", "version", "config", "data", "state"})
_STATE_KEYS = frozenset(
    {
        "epoch",
        "phase",
        "network",
        "integers",
        "weights",
        "positions",
        "best",
        "gaussian",
        "whole",
        "finished",
        "history",
        "steps",
    }
)
_OPTIONAL_KEYS = frozenset({"course", "left_out", "product"})
"""Of a recipe that has a state; where a phase was left out; what earlier releases did not write."""


def write_checkpoint(
    state: dict[str, Any], path: str | os.PathLike[str], config: TrainConfig, data: Mapping[str, str]
) -> None:
    """Write the state of a run of `config` on the recordings with the hashes `data`."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "config": config.model_dump(mode="json"),
        "data": dict(data),
    }
    save_tensors({**header, "state": state}, path)


def read_checkpoint(
    path: str | os.PathLike[str], config: TrainConfig, data: Mapping[str, str]
) -> dict[str, Any] | None:
    """The state in `path`, or None if there is no such file.

    Raises
    ------
    ModelFileError
        The file is damaged or no checkpoint.
    ConfigError
        It belongs to another configuration or to other recordings.
    """
    if not Path(path).exists():
        return None
    content = load_checkpoint(path)
    if not (_has_no_tensor(content["config"]) and _has_no_tensor(content["data"])):
        raise ModelFileError(
            f"{path}: damaged (its configuration or its data holds a tensor); start the training again"
        )
    wanted, found = config.model_dump(mode="json"), content["config"]
    for field in sorted(wanted.keys() | found.keys()):
        if wanted.get(field) != found.get(field):
            raise ConfigError(
                f"{path}: the checkpoint has {field} = {quoted(found.get(field))}, this run "
                f"{quoted(wanted.get(field))}; resume with the same configuration, or remove the checkpoint"
            )
    for part, wanted_hash in data.items():
        if content["data"].get(part) != wanted_hash:
            raise ConfigError(
                f"{path}: the checkpoint was made with other recordings ({part} differ); "
                "resume with the same data, or remove the checkpoint"
            )
    state: dict[str, Any] = content["state"]
    return state


def _has_no_tensor(value: object) -> bool:
    from torch import Tensor  # here: `snnc inspect` looks at a checkpoint without torch

    if isinstance(value, dict):
        return all(map(_has_no_tensor, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_has_no_tensor, value))
    return not isinstance(value, Tensor)


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """All that `write_checkpoint` wrote. Raises `ModelFileError` if it is damaged or no checkpoint."""
    return checked(load_tensors(path, "checkpoint"), path)


def checked(content: dict[str, Any], path: str | os.PathLike[str]) -> dict[str, Any]:
    """The `content` of the file `path`. Raises `ModelFileError` if it is that of no checkpoint."""
    if (
        content.keys() != _KEYS
        or not all(isinstance(content[key], str | int) for key in ("format", "version"))
        or (content["format"], content["version"]) != (FORMAT, VERSION)
        or not all(isinstance(content[key], dict) for key in ("config", "data", "state"))
        or content["state"].keys() - _OPTIONAL_KEYS != _STATE_KEYS
    ):
        found = content.get("format")
        other = f" (its format is {quoted(found)})" if isinstance(found, str) and found != FORMAT else ""
        what = f"not a checkpoint of version {VERSION}{other}"
        raise ModelFileError(f"{path}: {what}; name another file for it")
    return content
