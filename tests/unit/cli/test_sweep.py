"""`snnc sweep`: what it trains and leaves out, its table, and its choice within a budget."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from order_task import order_task
from sweeps import BASE, FOLDS, sweep_file

from snnc.cli import main
from snnc.trainer.data import save_events_npz
from snnc.trainer.model_file import load_model


def test_base_and_set_on_the_command_line(
    sweep_folder: Path, in_this_process: list[str], refused: Callable[..., str]
) -> None:
    (sweep_folder / "other.toml").write_text(BASE.replace("kernel_size = 7", "kernel_size = 9"))
    file, out = (
        sweep_file(sweep_folder, "[variants.a]\n[variants.b]\ntau = 3.0\n", "[4]"),
        sweep_folder / "out",
    )
    sweep = ["sweep", str(file), "-o", str(out), "--base", str(sweep_folder / "other.toml")]
    assert main([*sweep, "--set", "hidden=[3]", "--set", "epochs=1"]) == 0
    assert in_this_process == ["a-seed4", "b-seed4"]
    configs = [load_model(out / f"{name}-seed4.pt").config for name in "ab"]
    fields = ("hidden", "epochs", "kernel_size", "tau")
    assert [tuple(c[field] for field in fields) for c in configs] == [([3], 1, 9, 1.5), ([3], 1, 9, 3.0)]
    assert "variant 'b' sets tau, so it cannot be set for all" in refused(*sweep, "--set", "tau=2.0")
    assert "common sets seed" in refused(*sweep, "--set", "seed=2")
    assert "give FIELD=VALUE" in refused(*sweep, "--set", "tau")
    # Results in the folder are of the fields that were set for all.
    assert "was run with epochs = 1, the sweep has 2" in refused(*sweep, "--set", "hidden=[3]")


def test_a_test_of_nobody_is_refused_before_any_run(
    sweep_folder: Path, in_this_process: list[str], refused: Callable[..., str]
) -> None:
    file = sweep_file(sweep_folder, "[variants.a]\n[variants.b]\ntesting = 'none'\n", "[4]")
    said = refused("sweep", str(file), "-o", str(sweep_folder / "out"), "--test")
    assert "--test: b-seed4: no recording was kept for testing (test_speakers = [])" in said
    assert "leave --test out" in said
    assert in_this_process == []


def test_without_plotly_the_plot_of_the_table_is_left_out(
    sweep_folder: Path,
    in_this_process: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)  # importing it fails
    out = sweep_folder / "out"
    assert main(["sweep", str(sweep_file(sweep_folder, "[variants.a]\n", "[4]")), "-o", str(out)]) == 0
    assert {path.name for path in out.glob("table.*")} == {"table.json", "table.md"}
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("1 run, 0 done before, 1 at a time")
    assert "table.md and .json" in said
    assert "note: table.html, a plot of the table, needs plotly" in said
    assert "install it: pip install 'snnc[report]'" in said


def test_runs_table_and_a_failure(
    sweep_folder: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    variants = "[variants.learned]\n[variants.broken]\nlr_weights = 1e36\nbatch_norm = false\n"
    file, out = sweep_file(sweep_folder, variants), sweep_folder / "out"
    assert main(["sweep", str(file), "-o", str(out), "--test"]) == 2
    said = capsys.readouterr()
    assert "snnc: 2 of 4 runs failed" in said.err
    assert main(["inspect", str(out)]) == 0
    told = capsys.readouterr().out
    assert "variant learned: 2 seeds, " in told
    assert " % of validation, test not measured" in told
    assert "failed: 2 runs" in told
    assert "broken-seed0: epoch 1" in said.err
    assert "the loss is nan" in said.err
    assert "4 runs, 0 done before" in said.out
    assert "the test split is left alone" in said.out

    accuracies = []
    for seed in (0, 1):
        record = json.loads((out / f"learned-seed{seed}.json").read_text())
        model = load_model(out / f"learned-seed{seed}.pt")
        assert record["validation"] == model.metrics["validation"]
        assert record["config"]["seed"] == model.config["seed"] == seed
        accuracies.append(model.metrics["validation"]["final"]["accuracy"])
    table = json.loads((out / "table.json").read_text())
    assert [row["variant"] for row in table["rows"]] == ["learned"]
    assert table["rows"][0]["seeds"] == [0, 1]
    assert table["rows"][0]["accuracy"]["final"]["values"] == accuracies
    assert table["failed"].keys() == {"broken-seed0", "broken-seed1"}
    assert "| learned | 10 | 180 | 2 |" in (out / "table.md").read_text()

    # Again: what failed is tried again, what is done is not.
    in_this_process.clear()
    assert main(["sweep", str(file), "-o", str(out)]) == 2
    assert in_this_process == ["broken-seed0", "broken-seed1"]
    in_this_process.clear()
    sweep_file(sweep_folder, "[variants.learned]\n")
    capsys.readouterr()
    assert main(["sweep", str(file), "-o", str(out), "--test"]) == 0
    assert not in_this_process
    told = json.loads((out / "table.json").read_text())
    tested, said = told["rows"][0]["accuracy"]["test"], capsys.readouterr().out
    assert [found["test"] for found in told["tested"].values()] == tested["values"]
    integers = [found["test-int8"] for found in told["tested"].values()]
    assert "each run on its test split" in said
    assert (
        "| run | whole delays, validation, % | recordings, test | whole delays, test, % |"
        in (out / "table.md").read_text()
    )
    assert "--test measures" not in said
    for seed, accuracy in enumerate(tested["values"]):
        assert main(["test", str(out / f"learned-seed{seed}.pt")]) == 0
        assert re.search(rf"^finished +{100 * accuracy:.2f} % ", capsys.readouterr().out, re.MULTILINE)
        exported = out / f"learned-seed{seed}.loihi"
        assert main(["export", str(out / f"learned-seed{seed}.pt"), "--no-budget", "-o", str(exported)]) == 0
        assert main(["test", str(exported)]) == 0
        assert re.search(rf"^quantised +{100 * integers[seed]:.2f} % ", capsys.readouterr().out, re.MULTILINE)


def test_a_sweep_over_folds(
    sweep_folder: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = sweep_file(sweep_folder, f"[variants.a]\n{FOLDS}", "[0]"), sweep_folder / "out"
    assert main(["sweep", str(file), "-o", str(out)]) == 0
    assert in_this_process == ["a@x-seed0", "a@y-seed0"]
    records = [json.loads((out / f"a@{fold}-seed0.json").read_text()) for fold in "xy"]
    assert [record["fold"] for record in records] == ["x", "y"]
    said = " ".join(capsys.readouterr().out.split())
    assert "validation chose the epochs, so it is too high for new recordings; --test measures" in said
    (row,) = json.loads((out / "table.json").read_text())["rows"]
    values = [record["validation"]["final"]["accuracy"] for record in records]
    assert row["accuracy"]["final"]["values"] == values
    in_this_process.clear()
    assert main(["sweep", str(file), "-o", str(out), "--target", "c"]) == 0
    assert not in_this_process
    said = " ".join(capsys.readouterr().out.split())
    why = "no front, since runs of different folds are measured on different recordings"
    assert f"note: {why}; compare variants by their means above" in said
    assert not (out / "front.html").exists()
    assert b"<svg" in (out / "costs.html").read_bytes()
    assert re.search(r"wrote \S+ \S+ and \.json, \S*/costs\.html", said)
    table = json.loads((out / "table.json").read_text())["integers"]
    assert table["no_front"] == why
    assert not [point for point in table["points"] if "front" in point]
    # Nor does the column of bytes say what a program of C takes.
    *_, table, about, note = (out / "table.md").read_text().split("\n\n")
    assert table.splitlines()[0] == "| run | bits | validation, % | operations | synapse bytes |"
    chips = "synapse bytes are as a chip stores them, not memory of the program: see snnc export"
    assert f"in integers, for c; no costs are published, so energy and time are not known; {chips}" in said
    assert about.endswith(chips)
    assert note.strip() == f"note: {why}; compare variants by their means above"


def test_results_of_another_configuration_or_data_are_refused(
    sweep_folder: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = sweep_file(sweep_folder, "[variants.a]\n", "[0]")
    arguments = ["sweep", str(file), "-o", str(sweep_folder / "out")]
    assert main(arguments) == 0
    sweep_file(sweep_folder, "[variants.a]\ntau = 4.0\n", "[0]")
    assert main(arguments) == 2
    assert "was run with tau = 1.5, the sweep has 4.0; choose another folder" in capsys.readouterr().err
    sweep_file(sweep_folder, "[variants.a]\n", "[0, 1]")
    save_events_npz(order_task(48), sweep_folder / "order.npz")
    assert main(arguments) == 2
    assert "a-seed1 and a-seed0: data" in capsys.readouterr().err
    (sweep_folder / "out" / "a-seed0.json").write_text("{")
    assert main(arguments) == 2
    assert "not a readable record" in capsys.readouterr().err
    (sweep_folder / "out" / "a-seed0.json").write_text("{}")
    assert main(arguments) == 2
    assert "not a record of version 1" in capsys.readouterr().err
    (sweep_folder / "out" / "a-seed0.json").write_text('{"format": "snnc-sweep-run", "version": 1}')
    assert main(arguments) == 2
    assert "is incomplete; remove it" in capsys.readouterr().err


def test_options_that_do_not_go_together(sweep_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sweep_file(sweep_folder, "[variants.a]\n")
    assert main(["sweep", str(file), "-o", str(sweep_folder / "out"), "--address", "here:6379"]) == 2
    assert "--address here:6379: needs --ray" in capsys.readouterr().err
    assert main(["sweep", str(file), "-o", str(file)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_variant_may_be_no_chain(sweep_folder: Path, in_this_process: list[str]) -> None:
    fields = 'recurrence = "axon"\ndelays_of = "none"\nequal_parameters = true\n'
    file = sweep_file(sweep_folder, f"[variants.loop]\n{fields}", "[0]")
    assert main(["sweep", str(file), "-o", str(sweep_folder / "runs"), "--test"]) == 0
    assert in_this_process == ["loop-seed0"]
    record = json.loads((sweep_folder / "runs" / "loop-seed0.json").read_text())
    assert record["config"]["recurrence"] == "axon"
    # 10 (6 + 2) weights and delays, 20 of batch norm: 180 = 9 (6 + 2) + 9 * 9 + 9 delays + 18.
    assert record["hidden"] == [9]
    assert record["parameters"]["trained"] == 180
    (row,) = json.loads((sweep_folder / "runs" / "table.json").read_text())["rows"]
    assert row["accuracy"].keys() == {"gaussian", "rounded", "final", "int8", "test", "test-int8"}


def test_the_choice_within_a_budget(
    sweep_folder: Path,
    in_this_process: list[str],
    capsys: pytest.CaptureFixture[str],
    refused: Callable[..., str],
) -> None:
    """A network of 6 lines, 10 neurons and 2 classes has at most 6 * 10 + 10 * 2 synapses."""
    common = "[common]\nweight_bits = [8, 4]\n"
    file, out = (
        sweep_file(sweep_folder, f"{common}[variants.a]\n[variants.b]\nhidden = [3]\n", "[1]"),
        sweep_folder / "out",
    )
    sweep = ["sweep", str(file), "-o", str(out)]
    rams = "; block RAM of an FPGA is no cost of a sweep: snnc targets --for MODEL tells it of each network"
    wrong = "'bram=10' is no limit"
    fpga = refused(*sweep, "--target", "fpga", "--budget", "bram=10")
    assert wrong in fpga
    assert fpga.strip().endswith(f"latency_ms{rams}")
    other = refused(*sweep, "--target", "c", "--budget", "bram=10")
    assert wrong in other
    assert rams not in other
    said = refused(*sweep, "--budget", "operation=3")
    assert "did you mean 'operations'" in said
    assert "energy_uj is not known" in refused(*sweep, "--target", "c", "--budget", "energy_uj=3")
    for board, cost, more in (
        (
            "fpga:board=icebreaker",
            "latency_ms",
            "; snnc targets --for MODEL tells the latency of a network on",
        ),
        ("fpga:board=icebreaker", "energy_uj", "\n"),  # no command knows it
        ("c", "latency_ms", "\n"),
    ):
        said = refused(*sweep, "--target", board, "--budget", f"{cost}=1")
        assert f"--budget: {cost} is not known, since the target has no published costs; leave it out" in said
        assert f"or choose another --target{more}" in said
    assert "limits only" in refused(*sweep, "--target", "loihi1")
    assert "leave --no-integers out" in refused(*sweep, "--no-integers", "--budget", "bytes=3")
    assert not in_this_process  # all of this is told before anything is trained

    assert main([*sweep, "--budget", "operations=100000"]) == 0
    said = capsys.readouterr().out
    found = json.loads((out / "table.json").read_text())["integers"]
    assert (found["target"], found["costs"], found["left_out"]) == ("loihi", "loihi1", {})
    points = {(point["run"], point["bits"]): point for point in found["points"]}
    assert points.keys() == {(f"{name}-seed1", bits) for name in "ab" for bits in (8, 4)}
    best = max(points.values(), key=lambda point: (point["correct"], -point["operations"]))
    run, bits = best["run"], best["bits"]
    assert found["chosen"] == f"{run}, {bits} bits"
    assert f"next: snnc export {out / f'{run}.pt'} --target loihi --weight-bits {bits}" in said
    record = json.loads((out / "a-seed1.json").read_text())["validation"]
    validating = points["a-seed1", 8]
    # What training measured of its integers is what is measured of the exported ones.
    assert validating["correct"] / validating["total"] == record["int8_final"]["accuracy"]
    assert 0 < points["a-seed1", 4]["bytes"] < validating["bytes"]
    assert "8 bits, % | 4 bits, % |" in (out / "table.md").read_text().splitlines()[0]
    assert b"<svg" in (out / "front.html").read_bytes()

    in_this_process.clear()
    assert main([*sweep, "--target", "c", "--budget", "bytes=1e6"]) == 0
    chips = "synapse bytes are as a chip stores them, not memory of the program"
    assert capsys.readouterr().out.count(chips) == 1
    assert main([*sweep, "--budget", "operations=0,bytes=1e6"]) == 2
    said = capsys.readouterr().out
    assert "no run is within operations=0, bytes=1,000,000\nthe nearest is b-seed1, " in said
    assert not in_this_process
    (out / "b-seed1.pt").unlink()
    assert main(sweep) == 0
    assert "note: b-seed1: not measured: " in capsys.readouterr().out
    assert main([*sweep, "--no-integers"]) == 0
    assert "integers" not in json.loads((out / "table.json").read_text())

    folds = sweep_file(sweep_folder, f"{common}[variants.a]\n{FOLDS.replace('epochs = 3', '')}", "[1]")
    assert "the sweep has folds" in refused("sweep", folds, "-o", sweep_folder / "f", "--budget", "bytes=3")


def test_a_speaker_that_nobody_is_ends_the_sweep_before_its_first_run(
    sweep_folder: Path, in_this_process: list[str], refused: Callable[..., str]
) -> None:
    folds = (
        "[folds.x]\nvalidation_speakers = [1]\ntest_speakers = [2]\n[folds.y]\nvalidation_speakers = [2]\n"
    )
    file = sweep_file(sweep_folder, f"[variants.a]\n{folds}test_speakers = [99]\n", "[0]")
    said = refused("sweep", str(file), "-o", str(sweep_folder / "out"))
    assert "a@y-seed0: " in said
    assert "99" in said
    assert not in_this_process
