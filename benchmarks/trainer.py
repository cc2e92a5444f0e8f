"""A whole training step against the published construction, on all cores torch uses or on a GPU.

The reference is written with the libraries of Hammouamri et al. (ICLR 2024): `Dcls1d` (kernel and `conv1d`),
batch norm and SpikingJelly's multi-step LIF neurons. Both sides take the same input, padded once, and
start from the same weights and positions; a step is forward, loss, backward and Adam. Our products of
matrices are computed by whom a long training would choose here.

The kernels are as wide as in the first epoch, which is the reference's best case: in the tails of narrow ones
many taps are denormal numbers, which made its `conv1d` 1.6 to 3.5 times slower.

`python -m benchmarks train_cuda` takes the same three steps on a GPU. There SpikingJelly chooses among its
own implementations, some of which are fused, and both sides convolve in float32, as `snnc train` does.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.measure import interleaved
from snnc.trainer.config import TrainConfig
from snnc.trainer.loss import cross_entropy
from snnc.trainer.network import DelayNetwork, build_network
from snnc.trainer.products.candidates import DEFAULT, using
from snnc.trainer.products.choice import from_environment, measured
from snnc.trainer.products.measure import Connection, fastest

SHD, SSC = (140, 256, 256, 20), (140, 512, 512, 512, 35)
TAU, STEPS, RATE = 2.0, 100, 0.05
"""STEPS: a second in bins of 10 ms. RATE: input spikes a line and step."""


def unavailable_reason() -> str | None:
    """What the comparison with the published construction lacks here, and the remedy."""
    lacking = [name for name in ("DCLS", "spikingjelly") if importlib.util.find_spec(name) is None]
    return f"no {' and no '.join(lacking)}; pip install -e '.[reference]'" if lacking else None


def unavailable_on_cuda() -> str | None:
    """What the same comparison on a GPU lacks here, and the remedy."""
    if torch.cuda.device_count():
        return unavailable_reason()
    return f"torch {torch.__version__} finds no CUDA GPU; run it on a machine with one"


class ReferenceLayer(nn.Module):
    """Dcls1d as published; batch norm, spikes and dropout if `spiking`, else the leaky readout."""

    def __init__(self, ours: nn.Module, spiking: bool) -> None:
        from DCLS.construct.modules import Dcls1d
        from spikingjelly.activation_based import layer, neuron, surrogate

        super().__init__()
        connection = ours.connection
        neurons, inputs = connection.weight.shape
        self.kernel_size = connection.kernel_size
        self.dcls = Dcls1d(
            inputs,
            neurons,
            kernel_count=1,
            groups=1,
            dilated_kernel_size=self.kernel_size,
            bias=False,
            version="gauss",
        )
        with torch.no_grad():
            self.dcls.weight.copy_(connection.weight[..., None])
            self.dcls.P.copy_(connection.position[None, ..., None])
            self.dcls.SIG.fill_(connection.sig)
        self.dcls.SIG.requires_grad_(False)
        self.norm = nn.BatchNorm1d(neurons) if spiking else None
        self.dropout = layer.Dropout(ours.dropout, step_mode="m") if spiking else None
        self.lif = neuron.LIFNode(
            tau=TAU,
            decay_input=False,
            v_threshold=1.0 if spiking else 1e9,
            v_reset=0.0,
            surrogate_function=surrogate.ATan(5.0),
            detach_reset=True,
            step_mode="m",
            store_v_seq=not spiking,
        )

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x.permute(1, 2, 0), (self.kernel_size - 1, 0))
        x = self.dcls(x).permute(2, 0, 1)
        self.lif.reset()
        if self.norm is None or self.dropout is None:
            self.lif(x)
            return self.lif.v_seq
        self.dropout.reset()
        x = self.norm(x.flatten(0, 1)).unflatten(0, x.shape[:2])
        return self.dropout(self.lif(x))


def reference_of(network: DelayNetwork) -> nn.Sequential:
    """The same network, of the published parts."""
    hidden = [ReferenceLayer(layer, spiking=True) for layer in network.hidden]
    return nn.Sequential(*hidden, ReferenceLayer(network.readout, spiking=False))


def training_step(network: nn.Module, x: Tensor, labels: Tensor) -> Callable[[], float]:
    """A function that trains one step and returns the loss."""
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=1e-3)

    def step() -> float:
        optimizer.zero_grad()
        loss = cross_entropy(network(x), labels)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def compare(
    name: str, sizes: tuple[int, ...], batch: int, kernel_size: int, rounds: int, device: str = "cpu"
) -> dict[str, object]:
    """Seconds a training step; on a GPU also its name, as the machine."""
    logging.getLogger("torch._library.triton").setLevel(logging.ERROR)  # spikingjelly asks for Triton
    torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)
    config = TrainConfig(
        dataset=name,
        bin_s=0.01,
        hidden=sizes[1:-1],
        kernel_size=kernel_size,
        tau=TAU,
        dropout=0.4,
        epochs=1,
        batch_size=batch,
        lr_weights=1e-3,
    )
    network = build_network(config, sizes[0], sizes[-1]).to(device)
    steps = STEPS + kernel_size - 1  # silence at the end, so that the last spikes arrive
    x = (torch.rand(steps, batch, sizes[0]) < RATE).float()
    x[STEPS:] = 0
    x, labels = x.to(device), torch.randint(sizes[-1], (batch,)).to(device)
    published = reference_of(network).to(device)
    # A step ends with its loss on the processor, which waits for all that the GPU has been given.
    neurons, inputs = max((c.weight for c in network.connections), key=Tensor.numel).shape
    connection = Connection(batch, inputs, neurons, steps, kernel_size)
    product = from_environment() or (fastest(measured(connection)) if device == "cpu" else DEFAULT)
    step = training_step(network, x, labels)

    def ours_step() -> float:
        with using(product):
            return step()

    ours, other = interleaved(ours_step, training_step(published, x, labels), rounds)
    result = {"name": name, "ours": ours, "other": other, "unit": "s a step", "ratio": other / ours}
    more = {"product": product} if device == "cpu" else {"machine": torch.cuda.get_device_name(device)}
    return result | more


CASES = {"shd_b256": (SHD, 256, 25, 3), "ssc": (SSC, 128, 31, 2), "td101": (SHD, 64, 101, 3)}
"""Sizes, batch, kernel size, and rounds on a CPU."""

BENCHMARKS: dict[str, Callable[[], dict[str, object]]] = {
    **{f"train_step_{name}": partial(compare, f"train_step_{name}", *case) for name, case in CASES.items()},
    **{
        f"train_cuda_{name}": partial(compare, f"train_cuda_{name}", *case[:3], rounds=20, device="cuda")
        for name, case in CASES.items()
    },
}
