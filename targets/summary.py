"""Each target in a line: what it is and what was proved of it. No target is loaded for these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LIMITS = "limits only"
"""Of a chip that nothing can be exported to."""


class Summary(NamedTuple):
    """What `snnc export` writes for a target, and what was proved of that; no run on a chip was."""

    what: str
    proved: str

    @property
    def exportable(self) -> bool:
        return self.proved != LIMITS


SUMMARIES: Mapping[str, Summary] = {
    "loihi": Summary("Lava 0.10, Loihi 2", "bit-exact in Lava"),
    "fpga": Summary("a core in Verilog", "bit-exact simulated"),
    "c": Summary("C99 without a heap", "bit-exact compiled"),
    "onnx": Summary("an ONNX graph", "bit-exact on a CPU"),
    "spinnaker": Summary("a PyNN script", "not exact: floats"),
    "loihi1": Summary("Loihi 1", LIMITS),
    "loihi2": Summary("Loihi 2", LIMITS),
    "spinnaker1": Summary("SpiNNaker board", LIMITS),
    "spinnaker2": Summary("SpiNNaker 2 chip", LIMITS),
    "truenorth": Summary("TrueNorth", LIMITS),
    "seneca": Summary("SENECA", LIMITS),
}
"""In the order in which they are listed."""


def summaries() -> dict[str, Summary]:
    """Of all targets, those of other distributions included: these are loaded for their description."""
    from snnc.targets.registry import load_target, targets

    found = dict(SUMMARIES)
    for name in sorted(targets().keys() - found.keys()):
        target = load_target(name)
        found[name] = Summary(target.description, "see its package" if target.emit else LIMITS)
    return found
