"""The host's script where the port, or a file, gives it what no board would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fpga_links import answers, decoding, events, host, line_sum

STEPS = 2
NAMES = ["66c3bc6e66", "7a1b5b326d"]
"""fünf; and z with what clears a terminal."""
NETWORK = {
    "identity": "00000000000001",
    "buffer": 512,
    "inputs": 3,
    "steps": STEPS,
    "payload_max": 1,
    "line_bits": 2,
    "payload_bits": 1,
    "lanes": 2,
    "group_bits": 1,
    "places": [
        {"population": 1, "first": 0, "groups": 1, "neurons": 2},
        {"population": 2, "first": 1, "groups": 1, "neurons": 2},
    ],
    "readouts": [{"population": 2, "decoder": "sum", "scale": 1.0, "end": STEPS, "classes": NAMES}],
}


def summed(*records: str) -> str:
    """`records`, and the sum of their bytes."""
    data = bytes.fromhex("".join(records))
    return (data + bytes(line_sum(data))).hex()


HELLO = summed("c0 00 00 00 00 00 00 00 01")
SPIKE = "90 00 02"
VALUES = "a0 01 00 00 00 05 7f 7f 7f 7f"
STEP = "b0 00 00 00 00 09 00"
FIRST = summed(SPIKE, VALUES, STEP)
NEXT = summed(VALUES, STEP)
WHOLE = HELLO + FIRST + NEXT


def board(*chunks: str) -> Callable[[], bytes]:
    """What a port gives: the bytes `chunks`, one after another, then none."""
    left = iter(chunks)
    return lambda: bytes.fromhex(next(left, ""))


def exchange(*chunks: str) -> answers.Sampled:
    return host.exchange(lambda data: None, board(*chunks), NETWORK, [{}] * STEPS)


def test_a_whole_sample() -> None:
    found = exchange(HELLO, WHOLE.removeprefix(HELLO))
    assert found.spikes == [{1: [1]}, {}]
    assert found.v == [{2: [5, -1]}] * STEPS
    assert found.cycles == [9, 9]
    assert found.classes() == [0]


def test_the_cycles_that_are_told_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The core takes more: it fetches words while it waits for the next event of the line."""
    host.tell(0, exchange(HELLO, WHOLE.removeprefix(HELLO)), NETWORK)
    assert capsys.readouterr().out == "sample 0: class 0 (fünf); 1 spikes, 18 cycles not waiting for events\n"


def test_a_name_cannot_command_a_terminal() -> None:
    assert decoding.told(NETWORK, [1]) == "1 (z\\u001b[2m)"


def test_a_name_that_is_the_number_is_told_once() -> None:
    readout = {"classes": ["30", "32"]}
    assert decoding.told({"readouts": [readout, readout]}, [0, 1]) == "0, 1 (2)"


def test_the_answer_to_a_start_may_come_late() -> None:
    """START was sent again after some seconds, and the board answers to both."""
    assert exchange("", HELLO, HELLO, NEXT, NEXT).cycles == [9, 9]


@pytest.mark.parametrize(
    ("chunks", "says"),
    {
        "a sample that begins within one": ((HELLO, NEXT, HELLO, NEXT), "began a new sample"),
        "a record that is cut": ((HELLO, "90 00", NEXT, NEXT), "record 90 .* is cut short"),
        "a step without states": ((HELLO, summed(STEP), NEXT), "sent 0 states of population 2 in step 0"),
        "states twice": (
            (HELLO, summed(VALUES, VALUES, STEP)),
            "sent 4 states .* in step 0, expected 2",
        ),
        "an end too early": ((HELLO, NEXT), "stopped answering in step 1"),
        "another network": ((summed("c0 00 00 00 00 00 00 00 02"),), "another network"),
        "a mistake": ((HELLO, NEXT, summed("d0 08")), "was sent bytes that do not fit their sum"),
        "a wrong sum": ((HELLO, NEXT[:-2] + "40", NEXT), "answer does not fit its sum"),
        "nothing": ((), "does not answer"),
    }.values(),
)
def test_bytes_that_are_lost_or_repeated_are_no_result(chunks: tuple[str, ...], says: str) -> None:
    with pytest.raises(answers.BoardError, match=says):
        exchange(*chunks)


def test_the_sum_is_that_of_the_catalogues() -> None:
    """CRC-16/CCITT from FFFF, in the catalogues CRC-16/IBM-3740: 29B1 for the digits 1 to 9."""
    digits = b"123456789"
    expected = digits + bytes([0x29B1 >> 9, 0x29B1 >> 2 & 0x7F, (0x29B1 & 3) << 5])
    assert digits + bytes(line_sum(digits)) == expected
    assert answers.with_sum(digits) == expected
    assert answers.with_sum(digits[4:], digits[:4]) == expected[4:]


def test_no_bit_of_a_sample_can_be_another() -> None:
    whole = bytes.fromhex(WHOLE)
    assert exchange(*(f"{byte:02x}" for byte in whole)).cycles == [9, 9]
    for at in range(len(whole)):
        for bit in range(8):
            data = bytearray(whole)
            data[at] ^= 1 << bit
            with pytest.raises(answers.BoardError):
                exchange(*(f"{byte:02x}" for byte in data))
            with pytest.raises(answers.BoardError):
                host.from_simulation(data.hex(), NETWORK)


def test_a_port_that_never_stops_sending_is_given_up() -> None:
    with pytest.raises(answers.BoardError, match="the port sends without an end"):
        host.exchange(lambda data: None, lambda: b"$GPGGA,1234\r\n", NETWORK, [{}] * STEPS)


def test_no_byte_of_a_sample_can_be_lost() -> None:
    whole = bytes.fromhex(WHOLE)
    for at in range(len(whole)):
        for data in (whole[:at], whole[:at] + whole[at + 1 :]):
            with pytest.raises(answers.BoardError):
                host.from_simulation(data.hex(), NETWORK)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file of events is empty"),
        ("\nzz", "line 2: 'zz' is no event"),
        ("-1", "line 1: '-1' is no event"),
        ("20000000000", "'20000000000' is no event"),
        ("0100000001\n0100000001\n10000000000", "the second of its line in step 0"),
        ("10000000000", "the events end within a sample"),
    ],
)
def test_a_file_of_events_that_is_none_is_refused(text: str, says: str) -> None:
    def lines() -> Iterator[str]:
        return iter(text.splitlines())

    with pytest.raises(events.EventsError, match=says):
        events.read_events(lines(), NETWORK)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"zz", b""])
def test_a_file_that_cannot_be_read_is_one_line(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(host, "__file__", str(tmp_path / "host.py"))
    (tmp_path / "network.json").write_text(json.dumps(NETWORK))
    (tmp_path / "received.hex").write_bytes(content)
    # Bytes that are no text are a wrong file; text without an answer is what a board sent.
    assert host.main(["read", str(tmp_path / "received.hex")]) == (2 if content == b"\xff\xfe" else 1)
    assert capsys.readouterr().err.startswith("host.py: ")


def test_a_port_that_cannot_be_opened_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*given: object) -> None:
        raise OSError("could not open port /dev/ttyUSB9")

    monkeypatch.setattr(host, "__file__", str(tmp_path / "host.py"))
    monkeypatch.setattr(host, "run", refused)
    (tmp_path / "network.json").write_text(json.dumps(NETWORK))
    (tmp_path / "events.hex").write_text("10000000000\n" * NETWORK["steps"])
    assert host.main(["/dev/ttyUSB9", str(tmp_path / "events.hex")]) == 2
    assert capsys.readouterr().err == "host.py: could not open port /dev/ttyUSB9\n"
