"""`make bench` on a fresh clone: what lacks its opponent is said first, and nothing measured is lost."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import MagicMock

import pytest
import torch
from places import ROOT


def measured(name: str) -> dict[str, object]:
    return {"name": name, "ours": 1.0, "other": 2.0, "unit": "s", "ratio": 2.0}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with results of its own and nothing that takes time."""
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module("benchmarks.__main__")
    names = ("sim_vs_cpp", "sim_vs_torch", "train_step_ssc")
    monkeypatch.setattr(module, "BENCHMARKS", {name: (lambda n=name: measured(n)) for name in names})
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results.json")
    return module


def recorded(bench: ModuleType) -> dict[str, str]:
    return {row["name"]: row["date"] for row in json.loads(bench.RESULTS.read_text())}


def test_what_is_missing_is_said_before_the_work(bench, monkeypatch, capsys) -> None:
    """As without the extras and without a compiler."""
    monkeypatch.setitem(sys.modules, "DCLS", None)
    monkeypatch.setenv("PATH", "/nonexistent")
    before = [measured("train_step_ssc") | {"machine": "another", "date": "2020-02-02"}]
    bench.RESULTS.write_text(json.dumps(before))
    assert bench.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sim_vs_cpp left out: no g++ on PATH; install it (apt-get install g++)"
    assert lines[1].startswith("train_step_ssc left out: no DCLS")
    assert lines[1].endswith("pip install -e '.[reference]'")
    assert lines[2].startswith("1 of 3 benchmarks")
    assert recorded(bench)["train_step_ssc"] == "2020-02-02"
    assert set(recorded(bench)) == {"sim_vs_torch", "train_step_ssc"}


def test_a_benchmark_that_fails_costs_no_result(bench, monkeypatch) -> None:
    def broken() -> dict[str, object]:
        raise AssertionError("arrays differ")

    monkeypatch.setattr(bench, "unavailable_reason", lambda name: None)
    monkeypatch.setitem(bench.BENCHMARKS, "train_step_ssc", broken)
    with pytest.raises(AssertionError, match="arrays differ"):
        bench.main([])
    assert set(recorded(bench)) == {"sim_vs_cpp", "sim_vs_torch"}


def test_nothing_to_run_is_no_success(bench, monkeypatch, capsys) -> None:
    assert bench.main(["abacus"]) == 2
    assert "no benchmark's name begins with abacus" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "spikingjelly", None)
    assert bench.main(["train"]) == 2


@pytest.fixture
def trainer(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.trainer")


def test_without_a_gpu_steps_on_one_are_left_out(bench, trainer, monkeypatch, capsys) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(bench, "BENCHMARKS", trainer.BENCHMARKS)
    assert bench.main(["train_cuda"]) == 2
    said = capsys.readouterr().out
    assert "train_cuda_shd_b256 left out: torch " in said
    assert "finds no CUDA GPU; run it on a machine with one\n" in said
    assert "0 of 3 benchmarks" in said


def test_the_same_steps_are_taken_on_a_gpu(trainer) -> None:
    on_cuda = {name: run for name, run in trainer.BENCHMARKS.items() if name.startswith("train_cuda_")}
    assert len(on_cuda) == 3
    for name, run in on_cuda.items():
        other = trainer.BENCHMARKS[name.replace("cuda", "step")]
        assert run.args == (name, *other.args[1:-1])
        assert (run.keywords["device"], other.keywords) == ("cuda", {})


def test_a_result_of_a_gpu_keeps_its_name(bench, monkeypatch) -> None:
    name = "train_step_ssc"
    monkeypatch.setattr(bench, "unavailable_reason", lambda name: None)
    monkeypatch.setitem(bench.BENCHMARKS, name, lambda: measured(name) | {"machine": "a GPU"})
    assert bench.main([name]) == 0
    assert json.loads(bench.RESULTS.read_text())[0]["machine"] == "a GPU"


def test_a_candidate_that_there_is_not_is_a_line(bench, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SNNC_PRODUCT", "abacus")
    assert bench.main([]) == 2
    assert capsys.readouterr().out.startswith("SNNC_PRODUCT = 'abacus' in the environment: give torch")


def test_both_sides_take_the_same_step(trainer, monkeypatch) -> None:
    """A small one, without dropout, which is random: the losses are equal."""
    losses: list[float] = []

    def once(ours, other, rounds) -> tuple[float, float]:
        losses.extend((ours(), other()))
        return 1.0, 2.0

    monkeypatch.setattr(trainer, "interleaved", once)
    monkeypatch.setattr(torch.nn.functional, "dropout", lambda x, *_, **__: x)
    result = trainer.compare("small", (4, 8, 3), 2, 3, rounds=1)
    assert (result["ratio"], "machine" in result) == (2, False)
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


PROGRAMS = {"brian_program": "brian2", "partitioner": "mtkahypar"}
"""Modules that another environment runs, or that need a package which only they use."""


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")))
def test_a_benchmark_imports_what_there_is(name: str, monkeypatch) -> None:
    """No type checker looks at them, so a name that moved would show after minutes only."""
    monkeypatch.syspath_prepend(ROOT)
    if name in PROGRAMS:
        monkeypatch.setitem(sys.modules, PROGRAMS[name], MagicMock())
    importlib.import_module(f"benchmarks.{name}")


def test_every_opponent_says_what_it_lacks(bench, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "DCLS", None)
    monkeypatch.setenv("PATH", "/nonexistent")
    reasons = {part: reason() for part, reason in bench.OPPONENTS.items()}
    assert all(why is None or isinstance(why, str) for why in reasons.values()), reasons
    assert reasons["cpp"] == reasons["brian2"] != reasons["train_step"]


def test_every_opponent_is_of_a_benchmark(monkeypatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    bench = importlib.import_module("benchmarks.__main__")
    for part in bench.OPPONENTS:
        assert any(part in name for name in bench.BENCHMARKS), part


def test_the_causes_of_docs_diagnosis_are_found(monkeypatch, capsys) -> None:
    """`python -m benchmarks.diagnosis`, on a small network."""
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module("benchmarks.diagnosis")
    monkeypatch.setattr(module, "NETS", (((140, 32, 32, 4), 76, 0.1),))
    module.main()
    rows = capsys.readouterr().out.splitlines()[2:]
    causes = ["threshold-off-by-one", "delays-clipped", "weight-changed", "delay-changed"]
    assert [row.rsplit("|", 2)[1].strip() for row in rows] == causes
