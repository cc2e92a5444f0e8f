"""Fixtures shared by the tests of the whole road."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import line_coverage  # noqa: F401  (before what it measures)
import pytest
from fuzzing.target import Target
from models import digits_model, exported, tiny_model
from places import TESTS

from snnc.cli import main

for ending in ("SIGINT", "SIGHUP", "SIGTERM", "SIGQUIT"):
    # A shell may have them ignored (`nohup`, `&`), and what the tests start would inherit that.
    if (number := getattr(signal, ending, None)) and signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if ending == "SIGINT" else signal.SIG_DFL)

hypothesis.settings.register_profile("snnc", deadline=None)  # timing never decides a test
hypothesis.settings.load_profile("snnc")


SLOW_FOLDERS = tuple(TESTS / folder for folder in ("docs", "e2e", "faults", "fuzz", "unit/cli"))
SLOW_MARKERS = ("browser", "lava", "outside")

LONG_AND_LATE = tuple(
    TESTS / "unit" / file
    for file in (
        "verification/test_conformance.py",
        "verification/diagnosis/test_diagnosis.py",
        "trainer/test_processes.py",
        "trainer/test_sweep_runner.py",
        "targets/loihi/test_endings.py",
    )
)
"""Files that take 20 seconds of processor time or more and are collected late. They are run first: while the
last file of all is run, the other processes have nothing to do."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process for each core, one more where slow tests wait for their programs; memory holds 5."""
    spare = 0 if config.option.markexpr == "not slow" else 1
    return min(spare + (os.cpu_count() or 1), 5)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays: no garbage is looked for meanwhile."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A script of an artifact, which a test imports, keeps no bytecode; of later files it is kept.

    Each of several processes begins in another part of each folder, and keeps bytecode of it for the others.
    """
    kept = sys.dont_write_bytecode
    try:
        report = yield
    finally:
        sys.dont_write_bytecode = kept
    if isinstance(collector, pytest.Directory):
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        first = worker * len(report.result) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
        report.result = [*report.result[first:], *report.result[:first]]
    return report


def pytest_collection_finish() -> None:
    """A full collection of garbage would look at the half a million objects imported; little is garbage."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow; what is long and late comes first, all else by its path."""
    assert all(file.is_file() for file in LONG_AND_LATE)
    items.sort(key=lambda item: (item.path not in LONG_AND_LATE, item.path))
    for item in items:
        if (
            hypothesis.is_hypothesis_test(getattr(item, "obj", None))
            or any(map(item.path.is_relative_to, SLOW_FOLDERS))
            or any(map(item.get_closest_marker, SLOW_MARKERS))
        ):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def _tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tiny_model(), tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def digits_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network for the shipped digits, exported. Do not change it."""
    return exported(digits_model(), tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="session")
def fuzz_targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    """Every reader of a file, by name."""
    from fuzzing.targets import make_targets

    return {target.name: target for target in make_targets(tmp_path_factory.mktemp("fuzz"))}


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is compiled alike in several tests is compiled by one of the processes that run tests."""
    import compiled_once

    here = tmp_path_factory.getbasetemp()
    shared = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = shared / compiled_once.__name__
        folder.mkdir(exist_ok=True)
        compiled_once.share(folder, monkeypatch)
        yield


@pytest.fixture
def tiny_artifact(_tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny artifact that a test may change."""
    return Path(shutil.copytree(_tiny, tmp_path / "tiny.loihi"))


@pytest.fixture
def sweep_folder(tmp_path: Path) -> Path:
    """Data, a base configuration, and room for a sweep."""
    from order_task import order_task
    from sweeps import BASE

    from snnc.trainer.data import save_events_npz

    save_events_npz(order_task(40), tmp_path / "order.npz")
    (tmp_path / "base.toml").write_text(BASE)
    return tmp_path


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must fail with code 2 and one or two lines that start with `snnc:`."""

    def run(*arguments: object) -> str:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert code == 2, captured
        lines = captured.err.strip().splitlines()
        assert lines[0].startswith("snnc: "), captured.err
        assert "Traceback" not in captured.err
        assert len(lines) <= 2, captured.err
        return captured.err

    return run
