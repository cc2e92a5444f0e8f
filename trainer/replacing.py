"""What a training run would replace: what the same configuration makes again, or something else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snnc.errors import ConfigError, InputError, ModelFileError
from snnc.trainer.checkpoint import load_checkpoint
from snnc.trainer.config import TrainConfig, make_config
from snnc.trainer.model_file import load_model

REMEDY = "choose another name (-o), or replace it with --overwrite"


def refuse_to_lose(output: Path, checkpoint: Path, config: TrainConfig, resume: bool) -> None:
    """Raise `InputError` if a run of `config` would replace what it does not make again.

    That is a file `output` that is no model, or a model of another configuration; and, unless the run
    resumes it, a `checkpoint`.
    """
    if checkpoint.exists() and not resume:
        raise InputError(f"{checkpoint}: {_progress(checkpoint, config)}")
    if not output.exists():
        return
    try:
        found = load_model(output).config
    except ModelFileError:
        raise InputError(
            f"{output}: exists and is not a model file that this release reads; {REMEDY}"
        ) from None
    if (differs := _difference(found, config)) is not None:
        raise InputError(f"{output}: is a model of {differs}; {REMEDY}")


def _progress(checkpoint: Path, config: TrainConfig) -> str:
    """What the checkpoint holds, and what to do."""
    try:
        content = load_checkpoint(checkpoint)
    except ModelFileError:
        return f"exists and cannot be read as a checkpoint; {REMEDY}"
    epochs = content["state"]["epoch"]
    many = f"{epochs} epoch{'' if epochs == 1 else 's'}" if type(epochs) is int else "some epochs"
    if (differs := _difference(content["config"], config)) is not None:
        return f"holds {many} of a run of {differs}; {REMEDY}"
    return f"holds {many} of this run; continue with --resume, or start again with --overwrite"


def _difference(found: Mapping[str, Any], config: TrainConfig) -> str | None:
    """The first field that differs, in words; None if it is the same configuration."""
    try:
        other = make_config(found)  # with the defaults of fields that are newer
    except ConfigError:
        return "another configuration"
    for name in TrainConfig.model_fields:
        theirs, ours = getattr(other, name), getattr(config, name)
        if theirs != ours:
            return f"another configuration ({name} = {theirs!r:.60}, this run has {ours!r:.60})"
    return None
