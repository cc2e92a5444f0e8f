"""`snnc inspect A B`: what files of several networks tell, side by side."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from models import ON_GOLDEN, digits_model, saved, tiny_model
from report_examples import equal

from snnc.cli import main
from snnc.cli.console import out
from snnc.cli.inspect.figures import Figures, of_model
from snnc.cli.inspect.measured_on import accuracies, validated
from snnc.cli.inspect.side_by_side import notes, tables
from snnc.exporter.artifact import read_artifact
from snnc.stages import AccuracyStage
from snnc.targets.c.emitter import table_and_state_bytes
from snnc.trainer.data import load_digits, save_events_npz

pytestmark = pytest.mark.slow
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
        ["–", each] for each in ("3, test of own.npz", "validation of own.npz", "8, validation of own.npz")
    ]


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


def test_a_program_in_c_shows_its_own_bytes_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, program = saved(tiny_model(), tmp_path), tmp_path / "tiny.c"
    assert main(["export", str(model), "--target", "c", "--no-budget", "-o", str(program), "-q"]) == 0
    tables, state = table_and_state_bytes(read_artifact(program).graph)
    capsys.readouterr()
    assert main(["inspect", str(model), str(program), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["files"][1]
    assert (made["synapse_bytes"], made["program_bytes"]) == (None, tables + state)


def test_the_bits_of_a_model_file_are_those_that_training_measured() -> None:
    """With weights in 3 and in 8 bits, `int8_final` is measured."""
    validation = {"int3_final": {"accuracy": 0.5}, "int8_final": {"accuracy": 0.75}}
    tiny = tiny_model()
    learned = {"dataset": "own", "config": {}, "time_steps": 12, "bin_s": 0.02, "quantised": {3: (), 8: ()}}
    found = of_model(SimpleNamespace(**learned, metrics={"validation": validation}), tiny)
    assert (found.validation_integers, found.validation_bits, found.weight_bits) == (0.75, 8, (3, 8))


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
    assert note.startswith("accuracies of the last reports are of different recordings")


def test_accuracies_of_other_recordings_are_no_comparison() -> None:
    a, b = Path("a"), Path("b")
    assert not list(notes({a: LARGE, b: LARGE}))
    (note,) = notes({a: LARGE, b: replace(LARGE, total=20, split="input")})
    assert note.startswith("accuracies of the last reports are of different recordings")
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
    assert note.startswith("accuracies of 'validation, integers' are of different recordings: snnc test ")
    (note,) = notes({a: one, b: replace(one, validated="cd")})
    both = "accuracies of 'validation, whole delays' and of 'validation, integers' are of different "
    assert note.startswith(both)
    (note,) = notes({a: replace(one, validation_seed=0), b: replace(one, validation_seed=1)})
    assert note.startswith("the seeds of training differ, by which recordings of speakers that are not known")


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
    assert found["notes"] == [
        "accuracies of the last reports and of 'validation, integers' are of different recordings: "
        "snnc test FILE --dataset SAME"
    ]


def test_figures_counted_on_other_inputs_are_no_comparison() -> None:
    """Golden inputs, other samples or more of them; nothing is said where one has no figures."""
    a, b = Path("a"), Path("b")
    assert not list(notes({a: LARGE, b: replace(LARGE, counted_on="")}))
    for other in ("8 golden inputs", "20 samples of input", "3 samples of test"):
        (note,) = notes({a: LARGE, b: replace(LARGE, counted_on=other)})
        assert note.startswith("operations, energy and time are counted on different inputs: snnc verify ")
        assert ("their mean can be far more than that of recordings" in note) == ("golden" in other)


def test_a_model_and_its_exports(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model has 6 and 3 neurons; 1, 5 times 5 and 18 weights; kernels of 5; 12 steps of 20 ms."""
    model, verified = saved(tiny_model(), tmp_path), tmp_path / "verified.loihi"
    shutil.copytree(tiny_artifact, verified)
    assert main(["verify", str(verified), *ON_GOLDEN, "--executors", "oracle", "-q"]) == 0
    capsys.readouterr()
    assert main(["inspect", str(model), str(tiny_artifact), str(verified), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["notes"] == [
        f"{tiny_artifact} has no report of its network yet; `snnc verify` writes one, with its accuracy"
    ]
    first, bare, full = found["files"]
    assert [each["path"] for each in found["files"]] == [str(model), str(tiny_artifact), str(verified)]
    of_model = first["neurons"], first["synapses"], first["max_delay"], first["time_steps"], first["step_s"]
    assert of_model == (9, 44, 4, 12, 0.02)
    assert (bare["target"], bare["verdict"], bare["operations"]) == ("loihi", None, None)
    manifest = json.loads((verified / "manifest.json").read_text())
    assert bare["cores"] == len(manifest["placement"])
    assert bare["weight_bits"] == sorted(set(manifest["provenance"]["weight_bits"].values()))
    report = json.loads((verified / "report.json").read_text())
    chip = report["chip"]
    assert full["verdict"] == "Bit-exact"
    assert full["counted_on"] == f"{chip['samples']} golden inputs"
    assert full["operations"] == pytest.approx(chip["workload"]["effective"] / chip["samples"])
    assert full["energy_j"] == pytest.approx(chip["energy"] / chip["samples"] / 1e15)
    assert full["latency_s"] == pytest.approx(chip["latency"] / chip["samples"] / 1e12)
    used = [int(row["synapse_bytes"].split(" / ")[0]) for row in report["resources"]]
    assert full["synapse_bytes"] == sum(used)  # all on one core


def test_what_cannot_be_read_leaves_the_table_to_the_others(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        shutil.copytree(tiny_artifact, tmp_path / name)
        (tmp_path / name / "x.py").write_text("")
    files = [str(tmp_path / "a"), str(tiny_artifact), str(tmp_path / "b")]
    assert main(["inspect", *files]) == 2
    found = capsys.readouterr()
    said = "holds code that the manifest does not list (x.py)"
    assert cells(found.out.splitlines(), "target") == ["loihi"]
    assert f"note: left out: {files[2]}: {said}" in found.out
    assert found.err.startswith(f"snnc: {files[0]}: {said}")
    assert main(["inspect", files[0], files[2], "--json", str(tmp_path / "none.json")]) == 2
    assert not (tmp_path / "none.json").exists()


def test_what_cannot_be_compared(tiny_artifact: Path, tmp_path: Path, refused) -> None:
    np.savez(tmp_path / "in.npz", spikes=np.zeros((2, 12, 5), np.uint8))
    told = refused("inspect", tiny_artifact, tmp_path / "in.npz")
    assert f"{tmp_path / 'in.npz'}: dense input spikes; several files are compared if they are model" in told
    assert "is given twice; give each file once" in refused("inspect", tiny_artifact, tiny_artifact)
    assert "none: no such file or folder" in refused("inspect", tiny_artifact, tmp_path / "none")
    (tmp_path / "b.json").write_text("{}")
    told = refused("inspect", tiny_artifact, tmp_path / "b.json", "--json", tmp_path / "b.json")
    assert "is also read or written by this command" in told
