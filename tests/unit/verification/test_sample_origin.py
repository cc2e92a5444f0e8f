"""Whether the sources of samples that a user gives trained the network: known by their names alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from order_task import config, later_task, order_task

import snnc
from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.trainer.data import load_events_npz, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.verification.sample_origin import strangers

ALONE = ("--executors", "oracle", "--allow-missing", "--generated", "0", "--dataset", "none", "-q")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of speakers a to h, who train and validate, and i and j, who test."""
    place = tmp_path_factory.mktemp("named")
    save_events_npz(replace(order_task(40), speaker_names=tuple("abcdefghij")), place / "named.npz")
    told = config(dataset=str(place / "named.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), place / "named.pt")
    snnc.load(place / "named.pt").export("c", place / "named.c")
    return place / "named.c"


@pytest.mark.filterwarnings("ignore::snnc.errors.UnlikelyWarning")
@pytest.mark.parametrize(
    ("names", "strangers", "said"),
    [
        (tuple("klmnop"), True, "none of them trained or validated the network."),
        (tuple("klmniJ"), True, "none of them trained or validated the network."),
        (tuple("klAmno"), False, "they may have trained or validated the network, too."),
        (None, None, "it is not known whether they trained the network, too."),
    ],
)
def test_whether_sources_trained_is_told_of_a_given_file(
    artifact: Path, tmp_path: Path, names: tuple[str, ...] | None, strangers: bool | None, said: str
) -> None:
    save_events_npz(replace(later_task(), speaker_names=names), tmp_path / "new.npz")
    place = tmp_path / "told"
    given = str(tmp_path / "new.npz")
    assert main(["verify", str(artifact), "-i", given, "-o", str(place), *ALONE]) == 0
    told = json.loads((place / "report.json").read_text())
    assert told["confusion"].get("strangers") is strangers  # JSON leaves None out
    assert f"(field <code>speaker</code>); {said}" in (place / "report.html").read_text()
    found = snnc.load(artifact).verify(
        data=tmp_path / "new.npz", executors=["oracle"], generated=0, allow_missing=True, verbose=False
    )
    assert found.report.confusion.strangers is strangers


@pytest.mark.filterwarnings("ignore::snnc.errors.UnlikelyWarning")
def test_recordings_of_training_under_other_names_are_of_nobody_new(artifact: Path, tmp_path: Path) -> None:
    """Their names alone would say so, beside the note that they trained."""
    save_events_npz(replace(order_task(40), speaker_names=tuple("klmnopqrst")), tmp_path / "new.npz")
    assert main(["verify", str(artifact), "-i", str(tmp_path / "new.npz"), "-o", str(tmp_path), *ALONE]) == 0
    told = json.loads((tmp_path / "report.json").read_text())
    assert "recordings that trained or validated the network, so accuracy is optimistic" in told["notes"][0]
    assert "strangers" not in told["confusion"]
    found = snnc.load(artifact).verify(
        data=tmp_path / "new.npz", executors=["oracle"], generated=0, allow_missing=True, verbose=False
    )
    assert found.report.confusion.strangers is None


def test_fine_tuning_keeps_no_names(artifact: Path, tmp_path: Path) -> None:
    """So it is not known whether new sources had a part in it."""
    save_events_npz(replace(later_task(), speaker_names=tuple("klmnop")), tmp_path / "new.npz")
    new, more = load_events_npz(tmp_path / "new.npz"), replace(later_task(), speaker_names=tuple("qrstuv"))
    loaded = read_artifact(artifact)
    assert strangers(loaded, more, False) is strangers(loaded, new, False) is True
    network, how = snnc.load(artifact.parent / "named.pt"), {"epochs": 4, "learning_rate": 0.05}
    tuned = snnc.finetune(network, str(tmp_path / "new.npz"), target="c", verbose=False, **how)
    assert tuned.finetuned.changed
    assert strangers(tuned.export("c", tmp_path / "tuned.c", budget=False).artifact, more, False) is None
