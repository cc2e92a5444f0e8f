"""Runs of a sweep in integers: what each reaches and costs, which no other beats, and which to take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from snnc.errors import InputError
from snnc.text import did_you_mean, quoted

COSTS: Mapping[str, str] = {
    "operations": "synaptic operations a recording",
    "bytes": "bytes of synapses, as a chip stores them",
    "energy_uj": "energy a recording, µJ (estimate)",
    "latency_ms": "time a recording, ms (estimate)",
}
"""What a budget may limit: the fields of a `Point`, and what they are."""
OF_NETWORK = ("operations", "bytes")
"""Costs that are known without those of a chip."""
NO_FRONT = "no front, since runs of different folds are measured on different recordings"


@dataclass(frozen=True, slots=True)
class Point:
    """The network of a `run`, exported with weights of `bits` bits: what it gets right and what it costs.

    `correct` of `total` validation recordings. `operations`: synaptic operations a recording, input events
    included. `bytes`: of the synapses, each layer whole on one core. `energy_uj`, `latency_ms`: of a
    recording on the chip, by the machine model; None of a target that has no published costs.
    """

    run: str
    bits: int
    correct: int
    total: int
    operations: float
    bytes: int
    energy_uj: float | None = None
    latency_ms: float | None = None

    @property
    def name(self) -> str:
        return f"{self.run}, {self.bits} bits"

    @property
    def accuracy(self) -> float:
        """0 .. 1."""
        return self.correct / self.total

    @property
    def costs(self) -> dict[str, float]:
        """Those of `COSTS` that are known."""
        values = {name: getattr(self, name) for name in COSTS}
        return {name: value for name, value in values.items() if value is not None}


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other point beats, the most accurate first.

    A point beats another if it is at least as accurate and no more expensive by any cost, and better in one
    of these. Of equal points all stay.
    """
    best = [point for point in points if not any(_beats(other, point) for other in points)]
    return sorted(best, key=_rank)


def _beats(a: Point, b: Point) -> bool:
    mine, others = (a.correct / a.total, a.costs), (b.correct / b.total, b.costs)
    shared = mine[1].keys() & others[1].keys()
    pairs = [(mine[1][name], others[1][name]) for name in shared] + [(-mine[0], -others[0])]
    return all(x <= y for x, y in pairs) and any(x < y for x, y in pairs)


def _rank(point: Point) -> tuple[float, ...]:
    """The most accurate first; of equals, the one that costs less, in the order of `COSTS`."""
    return (-point.accuracy, *point.costs.values())


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that each of some costs may be."""

    limits: Mapping[str, float]

    @classmethod
    def read(cls, text: str, besides: str = "") -> Budget:
        """Of "operations=300000,bytes=200000". Raises `InputError` if it is none.

        `besides`: what the error tells of other costs.
        """
        limits: dict[str, float] = {}
        for part in text.split(","):
            name, equals, value = (each.strip() for each in part.partition("="))
            if not equals or name not in COSTS:
                problem = did_you_mean(name, COSTS) if equals else ""
                raise InputError(
                    f"--budget {text}: {quoted(part)} is no limit{problem}; give COST=NUMBER, several with "
                    f"commas between; the costs are {', '.join(COSTS)}{besides and f'; {besides}'}"
                )
            if name in limits:
                raise InputError(f"--budget {text}: {name} is given twice; give it once")
            try:
                limits[name] = float(value)
            except ValueError:
                limits[name] = math.nan
            if not 0 <= limits[name] < math.inf:
                raise InputError(f"--budget {text}: {name} is {quoted(value)}; give a number from 0 on")
        return cls(limits)

    def check(self, priced: bool, elsewhere: Mapping[str, str] = MappingProxyType({})) -> None:
        """Raises `InputError` if energy or time is limited, and the target is not `priced`: none is known.

        `elsewhere`: what else tells a cost of that target, by its name.
        """
        if not priced and (unknown := [name for name in self.limits if name not in OF_NETWORK]):
            told = elsewhere.get(unknown[0], "")
            raise InputError(
                f"--budget: {unknown[0]} is not known, since the target has no published costs; leave it "
                f"out, or choose another --target{told and f'; {told}'}"
            )

    def excess(self, point: Point) -> Iterator[tuple[str, float, float]]:
        """Each limit that `point` exceeds: name, cost, limit."""
        for name, limit in self.limits.items():
            if (cost := point.costs[name]) > limit:
                yield name, cost, limit

    def __str__(self) -> str:
        return ", ".join(f"{name}={limit:,.12g}" for name, limit in self.limits.items())

    def best(self, points: Sequence[Point]) -> Point | None:
        """The most accurate point within the budget; of equals, the one that costs less."""
        return min((each for each in points if not any(self.excess(each))), key=_rank, default=None)

    def nearest(self, points: Sequence[Point]) -> Point:
        """The point whose largest excess, as a multiple of the limit, is least."""

        def worst(point: Point) -> float:
            return max(
                (cost / limit if limit else math.inf for _, cost, limit in self.excess(point)), default=0
            )

        return min(points, key=lambda point: (worst(point), *_rank(point)))
