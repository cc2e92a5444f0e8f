"""`snnc place`: its report, and what it counts on."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from placed_core import REPORT, core, tools
from report_page import Page

from snnc.cli import main
from snnc.cli.following import after_export
from snnc.cli.inspect import describe
from snnc.exporter.artifact import read_artifact
from snnc.exporter.graph_export import export_graph
from snnc.report.html_report import to_html
from snnc.report.off_chip import UNTIMED, speed_words
from snnc.stages import Artifact, BoardClock
from snnc.targets.fpga import place
from snnc.verification.verify import verify


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    return export_graph(core(), "fpga:board=ulx3s:lanes=2", tmp_path / "net.fpga")


def test_it_is_what_follows_verification(artifact: Artifact) -> None:
    verified, placed = after_export(artifact).split(" && ")[-2:]
    assert verified.startswith(f"snnc verify {artifact.path}")
    assert placed == f"snnc place {artifact.path}"


def test_the_report(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called, constraints = [], list[str]()

    def call(words: list[str], folder: Path, *others: object, variables: dict[str, str]) -> str:
        called.append(words)
        assert variables == {"TMPDIR": "."}
        constraints[:] = (folder / "board/ulx3s.lpf").read_text().splitlines()[-1:]
        (folder / "board.json").write_text('{"modules": {}}')
        (folder / "report.json").write_text(json.dumps(REPORT))
        return ""

    tools(monkeypatch, call)
    given = ["place", str(artifact.path), "--mhz", "130", "--seed", "7", "-o", str(tmp_path / "place.json")]
    assert main(given) == 0
    told = json.loads((tmp_path / "place.json").read_text())
    assert (told["board"], told["mhz"], told["seed"]) == ("ulx3s", 120.0, 7)
    kept = artifact.path / "place.json"
    assert json.loads(kept.read_text()) == told
    again = [*given[:-1], str(kept)]
    assert main(again) == 0  # the file that it leaves there in any case
    assert json.loads(kept.read_text()) == told
    assert main([*given[:-1], str(artifact.path / "manifest.json")]) == 2
    inspected = describe(kept)
    assert inspected.what == "what `snnc place` found (place.json of an artifact)"
    assert inspected.facts.items() >= {"board": "ulx3s", "MHz after routing": 120.0, "seed": 7}.items()
    read_artifact(artifact.path)
    report = verify(artifact, [], executors=["hwsim"])
    samples = f"{len(artifact.golden_input)} golden inputs"
    assert report.clock == BoardClock(
        120.0,
        75.0,
        {"yosys": "1.0", "nextpnr-ecp5": "1.0"},
        7,
        cells={"DP16KD": (12, 208)},
        cycles=told["cycles_a_recording"],
        recordings=samples,
        baud=3_000_000,
        serial_a_second=told["serial_recordings_a_second"],
    )
    assert not report.notes
    assert told["cells"] == {"DP16KD": [12, 208]}
    assert told["tools"] == {"yosys": "1.0", "nextpnr-ecp5": "1.0"}
    assert told["inputs_sha256"] == place.hash_of(place.inputs_of(artifact.program, "ulx3s"))
    assert told["recordings_a_second"] == pytest.approx(120e6 / told["cycles_a_recording"], rel=1e-3)
    # START, 5 ends of a step, an event a byte; the answer to START, 5 ends of a step with the v of 2 classes.
    events = np.count_nonzero(artifact.golden_input) / len(artifact.golden_input)
    assert told["serial_bytes"] == [round(1 + 5 * 4 + events, 1), 12 + 5 * (10 + 10)]
    # START and its answer, the first step, and then answers without a pause: a step is sent faster.
    times = 13 + 4 + np.count_nonzero(artifact.golden_input[:, 0]) / len(artifact.golden_input) + 5 * 20
    assert told["serial_recordings_a_second"] == pytest.approx(300_000 / times, abs=0.01)
    assert called[1][called[1].index("--freq") + 1] == "130"
    assert constraints == ['FREQUENCY NET "clk" 130 MHZ;']
    printed = capsys.readouterr()
    assert printed.err.splitlines()[:5] == [
        "yosys: version",
        "nextpnr-ecp5: version",
        "yosys: synthesis",
        "nextpnr-ecp5: reading the netlist",
        "counting cycles",
    ]
    said = " ".join(printed.out.split())
    rate = (
        f"at most {75e6 / told['cycles_a_recording']:,.0f} golden inputs/s, through its serial port of "
        f"3,000,000 baud about {300_000 / times:,.0f}"
    )
    assert f"the board runs it at 75 MHz: {rate}; export with --clock 112.5 to" in said
    page = Page(to_html(report)).text
    assert page.count(f"by the machine model; the board computes {rate}; energy is not known") == 2
    assert f"speed {rate}, the mean of {samples}" in page.split("What the core takes besides")[1]
    assert "DP16KD: 12 of 208" in said
    assert "ulx3s: 120.0 MHz after routing" in said
    monkeypatch.setitem(REPORT["fmax"]["clk"], "achieved", 74.999)
    assert main(given) == 0
    assert json.loads(kept.read_text())["mhz"] == 74.99
    report = verify(artifact, [], executors=["hwsim"])
    assert report.clock is not None
    assert not report.clock.met
    assert "golden inputs/s" not in Page(to_html(report)).text  # the board may compute anything then
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith("for the 75 MHz of the board's top: try another --seed, or export with --clock 62.5")
    monkeypatch.setattr("snnc.targets.fpga.parameters.lanes_of", lambda program: 64)
    monkeypatch.setattr("snnc.cli.place._counted", lambda artifact, events: (1000.0, (np.array([[1]]),) * 2))
    assert main(given) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith("try another --seed, or export with --clock 62.5 or --lanes 32")


def placing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No tools, and a design that reaches 100 MHz; the list gets the board whenever one is placed."""
    placed = list[str]()

    def place_it(program: dict[str, bytes], mhz: float, seed: int, *_: object) -> place.Placed:
        placed.append("ulx3s")
        of = place.hash_of(place.inputs_of(program, "ulx3s"))
        return place.Placed("ulx3s", 100.0, {}, {}, of, seed)

    monkeypatch.setattr(place, "place", place_it)
    return placed


def test_golden_inputs_are_told_with_the_reason_and_the_option(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placing(monkeypatch)
    assert main(["place", str(artifact.path)]) == 0
    first, second, *_, speed, verdict = capsys.readouterr().out.splitlines()
    assert first == (
        "note: the cycles will be the mean of 8 golden inputs, not of recordings: "
        f"{artifact.path}: the artifact was not made from a model of `snnc train`, so its recordings are "
        "unknown"
    )
    assert "far more than that of recordings, or less; --input FILE takes your recordings" in second
    assert "cycles a golden input (8 golden inputs)" in speed
    assert speed.endswith(" golden inputs/s")
    assert "golden inputs/s, through its serial port" in verdict
    clock = verify(artifact, [], executors=["hwsim"]).clock
    assert clock is not None
    assert speed_words(clock).startswith("a golden input takes ")


def after(text: str) -> str:
    """The command that is named next, "" if none."""
    return next((x.removeprefix("next: ") for x in text.splitlines() if x.startswith("next: ")), "")


def test_a_report_learns_of_the_clock_by_the_command_that_is_named_next(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placing(monkeypatch)
    monkeypatch.setattr("snnc.cli.following.installed_first", lambda artifact, command: command)
    quick = ["--executors", "hwsim", "--generated", "0"]
    place_it, verify_it = ["place", str(artifact.path)], ["verify", str(artifact.path)]
    assert main([*verify_it, *quick]) == 0
    assert after(capsys.readouterr().out) == f"snnc place {artifact.path}"
    page = artifact.path / "report.html"
    on_page = UNTIMED.replace("`snnc place`", "<code>snnc place</code>")
    assert on_page in page.read_text()
    assert main(place_it) == 0
    named = after("".join(capsys.readouterr()))
    assert named == f"snnc verify {artifact.path}"
    assert main([*shlex.split(named)[1:], *quick]) == 0
    capsys.readouterr()
    assert on_page not in page.read_text()
    assert "met: 100 MHz after routing" in page.read_text()
    assert main(place_it) == 0  # and finds the same
    assert not after("".join(capsys.readouterr()))
    assert main([*place_it, "--seed", "2", "--trust-program"]) == 0
    assert after("".join(capsys.readouterr())) == f"{named} --trust-program"


def test_recordings_of_a_network_without_a_model(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placed = placing(monkeypatch)
    np.savez(tmp_path / "own.npz", spikes=np.zeros((3, 5, 2), np.uint8))
    given = ["place", str(artifact.path), "--input", str(tmp_path / "own.npz")]
    assert main(given) == 0
    said = capsys.readouterr().out
    assert "golden" not in said
    assert f"cycles a recording (3 samples of {tmp_path / 'own.npz'})" in said
    assert said.splitlines()[-2].endswith(" recordings/s")
    clock = verify(artifact, [], executors=["hwsim"]).clock
    assert clock is not None
    assert speed_words(clock).startswith("a recording takes ")
    assert main([*given, "--dataset", "digits"]) == 2
    assert "is given beside --input; give one of both" in capsys.readouterr().err
    assert len(placed) == 1


def test_recordings_that_do_not_fit_are_refused_before_hours_of_placement(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placed = placing(monkeypatch)
    assert main(["place", str(artifact.path), "--dataset", "digits"]) == 2
    assert f"{artifact.path} was not made from one; --input FILE takes all" in capsys.readouterr().err
    np.savez(tmp_path / "own.npz", spikes=np.zeros((3, 5, 9), np.uint8))
    assert main(["place", str(artifact.path), "--input", str(tmp_path / "own.npz")]) == 2
    assert "own.npz" in capsys.readouterr().err
    assert placed == []


def test_the_core_alone(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called = []

    def call(words: list[str], folder: Path, *others: object, **_: object) -> str:
        called.append(words)
        assert {each.name for each in (folder / "board").iterdir()} == {
            "absorb.py",
            "board.vh",
            "snnc_alone.v",
        }
        (folder / "board.json").write_text('{"modules": {}}')
        (folder / "report.json").write_text(json.dumps(REPORT))
        return ""

    tools(monkeypatch, call)
    given = ["place", str(artifact.path), "--core", "--mhz", "130", "-o", str(tmp_path / "core.json")]
    assert main(given) == 0
    synthesis, placement = called
    assert "-top snnc_alone " in synthesis[-1]
    assert "--lpf-allow-unconstrained" in placement
    assert "--lpf" not in placement
    assert placement[placement.index("--freq") + 1] == "130"
    told = json.loads((tmp_path / "core.json").read_text())
    assert told["core_alone"] is True
    assert told["recordings_a_second"] == pytest.approx(120e6 / told["cycles_a_recording"], rel=1e-3)
    assert told["inputs_sha256"] == place.hash_of(place.inputs_of(artifact.program, "ulx3s", core=True))
    assert not {"board_mhz", "serial_bytes", "serial_recordings_a_second"} & set(told)
    assert not (artifact.path / "place.json").exists()  # `verify` would take it for the board's
    printed = capsys.readouterr()
    assert not after(printed.out + printed.err)
    said = " ".join(printed.out.split())
    assert "ulx3s, the core alone: 120.0 MHz after routing" in said
    assert "the board runs it" not in said


def test_an_export_replaces_what_was_placed(artifact: Artifact) -> None:
    (artifact.path / "place.json").write_text("{}")
    export_graph(core(), "fpga:board=ulx3s:lanes=4", artifact.path, overwrite=True)
    assert not (artifact.path / "place.json").exists()
