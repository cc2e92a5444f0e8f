"""The call of `Exported.verify` that repeats a verification, as the report names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def repeated_call(
    path: Path, given: Mapping[str, object], *, trust_program: bool, real_numbers: bool, **options: object
) -> str:
    """That of what `load` makes of the artifact at `path`; nothing that is None is told.

    `given`: arrays and recordings, which stand there by their names; paths as they are. `real_numbers`: the
    network in real numbers was measured, which is no part of an artifact: what the export returned has it,
    and what `load` returns has not.
    """
    paths = {name: str(each) for name, each in given.items() if isinstance(each, str | os.PathLike)}
    arrays = [name for name, each in given.items() if each is not None and name not in paths]
    told = ["x" if name == "x" else f"{name}={name}" for name in arrays]
    told += [f"{name}={value!r}" for name, value in {**options, **paths}.items() if value is not None]
    call = f"verify({', '.join(told)})"
    if real_numbers:
        return f"exported.{call}  # exported: what network.export returned, which holds the real numbers"
    return f"snnc.load({str(path)!r}{', trust_program=True' * trust_program}).{call}"
