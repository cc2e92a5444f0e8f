"""The spiking network with learnable delays, time first: every signal is [T, B, channels] float32.

Method: Hammouamri, Khalfaoui-Hassani, Masquelier, "Learning Delays in Spiking Neural Networks using
Dilated Convolutions with Learnable Spacings", ICLR 2024. One difference to their code is wanted: it pads
each layer on the right, so T grows by layer, which has no meaning on a chip where all layers run at
once. Here the input is padded once and T is common.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from snnc.errors import ConfigError, StageError
from snnc.stages.trained import GAUSS
from snnc.trainer import normed_lif, reference
from snnc.trainer.config import TrainConfig
from snnc.trainer.convolution import ENGINES, Engine
from snnc.trainer.data_parallel import Share, batch_norm, dropout_gain
from snnc.trainer.kernel import KERNELS, Kernel, one_hot_kernel
from snnc.trainer.lif import lif

Lif = Callable[[Tensor, float, float, float, Tensor | None], Tensor]


class DelayedConnection(nn.Module):
    """All-to-all synapses with one weight and one delay each.

    `weight`, `position`: parameters [neurons, inputs]; the delay is `T_d - 1 - (T_d // 2 + round(position))`.
    Where the spikes return to their own population, `least` is 1, and the delay is so much longer. So many
    neurons of the destination in a row, `places`, share weights and positions.
    `form` is that of the kernels over delays, which have the width `sig` + `form.floor` steps: `sig` of
    Gaussians is DCLS's SIG. `sig = 0` says that the delays are whole steps for good, and every kernel is
    one-hot (DCLS evaluates its networks so).
    """

    def __init__(
        self,
        inputs: int,
        neurons: int,
        kernel_size: int,
        engine: Engine,
        form: Kernel = KERNELS[GAUSS],
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise StageError(f"kernel_size is {kernel_size}, expected an odd number")
        self.kernel_size, self.engine, self.form, self.sig = kernel_size, engine, form, 0.0
        self.least, self.places = 0, 1
        self.weight = nn.Parameter(torch.empty(neurons, inputs))
        self.position = nn.Parameter(torch.empty(neurons, inputs))
        nn.init.kaiming_uniform_(self.weight, nonlinearity="relu")
        # The published code draws from -(T_d + 1)/2 .. T_d//2 and clamps, which favours the longest delay.
        nn.init.uniform_(self.position, -(kernel_size // 2), kernel_size // 2)

    @property
    def lines(self) -> int:
        """How many neurons the source has."""
        return self.weight.shape[1]

    def set_sigma(self, sigma: float) -> None:
        """Set the width of the kernels, in steps (the paper's sigma); 0: one-hot ones."""
        self.sig = sigma - self.form.floor if sigma else 0.0

    @torch.no_grad()
    def clamp_positions(self) -> None:
        """Bring positions back into the kernel."""
        self.position.clamp_(-(self.kernel_size // 2), self.kernel_size // 2)

    @torch.no_grad()
    def round_positions(self) -> None:
        """Make every delay a whole step, for good."""
        self.position.copy_(self._taps() - self.kernel_size // 2)
        self.position.requires_grad_(False)
        self.sig = 0.0

    def delays(self) -> Tensor:
        """int64 [neurons, inputs]: the rounded delays in steps."""
        return self.least + self.kernel_size - 1 - self._taps()

    def learned_delays(self) -> Tensor:
        """The delays in steps as they are learned, not rounded; of the shape of `position`."""
        return self.least + self.kernel_size // 2 - self.position.detach()

    def kernel(self, rounded: bool = False) -> Tensor:
        """[neurons, inputs, T_d]: as `form` says, or one-hot at the rounded delays."""
        return self.spread(self.weight, rounded)

    def spread(self, amount: Tensor, rounded: bool) -> Tensor:
        """`amount`, of the shape of `position`, over the taps: [..., T_d]."""
        if rounded or self.sig == 0:
            return one_hot_kernel(amount, self._taps(), self.kernel_size)
        return self.form.make(amount, self.position, abs(self.sig) + self.form.floor, self.kernel_size)

    def forward(self, x: Tensor, rounded: bool = False) -> Tensor:
        """[T, B, inputs] -> [T, B, neurons] (Eq. 6)."""
        # Autocast may compute the engine in bfloat16, but nothing after it.
        return self.engine(x, self.kernel(rounded)).to(x.dtype)

    def _taps(self) -> Tensor:
        """Kernel index of each synapse; `torch.round` rounds halves to even, on P and not on the delay."""
        half = self.kernel_size // 2
        return half + self.position.detach().clamp(-half, half).round().long()


class HiddenLayer(nn.Module):
    """Delayed connection, batch norm over batch and time, LIF neurons, dropout."""

    def __init__(
        self,
        connection: DelayedConnection,
        *,
        tau: float,
        threshold: float,
        batch_norm: bool,
        dropout: float = 0.0,
        alpha: float = 5.0,
        scan: Lif = lif,
    ) -> None:
        super().__init__()
        if not tau > 1:
            raise StageError(f"tau is {tau} steps; the LIF neuron needs more than 1")
        self.connection, self.tau, self.threshold, self.dropout = connection, tau, threshold, dropout
        self.norm = nn.BatchNorm1d(len(connection.weight)) if batch_norm else None
        self.alpha, self.scan = alpha, scan

    def forward(self, x: Tensor, rounded: bool = False, share: Share | None = None) -> Tensor:
        """Spikes [T, B, neurons], 0 or 1 (scaled by dropout in training)."""
        return self.respond(self.connection(x, rounded), share)

    def respond(self, current: Tensor, share: Share | None = None) -> Tensor:
        """Spikes [T, B, neurons] to the connection's output."""
        gain = None
        if self.training and self.dropout:  # a neuron is silent for all T
            gain = dropout_gain(current[0], self.dropout, share)
        constants = self.tau, self.threshold, self.alpha
        if self.norm is not None and self.scan is lif and normed_lif.supports(self.norm, current):
            return normed_lif.normed_lif(self.norm, current, *constants, gain, share)
        if self.norm is not None:
            current = batch_norm(self.norm, current, share)
        return self.scan(current, *constants, gain)


SYNAPSE_LIMIT = 1 << 24
"""Most synapses of a network that is trained: the checkpoint of a larger one would have more bytes than are
read of such a file."""
UNROLLED = 2048
"""Steps of the readout that are one product with a matrix [steps, steps]."""


class Readout(nn.Module):
    """Delayed connection and leaky integrators that neither spike nor reset."""

    def __init__(self, connection: DelayedConnection, *, tau: float) -> None:
        super().__init__()
        self.connection, self.tau = connection, tau

    def forward(self, x: Tensor, rounded: bool = False) -> Tensor:
        """Membrane potential [T, B, classes]: `v[t] = (1 - 1/tau) v[t-1] + I[t]`."""
        return self.respond(self.connection(x, rounded))

    def respond(self, current: Tensor) -> Tensor:
        """Membrane potential [T, B, classes] to the connection's output."""
        steps = min(len(current), UNROLLED)
        step = torch.arange(steps, device=current.device)
        age, kept = step[:, None] - step, 1 - 1 / self.tau
        response = torch.where(age >= 0, kept ** age.clamp(min=0), 0.0).to(current.dtype)
        since = (kept ** (step + 1)).to(current.dtype)[:, None, None]
        found: list[Tensor] = []
        with torch.autocast(current.device.type, enabled=False):
            for part in current.split(steps):  # the recurrence, unrolled
                v = torch.tensordot(response[: len(part), : len(part)], part, dims=1)
                found.append(v + since[: len(part)] * found[-1][-1] if found else v)
        return torch.cat(found) if len(found) > 1 else found[0]


class DelayNetwork(nn.Module):
    """A chain of hidden layers and a readout."""

    def __init__(self, hidden: Sequence[HiddenLayer], readout: Readout) -> None:
        super().__init__()
        self.hidden, self.readout = nn.ModuleList(hidden), readout

    def forward(self, x: Tensor, rounded: bool = False, share: Share | None = None) -> Tensor:
        """Readout potential [T, B, classes] of input events [T, B, inputs].

        `rounded`: use the kernels of whole-step delays. `share`: what of the batch `x` is, if not all.
        """
        for layer in self.hidden:
            x = layer(x, rounded, share)
        out: Tensor = self.readout(x, rounded)
        return out

    @property
    def connections(self) -> list[DelayedConnection]:
        return [layer.connection for layer in (*self.hidden, self.readout)]  # type: ignore[misc]

    def named_connections(self) -> list[tuple[str, DelayedConnection]]:
        """With the names of the layers."""
        names = [*(f"hidden{number}" for number in range(1, len(self.hidden) + 1)), "readout"]
        return list(zip(names, self.connections, strict=True))

    def set_sigma(self, sigma: float) -> None:
        """Set the width of all delay kernels, in steps (the paper's sigma); 0: one-hot ones."""
        for connection in self.connections:
            connection.set_sigma(sigma)

    def clamp_parameters(self) -> None:
        """Bring positions back into the kernels; called after each optimiser step."""
        for connection in self.connections:
            connection.clamp_positions()

    def round_positions(self) -> None:
        for connection in self.connections:
            connection.round_positions()


def build_network(config: TrainConfig, inputs: int, classes: int) -> DelayNetwork:
    """A network drawn at random from torch's global generator.

    Raises
    ------
    ConfigError
        It has more than `SYNAPSE_LIMIT` synapses.
    """
    sizes = (inputs, *config.hidden, classes)
    check_size(config, inputs, classes, sum(before * after for before, after in pairwise(sizes)))
    form = KERNELS[config.kernel]
    scan: Lif = lif
    engine = config.engine
    if engine == "reference":  # the published parts; conv1d is the direct engine
        reference.require()
        form, scan, engine = reference.kernel(form), reference.lif, "direct"
    connections = [
        DelayedConnection(before, after, config.kernel_size, ENGINES[engine], form)
        for before, after in pairwise(sizes)
    ]
    hidden = [
        HiddenLayer(
            connection,
            tau=config.tau,
            threshold=config.threshold,
            batch_norm=config.batch_norm,
            dropout=config.dropout,
            alpha=config.surrogate_alpha,
            scan=scan,
        )
        for connection in connections[:-1]
    ]
    network = DelayNetwork(hidden, Readout(connections[-1], tau=config.tau))
    network.set_sigma(config.first_sigma)
    return network


def check_size(config: TrainConfig, inputs: int, classes: int, synapses: int) -> None:
    """Raise `ConfigError` if so many `synapses` are too many."""
    if synapses > SYNAPSE_LIMIT:
        raise ConfigError(
            f"hidden: {inputs} input lines, {', '.join(map(str, config.hidden))} neurons and {classes} "
            f"classes have {synapses} synapses, the limit is {SYNAPSE_LIMIT}; use narrower layers"
        )
