"""What the tool for line coverage is told in each worker of xdist, before that imports what is measured."""

import dis
from types import CodeType

from slipcover import pytest_plugin, slipcover

if (tool := pytest_plugin._slipcover_instance) is not None:
    tool.immediate = True  # a line that was run once costs nothing afterwards
    tool.source = None  # files that nothing imported: the process that merges reads them, once


_TYPES_ALONE = {
    dis.opmap.get(name) for name in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_ATTR", "BINARY_SUBSCR", "CACHE")
}


def lines_of_types(code: CodeType) -> frozenset[int]:
    """The lines of which all that is run loads a type of an annotation: the tool's own answer.

    It asks `dis` for the text of every instruction, which took half of the time in which it marks a module.
    """
    alone: dict[int, bool] = {}
    operations = code.co_code[::2]
    for begin, end, line in code.co_lines():
        if line:
            of_line = operations[begin // 2 : end // 2]
            alone[line] = alone.get(line, True) and _TYPES_ALONE.issuperset(of_line)
    return frozenset(line for line, only in alone.items() if only)


slipcover._get_annotation_only_lines = lines_of_types
