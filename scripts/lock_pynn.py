"""Pin the environment of PyNN with Brian2 and NEST anew.

    python scripts/lock_pynn.py

It writes targets/spinnaker/program/requirements.txt, every package with the hashes of its files, and the same
versions into the metadata of run.py. It needs `pip install uv` and a package index. Then run the tests of the
target spinnaker.
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
HEAD = """\
# PyNN with Brian2 and NEST, written by scripts/lock_pynn.py. For Python 3.11:
#     uv pip install --no-deps --require-hashes -r requirements.txt
"""


def main() -> None:
    pins = compile_(NEEDS, "", PYTHON, LEFT_OUT)
    lines = "".join(f"{pin} \\\n{hashes}" for pin, hashes in pins.items())
    (PROGRAM / "requirements.txt").write_text(HEAD + lines)
    write_pins(PROGRAM / "run.py", pins)


if __name__ == "__main__":
    main()
