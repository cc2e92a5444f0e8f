"""How mkdocstrings reads the docstrings of snnc: an item of a section may be one line, "name : what it is".

numpy's style has a type there. Types stand in the signatures, so the text becomes the description.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

SECTION = re.compile(r"^(Parameters|Attributes)\n-{3,}\n(.*?)(?=^\w[\w ]*\n-{3,}\n|\Z)", re.M | re.S)
ITEM = re.compile(r"^([\w*][\w*, ]*) : (.*)$", re.MULTILINE)


def in_numpy_style(text: str) -> str:
    """`text` with the description of each item in lines of its own."""
    return SECTION.sub(
        lambda section: f"{section[1]}\n{'-' * len(section[1])}\n" + ITEM.sub(r"\1\n    \2", section[2]), text
    )


class Docstrings(griffe.Extension):
    """Changes docstrings before they are read."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = in_numpy_style(obj.docstring.value)
