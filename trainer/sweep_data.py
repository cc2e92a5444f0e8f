"""The data of a sweep, looked at before its first run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from snnc.errors import ConfigError, InputError
from snnc.trainer.data import EventDataset, load
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.recipes.untested import untested
from snnc.trainer.splitting import splits_of
from snnc.trainer.suited import unsuited

if TYPE_CHECKING:
    from snnc.trainer.sweep import SweepRun


def check_splits(runs: Sequence[SweepRun]) -> list[str]:
    """Divide the data of each run as it says, so that a wrong speaker ends no sweep in its middle.

    Notes say which settings hardly suit the data. Published data sets, whose parts are fixed, are not read.

    Raises
    ------
    InputError, ConfigError
        As the run itself would, after the name of the run.
    """
    loaded: dict[tuple[str, float], EventDataset] = {}
    notes = list[str]()
    for run in runs:
        config = run.config
        if config.dataset in PUBLISHED:
            continue
        key = config.dataset, config.bin_s
        if key not in loaded:
            loaded[key] = load(*key)
        try:
            notes.append(unsuited(splits_of(config, loaded[key]).train, config))
        except (ConfigError, InputError) as error:
            raise type(error)(f"{run.name}: {error}") from error
    return list(dict.fromkeys(filter(None, notes)))


def check_tests(runs: Sequence[SweepRun]) -> None:
    """Raise `InputError` if a run, whose test split is asked for, keeps no recording for one."""
    for run in runs:
        if (why := untested(dict(run.config))) is not None:
            raise InputError(
                f"--test: {run.name}: {why}; leave --test out, or hold out speakers to test with"
            )
