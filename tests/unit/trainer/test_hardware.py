"""Devices, mixed precision, and places of processes: what is there, and what cannot be."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from order_task import config, order_task

from snnc.errors import ConfigError, InputError
from snnc.quantisation import full_range
from snnc.trainer import data_parallel, integer_lif
from snnc.trainer.config import TrainConfig
from snnc.trainer.data_parallel import Share
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train
from snnc.trainer.loss import cross_entropy
from snnc.trainer.network import build_network
from snnc.trainer.quantised import quantised_network
from snnc.trainer.worker import Worker

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_process_is_left")]

PLACE = {
    "RANK": "1",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "4",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "1",
}


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


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
