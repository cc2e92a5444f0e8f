"""Errors about one recording of a list, with the file that the caller says it was made of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from snnc.errors import InputError
from snnc.text import one_line

_NUMBERED = re.compile(r"(?:recordings?|samples?) (\d+(?:, \d+)*)|^\w+\[(\d+)\]")
"""How an error names the recordings that it is about, by their numbers."""
MOST = 2
"""Files of one error that are named."""


@contextmanager
def naming(files: Any) -> Iterator[None]:
    """Errors begin with the files of the recordings that they name; `files`: of all of them, or None."""
    try:
        yield
    except InputError as error:
        text = str(error.args[0])
        several = hasattr(files, "__iter__") and not isinstance(files, str | bytes)
        if several and (found := _NUMBERED.search(text)):
            known = dict(enumerate(files))
            those = [known.get(int(number)) for number in (found[1] or found[2]).split(", ")]
            names = [str(os.fspath(each)) for each in those if isinstance(each, str | os.PathLike)]
            if names and f"({one_line(names[0])})" not in text:  # it is not named yet
                told = one_line(", ".join(names[:MOST])) + ", ..." * (len(names) > MOST)
                error.args = (f"{told}: {text}", *error.args[1:])
        raise
