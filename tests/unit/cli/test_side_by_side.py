"""The table of `snnc inspect A B`, and the notes on what in it is no comparison."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from models import saved, tiny_model
from order_task import own_run

from snnc.cli import main
from snnc.cli.console import out
from snnc.cli.inspect.figures import Figures, of_model
from snnc.cli.inspect.side_by_side import notes, tables
from snnc.trainer.model_file import load_model, save_model

SMALL = Figures(data="own.npz", neurons=9, synapses=44, max_delay=4, time_steps=12, step_s=0.02)


LARGE = Figures(
    data="own.npz",
    neurons=1200,
    synapses=12_000,
    max_delay=40,
    time_steps=173,
    step_s=0.007,
    weight_bits=(4, 8),
    target="loihi",
    validation_trained=0.5,
    validation_integers=0.375,
    verdict="Bit-exact",
    correct=2,
    total=3,
    split="test",
    file="own.npz",
    validation_file="own.npz",
    validation_split="validation",
    validation_total=8,
    validation_count=80,
    synapse_bytes=13_440,
    program_bytes=5000,
    cores=2,
    operations=115_720.0,
    energy_j=5.52e-6,
    latency_s=608e-6,
    counted_on="20 samples of test",
)


def printed(found: dict[Path, Figures], capsys: pytest.CaptureFixture[str]) -> list[str]:
    for table in tables(found):
        out().print(table, soft_wrap=False)
    return capsys.readouterr().out.splitlines()


def cells(rows: list[str], label: str) -> list[str]:
    (row,) = [row for row in rows if row.strip().startswith(label)]
    return re.split(r"\s{2,}", row.strip())[1:]


def test_recordings_that_trained_are_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Their accuracy says nothing of others, beside one of recordings that only validated."""
    trained = replace(LARGE, validation_trained_it=True)
    rows = printed({Path("a.pt"): LARGE, Path("b.pt"): trained}, capsys)
    both = [row for row in rows if row.strip().startswith("of recordings")]
    assert not [row for row in both if row.count("which trained it") > 1]
    assert [row for row in both if "80, validation of" in row and "which" in row]


def test_what_is_known_stands_beside_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed({Path("small.pt"): SMALL, Path("large.loihi"): LARGE}, capsys)
    assert rows[1].split() == ["small.pt", "large.loihi"]
    told = {
        "target": ["–", "loihi"],
        "accuracy, integers": ["–", "66.67 %"],
        "validation, whole delays": ["–", "50.00 %"],
        "validation, integers": ["–", "37.50 %"],
        "weight bits": ["–", "4, 8"],
        "neurons": ["9", "1,200"],
        "synapses": ["44", "12,000"],
        "synapse bytes, chip estimate": ["–", "13,440"],
        "table and state bytes, no code": ["–", "5,000"],
        "cores": ["–", "2"],
        "steps": ["12 of 20 ms", "173 of 7 ms"],
        "longest delay": ["4 steps, 80 ms", "40 steps, 280 ms"],
        "synaptic operations": ["–", "115,720"],
        "energy, estimate": ["–", "5.52 µJ"],
        "time, estimate": ["–", "608 µs"],
        "counted on": ["–", "20 samples of test"],
    }
    assert {label: cells(rows, label) for label in told} == told
    of = [re.split(r"\s{2,}", row.strip())[1:] for row in rows if row.strip().startswith("of recordings")]
    assert of == [
        ["–", each]
        for each in ("3, test of own.npz", "80, validation of own.npz", "8, validation of own.npz")
    ]


def test_the_recordings_of_training_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Speaker 7 of ten validates, 4 of 40 recordings; a file of an earlier release does not say it."""
    own_run(tmp_path, dataset=str(tmp_path / "order.npz"), epochs=1, finetune_epochs=0)
    assert main(["train", str(tmp_path / "mine.toml"), "-o", str(tmp_path / "m.pt")]) == 0
    model = load_model(tmp_path / "m.pt")
    data = {name: each for name, each in model.metrics["data"].items() if name != "validation"}
    save_model(replace(model, metrics={**model.metrics, "data": data}), tmp_path / "old.pt")
    export = ["export", str(tmp_path / "m.pt"), "-t", "c", "--no-budget", "-o", str(tmp_path / "m.c")]
    assert main(export) == 0
    capsys.readouterr()
    files = [str(tmp_path / name) for name in ("m.pt", "old.pt", "m.c")]
    assert main(["inspect", *files, "--json"]) == 0
    counts = [each["validation_count"] for each in json.loads(capsys.readouterr().out)["files"]]
    assert counts == [4, None, 4]
    found = [of_model(each, each) for each in (model, load_model(tmp_path / "old.pt"))]
    rows = printed({Path("m.pt"): found[0], Path("old.pt"): found[1]}, capsys)
    of = [re.split(r"\s{2,}", row.strip())[1:] for row in rows if row.strip().startswith("of recordings")]
    assert len(of) == 2
    for first, second in of:
        assert first.startswith("4, validation of")
        assert second.startswith("number not kept,")
    for name, ends in (("m.pt", " % of 4 recordings"), ("old.pt", " %")):
        assert main(["inspect", str(tmp_path / name)]) == 0
        stages = [each for each in capsys.readouterr().out.splitlines() if each.startswith("validation, ")]
        assert len(stages) > 3
        assert all(each.endswith(ends) for each in stages)


@pytest.mark.parametrize(
    ("bits", "of", "told"),
    [((3, 8), 8, "89.80 % (8 bits)"), ((8,), 8, "89.80 %"), ((3, 8), None, "89.80 %")],
)
def test_integers_of_several_bits_say_which_were_measured(
    bits: tuple[int, ...], of: int | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export, the last case, measures its own, whatever its layers have."""
    model = replace(SMALL, weight_bits=bits, validation_integers=0.898, validation_bits=of)
    rows = printed({Path("m.pt"): model, Path("a.pt"): SMALL}, capsys)
    assert cells(rows, "validation, integers") == [told, "–"]


def test_an_accuracy_on_recordings_that_chose_the_integers_is_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = {Path("plain.c"): LARGE, Path("small.c"): replace(LARGE, chosen_by=("--max-drop",))}
    assert cells(printed(found, capsys), "validation, integers") == ["37.50 %", "37.50 % *"]
    assert list(notes(found)) == [
        "* small.c: these recordings chose its integers (--max-drop), so this accuracy is optimistic: "
        "snnc test small.c"
    ]


def test_rows_that_nobody_knows_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed({Path("a.pt"): SMALL, Path("b.pt"): SMALL}, capsys)
    assert [row.split("  ")[0].strip() for row in rows[3:-1]] == [
        "data",
        "neurons",
        "synapses",
        "steps",
        "longest delay",
    ]


def test_a_screen_of_80_columns_holds_three_files_and_the_fourth_follows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = {Path(f"folder/long_name_{number}.loihi"): LARGE for number in range(4)}
    rows = printed(found, capsys)
    assert max(map(len, rows)) <= 80
    assert [len(re.findall("Bit-exact", row)) for row in rows if "last report" in row] == [3, 1]


def test_recordings_are_compared_by_their_fingerprints() -> None:
    """Those of another file may be the same, and as many of the same file others."""
    a, b = Path("a"), Path("b")
    one = replace(LARGE, recordings="abcd")
    assert not list(notes({a: one, b: replace(one, data="all.npz", validation_file="all.npz")}))
    (note,) = notes({a: one, b: replace(one, recordings="ef01")})
    assert note.startswith("the row 'accuracy, integers' compares accuracies of different recordings")


def test_samples_of_users_may_be_the_same_and_are_verified() -> None:
    """Given as a file and as an array, they have two names, and `snnc test` takes none of these exports."""
    a, b = Path("a"), Path("b")
    own = replace(LARGE, data="none", recordings="", split="input")
    (note,) = notes({a: own, b: replace(own, split="all of eva.npz")})
    assert note == (
        "the row 'accuracy, integers' compares accuracies of recordings that may be different: snnc verify "
        "FILE --input SAME"
    )


def test_accuracies_of_other_recordings_are_no_comparison() -> None:
    a, b = Path("a"), Path("b")
    assert not list(notes({a: LARGE, b: LARGE}))
    (note,) = notes({a: LARGE, b: replace(LARGE, total=20, split="input")})
    assert note.startswith("the row 'accuracy, integers' compares accuracies of different recordings")
    (note,) = notes({a: LARGE, b: replace(LARGE, total=None, verdict=None)})
    assert note.startswith("b has no report of its network yet; `snnc verify` writes one")


def test_accuracies_of_validation_on_other_recordings_are_no_comparison() -> None:
    """Of training by its data, of an export by what it measured; a part of training's own is no other."""
    a, b, c = Path("a"), Path("b"), Path("c")
    one = replace(LARGE, validated="ab", correct=None, total=None, split=None, verdict="Bit-exact")
    given = replace(one, validation_file="few.npz")
    assert not list(
        notes({a: one, b: replace(one, validation_total=5), c: replace(one, validation_split=None)})
    )
    (note,) = notes({a: one, b: given})
    assert note.startswith(
        "the row 'validation, integers' compares accuracies of different recordings: snnc "
    )
    (note,) = notes({a: one, b: replace(one, validated="cd")})
    both = "the rows 'validation, whole delays' and 'validation, integers' compare accuracies of different "
    assert note.startswith(both)
    assert "recordings (where called alike: a file changed or was divided otherwise): snnc test " in note
    measured = {"correct": 3, "total": 4, "split": "test", "recordings": "abcd"}
    other = replace(one, **measured | {"recordings": "ef01"}, validated="cd")
    (note,) = notes({a: replace(one, **measured), b: other})
    three = "'accuracy, integers', 'validation, whole delays' and 'validation, integers'"
    assert note.startswith(f"the rows {three} compare accuracies of different recordings (where ")
    (note,) = notes({a: one, b: replace(one, validated="cd", validation_count=55, validation_total=5)})
    assert "called alike" not in note
    (note,) = notes({a: replace(one, validation_seed=0), b: replace(one, validation_seed=1)})
    assert note.startswith("the seeds of training differ, by which recordings of speakers that are not known")


def test_recordings_that_validated_are_compared_and_not_how_they_were_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default speaker 7 of ten validates, and 8 and 9 test; a seed draws none of them."""
    monkeypatch.chdir(tmp_path)
    short = {"epochs": 1, "finetune_epochs": 0}
    held = {"default": {}, "named": {"validation_speakers": [7], "test_speakers": [8, 9]}}
    held |= {"seeded": {"seed": 4}, "others": {"validation_speakers": [6], "test_speakers": [8, 9]}}
    for name, rules in held.items():
        own_run(tmp_path, **short | rules)
        assert main(["train", "mine.toml", "-o", f"{name}.pt", "-q"]) == 0

    def told(*files: str) -> list[str]:
        capsys.readouterr()
        assert main(["inspect", *files, "--json"]) == 0
        return json.loads(capsys.readouterr().out)["notes"]

    assert told("default.pt", "named.pt", "seeded.pt") == []
    assert "compare accuracies of different recordings" in told("named.pt", "others.pt")[0]
    model = load_model(Path("others.pt"))
    data = {name: each for name, each in model.metrics["data"].items() if name != "validated"}
    save_model(
        replace(model, metrics={**model.metrics, "data": data}), Path("old.pt")
    )  # of an earlier release
    assert told("old.pt", "others.pt") == []
    assert "compare accuracies of different recordings" in told("old.pt", "default.pt")[0]


def test_figures_counted_on_other_inputs_are_no_comparison() -> None:
    """Golden inputs, other samples or more of them; nothing is said where one has no figures."""
    a, b = Path("a"), Path("b")
    assert not list(notes({a: LARGE, b: replace(LARGE, counted_on="")}))
    for other in ("8 golden inputs", "20 samples of input", "3 samples of test"):
        (note,) = notes({a: LARGE, b: replace(LARGE, counted_on=other)})
        assert note.startswith("operations, energy and time are counted on different inputs: snnc verify ")
        assert ("their mean can be far more than that of recordings" in note) == ("golden" in other)


def test_a_report_without_the_program_of_the_target_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    model = saved(tiny_model(), tmp_path)
    for name, executors in (("whole.c", "c"), ("part.c", "hwsim")):
        assert main(["export", str(model), "--target", "c", "--no-budget", "-o", name]) == 0
        quick = ["--dataset", "none", "--generated", "0", "--allow-missing"]
        assert main(["verify", name, *quick, "--executors", executors]) == 0
    capsys.readouterr()
    assert main(["inspect", "whole.c", "part.c"]) == 0
    said = capsys.readouterr().out
    assert "part.c: the program for c did not run (its executor c was not asked for)" in said
    assert "whole.c: the program" not in said
