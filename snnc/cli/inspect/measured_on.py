"""The recordings that an accuracy is of: their file, and which of it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from snnc.provenance import sha256

if TYPE_CHECKING:
    from snnc.stages import Report
    from snnc.stages.findings import Doubt
    from snnc.trainer.model_file import AnyModel

INPUT = "input"
"""The part that `snnc verify --input` makes of a file."""
_RULES = ("validation", "testing", "validation_speakers", "test_speakers")


def recordings(split: str, file: str) -> str:
    """As "test of own.npz"; the part of a `file` that is not known, alone."""
    if not file or split.startswith("all of "):
        return split if not file else f"all of {file}"
    return f"all of {file} (--input)" if split == INPUT else f"{split} of {file}"


def file_of(report: Report, split: str) -> str:
    """The file of the recordings of `split`: what the report's command named, else the network's own data."""
    from snnc.stages.trained import NO_DATA

    try:
        words = shlex.split(report.command)
    except ValueError:  # of a stranger's report
        words = []
    named = dict(pairwise(words))
    own = str(report.provenance.get("dataset", NO_DATA))
    found = named.get("--input", "") if split == INPUT else named.get("--dataset", own)
    return "" if found == NO_DATA else found


def of_report(report: Report) -> dict[str, object]:
    """Of each stage how many recordings are right, of how many of which; then why that may say too much, and
    which populations are silent."""
    from snnc.report.coverage import silent
    from snnc.report.glossary import stage_words

    told: dict[str, object] = {}
    for each in report.accuracy:
        name = f"accuracy, {stage_words(each.stage)}"
        which = doubted(recordings(each.split, file_of(report, each.split)), report.doubts.get(each.split))
        several = f", {each.split}" if name in told else ""
        told[f"{name}{several}"] = f"{each.correct} of {each.total}, {which}"
    doubts = {f"note, {split}": doubt.text for split, doubt in report.doubts.items()}
    return told | doubts | ({"silent": quiet} if (quiet := silent(report)) else {})


def doubted(which: str, doubt: Doubt | None) -> str:
    """`which` recordings with their `doubt` in short, as "test of own.npz, not the file of training"."""
    return ", ".join(filter(None, (which, "" if doubt is None else doubt.short)))


def validation_count(metrics: Mapping[str, Any]) -> int | None:
    """How many recordings validated in the training of these `metrics`; None in files of earlier releases."""
    data = metrics.get("data")
    count = data.get("validation") if isinstance(data, Mapping) else None
    return count if isinstance(count, int) else None


def fingerprint_of(metrics: Mapping[str, Any]) -> str:
    """That of the recordings which validated in training, "" in files of earlier releases."""
    from snnc.trainer.other_data import VALIDATED

    data = metrics.get("data")
    found = data.get(VALIDATED) if isinstance(data, Mapping) else None
    return found if isinstance(found, str) else ""


def trained_it(model: AnyModel) -> bool:
    """Whether the recordings that validated are those that trained: they say nothing of others."""
    return model.config.get("validation") == "training"


def validated(model: AnyModel) -> tuple[str, int | None]:
    """A fingerprint of what validated in training, and the seed if that may have divided the recordings.

    It did in a file that names too few speakers, which a model does not tell.
    """
    from snnc.cli.train_data import FILES

    data, config = model.metrics.get("data"), model.config
    known = data.get("sha256") if isinstance(data, Mapping) else None
    rules = {name: config.get(name) for name in _RULES}
    said = sorted((name, rule) for name, rule in rules.items() if rule and rule != "held-out")
    key = sha256(json.dumps([str(known or model.dataset), said], default=str).encode())[:16]
    by_name = config.get("validation_speakers") or config.get("test_speakers")
    drawn = not by_name and model.dataset.lower().endswith(FILES)
    seed = config.get("seed")
    return key, seed if drawn and isinstance(seed, int) else None
