"""What to train on: a device, a precision, and processes that share each batch. It defines no model.

Lightning Fabric sets up mixed precision and the group of processes. It takes more than a second to import,
and one process in float32 has no use for it: only the rest imports it.
"""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed

from snnc.errors import ConfigError, InputError, TrainingError
from snnc.trainer.config import TrainConfig
from snnc.trainer.worker import Worker

PRECISIONS = {"32": "32-true", "bf16-mixed": "bf16-mixed"}
"""What can be asked for, and Fabric's name of it."""

_PLACE = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What torchrun tells each process that it starts."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What to train on.

    Parameters
    ----------
    device : "cpu", "cuda", "cuda:1", or "auto": CUDA if there is any.
    precision : "32", or "bf16-mixed", which is for the convolutions of `engine = "direct"`.
    processes : on this machine, with one GPU each if the device is CUDA; they share every batch.
    nodes : machines, with as many processes each. The environment says where the first one is (MASTER_ADDR,
        MASTER_PORT) and which one this is (NODE_RANK), or torchrun starts the processes and says all.

    Raises
    ------
    ConfigError
        A value that does not exist.
    """

    device: str = "cpu"
    precision: str = "32"
    processes: int = 1
    nodes: int = 1

    def __post_init__(self) -> None:
        kind, colon, number = self.device.partition(":")
        if kind not in ("auto", "cpu", "cuda") or (colon and not (kind == "cuda" and number.isdecimal())):
            raise ConfigError(f"device = {self.device!r}: give auto, cpu, cuda, or one GPU as cuda:1")
        if self.precision == "16-mixed":
            raise ConfigError(
                "precision = '16-mixed': small gradients are lost in float16 unless the loss is scaled, and "
                "it is not; give bf16-mixed, which has the range of float32"
            )
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision = {self.precision!r}: give {' or '.join(PRECISIONS)}")
        for name in ("processes", "nodes"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} = {getattr(self, name)}: give at least 1")
        if colon and self.processes * self.nodes > 1:
            raise ConfigError(
                f"device = {self.device!r} is one GPU, for {self.processes * self.nodes} processes; give cuda"
            )

    @property
    def starts_processes(self) -> bool:
        """Whether the processes of this machine are still to be started."""
        return self.processes * self.nodes > 1 and not _is_placed()

    @property
    def leads(self) -> bool:
        """Whether this process, or one that it starts, is the first, which writes files and reports."""
        if _is_placed():
            return _number("RANK") == 0
        return self.nodes == 1 or _number("NODE_RANK") == 0

    def check(self, config: TrainConfig) -> None:
        """Find out now what `worker` could not do later.

        Raises
        ------
        ConfigError
            The precision is not for the engine of `config`, or the environment contradicts the fields.
        InputError
            There is no such device, or Lightning Fabric is not installed.
        """
        if self.precision != "32" and config.engine != "direct":
            raise ConfigError(
                f"precision = {self.precision!r}: engine = '{config.engine}' must compute in float32; "
                "leave the precision out, or set engine = 'direct'"
            )
        here, nodes = self._shape()
        if self._kind() == "cuda":
            count = torch.cuda.device_count()
            if not count:
                raise InputError(
                    f"device = {self.device!r}: torch {torch.__version__} finds no CUDA GPU here; leave the "
                    "device out, or install a driver and a torch that is built for CUDA (pytorch.org)"
                )
            if max(here, self._gpu + 1) > count:
                raise InputError(
                    f"device = {self.device!r}, processes = {here}: this machine has {count} GPUs, cuda:0 to "
                    f"cuda:{count - 1}, one for each process; give another device or fewer processes"
                )
        if here * nodes > 1 or self.precision != "32":
            _fabric()

    def places(self) -> list[dict[str, str]]:
        """What each process that this one starts must find in its environment, as torchrun would set it."""
        node, address, port = 0, "127.0.0.1", 0
        if self.nodes > 1:
            node, address = _number("NODE_RANK"), os.environ.get("MASTER_ADDR", "")
            port = _number("MASTER_PORT")
        if not address or node >= self.nodes:
            raise ConfigError(
                f"nodes = {self.nodes}: the environment has MASTER_ADDR = {address!r}, NODE_RANK = {node}; "
                f"set the address of the first machine, and the number of this one, 0 to {self.nodes - 1}"
            )
        port = port or _free_port()
        return [
            {
                "RANK": str(node * self.processes + local),
                "LOCAL_RANK": str(local),
                "GROUP_RANK": str(node),
                "WORLD_SIZE": str(self.processes * self.nodes),
                "LOCAL_WORLD_SIZE": str(self.processes),
                "MASTER_ADDR": address,
                "MASTER_PORT": str(port),
            }
            for local in range(self.processes)
        ]

    @contextmanager
    def worker(self, config: TrainConfig) -> Iterator[Worker]:
        """This process as a part of the run. It waits for the others to arrive.

        Raises
        ------
        ConfigError, InputError
            As `check`.
        """
        self.check(config)
        kind, (here, nodes) = self._kind(), self._shape()
        alone = here * nodes == 1
        if kind == "cuda":  # float32 is what it says, in convolutions too
            torch.backends.cudnn.allow_tf32 = False
        if alone and self.precision == "32":
            yield Worker(torch.device(kind, self._gpu) if kind == "cuda" else torch.device(kind))
            return
        fabric_package = _fabric()
        environments = fabric_package.plugins.environments
        if alone:
            devices: Any = [self._gpu] if kind == "cuda" else 1
            options = {"devices": devices, "plugins": environments.LightningEnvironment()}
        else:
            options = {"devices": here, "num_nodes": nodes, "strategy": "ddp"}
            options["plugins"] = environments.TorchElasticEnvironment()
        fabric = fabric_package.Fabric(accelerator=kind, precision=PRECISIONS[self.precision], **options)
        try:
            fabric.launch()
        except RuntimeError as error:
            reason = str(error).strip().split("\n")[0]
            raise TrainingError(
                f"the processes do not find each other at {os.environ['MASTER_ADDR']}, port "
                f"{os.environ['MASTER_PORT']} (MASTER_ADDR, MASTER_PORT): {reason}; give a free port of the "
                "first machine that the others can reach"
            ) from error
        yield Worker(fabric.device, fabric)
        if not alone:  # not after an error: others may still wait for us
            distributed.destroy_process_group()

    def _kind(self) -> str:
        kind = self.device.partition(":")[0]
        if kind != "auto":
            return kind
        return "cuda" if torch.cuda.device_count() else "cpu"

    @property
    def _gpu(self) -> int:
        """Number of the GPU of a single process."""
        return int(self.device.partition(":")[2] or 0)

    def _shape(self) -> tuple[int, int]:
        """Processes on each machine, and machines."""
        if not _is_placed():
            return self.processes, self.nodes
        here, everywhere = _number("LOCAL_WORLD_SIZE"), _number("WORLD_SIZE")
        if here < 1 or everywhere % here or self.processes not in (1, here):
            raise ConfigError(
                f"processes = {self.processes}: the environment says that there are {here} on this machine "
                f"(LOCAL_WORLD_SIZE) of {everywhere} (WORLD_SIZE); leave processes and nodes to torchrun"
            )
        return here, everywhere // here


def _is_placed() -> bool:
    return all(name in os.environ for name in _PLACE)


def _number(name: str) -> int:
    """The value of an environment variable."""
    text = os.environ.get(name, "")
    if not text.isdecimal():
        raise ConfigError(
            f"{name} = {text!r} in the environment: training on several machines needs a number there; set "
            "MASTER_ADDR, MASTER_PORT and NODE_RANK, or use torchrun"
        )
    return int(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _fabric() -> Any:
    """The package `lightning_fabric`, made silent."""
    try:
        import lightning_fabric.plugins.environments
    except ImportError:
        raise InputError(
            "training in several processes or in mixed precision needs Lightning Fabric; "
            "pip install 'snnc[parallel]'"
        ) from None
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    return lightning_fabric
