"""The synapse words as an image for a board's flash, which `snnc_flash.v` reads: no bitstream fills SPRAM."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from snnc.targets.fpga.shape import Shape

IMAGE = "board/words.bin"
"""Its file in an artifact."""
PIECE = 16
"""Bits that are written at once."""
_ALL = 0xFFFFFFFF
_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def image(program: Mapping[str, bytes], size: Shape, identity: int) -> bytes:
    """The words of the core `program`, and their CRC-32; all with the highest byte first.

    Each word has whole pieces of 16 bits. `identity` is the number of the network that the board tells: its
    lowest 32 bits, made odd, begin the CRC.
    """
    width = 2 * -(-size.word_width // PIECE)
    banks = sorted(name for name in program if name.startswith("mem/synapse_"))
    lines = [line for name in banks for line in program[name].split()]
    words = b"".join(int(line, 16).to_bytes(width) for line in lines)
    words += bytes(width * (size.words - len(lines)))
    return words + crc(words, identity & _ALL | 1).to_bytes(4)


def crc(data: bytes, begin: int) -> int:
    """CRC-32 of `data`, the highest bit first and not inverted, that begins as `begin`."""
    return _turned(~zlib.crc32(data.translate(_TURNED), ~_turned(begin) & _ALL) & _ALL)


def _turned(number: int) -> int:
    """The 32 bits of `number` in the other order."""
    return int.from_bytes(number.to_bytes(4).translate(_TURNED), "little")
