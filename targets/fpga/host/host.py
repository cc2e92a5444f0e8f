"""Send samples to the board and tell its answers: `python3 host.py PORT events.hex`.

Of a file of events: events.py. network.json, beside this script, says what network the board runs.
The bytes on the line: board/snnc_commands.v and board/snnc_results.v.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # the folder is an artifact, whose files are all known

from answers import (  # noqa: E402  beside this file
    HELLO,
    MISTAKE,
    MISTAKES,
    Answers,
    BoardError,
    Sampled,
    number_of,
    sevens,
    with_sum,
)
from decoding import told  # noqa: E402
from events import EventsError, Sample, check_lines, read_events  # noqa: E402

START, END = 0x80, 0x81
TRIES = 3
"""Times that START is sent until the board answers to it."""
STRAY = 1 << 16
"""Bytes that may come before that answer; a port that sends more belongs to something else."""


def encoded(sample: Sample, network: dict[str, Any]) -> list[bytes]:
    """The bytes of each step, with its sum; START, which comes before them, is in that of the first."""
    found, before = [], bytes([START])
    for step in sample:
        found.append(with_sum(_events(step, network) + bytes([END]), before))
        before = b""
    return found


def _events(step: dict[int, int], network: dict[str, Any]) -> bytes:
    out = bytearray()
    check_lines(step, network)
    for line, payload in sorted(step.items()):
        out += sevens(line, -(-network["line_bits"] // 7))
        if network["payload_bits"] > 1:
            out += sevens(payload, 2)
    return bytes(out)


def complete_before(steps: list[bytes], buffer: int) -> list[int]:
    """How many steps must be answered before each is sent, so that what is not answered fits the buffer.

    One that does not fit by itself is sent when all before it are answered; the core takes it as it comes.
    """
    found, complete, waiting = [], 0, 0
    for number, step in enumerate(steps):
        waiting += len(step)
        while waiting > buffer and complete < number:
            waiting -= len(steps[complete])
            complete += 1
        found.append(complete)
    return found


def exchange(
    send: Callable[[bytes], Any], receive: Callable[[], bytes], network: dict[str, Any], sample: Sample
) -> Sampled:
    """Run a sample on the board. `receive` gives the bytes that came; none if none came for some seconds.

    Raises `BoardError` where the board tells of a mistake, answers otherwise than it should, or not at all.
    """
    answers, found = Answers(network), Sampled(network)
    late = 0  # answers to START that may come yet
    while not _begun(send, receive, answers, network):
        late += 1
        if late == TRIES:
            raise BoardError("the board does not answer; check the port, and that it is programmed")
    steps = encoded(sample, network)
    records = _of_sample(_records(receive, answers), late)
    for step, complete in zip(steps, complete_before(steps, network["buffer"]), strict=True):
        while len(found.cycles) < complete:
            _take(found, *next(records, (None, b"")))
        send(step)
    while len(found.cycles) < len(steps):
        _take(found, *next(records, (None, b"")))
    return found


def _begun(
    send: Callable[[bytes], Any], receive: Callable[[], bytes], answers: Answers, network: dict[str, Any]
) -> bool:
    """Whether the board answers to START."""
    send(bytes([START]))
    records = _records(receive, answers, STRAY)
    return any(kind == HELLO and _same(data, network) for kind, data in records)


def _same(identity: bytes, network: dict[str, Any]) -> bool:
    if number_of(identity) != int(network["identity"], 16):
        raise BoardError("the board runs another network than network.json says; program it again")
    return True


def _records(
    receive: Callable[[], bytes], answers: Answers, most: float = math.inf
) -> Iterator[tuple[int, bytes]]:
    """Records until no byte comes any more. Raises `BoardError` after more than `most` bytes."""
    seen = 0
    while data := receive():
        seen += len(data)
        if seen > most:
            raise BoardError("the port sends without an end, but no answer; check that it is the board's")
        for byte in data:
            if (record := answers.take(byte)) is not None:
                yield record


def _of_sample(records: Iterator[tuple[int, bytes]], late: int) -> Iterator[tuple[int, bytes]]:
    """`records` without answers to START, of which `late` may come: START was sent so many times again."""
    for kind, data in records:
        if kind != HELLO:
            yield kind, data
        elif late:
            late -= 1
        else:
            raise BoardError("the board began a new sample within one; check the line to it for noise")


def _take(found: Sampled, kind: int | None, data: bytes) -> None:
    if kind is None:
        raise BoardError(f"the board stopped answering in step {len(found.cycles)}")
    if kind == MISTAKE:
        raise BoardError(f"the board was sent {MISTAKES.get(data[0], 'what it does not understand')}")
    found.take(kind, data)


def to_simulation(samples: list[Sample], network: dict[str, Any]) -> str:
    """The file `sent.hex` of the simulation: what `exchange` would send, and when."""
    lines = []
    for sample in samples:
        lines += [f"0{START:02x}"]
        steps, seen = encoded(sample, network), 0
        for step, complete in zip(steps, complete_before(steps, network["buffer"]), strict=True):
            lines += ["3001"] * (complete - seen) + [f"0{byte:02x}" for byte in step]
            seen = complete
        lines += ["3001"] * (len(steps) - seen)
    return "\n".join([*lines, ""])


def from_simulation(received: str, network: dict[str, Any]) -> list[Sampled]:
    """The samples that the file `received.hex` tells. Raises `BoardError` as `exchange`."""
    answers, found = Answers(network), list[Sampled]()
    try:
        given = iter([bytes.fromhex(received)])
    except ValueError as error:
        raise BoardError(f"the answers are not hexadecimal: {error}") from None
    for kind, data in _records(lambda: next(given, b""), answers):
        if kind == HELLO and _same(data, network):
            found.append(Sampled(network))
        else:
            _take(found[-1], kind, data)
    if not found:
        raise BoardError("there is no answer to any sample")
    for number, sample in enumerate(found):
        if len(sample.cycles) != network["steps"]:
            raise BoardError(
                f"sample {number}: {len(sample.cycles)} steps were answered, expected {network['steps']}"
            )
    return found


def tell(number: int, found: Sampled, network: dict[str, Any]) -> None:
    """Print what the board said of a sample."""
    spikes = sum(len(each) for step in found.spikes for each in step.values())
    print(f"sample {number}: class {told(network, found.classes())}; {spikes} spikes, ", end="")
    print(f"{sum(found.cycles)} cycles not waiting for events")
    for what, steps in (("wrapped", found.wrapped), ("was clipped", found.clipped)):
        if steps:
            print(f"  a state {what} in {len(steps)} steps, first in step {steps[0]}")


def run(port: str, samples: list[Sample], network: dict[str, Any]) -> None:
    """Run `samples` on the board at a serial port."""
    try:
        import serial  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise BoardError("pyserial is missing, which talks to the port; pip install pyserial") from None
    with serial.Serial(port, network["baud"], timeout=2) as line:
        line.reset_input_buffer()
        for number, sample in enumerate(samples):
            tell(
                number,
                exchange(line.write, lambda: line.read(max(1, line.in_waiting)), network, sample),
                network,
            )


def main(words: list[str] | None = None) -> int:
    """The command; its exit status: 1 if the board fails, 2 if a file or the port cannot be used."""
    parser = argparse.ArgumentParser(
        description="Run samples on the board, or in the simulation of its link."
    )
    parser.add_argument("port", help="serial port of the board, as /dev/ttyUSB0 or COM3; or write, or read")
    parser.add_argument("events", type=Path, help="file of events; with read: received.hex of the simulation")
    given = parser.parse_args(words)
    here = Path(__file__).parent
    try:
        network = json.loads((here / "network.json").read_text())
        text = given.events.read_text()
        if given.port == "read":
            for number, found in enumerate(from_simulation(text, network)):
                tell(number, found, network)
        elif given.port == "write":
            Path("sent.hex").write_text(to_simulation(read_events(iter(text.splitlines()), network), network))
        else:
            run(given.port, read_events(iter(text.splitlines()), network), network)
    except BoardError as error:
        print(f"host.py: {error}", file=sys.stderr)
        return 1
    except (EventsError, OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        print(f"host.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
