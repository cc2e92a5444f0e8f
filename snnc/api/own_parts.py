"""Recordings of the parts of training, found among those that are to fine-tune."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.stages import TrainedGraph, TrainedModel
from snnc.stages.trained import NO_DATA
from snnc.trainer.config import make_config
from snnc.trainer.fingerprints import fingerprints_of
from snnc.trainer.other_data import own_parts
from snnc.trainer.seen import names_of_sources

NAMES = ("train", "validation", "test")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OwnParts:
    """Fingerprints of each part of training, and names of those who speak in the test part alone."""

    prints: Mapping[str, frozenset[str]]
    test_speakers: frozenset[str]

    def sorted(
        self, prints: Sequence[str], speakers: Sequence[str], validates: Mask
    ) -> tuple[Mask, Mask, Mask]:
        """Which of some recordings train, validate and are kept out; `validates`: by the rules of their data.

        Those of training are in the part that they were in; who speaks in the test part is kept out.
        """
        within = {
            name: np.array([each in known for each in prints], bool) for name, known in self.prints.items()
        }
        test = within["test"] & ~within["train"] & ~within["validation"]
        test |= np.array([bool(each) and each in self.test_speakers for each in speakers], bool)
        validation = (validates | within["validation"]) & ~within["train"] & ~test
        return ~(validation | test), validation, test


def parts_of_training(model: TrainedModel | TrainedGraph, near: Path | None) -> OwnParts | None:
    """Those of the data of `model`, looked for in `near`, too; None if they cannot be read any more."""
    config = make_config(model.config, "the model's configuration")
    names = NAMES[:2] if config.tests_nobody else NAMES
    found = own_parts(model, config, names, near)
    if found is None:
        return None
    parts = dict(zip(names, found, strict=True))
    spoken = {name: frozenset(names_of_sources([part])) for name, part in parts.items()}
    prints = {name: frozenset(fingerprints_of(model, part)) for name, part in parts.items()}
    of_test = spoken.get("test", frozenset()) - spoken["train"] - spoken["validation"]
    return OwnParts({"test": frozenset(), **prints}, of_test)


def has_parts(model: TrainedModel | TrainedGraph) -> bool:
    """Whether it was trained on recordings of which some may test."""
    return bool(model.config) and model.dataset != NO_DATA and "data" in model.metrics
