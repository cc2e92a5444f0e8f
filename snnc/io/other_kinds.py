"""What a file is that is none of the kind that was expected: in words, and how Python reads it."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import PurePath

NUMPY = b"\x93NUMPY"
TORCH = (".pt", ".pth")
_MAGICS = {
    NUMPY: "one array of NumPy (.npy)",
    b"\x89HDF\r\n": "an HDF5 file",
    b"\x1f\x8b": "packed by gzip",
    b"RIFF": "sound (WAV)",
}
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
HEAD = 512
"""Bytes that tell a kind."""


def kind_of(head: bytes) -> str | None:
    """What a file is that begins with `head`, its first bytes; None if that is not known."""
    if not head:
        return "empty"
    if _PICKLE.match(head):
        return "a pickle, which is never loaded (torch wrote such files before 1.6)"
    if named := next((words for magic, words in _MAGICS.items() if head.startswith(magic)), None):
        return named
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter may be cut
    except UnicodeDecodeError:
        return None
    return "text" if all(each.isprintable() or each.isspace() for each in text) else None


def read_in_python(path: str | os.PathLike[str]) -> str | None:
    """The words of Python that read an array or a tensor of the file at `path`; None of other names."""
    name, end = repr(os.fspath(path)), PurePath(path).suffix.lower()
    if end in TORCH:
        return f"torch.load({name})"
    return {".npy": f"numpy.load({name})", ".npz": f"numpy.load({name})['NAME']"}.get(end)
