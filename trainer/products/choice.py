"""Which candidate computes the products of a training run."""

import os
from dataclasses import dataclass

from snnc.errors import ConfigError
from snnc.text import quoted
from snnc.trainer.config import TrainConfig
from snnc.trainer.convolution import transforms_signals
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.network import DelayNetwork
from snnc.trainer.products import kept
from snnc.trainer.products.candidates import CANDIDATES, DEFAULT
from snnc.trainer.products.measure import Connection, Measured, fastest, inexact, measure

VARIABLE = "SNNC_PRODUCT"
"""Environment variable that names a candidate."""
SMALL = 5e12
"""Operations of a run's products, about a minute's; for a run of fewer nothing is measured."""
_SHORT = "compiled"
"""Computes a short run. Beside other work torch's threads wait for each other in each of its many calls."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` is a line for the user, "" if there is nothing to say."""

    product: str
    why: str = ""


def choose(
    network: DelayNetwork | GraphNetwork,
    config: TrainConfig,
    *,
    batch: int,
    time_steps: int,
    recordings: int,
    before: str | None,
) -> Choice:
    """The candidate for training `network` in batches of `batch`; it sees `recordings` in all its epochs.

    The environment decides first, then what computed the epochs `before`. Of transforms on a CPU, `_SHORT`
    computes a short run, if it can; a long one, what is the fastest for its largest connection of those that
    are exact enough.

    Raises
    ------
    ConfigError
        The environment names a candidate that does not exist or cannot run here.
    """
    if named := from_environment():
        return Choice(named, _other(named, before, f"{VARIABLE} says so"))
    if before is not None:
        why = _unavailable(before)
        return Choice(before) if why is None else Choice(DEFAULT, _other(DEFAULT, before, why))
    taps = network.connections[-1].kernel_size
    weights = [connection.weight for connection in network.connections]
    if weights[0].device.type != "cpu" or not transforms_signals(config.engine, taps):
        return Choice(DEFAULT)
    if operations(network, time_steps, recordings) < SMALL:
        return Choice(DEFAULT if _unavailable(_SHORT) else _SHORT)
    neurons, inputs = max(weights, key=lambda weight: weight.numel()).shape
    found = measured(Connection(batch, inputs, neurons, time_steps, taps))
    return Choice(fastest(found), told(found))


def operations(network: DelayNetwork | GraphNetwork, time_steps: int, recordings: int) -> float:
    """Of products, to train on `recordings` once: one and a half products a step, in three passes."""
    taps = network.connections[-1].kernel_size
    synapses = sum(connection.weight.numel() for connection in network.connections)
    return 9.0 * (time_steps + taps) * synapses * recordings


def measured(connection: Connection) -> dict[str, Measured]:
    """As it is kept, or measured now and kept."""
    key = kept.key(connection)
    found = kept.read().get(key)
    if found is None or not all(_unavailable(name) is None for name in found):
        found = measure(connection)
        kept.write(key, found)
    return found


def told(found: dict[str, Measured]) -> str:
    """A line."""
    rows = ", ".join(f"{name} {each.seconds * 1e3:.0f} ms" for name, each in found.items())
    names = ", ".join(inexact(found))
    refused = f"; too inexact: {names}" if names else ""
    return f"products of matrices by {fastest(found)} (measured on this machine: {rows}{refused})"


def from_environment() -> str | None:
    """The candidate that the environment names, or None. Raises `ConfigError` if it cannot run here."""
    name = os.environ.get(VARIABLE, "")
    if not name:
        return None
    if name not in CANDIDATES:
        raise ConfigError(
            f"{VARIABLE} = {name!r} in the environment: give {', '.join(CANDIDATES)}, or unset it"
        )
    if why := _unavailable(name):
        raise ConfigError(f"{VARIABLE} = {name!r} in the environment: {why}; give another, or unset it")
    return name


def _unavailable(name: str) -> str | None:
    return CANDIDATES[name].unavailable_reason() if name in CANDIDATES else "this release does not know it"


def _other(product: str, before: str | None, why: str) -> str:
    """What to say if another candidate goes on than began."""
    if before in (None, product):
        return ""
    return f"products of matrices by {product}, before by {quoted(before)}, which rounds otherwise: {why}"
