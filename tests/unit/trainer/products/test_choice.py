"""Who computes a run's products: measured once, kept, and told; nothing is lost if it cannot be kept."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from order_task import config, order_task

from snnc.errors import ConfigError
from snnc.trainer.loop import train
from snnc.trainer.network import build_network
from snnc.trainer.products import choice, kept
from snnc.trainer.products import measure as measure_module
from snnc.trainer.products.candidates import CANDIDATES
from snnc.trainer.products.choice import Choice, choose
from snnc.trainer.products.measure import LARGEST_ERROR, Connection, Measured, fastest, measure
from snnc.verification import doctor

FOUND = {"torch": Measured(0.03, 3e-7), "onednn": Measured(0.01, 1e-3), "compiled": Measured(0.02, 3e-7)}
"""oneDNN computes in bfloat16."""


@pytest.fixture(autouse=True)
def measurements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """An empty cache; what is measured, which takes no time."""
    seen: list[Connection] = []

    def measured(connection: Connection) -> dict[str, Measured]:
        seen.append(connection)
        return FOUND

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(choice.VARIABLE, raising=False)
    monkeypatch.setattr(choice, "measure", measured)
    for each in CANDIDATES.values():
        monkeypatch.setattr(type(each), "unavailable_reason", lambda self: None)
    return seen


def chosen(before: str | None = None, recordings: int = 1 << 40, **changes: Any) -> Choice:
    run = config(hidden=[30, 40], **changes)
    network = build_network(run, 6, 2)
    return choose(network, run, batch=12, time_steps=20, recordings=recordings, before=before)


def test_the_fastest_that_is_exact_is_taken(measurements: list[Connection]) -> None:
    found = chosen()
    assert found.product == "compiled"
    assert found.why == (
        "products of matrices by compiled (measured on this machine: torch 30 ms, onednn 10 ms, "
        "compiled 20 ms; too inexact: onednn)"
    )
    assert measurements == [
        Connection(12, 30, 40, 20, config().kernel_size)
    ]  # the largest connection, as it is
    assert chosen() == found
    assert len(measurements) == 1  # kept


def test_torch_as_it_is_set_up_is_never_refused() -> None:
    assert fastest({name: Measured(each.seconds, 1.0) for name, each in FOUND.items()}) == "torch"
    assert fastest(FOUND | {"torch": Measured(0.001, 1.0)}) == "torch"


@pytest.mark.parametrize("changes", [{"engine": "direct"}, {"kernel_size": 3}])
@pytest.mark.parametrize("recordings", [1000, 1 << 40])
def test_nothing_is_measured_where_no_signal_is_transformed(
    changes: dict[str, Any], recordings: int, measurements: list[Connection]
) -> None:
    assert chosen(recordings=recordings, **changes) == Choice("torch")
    assert not measurements


def test_a_short_run_is_computed_by_compiled_loops(
    measurements: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen(recordings=1000) == Choice("compiled")
    monkeypatch.setattr(type(CANDIDATES["compiled"]), "unavailable_reason", lambda self: "no compiler")
    assert chosen(recordings=1000) == Choice("torch")
    assert not measurements


def test_a_resumed_run_takes_what_it_began_with(measurements: list[Connection]) -> None:
    assert chosen(before="compiled") == Choice("compiled")
    assert not measurements


def test_what_began_and_cannot_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(CANDIDATES["compiled"]), "unavailable_reason", lambda self: "no compiler")
    for before, why in (("compiled", "no compiler"), ("abacus", "this release does not know it")):
        found = chosen(before=before)
        assert found.product == "torch"
        assert found.why.startswith(f"products of matrices by torch, before by '{before}'")
        assert why in found.why


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, measurements: list[Connection]) -> None:
    monkeypatch.setenv(choice.VARIABLE, "compiled")
    assert chosen() == Choice("compiled")
    assert "before by 'torch'" in chosen(before="torch").why
    monkeypatch.setenv(choice.VARIABLE, "abacus")
    with pytest.raises(ConfigError, match="SNNC_PRODUCT = 'abacus' in the environment: give torch, onednn"):
        chosen()
    monkeypatch.setattr(type(CANDIDATES["compiled"]), "unavailable_reason", lambda self: "no compiler")
    monkeypatch.setenv(choice.VARIABLE, "compiled")
    with pytest.raises(ConfigError, match="no compiler; give another, or unset it"):
        chosen()
    assert not measurements


DAMAGED = [
    b"",
    b"\xff\xfe",
    b"[1]",
    b"[" * 100_000,
    b'{"key": 1}',
    b'{"key": {"torch": 1}}',
    b'{"key": {"torch": {"seconds": -1, "error": 0}}}',
    b'{"key": {"torch": {"seconds": NaN, "error": 0}}}',
    b'{"key": {"compiled": {"seconds": 1, "error": 0}}}',
    b'{"key": {"abacus": {"seconds": 1, "error": 0}}}',
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_made_again(content: bytes, measurements: list[Connection]) -> None:
    kept.path().parent.mkdir()
    kept.path().write_bytes(content)
    assert chosen().product == "compiled"
    assert list(kept.read().values()) == [FOUND]
    assert len(measurements) == 1


def test_without_a_place_to_keep_it_it_is_measured_again(
    tmp_path: Path, measurements: list[Connection]
) -> None:
    (tmp_path / "snnc").write_text("a file")
    assert chosen().product == chosen().product == "compiled"
    assert len(measurements) == 2


def test_measurements_depend_on_threads_and_sizes() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = kept.key(Connection(100, 140, 256, 100, 25))
        assert one == kept.key(Connection(128, 200, 256, 128, 31))
        assert one != kept.key(Connection(129, 140, 256, 100, 25))
        assert one != kept.key(Connection(100, 140, 256, 100, 101))
        torch.set_num_threads(2)
        assert one != kept.key(Connection(100, 140, 256, 100, 25))
    finally:
        torch.set_num_threads(before)


def test_the_doctor_tells() -> None:
    assert "the first long training measures" in doctor.products().found
    chosen()
    told = doctor.products()
    assert told.found.startswith("by compiled for ")
    assert "ms" not in told.found.split()
    assert any("products of matrices by compiled (measured on" in each for each in told.details)


def test_candidates_are_measured_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the connection of the run."""
    seen, clock = [], iter(range(100))
    seconds = {"torch": [2.0, 3.0], "onednn": [5.0, 5.0], "compiled": [4.0, 1.0]}
    now = [0.0]

    def run(name: str, x: torch.Tensor, kernel: torch.Tensor, grad: torch.Tensor) -> None:
        seen.append((name, x.shape, kernel.shape, grad.shape))
        now[0] += seconds[name][next(clock) // 3]

    monkeypatch.setattr(measure_module, "_run", run)
    monkeypatch.setattr(measure_module, "_errors", lambda names, *_: dict.fromkeys(names, 0.5))
    monkeypatch.setattr(measure_module, "_ROUNDS", 2)
    monkeypatch.setattr(measure_module, "_PATIENCE", 12.0)
    monkeypatch.setattr(measure_module.time, "perf_counter", lambda: now[0])
    found = measure(Connection(5, 9, 10, 20, 7))
    assert found == {"torch": Measured(2, 0.5), "onednn": Measured(5, 0.5), "compiled": Measured(1, 0.5)}
    shapes = (20, 5, 9), (10, 9, 7), (20, 5, 10)
    assert seen == [(name, *shapes) for _ in range(2) for name in CANDIDATES]


def test_a_measurement_ends_when_patience_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def run(*_: object) -> None:
        now[0] += 2.0

    monkeypatch.setattr(measure_module, "_run", run)
    monkeypatch.setattr(measure_module, "_errors", lambda names, *_: dict.fromkeys(names, 0.0))
    monkeypatch.setattr(measure_module.time, "perf_counter", lambda: now[0])
    assert {each.seconds for each in measure(Connection(2, 3, 4, 5, 5)).values()} == {2.0}
    assert now[0] == 2.0 * len(CANDIDATES)  # a turn, which takes longer than patience


def test_of_a_large_connection_a_part_of_the_batch_is_measured() -> None:
    assert Connection(256, 256, 256, 124, 25).measured_batch == 256
    large = Connection(256, 2048, 2048, 250, 31)
    assert large.measured_batch == 32
    middle = Connection(256, 700, 700, 250, 31)
    assert 32 < middle.measured_batch < 256


def test_candidates_run() -> None:
    found = measure(Connection(5, 9, 10, 20, 7))
    assert set(found) == set(CANDIDATES)
    assert all(each.seconds > 0 for each in found.values())
    assert all(0 < found[name].error < LARGEST_ERROR for name in ("torch", "compiled"))


def test_the_error_of_bfloat16_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = torch.bmm

    def rounded(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        if torch.backends.mkldnn.matmul.fp32_precision != "bf16":  # type: ignore[attr-defined]
            return exact(left, right, out=out)
        return exact(left.bfloat16().float(), right.bfloat16().float(), out=out)

    monkeypatch.setattr(torch, "bmm", rounded)
    found = measure(Connection(5, 9, 10, 20, 7))
    assert found["onednn"].error > 50 * LARGEST_ERROR
    assert fastest(found) in ("torch", "compiled")


def test_a_resumed_run_is_an_uninterrupted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checkpoint says who computes, so it does not look at the environment's next wish or the cache."""
    monkeypatch.setattr(choice, "SMALL", 0)
    run, data, said = config(epochs=4, finetune_epochs=1, quantise_epochs=0), order_task(40), []
    whole = train(run, data=data, notify=said.append)
    assert [line for line in said if "compiled 20 ms" in line]

    def interrupt(metrics: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(run, data=data, progress=interrupt, checkpoint=tmp_path / "run.checkpoint")
    kept.path().write_text(json.dumps({}))
    monkeypatch.setattr(choice, "measure", lambda connection: {"torch": Measured(1.0, 0.0)})
    resumed = train(run, data=data, checkpoint=tmp_path / "run.checkpoint", resume=True)
    assert resumed.metrics["history"] == whole.metrics["history"]
    for ours, wanted in zip(resumed.layers, whole.layers, strict=True):
        assert (ours.weight == wanted.weight).all()
