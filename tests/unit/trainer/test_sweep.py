"""`snnc sweep`: its file, its runs, going on after a kill, and the table."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from order_task import order_task, toml
from places import EXAMPLES, SNNC

from snnc.cli import main
from snnc.errors import ConfigError, InputError
from snnc.targets.loihi.processes import members
from snnc.trainer import sweep_runner
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import load_model
from snnc.trainer.sweep import SweepRun, load_sweep

pytestmark = pytest.mark.slow

BASE = toml(epochs=2, finetune_epochs=1, seed=0)  # the default, which no file names: seeds are a sweep's own


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Data, a base configuration, and room for a sweep."""
    save_events_npz(order_task(40), tmp_path / "order.npz")
    (tmp_path / "base.toml").write_text(BASE)
    return tmp_path


def sweep_file(folder: Path, variants: str, seeds: str = "[0, 1]") -> Path:
    file = folder / "sweep.toml"
    file.write_text(f'base = "base.toml"\nseeds = {seeds}\n{variants}')
    return file


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Runs take place here, one after another; yields the names of those that began."""
    began: list[str] = []

    def run_here(runs: list[SweepRun], workers: int, finished: sweep_runner.Finished) -> None:
        for run in runs:
            began.append(run.name)
            sweep_runner.train_run(run)
            finished(run, json.loads(run.record.read_text()))

    monkeypatch.setattr(sweep_runner, "run_local", run_here)
    threads = torch.get_num_threads()
    yield began
    torch.set_num_threads(threads)


def test_a_sweep_file(folder: Path) -> None:
    file = sweep_file(folder, "[common]\nepochs = 7\n[variants.a]\n[variants.b]\nepochs = 9\ntau = 3.0\n")
    runs = load_sweep(file, folder / "out")
    assert [run.name for run in runs] == ["a-seed0", "a-seed1", "b-seed0", "b-seed1"]
    assert [run.config.epochs for run in runs] == [7, 7, 9, 9]
    assert [run.config.tau for run in runs] == [1.5, 1.5, 3.0, 3.0]
    assert {run.config.dataset for run in runs} == {str(folder / "order.npz")}
    assert runs[3].record == folder / "out" / "b-seed1.json"


def test_relative_places_count_from_the_sweep_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = 'dataset = "sub/x.npz"', 'dataset = "gsc"\ndata_dir = "d"\ncache_dir = "/c"'
    variants = f"[variants.a]\n{first}\n[variants.b]\n{second}\n"
    sweep_file(folder, variants, "[0]")
    monkeypatch.chdir(folder)
    (a, b) = load_sweep("sweep.toml", Path("out"))
    assert a.config.dataset == str(folder / "sub" / "x.npz")
    assert (b.config.dataset, b.config.data_dir, b.config.cache_dir) == ("gsc", str(folder / "d"), "/c")
    assert a.folder == folder / "out"


def test_the_examples() -> None:
    """The five models of the paper, sparse and fully connected, and the recurrent one; three seeds each."""
    runs = load_sweep(ABLATION, Path("out"))
    models = ("no-delays", "fixed-delays", "fixed-weights", "constant-sigma", "decreasing-sigma")
    names = {
        f"{model}{density}-seed{seed}" for model in models for density in ("", "-sparse") for seed in range(3)
    }
    recurrent = [run for run in runs if run.variant == "recurrent-delays"]
    assert {run.name for run in recurrent} == {f"recurrent-delays-seed{seed}" for seed in range(3)}
    for run in recurrent:
        assert (run.config.recurrence, run.config.delays_of, run.config.delays) == ("axon", "none", "learned")
        assert run.config.equal_parameters
    runs = [run for run in runs if run not in recurrent]
    assert len(runs) == 30
    assert {run.name for run in runs} == names
    assert {run.config.dataset for run in runs} == {"order"}
    for run in runs:
        assert run.config.synapses_per_neuron == (10 if run.variant.endswith("-sparse") else None)
        fields = (run.config.delays, run.config.weights, run.config.sigma_schedule)
        model = models.index(run.variant.removesuffix("-sparse"))
        assert fields == (
            ("none", "fixed", "learned", "learned", "learned")[model],
            "fixed" if model == 2 else "learned",
            "constant" if model == 3 else "decreasing",
        )
        assert run.config.equal_parameters == (model == 0)


ABLATION = EXAMPLES / "ablation.toml"


FOLDS = "[folds.x]\nvalidation_speakers = [1]\n[folds.y]\nvalidation_speakers = [2]\nepochs = 3\n"


def test_folds_times_variants(folder: Path) -> None:
    file = sweep_file(folder, f"[common]\nepochs = 7\n[variants.a]\n[variants.b]\ntau = 3.0\n{FOLDS}")
    runs = load_sweep(file, folder / "out")
    names = [f"{variant}@{fold}-seed{seed}" for variant in "ab" for fold in "xy" for seed in (0, 1)]
    assert [run.name for run in runs] == names
    assert [run.config.validation_speakers for run in runs] == [(1,), (1,), (2,), (2,)] * 2
    assert [run.config.epochs for run in runs] == [7, 7, 3, 3] * 2
    assert [run.config.tau for run in runs] == [1.5] * 4 + [3.0] * 4


@pytest.mark.parametrize(
    ("variants", "common", "words"),
    [
        ("[variants.a]\nepochs = 2\n" + FOLDS, {}, "fold 'y' sets epochs, so it cannot be set in a variant"),
        ("[variants.a]\n" + FOLDS, {"epochs": 2}, "fold 'y' sets epochs, so it cannot be set for all"),
        ("[variants.a]\n[folds.x]\nseed = 2\n", {}, "fold 'x' sets seed"),
        ("[variants.a]\n[variants.a.folds]\n", {}, "variant 'a' sets folds"),
        ("[variants.a]\n[folds.'x y']\n", {}, "fold 'x y' names files"),
        ("[variants.a]\n[folds.x]\ntau = 0.5\n", {}, r"variant 'a', fold 'x': .*tau = 0\.5"),
        ("[variants.a]\n" + "".join(f"[folds.f{n}]\n" for n in range(2049)), {}, "2049 folds are 4098 runs"),
    ],
)
def test_wrong_folds(folder: Path, variants: str, common: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_sweep(sweep_file(folder, variants), folder, common=common)


def test_the_folds_of_the_example() -> None:
    """Each speaker but 0 and 9, the test speakers, validates once; no run trains or validates with those."""
    runs = load_sweep(EXAMPLES / "heidelberg" / "folds.toml", Path("out"))
    assert {run.config.test_speakers for run in runs} == {(0, 9)}
    speakers = [speaker for run in runs for speaker in run.config.validation_speakers]
    assert sorted(speakers) == [1, 2, 3, 6, 7, 8, 10, 11]


def test_another_base_and_fields_for_all(folder: Path) -> None:
    file = sweep_file(folder, "[common]\nepochs = 7\n[variants.a]\n[variants.b]\ntau = 3.0\n")
    digits = load_sweep(file, folder, base="digits")
    assert {run.config.dataset for run in digits} == {"digits"}
    assert [run.config.tau for run in digits] == [2.0, 2.0, 3.0, 3.0]  # the preset's, and the variant's
    assert {run.config.epochs for run in digits} == {7}
    (folder / "sub").mkdir()
    (folder / "sub" / "other.toml").write_text(BASE.replace("kernel_size = 7", "kernel_size = 9"))
    other = load_sweep(file, folder, base=str(folder / "sub" / "other.toml"))
    assert {run.config.kernel_size for run in other} == {9}
    assert {run.config.dataset for run in other} == {str(folder / "sub" / "order.npz")}

    runs = load_sweep(file, folder, common={"hidden": [3], "epochs": 5})
    assert {(run.config.hidden, run.config.epochs) for run in runs} == {((3,), 5)}  # over the file's common
    assert [run.config.tau for run in runs] == [1.5, 1.5, 3.0, 3.0]


def test_paths_for_all_count_from_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    file = sweep_file(folder, "[variants.a]\n", "[0]")
    (run,) = load_sweep(file, folder, common={"dataset": "x.npz"})
    assert run.config.dataset == str(folder / "elsewhere" / "x.npz")
    (run,) = load_sweep(file, folder, common={"dataset": "digits-order-probe"})
    assert run.config.dataset == "digits-order-probe"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"common": {"tau": 2.0}}, r"sweep\.toml: variant 'b' sets tau, so it cannot be set for all"),
        ({"common": {"seed": 3}}, "common sets seed; set it in seeds instead"),
        ({"common": {"epoch": 3}}, "variant 'a': .*unknown field 'epoch'"),
        ({"common": {"hidden": []}}, r"variant 'a': .*hidden = \[\]"),
        ({"base": "none"}, r"sweep\.toml: preset 'none' does not exist"),
        ({"base": "none.toml"}, r"sweep\.toml: none.toml: no such file"),
    ],
)
def test_an_impossible_base_or_field_for_all(folder: Path, changes: dict[str, Any], words: str) -> None:
    file = sweep_file(folder, "[variants.a]\n[variants.b]\ntau = 3.0\n")
    with pytest.raises(ConfigError, match=words):
        load_sweep(file, folder, **changes)


def test_base_and_set_on_the_command_line(
    folder: Path, in_this_process: list[str], refused: Callable[..., str]
) -> None:
    (folder / "other.toml").write_text(BASE.replace("kernel_size = 7", "kernel_size = 9"))
    file, out = sweep_file(folder, "[variants.a]\n[variants.b]\ntau = 3.0\n", "[4]"), folder / "out"
    sweep = ["sweep", str(file), "-o", str(out), "--base", str(folder / "other.toml")]
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("base = 'base.toml'\nseeds = []\n[variants.a]", "seeds: tuple should have at least 1 item"),
        ("base = 'base.toml'\nseeds = [1, 1]\n[variants.a]", r"seeds are \[1, 1\]; name each once"),
        ("base = 'base.toml'\nseeds = [1]\n", "variants: field required"),
        ("base = 'base.toml'\nseeds = [1]\nvariant = 3\n[variants.a]", "variant: .*a sweep has base, seeds"),
        ("base = 'base.toml'\nseeds = [1]\n[variants.'a/b']", "variant 'a/b' names files"),
        ("base = 'base.toml'\nseeds = [1]\n[variants.a]\nseed = 3", "variant 'a' sets seed"),
        ("base = 'base.toml'\nseeds = [1]\n[variants.a]\nepoch = 3", "variant 'a': .*unknown field 'epoch'"),
        ("base = 'none'\nseeds = [1]\n[variants.a]", "preset 'none' does not exist"),
        ("base = ", "not a readable TOML file"),
    ],
)
def test_wrong_sweep_files(folder: Path, text: str, words: str) -> None:
    (folder / "sweep.toml").write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_sweep(folder / "sweep.toml", folder)
    with pytest.raises(ConfigError, match="no such file"):
        load_sweep(folder / "nosuch.toml", folder)


def test_runs_table_and_a_failure(
    folder: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    variants = "[variants.learned]\n[variants.broken]\nlr_weights = 1e36\nbatch_norm = false\n"
    file, out = sweep_file(folder, variants), folder / "out"
    assert main(["sweep", str(file), "-o", str(out), "--test"]) == 2
    said = capsys.readouterr()
    assert "snnc: 2 of 4 runs failed" in said.err
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
    sweep_file(folder, "[variants.learned]\n")
    assert main(["sweep", str(file), "-o", str(out), "--test"]) == 0
    assert not in_this_process
    tested = json.loads((out / "table.json").read_text())["rows"][0]["accuracy"]["test"]
    capsys.readouterr()
    for seed, accuracy in enumerate(tested["values"]):
        assert main(["test", str(out / f"learned-seed{seed}.pt")]) == 0
        assert re.search(rf"^finished +{accuracy:.2%} ", capsys.readouterr().out, re.MULTILINE)


def test_a_sweep_over_folds(folder: Path, in_this_process: list[str]) -> None:
    file, out = sweep_file(folder, f"[variants.a]\n{FOLDS}", "[0]"), folder / "out"
    assert main(["sweep", str(file), "-o", str(out)]) == 0
    assert in_this_process == ["a@x-seed0", "a@y-seed0"]
    records = [json.loads((out / f"a@{fold}-seed0.json").read_text()) for fold in "xy"]
    assert [record["fold"] for record in records] == ["x", "y"]
    (row,) = json.loads((out / "table.json").read_text())["rows"]
    values = [record["validation"]["final"]["accuracy"] for record in records]
    assert row["accuracy"]["final"]["values"] == values
    in_this_process.clear()
    assert main(["sweep", str(file), "-o", str(out)]) == 0
    assert not in_this_process


def test_results_of_another_configuration_or_data_are_refused(
    folder: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = sweep_file(folder, "[variants.a]\n", "[0]")
    arguments = ["sweep", str(file), "-o", str(folder / "out")]
    assert main(arguments) == 0
    sweep_file(folder, "[variants.a]\ntau = 4.0\n", "[0]")
    assert main(arguments) == 2
    assert "was run with tau = 1.5, the sweep has 4.0; choose another folder" in capsys.readouterr().err
    sweep_file(folder, "[variants.a]\n", "[0, 1]")
    save_events_npz(order_task(48), folder / "order.npz")
    assert main(arguments) == 2
    assert "a-seed1 and a-seed0: data" in capsys.readouterr().err
    (folder / "out" / "a-seed0.json").write_text("{")
    assert main(arguments) == 2
    assert "not a readable record" in capsys.readouterr().err
    (folder / "out" / "a-seed0.json").write_text("{}")
    assert main(arguments) == 2
    assert "not a record of version 1" in capsys.readouterr().err
    (folder / "out" / "a-seed0.json").write_text('{"format": "snnc-sweep-run", "version": 1}')
    assert main(arguments) == 2
    assert "is incomplete; remove it" in capsys.readouterr().err


def test_options_that_do_not_go_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sweep_file(folder, "[variants.a]\n")
    assert main(["sweep", str(file), "-o", str(folder / "out"), "--address", "here:6379"]) == 2
    assert "--address here:6379: needs --ray" in capsys.readouterr().err
    assert main(["sweep", str(file), "-o", str(file)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_two_sweeps_do_not_share_a_folder(folder: Path) -> None:
    with (
        sweep_runner.locked(folder),
        pytest.raises(InputError, match="another sweep is running there"),
        sweep_runner.locked(folder),
    ):
        pass


def test_a_worker_that_dies_is_a_failed_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_runner, "_work", os._exit)  # called with a run, the process ends with code 1
    (run, other) = load_sweep(sweep_file(folder, "[variants.a]\n"), folder)
    ended: dict[str, Any] = {}
    sweep_runner.run_local([run, other], 2, lambda run, record: ended.update({run.name: record["error"]}))
    assert ended == {name: "its process ended with exit code 1" for name in ("a-seed0", "a-seed1")}
    assert sweep_runner.read_record(run)["error"] == ended["a-seed0"]  # type: ignore[index]


def test_a_killed_sweep_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = sweep_file(folder, "[variants.short]\n[variants.long]\nepochs = 50\n", "[1]"), folder / "out"
    arguments = ["sweep", str(file), "-o", str(out), "--workers", "1"]
    short, long = load_sweep(file, out)
    out.mkdir()
    threads = torch.get_num_threads()
    sweep_runner.train_run(short)  # as if an earlier sweep had come so far
    process = subprocess.Popen([*SNNC, *arguments], stdout=subprocess.DEVNULL)
    checkpoint = out / "long-seed1.pt.checkpoint"
    try:
        while not checkpoint.exists():
            assert process.poll() is None
            time.sleep(0.002)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    for child in children:  # workers end with their parent
        while is_running(child):
            time.sleep(0.01)
    assert not (out / "long-seed1.json").exists()
    done = (out / "short-seed1.json").stat()

    assert main(arguments) == 0
    assert "2 runs, 1 done before" in capsys.readouterr().out
    assert (out / "short-seed1.json").stat().st_mtime_ns == done.st_mtime_ns
    assert json.loads((out / "long-seed1.json").read_text())["resumed"]
    assert not checkpoint.exists()
    whole = train(long.config)  # with one thread, since `train_run` above
    torch.set_num_threads(threads)
    resumed = load_model(out / "long-seed1.pt")
    assert dict(resumed.metrics) == dict(whole.metrics)
    for a, b in zip(resumed.layers, whole.layers, strict=True):
        assert np.array_equal(a.weight, b.weight)
        assert np.array_equal(a.position, b.position)


def test_an_ended_sweep_leaves_no_worker(folder: Path) -> None:
    file, out = sweep_file(folder, "[variants.long]\nepochs = 500\n"), folder / "out"
    arguments = ["sweep", str(file), "-o", str(out), "--workers", "2"]
    process = subprocess.Popen(
        [*SNNC, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        while not list(out.glob("*.checkpoint")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
        assert (process.returncode, said) == (143, "snnc: ended by SIGTERM\n")
        for _ in range(1000):  # what multiprocessing keeps to tidy up ends when it sees that the others have
            if not members(process.pid):
                break
            time.sleep(0.01)
        assert members(process.pid) == []
    finally:
        for pid in members(process.pid):
            os.kill(pid, signal.SIGKILL)
    assert {path.name for path in out.rglob("*")} <= {
        ".lock",
        *(f"long-seed{seed}.pt.checkpoint" for seed in (0, 1)),
    }


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_ray_is_optional(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # importing it fails
    file = sweep_file(folder, "[variants.a]\n")
    assert main(["sweep", str(file), "-o", str(folder / "out"), "--ray"]) == 2
    assert "Ray is not installed; pip install 'snnc[sweep]'" in capsys.readouterr().err


def test_a_sweep_on_ray(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ray", reason="the optional extra 'sweep' is not installed")
    file = sweep_file(folder, "[variants.a]\n[variants.b]\nlr_weights = 1e36\nbatch_norm = false\n", "[0]")
    assert main(["sweep", str(file), "-o", str(folder / "out"), "--ray", "--workers", "1"]) == 2
    assert "1 of 2 runs failed" in capsys.readouterr().err
    record = json.loads((folder / "out" / "a-seed0.json").read_text())
    assert record["validation"] == load_model(folder / "out" / "a-seed0.pt").metrics["validation"]


def test_a_variant_may_be_no_chain(folder: Path, in_this_process: list[str]) -> None:
    fields = 'recurrence = "axon"\ndelays_of = "none"\nequal_parameters = true\n'
    file = sweep_file(folder, f"[variants.loop]\n{fields}", "[0]")
    assert main(["sweep", str(file), "-o", str(folder / "runs"), "--test"]) == 0
    assert in_this_process == ["loop-seed0"]
    record = json.loads((folder / "runs" / "loop-seed0.json").read_text())
    assert record["config"]["recurrence"] == "axon"
    # 10 (6 + 2) weights and delays, 20 of batch norm: 180 = 9 (6 + 2) + 9 * 9 + 9 delays + 18.
    assert record["hidden"] == [9]
    assert record["parameters"]["trained"] == 180
    (row,) = json.loads((folder / "runs" / "table.json").read_text())["rows"]
    assert row["accuracy"].keys() == {"gaussian", "rounded", "final", "int8", "test"}


def test_the_choice_within_a_budget(
    folder: Path, in_this_process: list[str], capsys: pytest.CaptureFixture[str], refused: Callable[..., str]
) -> None:
    """A network of 6 lines, 10 neurons and 2 classes has at most 6 * 10 + 10 * 2 synapses."""
    common = "[common]\nweight_bits = [8, 4]\n"
    file, out = (
        sweep_file(folder, f"{common}[variants.a]\n[variants.b]\nhidden = [3]\n", "[1]"),
        folder / "out",
    )
    sweep = ["sweep", str(file), "-o", str(out)]
    said = refused(*sweep, "--budget", "operation=3")
    assert "did you mean 'operations'" in said
    assert "energy_uj is not known" in refused(*sweep, "--target", "c", "--budget", "energy_uj=3")
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
    assert main([*sweep, "--budget", "operations=0,bytes=1e6"]) == 2
    said = capsys.readouterr().out
    assert "no run is within operations=0, bytes=1,000,000\nthe nearest is b-seed1, " in said
    assert not in_this_process
    (out / "b-seed1.pt").unlink()
    assert main(sweep) == 0
    assert "note: b-seed1: not measured: " in capsys.readouterr().out
    assert main([*sweep, "--no-integers"]) == 0
    assert "integers" not in json.loads((out / "table.json").read_text())

    folds = sweep_file(folder, f"{common}[variants.a]\n{FOLDS.replace('epochs = 3', '')}", "[1]")
    assert "the sweep has folds" in refused("sweep", folds, "-o", folder / "f", "--budget", "bytes=3")
