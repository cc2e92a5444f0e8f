"""The serial link of a board: samples through its pins, and bytes that no host should send."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from fpga_cores import crowded
from fpga_links import Link, differences, host, sample_of, sent_bytes
from fpga_links import answers as said

from snnc.decoding.decoder import decoders
from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.stages import Artifact
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.layout import layout

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())),
]
GRAPH, EVENTS = crowded()
"""90 lines, 5 steps, 180 neurons in 48 groups of 4 lanes; more spikes and events than any queue holds."""


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("link")
    return export_graph(GRAPH, "fpga:board=ulx3s:lanes=4", folder / "net.fpga", allow_saturation=True)


@pytest.fixture(scope="module")
def network(artifact: Artifact) -> dict[str, Any]:
    return {**json.loads(artifact.program["host/network.json"]), "buffer": 128}


@pytest.fixture(scope="module")
def link(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Link:
    """With a small buffer, and a fast line to save time."""
    text = artifact.program["board/board.vh"].decode()
    for name, value in {"BUFFER_BITS": 7, "DIVIDER": 8, "TIMER_BITS": 3}.items():
        text, found = re.subn(rf"{name} = \d+;", f"{name} = {value};", text)
        assert found == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "OPTIMISED", "-O0")  # compiling takes longer than running
        return Link({**artifact.program, "board/board.vh": text.encode()}, tmp_path_factory.mktemp("built"))


def test_samples_through_the_pins(link: Link, network: dict[str, Any]) -> None:
    found = host.from_simulation(link.run(host.to_simulation(list(map(sample_of, EVENTS)), network)), network)
    expected = oracle.run_graph(GRAPH, EVENTS)
    assert len(found) == len(EVENTS) == 2
    for at, sample in enumerate(found):
        assert differences(layout(GRAPH, 4), GRAPH, network, sample, expected.layers, at) == []
        assert len(sample.cycles) == GRAPH.time_steps
        classes = [each.classes(each.record(expected.layers))[at] for each in decoders(GRAPH)]
        assert sample.classes() == classes


def answers(link: Link, data: list[int], network: dict[str, Any]) -> list[tuple[int, bytes]]:
    """The records that come when the bytes `data` are sent, and then a good sample."""
    good = host.to_simulation([sample_of(EVENTS[0])], network)
    return parsed(link.run(sent_bytes(data) + good), network)


def parsed(received: str, network: dict[str, Any]) -> list[tuple[int, bytes]]:
    taken = said.Answers(network, started=True)
    return [record for byte in bytes.fromhex(received) if (record := taken.take(byte)) is not None]


def mistakes(records: list[tuple[int, bytes]]) -> list[int]:
    return [data[0] for kind, data in records if kind == said.MISTAKE]


UNKNOWN, RANGE, ORDER, CUT, MISSED, BEYOND, NOT_STARTED = range(1, 8)
START, END = host.START, host.END
STEPS = GRAPH.time_steps
WRONG = {
    "before a start": ([0x05, END, 0x07], [NOT_STARTED]),
    "an unknown command": ([START, 0x05, 0xFF, 0x05, END], [UNKNOWN]),
    "a command as payload": ([START, 0x85], [UNKNOWN]),
    "a line that is not there": ([START, 90], [RANGE]),
    "the last line": ([START, 89, END], []),
    "the same line twice": ([START, 3, 3], [ORDER]),
    "lines that fall": ([START, 3, 2], [ORDER]),
    "lines that fall in another step": ([START, 3, END, 2, END], []),
    "too many steps": ([START, *[END] * STEPS, END, END], [BEYOND]),
    "events after the last step": ([START, *[END] * STEPS, 5], [BEYOND]),
    "a sample that is not finished": ([START, 3, 4, END, 5], []),
    "two starts": ([START, START], []),
    "a mistake and more of them": ([START, 0xFF, 0x01, 90, END, 0x90], [UNKNOWN]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_bytes_are_told_and_the_next_sample_is_right(
    name: str, link: Link, network: dict[str, Any]
) -> None:
    data, codes = WRONG[name]
    records = answers(link, data, network)
    assert mistakes(records) == codes
    check_good(records, network)


def check_good(records: list[tuple[int, bytes]], network: dict[str, Any]) -> None:
    """That the last sample of `records` is that of the simulator."""
    begin = max(at for at, (kind, _) in enumerate(records) if kind == said.HELLO)
    found = said.Sampled(network)
    for kind, data in records[begin + 1 :]:
        assert kind != said.MISTAKE
        found.take(kind, data)
    expected = oracle.run_graph(GRAPH, EVENTS[:1])
    assert differences(layout(GRAPH, 4), GRAPH, network, found, expected.layers, 0) == []


def test_more_bytes_than_the_buffer_holds_are_told(link: Link, network: dict[str, Any]) -> None:
    """A sample of more bytes at once, whose answers take longer than its events; the next byte tells."""
    burst = sent_bytes([START, *[*range(90), END] * STEPS]) + sent_bytes([END])
    good = host.to_simulation([sample_of(EVENTS[0])], network)
    records = parsed(link.run(burst + good), network)
    assert sum(kind == said.STEP for kind, _ in records) < 2 * STEPS
    assert mistakes(records) == [MISSED]
    check_good(records, network)


def test_bytes_without_a_stop_bit_are_told(link: Link, network: dict[str, Any]) -> None:
    lines = "080\n003\n105\n006\n081\n2000\n" + host.to_simulation([sample_of(EVENTS[0])], network)
    records = parsed(link.run(lines), network)
    assert mistakes(records) == [MISSED]
    check_good(records, network)


def test_random_bytes_never_hang_the_board(link: Link, network: dict[str, Any]) -> None:
    rng = np.random.default_rng(3)
    garbage = np.where(rng.random(3000) < 0.3, rng.integers(0x80, 0x84, 3000), rng.integers(0, 256, 3000))
    records = answers(link, [START, *map(int, garbage)], network)
    assert mistakes(records)
    check_good(records, network)
