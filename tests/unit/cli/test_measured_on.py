"""Which recordings an accuracy of `snnc inspect` is of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from models import digits_model, saved, tiny_model
from report_examples import equal

from snnc.cli import main
from snnc.cli.inspect.figures import of_model
from snnc.cli.inspect.measured_on import accuracies, validated
from snnc.stages import AccuracyStage
from snnc.trainer.data import load_digits, save_events_npz


def test_the_bits_of_a_model_file_are_those_that_training_measured() -> None:
    """With weights in 3 and in 8 bits, `int8_final` is measured."""
    validation = {"int3_final": {"accuracy": 0.5}, "int8_final": {"accuracy": 0.75}}
    tiny = tiny_model()
    learned = {"dataset": "own", "config": {}, "time_steps": 12, "bin_s": 0.02, "quantised": {3: (), 8: ()}}
    found = of_model(SimpleNamespace(**learned, metrics={"validation": validation}), tiny)
    assert (found.validation_integers, found.validation_bits, found.weight_bits) == (0.75, 8, (3, 8))


@pytest.mark.parametrize(
    ("command", "split", "told"),
    [
        ("snnc verify a.c --samples 20", "test (speakers unknown)", "test (speakers unknown) of own.npz"),
        ("snnc verify a.c --dataset 'x/my few.npz'", "all of my few.npz", "all of x/my few.npz"),
        ("snnc verify a.c --dataset few.npz", "test", "test of few.npz"),
        ("snnc verify a.c --input more.npz", "input", "all of more.npz (--input)"),
        ("snnc verify a.c --input more.npz", "test", "test of own.npz"),
        ("", "input", "input"),
        ("snnc verify 'a.c --dataset", "test", "test of own.npz"),
    ],
)
def test_an_accuracy_names_the_file_that_it_is_of(command: str, split: str, told: str) -> None:
    report = replace(equal(), command=command, provenance={"dataset": "own.npz"})
    report = replace(report, accuracy=(AccuracyStage("quantised", split, 1, 4),))
    assert accuracies(report) == {"accuracy, quantised": f"1 of 4, {told}"}


SEEN = "5 of them are, in steps of 10 ms (3 event by event), "
CHANGED = "another SHA-256"


@pytest.mark.parametrize(
    ("note", "doubt"),
    [
        (f"40 of 200 recordings of own.npz, not the file of training ({CHANGED}): test, by the rules; "
         "whether its recordings trained the network is not known (the data are not here)",
         "not the file of training"),
        (f"40 of 200 recordings of own.npz; {SEEN}recordings that trained or validated the network, "
         "2 that the export chose its bits or scales by, so accuracy is optimistic",
         "7 of them not held out"),
        ("40 of 40 recordings of few.npz; 1 of them is a recording that trained or validated the network, "
         "so accuracy is optimistic",
         "1 of them not held out"),
        ("40 of 40 recordings of few.npz; whether its recordings trained the network is not known (the data "
         "of training are not here)",
         "not known to be held out"),
        ("3 recordings of test are, event by event, among those that train: accuracy on test is optimistic",
         "not all held out"),
        ("40 of 40 recordings of few.npz; none of them trained or validated the network, compared event by "
         "event and in steps of 10 ms",
         ""),
        ("20 of 200 recordings of own.npz, not the file of training: train, by the rules", ""),
        ("labels and accuracy are of the readout out, the first", ""),
    ],
)  # fmt: skip
def test_an_accuracy_says_what_part_its_recordings_had_in_the_network(note: str, doubt: str) -> None:
    report = replace(equal(), command="snnc verify a.c", provenance={"dataset": "own.npz"}, notes=(note,))
    report = replace(report, accuracy=(AccuracyStage("quantised", "test", 1, 40),))
    assert accuracies(report) == {
        "accuracy, quantised": f"1 of 40, test of own.npz{', ' * bool(doubt)}{doubt}",
        **({"note, test": note} if doubt else {}),
    }


def test_each_accuracy_has_its_own_note() -> None:
    """Of parts of as many recordings, and of samples of --input."""
    parts = [f"4 of 12 recordings of own.npz, not the file of training: {part}, by the rules" for part in
             ("train", "validation", "test")]  # fmt: skip
    given = "the samples are those that the model was trained on (train 4), so accuracy is optimistic"
    report = replace(equal(), command="snnc verify a.c --input in.npz", provenance={"dataset": "own.npz"})
    stages = (AccuracyStage("quantised", "test", 1, 4), AccuracyStage("quantised", "input", 1, 4))
    told = accuracies(replace(report, accuracy=stages, notes=(*parts, f"input: {given}")))
    assert told["accuracy, quantised"] == "1 of 4, all of in.npz (--input), not all held out"
    assert (told["note, test"], told["note, input"]) == (parts[2], given)


def test_what_validated_in_training_is_known_by_data_and_rules() -> None:
    def of(seed: int = 0, sha256: str = "ab", **rules: object) -> tuple[str, int | None]:
        metrics = {"data": {"sha256": sha256}}
        return validated(SimpleNamespace(dataset="own.npz", metrics=metrics, config={"seed": seed, **rules}))

    assert of() == of(validation="held-out", testing="held-out", validation_speakers=[], test_speakers=[])
    assert of()[0] == of(seed=1)[0]
    assert (of()[1], of(seed=1)[1]) == (0, 1)
    assert of()[0] not in (of(sha256="cd")[0], of(validation="training")[0])
    assert of(validation_speakers=[2], test_speakers=[3])[1] is None
    assert validated(digits_model())[1] is None  # all of its speakers are known


def test_recordings_of_another_file_are_named_by_the_export(tmp_path: Path, capsys) -> None:
    """Both by what the export measured, and by the last report."""
    model, own = saved(digits_model(), tmp_path), tmp_path / "own.c"
    data = load_digits()
    few = tmp_path / "few.npz"
    save_events_npz(data.select(np.arange(0, len(data), 3)), few)
    for artifact, given in ((own, []), (tmp_path / "few.c", ["--dataset", str(few)])):
        assert main(["export", str(model), "-t", "c", "-o", str(artifact), *given, "-q"]) == 0
        assert (
            main(
                [
                    "verify",
                    str(artifact),
                    "--executors",
                    "oracle",
                    "--generated",
                    "0",
                    "--samples",
                    "1",
                    *given,
                    "-q",
                ]
            )
            == 0
        )
    capsys.readouterr()
    assert main(["inspect", str(own), str(tmp_path / "few.c"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in found["files"]] == ["digits", str(few)]
    assert [each["validation_file"] for each in found["files"]] == ["digits", "few.npz"]
    assert [each["validated"] for each in found["files"]] == [found["files"][0]["validated"]] * 2
    different, *doubts = found["notes"]
    assert different == (
        "the rows 'accuracy, integers' and 'validation, integers' compare accuracies of different "
        "recordings: snnc test FILE --dataset SAME"
    )
    rows = [f"{tmp_path / 'few.c'}: {row}, integers: " for row in ("accuracy", "validation")]
    assert [each.startswith(row) for each, row in zip(doubts, rows, strict=True)] == [True, True]
    assert all("is not known (the data of training" in each for each in doubts)
