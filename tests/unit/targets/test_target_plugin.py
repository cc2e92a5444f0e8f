"""The example of a distribution with target and executor: installed, used, conforming, quoted in the docs."""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from loihi_artifacts import chain
from loihi_artifacts import layer as layer_of
from models import ON_GOLDEN, saved, tiny_model
from places import ROOT
from uv import find_uv_bin

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.passes.place import Place
from snnc.target import Target, processor_limits
from snnc.targets.problems import check_limits
from snnc.verification.conformance import TARGET_LIMITS, conformance

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples/target_plugin"
SOURCE, EXECUTOR = EXAMPLE / "snnc_table/__init__.py", EXAMPLE / "snnc_table/executor.py"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the example is installed, built by uv itself: nothing is fetched."""
    folder = tmp_path_factory.mktemp("packages")
    command = [os.fsdecode(find_uv_bin()), "pip", "install", "--quiet", "--offline", "--no-deps"]
    command += ["--python", sys.executable, "--target", str(folder), str(EXAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_process_that_finds_it_lists_it(installed: Path) -> None:
    environment = {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(installed)}
    code = "import sys; from snnc.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "targets"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("table ")]
    assert "the network as tables" in line


def test_installed_it_exports_and_is_verified(
    installed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    refused: Callable[..., str],
) -> None:
    """In this process, which finds what is installed until the last lines."""
    for name in ("snnc_table", "snnc_table.executor"):
        monkeypatch.delitem(sys.modules, name, raising=False)  # those of other tests come from elsewhere
    monkeypatch.syspath_prepend(installed)
    assert main(["export", str(saved(tiny_model(), tmp_path)), "--target", "table"]) == 0
    assert Path(sys.modules["snnc_table"].__file__ or "").is_relative_to(installed)
    folder = tmp_path / "model.table"
    sound = (folder / "layer0.csv").read_bytes()
    capsys.readouterr()
    assert main(["verify", str(folder), *ON_GOLDEN, "--executors", "oracle,table", "-v"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Bit-exact: torch = oracle = table" in said.out
    (folder / "layer0.csv").unlink()
    broken = refused("run", folder, "-e", "table", "-i", folder / "golden.npz")
    assert len(broken.splitlines()) == 1
    (folder / "layer0.csv").write_bytes(sound)
    graph = read_artifact(folder).graph
    network = json.loads((folder / "network.json").read_text())
    assert network["steps"] == graph.time_steps == 12
    assert [(one["inputs"], one["neurons"]) for one in network["layers"]] == [(5, 6), (6, 3)]
    assert network["layers"][1]["threshold"] is None
    for index, layer in enumerate(graph.layers):
        rows = list(csv.DictReader(io.StringIO((folder / f"layer{index}.csv").read_text())))
        assert len(rows) == (layer.weight != 0).sum()
        for row in rows:
            at = int(row["neuron"]), int(row["source"])
            assert (int(row["weight"]), int(row["delay"])) == (layer.weight[at], layer.delay[at])
    monkeypatch.undo()
    assert "target 'table' is unknown" in refused("verify", folder)


def test_not_installed_it_is_unknown(tmp_path: Path, refused: Callable[..., str]) -> None:
    said = refused("export", saved(tiny_model(), tmp_path), "--target", "table")
    assert said.startswith("snnc: target 'table' is unknown; there are loihi, onnx, c,")
    assert "If a plugin provides it, install" in said
    assert len(said.splitlines()) == 1


def test_it_conforms_and_its_tables_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLE)
    target = importlib.import_module("snnc_table").TARGET
    found = conformance(target=target)
    assert found.problems == ()
    assert set(found.refused) == {TARGET_LIMITS}  # weights of more than 8 bits
    assert found.passed + found.refused[TARGET_LIMITS] == 100
    graph = chain(
        layer_of([[5, 0], [0, -7]], [[2, 9], [0, 1]], name="a", threshold=3, bias_mant=[1, -2], bias_exp=3),
        layer_of([[1, 1]], name="b"),
        time_steps=4,
    )
    files = target.emit(Place(target).run(graph))
    assert files["layer0.csv"] == b"neuron,source,weight,delay\n0,0,5,2\n1,1,-7,1\n"
    assert json.loads(files["network.json"])["layers"][0] == {
        "inputs": 2,
        "neurons": 2,
        "decay_u": 4096,
        "decay_v": 0,
        "threshold": 3,
        "bias": [8, -16],
    }


def of_example(source: str) -> ModuleType:
    """The executor's module, from `source`."""
    module = ModuleType("executor")
    exec(source, vars(module))
    return module


def test_the_executor_conforms_on_what_the_target_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLE)
    target = importlib.import_module("snnc_table").TARGET
    found = conformance(target=target, executor=of_example(EXECUTOR.read_text()).TableExecutor())
    assert found.problems == ()
    assert (found.passed, dict(found.refused)) == (52, {TARGET_LIMITS: 48})  # as the page says


def test_it_needs_tables(tiny_artifact: Path) -> None:
    why = of_example(EXECUTOR.read_text()).TableExecutor().unsupported_reason(read_artifact(tiny_artifact))
    assert why == "tiny.loihi holds no tables; export with --target table"


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> Target:
    """The example's target, which takes weights of any size."""
    monkeypatch.syspath_prepend(EXAMPLE)
    limits = processor_limits(24, weight_bits="a wide column")
    target: Target = importlib.import_module("snnc_table").TARGET
    return replace(target, limits=limits, check=partial(check_limits, limits=limits))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("> 2**23", ">= 2**23"),
        ("<= -(2**23)", "< -(2**23)"),
        ("np.clip(membrane, 1 - 2**23", "np.clip(membrane, -(2**23)"),
        ('> layer["threshold"]', '>= layer["threshold"]'),
        ("1 - spikes[:, t]", "1"),
        ("[:, delay:, neuron]", "[:, max(1, delay):, neuron]"),
        ("max(0, steps - delay)", "steps - delay"),
        ("* (abs(x) * (4096 - k) >> 12)", "* abs(x) * (4096 - k) >> 12"),
    ],
)
def test_a_fault_in_the_executor_is_noticed(old: str, new: str, wide: Target) -> None:
    """Each expression of the contract that the example holds: changed, it conforms no more.

    The tables hold weights of any size, and u wraps only with some that are larger than the target takes.
    """
    source = EXECUTOR.read_text()
    assert source.count(old) == 1
    assert conformance(target=wide, executor=of_example(source.replace(old, new)).TableExecutor()).problems


def test_without_a_fault_it_conforms_with_weights_of_any_size(wide: Target) -> None:
    right = conformance(target=wide, executor=of_example(EXECUTOR.read_text()).TableExecutor())
    assert (right.passed, right.problems) == (100, ())


@pytest.mark.parametrize("file", [SOURCE, EXECUTOR, EXAMPLE / "pyproject.toml"], ids=lambda path: path.name)
def test_the_page_quotes_it_exactly(file: Path) -> None:
    page = (ROOT / "docs/add_a_target.md").read_text()
    assert f"```{'python' if file.suffix == '.py' else 'toml'}\n{file.read_text()}```\n" in page


def test_the_example_is_small() -> None:
    assert len(SOURCE.read_text().splitlines()) <= 40
    assert len(EXECUTOR.read_text().splitlines()) <= 60
