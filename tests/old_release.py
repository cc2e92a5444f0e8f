"""Write what the release at hand writes, for the tests of the next ones: `python tests/old_release.py`.

`releases/RELEASE.zip` holds a tiny artifact with its report, an input and a trace. Once a release is
published its file stays for ever; until then a change of a format makes it anew.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from models import ON_GOLDEN, exported, tiny_model

from snnc import __version__
from snnc.cli import main

RELEASES = Path(__file__).parent / "releases"
VERIFY = ("verify", "model.loihi", *ON_GOLDEN, "--executors", "oracle,hwsim")


def write(file: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        exported(tiny_model(), folder)
        rng = np.random.default_rng(2)
        np.savez("spikes.npz", spikes=(rng.random((3, 12, 5)) < 0.3).astype(np.uint8))
        run = ("run", "model.loihi", "--input", "spikes.npz", "--executor", "oracle", "--trace", "trace.h5")
        if main(list(run)) or main(list(VERIFY)):
            raise SystemExit(f"{file} was not written")
        for surplus in ("model.pt", "model.loihi/report.html"):  # model.loihi/source.pt; megabytes
            Path(surplus).unlink()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
        os.chdir(RELEASES)


if __name__ == "__main__":
    write(RELEASES / f"{__version__}.zip")
