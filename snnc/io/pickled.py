"""Which classes a pickle names, told without running it, and how a module of a framework is converted."""

from __future__ import annotations

import importlib.util
import pickletools
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from snnc.text import quoted

MOST_BYTES = 1 << 20
"""Of a pickle, so much is looked at."""
NAMED = 3
"""So many classes are told."""
INSTALL = {
    "DCLS": "'snnc[reference]'",
    "norse": "'snnc[norse]'",
    "rockpool": "'snnc[rockpool]'",
    "sinabs": "--no-deps sinabs pbr",
    "snntorch": "'snnc[snntorch]'",
    "spikingjelly": "'snnc[spikingjelly]'",
}
"""Packages with modules that `from_torch` converts, and what pip installs them by."""
OF_TENSORS = ("torch._utils.", "torch.storage.", "collections.")
"""Names that pickles of plain tensors hold, too; and all types of storage."""


def classes(file: BinaryIO) -> list[str]:
    """Full names of the classes and functions that a file of torch holds beside tensors, each once."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            name = next(each for each in archive.namelist() if each.endswith("data.pkl"))
            with archive.open(name) as member:
                start = member.read(MOST_BYTES)
    except Exception:  # damaged in any way: encrypted, cut short, of an unknown compression
        return []
    return list(dict.fromkeys(name for name in _names(start) if not _plain(name)))


def _plain(name: str) -> bool:
    """Whether it may stand in a file of tensors alone."""
    return name.startswith(OF_TENSORS) or (name.startswith("torch.") and name.count(".") == 1)


def _names(data: bytes) -> Iterator[str]:
    words: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name == "GLOBAL":
                yield str(argument).replace(" ", ".")
            elif opcode.name == "STACK_GLOBAL" and len(words) > 1:
                yield ".".join(words[-2:])
            elif isinstance(argument, str):
                words = [*words[-1:], argument]
    except Exception:  # the pickle is cut short, or damaged in any way
        return


def told(found: list[str]) -> str:
    """What an error says of `found`, in a few words; of a module, how it is converted."""
    packages = {name.partition(".")[0] for name in found} & set(INSTALL)
    # The classes of frameworks tell most, those of torch least.
    first = sorted(
        found, key=lambda name: (name.partition(".")[0] not in packages, name.startswith("torch."))
    )
    shown = ", ".join(quoted(name) for name in first[:NAMED]) + (", ..." if len(found) > NAMED else "")
    if not packages and not any(name.startswith("torch.nn.") for name in found):
        return f"({shown})"
    lacking = sorted(name for name in packages if importlib.util.find_spec(name) is None)
    where = "".join(f", after pip install {INSTALL[name]}," for name in lacking)
    return (
        f"({shown}); if you trust its author, load the module in Python{where} and give it to snnc.from_torch"
    )
