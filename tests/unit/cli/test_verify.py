"""Options of `snnc verify`: which recordings, and where the answer is written."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from faults import OnChangedGraph, bumped, with_layer
from models import ON_GOLDEN
from peak_memory import peak

from snnc.cli import main
from snnc.cli.verify_options import VerifyOptions
from snnc.errors import InputError, NoDataError
from snnc.exporter.artifact import read_artifact
from snnc.verification import comparison
from snnc.verification.accuracy import load_data
from snnc.verification.one_executor import STOPPED


def test_the_answer_as_json_and_junit(tiny_artifact, tmp_path, capsys):
    options = [*ON_GOLDEN, "--executors", "oracle", "--layers", "readout", "-v"]
    files = ["--json", str(tmp_path / "r.json"), "--junit", str(tmp_path / "r.xml")]
    assert main(["verify", str(tiny_artifact), *options, *files]) == 0
    assert "Bit-exact: torch = oracle over 8 samples (all golden), in readout only" in capsys.readouterr().out
    assert (tmp_path / "r.json").read_bytes() == (tiny_artifact / "report.json").read_bytes()
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["layers_compared"] == ["readout"]
    assert "--layers readout" in document["command"]
    suite = ElementTree.parse(tmp_path / "r.xml").getroot()[0]
    assert suite.get("name") == tiny_artifact.name
    assert next(case.get("name") for case in suite.iter("testcase")) == "oracle equals torch"


def test_json_to_stdout_leaves_it_to_the_program(tiny_artifact, capsys):
    assert (
        main(
            [
                "verify",
                str(tiny_artifact),
                *ON_GOLDEN,
                "--executors",
                "oracle",
                "--json",
                "-",
            ]
        )
        == 0
    )
    said = capsys.readouterr()
    assert json.loads(said.out)["trusted"] is True
    assert said.err.startswith("+ BIT-EXACT   2 executors, 8 samples (all golden), every u, v and spike")


def test_a_divergence_stands_in_the_junit_file(tiny_artifact, tmp_path, monkeypatch):
    graph = read_artifact(tiny_artifact).graph
    wrong = OnChangedGraph(
        "oracle", lambda graph: with_layer(graph, 0, weight=bumped(graph.layers[0].weight, (3, 1)))
    )
    assert graph.layers[0].weight[3, 1] != 0
    real = comparison.load_executor
    monkeypatch.setattr(comparison, "load_executor", lambda name: wrong if name == "oracle" else real(name))
    command = [
        "verify",
        str(tiny_artifact),
        *ON_GOLDEN,
        "--executors",
        "oracle,hwsim",
        "--fail-fast",
    ]
    assert main([*command, "--junit", str(tmp_path / "r.xml")]) == 1
    root = ElementTree.parse(tmp_path / "r.xml").getroot()
    failure = root.find(".//testcase[@name='oracle equals torch']/failure")
    assert "layer hidden1, neuron 3, variable u" in failure.get("message")
    assert "layer hidden1, neuron 3" in failure.text
    assert root.find(".//testcase[@name='hwsim equals torch']/skipped").get("message") == STOPPED
    assert root.get("failures") == "1"


def test_the_folder_of_the_report_is_made(tiny_artifact, tmp_path):
    folder = tmp_path / "reports" / "today"
    options = [*ON_GOLDEN, "--executors", "oracle", "-o", str(folder)]
    assert main(["verify", str(tiny_artifact), *options]) == 0
    assert {path.name for path in folder.iterdir()} == {"report.json", "report.html"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--junit", "{0}/x.xml", "--json", "{0}/../{0.name}/x.xml"], "--json {0}/../"),
        (["--json", "{0}/tiny.loihi/graph.nir"], "also read or written by this command"),
        (["--junit", "{0}/tiny.loihi/report.json"], "also read or written by this command"),
        (["--junit", "{0}"], "is a folder"),
        (["--junit", "{0}/none/x.xml"], "cannot be written"),
        (["-o", "{0}/model.pt/reports"], "model.pt/reports: cannot be written"),
        (["--layers", "hiden1"], "did you mean 'hidden1'?"),
        (["--layers", " , "], "names no layer"),
        (["--executors", "oracel"], "did you mean 'oracle'?"),
    ],
)
def test_what_cannot_be_done_is_said_first(refused, tiny_artifact, tmp_path, options, message):
    (tmp_path / "model.pt").touch()
    given = [option.format(tmp_path) for option in options]
    assert message.format(tmp_path) in refused("verify", tiny_artifact, "--dataset", "none", *given)
    assert not (tiny_artifact / "report.json").exists()


@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_results_replace_no_file_of_another_artifact(refused, tiny_artifact, tmp_path, option):
    """Though it is JSON, too."""
    other = tmp_path / "other.loihi"
    shutil.copytree(tiny_artifact, other)
    before = {path.name: path.read_bytes() for path in other.iterdir() if path.is_file()}
    for name in ("manifest.json", "report.json"):
        (other / "report.json").write_text("{}")
        said = refused("verify", tiny_artifact, *ON_GOLDEN, "--executors", "oracle", option, other / name)
        assert f"{option} {other / name}: is a file of an artifact; choose another name" in said
    (other / "report.json").unlink()
    assert {path.name: path.read_bytes() for path in other.iterdir() if path.is_file()} == before


def test_no_artifact(refused):
    assert "name the artifact" in refused("verify")


def test_executors_are_listed_with_why_one_cannot_run(tiny_artifact, monkeypatch, capsys):
    monkeypatch.setenv("CC", "no-such-compiler")
    assert main(["verify", "--list"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["torch"] == lines["netx"] == "can run"
    assert lines["c"].startswith("cannot run: CC='no-such-compiler' is not a program")
    assert main(["verify", str(tiny_artifact), "--list"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["oracle"] == "can run"
    assert "export with --whole-bias" in lines["netx"]  # its biases are no multiples of 64


def test_recordings_are_drawn_by_the_seed(digits_artifact):
    (data,) = load_data(read_artifact(digits_artifact), None, ("validation",))
    evenly = data.pick_lazily(40)[0].which
    drawn = [data.pick_lazily(40, seed)[0].which for seed in (1, 1, 2)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert {*drawn[0]} != {*drawn[2]}
    assert {*drawn[0]} != {*evenly}
    for which in (evenly, *drawn):  # 240 recordings of 20 classes
        assert len({*which}) == 40
        assert (np.bincount(data.events.labels[which], minlength=20) == 2).all()
    everything = data.pick_lazily(240, 7)[0].which
    np.testing.assert_array_equal(np.sort(everything), np.arange(240))


@pytest.fixture
def proposed(monkeypatch):
    """Whether more recordings were proposed, of each verification."""
    seen = []
    monkeypatch.setattr("snnc.cli.verdict.print_short", lambda *given: seen.append(given[-1]))
    return seen


def test_more_recordings_are_proposed_where_there_are_some(digits_artifact, tmp_path, proposed):
    for samples in ("3", "0", "all"):
        command = ["verify", str(digits_artifact), "--samples", samples, "--generated", "0"]
        assert main([*command, "--executors", "hwsim", "-o", str(tmp_path)]) == 0
    assert proposed == [True, True, False]


def test_without_a_data_set_none_are_proposed(tiny_artifact, tmp_path, monkeypatch, proposed):
    def none(*given):
        raise NoDataError("its data are not here")

    monkeypatch.setattr("snnc.verification.accuracy.load_data", none)
    np.savez(tmp_path / "n.npz", spikes=np.zeros((1, 12, 5), np.uint8), labels=np.zeros(1, np.int64))
    for samples in ("20", "1"):
        command = ["verify", str(tiny_artifact), "-i", str(tmp_path / "n.npz"), "--samples", samples]
        assert main([*command, "--generated", "0", "--executors", "hwsim", "-o", str(tmp_path)]) == 0
    assert proposed == [False, False]


def test_the_command_repeats_every_option(tmp_path, monkeypatch):
    """Run through the parser again, it gives the same options."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my model.loihi").mkdir()
    for name in ("my data.npz", "my spikes.npz"):
        (tmp_path / name).touch()
    options = VerifyOptions(
        samples=7,
        split="all",
        dataset="my data.npz",
        input=tmp_path / "my spikes.npz",
        of_input=7,
        seed=3,
        generated=0,
        allow_missing=True,
        executors=("oracle", "c"),
        layers=("hidden1",),
        fail_fast=True,
        output=tmp_path,
        json=tmp_path / "a b.json",
        junit=tmp_path / "x.xml",
        trust_program=True,
    )
    assert all(getattr(options, name) != getattr(VerifyOptions(), name) for name in VerifyOptions.__slots__)
    seen = []

    def record(path, given):
        seen.append((path, given))
        raise InputError("seen")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("snnc.cli.verify.verify_artifact", record)
        assert main(shlex.split(options.command(tmp_path / "my model.loihi"))[1:]) == 2
    assert seen == [(tmp_path / "my model.loihi", options)]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_hardly_grows_with_the_recordings(digits_artifact, tmp_path):
    """All 2,400 shipped recordings, every state; beside torch and the compiled loops they take little."""
    common = ("verify", digits_artifact, "--executors", "hwsim", "--generated", 0, "-o", tmp_path)
    alone = peak(*common, "--dataset", "none")
    assert peak(*common, "--split", "all", "--samples", "all") < alone + 80
    assert sum(json.loads((tmp_path / "report.json").read_text())["inputs"].values()) == 2408


def test_a_date_that_cannot_be_told_is_refused_before_the_work(refused, tiny_artifact, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    monkeypatch.setattr("snnc.verification.verify.verify", lambda *_, **__: pytest.fail("it began"))
    assert "SOURCE_DATE_EPOCH is 'soon'" in refused("verify", tiny_artifact, *ON_GOLDEN)
