"""What to train on: a device, a precision, and processes that share each batch. It defines no model.

Lightning Fabric sets up mixed precision and the group of processes. It takes more than a second to import,
and one process in float32 has no use for it: only the rest imports it.
"""

import logging
import os
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
    processes : on this machine, with one GPU each if the device is CUDA; they share every batch. Those of
        several machines torchrun starts; what it says in the environment holds then.

    Raises
    ------
    ConfigError
        A value that does not exist.
    """

    device: str = "cpu"
    precision: str = "32"
    processes: int = 1

    def __post_init__(self) -> None:
        kind, colon, number = self.device.partition(":")
        if kind not in ("auto", "cpu", "cuda") or (colon and not (kind == "cuda" and number.isdecimal())):
            raise ConfigError(
                f"device = {self.device!r}: give auto, cpu, cuda, or a single GPU such as cuda:1"
            )
        if self.precision == "16-mixed":
            raise ConfigError(
                "precision = '16-mixed': small gradients are lost in float16 unless the loss is scaled, and "
                "it is not; give bf16-mixed, which has the range of float32"
            )
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision = {self.precision!r}: give {' or '.join(PRECISIONS)}")
        if self.processes < 1:
            raise ConfigError(f"processes = {self.processes}: give at least 1")
        if colon and self.processes > 1:
            raise ConfigError(
                f"device = {self.device!r} is one GPU, for {self.processes} processes; give cuda"
            )

    @property
    def starts_processes(self) -> bool:
        """Whether the processes are still to be started."""
        return self.processes > 1 and not _is_placed()

    @property
    def leads(self) -> bool:
        """Whether this process, or one that it starts, is the first, which writes files and reports."""
        return not _is_placed() or _number("RANK") == 0

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
        port, count = _fabric().plugins.environments.LightningEnvironment().main_port, str(self.processes)
        common = {"WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "GROUP_RANK": "0"}
        common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        return [common | {"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(self.processes)]

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
            return self.processes, 1
        here, everywhere = _number("LOCAL_WORLD_SIZE"), _number("WORLD_SIZE")
        if here < 1 or everywhere % here or self.processes not in (1, here):
            raise ConfigError(
                f"processes = {self.processes}: the environment sets {here} on this machine "
                f"(LOCAL_WORLD_SIZE) of {everywhere} (WORLD_SIZE); leave processes to torchrun"
            )
        return here, everywhere // here


def _is_placed() -> bool:
    return all(name in os.environ for name in _PLACE)


def _number(name: str) -> int:
    """The value of an environment variable."""
    text = os.environ.get(name, "")
    if not text.isdecimal():
        raise ConfigError(
            f"{name} = {text!r} in the environment: it must be a number; leave it to torchrun, or unset it"
        )
    return int(text)


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
