"""Pin Lava's environment anew.

    python scripts/lock_lava.py

It writes targets/loihi/program/requirements.txt, every package with the hashes of its files, and the same
versions into the metadata of run.py, run_graph.py and run_netx.py. It needs `pip install uv` and a package
index. Then run the tests of Lava. What Lava itself asks for stands in `NEEDS`.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from packaging.markers import Marker
from uv import find_uv_bin

PROGRAM = Path(__file__).resolve().parent.parent / "targets/loihi/program"
LOCK = PROGRAM / "requirements.txt"
PYTHON = "3.10"
NEEDS = {
    "run.py": ("lava-nc==0.10.0", "numpy<2"),
    "run_graph.py": ("lava-nc==0.10.0", "numpy<2"),
    "run_netx.py": ("lava-nc==0.10.0", "lava-dl==0.6.0", "h5py", "numpy<2", "scipy"),
}
LEFT_OUT = (
    "matplotlib",
    "ninja",
    "opencv-python-headless",
    "pillow",
    "pytest",
    "torch",
    "torchvision",
    "unittest2",
)
"""What lava-dl asks for and netx does not need."""
HEAD = """\
# Lava's environment, written by scripts/lock_lava.py. For Python 3.10:
#     uv pip install --no-deps --require-hashes -r requirements.txt
"""
_DEPENDENCIES = re.compile(r"^# dependencies = \[.*?\]\n", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(
    r"^(?P<pin>\S+==\S+)(?: ; (?P<marker>.*?))? \\\n(?P<hashes>(?: +--hash=.*\n)+)", re.MULTILINE
)


def compile_(
    needs: tuple[str, ...], constraints: str, python: str = PYTHON, left_out: tuple[str, ...] = LEFT_OUT
) -> dict[str, str]:
    """Pin -> its lines of hashes, for all that `needs` needs in that Python on any system."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "needs").write_text("\n".join(needs))
        (folder / "constraints").write_text(constraints)
        (folder / "overrides").write_text("".join(f"{each}; python_version < '3'\n" for each in left_out))
        command = [find_uv_bin(), "--no-config", "pip", "compile", "--quiet", "--universal", "needs"]
        command += ["--python-version", python, "--generate-hashes", "--no-annotate", "--no-header"]
        command += ["--no-emit-index-url", "--constraint", "constraints", "--override", "overrides"]
        text = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    found = {}
    for entry in _ENTRY.finditer(text):
        marker = entry["marker"]
        if marker is not None and not re.fullmatch(r"python_full_version [<>=]+ '[0-9.]+'", marker):
            raise SystemExit(
                f"{entry['pin']} is for {marker} alone, which this script does not know to write"
            )
        if marker is None or Marker(marker).evaluate({"python_full_version": f"{python}.0"}):
            found[entry["pin"]] = entry["hashes"]
    return found


def main() -> None:
    whole = compile_(NEEDS["run_netx.py"], "")
    LOCK.write_text(HEAD + "".join(f"{pin} \\\n{hashes}" for pin, hashes in whole.items()))
    for script, needs in NEEDS.items():
        pins = compile_(needs, "\n".join(whole))
        if not pins.items() <= whole.items():
            raise SystemExit(f"{script} needs what run_netx.py does not: {pins.keys() - whole.keys()}")
        write_pins(PROGRAM / script, pins)


def write_pins(path: Path, pins: Iterable[str]) -> None:
    """Make `pins` the dependencies in the metadata of the script at `path`."""
    lines = "".join(f'#   "{pin}",\n' for pin in pins)
    text, count = _DEPENDENCIES.subn(f"# dependencies = [\n{lines}# ]\n", path.read_text(), count=1)
    if count != 1:
        raise SystemExit(f"{path} has no `# dependencies = [...]`")
    path.write_text(text)


if __name__ == "__main__":
    main()
