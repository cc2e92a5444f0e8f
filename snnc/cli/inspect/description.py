"""What `snnc inspect` says of a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from snnc import percent as percents
from snnc.errors import InputError
from snnc.io.regular import READ_LIMIT, read_regular
from snnc.report.network_facts import graph_facts, names, time
from snnc.text import LINE, few, one_line, shell, shortened

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from snnc.cli.inspect.figures import Figures
    from snnc.stages import QuantizedGraph

TEXT_LIMIT = 1 << 26
"""Most bytes of a text that is read: as JSON, it can take fifty times as many."""


ROWS = 60
"""Most facts that are printed; a network may have hundreds of layers."""


@dataclass(frozen=True, slots=True)
class Description:
    """`what` the file is with its version, `facts` by name in the order of printing, the `next` commands.

    `kind`: one of `snnc.cli.kinds.TAKEN`, "" where no command takes such a file. `figures`: of a network that
    can be compared with others, what is compared. `export`: of a model, the command that exports it, although
    it may have been exported before.
    """

    what: str
    facts: Mapping[str, object] = field(default_factory=dict)
    next: str | tuple[str, ...] | None = None
    kind: str = ""
    figures: Callable[[], Figures] | None = None
    export: str | None = None

    def lines(self, path: Path) -> list[str]:
        """In words; what does not print, and could steer a terminal, is escaped."""
        facts = (shortened(one_line(f"{name}: {value}"), LINE) for name, value in self.facts.items())
        rows = [f"{path}: {self.what}", *few(list(facts), ROWS)]
        following = (self.next,) if isinstance(self.next, str) else self.next or ()
        rows += [f"next: {each}" for each in following]
        return [one_line(row) for row in rows]


def command(*words: object) -> str:
    """The command line `snnc WORDS`, quoted for a shell."""
    return shell("snnc", *words)


def read_bytes(path: Path, limit: int = READ_LIMIT) -> bytes:
    """The content of a file of at most `limit` bytes. Raises `InputError`."""
    try:
        return read_regular(path, limit)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def network_facts(graph: QuantizedGraph) -> dict[str, object]:
    """Of an integer network: its layers, time, classes and hash."""
    from snnc.provenance import graph_hash

    if not graph.is_chain:
        return {**graph_facts(graph), "graph hash": graph_hash(graph)}
    facts: dict[str, object] = {
        f"layer {layer.name}": f"{layer.inputs} -> {layer.neurons} neurons, "
        f"{synapses(layer.weight)}, weights {layer.weight.min()} to {layer.weight.max()}, "
        f"delays 0 to {layer.max_delay} steps, "
        + ("readout" if layer.threshold is None else f"threshold {layer.threshold}")
        for layer in graph.layers
    }
    facts["time"] = time(graph.time_steps, graph.bin_s)
    facts["classes"] = names(graph.class_names)
    if graph.payload_max > 1:
        facts["payloads"] = f"up to {graph.payload_max}"
    return facts | {"graph hash": graph_hash(graph)}


def synapses(weight: npt.NDArray[np.generic]) -> str:
    """How many weights are not 0, of all."""
    live, total = int((weight != 0).sum()), math.prod(weight.shape)
    return f"{live} synapses" if live == total else f"{live} of {total} synapses"


def percent(share: object) -> str:
    """What a file says of an accuracy, 0 .. 1; "unknown" if it is no such number."""
    return percents.percent(share) if isinstance(share, int | float) and 0 <= share <= 1 else "unknown"
