"""A sweep file of folds: who tests, validates and trains in each, and the settings of all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from order_task import order_task

from snnc.errors import InputError
from snnc.trainer.config import load_config
from snnc.trainer.data import EventDataset
from snnc.trainer.folds import Fold, folds_of, shared_fields, sweep_text
from snnc.trainer.sweep import load_sweep


def events_of(speakers: list[int], names: tuple[str, ...] | None = None) -> EventDataset:
    """Recordings without an event, one for each of `speakers`."""
    from dataclasses import replace

    events = order_task(len(speakers))
    return replace(events, speaker=np.array(speakers), speaker_names=names)


def test_each_source_tests_once_and_validates_for_the_fold_before() -> None:
    assert folds_of(events_of([0, 0, 1, 2, 1, 2], ("ann", "ben", "cy"))) == [
        Fold("ann", ("ann",), ("ben",)),
        Fold("ben", ("ben",), ("cy",)),
        Fold("cy", ("cy",), ("ann",)),
    ]


def test_names_that_are_no_names_of_files_are_numbered() -> None:
    for names in (("ann", "o'b", "cy"), ("ann", "Ann", "cy")):
        found = folds_of(events_of([0, 1, 2], names))
        assert [fold.name for fold in found] == ["fold-1", "fold-2", "fold-3"]
        assert [fold.test for fold in found] == [(name,) for name in names]


def test_many_sources_share_folds_of_about_as_many_recordings() -> None:
    speakers = [each for each in range(25) for _ in range(1 + each % 3)]
    found = folds_of(events_of(speakers))
    assert [fold.name for fold in found] == [f"fold-{number}" for number in range(1, 11)]
    assert sorted(each for fold in found for each in fold.test) == list(range(25))
    sizes = [sum(speakers.count(int(each)) for each in fold.test) for fold in found]
    assert (min(sizes), max(sizes)) == (4, 5)  # 49 recordings in ten folds
    assert all(not set(fold.test) & set(fold.validation) for fold in found)
    assert len(folds_of(events_of(speakers), 3)) == 3


@pytest.mark.parametrize(
    ("speakers", "count", "said"),
    [
        ([0, 0, 1], None, "recordings of 2 sources; folds need 3 at least"),
        ([0, 1, 2, -1], None, "1 recording of 4 name no source"),
        ([0, 1, 2, 3], 5, "5 folds of 4 sources; ask for 3 to 4"),
        ([0, 1, 2, 3], 2, "2 folds of 4 sources; ask for 3 to 4"),
    ],
)
def test_what_makes_no_folds(speakers: list[int], count: int | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        folds_of(events_of(speakers), count)


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"dataset": "mine.npz", "bin_s": 0.005, "hidden": [12, 8], "channel_shift": 0, "weight_bits": [8, 4]},
        {"validation": "training", "test_speakers": [3], "seed": 7, "time_steps": 90},
        {"recurrence": "axon", "neuron": "adlif", "learn_time_constants": True, "epochs": 2},
    ],
)
def test_the_runs_have_the_settings_of_the_network(overrides: dict[str, Any], tmp_path: Path) -> None:
    config = load_config("digits", overrides)
    assert shared_fields(config)[0] == "digits"
    folds = [Fold("a", ("ann",), ('b"\\',)), Fold("b", (1,), (2, 3))]
    file = tmp_path / "folds.toml"
    file.write_text(sweep_text(config, config.dataset, folds, "model.pt"))
    runs = load_sweep(file, tmp_path)
    assert [(run.config.test_speakers, run.config.validation_speakers) for run in runs] == [
        (("ann",), ('b"\\',)),
        ((1,), (2, 3)),
    ]
    of_fold = {"test_speakers", "validation_speakers", "validation", "testing", "dataset"}
    for run in runs:
        assert run.config.model_dump(exclude=of_fold) == config.model_dump(exclude=of_fold)
        assert run.config.validation == "held-out"
        assert Path(run.config.dataset).name == config.dataset
