"""Pin the environments of PyNN anew: that of Brian2 and NEST, and that of sPyNNaker.

    python scripts/lock_pynn.py

It writes requirements.txt and requirements-board.txt in targets/spinnaker/program, every package with the
hashes of its files, and the versions of the first into the metadata of run.py. It needs `pip install uv` and
a package index. Then run the tests of the target spinnaker.
"""

from __future__ import annotations

from pathlib import Path

from lock_lava import compile_, write_pins  # beside this file

PROGRAM = Path(__file__).resolve().parent.parent / "targets/spinnaker/program"
PYTHON = "3.11"
NEEDS = ("pynn==0.13.0", "brian2==2.9.0", "nest-simulator==3.10.0", "numpy<2.3")
"""Brian2 2.9 is the last for Python 3.11, and does not know NumPy 2.4."""
LEFT_OUT = ("matplotlib", "py-cpuinfo")
"""For plots, and for Windows, for which there is no NEST."""
NEEDS_OF_BOARD = ("spynnaker==1!7.4.1",)
LEFT_OUT_OF_BOARD = ("colorama",)
"""For Windows alone."""
HEAD = """\
# {what}, written by scripts/lock_pynn.py. For Python 3.11:
#     uv pip install --no-deps --require-hashes -r {name}
"""


def main() -> None:
    write_pins(PROGRAM / "run.py", lock("requirements.txt", "PyNN with Brian2 and NEST", NEEDS, LEFT_OUT))
    lock("requirements-board.txt", "PyNN with sPyNNaker", NEEDS_OF_BOARD, LEFT_OUT_OF_BOARD)


def lock(name: str, what: str, needs: tuple[str, ...], left_out: tuple[str, ...]) -> dict[str, str]:
    """Write the lock file `name`; returns pin -> its lines of hashes."""
    pins = compile_(needs, "", PYTHON, left_out)
    lines = "".join(f"{pin} \\\n{hashes}" for pin, hashes in pins.items())
    (PROGRAM / name).write_text(HEAD.format(what=what, name=name) + lines)
    return pins


if __name__ == "__main__":
    main()
