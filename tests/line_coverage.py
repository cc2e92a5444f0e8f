"""What the tool for line coverage is told in each worker of xdist, before that imports what is measured."""

from __future__ import annotations

import ctypes
import dis
import sys
from types import CodeType, SimpleNamespace

from slipcover import pytest_plugin, slipcover

_NOP, _SKIP = dis.opmap["NOP"], dis.opmap["JUMP_FORWARD"]


class Probe:
    """A call that the tool puts before each line, as bytecode: NOP, which holds its length; then the call.

    The tool's own probes are called at every visit of a line, until it looks at every function of every
    module for those to replace. These are called once: then the NOP in the memory of `code` is a jump over
    the call.
    """

    def __init__(self, tool: slipcover.Slipcover, file: str, line: int, threshold: int) -> None:
        self.tool, self.file, self.line = tool, file, line
        self.code: CodeType | None = None
        """What is written to; it lives on, as copies of it call the same probe."""
        self.offset = 0

    def signal(self) -> None:
        self.tool.newly_seen[self.file].add(self.line)
        if self.code is not None:
            ctypes.c_ubyte.from_address(_start(self.code) + self.offset).value = _SKIP


def _start(code: CodeType) -> int:
    """The address of its bytecode, which is the end of the object."""
    return id(code) + CodeType.__basicsize__


def instrument_once(tool: slipcover.Slipcover) -> None:
    """Have the tool put `Probe`s into what it instruments from now on."""
    original = tool.instrument

    def instrument(code: CodeType, parent: CodeType | None = None) -> CodeType:
        new = original(code, parent)
        assert ctypes.string_at(_start(new), len(new.co_code)) == new.co_code
        probes = [const for const in new.co_consts if isinstance(const, Probe)]
        for probe, (offset, line) in zip(probes, tool.code2index.pop(new), strict=True):
            assert (line, new.co_code[offset]) == (probe.line, _NOP)
            probe.code, probe.offset = new, offset
        return new

    slipcover.probe = SimpleNamespace(new=Probe, signal=Probe.signal)
    tool.instrument = instrument


if (tool := pytest_plugin._slipcover_instance) is not None:
    tool.source = None  # files that nothing imported: the process that merges reads them, once
    if sys.version_info < (3, 12):  # later, the interpreter itself calls once
        instrument_once(tool)


_TYPES_ALONE = {dis.opmap.get(name) for name in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_ATTR", "BINARY_SUBSCR")}
_CACHE = dis.opmap.get("CACHE")


def lines_of_types(code: CodeType) -> frozenset[int]:
    """The lines of which all that is run loads a type of an annotation: the tool's own answer.

    It asks `dis` for the text of every instruction, which took half of the time in which it marks a module.
    """
    alone: dict[int, bool] = {}
    for operation, (line, *_) in zip(code.co_code[::2], code.co_positions(), strict=True):
        if line and operation != _CACHE:
            alone[line] = alone.get(line, True) and operation in _TYPES_ALONE
    return frozenset(line for line, only in alone.items() if only)


slipcover._get_annotation_only_lines = lines_of_types
