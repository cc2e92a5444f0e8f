"""What was measured on this machine, in a file of the user's cache; without it, it is measured again."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import llvmlite.binding
import torch

from snnc import __version__
from snnc.errors import SnncError
from snnc.io.files import write_file
from snnc.io.regular import open_regular
from snnc.io.user_cache import user_cache
from snnc.trainer.products.candidates import CANDIDATES, DEFAULT
from snnc.trainer.products.measure import Connection, Measured

_MOST_BYTES = 1 << 20


def path() -> Path:
    return user_cache() / "products.json"


def key(connection: Connection) -> str:
    """All that a measurement depends on; sizes between two powers of two are alike."""
    sizes = " x ".join(str(1 << (size - 1).bit_length()) for size in astuple(connection))
    return f"{_machine()}, {torch.get_num_threads()} threads, {sizes}"


def _machine() -> str:
    processor = f"{llvmlite.binding.get_host_cpu_name()}, {os.cpu_count()} cores"
    return f"{processor}, snnc {__version__}, torch {torch.__version__}"


def of_this_machine() -> dict[str, dict[str, Measured]]:
    """What was measured with these releases, by threads and sizes."""
    start = f"{_machine()}, "
    mine = {key: found for key, found in read().items() if key.startswith(start) and key.isprintable()}
    return {key.removeprefix(start): found for key, found in mine.items()}


def read() -> dict[str, dict[str, Measured]]:
    """By key and candidate; empty if there is no such file, or it is damaged."""
    try:
        with open_regular(path()) as file:
            content = json.loads(file.read(_MOST_BYTES))
        return {str(key): _checked(found) for key, found in content.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def write(key: str, found: dict[str, Measured]) -> None:
    """Keep what was measured, where the file can be written."""
    content = read() | {key: found}
    plain = {key: {name: asdict(each) for name, each in found.items()} for key, found in content.items()}
    with suppress(OSError, SnncError):
        path().parent.mkdir(parents=True, exist_ok=True)
        write_file(path(), json.dumps(plain, indent=1).encode())


def _checked(found: dict[str, dict[str, Any]]) -> dict[str, Measured]:
    """Raises `ValueError`, or what follows from a wrong type."""
    measured = {name: Measured(float(each["seconds"]), float(each["error"])) for name, each in found.items()}
    known = {DEFAULT} <= measured.keys() <= CANDIDATES.keys()
    if not known or not all(0 < each.seconds < float("inf") for each in measured.values()):
        raise ValueError("no such measurement")
    return measured
