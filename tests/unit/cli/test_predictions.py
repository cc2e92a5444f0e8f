"""What `snnc run` tells of a whole file, and its table of predictions."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from models import saved, tiny_model
from order_task import order_task

from snnc.cli import main
from snnc.cli.predictions import summary
from snnc.exporter.artifact import read_artifact
from snnc.trainer.data import save_events_npz
from snnc.trainer.integer_model import run_graph
from snnc.verification.sample_origin import Parts

SCORES = ["score", "second", "second_score"]

CHANGED = {"verify": ("--dataset", "none", "--executors", "oracle", "--generated", "0")}
"""What a command takes besides, where the data of training changed."""


def test_counts_and_shares_by_hand():
    predicted, labels = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0])
    parts = Parts({"train": np.array([0, 1, 2]), "test": np.array([3, 4])})
    assert summary(("a", "b"), predicted, labels, parts) == [
        "of these, test: 2 samples, accuracy 50.00 % (1 of 2)",
        "of these, train: 3 samples, accuracy 66.67 % (2 of 3)",
        "class a: right in test 0 of 1, train 1 of 1; predicted 2 times",
        "class b: right in test 1 of 1, train 1 of 2; predicted 3 times",
    ]
    assert summary(("a", "b"), predicted, labels, None) == [
        "class a: predicted 2 times, 1 of 2 labelled so are right",
        "class b: predicted 3 times, 2 of 3 labelled so are right",
    ]
    assert summary(("a", "b"), predicted, None, Parts({}, "others")) == [
        "the samples are others",
        "class a: predicted 2 times",
        "class b: predicted 3 times",
    ]
    assert parts.names(5) == ["train", "train", "train", "test", "test"]
    many = summary([str(n) for n in range(50)], predicted, None, None)
    assert len(many) == 41
    assert many[-1] == "10 classes more, not listed"


@pytest.fixture
def spikes(tmp_path, tiny_artifact):
    """The file, what is predicted, and the names of classes."""
    graph = read_artifact(tiny_artifact).graph
    spikes = (np.random.default_rng(1).random((25, 12, 5)) < 0.4).astype(np.uint8)
    labels = np.arange(25) % len(graph.class_names)
    np.savez(tmp_path / "spikes.npz", spikes=spikes, labels=labels, dt=0.02)
    np.savez(tmp_path / "bare.npz", spikes=spikes)
    return labels, run_graph(graph, spikes).readout.argmax(1), graph.class_names


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_files_are_there_before_anything_is_printed(tiny_artifact, tmp_path, spikes, monkeypatch):
    """Whoever reads what is printed may close the pipe, which ends the command."""
    written = [tmp_path / "out.csv", tmp_path / "out.npz"]

    def lines(*_args):
        yield ", ".join(each.name for each in written if each.exists())
        raise BrokenPipeError

    monkeypatch.setattr("snnc.cli.predictions.sample_lines", lines)
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "-o", str(written[1])]
    main([*command, "--predictions", str(written[0])])
    assert len(rows(written[0])) == 26
    assert written[1].exists()


def test_a_row_for_each_sample(tiny_artifact, tmp_path, spikes, capsys):
    table = tmp_path / "out.csv"
    command = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz"), "--predictions", str(table)]
    assert main(command) == 0
    header, *found = rows(table)
    assert header == ["sample", "label", "predicted", "correct", *SCORES]
    labels, _, names = spikes
    assert [row[:2] for row in found] == [[str(n), names[label]] for n, label in enumerate(labels)]
    assert {row[3] for row in found} <= {"true", "false"}
    assert all((row[1] == row[2]) == (row[3] == "true") for row in found)
    lines = capsys.readouterr().out.splitlines()
    assert lines[10] == "15 samples more, not listed; --rows 0 lists all"
    right = sum(row[3] == "true" for row in found)
    assert lines[-2].startswith("computed by hwsim; --executor ")
    assert lines[-3].startswith("note: no sources are named (field `speaker`)")
    assert lines[-4].startswith(f"{right} of 25 as labelled: {4 * right}.00 %, 95 % interval ")
    assert lines[-1] == f"wrote {table}"
    often = [sum(row[2] == name for row in found) for name in names]
    told = ["once" if count == 1 else f"{count} times" for count in often]
    counts = [f"class {name}: predicted {count}" for name, count in zip(names, told, strict=True)]
    assert [line.partition(",")[0] for line in lines[11:-4]] == counts
    assert lines[0] == f"sample 0: {found[0][2]} (labelled {found[0][1]})"
    assert main(["inspect", str(table)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{table}: predictions of `snnc run`, a row for each recording"
    assert told[1:3] == ["recordings: 25", f"right: {right} of 25 with a label"]
    assert main(["train", str(table)]) == 2
    assert "predictions of `snnc run`" in capsys.readouterr().err


def test_the_scores_of_the_class_and_of_the_next_one(tiny_artifact, tmp_path, spikes):
    """Clause 7, softmax: of each step the share of a class, summed over the steps."""
    table, told = tmp_path / "out.csv", tmp_path / "out.json"
    given = ["run", str(tiny_artifact), "-i", str(tmp_path / "spikes.npz")]
    assert main([*given, "--predictions", str(table), "--json", str(told)]) == 0
    graph = read_artifact(tiny_artifact).graph
    powers = np.exp(
        run_graph(graph, np.load(tmp_path / "spikes.npz")["spikes"]).readout * graph.readout_scale
    )
    scores = (powers / powers.sum(axis=2, keepdims=True)).sum(axis=1)
    found, names = rows(table)[1:], spikes[2]
    assert [float(row[4]) for row in found] == pytest.approx(scores.max(axis=1))
    assert [float(row[6]) for row in found] == pytest.approx(np.sort(scores)[:, -2])
    assert all(row[2] != row[5] for row in found)
    second = [names.index(row[5]) for row in found]
    assert scores[np.arange(25), second] == pytest.approx(np.sort(scores)[:, -2])
    (readout,) = json.loads(told.read_text())["readouts"]
    assert readout["second"] == second
    assert readout["second_names"] == [row[5] for row in found]
    assert [readout["scores"], readout["second_scores"]] == [[float(row[n]) for row in found] for n in (4, 6)]


def test_without_labels_two_columns_are_empty(tiny_artifact, tmp_path, spikes, capsys):
    table = tmp_path / "out.csv"
    assert (
        main(["run", str(tiny_artifact), "-i", str(tmp_path / "bare.npz"), "--predictions", str(table)]) == 0
    )
    assert {(row[1], row[3]) for row in rows(table)[1:]} == {("", "")}
    capsys.readouterr()
    assert main(["inspect", str(table)]) == 0
    assert "right" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("sample,label,predicted,correct,score\n0,a,a\n1\n", 0, "recordings: 2"),
        ("sample,label,predicted,correct,score\n" + "x" * 200_000, 2, "is damaged (field larger than"),
        ("sample,label,predicted,correctly\n0,a,a,true\n", 2, "a table of text"),
    ],
)
def test_tables_that_are_damaged_or_others_are_inspected(tmp_path, capsys, text, code, said):
    (tmp_path / "p.csv").write_text(text)
    assert main(["inspect", str(tmp_path / "p.csv")]) == code
    shown = capsys.readouterr()
    assert said in " ".join((shown.out + shown.err).split())


def test_names_with_commas_and_quotes_are_read_back(tmp_path):
    names = ('a,"b"', "=c", "d")
    model = saved(replace(tiny_model(), class_names=names), tmp_path)
    assert main(["export", str(model), "-o", str(tmp_path / "a"), "--no-budget"]) == 0
    np.savez(tmp_path / "s.npz", spikes=np.ones((3, 12, 5), np.uint8), labels=np.array([0, 1, 0]))
    table = tmp_path / "out.csv"
    assert main(["run", str(tmp_path / "a"), "-i", str(tmp_path / "s.npz"), "--predictions", str(table)]) == 0
    assert [row[1] for row in rows(table)[1:]] == [names[0], names[1], names[0]]


def test_nothing_is_written_where_it_cannot_be(tiny_artifact, tmp_path, spikes, refused):
    given = tmp_path / "spikes.npz"
    before = given.read_bytes()
    command = ["run", tiny_artifact, "-i", given]
    assert "would overwrite" in refused(*command, "--predictions", given)
    assert "is a file of the artifact" in refused(*command, "--predictions", tiny_artifact / "manifest.json")
    assert "cannot be written" in refused(*command, "--predictions", tmp_path / "none/out.csv")
    twice = ["--predictions", tmp_path / "x", "-o", tmp_path / "x"]
    assert "is named by -o and by --predictions" in refused(*command, *twice)
    (tmp_path / "link").symlink_to(tmp_path / "x")
    twice = ["--predictions", tmp_path / "link", "--trace", tmp_path / "x"]
    assert "is named by --trace and by --predictions" in refused(*command, *twice)
    assert not (tmp_path / "x").exists()
    assert "leave out" in refused(*command, "--predictions", tmp_path / "x", "--step")
    assert "--labels-of" in refused(*command, "--labels-of", "out", "--step")
    unknown = ["--labels-of", "nobody", "--trace", tmp_path / "new.h5"]
    assert "readout 'nobody' is unknown" in refused(*command, *unknown)
    assert not (tmp_path / "new.h5").exists()
    assert given.read_bytes() == before


@pytest.mark.slow
def test_the_splits_of_the_models_own_data_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(10), tmp_path / "order.npz")
    quick = ["--epochs", "1", "--set", "hidden=[4]"]
    assert main(["train", "digits", "--dataset", "order.npz", *quick]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "next: snnc test model.pt && snnc export model.pt --target c  # or loihi, fpga"
    assert main(["export", "model.pt", "--no-budget"]) == 0
    capsys.readouterr()
    assert main(["run", "model.loihi", "-i", "order.npz", "--predictions", "out.csv"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("of these, ")]
    header, *found = rows(tmp_path / "out.csv")
    assert header[4:] == ["split", "speaker", *SCORES]
    for name in ("train", "validation", "test"):
        part = [row for row in found if row[4].startswith(name)]
        right = sum(row[3] == "true" for row in part)
        (line,) = (line for line in lines if line.startswith(f"of these, {name}"))
        assert f": {len(part)} samples, accuracy " in line
        assert line.endswith(f"({right} of {len(part)})")
    assert sum(len(row) == 9 and bool(row[4]) for row in found) == len(found)
    assert [row[5] for row in found] == [str(number) for number in order_task(10).speaker]
    save_events_npz(order_task(10).select(np.arange(5)), tmp_path / "few.npz")
    assert main(["run", "model.loihi", "-i", "few.npz"]) == 0
    said = "the samples are of another file than order.npz, which the model was trained on; 5 of them are"
    assert f"{said} recordings that trained or validated the network" in capsys.readouterr().out
    save_events_npz(order_task(10).select(np.arange(5)), tmp_path / "order.npz")  # encoded again, in place
    for command in ("run", "verify"):
        assert main([command, "model.loihi", "-i", "order.npz", *CHANGED.get(command, ())]) == 0
        said = "the samples are of order.npz, but not those that the model was trained on (another SHA-256: "
        assert said in capsys.readouterr().out
    assert main(["test", "model.pt"]) == 2
    assert (
        "(another SHA-256: the file changed since, or is another one of that name)" in capsys.readouterr().err
    )
    save_events_npz(order_task(10), tmp_path / "order.npz")
    save_events_npz(replace(order_task(10), labels=1 - order_task(10).labels), tmp_path / "otherwise.npz")
    assert main(["run", "model.loihi", "-i", "otherwise.npz"]) == 0  # another label makes no new recording
    trained = [not row[4].startswith("test") for row in found]
    patterns = [tuple(each) for each in (order_task(10).times // 20).reshape(-1, 6)]  # in steps of 20 ms
    alike = sum(each in {p for p, own in zip(patterns, trained, strict=True) if own} for each in patterns)
    told = (
        f"; {alike} of them are, in steps of 20 ms ({sum(trained)} event by event), recordings that trained"
    )
    assert told in capsys.readouterr().out
    turned = (order_task(10).units.astype(np.int64) + 1) % 6  # other three lines are first
    save_events_npz(replace(order_task(10), units=turned), tmp_path / "other.npz")
    assert main(["run", "model.loihi", "-i", "other.npz"]) == 0
    assert "; none of them trained or validated the network" in capsys.readouterr().out
    (tmp_path / "order.npz").unlink()
    assert main(["run", "model.loihi", "-i", "other.npz"]) == 0
    assert "; whether its recordings trained the network is not known" in capsys.readouterr().out


def test_labels_in_another_order_are_told_by_run_and_verify(tiny_artifact, tmp_path, spikes, capsys):
    names, table, given = spikes[2], tmp_path / "out.csv", tmp_path / "spikes.npz"
    assert main(["run", str(tiny_artifact), "-i", str(given), "--predictions", str(table)]) == 0
    predicted = np.array([names.index(row[2]) for row in rows(table)[1:]])
    classes = np.unique(predicted)
    assert len(classes) > 1
    picked = np.concatenate([np.resize(np.flatnonzero(predicted == each), 6) for each in classes])
    called = np.zeros(len(names), int)
    called[classes] = np.roll(classes, 1)
    other = tmp_path / "other.npz"
    np.savez(other, spikes=np.load(given)["spikes"][picked], labels=called[predicted[picked]])
    told = "labels seem to number the classes in another order than the network: 6 of 6 labelled"
    capsys.readouterr()
    assert main(["run", str(tiny_artifact), "-i", str(other)]) == 0
    assert told in " ".join(capsys.readouterr().out.split())
    compared = ["--dataset", "none", "--executors", "oracle", "-o", str(tmp_path / "report")]
    assert main(["verify", str(tiny_artifact), "-i", str(other), *compared]) == 0
    found = capsys.readouterr()
    assert told in " ".join((found.out + found.err).split())


@pytest.mark.slow
def test_the_next_command_exports_the_bits_that_training_finished_in(tmp_path, monkeypatch, capsys):
    """Without them an export has 8 bits, which training did not finish."""
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(10), tmp_path / "order.npz")
    quick = ["--epochs", "1", "--set", "hidden=[4]", "--set", "weight_bits=[3, 4]"]
    assert main(["train", "digits", "--dataset", "order.npz", *quick]) == 0
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .endswith("snnc export model.pt --weight-bits 4 --target c  # or loihi, fpga")
    )
    assert main(["inspect", "model.pt"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "next: snnc export model.pt --weight-bits 4 --target c  # or loihi, fpga"
    )
