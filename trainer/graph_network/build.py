"""The network of a configuration that is no chain, drawn at random from torch's global generator."""

from __future__ import annotations

from torch import nn

from snnc.errors import ConfigError
from snnc.trainer.config import TrainConfig
from snnc.trainer.convolution import ENGINES
from snnc.trainer.graph_network.connections import (
    AxonalConnection,
    ConvolvedConnection,
    DirectConnection,
    places_of,
)
from snnc.trainer.graph_network.network import INPUT, GraphNetwork
from snnc.trainer.graph_network.neurons import AdLif, Integrators, Lif, Neurons, SeAdLif, SiLif
from snnc.trainer.graph_network.populations import Population
from snnc.trainer.kernel import KERNELS
from snnc.trainer.network import DelayedConnection, check_size
from snnc.trainer.network_fields import kernels_of, resets_softly

READOUT = "readout"
NEURONS: dict[str, type[Lif] | type[AdLif] | type[SeAdLif] | type[SiLif]] = {
    "lif": Lif,
    "adlif": AdLif,
    "se-adlif": SeAdLif,
    "silif": SiLif,
}


def build_graph(config: TrainConfig, inputs: int, classes: int) -> GraphNetwork:
    """The network, with delay kernels of the first width.

    Raises
    ------
    ConfigError
        It has too many synapses, or a convolution does not fit.
    """
    convolved = _convolved(config, inputs)
    first, lines = INPUT, inputs
    if convolved:
        first, way = list(convolved.items())[-1]
        lines = len(way.weight) * way.places
    hidden = [f"hidden{number}" for number in range(1, len(config.hidden) + 1)]
    sizes = dict(zip([first, *hidden, READOUT], [lines, *config.hidden, classes], strict=True))
    heard = {name: _heard(config, list(sizes), name) for name in (*hidden, READOUT)}
    loops = 0 if config.recurrence == "none" else sum(size**2 for size in config.hidden)
    synapses = sum(sizes[of] * sizes[name] for name, sources in heard.items() for of in sources)
    synapses += sum(way.weight.numel() * way.places for way in convolved.values())
    check_size(config, inputs, classes, loops + synapses)
    before = [INPUT, *convolved]
    members = [
        _convolved_population(config, name, of, way)
        for (name, way), of in zip(convolved.items(), before, strict=False)
    ]
    network = GraphNetwork([*members, *(_population(config, sizes, name, of) for name, of in heard.items())])
    network.set_sigma(config.first_sigma)
    return network


def _convolved(config: TrainConfig, inputs: int) -> dict[str, ConvolvedConnection]:
    """By their destination, the connections of convolutions."""
    found: dict[str, ConvolvedConnection] = {}
    grid, taps = (1, inputs), 1 if config.delays_of == "none" else config.kernel_size
    for number, text in enumerate(config.convolutions, start=1):
        kernels = kernels_of(text)
        if (places := places_of(grid, kernels)) < 1:
            raise ConfigError(
                f"convolutions: kernels of '{text}' span {kernels.width} columns, but there are {grid[1]}; "
                "make them narrower, or the strides before them shorter"
            )
        form, engine = KERNELS[config.kernel], ENGINES[config.engine]
        found[f"conv{number}"] = ConvolvedConnection(grid, kernels, taps, engine, form)
        grid = kernels.channels, places
    return found


def _convolved_population(
    config: TrainConfig, name: str, source: str, way: ConvolvedConnection
) -> Population:
    return Population(
        name,
        {source: way},
        _neurons(config, "lif", len(way.weight) * way.places),
        batch_norm=config.batch_norm,
        bias=config.biases,
        dropout=config.dropout,
        alpha=config.surrogate_alpha,
    )


def _heard(config: TrainConfig, names: list[str], name: str) -> list[str]:
    """The sources of a population but itself: the one before and, with skips, the one before that.

    With skips, a hidden layer hears the input, too.
    """
    number = names.index(name)
    found = [names[number - 1]]
    if config.skips and number > 1:
        found.append(names[number - 2])
        if INPUT not in found and name != READOUT:
            found.append(INPUT)
    return found


def _population(config: TrainConfig, sizes: dict[str, int], name: str, sources: list[str]) -> Population:
    count = sizes[name]
    incoming = {
        of: _connection(config, config.delays_of, sizes[of], count, config.kernel_size) for of in sources
    }
    if name == READOUT and config.readout == "integrator":
        integrators = Integrators(config.readout_tau or config.tau, count, config.learn_time_constants)
        return Population(name, incoming, integrators, batch_norm=False, bias=config.biases)
    kind = "lif" if name == READOUT else config.neuron
    loop = None
    if name != READOUT and config.recurrence != "none":
        loop = _connection(config, config.recurrence, count, count, config.recurrent_taps)
        # What returns is not normed: of all sources together it has the variance that spikes have.
        nn.init.kaiming_uniform_(loop.weight, nonlinearity="linear")
    return Population(
        name,
        incoming,
        _neurons(config, kind, count),
        batch_norm=config.batch_norm,
        bias=config.biases,
        loop=loop,
        dropout=0.0 if name == READOUT else config.dropout,
        alpha=config.surrogate_alpha,
    )


def _connection(
    config: TrainConfig, delays_of: str, inputs: int, count: int, kernel_size: int
) -> DelayedConnection:
    if delays_of == "none":
        return DirectConnection(inputs, count, ENGINES[config.engine])
    kind = AxonalConnection if delays_of == "axon" else DelayedConnection
    return kind(inputs, count, kernel_size, ENGINES[config.engine], KERNELS[config.kernel])


def _neurons(config: TrainConfig, kind: str, count: int) -> Neurons:
    soft = resets_softly(config.reset, kind)
    return NEURONS[kind](
        config.tau, config.threshold, soft, count, config.learn_time_constants, config.learn_thresholds
    )
