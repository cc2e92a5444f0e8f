"""The state of a run between two epochs, in a file that is replaced whole."""

import os
from pathlib import Path
from typing import Any

from snnc.errors import ConfigError, ModelFileError
from snnc.trainer.config import TrainConfig
from snnc.trainer.tensor_file import load_tensors, save_tensors

FORMAT, VERSION = "snnc-checkpoint", 1

_STATE_KEYS = frozenset({"epoch", "network", "weights", "positions", "best", "history", "steps"})


def write_checkpoint(state: dict[str, Any], path: str | os.PathLike[str], config: TrainConfig) -> None:
    """Write the state of a run of `config`."""
    header = {"format": FORMAT, "version": VERSION, "config": config.model_dump(mode="json")}
    save_tensors({**header, "state": state}, path)


def read_checkpoint(path: str | os.PathLike[str], config: TrainConfig) -> dict[str, Any] | None:
    """The state in `path`, or None if there is no such file.

    Raises
    ------
    ModelFileError
        The file is damaged or no checkpoint.
    ConfigError
        It belongs to another configuration.
    """
    if not Path(path).exists():
        return None
    content = load_tensors(path, "checkpoint")
    state = content.get("state")
    if (
        content.get("format") != FORMAT
        or content.get("version") != VERSION
        or not isinstance(state, dict)
        or state.keys() != _STATE_KEYS
    ):
        raise ModelFileError(f"{path}: not a checkpoint of version {VERSION}; remove it and start anew")
    wanted, found = config.model_dump(mode="json"), content["config"]
    for field in sorted(wanted.keys() | found.keys()):
        if wanted.get(field) != found.get(field):
            raise ConfigError(
                f"{path}: the checkpoint has {field} = {found.get(field)!r}, this run {wanted.get(field)!r}; "
                "resume with the same configuration, or remove the checkpoint"
            )
    return state
