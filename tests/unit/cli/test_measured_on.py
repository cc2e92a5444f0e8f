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
from snnc.cli.inspect.measured_on import of_report, validated
from snnc.stages import AccuracyStage
from snnc.stages.findings import Doubt
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
    assert of_report(report) == {"accuracy, quantised": f"1 of 4, {told}"}


def test_each_accuracy_has_its_own_doubt() -> None:
    """Of parts of as many recordings, and of samples of --input; a part that is held out has none."""
    report = replace(equal(), command="snnc verify a.c --input in.npz", provenance={"dataset": "own.npz"})
    stages = [AccuracyStage("quantised", split, 1, 4) for split in ("test", "validation", "input")]
    doubts = {
        "test": Doubt("a sentence", "7 of them not held out"),
        "input": Doubt("another", "some"),
    }
    assert of_report(replace(report, accuracy=tuple(stages[:2]), doubts=doubts)) == {
        "accuracy, quantised": "1 of 4, test of own.npz, 7 of them not held out",
        "accuracy, quantised, validation": "1 of 4, validation of own.npz",
        "note, test": "a sentence",
        "note, input": "another",
    }
    told = of_report(replace(report, accuracy=(stages[0],), doubts=doubts))
    assert told["accuracy, quantised"] == "1 of 4, test of own.npz, 7 of them not held out"
    told = of_report(replace(report, accuracy=(stages[2],), doubts=doubts))
    assert told["accuracy, quantised"] == "1 of 4, all of in.npz (--input), some"


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
                    "c",
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
