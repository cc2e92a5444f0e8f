"""The serial link of an artifact with a board, in Verilator: bytes in, bytes out, through its two pins."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from places import ROOT

from snnc.io import files
from snnc.stages import LayerTrace, QuantizedGraph
from snnc.targets.fpga import simulation
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.link import LINK
from snnc.targets.programs import call

# As the script finds what lies beside it.
sys.path.append(str(ROOT / "targets" / "fpga" / "host"))
import answers as answers
import decoding as decoding
import events as events
import host as host

TOP = "snnc_link_sim"
DONE = f"{TOP}: done"


class Link:
    """The link of the files `program`, built in `folder`."""

    def __init__(self, program: Mapping[str, bytes], folder: Path) -> None:
        self._folder = folder
        files.fill(folder, program)
        core = [name for name in program if name.startswith("rtl/") and name.endswith(".v")]
        link = [f"board/snnc_{each}.v" for each in (*LINK, "flash_sim")]
        self._binary = simulation.compiled(folder, TOP, [f"board/{TOP}.v", *link, *core], "board/main.cpp")

    def write(self, name: str, data: bytes) -> None:
        """Put other content into a file that the simulation reads."""
        (self._folder / name).write_bytes(data)

    def run(self, sent: str) -> str:
        """What is received, as text, when the lines `sent` of sent.hex are sent."""
        (self._folder / "sent.hex").write_text(sent)
        said = call(
            [str(self._binary), *simulation.AT_RANDOM], self._folder, 120.0, "the simulation of the link"
        )
        assert DONE in said.splitlines(), said
        return (self._folder / "received.hex").read_text()


def sample_of(events: npt.NDArray[np.uint8]) -> host.Sample:
    """[T, inputs] as the host's script has it."""
    return [{int(line): int(step[line]) for line in np.flatnonzero(step)} for step in events]


def sent_bytes(data: Sequence[int]) -> str:
    """Lines of sent.hex that send `data` and wait for all answers."""
    return "".join(f"0{byte:02x}\n" for byte in data) + "2000\n"


def line_sum(data: Sequence[int]) -> list[int]:
    """The three bytes that tell the sum of `data`: CRC-16/CCITT, bit by bit, its 16 bits and five zeros."""
    crc = 0xFFFF
    for byte in data:
        for place in reversed(range(8)):
            top = crc >> 15 ^ byte >> place & 1
            crc = crc << 1 & 0xFFFF ^ (0x1021 if top else 0)
    return [crc >> 9, crc >> 2 & 0x7F, crc << 5 & 0x7F]


def step_bytes(*lines: int, first: bool = False) -> list[int]:
    """A step with events of `lines`, each of a byte; START counts to the sum of the first."""
    data = [*lines, host.END]
    return data + line_sum([host.START, *data] if first else data)


def sample_bytes(*steps: Sequence[int]) -> list[int]:
    """START, and `steps` of lines."""
    return [host.START] + [byte for at, step in enumerate(steps) for byte in step_bytes(*step, first=at == 0)]


def differences(
    of: Layout,
    graph: QuantizedGraph,
    network: Mapping[str, Any],
    found: answers.Sampled,
    layers: Sequence[LayerTrace],
    at: int,
) -> list[str]:
    """Which populations' spikes or v differ from sample `at` of a trace."""
    wrong = []
    numbers = {each.name: number for number, each in enumerate(graph.populations)}
    for population, layer in zip(graph.stateful, layers, strict=True):
        number = numbers[population.name]
        for t in range(graph.time_steps):
            if found.spikes[t].get(number, []) != np.flatnonzero(layer.spikes[at, t]).tolist():
                wrong.append(f"{population.name}: spikes of step {t}")
            if population.model == "li" and found.v[t][number] != layer.v[at, t].tolist():
                wrong.append(f"{population.name}: v of step {t}")
    return wrong
