"""`from_checkpoint`: a file and the name of a published work become a graph."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from snnc.conversion.checkpoints.axden import axden
from snnc.conversion.checkpoints.delrec import delrec
from snnc.conversion.checkpoints.snn_delays import snn_delays
from snnc.conversion.checkpoints.ssm_inspired_lif import ssm_inspired_lif
from snnc.conversion.checkpoints.state import State
from snnc.errors import InputError, ModelFileError, StageError
from snnc.io.near_files import near_file
from snnc.io.tensor_file import read_arrays, read_file
from snnc.stages import FloatGraph
from snnc.text import did_you_mean, quoted

WHAT = "checkpoint"
MODEL = "model"
"""Where works that save more than a state dict put it: epoch, optimiser and the like are not read."""
Work = Callable[..., FloatGraph]
KINDS: Mapping[str, Work] = MappingProxyType(
    {
        "snn-delays": snn_delays,
        "axden-syn-delay-snn": axden,
        "ssm-inspired-lif": ssm_inspired_lif,
        "delrec": delrec,
    }
)
"""The works that are known: functions of a `State` and of parameters, which are keywords."""


def from_checkpoint(kind: str, path: str | os.PathLike[str], **parameters: Any) -> FloatGraph:
    """The network in a checkpoint of a published work. Nothing in the file is executed.

    Parameters
    ----------
    kind : "snn-delays", "axden-syn-delay-snn", "ssm-inspired-lif" or "delrec".
    path : what `torch.save` wrote of the module's `state_dict()`.
    parameters : what the file does not hold; `docs/checkpoints.md` lists them for each kind.

    Raises
    ------
    InputError
        If there is no such kind, or a parameter is missing, unknown or impossible.
    ModelFileError
        If the file holds more than tensors, or other tensors than those of this work; the text names the key.
    """
    if kind not in KINDS:
        meant = did_you_mean(kind, KINDS)
        raise InputError(
            f"checkpoints of the kind {quoted(kind)} are not known{meant}; there are {', '.join(KINDS)}"
        )
    work = KINDS[kind]
    _check_names(kind, work, parameters)
    if not Path(path).exists():
        meant = near_file(Path(path))
        raise ModelFileError(f"{path}: no such file{meant}; give a checkpoint that torch.save wrote")
    state = State(read_arrays(read_file(path, WHAT), path, WHAT), str(path)).inner(MODEL)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # the stages refuse what is not finite
            graph = work(state, **parameters)
    except StageError as error:
        raise ModelFileError(f"{path}: {error}") from error
    state.finish()
    return graph


def _check_names(kind: str, work: Work, given: Mapping[str, Any]) -> None:
    known = [each for each in inspect.signature(work).parameters.values() if each.kind is each.KEYWORD_ONLY]
    names = [each.name for each in known]
    for name in given:
        if name not in names:
            meant = did_you_mean(name, names)
            raise InputError(f"{kind} has no parameter {quoted(name)}{meant}; there are {', '.join(names)}")
    missing = [each.name for each in known if each.default is each.empty and each.name not in given]
    if missing:
        raise InputError(f"{kind}: the file does not hold {', '.join(missing)}; give them as parameters")
