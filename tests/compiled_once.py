"""What the C compiler makes of the same program by the same command, once in a run of the tests.

Tests export and verify a few small networks hundreds of times; most of what that takes is compiling.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from snnc.targets.c import compiler


def share(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `compile_c` find in `kept` what was compiled before. Nothing is kept of a compiler that `CC` names.

    The files are links: one that is changed in its place would be changed for all.
    """
    compile_, limit = compiler.calls, compiler.TIME_LIMIT
    usual = {shutil.which(name) for name in compiler.KNOWN}

    def calls(commands: Sequence[Sequence[str]], folder: Path, time_limit: float, what: str) -> list[str]:
        program = shutil.which(commands[0][0])
        others = compiler.VARIABLE in os.environ or program not in usual or time_limit != limit
        if others or not all(path.is_file() for path in folder.iterdir()):
            return compile_(commands, folder, time_limit, what)
        found = kept / _key(program, commands, folder)
        if not found.is_dir():
            before = set(folder.iterdir())
            said = compile_(commands, folder, time_limit, what)
            if not any(said):
                _keep(found, set(folder.iterdir()) - before)
            return said
        made = [folder / path.name for path in found.iterdir()]
        try:
            for path in made:
                os.link(found / path.name, path)
        except OSError:  # another file system, say; the compiler may not write to a link
            for path in made:
                path.unlink(missing_ok=True)
            return compile_(commands, folder, time_limit, what)
        return [""] * len(commands)

    monkeypatch.setattr(compiler, "calls", calls)


def _key(program: str | None, commands: Sequence[Sequence[str]], folder: Path) -> str:
    """Of the commands, and of all files that they may read."""
    files = [(path.name, sha256(path.read_bytes()).hexdigest()) for path in sorted(folder.iterdir())]
    return sha256(repr((program, [list(words) for words in commands], files)).encode()).hexdigest()


def _keep(found: Path, new: set[Path]) -> None:
    """`found` is there once it is whole. Who comes second keeps nothing."""
    folder = Path(tempfile.mkdtemp(dir=found.parent))
    try:
        for path in new:
            os.link(path, folder / path.name)
        folder.rename(found)
    except OSError:
        shutil.rmtree(folder)
