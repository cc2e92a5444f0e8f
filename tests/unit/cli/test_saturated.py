"""`snnc run`, `test` and `verify` say that states left their range."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, source
from models import digits_model, layer, saved
from report_examples import different, equal
from wrong_executors import Edited, in_memory

from snnc.api.run import Run
from snnc.api.verified import Verified
from snnc.cli import main
from snnc.cli.console import out
from snnc.cli.verdict import print_verdict
from snnc.errors import InputError
from snnc.exporter.graph_export import export_graph
from snnc.hwsim.oracle import run_graph
from snnc.report.console import print_report
from snnc.report.deploy import deploy
from snnc.report.html_report import to_html
from snnc.report.json_report import from_json, to_json
from snnc.report.verdict import saturated_kinds
from snnc.stages import BatchNorm, Report

GRAPH = graph_of((source("x", 1), li("y", 2)), (dense("x", "y", [[64], [1]], 0, 10),), 4)
"""An event adds 64 * 2^10 * 64 = 4,194,304 to v of neuron 0, whose second is 1 above the limit."""
SPIKES = np.array([[[1], [1], [0], [1]], [[1], [0], [0], [0]], [[1], [1], [1], [1]]], np.uint8)
"""v of neuron 0 is clipped once in step 1 and in step 3, never, and in steps 1, 2 and 3: 5 times."""
SAID = "5 saturations in 3 samples (y 5): states that left their range were wrapped or clipped"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory) -> Path:
    return export_graph(GRAPH, "c", tmp_path_factory.mktemp("saturating") / "net", allow_saturation=True).path


@pytest.fixture
def given(tmp_path) -> Path:
    np.savez(tmp_path / "in.npz", spikes=SPIKES)
    return tmp_path / "in.npz"


@pytest.mark.parametrize("executor", ["hwsim", "torch", "oracle"])
def test_run_says_how_often_and_where(executor, artifact, given, tmp_path, capsys):
    places = ["-i", str(given), "--json", str(tmp_path / "r.json")]
    assert main(["run", str(artifact), "-e", executor, *places]) == 0
    assert f"note: {SAID}" in capsys.readouterr().out.splitlines()
    assert json.loads((tmp_path / "r.json").read_text())["saturations"] == {"y": 5}


def test_run_says_nothing_where_none_did(artifact, given, tmp_path, capsys):
    np.savez(given, spikes=SPIKES[1:2])
    assert main(["run", str(artifact), "-i", str(given), "--json", str(tmp_path / "r.json")]) == 0
    assert "saturation" not in capsys.readouterr().out
    assert json.loads((tmp_path / "r.json").read_text())["saturations"] == {"y": 0}


def test_run_says_that_an_executor_does_not_count(artifact, given, tmp_path, capsys, monkeypatch):
    """Only where a state may saturate, else there is nothing to count."""
    blind = Edited(lambda graph, trace: trace.part(slice(None)), "blind")  # of a part, counts are not known
    monkeypatch.setattr("snnc.plugins.executors.first_available", lambda name, artifact: blind)
    command = ["run", str(artifact), "-i", str(given), "--json", str(tmp_path / "r.json")]
    assert main(command) == 0
    told = "note: blind does not count saturations, and overflow is not excluded"
    assert told in capsys.readouterr().out.splitlines()
    assert json.loads((tmp_path / "r.json").read_text())["saturations"] is None
    monkeypatch.setattr("snnc.exporter.artifact.read_artifact", lambda path: in_memory(GRAPH, SPIKES))
    monkeypatch.setattr("snnc.exporter.artifact.check_program", lambda artifact: None)
    assert main(command) == 0
    assert "saturations" not in capsys.readouterr().out


def test_a_run_of_python_prints_it():
    assert repr(Run(GRAPH, run_graph(GRAPH, SPIKES), SPIKES)).endswith(f"3 samples: y; {SAID})")
    assert "saturation" not in repr(Run(GRAPH, run_graph(GRAPH, SPIKES[1:2]), SPIKES[1:2]))


def test_test_says_it(tmp_path, capsys):
    """40 neurons fire in every step by their bias, whatever arrives, and add 40 * 127 * 64 = 325,120 to v of
    20 classes, which keeps all: 25 steps give 8,128,000, and each further one is clipped. The first arrives
    in step 2, since the middle of a kernel of 5 is a delay of 2.
    """
    model = digits_model(40)
    norm = BatchNorm(np.ones(40), np.full(40, 3.0), np.zeros(40), np.ones(40), 1e-12)
    hidden = layer("hidden1", np.full((40, 140), 1e-3), np.zeros((40, 140)), norm=norm, kernel_size=13)
    last = layer("readout", np.ones((20, 40)), np.zeros((20, 40)), threshold=None, tau=1e12)
    path = saved(replace(model, layers=(hidden, last), gaussian=None), tmp_path)
    assert (
        main(["export", str(path), "-t", "c", "--allow-saturation", "--no-budget", "-o", str(tmp_path / "c")])
        == 0
    )
    capsys.readouterr()
    assert main(["test", str(tmp_path / "c"), "--json", str(tmp_path / "t.json")]) == 0
    found = json.loads((tmp_path / "t.json").read_text())
    samples = found["stages"][-1]["total"]
    clips = samples * 20 * (model.time_steps - 27)
    assert found["saturations"] == {"hidden1": 0, "readout": clips}
    told = f"note: quantised: {clips} saturations in {samples} samples (readout {clips}): "
    assert told in capsys.readouterr().out


def saturating() -> Report:
    """1722 of hidden2 on all inputs, 396 of them on golden ones."""
    first, last = equal().coverage
    counts = ((first, 1000, 326), (last, 1300, 422))
    found = tuple(
        replace(
            each,
            inputs=each.inputs,
            layers=(each.layers[0], replace(each.layers[1], u_wraps=u, v_clips=v), *each.layers[2:]),
        )
        for each, u, v in counts
    )
    executors = tuple(replace(each, saturations=1722) for each in equal().executors)
    return replace(
        equal(),
        executors=executors,
        coverage=found,
        provenance={"overflow_proved": False},
        saturated_in={"golden": 396, "test": 1326},
    )


VERIFIED = (
    "1722 saturations counted (hidden2 1722; 1326 in recordings, 396 in golden inputs): states that left "
    "their range were wrapped or clipped"
)


def test_verify_says_it_beside_the_verdict():
    console = out()
    console.file, console._force_terminal = io.StringIO(), False
    print_verdict(saturating(), console)
    print_verdict(equal(), console)
    lines = console.file.getvalue().splitlines()
    assert lines[0].startswith("+ BIT-EXACT   ")
    assert lines[0].endswith(", every u, v and spike; but 1722 saturations")
    assert lines[1] == f"  ! {VERIFIED}"
    assert lines[2].endswith(", every u, v and spike")
    assert len(lines) == 3


def test_the_report_says_the_same_as_the_terminal():
    """Equal, but out of its range: the card answers what the exit code does, no plain no."""
    report = saturating()
    page = " ".join(to_html(report).split())
    assert (
        "hwsim = lava-stock = lava-event over 28 samples (8 golden, 20 recordings); but 1722 saturations</p>"
        in page
    )
    card = deploy(report)
    assert (card.answer, card.tone) == ("Check first", "unsure")
    assert card.limits[0] == f"{VERIFIED}; other inputs may saturate, too"
    console = out()
    console.file = io.StringIO()
    print_report(report, console)  # of -v
    assert "over 28 samples (8 golden, 20 recordings); but 1722 saturations\n" in console.file.getvalue()
    assert "; but" not in to_html(equal())


def test_a_difference_is_not_told_as_equal_but_saturated():
    executors = tuple(replace(each, saturations=1722) for each in different().executors)
    report = replace(different(), executors=executors)
    console = out()
    console.file, console._force_terminal = io.StringIO(), False
    print_verdict(report, console)
    lines = console.file.getvalue().splitlines()
    assert "but" not in lines[0]
    assert lines[1].startswith("  ! 1722 saturations counted")


def test_a_verification_of_python_prints_it():
    found = Verified(saturating(), Path("report.html"))
    assert bool(found)
    assert VERIFIED in str(found)
    assert "; 1722 saturations counted" in repr(found)
    assert f"<td>{VERIFIED}</td>" in found._repr_html_()
    assert "saturation" not in str(Verified(equal(), Path("report.html")))


def test_a_verification_counts_them_on_given_and_generated_inputs(artifact, given, tmp_path, capsys):
    """Of the golden inputs as many as the oracle counts, which no code under test computes."""
    from snnc.exporter.artifact import read_artifact

    golden = np.asarray(read_artifact(artifact).golden_input)
    counts = [sum(each.v_clips for each in run_graph(GRAPH, spikes).layers) for spikes in (golden, SPIKES)]
    places = ["-i", str(given), "-o", str(tmp_path / "v"), "--json", str(tmp_path / "r.json")]
    assert main(["verify", str(artifact), *places, "--executors", "oracle", "--generated", "0"]) == 0
    total = counts[0] + 5
    assert counts[1] == 5
    said = capsys.readouterr().out.splitlines()
    told = f"  ! {total} saturations counted (y {total}; 5 in recordings, {counts[0]} in golden inputs): "
    assert said[1].startswith(told)
    assert said[0].endswith(f"; but {total} saturations; the program for c did not run")
    assert {each["saturations"] for each in json.loads((tmp_path / "r.json").read_text())["executors"]} >= {
        total
    }
    assert json.loads((tmp_path / "v/report.json").read_text())["saturated_in"] == {
        "golden": counts[0],
        "input": 5,
    }


def test_saturations_of_recordings_are_told_apart(artifact, given, tmp_path, capsys):
    """The one recording saturates nothing: that counts more than what was made to reach the limits does."""
    np.savez(given, spikes=SPIKES[1:2])
    command = ["verify", str(artifact), "-i", str(given), "-o", str(tmp_path / "v"), "--executors", "oracle"]
    for generated, alone in (
        ("0", ", in golden inputs alone"),
        ("4", ", in golden inputs and generated inputs alone"),
    ):
        assert main([*command, "--generated", generated]) == 0
        said = capsys.readouterr().out.splitlines()
        assert f" saturations{alone}; " in said[0]
        assert "; none in recordings, " in said[1]
        assert f" saturations counted{alone}" in " ".join((tmp_path / "v/report.html").read_text().split())
    report = from_json((tmp_path / "v/report.json").read_text())
    assert set(report.saturated_in) == {"golden", "generated"}
    with pytest.raises(InputError, match=r"saturated_in\.golden is -1"):
        from_json(to_json(replace(report, saturated_in={"golden": -1})))


def test_counts_of_another_executor_are_not_told_by_kind():
    executors = tuple(replace(each, saturations=1723) for each in equal().executors)
    assert saturated_kinds(replace(saturating(), executors=executors)) == {}
    assert saturated_kinds(saturating()) == {"recordings": 1326, "golden inputs": 396}
    assert saturated_kinds(replace(saturating(), inputs={"test": 20}, saturated_in={"test": 1722})) == {}
