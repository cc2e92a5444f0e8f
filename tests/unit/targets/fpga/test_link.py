"""The serial link of a board: samples through its pins, and bytes that no host should send."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from fpga_cores import crowded
from fpga_links import Link, differences, host, line_sum, sample_bytes, sample_of, sent_bytes, step_bytes
from fpga_links import answers as said

from snnc.decoding.decoder import decoders
from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.stages import Artifact
from snnc.targets.fpga import simulation, tools
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.serial_port import bytes_on_line
from snnc.targets.fpga.shape import shape

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
    lines = host.to_simulation(list(map(sample_of, EVENTS)), network)
    received = link.run(lines)
    found = host.from_simulation(received, network)
    expected = oracle.run_graph(GRAPH, EVENTS)
    of = layout(GRAPH, 4)
    counted = bytes_on_line(of, shape(of), EVENTS, expected.layers)
    # START of each sample is a byte, the answer to it twelve.
    assert sum(line.startswith("0") for line in lines.splitlines()) == counted[0].sum() + 2 * 1
    assert len(bytes.fromhex(received)) == counted[1].sum() + 2 * 12
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


UNKNOWN, RANGE, ORDER, CUT, MISSED, BEYOND, NOT_STARTED, SUM = range(1, 9)
START, END = host.START, host.END
STEPS = GRAPH.time_steps
WRONG = {
    "before a start": ([0x05, END, 0x07], [NOT_STARTED]),
    "an unknown command": ([START, 0x05, 0xFF, 0x05, END], [UNKNOWN]),
    "a command as payload": ([START, 0x85], [UNKNOWN]),
    "a line that is not there": ([START, 90], [RANGE]),
    "the last line": (sample_bytes([89]), []),
    "the same line twice": ([START, 3, 3], [ORDER]),
    "lines that fall": ([START, 3, 2], [ORDER]),
    "lines that fall in another step": (sample_bytes([3], [2]), []),
    "too many steps": (sample_bytes(*[[]] * (STEPS + 2)), [BEYOND]),
    "events after the last step": ([*sample_bytes(*[[]] * STEPS), 5], [BEYOND]),
    "a sample that is not finished": ([*sample_bytes([3, 4]), 5], []),
    "the sum of another step": ([START, *step_bytes(3)], [SUM]),
    "no sum": ([START, END, END], [CUT]),
    "a sum that is cut": ([*sample_bytes([3])[:-1], END], [CUT]),
    "a start within a sum": ([*sample_bytes([3])[:-1], START], []),
    "a sum with something behind it": ([*sample_bytes([3])[:-1], line_sum([START, 3, END])[-1] | 1], [SUM]),
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


def check_good(
    records: list[tuple[int, bytes]], network: dict[str, Any], events: npt.NDArray[np.uint8] = EVENTS[:1]
) -> None:
    """That the last sample of `records` is that of the simulator on `events`."""
    begin = max(at for at, (kind, _) in enumerate(records) if kind == said.HELLO)
    found = said.Sampled(network)
    for kind, data in records[begin + 1 :]:
        assert kind != said.MISTAKE
        found.take(kind, data)
    expected = oracle.run_graph(GRAPH, events)
    assert differences(layout(GRAPH, 4), GRAPH, network, found, expected.layers, 0) == []


def test_more_bytes_than_the_buffer_holds_are_told(link: Link, network: dict[str, Any]) -> None:
    """A sample of more bytes at once, whose answers take longer than its events; the next byte tells."""
    burst = sent_bytes(sample_bytes(*[range(90)] * STEPS)) + sent_bytes([END])
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
    rng = np.random.default_rng(8)
    garbage = np.where(rng.random(3000) < 0.3, rng.integers(0x80, 0x84, 3000), rng.integers(0, 256, 3000))
    data = [START]
    for part in np.split(garbage, 60):  # steps that are right among them, or there would hardly be one
        steps = [np.flatnonzero(rng.random(90) < 0.1).tolist() for _ in range(rng.integers(1, STEPS + 2))]
        data += [*sample_bytes(*steps), *map(int, part)]
    records = answers(link, data, network)
    assert {UNKNOWN, RANGE, MISSED, SUM} <= set(mistakes(records))
    assert sum(kind == said.STEP for kind, _ in records) > 2 * STEPS
    check_good(records, network)


FLIPS = [*(1 << bit for bit in range(8)), 0x400, 0x100]
"""On a byte in a line of sent.hex: its data bits, its start bit, its stop bit."""
PLACES = {
    "START": 0,
    "an event": 2,
    "END": 4,
    **{f"byte {number} of a sum": 5 + number for number in range(3)},
    "an event of the next step": 8,
    "the last byte of a sample": -1,
}
FEW: host.Sample = [{1: 1, 2: 1, 64: 1}, {0: 1}, {}, {3: 1}, {}]


@pytest.fixture(scope="module")
def few(link: Link, network: dict[str, Any]) -> bytes:
    """The right answers to `FEW`."""
    events = np.zeros_like(EVENTS[:1])
    for t, step in enumerate(FEW):
        events[0, t, list(step)] = 1
    received = link.run(sent_bytes([START, *b"".join(host.encoded(FEW, network))]))
    check_good(parsed(received, network), network, events)
    assert answered(bytes.fromhex(received), network) is None
    return bytes.fromhex(received)


@pytest.mark.parametrize("place", PLACES)
def test_no_bit_that_the_host_sends_can_be_another(
    place: str, link: Link, network: dict[str, Any], few: bytes
) -> None:
    """No whole answer comes to a sample of which a bit was changed, and the next sample is right."""
    data = [START, *b"".join(host.encoded(FEW, network))]
    assert data[:5] == [START, 1, 2, 64, END]
    lines = ""
    for flip in FLIPS:
        changed = [*data]
        changed[PLACES[place]] ^= flip
        lines += "".join(f"{line:03x}\n" for line in changed) + "2000\n" + sent_bytes(data)
    *after_flips, last = bytes.fromhex(link.run(lines)).split(few)
    assert (len(after_flips), last) == (len(FLIPS), b"")
    assert None not in [answered(each, network) for each in after_flips]


def answered(received: bytes, network: dict[str, Any]) -> str | None:
    """What the host's script says of what comes when it sends `FEW`; None if it is content."""
    answer = (bytes([byte]) for byte in received)
    try:
        host.exchange(lambda data: None, lambda: next(answer, b""), network, FEW)
    except said.BoardError as error:
        return str(error)
    return None


def test_no_bit_that_the_board_sends_can_be_another(link: Link, network: dict[str, Any]) -> None:
    """Every bit of one record of each kind, and 200 others."""
    received = bytes.fromhex(link.run(host.to_simulation([sample_of(EVENTS[0])], network)))
    begins = [received.index(kind) for kind in (said.HELLO, said.SPIKES, said.VALUES, said.STEP)]
    rng = np.random.default_rng(5)
    bits = [8 * at + bit for begin in begins for at in range(begin, begin + 10) for bit in range(8)]
    for place in [*bits, *rng.integers(0, 8 * len(received), 200)]:
        data = bytearray(received)
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(said.BoardError):
            host.from_simulation(data.hex(), network)
