"""Pin the environments of the other readers of NIR anew: conformance/nir/requirements/.

    python scripts/lock_nir_readers.py

It needs a package index, and torch's builds for CPUs: `UV_FIND_LINKS` or `PIP_FIND_LINKS` names the folder or
page that has them. The files are for Python 3.11 on Linux x86-64. Then run scripts/nir_conformance.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from conformance.nir.environments import PYTHON, REQUIREMENTS, surroundings

TORCH = "torch==2.13.0+cpu"
NEEDS = {
    "torch": ("nir", "nirtorch", "snntorch", "spikingjelly", TORCH),
    "norse": ("nir", "nirtorch", "norse", "setuptools", "setuptools-scm", TORCH),  # the latter build it
    "spyx": ("nir", "spyx"),
    "sinabs": ("sinabs", TORCH),
    "sinabs_newer": ("nir==1.0.8", "nirtorch==2.6", "sinabs", TORCH),
    "rockpool": ("nir", "nirtorch", "rockpool", "setuptools", TORCH),
    "lava_dl": ("lava-dl", "numpy"),
}
LEFT_OUT = {
    "torch": ("torchaudio",),  # its build asks for CUDA, and no reader of NIR for it
}
ALONE = ("lava_dl",)
"""It is searched for a reader, not run, and needs nothing for that."""
OVERRIDES = {"sinabs_newer": ("nir==1.0.8", "nirtorch==2.6")}
HEAD = """\
# An environment of readers of NIR, written by scripts/lock_nir_readers.py. For Python 3.11 on Linux x86-64:
#     uv pip install --no-deps --require-hashes -r {name}
"""


def lock(name: str) -> str:
    overrides = [f"{each}; python_version < '3'" for each in LEFT_OUT.get(name, ())]
    overrides += OVERRIDES.get(name, ())
    path = REQUIREMENTS / f"{name}.overrides"
    path.write_text("\n".join(overrides))
    command = [find_uv_bin(), "--no-config", "pip", "compile", "--quiet", "--python-version", PYTHON]
    command += [
        "--generate-hashes",
        "--no-annotate",
        "--no-header",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    command += ["--no-deps"] if name in ALONE else []
    try:
        return subprocess.run(
            [*command, "--override", str(path), "-"],
            input="\n".join(NEEDS[name]),
            env=surroundings(dict(os.environ)),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    finally:
        path.unlink()


def main() -> None:
    for name in NEEDS:
        file = f"{name}.txt"
        (REQUIREMENTS / file).write_text(HEAD.format(name=file) + lock(name))


if __name__ == "__main__":
    main()
