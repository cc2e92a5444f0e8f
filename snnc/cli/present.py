"""Files that a command is to read and that are not there: told before anything heavy is loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from snnc.errors import MissingFileError
from snnc.io.near_files import is_missing, near_file
from snnc.text import did_you_mean

MODEL = "no such file; `snnc train` writes a model file"
ARTIFACT = "no such artifact; make one with `snnc export`"
TESTED = f"{MODEL}, `snnc export` the folder of an artifact"
TRACE, ANY = "no such file; `snnc run --trace` writes one", "no such file; check the path"
EITHER = "no such file or folder; check the path"
SWEEP = "no such file; docs/ablation.md shows one"
CHECKPOINT = "no such file; give a checkpoint that torch.save wrote"
NEEDED: Mapping[str, Mapping[str, str]] = {
    "encode": {"folder": "no such folder; check the path"},
    "sweep": {"file": SWEEP},
    "folds": {"model": MODEL},
    "export": {"model": MODEL, "expect": ANY},
    "check": {"model": MODEL, "expect": ANY},
    "targets": {"model": MODEL},
    "test": {"model": TESTED},
    "verify": {"artifact": ARTIFACT, "inputs": ANY},
    "run": {"artifact": ARTIFACT, "inputs": ANY},
    "chip": {"artifact": ARTIFACT, "inputs": ANY},
    "place": {"artifact": ARTIFACT},
    "compare": {"expected": TRACE, "found": TRACE, "artifact": ARTIFACT},
    "inspect": {"path": EITHER, "others": EITHER},
}
"""By command and parameter, what is said of a path that leads nowhere."""
DATA = (".npz", ".h5", ".hdf5")
"""Endings of --dataset that are of files; anything else may be a name."""


def check_present(name: str, given: Mapping[str, object]) -> None:
    """Raise `MissingFileError` if a file that the command `name` is to read is not there.

    A target that nobody knows is told first, as `InputError`. What is there, or cannot be looked for, is the
    command's to judge.
    """
    _check_target(given.get("target"))
    for parameter, said in NEEDED.get(name, {}).items():
        value = given.get(parameter)
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, Path) and is_missing(path) and not (parameter == "inputs" and _named(path)):
                if given.get("checkpoint") and parameter == "model":
                    said = CHECKPOINT
                raise _error(path, said)
    if name == "train":
        _check_configuration(str(given.get("config")))
    dataset = given.get("dataset")
    if isinstance(dataset, str) and dataset.lower().endswith(DATA) and is_missing(Path(dataset)):
        raise _error(Path(dataset), ANY)


def _check_target(spec: object) -> None:
    """One that nobody knows is told, with what was meant, before a file is looked for."""
    if not isinstance(spec, str):
        return
    from snnc.targets.registry import BUILT_IN, check_known, targets

    name = spec.partition(":")[0]
    if name not in BUILT_IN:
        check_known(name, targets())


def _check_configuration(config: str) -> None:
    """There is such a preset, or a file: what is in it, `load_config` judges."""
    from snnc.cli.completion import preset_names

    known = preset_names("")
    if config in known or not is_missing(Path(config)):
        return
    listed = ", ".join(known)
    meant = did_you_mean(config.removesuffix(".toml"), known)
    if config.endswith(".toml"):
        meant = meant or near_file(Path(config))
        raise MissingFileError(f"{config}: no such file{meant}; give a preset ({listed}) or your own")
    if Path(config).suffix or os.sep in config:  # of no preset's name
        raise _error(Path(config), "no such folder; check the path" if config.endswith(os.sep) else ANY)
    raise MissingFileError(
        f"preset '{config}' does not exist{meant}; choose one of {listed}, or give a .toml file or data"
    )


def _error(path: Path, said: str) -> MissingFileError:
    """`said` of `path`, with the name that was meant before the remedy."""
    what, _, remedy = said.partition("; ")
    return MissingFileError(f"{path}: {what}{near_file(path)}; {remedy}")


def _named(path: Path) -> bool:
    """Whether these are data that need no file, where a command takes both."""
    from snnc.trainer.data import NAMED

    return str(path) in NAMED
