"""Training on other hardware: devices, mixed precision, and processes that share each batch."""

import math
import multiprocessing
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from order_task import config, order_task, toml
from torch.multiprocessing.spawn import ProcessExitedException, start_processes

from snnc.cli import main
from snnc.errors import ConfigError, InputError, ModelFileError, TrainingError
from snnc.quantisation import full_range
from snnc.trainer import data_parallel, integer_lif, processes
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import save_events_npz
from snnc.trainer.data_parallel import LostProcessError, Share, batch_norm, dropout_gain, share_of
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train
from snnc.trainer.loss import cross_entropy
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.model_file import load_model
from snnc.trainer.network import build_network
from snnc.trainer.quantised import quantised_network
from snnc.trainer.run import TrainingRun
from snnc.trainer.splitting import splits_of
from snnc.trainer.worker import Worker

pytestmark = pytest.mark.slow

PLACE = {
    "RANK": "1",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "4",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "1",
}


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    """They go on from the first epoch of one process. Their five batches are of 22 or 23."""
    save_events_npz(order_task(), tmp_path / "order.npz")
    fields = {"batch_size": 21, "epochs": 4, "finetune_epochs": 1, "dataset": str(tmp_path / "order.npz")}
    chosen = config(**fields)
    (tmp_path / "mine.toml").write_text(toml(**fields))

    def interrupt(metrics: EpochMetrics) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "two.pt"
    with pytest.raises(KeyboardInterrupt):
        train(chosen, progress=interrupt, checkpoint=tmp_path / "two.pt.checkpoint")
    command = ["train", str(tmp_path / "mine.toml"), "-o", str(output), "--device", "cpu"]
    assert main([*command, "--processes", "2", "--resume"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml", "order.npz", "two.pt"]

    model, alone = load_model(output), train(chosen)
    history, wanted = model.metrics["history"], alone.metrics["history"]
    assert [epoch["phase"] for epoch in history] == ["gaussian"] * 4 + ["rounded", "int8"]
    for key in ("loss", "validation_loss"):
        losses, others = ([epoch[key] for epoch in epochs] for epochs in (history, wanted))
        assert losses[:3] == pytest.approx(others[:3], rel=1e-4)
        assert losses == pytest.approx(others, rel=0.05)  # a spike near its threshold may have flipped
        assert losses != others  # sums in another order: two did it
    assert history[1]["train_accuracy"] == wanted[1]["train_accuracy"]
    assert model.metrics["data"] == alone.metrics["data"]

    artifact = str(tmp_path / "two.loihi")
    assert main(["export", str(output), "-o", artifact]) == 0
    assert (
        main(["verify", artifact, "--samples", "4", "--generated", "0", "--executors", "oracle,hwsim"]) == 0
    )


def test_one_process_that_fails_ends_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first writes checkpoints; the other one waits for it in the next epoch."""
    if not torch.accelerator.is_available():  # else there are threads of torch that a fork would lack
        monkeypatch.setattr(processes, "start_processes", partial(start_processes, start_method="fork"))
    short = config(epochs=2, finetune_epochs=0, quantise_epochs=0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for the same reason
    try:
        with pytest.raises(ModelFileError, match=r"none/run\.checkpoint: cannot be written"):
            train(
                short,
                data=order_task(40),
                checkpoint=tmp_path / "none" / "run.checkpoint",
                hardware=Hardware("cpu", processes=2),
            )
    finally:
        torch.set_num_threads(threads)


def follow(*sent: tuple[str, Any], ended: Exception | None = None) -> tuple[list[str], list[str]]:
    """`_follow` of two processes that reported this, and ended well or by the error."""
    reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for message in sent:
        reports.put(message)

    def join(timeout: float) -> bool:
        if ended is not None:
            raise ended
        return True

    seen: list[str] = []
    notes: list[str] = []
    group = SimpleNamespace(join=join, processes=[None, None])
    processes._follow(group, reports, seen.append, notes.append)
    return seen, notes


def test_reports_of_processes_are_passed_on() -> None:
    assert follow(("note", "a"), ("progress", "b"), ("progress", "c")) == (["b", "c"], ["a"])


LOST = ("lost", LostProcessError("another process has ended"))
KILLED = ProcessExitedException("", error_index=1, error_pid=1, exit_code=-9)
ENDED = ProcessExitedException("", error_index=0, error_pid=1, exit_code=1)


@pytest.mark.parametrize(
    ("sent", "ended", "kind", "words"),
    [
        ([("progress", "x")], KILLED, TrainingError, "process 1 of 2 ended with exit code -9"),  # of memory
        ([LOST], KILLED, TrainingError, "process 1 of 2 ended with exit code -9"),
        ([LOST, ("failed", InputError("the cause"))], ENDED, InputError, "the cause"),
        ([LOST], None, LostProcessError, "another process has ended"),
    ],
)
def test_the_cause_is_told(
    sent: list[tuple[str, Any]], ended: Exception | None, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        follow(*sent, ended=ended)


@pytest.mark.parametrize(
    ("work", "count", "words"),  # work is called with the rank
    [
        (os._exit, 2, "process 1 of 2 ended with exit code 1"),
        (math.lgamma, 1, "a process of the run failed: ValueError: "),
    ],
)
def test_how_torch_tells_of_a_process_that_ended(
    work: Callable[[int], Any], count: int, words: str, tmp_path: Path
) -> None:
    with processes._temporary_files_in(tmp_path):
        # What is told is the same of those that are started anew, which import torch first.
        group = start_processes(work, (), count, join=False, daemon=True, start_method="fork")
    with pytest.raises(TrainingError, match=words):
        processes._follow(group, queue.SimpleQueue(), print, print)
    assert len(list(tmp_path.iterdir())) == (work is math.lgamma)  # the traceback lies there, not in /tmp


@given(st.integers(1, 500), st.integers(1, 16))
def test_shares_are_the_batch(count: int, processes: int) -> None:
    rows = [np.arange(count)[share_of(count, rank, processes).rows] for rank in range(processes)]
    assert np.array_equal(np.concatenate(rows), np.arange(count))
    assert max(map(len, rows)) - min(map(len, rows)) <= 1


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Run a function of each share in a thread of its own, with sums over the threads."""

    def run(compute: Callable[[Share], Any], count: int, ranks: int) -> list[Any]:
        barrier, parts = threading.Barrier(ranks, timeout=20), dict[int, torch.Tensor]()
        number = threading.local()

        def add_up(tensor: torch.Tensor) -> torch.Tensor:
            parts[number.rank] = tensor.clone()
            barrier.wait()
            total = torch.stack([parts[rank] for rank in range(ranks)]).sum(0)
            barrier.wait()
            return tensor.copy_(total)

        def work(rank: int) -> Any:
            number.rank = rank
            return compute(share_of(count, rank, ranks))

        monkeypatch.setattr(data_parallel, "add_up", add_up)
        with ThreadPoolExecutor(ranks) as pool:
            return list(pool.map(work, range(ranks)))

    return run


@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_norm_of_shares_is_that_of_the_batch(
    in_threads: Callable[..., list[Any]], momentum: float | None
) -> None:
    generator = torch.Generator().manual_seed(0)
    current, gradient = (torch.randn(5, 7, 4, generator=generator) for _ in range(2))
    current = 3 * current + torch.tensor([0.0, 5.0, -20.0, 1.0])

    def norm() -> torch.nn.BatchNorm1d:
        made = torch.nn.BatchNorm1d(4, momentum=momentum)
        with torch.no_grad():
            made.weight.copy_(torch.tensor([1.0, 2.0, -0.5, 1.5]))
            made.bias.copy_(torch.tensor([0.0, 1.0, 2.0, -1.0]))
        return made

    def compute(share: Share) -> tuple[torch.Tensor, torch.Tensor, torch.nn.BatchNorm1d]:
        module, x = norm(), current[:, share.rows].clone().requires_grad_()
        for _ in range(2):  # running statistics of two batches
            y = batch_norm(module, x, share)
        y.backward(gradient[:, share.rows])
        assert x.grad is not None
        return y.detach(), x.grad, module

    parts = in_threads(compute, 7, 3)
    whole, x = norm(), current.clone().requires_grad_()
    for _ in range(2):
        y = whole(x.flatten(0, 1)).view_as(x)
    y.backward(gradient)
    assert x.grad is not None
    torch.testing.assert_close(torch.cat([part[0] for part in parts], 1), y.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(torch.cat([part[1] for part in parts], 1), x.grad, rtol=1e-4, atol=1e-5)
    for name in ("weight", "bias"):
        total = sum(getattr(module, name).grad for _, _, module in parts)
        torch.testing.assert_close(total, getattr(whole, name).grad, rtol=1e-4, atol=1e-5)
    for _, _, module in parts:
        torch.testing.assert_close(module.state_dict(), whole.state_dict(), rtol=1e-5, atol=1e-6)


def test_dropout_of_a_share_is_that_of_the_batch() -> None:
    torch.manual_seed(3)
    whole = dropout_gain(torch.zeros(7, 50), 0.4, None)
    torch.manual_seed(3)
    part = dropout_gain(torch.zeros(2, 50), 0.4, Share(7, slice(2, 4)))
    assert torch.equal(part, whole[2:4])
    assert set(whole.unique().tolist()) == {0.0, float(torch.tensor(1.0) / 0.6)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"device": "tpu"}, "device = 'tpu': give auto, cpu, cuda"),
        ({"device": "cpu:1"}, "device = 'cpu:1'"),
        ({"device": "cuda:x"}, "device = 'cuda:x'"),
        ({"precision": "16-mixed"}, "lost in float16.*give bf16-mixed"),
        ({"precision": "64"}, "precision = '64': give 32 or bf16-mixed"),
        ({"processes": 0}, "processes = 0: give at least 1"),
        ({"device": "cuda:1", "processes": 2}, "'cuda:1' is one GPU, for 2 processes"),
    ],
)
def test_impossible_hardware(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Hardware(**changes)


@pytest.mark.parametrize("engine", ["auto", "fft", "reference"])
def test_mixed_precision_is_for_the_direct_engine(engine: str) -> None:
    with pytest.raises(ConfigError, match=f"engine = '{engine}' must compute in float32"):
        Hardware(precision="bf16-mixed").check(config(engine=engine))


@pytest.mark.usefixtures("no_gpu")
def test_cuda_that_is_not_there(refused: Callable[..., str], tmp_path: Path) -> None:
    command = ("train", "digits", "-o", tmp_path / "model.pt", "--device", "cuda")
    assert "finds no CUDA GPU here; leave the device out, or install" in refused(*command)
    assert not list(tmp_path.iterdir())


def test_too_few_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for hardware in (Hardware("cuda:2"), Hardware("auto", processes=3)):
        with pytest.raises(InputError, match="this machine has 2 GPUs, cuda:0 to cuda:1"):
            hardware.check(config())
    Hardware("cuda:1").check(config())


@pytest.mark.usefixtures("no_gpu")
def test_one_process_in_float32_needs_no_fabric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightning_fabric", None)
    for device in ("cpu", "auto"):
        with Hardware(device).worker(config()) as worker:
            assert worker == Worker(torch.device("cpu"))
    for hardware, engine in ((Hardware(processes=2), "auto"), (Hardware(precision="bf16-mixed"), "direct")):
        with pytest.raises(InputError, match=r"pip install 'snnc\[parallel\]'"):
            train(config(engine=engine), hardware=hardware)


def test_the_place_that_torchrun_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Hardware(processes=2).starts_processes
    assert Hardware().leads
    for name, value in PLACE.items():
        monkeypatch.setenv(name, value)
    for hardware in (Hardware(), Hardware(processes=2)):
        assert not hardware.starts_processes
        assert not hardware.leads
    with pytest.raises(ConfigError, match=r"processes = 3: .* 2 on this machine .* of 4"):
        Hardware(processes=3).check(config())
    monkeypatch.setenv("RANK", "0")
    assert Hardware().leads


def test_places_of_processes_that_are_started_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_RANK", "2")  # of another program
    hardware = Hardware(processes=2)
    assert hardware.leads
    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0", "MASTER_ADDR": "127.0.0.1"}
    first, second = hardware.places()
    port = first["MASTER_PORT"]
    assert first == common | {"MASTER_PORT": port, "RANK": "0", "LOCAL_RANK": "0"}
    assert second == common | {"MASTER_PORT": port, "RANK": "1", "LOCAL_RANK": "1"}
    assert int(port) > 0
    assert first.keys() >= PLACE.keys()
    assert hardware.starts_processes  # places are of the others


def test_a_place_that_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PLACE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RANK", "first")
    with pytest.raises(ConfigError, match="RANK = 'first' in the environment: it must be a number"):
        _ = Hardware().leads


def test_more_processes_than_recordings() -> None:
    worker = Worker(fabric=SimpleNamespace(world_size=17, global_rank=0))
    with pytest.raises(ConfigError, match=r"training part has 16 recordings, for 17 processes"):
        TrainingRun(config(), splits_of(config(), order_task()), 20, print, worker)


def small(**changes: object) -> TrainConfig:
    return config(epochs=1, finetune_epochs=0, quantise_epochs=1, engine="direct", **changes)


def test_mixed_precision_trains_about_as_float32_does() -> None:
    hardware = (Hardware(precision=precision) for precision in ("32", "bf16-mixed"))
    full, mixed = (train(small(), data=order_task(40), hardware=h) for h in hardware)
    losses, others = ([epoch["loss"] for epoch in model.metrics["history"]] for model in (full, mixed))
    assert losses != others
    assert losses == pytest.approx(others, rel=0.1)


def test_integers_are_exact_whatever_the_precision() -> None:
    torch.manual_seed(0)
    network = build_network(small(), 6, 2).eval()
    network.round_positions()
    integers = quantised_network(network, 8, full_range).eval()
    x = (torch.rand(14, 5, 6) < 0.5).float()
    with torch.no_grad():
        exact = integers(x)
        plain = network(x)
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(integers(x), exact)
            rough = network(x)
    assert rough.dtype == torch.float32
    assert not torch.equal(rough, plain)


@pytest.mark.parametrize("engine", ["auto", "direct", "reference"])
@pytest.mark.parametrize("share", [None, Share(8, slice(2, 6))])
def test_no_tensor_strays_from_the_device(
    engine: str, share: Share | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On "meta", which takes the path of a GPU: elementwise operations on it and the CPU are errors."""
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # knows no "meta"
    monkeypatch.setattr(data_parallel, "add_up", lambda tensor: tensor)
    network = build_network(config(engine=engine), 6, 2).to("meta")
    optimizer = torch.optim.Adam(network.parameters())
    x, labels = torch.zeros(14, 4, 6, device="meta"), torch.zeros(4, dtype=torch.int64, device="meta")
    for rounded in (False, True):
        optimizer.zero_grad()
        cross_entropy(network(x, rounded, share), labels).backward()
        optimizer.step()
        network.clamp_parameters()
        gradients = [p.grad.device.type for p in network.parameters() if p.grad is not None]
        assert gradients == ["meta"] * (4 if rounded else 6)
    current = torch.zeros(14, 4, 6, device="meta", requires_grad=True)
    spikes = integer_lif.integer_lif(current, 100, 5, 1.0, 64.0)
    (spikes + integer_lif.integer_integrator(current, 100)).sum().backward()
    assert current.grad is not None
    assert current.grad.device.type == "meta"
