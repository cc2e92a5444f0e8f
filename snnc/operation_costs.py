"""Time and energy of what a chip does: published constants, or assumptions labelled as such.

`docs/machine.md` says what each operation is. Times are whole picoseconds and energies whole femtojoules, so
that sums do not depend on their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from snnc.errors import ConfigError

OPERATIONS: Mapping[str, str] = MappingProxyType(
    {
        "update_inactive": "updates of neurons at rest",
        "update_active": "updates of active neurons",
        "spike": "spikes made",
        "message": "messages sent to a core",
        "injection": "messages from outside",
        "delivery": "messages within a tile",
        "hop_x": "hops east or west",
        "hop_y": "hops north or south",
        "axon_lookup": "axon lookups",
        "memory_read": "words of synaptic memory read",
        "synapse_dense": "synaptic operations, weights in tables",
        "synapse_sparse": "synaptic operations, weights in lists",
    }
)
"""Name -> what is counted, in the order in which they happen in a step."""

_SINGLE = {
    "link_time": "time for which a message holds a link",
    "word_bits": "width of a word of synaptic memory",
    "barrier": "time of the barrier",
}
"""The other constants, in words."""


@dataclass(frozen=True, slots=True)
class OperationCosts:
    """One set of constants.

    Attributes
    ----------
    name, about
        As "loihi1", and whose constants these are in a sentence.
    energy, time
        Operation -> femtojoules, picoseconds.
    link_time
        Picoseconds for which one message keeps a link between two tiles to itself.
    word_bits
        Bits of synaptic memory that are read at once.
    barrier
        (tiles, picoseconds), tiles rising: how long the barrier at the end of a step takes.
    barrier_between
        For a number of tiles between two of `barrier`: "linear", or "step" for that of the smaller.
    sources, assumptions
        "energy.spike", "link_time", ... -> publication, and what we assume; each has one of them at least.
    """

    name: str
    about: str
    energy: Mapping[str, int]
    time: Mapping[str, int]
    link_time: int
    word_bits: int
    barrier: tuple[tuple[int, int], ...]
    barrier_between: str
    sources: Mapping[str, str]
    assumptions: Mapping[str, str]

    def __post_init__(self) -> None:
        for field in ("energy", "time", "sources", "assumptions"):
            object.__setattr__(self, field, MappingProxyType(dict(getattr(self, field))))
        for field in ("energy", "time"):
            table = getattr(self, field)
            if set(table) != set(OPERATIONS):
                wrong = ", ".join(sorted(set(table) ^ set(OPERATIONS)))
                raise ConfigError(f"costs {self.name}: {field}: missing or unknown: {wrong}")
            for operation, value in table.items():
                if value < 0:
                    raise ConfigError(f"costs {self.name}: {field}.{operation} is {value}, expected >= 0")
        if self.link_time < 0 or self.word_bits < 1:
            raise ConfigError(f"costs {self.name}: link_time is negative or word_bits below 1")
        if self.link_time > min(self.time["hop_x"], self.time["hop_y"]):
            raise ConfigError(
                f"costs {self.name}: link_time is {self.link_time} ps, longer than a hop takes; "
                "a message cannot hold a link after it has left it"
            )
        tiles = [tiles for tiles, _ in self.barrier]
        if not tiles or sorted(set(tiles)) != tiles or min(value for _, value in self.barrier) < 0:
            raise ConfigError(f"costs {self.name}: barrier: needs rising numbers of tiles and times >= 0")
        if self.barrier_between not in ("linear", "step"):
            raise ConfigError(
                f"costs {self.name}: barrier: between is {self.barrier_between!r}, expected linear or step"
            )
        grounds = {name for table in (self.sources, self.assumptions) for name, text in table.items() if text}
        if missing := sorted(set(constant_names()) - grounds):
            raise ConfigError(f"costs {self.name}: no source is given for {', '.join(missing)}")

    def barrier_time(self, tiles: int) -> int:
        """Picoseconds of the barrier over `tiles` tiles; beyond the ends of the table those of its end."""
        below = [point for point in self.barrier if point[0] <= tiles] or [self.barrier[0]]
        above = [point for point in self.barrier if point[0] > tiles]
        (start, low) = below[-1]
        if not above or start > tiles or self.barrier_between == "step":
            return low
        stop, high = above[0]
        return low + (high - low) * (tiles - start) // (stop - start)

    def assumed(self) -> list[str]:
        """Each assumption in a line, after the constants that rest on it, in words."""
        found: dict[str, list[str]] = {}
        for name, text in self.assumptions.items():
            found.setdefault(text, []).append(name)
        return [f"{_in_words(names)}: {text}" for text, names in found.items()]


def _in_words(names: list[str]) -> str:
    """ "time and energy of spikes made, messages sent to a core", or a part of that."""
    tables: dict[str, list[str]] = {}
    for name in names:
        table, _, operation = name.rpartition(".")
        if table:
            tables.setdefault(operation, []).append(table)
    groups: dict[str, list[str]] = {}
    for operation, of in tables.items():
        groups.setdefault(" and ".join(sorted(of, reverse=True)), []).append(OPERATIONS[operation])
    words = [_SINGLE[name] for name in names if name in _SINGLE]
    return "; ".join([*words, *(f"{of} of {', '.join(group)}" for of, group in groups.items())])


def constant_names() -> list[str]:
    """ "energy.update_inactive", ..., "link_time", "word_bits", "barrier": all that needs a source."""
    return [f"{table}.{name}" for table in ("energy", "time") for name in OPERATIONS] + list(_SINGLE)
